-- person.stays: one row per hospital spell of a person, with the stay in hospital that it is part of.
with spells as (
    select
        person_id, spell_key, admission_date, discharge_date, admission_method_code, admission_source_code,
        discharge_destination_code
    from person.spells
),

followed_spells as (
    select
        person_id, spell_key, admission_date, discharge_date, admission_method_code, admission_source_code,
        max(discharge_date) over (
            partition by person_id order by admission_date, discharge_date, spell_key
            rows between 1 preceding and 1 preceding
        ) as last_discharge_date,
        max(discharge_destination_code) over (
            partition by person_id order by admission_date, discharge_date, spell_key
            rows between 1 preceding and 1 preceding
        ) as last_destination_code
    from spells
),

-- within two days of another spell and from another hospital, by either's word: the stay goes on
marked_spells as (
    select
        person_id, spell_key, admission_date, discharge_date,
        coalesce(date_diff('day', last_discharge_date, admission_date) between 0 and 2, false)
        and (
            coalesce(last_destination_code in ('51', '52', '53'), false)
            or coalesce(admission_source_code in ('51', '52', '53'), false)
            or coalesce(admission_method_code in ('2B', '81'), false)
        ) as is_transfer
    from followed_spells
),

numbered_spells as (
    select
        person_id, spell_key, admission_date, discharge_date, is_transfer,
        sum(case when is_transfer then 0 else 1 end) over (
            partition by person_id order by admission_date, discharge_date, spell_key
        ) as stay_number
    from marked_spells
)

select
    person_id,
    spell_key,
    is_transfer,
    min(admission_date) over (partition by person_id, stay_number) as stay_admission_date,
    date_diff(
        'day',
        min(admission_date) over (partition by person_id, stay_number),
        coalesce(discharge_date, $snapshot_date)
    ) as stay_days
from numbered_spells
