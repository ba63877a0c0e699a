-- person.care_episodes: one row per unbroken stretch of one type of social care of a person.
with events as (
    select
        record_id, row_id, service_type, service_component, delivery_mechanism, event_start_date,
        -- an end before the start is a mistake in one of them: the start is kept
        case
            when event_end_date < event_start_date then event_start_date
            when event_end_date <= $snapshot_date then event_end_date
        end as event_end_date
    from pseudo.asc__events
    where plain_label(event_type) = 'service'
        and event_start_date <= $snapshot_date
),

records as (
    select record_id, person_id
    from person.records
    where source = 'asc'
),

care_services as (
    select plain_label(service_type) as service_type, care_type, activity_type
    from reference.care_services
),

services as (
    select
        records.person_id,
        care_services.care_type,
        care_services.activity_type,
        events.row_id,
        events.event_start_date as start_date,
        coalesce(events.event_end_date, $snapshot_date) as end_date,
        events.event_end_date is null as is_open,
        -- the mechanism is not mandatory: either says it
        coalesce(plain_label(service_component) = 'directpayment', false)
        or coalesce(plain_label(delivery_mechanism) = 'directpayment', false) as is_direct_payment
    from events
    join records on records.record_id = events.record_id
    join care_services on care_services.service_type = plain_label(events.service_type)
),

-- a stretch goes on while the next service starts by the day after everything before it has ended
marked_services as (
    select
        person_id, care_type, activity_type, row_id, start_date, end_date, is_open, is_direct_payment,
        case
            when start_date <= max(end_date) over (
                partition by person_id, care_type
                order by start_date, row_id
                rows between unbounded preceding and 1 preceding
            ) + interval 1 day then 0
            else 1
        end as is_new
    from services
),

numbered_services as (
    select
        person_id, care_type, activity_type, start_date, end_date, is_open, is_direct_payment,
        sum(is_new) over (
            partition by person_id, care_type
            order by start_date, row_id
            rows between unbounded preceding and current row
        ) as stretch
    from marked_services
)

select
    person_id,
    care_type,
    activity_type,
    min(start_date) as start_date,
    case when max(case when is_open then 1 else 0 end) = 0 then max(end_date) end as end_date,
    max(case when is_open then 1 else 0 end) = 1 as is_open,
    max(case when is_direct_payment then 1 else 0 end) = 1 as is_direct_payment,
    count(*) as service_count
from numbered_services
group by person_id, care_type, activity_type, stretch
