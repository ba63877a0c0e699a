-- person.spells: one row per hospital spell of a person, made from its episodes.
with episodes as (
    select
        record_id, row_id, spell_key, admission_date, discharge_date, admission_method_code, admission_source_code,
        patient_class_code, episode_start_date, episode_order, diagnosis_01_code, operation_01_code,
        discharge_method_code, discharge_destination_code, cost_gbp
    from pseudo.apc__episodes
    where admission_date <= $snapshot_date
),

records as (
    select record_id, person_id
    from person.records
    where source = 'apc'
),

ranked_episodes as (
    select
        records.person_id, spell_key, admission_date, discharge_date, admission_method_code, admission_source_code,
        patient_class_code, diagnosis_01_code, operation_01_code, discharge_method_code,
        discharge_destination_code, cost_gbp,
        row_number() over (
            partition by records.person_id, spell_key
            order by episode_start_date, coalesce(episode_order, 99), row_id
        ) as place
    from episodes
    join records on records.record_id = episodes.record_id
),

spells as (
    select
        person_id,
        spell_key,
        min(admission_date) as admission_date,
        max(case when discharge_date <= $snapshot_date then discharge_date end) as discharge_date,
        max(case when place = 1 then admission_method_code end) as admission_method_code,
        max(case when place = 1 then admission_source_code end) as admission_source_code,
        max(case when place = 1 then patient_class_code end) as patient_class_code,
        max(case when place = 1 then diagnosis_01_code end) as primary_diagnosis_code,
        max(case when place = 1 then operation_01_code end) as main_operation_code,
        max(case when discharge_date <= $snapshot_date then discharge_method_code end) as discharge_method_code,
        max(case when discharge_date <= $snapshot_date then discharge_destination_code end)
            as discharge_destination_code,
        count(*) as episode_count,
        sum(cost_gbp) as cost_gbp
    from ranked_episodes
    group by person_id, spell_key
)

select
    person_id,
    spell_key,
    admission_kind(admission_method_code, patient_class_code) as admission_kind,
    admission_date,
    discharge_date,
    admission_method_code,
    admission_source_code,
    primary_diagnosis_code,
    main_operation_code,
    discharge_method_code,
    discharge_destination_code,
    episode_count,
    date_diff('day', admission_date, coalesce(discharge_date, $snapshot_date)) as bed_days,
    cost_gbp
from spells
