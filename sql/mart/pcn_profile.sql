-- mart.pcn_profile: one row per PCN, measure and category of the measure.
with people as (
    select
        people.person_id, age_band, lifecourse_segment, need_segment, has_health_record,
        coalesce(cast(imd_quintile as varchar), 'unknown') as imd_quintile,
        case when scope = 'each' then coalesce(pcn_code, 'none') else 'all' end as pcn_code
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

bases as (
    select
        pcn_code, basis, count(*) as denominator_count,
        count(*) filter (where imd_quintile = '1') as people_1, count(*) filter (where imd_quintile = '2') as people_2,
        count(*) filter (where imd_quintile = '3') as people_3, count(*) filter (where imd_quintile = '4') as people_4,
        count(*) filter (where imd_quintile = '5') as people_5
    from people
    cross join (values ('people'), ('patients')) as kinds (basis)
    where basis = 'people' or has_health_record
    group by pcn_code, basis
),

counts as (
    select
        pcn_code, imd_quintile, 'people' as basis, measure, false as is_sloped,
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
    select pcn_code, imd_quintile, 'patients', 'condition', true, condition, 1
    from people join conditions on conditions.person_id = people.person_id
    union all
    select pcn_code, imd_quintile, 'people', activity_type, true, 'all', event_count
    from people join activity on activity.person_id = people.person_id
)

select
    $month as snapshot_month, counts.pcn_code, measure, category,
    cast(sum(numerator) as bigint) as numerator_count,
    cast(max(denominator_count) as bigint) as denominator_count,
    coalesce(sum(numerator) filter (where imd_quintile = '1'), 0) as events_1,
    max(people_1) filter (where is_sloped) as people_1,
    coalesce(sum(numerator) filter (where imd_quintile = '2'), 0) as events_2,
    max(people_2) filter (where is_sloped) as people_2,
    coalesce(sum(numerator) filter (where imd_quintile = '3'), 0) as events_3,
    max(people_3) filter (where is_sloped) as people_3,
    coalesce(sum(numerator) filter (where imd_quintile = '4'), 0) as events_4,
    max(people_4) filter (where is_sloped) as people_4,
    coalesce(sum(numerator) filter (where imd_quintile = '5'), 0) as events_5,
    max(people_5) filter (where is_sloped) as people_5
from counts
join bases on bases.pcn_code = counts.pcn_code and bases.basis = counts.basis
group by counts.pcn_code, measure, category
