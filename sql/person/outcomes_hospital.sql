-- person.outcomes_hospital: one row per person and hospital metric of the outcomes framework.
with spells as (
    select
        person_id, spell_key, admission_kind, admission_date, discharge_date, discharge_method_code,
        discharge_destination_code
    from person.spells
),

people as (
    select person_id, birth_month
    from person.demographics
),

attendances as (
    select person_id, is_over_4_hours
    from person.attendances
    where is_unplanned and arrival_date >= year_start($snapshot_date) and is_over_4_hours is not null
),

outpatients as (
    select person_id, is_missed
    from person.outpatients
    where (is_missed or is_attended) and appointment_date >= year_start($snapshot_date)
),

-- 4 is died, 5 a stillbirth; 79 not applicable: died; 51 and 52 are other hospitals
live_discharges as (
    select spells.person_id, spell_key, admission_date, discharge_date, discharge_destination_code, birth_month
    from spells
    join people on people.person_id = spells.person_id
    where admission_kind in ('emergency_admission', 'elective_admission', 'other_admission')
        and discharge_date >= year_start($snapshot_date) - interval 30 day
        and coalesce(discharge_method_code not in ('4', '5'), true)
        and coalesce(discharge_destination_code not in ('51', '52', '79'), true)
),

readmissions as (
    select
        first_stays.person_id, first_stays.spell_key,
        max(case when again.spell_key is not null then 1 else 0 end) as numerator
    from live_discharges as first_stays
    left join spells as again
        on again.person_id = first_stays.person_id
        and again.spell_key <> first_stays.spell_key
        and again.admission_kind = 'emergency_admission'
        and again.admission_date >= first_stays.discharge_date
        and again.admission_date <= first_stays.discharge_date + interval 30 day
    where first_stays.discharge_date <= $snapshot_date - interval 30 day
    group by first_stays.person_id, first_stays.spell_key
),

counted as (
    select person_id, concat(diagnosis_group, '_admissions') as metric_id, 1 as numerator, 0 as denominator
    from person.admission_groups
    where diagnosis_group in ('avoidable', 'assault', 'self_harm')
    union all
    select person_id,
        case when diagnosis_group = 'falls' then 'falls_admissions_65' else 'asthma_admissions_under_19' end, 1, 0
    from person.admission_groups
    where diagnosis_group in ('falls', 'asthma_wheeze')
    union all
    select person_id, 'non_elective_admissions', 1, 0
    from spells
    where admission_kind = 'emergency_admission' and admission_date >= year_start($snapshot_date)
    union all
    select person_id, 'discharge_usual_place', case when discharge_destination_code = '19' then 1 else 0 end, 1
    from live_discharges
    where discharge_date >= year_start($snapshot_date) and age_on(birth_month, admission_date) >= 18
    union all
    select person_id, 'readmissions_30_days', numerator, 1 from readmissions
    union all
    select person_id, 'ed_within_4_hours', case when is_over_4_hours then 0 else 1 end, 1 from attendances
    union all
    select person_id, 'outpatient_dna', case when is_missed then 1 else 0 end, 1 from outpatients
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
