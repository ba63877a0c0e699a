-- person.mental_health_referrals: one row per referral of a person to a specialist mental health team.
with records as (
    select record_id, person_id
    from person.records
    where source = 'mhsds'
),

teams as (
    select team_type_code, team_group, is_cpa_fallback
    from reference.mental_health_teams
),

referrals as (
    select record_id, row_id, referral_key, team_type_code, referral_date, rejection_date, discharge_date
    from pseudo.mhsds__referrals
    where referral_date <= $snapshot_date
),

-- 5 seen on time, 6 late but seen
contacts as (
    select
        referral_key,
        min(contact_date) as first_contact_date,
        max(contact_date) as last_contact_date,
        sum(case when contact_date >= year_start($snapshot_date) then 1 else 0 end) as contact_count
    from pseudo.mhsds__contacts
    where attendance_code in ('5', '6')
        and contact_date <= $snapshot_date
    group by referral_key
)

select
    person_id,
    referrals.row_id as referral_id,
    referral_date,
    referrals.team_type_code,
    team_group,
    coalesce(is_cpa_fallback, false) as is_cpa_fallback,
    -- a team nobody has listed is taken for one: better counted than lost
    coalesce(team_group, 'community') in ('community', 'crisis', 'learning_disability') as is_specialist,
    rejection_date is null and coalesce(discharge_date > $snapshot_date, true) as is_open,
    case when discharge_date <= $snapshot_date then discharge_date end as discharge_date,
    first_contact_date,
    last_contact_date,
    coalesce(contact_count, 0) as contact_count
from referrals
join records on records.record_id = referrals.record_id
left join contacts on contacts.referral_key = referrals.referral_key
left join teams on teams.team_type_code = referrals.team_type_code
