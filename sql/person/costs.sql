-- person.costs: one row per person and service line with activity in the twelve months to the snapshot date.
with activity as (
    select person_id, activity_type, event_count, cost_gbp
    from person.activity
    -- care is told apart by its type, below
    where activity_type not in ('long_term_care', 'short_term_care', 'carer_support', 'reablement')
),

care_episodes as (
    select
        person_id, care_type,
        days_within(start_date, end_date, year_start($snapshot_date), $snapshot_date) as care_days
    from person.care_episodes
    where coalesce(end_date >= year_start($snapshot_date), true)
),

care_prices as (
    select activity, cost_gbp
    from reference.unit_costs
    where unit = 'day'
),

records as (
    select record_id, person_id
    from person.records
    where source = 'adaptations'
),

adaptations as (
    select record_id, cost_gbp
    from pseudo.housing__adaptations
    where completion_date between year_start($snapshot_date) and $snapshot_date
),

costed_activities as (
    select activity, service_line
    from reference.costed_activities
),

costs as (
    select person_id, activity_type as activity, event_count, cost_gbp
    from activity
    union all
    select person_id, care_type, 1, care_days * care_prices.cost_gbp
    from care_episodes
    left join care_prices on care_prices.activity = care_type
    union all
    select person_id, 'adaptation', 1, cost_gbp
    from adaptations
    join records on records.record_id = adaptations.record_id
)

select
    person_id,
    service_line,
    cast(sum(event_count) as integer) as event_count,
    cast(sum(case when cost_gbp is null then event_count else 0 end) as integer) as unpriced_count,
    cast(sum(coalesce(cost_gbp, 0)) as decimal(14, 2)) as cost_gbp
from costs
join costed_activities on costed_activities.activity = costs.activity
group by person_id, service_line
