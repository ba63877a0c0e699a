-- mart.outcomes_standardised: one row per metric that is standardised for age and place it is given for.
with metrics as (
    select diagnosis_group, metric_id, first_age
    from (values
        ('avoidable', 'avoidable_admissions', 19), ('falls', 'falls_admissions_65', 65),
        ('assault', 'assault_admissions', 0), ('self_harm', 'self_harm_admissions', 0)
    ) as m (diagnosis_group, metric_id, first_age)
),

people as (
    select
        person_id, birth_month, age_years, is_eligible, dimension,
        case when dimension = 'locality' then locality else 'all' end as dimension_value
    from person.demographics
    cross join (values ('all'), ('locality')) as d (dimension)
    where population_basis <> 'neither'
),

bands as (
    select age_band, age_from_years, age_to_years
    from reference.european_standard_population
),

events as (
    select
        metric_id, dimension, dimension_value, age_on(birth_month, admission_date) as age_years,
        1 as events, 0 as people
    from person.admission_groups as admissions
    join metrics on metrics.diagnosis_group = admissions.diagnosis_group
    join people on people.person_id = admissions.person_id
    union all
    select metric_id, dimension, dimension_value, age_years, 0, 1
    from people join metrics on age_years >= first_age or first_age = 0
    where is_eligible
),

supplied as (
    select max(case when not is_stale then 1 else 0 end) as supply_count
    from reference.received_feeds
    where feed = 'apc__episodes'
),

-- the youngest band of a metric that begins within one holds part of it only
cells as (
    select
        metric_id, dimension, dimension_value, age_band as band,
        sum(case when supply_count = 1 then events end) as events,
        sum(case when supply_count = 1 then people end) as people
    from events
    cross join supplied
    left join bands on age_years between age_from_years and age_to_years
    group by metric_id, dimension, dimension_value, age_band
)

select
    $month as snapshot_month, metric_id, dimension, dimension_value,
    cast(sum(events) as bigint) as numerator_count,
    sum(events) filter (where band = '0-4') as events_1, sum(people) filter (where band = '0-4') as people_1,
    sum(events) filter (where band = '5-9') as events_2, sum(people) filter (where band = '5-9') as people_2,
    sum(events) filter (where band = '10-14') as events_3, sum(people) filter (where band = '10-14') as people_3,
    sum(events) filter (where band = '15-19') as events_4, sum(people) filter (where band = '15-19') as people_4,
    sum(events) filter (where band = '20-24') as events_5, sum(people) filter (where band = '20-24') as people_5,
    sum(events) filter (where band = '25-29') as events_6, sum(people) filter (where band = '25-29') as people_6,
    sum(events) filter (where band = '30-34') as events_7, sum(people) filter (where band = '30-34') as people_7,
    sum(events) filter (where band = '35-39') as events_8, sum(people) filter (where band = '35-39') as people_8,
    sum(events) filter (where band = '40-44') as events_9, sum(people) filter (where band = '40-44') as people_9,
    sum(events) filter (where band = '45-49') as events_10, sum(people) filter (where band = '45-49') as people_10,
    sum(events) filter (where band = '50-54') as events_11, sum(people) filter (where band = '50-54') as people_11,
    sum(events) filter (where band = '55-59') as events_12, sum(people) filter (where band = '55-59') as people_12,
    sum(events) filter (where band = '60-64') as events_13, sum(people) filter (where band = '60-64') as people_13,
    sum(events) filter (where band = '65-69') as events_14, sum(people) filter (where band = '65-69') as people_14,
    sum(events) filter (where band = '70-74') as events_15, sum(people) filter (where band = '70-74') as people_15,
    sum(events) filter (where band = '75-79') as events_16, sum(people) filter (where band = '75-79') as people_16,
    sum(events) filter (where band = '80-84') as events_17, sum(people) filter (where band = '80-84') as people_17,
    sum(events) filter (where band = '85-89') as events_18, sum(people) filter (where band = '85-89') as people_18,
    sum(events) filter (where band = '90+') as events_19, sum(people) filter (where band = '90+') as people_19
from cells
group by metric_id, dimension, dimension_value
