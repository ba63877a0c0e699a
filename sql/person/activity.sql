-- person.activity: one row per person and type of activity in the twelve months to the snapshot date.
with spells as (
    select person_id, admission_kind, admission_date, bed_days, cost_gbp
    from person.spells
    where admission_date >= year_start($snapshot_date)
),

attendances as (
    select person_id, arrival_date, cost_gbp
    from person.attendances
    where arrival_date >= year_start($snapshot_date)
),

care_episodes as (
    select person_id, care_type, activity_type, start_date,
        days_within(start_date, end_date, year_start($snapshot_date), $snapshot_date) as care_days
    from person.care_episodes
    where coalesce(end_date >= year_start($snapshot_date), true)
),

outpatients as (
    select person_id, appointment_date, cost_gbp,
        case when is_first then 'outpatient_first' else 'outpatient_follow_up' end as activity_type
    from person.outpatients
    where is_attended and appointment_date >= year_start($snapshot_date)
),

contacts as (
    select
        person_id, activity_type, contact_count, last_date,
        case when activity_type = 'mental_health_bed_day' then 'day' else 'event' end as unit
    from person.contacts
),

care_contacts as (
    select person_id, event_start_date,
        concat('care_', lower(event_type)) as activity_type
    from pseudo.asc__events as contacts
    join person.records as records on records.record_id = contacts.record_id and records.source = 'asc'
    where event_type in ('Request', 'Assessment', 'Review')
        and event_start_date between year_start($snapshot_date) and $snapshot_date
),

-- each with what it costs a unit of, and how many units, where the supplier gives no cost
events as (
    select
        person_id, admission_kind as activity_type, admission_date as event_date, bed_days as days, 1 as events,
        admission_kind as activity, 'event' as unit, 1 as quantity, cost_gbp
    from spells
    union all
    select person_id, 'ed_attendance', arrival_date, 0, 1, 'ed_attendance', 'event', 1, cost_gbp
    from attendances
    union all
    select person_id, activity_type, appointment_date, 0, 1, activity_type, 'event', 1, cost_gbp
    from outpatients
    union all
    select person_id, activity_type, last_date, case when unit = 'day' then contact_count else 0 end,
        contact_count, activity_type, unit, contact_count, cast(null as decimal(14, 2))
    from contacts
    union all
    select person_id, activity_type, start_date, care_days, 1, care_type, 'day', care_days, cast(null as decimal(14, 2))
    from care_episodes
    union all
    select person_id, activity_type, event_start_date, 0, 1, activity_type, 'event', 1, cast(null as decimal(14, 2))
    from care_contacts
)

select
    person_id,
    activity_type,
    cast(sum(events) as integer) as event_count,
    max(event_date) as last_date,
    sum(days) as day_count,
    cast(sum(coalesce(events.cost_gbp, quantity * unit_costs.cost_gbp, 0)) as decimal(14, 2)) as cost_gbp
from events
left join reference.unit_costs as unit_costs
    on unit_costs.activity = events.activity and unit_costs.unit = events.unit
group by person_id, activity_type
