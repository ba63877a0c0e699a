-- mart.discharge_pathways: one row per pathway after hospital and place.
with discharges as (
    select person_id, pathway, bed_days
    from person.older_discharges
),

people as (
    select
        person_id, dimension,
        case when dimension = 'locality' then locality else 'all' end as dimension_value
    from person.demographics
    cross join (values ('all'), ('locality')) as d (dimension)
    where population_basis <> 'neither'
),

supplied as (
    select count(*) as feed_count
    from reference.received_feeds
    where feed in ('apc__episodes', 'asc__events', 'csds__referrals') and not is_stale
),

pathways as (
    select pathway
    from (values
        ('all'), ('care_at_home'), ('care_home'), ('intermediate_care'), ('no_new_care'), ('reablement')
    ) as p (pathway)
),

places as (
    select dimension, dimension_value
    from people
    group by dimension, dimension_value
),

sums as (
    select
        pathways.pathway, dimension, dimension_value, count(*) as discharge_count, sum(bed_days) as nights
    from discharges
    join people on people.person_id = discharges.person_id
    join pathways on pathways.pathway = 'all' or pathways.pathway = discharges.pathway
    group by pathways.pathway, dimension, dimension_value
),

-- a pathway that nobody took is there too
cells as (
    select
        pathways.pathway, places.dimension, places.dimension_value,
        case when feed_count = 3 then coalesce(discharge_count, 0) end as discharge_count,
        case when feed_count = 3 then coalesce(nights, 0) end as nights
    from pathways
    cross join places
    cross join supplied
    left join sums
        on sums.pathway = pathways.pathway and sums.dimension = places.dimension
        and sums.dimension_value = places.dimension_value
)

select
    $month as snapshot_month, cells.pathway, cells.dimension, cells.dimension_value, cells.discharge_count,
    everyone.discharge_count as all_discharge_count, cells.nights
from cells
join cells as everyone
    on everyone.pathway = 'all' and everyone.dimension = cells.dimension
    and everyone.dimension_value = cells.dimension_value
