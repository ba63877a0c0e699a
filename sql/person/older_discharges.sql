-- person.older_discharges: one row per discharge of somebody of 65 or over, with what began within a week.
with people as (
    select person_id, birth_month
    from person.demographics
),

spells as (
    select
        spells.person_id, spells.spell_key, admission_kind, discharge_date, stay_days as bed_days,
        discharge_method_code, discharge_destination_code
    from person.spells as spells
    join person.stays as stays on stays.person_id = spells.person_id and stays.spell_key = spells.spell_key
    where admission_kind in ('emergency_admission', 'elective_admission', 'other_admission')
        and discharge_date >= year_start($snapshot_date)
),

care_episodes as (select person_id, care_type, start_date from person.care_episodes),

referrals as (
    select person_id, referral_date
    from pseudo.csds__referrals as referrals
    join person.records as records on records.record_id = referrals.record_id and records.source = 'csds'
    where plain_label(team_type) like 'intermediatecare%' and referral_date <= $snapshot_date
),

-- alive, and not to another hospital
discharges as (
    select
        spells.person_id, spell_key, admission_kind = 'emergency_admission' as is_emergency, discharge_date, bed_days,
        discharge_destination_code as destination_code, discharge_date + interval 1 day as next_date
    from spells
    join people on people.person_id = spells.person_id
    where age_on(birth_month, discharge_date) >= 65
        and coalesce(discharge_method_code not in ('4', '5'), true)
        and coalesce(discharge_destination_code not in ('51', '52', '79'), true)
),

beginnings as (
    select
        person_id, start_date,
        case
            when care_type in ('long_term_residential', 'long_term_nursing') then 'care_home'
            when care_type = 'reablement' then 'reablement'
            when care_type in ('long_term_community', 'ongoing_low_level', 'other_short_term') then 'care_at_home'
        end as what
    from care_episodes
    union all
    select person_id, referral_date, 'intermediate_care'
    from referrals
),

followed as (
    select
        d.person_id, d.spell_key, is_emergency, d.discharge_date, bed_days, destination_code,
        max(case when what = 'care_home' then 1 else 0 end) as home_count,
        max(case when what = 'reablement' then 1 else 0 end) as reablement_count,
        max(case when what = 'reablement' and start_date <= next_date then 1 else 0 end) as prompt_count,
        max(case when what = 'intermediate_care' then 1 else 0 end) as intermediate_count,
        max(case when what = 'care_at_home' then 1 else 0 end) as support_count
    from discharges as d
    left join beginnings
        on beginnings.person_id = d.person_id
        and start_date between d.discharge_date and d.discharge_date + interval 7 day
    group by d.person_id, d.spell_key, is_emergency, d.discharge_date, bed_days, destination_code
)

select
    person_id, spell_key, is_emergency, discharge_date, bed_days,
    coalesce(destination_code = '19', false) as is_to_usual_place,
    prompt_count = 1 as has_prompt_reablement,
    -- 54, 65 and 85 are care homes
    case
        when coalesce(destination_code in ('54', '65', '85'), false) or home_count = 1 then 'care_home'
        when reablement_count = 1 then 'reablement'
        when intermediate_count = 1 then 'intermediate_care'
        when support_count = 1 then 'care_at_home'
        else 'no_new_care'
    end as pathway
from followed
