-- person.activity: one row per person and type of activity in the twelve months to the snapshot date.
with spells as (
    select person_id, admission_kind, admission_date, bed_days, cost_gbp
    from person.spells
    where admission_date >= year_start($snapshot_date)
),

care_episodes as (
    select
        person_id, care_type, activity_type, start_date,
        days_within(start_date, end_date, year_start($snapshot_date), $snapshot_date) as care_days
    from person.care_episodes
    where coalesce(end_date >= year_start($snapshot_date), true)
),

care_contacts as (
    select
        record_id, event_start_date,
        case
            when event_type = 'Request' then 'care_request'
            when event_type = 'Assessment' then 'care_assessment'
            when event_type = 'Review' then 'care_review'
        end as activity_type
    from pseudo.asc__events
    where event_type in ('Request', 'Assessment', 'Review')
        and event_start_date >= year_start($snapshot_date)
        and event_start_date <= $snapshot_date
),

records as (
    select record_id, person_id
    from person.records
    where source = 'asc'
),

unit_costs as (
    select activity, unit, cost_gbp
    from reference.unit_costs
),

events as (
    select
        spells.person_id, spells.admission_kind as activity_type, spells.admission_date as event_date,
        spells.bed_days as days, coalesce(spells.cost_gbp, unit_costs.cost_gbp, 0) as cost_gbp
    from spells
    left join unit_costs on unit_costs.activity = spells.admission_kind and unit_costs.unit = 'event'
    union all
    select
        care_episodes.person_id, care_episodes.activity_type, care_episodes.start_date as event_date,
        care_episodes.care_days as days, coalesce(care_episodes.care_days * unit_costs.cost_gbp, 0) as cost_gbp
    from care_episodes
    left join unit_costs on unit_costs.activity = care_episodes.care_type and unit_costs.unit = 'day'
    union all
    select
        records.person_id, care_contacts.activity_type, care_contacts.event_start_date as event_date,
        0 as days, coalesce(unit_costs.cost_gbp, 0) as cost_gbp
    from care_contacts
    join records on records.record_id = care_contacts.record_id
    left join unit_costs on unit_costs.activity = care_contacts.activity_type and unit_costs.unit = 'event'
)

select
    person_id,
    activity_type,
    count(*) as event_count,
    max(event_date) as last_date,
    sum(days) as day_count,
    cast(sum(cost_gbp) as decimal(14, 2)) as cost_gbp
from events
group by person_id, activity_type
