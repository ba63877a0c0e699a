-- person.adult_services: one row per person who turned 18 with complex needs, and service that has seen them since.
with turned as (
    select person_id, birthday_month
    from person.turned_18
),

records as (
    select source, record_id, person_id
    from person.records
    where source in ('mhsds', 'talking_therapies', 'asc')
),

referrals as (
    select referral_key, team_type_code
    from pseudo.mhsds__referrals
    group by referral_key, team_type_code
),

-- a team of schools is none of adults; 5 and 6 are attended
mental_health_contacts as (
    select
        'mhsds' as source, contacts.record_id, contact_date as start_date, contact_date as end_date,
        case when team_group = 'learning_disability' then 'learning_disability' else 'mental_health' end as service
    from pseudo.mhsds__contacts as contacts
    left join referrals on referrals.referral_key = contacts.referral_key
    left join reference.mental_health_teams as teams on teams.team_type_code = referrals.team_type_code
    where attendance_code in ('5', '6') and coalesce(team_group <> 'children', true)
),

therapies as (
    select
        'talking_therapies' as source, record_id, coalesce(first_assessment_date, first_treatment_date) as start_date,
        coalesce(last_treatment_date, first_treatment_date, first_assessment_date) as end_date,
        'mental_health' as service
    from pseudo.talking_therapies__referrals
),

-- to ask is not yet to be seen
social_care as (
    select
        'asc' as source, record_id, event_start_date as start_date,
        case
            when plain_label(event_type) <> 'service' then event_start_date
            else coalesce(event_end_date, $snapshot_date)
        end as end_date,
        'social_care' as service
    from pseudo.asc__events
    where plain_label(event_type) in ('assessment', 'service', 'review')
        and plain_label(client_type) = 'serviceuser'
),

contacts as (
    select source, record_id, start_date, end_date, service from mental_health_contacts
    union all
    select source, record_id, start_date, end_date, service from therapies
    union all
    select source, record_id, start_date, end_date, service from social_care
),

-- what began before the birthday and went on after it is seen from the first day
seen as (
    select
        turned.person_id, service,
        case when start_date < birthday_month then birthday_month else start_date end as seen_date
    from contacts
    join records on records.source = contacts.source and records.record_id = contacts.record_id
    join turned on turned.person_id = records.person_id
    where start_date <= $snapshot_date and end_date >= birthday_month
)

select person_id, service, min(seen_date) as first_date
from seen
group by person_id, service
