-- mart.smi_mortality: one row per group of adults, with and without serious mental illness.
with people as (
    select
        case when has_serious_mental_illness then 'serious_mental_illness' else 'others' end as patient_group,
        age_group, case when has_died then 1 else 0 end as died
    from person.mortality
),

counted as (
    select
        patient_group, sum(died) as deaths, count(*) as people,
        sum(died) filter (where age_group = '18-34') as events_1,
        count(*) filter (where age_group = '18-34') as people_1,
        sum(died) filter (where age_group = '35-44') as events_2,
        count(*) filter (where age_group = '35-44') as people_2,
        sum(died) filter (where age_group = '45-54') as events_3,
        count(*) filter (where age_group = '45-54') as people_3,
        sum(died) filter (where age_group = '55-64') as events_4,
        count(*) filter (where age_group = '55-64') as people_4,
        sum(died) filter (where age_group = '65-74') as events_5,
        count(*) filter (where age_group = '65-74') as people_5
    from people
    group by patient_group
),

-- with fewer than sixty deaths in either group nothing is said of either
fewest as (
    select min(deaths) >= 60 and count(*) = 2 as is_enough
    from counted
)

select
    $month as snapshot_month, patient_group,
    case when is_enough then '' else 'fewer than 60 deaths in five years in one of the groups' end as withheld_reason,
    case when is_enough then cast(deaths as bigint) end as death_count,
    case when is_enough then people end as person_count,
    coalesce(events_1, 0) as events_1, case when is_enough then people_1 end as people_1,
    coalesce(events_2, 0) as events_2, case when is_enough then people_2 end as people_2,
    coalesce(events_3, 0) as events_3, case when is_enough then people_3 end as people_3,
    coalesce(events_4, 0) as events_4, case when is_enough then people_4 end as people_4,
    coalesce(events_5, 0) as events_5, case when is_enough then people_5 end as people_5
from counted
cross join fewest
