-- mart.adaptation_spending: one row per landlord of the homes that were adapted.
with adaptations as (
    select record_id, landlord_type, cost_gbp
    from pseudo.housing__adaptations
    where completion_date between year_start($snapshot_date) and $snapshot_date
),

records as (
    select record_id, person_id
    from person.records
    where source = 'adaptations'
),

people as (
    select person_id
    from person.demographics
    where population_basis <> 'neither'
),

supplied as (
    select count(*) as feed_count
    from reference.received_feeds
    where feed = 'housing__adaptations' and not is_stale
),

landlords as (
    select landlord_type
    from (values ('all'), ('LA/THH'), ('RP'), ('owner'), ('private'), ('unknown')) as l (landlord_type)
),

-- what was spent on each person's home: nobody's share may be the better part of what is published
costs as (
    select
        landlords.landlord_type, people.person_id, count(*) as adaptation_count,
        sum(coalesce(cost_gbp, 0)) as cost_gbp
    from adaptations
    join records on records.record_id = adaptations.record_id
    join people on people.person_id = records.person_id
    join landlords
        on landlords.landlord_type = 'all' or landlords.landlord_type = coalesce(adaptations.landlord_type, 'unknown')
    group by landlords.landlord_type, people.person_id
),

sums as (
    select
        landlord_type, sum(adaptation_count) as adaptation_count, sum(cost_gbp) as cost_gbp,
        max(cost_gbp) as largest_gbp
    from costs
    group by landlord_type
)

select
    $month as snapshot_month, landlords.landlord_type,
    case when feed_count = 1 then cast(coalesce(adaptation_count, 0) as bigint) end as adaptation_count,
    case when feed_count = 1 then cast(coalesce(cost_gbp, 0) as decimal(18, 2)) end as cost_gbp,
    coalesce(largest_gbp, 0) as largest_gbp
from landlords
cross join supplied
left join sums on sums.landlord_type = landlords.landlord_type
