-- person.mental_health_measures: one row per person and measure of mental health need and care.
with people as (
    select person_id, age_years, sex
    from person.demographics
    where is_eligible
),

patients as (
    select people.person_id, age_years, sex
    from people join person.registrations as lists on lists.person_id = people.person_id
),

conditions as (
    select person_id, condition
    from person.conditions
    where is_active and condition in ('depression', 'dementia', 'serious_mental_illness')
),

contacts as (
    select person_id, sum(contact_count) as contact_count
    from person.contacts
    where activity_type in ('mental_health_contact', 'talking_therapies_contact')
    group by person_id
),

care as (
    select person_id, cpa_date, specialist_team_date, detention_date from person.mental_health_profile
),

referrals as (
    select person_id, max(case when team_group in ('crisis', 'liaison') then 1 else 0 end) as crisis_count
    from person.mental_health_referrals
    where referral_date >= year_start($snapshot_date)
    group by person_id
),

adults as (
    select
        people.person_id,
        case when contact_count > 0 then 1 else 0 end as seen_count,
        case when conditions.person_id is not null then 1 else 0 end as recorded_count,
        case when detention_date is not null then 1 else 0 end as detained_count
    from people
    left join contacts on contacts.person_id = people.person_id
    left join conditions on conditions.person_id = people.person_id and conditions.condition = 'depression'
    left join care on care.person_id = people.person_id
    where age_years >= 18
),

counted as (
    select person_id, 'seen_of_recorded' as measure, seen_count as numerator,
        cast(recorded_count as decimal(12, 3)) as denominator
    from adults where seen_count + recorded_count > 0
    union all
    select person_id, 'treated', seen_count, 1 from adults where recorded_count = 1
    union all
    select person_id, 'detained', detained_count, 1 from adults
    union all
    select people.person_id, 'on_cpa', case when cpa_date is not null then 1 else 0 end, 1
    from people join care on care.person_id = people.person_id where specialist_team_date is not null
    union all
    select people.person_id, 'crisis_route', crisis_count, 1
    from people join referrals on referrals.person_id = people.person_id
    union all
    select patients.person_id, condition, 1, 0
    from patients join conditions on conditions.person_id = patients.person_id
    where condition = 'serious_mental_illness' or age_years >= case when condition = 'dementia' then 65 else 18 end
    union all
    select person_id, case when condition = 'dementia' then 'dementia' else 'depression' end, 0, prevalence_pct * 0.01
    from patients as p
    join reference.expected_prevalence as e on e.sex = p.sex and age_years between age_from_years and age_to_years
    where age_years >= 18
    union all
    select person_id, condition, 0, england_pct * 0.01
    from patients cross join reference.qof_prevalence where condition = 'serious_mental_illness'
)

select person_id, measure, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, measure
