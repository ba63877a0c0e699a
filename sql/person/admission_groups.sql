-- person.admission_groups: one row per emergency admission of the year and group of diagnoses it counts in.
with admissions as (
    select person_id, spell_key, admission_date, primary_diagnosis_code
    from person.spells
    where admission_kind = 'emergency_admission' and admission_date >= year_start($snapshot_date)
),

episodes as (
    select
        records.person_id, spell_key, admission_age_years,
        diagnosis_01_code, diagnosis_02_code, diagnosis_03_code, diagnosis_04_code, diagnosis_05_code,
        diagnosis_06_code, diagnosis_07_code, diagnosis_08_code, diagnosis_09_code, diagnosis_10_code,
        diagnosis_11_code, diagnosis_12_code, diagnosis_13_code, diagnosis_14_code, diagnosis_15_code,
        diagnosis_16_code, diagnosis_17_code, diagnosis_18_code, diagnosis_19_code, diagnosis_20_code
    from pseudo.apc__episodes as episodes
    join person.records as records on records.record_id = episodes.record_id and records.source = 'apc'
    where admission_date between year_start($snapshot_date) and $snapshot_date
),

groups as (
    select diagnosis_group, icd10_prefix, position, minimum_age_years, maximum_age_years
    from reference.diagnosis_groups
    union all
    select 'avoidable', icd10_prefix, 'primary', minimum_age_years, cast(null as smallint)
    from reference.acsc_codes
),

ages as (
    select person_id, spell_key, min(admission_age_years) as age_years
    from episodes
    group by person_id, spell_key
),

-- any diagnosis of any episode of the stay; the primary one is the first episode's
diagnoses as (
    select
        person_id, spell_key, 'any' as position,
        case place
            when 1 then diagnosis_01_code when 2 then diagnosis_02_code when 3 then diagnosis_03_code
            when 4 then diagnosis_04_code when 5 then diagnosis_05_code when 6 then diagnosis_06_code
            when 7 then diagnosis_07_code when 8 then diagnosis_08_code when 9 then diagnosis_09_code
            when 10 then diagnosis_10_code when 11 then diagnosis_11_code when 12 then diagnosis_12_code
            when 13 then diagnosis_13_code when 14 then diagnosis_14_code when 15 then diagnosis_15_code
            when 16 then diagnosis_16_code when 17 then diagnosis_17_code when 18 then diagnosis_18_code
            when 19 then diagnosis_19_code when 20 then diagnosis_20_code
        end as code
    from episodes
    cross join (values
        (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16), (17), (18), (19), (20)
    ) as places (place)
    union all
    select person_id, spell_key, 'primary', primary_diagnosis_code
    from admissions
),

matches as (
    select a.person_id, a.spell_key, a.admission_date, g.diagnosis_group
    from diagnoses as d
    cross join (values (2), (3), (4)) as lengths (letters)
    join groups as g on g.icd10_prefix = substring(d.code, 1, letters) and g.position = d.position
    join ages as y on y.person_id = d.person_id and y.spell_key = d.spell_key
    join admissions as a on a.person_id = d.person_id and a.spell_key = d.spell_key
    where coalesce(age_years >= minimum_age_years, minimum_age_years is null)
        and coalesce(age_years <= maximum_age_years, maximum_age_years is null)
    group by a.person_id, a.spell_key, a.admission_date, g.diagnosis_group
)

select person_id, spell_key, admission_date, diagnosis_group
from matches
where diagnosis_group not in ('falls_cause', 'falls_injury')
union all
select injuries.person_id, injuries.spell_key, injuries.admission_date, 'falls' as diagnosis_group
from matches as injuries
join matches as causes on causes.person_id = injuries.person_id and causes.spell_key = injuries.spell_key
where injuries.diagnosis_group = 'falls_injury' and causes.diagnosis_group = 'falls_cause'
