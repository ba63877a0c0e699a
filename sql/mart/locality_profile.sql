-- mart.locality_profile: one row per locality, measure and category of the measure.
with people as (
    select
        people.person_id, age_band, lifecourse_segment, need_segment, has_health_record,
        coalesce(cast(imd_quintile as varchar), 'unknown') as imd_quintile,
        case when scope = 'each' then locality else 'all' end as locality
    from person.demographics as people
    join segment.lifecourse as lifecourse on lifecourse.person_id = people.person_id
    join segment.need as needs on needs.person_id = people.person_id
    cross join (values ('each'), ('all')) as scopes (scope)
    where is_eligible
),

conditions as (
    select person_id, condition
    from person.conditions
    where is_long_term
),

activity as (
    select person_id, activity_type, event_count
    from person.activity
    where activity_type in ('ed_attendance', 'emergency_admission')
),

homes as (
    select
        older_count,
        case when is_living_alone_65plus then 1 else 0 end as alone_count,
        case when scope = 'each' then coalesce(locality, 'outside') else 'all' end as locality
    from person.households
    cross join (values ('each'), ('all')) as scopes (scope)
    where not is_communal and not is_oversized
),

bases as (
    select locality, 'people' as basis, count(*) as denominator_count from people group by locality
    union all
    select locality, 'patients', count(*) from people where has_health_record group by locality
    union all
    select locality, 'older_people', sum(older_count) from homes group by locality
),

counts as (
    select
        locality, 'people' as basis, measure,
        case
            when measure = 'age_band' then age_band
            when measure = 'lifecourse_segment' then lifecourse_segment
            when measure = 'need_segment' then need_segment
            else imd_quintile
        end as category,
        1 as numerator
    from people
    cross join (values
        ('age_band'), ('lifecourse_segment'), ('need_segment'), ('imd_quintile')
    ) as measures (measure)
    union all
    select locality, 'patients', 'condition', condition, 1
    from people join conditions on conditions.person_id = people.person_id
    union all
    select locality, 'people', activity_type, 'all', event_count
    from people join activity on activity.person_id = people.person_id
    union all
    select locality, 'older_people', 'living_alone_65plus', 'all', alone_count from homes
)

select
    $month as snapshot_month, counts.locality, measure, category,
    cast(sum(numerator) as bigint) as numerator_count,
    cast(max(denominator_count) as bigint) as denominator_count
from counts
join bases on bases.locality = counts.locality and bases.basis = counts.basis
group by counts.locality, measure, category
