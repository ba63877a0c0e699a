-- person.support_starts: one row per person and kind of support, with the day on which the first of it began.
with records as (
    select source, record_id, person_id
    from person.records
    where source in ('personalised_care', 'adaptations', 'asc')
),

products as (
    select record_id, start_date
    from pseudo.personalised_care__products
    where product in ('PHB notional', 'PHB third-party', 'PHB direct payment', 'IPB') and start_date <= $snapshot_date
),

adaptations as (
    select record_id, completion_date
    from pseudo.housing__adaptations
    where completion_date <= $snapshot_date
),

services as (
    select record_id, event_start_date
    from pseudo.asc__events
    where plain_label(event_type) = 'service' and plain_label(service_component) in ('equipment', 'telecare')
        and event_start_date <= $snapshot_date
),

beginnings as (
    select 'personalised_care' as source, record_id, 'health_budget' as support, start_date from products
    union all
    select 'adaptations', record_id, 'adaptation', completion_date from adaptations
    union all
    select 'asc', record_id, 'equipment', event_start_date from services
)

select person_id, support, min(start_date) as start_date
from beginnings
join records on records.source = beginnings.source and records.record_id = beginnings.record_id
group by person_id, support
