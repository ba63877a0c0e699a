-- person.conditions: one row per person and condition ever recorded, with whether it stands at the snapshot date.
with events as (
    select record_id, cluster_id, snomed_code, event_date, value, resolved_date
    from pseudo.gp__conditions
    where event_date <= $snapshot_date
),

records as (
    select record_id, person_id
    from person.records
    where source = 'gp'
),

people as (
    select person_id, age_years
    from person.demographics
),

coded_events as (
    select
        e.record_id, k.condition, k.role, e.event_date,
        case when e.resolved_date <= $snapshot_date then e.resolved_date end as resolved_date
    from events as e
    join reference.condition_clusters as k
        on k.cluster_id = e.cluster_id and (k.snomed_code = 'any' or k.snomed_code = e.snomed_code)
    join reference.conditions as c on c.condition = k.condition and coalesce(e.event_date >= c.counts_from, true)
    where coalesce(e.value >= k.minimum_value, k.minimum_value is null)
        and coalesce(e.value < k.below_value, k.below_value is null)
),

-- where no treatment at all is in the extract, the diagnosis alone has to do
treatments as (
    select k.condition, max(k.within_months) as within_months
    from reference.condition_clusters as k
    join events as e on e.cluster_id = k.cluster_id
    where k.role = 'treatment'
    group by k.condition
),

histories as (
    select
        r.person_id,
        e.condition,
        min(e.event_date) filter (where e.role = 'diagnosis') as first_date,
        max(e.event_date) filter (where e.role = 'diagnosis') as latest_date,
        max(e.event_date) filter (where e.role = 'treatment') as treated_date,
        max(case when e.role = 'resolution' then e.event_date else e.resolved_date end) as resolved_date
    from coded_events as e
    join records as r on r.record_id = e.record_id
    group by r.person_id, e.condition
),

judged_histories as (
    select
        h.person_id, h.condition, h.first_date, h.latest_date, h.resolved_date, c.is_counted, c.counted_months,
        coalesce(p.age_years >= c.minimum_age_years, true)
        and not coalesce(c.is_resolvable and h.resolved_date >= h.latest_date, false)
        and coalesce(months_since(h.latest_date, $snapshot_date) < c.active_months, true)
        and coalesce(months_since(h.treated_date, $snapshot_date) < t.within_months, t.within_months is null)
        and row_number() over (
            partition by h.person_id, coalesce(c.exclusive_group, h.condition)
            order by h.latest_date desc, h.condition desc
        ) = 1 as is_active
    from histories as h
    join people as p on p.person_id = h.person_id
    join reference.conditions as c on c.condition = h.condition
    left join treatments as t on t.condition = h.condition
    where h.first_date is not null
)

select person_id, condition, first_date, latest_date, resolved_date, is_active,
    is_active and is_counted
    and coalesce(months_since(latest_date, $snapshot_date) < counted_months, true) as is_long_term
from judged_histories
