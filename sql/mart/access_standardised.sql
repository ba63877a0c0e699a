-- mart.access_standardised: one row per metric of use that is standardised for age, and group.
with metrics as (
    select metric_id, source_feed, other_feed
    from (values
        ('non_elective_admissions', 'apc__episodes', 'apc__episodes'),
        ('practice_appointments', 'gp__appointments', 'gp__registrations'),
        ('unplanned_attendances', 'ecds__attendances', 'ecds__attendances')
    ) as m (metric_id, source_feed, other_feed)
),

supplied as (
    select metric_id, one.feed is not null and other.feed is not null as is_supplied
    from metrics
    left join reference.received_feeds as one on one.feed = source_feed and not one.is_stale
    left join reference.received_feeds as other on other.feed = other_feed and not other.is_stale
),

used as (
    select person_id, metric_id, numerator, 0 as denominator from person.access_hospital
    union all
    select person_id, metric_id, numerator, denominator from person.access_practice
),

people as (
    select
        persons.person_id, age_years, is_eligible, dimension,
        case
            when dimension = 'ethnicity_group' then ethnicity_group
            when dimension = 'imd_quintile' then coalesce(cast(imd_quintile as varchar), 'unknown')
            when dimension = 'disability' then coalesce(disability, 'unknown')
            else 'all'
        end as dimension_value
    from person.demographics as persons
    cross join (values ('all'), ('ethnicity_group'), ('imd_quintile'), ('disability')) as d (dimension)
    left join person.access_groups as belong on belong.person_id = persons.person_id
    where population_basis <> 'neither'
),

-- whoever is asked about: patients on a list, or everybody; and what they used
counted as (
    select used.metric_id, dimension, dimension_value, age_years, numerator as events, denominator as people
    from used
    join people on people.person_id = used.person_id
    union all
    select metric_id, dimension, dimension_value, age_years, 0, 1
    from people
    cross join metrics
    where is_eligible and metric_id <> 'practice_appointments'
),

cells as (
    select
        counted.metric_id, dimension, dimension_value,
        case
            when age_years < 18 then 1 when age_years < 40 then 2 when age_years < 65 then 3
            when age_years < 75 then 4 when age_years >= 75 then 5
        end as stratum,
        case when is_supplied then events end as events, case when is_supplied then people end as people
    from counted
    join supplied on supplied.metric_id = counted.metric_id
)

-- an age at which there is nobody counts none, where the feed is there
select
    $month as snapshot_month, metric_id, dimension, dimension_value,
    cast(sum(events) as bigint) as numerator_count,
    coalesce(sum(case when stratum = 1 then events end), 0 * sum(events)) as events_1,
    coalesce(sum(case when stratum = 1 then people end), 0 * sum(people)) as people_1,
    coalesce(sum(case when stratum = 2 then events end), 0 * sum(events)) as events_2,
    coalesce(sum(case when stratum = 2 then people end), 0 * sum(people)) as people_2,
    coalesce(sum(case when stratum = 3 then events end), 0 * sum(events)) as events_3,
    coalesce(sum(case when stratum = 3 then people end), 0 * sum(people)) as people_3,
    coalesce(sum(case when stratum = 4 then events end), 0 * sum(events)) as events_4,
    coalesce(sum(case when stratum = 4 then people end), 0 * sum(people)) as people_4,
    coalesce(sum(case when stratum = 5 then events end), 0 * sum(events)) as events_5,
    coalesce(sum(case when stratum = 5 then people end), 0 * sum(people)) as people_5
from cells
group by metric_id, dimension, dimension_value
