-- person.outcomes_reablement: one row per person and 91-day metric of reablement of the outcomes framework.
with people as (
    select person_id, birth_month, death_date
    from person.demographics
),

spells as (
    select
        person_id, spell_key, admission_kind, admission_date, discharge_date, discharge_method_code,
        discharge_destination_code
    from person.spells
),

care_episodes as (
    select person_id, care_type, start_date, end_date
    from person.care_episodes
),

-- reablement of the council, and intermediate care of community health services
starts as (
    select person_id, start_date
    from care_episodes
    where care_type = 'reablement'
    union all
    select person_id, referral_date
    from pseudo.csds__referrals as referrals
    join person.records as records on records.record_id = referrals.record_id and records.source = 'csds'
    where plain_label(team_type) like 'intermediatecare%' and referral_date <= $snapshot_date
),

-- home from hospital, alive and at 65 or over, and into reablement on the day or the next
discharges as (
    select spells.person_id, discharge_date, cast(discharge_date + interval 91 day as date) as day_91, death_date
    from spells
    join people on people.person_id = spells.person_id
    join starts on starts.person_id = spells.person_id
    where admission_kind in ('emergency_admission', 'elective_admission', 'other_admission')
        and coalesce(discharge_method_code not in ('4', '5'), true)
        and coalesce(discharge_destination_code = '19', true)
        and start_date between discharge_date and discharge_date + interval 1 day
        and age_on(birth_month, discharge_date) >= 65
        and discharge_date <= $snapshot_date - interval 91 day
    group by spells.person_id, discharge_date, death_date
),

-- not dead, not in hospital, not in residential or nursing care on the 91st day
followed as (
    select
        discharges.person_id, discharges.discharge_date,
        min(
            case
                when death_date <= day_91 or stays.spell_key is not null or homes.care_type is not null then 0
                else 1
            end
        ) as at_home_count
    from discharges
    left join spells as stays
        on stays.person_id = discharges.person_id and stays.admission_date <= day_91
        and coalesce(stays.discharge_date > day_91, true)
    left join care_episodes as homes
        on homes.person_id = discharges.person_id and homes.start_date <= day_91
        and homes.care_type in ('long_term_residential', 'long_term_nursing')
        and coalesce(homes.end_date >= day_91, true)
    group by discharges.person_id, discharges.discharge_date
)

select person_id, 'reablement_91_days' as metric_id, sum(at_home_count) as numerator, count(*) as denominator
from followed
where discharge_date >= last_autumn($snapshot_date) and discharge_date < last_autumn($snapshot_date) + interval 3 month
group by person_id
union all
select person_id, 'reablement_91_days_all_year', sum(at_home_count), count(*)
from followed
where discharge_date >= year_start($snapshot_date) - interval 91 day
group by person_id
