-- mart.mental_health: one row per measure of mental health and place or group it is given for.
with measures as (
    select measure, unit, feed_1, feed_2
    from (values
        ('depression', 'share of expected', 'gp__registrations', 'gp__conditions'),
        ('dementia', 'share of expected', 'gp__registrations', 'gp__conditions'),
        ('serious_mental_illness', 'share of expected', 'gp__registrations', 'gp__conditions'),
        ('seen_of_recorded', 'people for people', 'gp__conditions', 'mhsds__contacts'),
        ('treated', 'share', 'gp__conditions', 'mhsds__contacts'),
        ('detained', 'share', 'mhsds__detentions', 'mhsds__detentions'),
        ('on_cpa', 'share', 'mhsds__cpa', 'mhsds__referrals'),
        ('crisis_route', 'share', 'mhsds__referrals', 'mhsds__referrals')
    ) as m (measure, unit, feed_1, feed_2)
),

supplied as (
    select measure, unit, one.feed is not null and other.feed is not null as is_supplied
    from measures
    left join reference.received_feeds as one on one.feed = feed_1 and not one.is_stale
    left join reference.received_feeds as other on other.feed = feed_2 and not other.is_stale
),

people as (
    select
        person_id, dimension,
        case
            when dimension = 'locality' then locality
            when dimension = 'ethnicity_group' then ethnicity_group
            else 'all'
        end as dimension_value
    from person.demographics
    cross join (values ('all'), ('locality'), ('ethnicity_group')) as d (dimension)
    where is_eligible
),

places as (
    select dimension, dimension_value, count(*) as person_count
    from people
    group by dimension, dimension_value
),

sums as (
    select measure, dimension, dimension_value, sum(numerator) as numerator, sum(denominator) as denominator
    from person.mental_health_measures as counted
    join people on people.person_id = counted.person_id
    group by measure, dimension, dimension_value
),

-- a group in which nobody is counted is there too: none of nobody
cells as (
    select
        supplied.measure, unit, places.dimension, places.dimension_value,
        case when is_supplied then cast(cast(coalesce(numerator, 0) as decimal(18, 0)) as bigint) end as numerator,
        case when is_supplied then cast(cast(coalesce(denominator, 0) as decimal(18, 0)) as bigint) end as denominator
    from supplied
    cross join places
    left join sums
        on sums.measure = supplied.measure and sums.dimension = places.dimension
        and sums.dimension_value = places.dimension_value
)

select
    $month as snapshot_month, cells.measure, cells.dimension, cells.dimension_value,
    case when cells.unit = 'share' then 'wilson' else 'none' end as ci_method,
    cells.numerator as numerator_count, cells.denominator as denominator_count,
    case when cells.dimension = 'ethnicity_group' then british.numerator end as white_british_numerator_count,
    case when cells.dimension = 'ethnicity_group' then british.denominator end as white_british_denominator_count
from cells
left join cells as british
    on british.measure = cells.measure and british.dimension = 'ethnicity_group'
    and british.dimension_value = 'White British'
