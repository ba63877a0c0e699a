-- person.outcomes_practice: one row per person and metric of practice records of the outcomes framework.
with patients as (
    select
        people.person_id, sex, age_years, physical_check_count, learning_disability_check_date, activation_score,
        health_check_offered_date, health_check_date, contraception_date, social_prescribing_date, second_mmr_date
    from person.demographics as people
    join person.practice_checks as checks on checks.person_id = people.person_id
),

conditions as (
    select person_id, condition
    from person.conditions
    where is_active
),

-- a survey found so many of an age and sex to have it, diagnosed or not
expected as (
    select condition, sex, age_from_years, age_to_years, prevalence_pct
    from reference.expected_prevalence
),

products as (
    select person_id, social_prescribing_date, activation_score
    from person.personalised_profile
),

offers as (
    select
        patients.person_id, coalesce(patients.activation_score, products.activation_score) as score,
        coalesce(patients.social_prescribing_date >= year_start($snapshot_date), false)
        or products.social_prescribing_date is not null as is_referred
    from patients
    left join products on products.person_id = patients.person_id
),

counted as (
    select patients.person_id,
        case when condition = 'dementia' then 'dementia_diagnosis' else 'depression_recorded_share' end as metric_id,
        cast(0 as decimal(12, 3)) as numerator, prevalence_pct * 0.01 as denominator
    from patients
    join expected on expected.sex = patients.sex and age_years between age_from_years and age_to_years
    where age_years >= 18
    union all
    select patients.person_id, 'dementia_diagnosis', 1, 0
    from patients join conditions on conditions.person_id = patients.person_id
    where condition = 'dementia' and age_years >= 65
    union all
    select patients.person_id, 'depression_recorded_share', 1, 0
    from patients join conditions on conditions.person_id = patients.person_id
    where condition = 'depression' and age_years >= 18
    union all
    select patients.person_id, 'smi_physical_check', case when physical_check_count = 6 then 1 else 0 end, 1
    from patients join conditions on conditions.person_id = patients.person_id
    where condition = 'serious_mental_illness'
    union all
    select patients.person_id, 'ld_health_check',
        case when learning_disability_check_date >= year_start($snapshot_date) then 1 else 0 end, 1
    from patients join conditions on conditions.person_id = patients.person_id
    where condition = 'learning_disability' and age_years >= 14
    union all
    select person_id, 'nhs_health_checks',
        case when months_since(health_check_date, $snapshot_date) < 60 then 1 else 0 end, 1
    from patients
    where age_years between 40 and 74 and months_since(health_check_offered_date, $snapshot_date) < 60
    union all
    select person_id, 'larc_per_1000', 1, 0 from patients
    where sex = 'female' and age_years between 15 and 44 and contraception_date >= year_start($snapshot_date)
    union all
    select person_id, 'mmr2_by_5', case when second_mmr_date is not null then 1 else 0 end, 1
    from patients where age_years = 5
    union all
    select person_id, 'social_prescribing_per_1000', 1, 0 from offers where is_referred
    union all
    select person_id, 'patient_activation_3_4', case when score >= 55.2 then 1 else 0 end, 1
    from offers where score is not null
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
