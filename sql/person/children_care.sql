-- person.children_care: one row per person and metric of children's care, homes and mental health.
with people as (
    select person_id, age_years, sex
    from person.demographics
),

children as (
    select person_id
    from people
    where age_years <= 17
),

contacts as (
    select person_id, sum(contact_count) as contact_count
    from person.contacts
    where activity_type in ('mental_health_contact', 'talking_therapies_contact')
    group by person_id
),

specialist_contacts as (
    select person_id, contact_count
    from person.contacts
    where activity_type = 'mental_health_contact' and contact_count > 0
),

care as (
    select person_id, need_date, protection_plan_date
    from person.child_care_profile
),

homes as (
    select children.person_id, case when overcrowding = 'overcrowded' then 1 else 0 end as numerator
    from children
    join person.circumstances as circumstances on circumstances.person_id = children.person_id
    where overcrowding <> 'unknown'
),

-- supported housing or a hostel, while a duty is owed or the stay lasts
supported as (
    select record_id
    from pseudo.homelessness__people
    where accommodation = 'supported housing' and application_date <= $snapshot_date
        and coalesce(duty_end_date > $snapshot_date, true)
    union all
    select record_id
    from pseudo.homelessness__placements
    where accommodation_type = 'hostel' and placement_start_date <= $snapshot_date
        and coalesce(placement_end_date > $snapshot_date, true)
),

young_men as (
    select people.person_id, count(*) as record_count
    from supported
    join person.records as records on records.record_id = supported.record_id and records.source = 'homelessness'
    join people on people.person_id = records.person_id
    where age_years between 16 and 24 and people.sex = 'male'
    group by people.person_id
)

select person_id, metric_id, numerator, denominator
from person.outcomes_children
where metric_id in ('looked_after_children', 'low_income_children')
union all
select person_id, 'children_in_need', 1, 0 from care where need_date is not null
union all
select person_id, 'child_protection_plans', 1, 0 from care where protection_plan_date is not null
union all
select children.person_id, 'children_in_mental_health_care', 1, 0
from children join specialist_contacts on specialist_contacts.person_id = children.person_id
union all
select person_id, 'children_in_overcrowded_homes', numerator, 1 from homes
union all
select young_men.person_id, 'supported_young_men_counselled', case when contact_count > 0 then 1 else 0 end, 1
from young_men left join contacts on contacts.person_id = young_men.person_id
