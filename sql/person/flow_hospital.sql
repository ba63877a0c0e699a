-- person.flow_hospital: one row per person and metric of stays in hospital and what follows them.
with people as (
    select person_id, birth_month
    from person.demographics
),

spells as (
    select
        person_id, spell_key, admission_kind, admission_date, discharge_date, bed_days, discharge_method_code,
        discharge_destination_code
    from person.spells
    where admission_kind in ('emergency_admission', 'elective_admission', 'other_admission')
),

stays as (
    select
        spells.person_id, spell_key, admission_kind, admission_date, discharge_date, bed_days,
        discharge_destination_code,
        coalesce(age_on(birth_month, admission_date) >= 65, false) as is_older,
        -- 4 is died, 5 a stillbirth; 79 not applicable: died; 51 and 52 are other hospitals
        coalesce(discharge_method_code not in ('4', '5'), true)
        and coalesce(discharge_destination_code not in ('51', '52', '79'), true) as is_sent_out
    from spells
    join people on people.person_id = spells.person_id
),

lengths as (
    select person_id, spell_key, days, case when bed_days >= days then 1 else 0 end as is_as_long
    from stays
    cross join (values (7), (14), (21)) as lengths (days)
    where is_older and discharge_date between year_start($snapshot_date) and $snapshot_date
),

-- of discharges that can be followed for thirty days
readmissions as (
    select
        first_stays.person_id, first_stays.spell_key,
        max(case when again.spell_key is not null then 1 else 0 end) as numerator
    from stays as first_stays
    left join spells as again
        on again.person_id = first_stays.person_id
        and again.spell_key <> first_stays.spell_key
        and again.admission_kind = 'emergency_admission'
        and again.admission_date >= first_stays.discharge_date
        and again.admission_date <= first_stays.discharge_date + interval 30 day
    where is_older and is_sent_out
        and first_stays.discharge_date <= $snapshot_date - interval 30 day
        and first_stays.discharge_date >= year_start($snapshot_date) - interval 30 day
    group by first_stays.person_id, first_stays.spell_key
),

counted as (
    select person_id, 'non_elective_admissions_65' as metric_id, 1 as numerator, 0 as denominator
    from stays
    where admission_kind = 'emergency_admission' and is_older and admission_date >= year_start($snapshot_date)
    union all
    select
        person_id,
        case when days = 7 then 'stays_7_days_65' when days = 14 then 'stays_14_days_65' else 'stays_21_days_65' end,
        is_as_long, 1
    from lengths
    union all
    select person_id, 'usual_place_65', case when discharge_destination_code = '19' then 1 else 0 end, 1
    from stays
    where is_older and is_sent_out and discharge_date >= year_start($snapshot_date)
    union all
    select person_id, 'readmissions_30_days_65', numerator, 1 from readmissions
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
