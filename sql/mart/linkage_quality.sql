-- mart.linkage_quality: one row per measure of linkage, source and group of records.
with spine as (
    select source, person_id, step, coalesce(link_band, 'none') as link_band
    from linked.spine
    where is_current
),

people as (
    select person_id, age_band, sex, ethnicity_group, locality, cast(imd_quintile as varchar) as imd_quintile
    from person.demographics
),

people_with_nhs_records as (
    select person_id, count(*) as nhs_record_count
    from spine
    where source in ('gp', 'apc', 'ecds')
    group by person_id
),

cells as (
    select
        source, step, link_band, age_band, sex, ethnicity_group, locality, imd_quintile,
        count(*) as record_count,
        count(*) filter (where link_band <> 'none') as linked_count,
        count(nhs_record_count) as health_count
    from spine
    left join people on people.person_id = spine.person_id
    left join people_with_nhs_records as nhs on nhs.person_id = spine.person_id
    group by source, step, link_band, age_band, sex, ethnicity_group, locality, imd_quintile
),

grouped_cells as (
    select
        case when scope = 'each' then source else 'all' end as source,
        group_type,
        case
            when group_type = 'link_band' then link_band
            when group_type = 'step' then step
            when group_type = 'age_band' then coalesce(age_band, 'unknown')
            when group_type = 'sex' then coalesce(sex, 'unknown')
            when group_type = 'ethnicity_group' then coalesce(ethnicity_group, 'Unknown')
            when group_type = 'locality' then coalesce(locality, 'unknown')
            when group_type = 'imd_quintile' then coalesce(imd_quintile, 'unknown')
            else 'all'
        end as group_value,
        record_count, linked_count, health_count
    from cells
    cross join (values ('each'), ('all')) as scopes (scope)
    cross join (values
        ('all'), ('link_band'), ('step'), ('age_band'), ('sex'), ('ethnicity_group'), ('locality'), ('imd_quintile')
    ) as group_types (group_type)
),

groups as (
    select
        source, group_type, group_value,
        sum(record_count) as records, sum(linked_count) as linked, sum(health_count) as health
    from grouped_cells
    group by source, group_type, group_value
)

select
    $month as snapshot_month, measure, source, group_type, group_value,
    case when measure = 'linked' then linked else health end as numerator_count, records as denominator_count
from groups
cross join (values ('linked'), ('linked_to_health')) as measures (measure)
where group_type not in ('link_band', 'step')
union all
select
    $month as snapshot_month, case when parts.group_type = 'step' then 'link_step' else 'link_band' end as measure,
    parts.source, parts.group_type, parts.group_value, parts.records, whole.records
from groups as parts
join groups as whole on whole.source = parts.source and whole.group_type = 'all'
where parts.group_type in ('link_band', 'step')
union all
select
    $month as snapshot_month, measure, 'all' as source, group_type, group_value, true_positive_count as numerator_count,
    true_positive_count + case when measure = 'precision' then false_positive_count else false_negative_count end
from linked.accuracy
cross join (values ('precision'), ('recall')) as measures (measure)
