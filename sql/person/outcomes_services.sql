-- person.outcomes_services: one row per person and metric of mental health and death of the outcomes framework.
with people as (
    select person_id, age_years
    from person.demographics
),

records as (
    select source, record_id, person_id
    from person.records
    where source in ('mhsds', 'talking_therapies', 'deaths')
),

contacts as (
    select person_id, sum(contact_count) as contact_count
    from person.contacts
    where activity_type in ('mental_health_contact', 'talking_therapies_contact')
    group by person_id
),

conditions as (
    select person_id, condition
    from person.conditions
    where is_active and condition = 'depression'
),

referrals as (
    select record_id, has_recovered
    from pseudo.talking_therapies__referrals
    where discharge_date between year_start($snapshot_date) and $snapshot_date
        and has_completed_treatment and not coalesce(is_not_caseness, false)
),

patients as (
    select record_id, employment_status_code
    from pseudo.mhsds__people
    where employment_status_code not in ('ZZ', '99')
),

cared_for as (
    select person_id, specialist_team_date
    from person.mental_health_profile
),

deaths as (
    select record_id, death_place_type
    from pseudo.deaths__registrations
    where registration_date between year_start($snapshot_date) and $snapshot_date
),

counted as (
    select contacts.person_id, 'mental_health_access' as metric_id, 1 as numerator, 0 as denominator
    from contacts join people on people.person_id = contacts.person_id
    where contact_count > 0 and age_years >= 18
    union all
    select conditions.person_id, 'mental_health_access', 0, 1
    from conditions join people on people.person_id = conditions.person_id
    where age_years >= 18
    union all
    select person_id, 'talking_therapies_recovery', case when has_recovered then 1 else 0 end, 1
    from referrals
    join records on records.source = 'talking_therapies' and records.record_id = referrals.record_id
    union all
    select records.person_id, 'paid_employment_mental_health',
        case when employment_status_code = '01' then 1 else 0 end, 1
    from patients
    join records on records.source = 'mhsds' and records.record_id = patients.record_id
    join cared_for on cared_for.person_id = records.person_id
    join people on people.person_id = records.person_id
    where specialist_team_date is not null and age_years between 18 and 64
    union all
    select person_id, 'deaths_at_usual_residence',
        case when death_place_type in ('home', 'care home') then 1 else 0 end, 1
    from deaths join records on records.source = 'deaths' and records.record_id = deaths.record_id
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
