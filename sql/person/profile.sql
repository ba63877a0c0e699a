-- person.profile: one row per person eligible at the snapshot date, with what segment rules may ask.
with supplied as (
    select
        (select count(*) from pseudo.gp__conditions) > 0 as has_conditions,
        (select count(*) from pseudo.apc__episodes) > 0 as has_episodes,
        (select count(*) from pseudo.ecds__attendances) > 0 as has_attendances,
        (select count(*) from pseudo.asc__events) > 0 as has_care,
        (select count(*) from pseudo.education__pupils) > 0 as has_pupils
),

people as (
    select
        person_id, age_years, sex, population_basis, has_health_record, has_episodes, has_attendances, has_care,
        has_pupils, has_health_record and has_conditions as has_gp
    from person.demographics
    cross join supplied
    where is_eligible
),

health as (
    select
        person_id, ltc_count, ltc_date, cms_partial_score, palliative_care_date, moderate_frailty_date,
        severe_frailty_date, dementia_date, serious_mental_illness_date, learning_disability_date,
        heart_failure_date, copd_date, cancer_date, chronic_kidney_disease_5_date, hypertension_date,
        non_diabetic_hyperglycaemia_date, obesity_date, current_smoker_date, carer_date, care_home_date
    from person.health_profile
),

services as (
    select
        person_id, emergency_admission_count, emergency_admission_date, copd_admission_count, cancer_treatment_date,
        long_term_care_date, care_home_date as care_home_placement_date, carer_support_date,
        learning_disability_support_date
    from person.service_profile
),

emergencies as (
    select person_id, ed_attendance_count, ed_attendance_date, is_high_intensity_ed
    from person.emergency_profile
),

pupils as (
    select person_id, has_ehcp, ehcp_date, is_fsm_eligible
    from person.school_profile
)

select
    p.person_id, age_years, sex, population_basis, has_health_record,
    known(has_gp, ltc_count) as ltc_count, ltc_date, known(has_gp, cms_partial_score) as cms_partial_score,
    known(has_gp, palliative_care_date is not null) as has_palliative_care, palliative_care_date,
    known(has_gp, moderate_frailty_date is not null) as has_moderate_frailty, moderate_frailty_date,
    known(has_gp, severe_frailty_date is not null) as has_severe_frailty, severe_frailty_date,
    known(has_gp, dementia_date is not null) as has_dementia, dementia_date,
    known(has_gp, serious_mental_illness_date is not null) as has_serious_mental_illness, serious_mental_illness_date,
    known(has_gp, learning_disability_date is not null) as has_learning_disability, learning_disability_date,
    known(has_gp, heart_failure_date is not null) as has_heart_failure, heart_failure_date,
    known(has_gp, copd_date is not null) as has_copd, copd_date, known(has_gp, obesity_date is not null) as is_obese,
    known(has_gp, cancer_date is not null) as has_cancer, cancer_date,
    known(has_gp, chronic_kidney_disease_5_date is not null) as has_chronic_kidney_disease_5,
    chronic_kidney_disease_5_date, known(has_gp, hypertension_date is not null) as has_hypertension,
    known(has_gp, non_diabetic_hyperglycaemia_date is not null) as has_non_diabetic_hyperglycaemia,
    known(has_gp, current_smoker_date is not null) as is_current_smoker,
    known(has_episodes, emergency_admission_count) as emergency_admission_count, emergency_admission_date,
    known(has_episodes, copd_admission_count) as copd_admission_count,
    known(has_attendances, coalesce(ed_attendance_count, 0)) as ed_attendance_count, ed_attendance_date,
    known(has_attendances, coalesce(is_high_intensity_ed, false)) as is_high_intensity_ed,
    known(has_episodes, cancer_treatment_date is not null) as has_cancer_treatment, cancer_treatment_date,
    known(has_care, long_term_care_date is not null) as has_long_term_care, long_term_care_date,
    known(has_care, care_home_placement_date is not null) as has_care_home_placement, care_home_placement_date,
    known(has_health_record, care_home_date is not null) as is_care_home_resident, care_home_date,
    known(has_care, learning_disability_support_date is not null) as has_learning_disability_support,
    learning_disability_support_date, known(has_health_record, carer_date is not null) as is_carer,
    known(has_care, carer_support_date is not null) as has_carer_support,
    known(has_pupils, coalesce(has_ehcp, false)) as has_ehcp, ehcp_date,
    known(has_pupils, coalesce(is_fsm_eligible, false)) as is_fsm_eligible
from people as p
left join health on health.person_id = p.person_id
left join services on services.person_id = p.person_id
left join emergencies on emergencies.person_id = p.person_id
left join pupils on pupils.person_id = p.person_id
