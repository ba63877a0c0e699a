-- person.access_hospital: one row per person and metric of access to hospital.
with people as (
    select person_id, age_years, birth_month, is_eligible
    from person.demographics
    where population_basis <> 'neither'
),

spells as (
    select person_id, admission_kind, admission_date, primary_diagnosis_code, main_operation_code
    from person.spells
    where admission_date >= year_start($snapshot_date)
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

-- caries (K02) first, and the removal of teeth (F09, F10) as the main operation
extractions as (
    select spells.person_id, birth_month, admission_date
    from spells
    join people on people.person_id = spells.person_id
    where substring(primary_diagnosis_code, 1, 3) = 'K02' and substring(main_operation_code, 1, 3) in ('F09', 'F10')
),

counted as (
    select person_id, 'unplanned_attendances' as metric_id, 1 as numerator, 0 as denominator from attendances
    union all
    select person_id, 'non_elective_admissions', 1, 0 from spells where admission_kind = 'emergency_admission'
    union all
    select person_id, 'outpatient_dna', case when is_missed then 1 else 0 end, 1 from outpatients
    union all
    select person_id, 'dental_extractions', 1, 0 from extractions where age_on(birth_month, admission_date) < 10
    union all
    select person_id, 'dental_extractions', 0, 1 from people where is_eligible and age_years < 10
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
