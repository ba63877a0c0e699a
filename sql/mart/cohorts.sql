-- mart.cohorts: one row per cohort and locality.
with people as (
    select person_id, locality
    from person.demographics
    where is_eligible
),

cohorts as (
    select
        cohort_id,
        case when scope = 'each' then locality else 'all' end as locality,
        case when is_member then 1 else 0 end as member_count,
        case when is_near_miss then 1 else 0 end as miss_count,
        case when is_unknown and not is_member then 1 else 0 end as unknown_count
    from segment.cohorts as cohorts
    join people on people.person_id = cohorts.person_id
    cross join (values ('each'), ('all')) as scopes (scope)
)

select
    $month as snapshot_month,
    cohort_id,
    locality,
    cast(sum(member_count) as bigint) as person_count,
    cast(sum(miss_count) as bigint) as near_miss_count,
    cast(sum(unknown_count) as bigint) as unknown_count
from cohorts
group by cohort_id, locality
