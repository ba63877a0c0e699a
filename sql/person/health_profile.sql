-- person.health_profile: one row per person with a GP record, with since when each condition that rules use stands.
with records as (
    select person_id, record_id
    from person.records
    where source = 'gp'
),

registrations as (
    select record_id, registered_date, is_care_home_resident, is_carer
    from pseudo.gp__registrations
),

conditions as (
    select person_id, condition, first_date, latest_date, is_long_term, cms_weight
    from person.conditions
    join reference.conditions using (condition)
    where is_active
),

patients as (
    select
        records.person_id,
        max(case when is_carer then registered_date end) as carer_date,
        max(case when is_care_home_resident then registered_date end) as care_home_date
    from records
    join registrations on registrations.record_id = records.record_id
    group by records.person_id
),

histories as (
    select
        person_id,
        count(*) filter (where is_long_term) as ltc_count,
        max(first_date) filter (where is_long_term) as ltc_date,
        sum(cms_weight) filter (where is_long_term) as cms_partial_score,
        max(latest_date) filter (where condition = 'palliative_care') as palliative_care_date,
        max(latest_date) filter (where condition = 'moderate_frailty') as moderate_frailty_date,
        max(latest_date) filter (where condition = 'severe_frailty') as severe_frailty_date,
        max(first_date) filter (where condition = 'dementia') as dementia_date,
        max(first_date) filter (where condition = 'serious_mental_illness') as serious_mental_illness_date,
        max(first_date) filter (where condition = 'learning_disability') as learning_disability_date,
        max(first_date) filter (where condition = 'heart_failure') as heart_failure_date,
        max(first_date) filter (where condition = 'copd') as copd_date,
        max(latest_date) filter (where condition = 'cancer' and is_long_term) as cancer_date,
        max(latest_date) filter (where condition = 'chronic_kidney_disease_5') as chronic_kidney_disease_5_date,
        max(first_date) filter (where condition = 'hypertension') as hypertension_date,
        max(first_date) filter (where condition = 'non_diabetic_hyperglycaemia') as non_diabetic_hyperglycaemia_date,
        max(latest_date) filter (where condition = 'obesity') as obesity_date,
        max(latest_date) filter (where condition = 'current_smoker') as current_smoker_date
    from conditions
    group by person_id
)

select
    patients.person_id,
    coalesce(ltc_count, 0) as ltc_count,
    ltc_date,
    coalesce(cms_partial_score, 0) as cms_partial_score,
    palliative_care_date,
    moderate_frailty_date,
    severe_frailty_date,
    dementia_date,
    serious_mental_illness_date,
    learning_disability_date,
    heart_failure_date,
    copd_date,
    cancer_date,
    chronic_kidney_disease_5_date,
    hypertension_date,
    non_diabetic_hyperglycaemia_date,
    obesity_date,
    current_smoker_date,
    carer_date,
    care_home_date
from patients
left join histories on histories.person_id = patients.person_id
