-- person.children_hospital: one row per person and metric of children's use of hospitals.
with children as (
    select person_id
    from person.demographics
    where age_years <= 17
),

records as (
    select record_id, person_id
    from person.records
    where source = 'apc'
),

-- F09 and F10 are extractions; K02 is caries
extractions as (
    select person_id, spell_key, count(*) as episode_count
    from pseudo.apc__episodes as episodes
    join records on records.record_id = episodes.record_id
    where admission_date between year_start($snapshot_date) and $snapshot_date
        and admission_age_years <= 9
        and substring(diagnosis_01_code, 1, 3) = 'K02'
        and (
            substring(operation_01_code, 1, 3) in ('F09', 'F10')
            or substring(operation_02_code, 1, 3) in ('F09', 'F10')
            or substring(operation_03_code, 1, 3) in ('F09', 'F10')
            or substring(operation_04_code, 1, 3) in ('F09', 'F10')
        )
    group by person_id, spell_key
),

attendances as (
    select children.person_id
    from person.attendances as visits
    join children on children.person_id = visits.person_id
    where is_unplanned and arrival_date >= year_start($snapshot_date)
)

select person_id, metric_id, numerator, 0 as denominator
from person.outcomes_hospital
where metric_id = 'asthma_admissions_under_19'
union all
select person_id, 'dental_extractions_under_10', count(*), 0
from extractions
group by person_id
union all
select person_id, 'ed_attendances_under_18', count(*), 0
from attendances
group by person_id
