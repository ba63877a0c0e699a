-- person.service_profile: one row per person, with their use of hospital and social care.
with people as (
    select person_id
    from person.demographics
),

spells as (
    select person_id, admission_kind, admission_date, primary_diagnosis_code, main_operation_code
    from person.spells
    where admission_date >= year_start($snapshot_date)
),

care_episodes as (
    select person_id, care_type, activity_type, start_date, is_open
    from person.care_episodes
    where coalesce(end_date >= year_start($snapshot_date), true)
),

records as (
    select record_id, person_id
    from person.records
    where source = 'asc'
),

support_reasons as (
    select records.person_id, max(event_start_date) as learning_disability_support_date
    from pseudo.asc__events as events
    join records on records.record_id = events.record_id
    where plain_label(primary_support_reason) = 'learningdisabilitysupport'
        and event_start_date <= $snapshot_date
    group by records.person_id
),

hospital as (
    select
        person_id,
        count(*) filter (where admission_kind = 'emergency_admission') as emergency_admission_count,
        max(admission_date) filter (where admission_kind = 'emergency_admission') as emergency_admission_date,
        count(*) filter (where admission_kind = 'emergency_admission' and primary_diagnosis_code like 'J44%')
            as copd_admission_count,
        -- Z51.0 and Z51.1 are sessions of radiotherapy and chemotherapy; X70 to X74 are delivery of chemotherapy
        max(admission_date) filter (
            where substring(primary_diagnosis_code, 1, 4) in ('Z510', 'Z511')
                or substring(main_operation_code, 1, 3) in ('X70', 'X71', 'X72', 'X73', 'X74')
        ) as cancer_treatment_date
    from spells
    group by person_id
),

care as (
    select
        person_id,
        max(start_date) filter (where is_open and activity_type = 'long_term_care') as long_term_care_date,
        max(start_date) filter (where is_open and care_type in ('long_term_residential', 'long_term_nursing'))
            as care_home_date,
        max(start_date) filter (where activity_type = 'carer_support') as carer_support_date
    from care_episodes
    group by person_id
)

select
    people.person_id,
    coalesce(emergency_admission_count, 0) as emergency_admission_count,
    emergency_admission_date,
    coalesce(copd_admission_count, 0) as copd_admission_count,
    cancer_treatment_date,
    long_term_care_date,
    care_home_date,
    carer_support_date,
    learning_disability_support_date
from people
left join hospital on hospital.person_id = people.person_id
left join care on care.person_id = people.person_id
left join support_reasons on support_reasons.person_id = people.person_id
