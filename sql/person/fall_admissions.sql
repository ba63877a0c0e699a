-- person.fall_admissions: one row per emergency admission for an injury after a fall, as far back as the file goes.
with spells as (
    select person_id, spell_key, admission_date
    from person.spells
    where admission_kind = 'emergency_admission' and substring(primary_diagnosis_code, 1, 1) in ('S', 'T')
        and primary_diagnosis_code < 'T99'
),

episodes as (
    select
        record_id, spell_key, diagnosis_01_code, diagnosis_02_code, diagnosis_03_code, diagnosis_04_code,
        diagnosis_05_code, diagnosis_06_code, diagnosis_07_code, diagnosis_08_code, diagnosis_09_code,
        diagnosis_10_code, diagnosis_11_code, diagnosis_12_code, diagnosis_13_code, diagnosis_14_code,
        diagnosis_15_code, diagnosis_16_code, diagnosis_17_code, diagnosis_18_code, diagnosis_19_code,
        diagnosis_20_code
    from pseudo.apc__episodes
),

records as (
    select record_id, person_id
    from person.records
    where source = 'apc'
),

-- W00 to W19 are falls
falls as (
    select person_id, spell_key, count(*) as episode_count
    from episodes
    join records on records.record_id = episodes.record_id
    where coalesce(
        substring(diagnosis_01_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_02_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_03_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_04_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_05_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_06_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_07_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_08_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_09_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_10_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_11_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_12_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_13_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_14_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_15_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_16_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_17_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_18_code, 1, 2) in ('W0', 'W1')
        or substring(diagnosis_19_code, 1, 2) in ('W0', 'W1') or substring(diagnosis_20_code, 1, 2) in ('W0', 'W1'),
        false
    )
    group by person_id, spell_key
)

select spells.person_id, spells.spell_key, admission_date
from spells
join falls on falls.person_id = spells.person_id and falls.spell_key = spells.spell_key
