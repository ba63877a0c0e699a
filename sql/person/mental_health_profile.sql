-- person.mental_health_profile: one row per person known to specialist mental health services.
with records as (
    select record_id, person_id
    from person.records
    where source = 'mhsds'
),

cpa as (
    select person_id, max(cpa_start_date) as cpa_date
    from pseudo.mhsds__cpa as episodes
    join records on records.record_id = episodes.record_id
    where cpa_start_date <= $snapshot_date
        and coalesce(cpa_end_date > $snapshot_date, true)
    group by person_id
),

care as (
    select
        person_id,
        max(case when is_open and is_cpa_fallback and contact_count >= 2 then referral_date end)
            as community_team_date,
        max(case when is_open and is_specialist and contact_count >= 1 then referral_date end)
            as specialist_team_date,
        sum(contact_count) as contact_count
    from person.mental_health_referrals
    group by person_id
),

wards as (
    select person_id, max(coalesce(spell_end_date, $snapshot_date)) as ward_date
    from pseudo.mhsds__ward_stays as stays
    join records on records.record_id = stays.record_id
    where spell_start_date <= $snapshot_date
        and months_since(coalesce(spell_end_date, $snapshot_date), $snapshot_date) < 24
    group by person_id
),

-- 01 is informal, 98 and 99 are not applicable and not known; any other is a section of the Act
detentions as (
    select person_id, max(detention_start_date) as detention_date
    from pseudo.mhsds__detentions as periods
    join records on records.record_id = periods.record_id
    where legal_status_code not in ('01', '98', '99')
        and detention_start_date <= $snapshot_date
        and detention_start_date >= year_start($snapshot_date)
    group by person_id
),

people as (
    select person_id, count(*) as record_count
    from records
    group by person_id
)

select
    people.person_id,
    cpa_date,
    community_team_date,
    specialist_team_date,
    ward_date,
    detention_date,
    cast(coalesce(contact_count, 0) as integer) as contact_count
from people
left join cpa on cpa.person_id = people.person_id
left join care on care.person_id = people.person_id
left join wards on wards.person_id = people.person_id
left join detentions on detentions.person_id = people.person_id
