-- person.access_hospital: one row per person and metric of access to hospital.
with spells as (
    select person_id
    from person.spells
    where admission_kind = 'emergency_admission' and admission_date >= year_start($snapshot_date)
),

attendances as (
    select person_id
    from person.attendances
    where is_unplanned and department_type <> 'same_day' and arrival_date >= year_start($snapshot_date)
),

outpatients as (
    select person_id, is_missed
    from person.outpatients
    where (is_missed or is_attended) and appointment_date >= year_start($snapshot_date)
),

counted as (
    select person_id, 'unplanned_attendances' as metric_id, 1 as numerator, 0 as denominator from attendances
    union all
    select person_id, 'non_elective_admissions', 1, 0 from spells
    union all
    select person_id, 'outpatient_dna', case when is_missed then 1 else 0 end, 1 from outpatients
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
