-- person.diabetes_care: one row per person and metric of care for diabetes, and of those who may come to have it.
with patients as (
    select people.person_id, age_years
    from person.demographics as people
    join person.registrations as lists on lists.person_id = people.person_id
    where is_eligible and age_years >= 17
),

conditions as (
    select person_id, count(*) as condition_count
    from person.conditions
    where condition = 'diabetes' and is_active
    group by person_id
),

events as (
    select
        person_id, row_id, event_date, value, snomed_code,
        case when cluster_id in ('LSMOK_COD', 'EXSMOK_COD', 'NSMOK_COD') then 'smoking' else cluster_id end as process
    from pseudo.gp__conditions as events
    join person.records as records on records.record_id = events.record_id and records.source = 'gp'
    where event_date between year_start($snapshot_date) and $snapshot_date
        and cluster_id in (
            'IFCCHBAM_COD', 'BP_COD', 'CHOL2_COD', 'EGFR_COD', 'ACR_COD', 'FRC_COD', 'BMIVAL_COD', 'LSMOK_COD',
            'EXSMOK_COD', 'NSMOK_COD', 'STAT_COD'
        )
),

processes as (
    select person_id, process, count(*) as event_count
    from events
    group by person_id, process
),

-- 271649006 is systolic, 271650006 diastolic
done as (
    select
        person_id,
        count(*) filter (where process <> 'STAT_COD') as process_count,
        max(case when process = 'STAT_COD' then 1 else 0 end) as statin_count
    from processes
    group by person_id
),

latest as (
    select
        person_id,
        max_by(value, sort_key(event_date, row_id)) filter (where process = 'IFCCHBAM_COD') as hba1c,
        max_by(value, sort_key(event_date, row_id)) filter (where snomed_code = '271649006') as systolic,
        max_by(value, sort_key(event_date, row_id)) filter (where snomed_code = '271650006') as diastolic
    from events
    group by person_id
),

diabetics as (
    select patients.person_id, age_years
    from patients
    join conditions on conditions.person_id = patients.person_id
)

select diabetics.person_id, 'diabetes_eight_processes' as metric_id,
    case when process_count = 8 then 1 else 0 end as numerator, 1 as denominator
from diabetics
left join done on done.person_id = diabetics.person_id
union all
select
    diabetics.person_id, 'diabetes_three_targets',
    case
        when hba1c <= 58 and systolic <= 140 and diastolic <= 80
            and (coalesce(statin_count, 0) = 1 or not age_years between 40 and 80) then 1
        else 0
    end,
    1
from diabetics
left join done on done.person_id = diabetics.person_id
left join latest on latest.person_id = diabetics.person_id
