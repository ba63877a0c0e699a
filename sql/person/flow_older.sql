-- person.flow_older: one row per person of 65 or over and metric of stays in hospital and reablement after them.
with discharges as (
    select person_id, is_emergency, is_to_usual_place, has_prompt_reablement, bed_days
    from person.older_discharges
),

people as (
    select person_id, birth_month
    from person.demographics
),

spells as (
    select person_id, admission_date
    from person.spells
    where admission_kind = 'emergency_admission' and admission_date >= year_start($snapshot_date)
),

lengths as (
    select metric_id, days
    from (values
        ('stays_2_days_65', 2), ('stays_4_days_65', 4), ('stays_7_days_65', 7), ('stays_14_days_65', 14),
        ('stays_21_days_65', 21)
    ) as l (metric_id, days)
),

counted as (
    select spells.person_id, 'non_elective_admissions_65' as metric_id, 1 as numerator, 0 as denominator
    from spells
    join people on people.person_id = spells.person_id
    where age_on(birth_month, admission_date) >= 65
    union all
    select person_id, metric_id, case when bed_days >= days then 1 else 0 end, 1
    from discharges
    cross join lengths
    union all
    select person_id, 'reablement_after_discharge_65', case when has_prompt_reablement then 1 else 0 end, 1
    from discharges
    union all
    select person_id, 'reablement_offered_65', case when has_prompt_reablement then 1 else 0 end, 1
    from discharges
    where is_emergency and is_to_usual_place
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
