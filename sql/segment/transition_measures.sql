-- segment.transition_measures: one row per person and metric of young people's way to adult services.
with young as (
    select
        people.person_id, age_years, cast(birth_month + interval 216 month as date) as birthday_month,
        case when need_segment = 'complex' or has_ehcp then 1 else 0 end as is_complex
    from person.demographics as people
    join segment.need as needs on needs.person_id = people.person_id
    left join person.school_profile as plans on plans.person_id = people.person_id
    where age_years between 14 and 25
),

next_year as (
    select person_id, is_complex
    from young
    where birthday_month > cast(date_trunc('month', $snapshot_date) as date)
        and birthday_month <= cast(date_trunc('month', $snapshot_date) + interval 12 month as date)
),

known as (
    select records.person_id, count(*) as event_count
    from pseudo.asc__events as events
    join person.records as records on records.record_id = events.record_id and records.source = 'asc'
    where event_start_date <= $snapshot_date and plain_label(client_type) = 'serviceuser'
    group by records.person_id
),

-- six months from the last day of the birthday's month, since the day is not known
turned as (
    select person_id, cast(birthday_month + interval 7 month as date) as end_date
    from person.turned_18
),

services as (
    select turned.person_id, service, case when first_date < end_date then 1 else 0 end as is_in_time
    from turned
    join person.adult_services as seen on seen.person_id = turned.person_id
),

contacts as (
    select
        turned.person_id,
        coalesce(max(is_in_time), 0) as in_time, count(service) as service_count,
        coalesce(max(case when service = 'mental_health' then is_in_time end), 0) as mental_health,
        coalesce(max(case when service = 'social_care' then is_in_time end), 0) as social_care,
        coalesce(max(case when service = 'learning_disability' then is_in_time end), 0) as learning_disability
    from turned
    left join services on services.person_id = turned.person_id
    group by turned.person_id
)

select person_id, 'complex_at_14_to_25' as metric_id, is_complex as numerator, 1 as denominator from young
union all
select person_id, 'complex_turning_18', is_complex, 1 from next_year
union all
select next_year.person_id, 'known_to_adult_care_before_18', case when event_count > 0 then 1 else 0 end, 1
from next_year left join known on known.person_id = next_year.person_id
where is_complex = 1
union all
select person_id, 'seen_within_six_months', in_time, 1 from contacts
union all
select person_id, 'seen_later', case when in_time = 0 and service_count > 0 then 1 else 0 end, 1 from contacts
union all
select person_id, 'lost_to_follow_up', case when service_count = 0 then 1 else 0 end, 1 from contacts
union all
select person_id, 'seen_by_mental_health', mental_health, 1 from contacts
union all
select person_id, 'seen_by_social_care', social_care, 1 from contacts
union all
select person_id, 'seen_by_learning_disability', learning_disability, 1 from contacts
