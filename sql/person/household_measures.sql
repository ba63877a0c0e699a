-- person.household_measures: one row per person and metric of households and housing.
with homes as (
    select
        person_id, composition, child_count, is_living_alone_65plus, has_low_income,
        bedroom_count, bedroom_need_count
    from person.homes
),

people as (
    select person_id, age_years, ralf, is_resident
    from person.demographics
    where is_eligible
),

duties as (
    select people.person_id
    from person.homelessness_profile as duties
    join people on people.person_id = duties.person_id
    where duty_date is not null
),

lodged as (
    select people.person_id, age_years, count(*) as stay_count
    from pseudo.homelessness__placements as stays
    join person.records as records on records.record_id = stays.record_id and records.source = 'homelessness'
    join people on people.person_id = records.person_id
    where placement_start_date <= $snapshot_date and coalesce(placement_end_date > $snapshot_date, true)
    group by people.person_id, age_years
),

counted as (
    select
        person_id, 'overcrowded_households' as metric_id,
        case when bedroom_need_count > bedroom_count then 1 else 0 end as numerator, 1 as denominator
    from homes
    where bedroom_need_count is not null and bedroom_count is not null
    union all
    select person_id, 'low_income_households', case when has_low_income then 1 else 0 end, 1
    from homes
    union all
    select person_id, 'households_with_children', case when child_count > 0 then 1 else 0 end, 1
    from homes
    union all
    select
        person_id, 'lone_adults_with_children',
        case when composition = 'one_adult_with_children' then 1 else 0 end, 1
    from homes
    union all
    select person_id, 'living_alone_65_plus', case when is_living_alone_65plus then 1 else 0 end, 1
    from homes
    union all
    select person_id, 'three_generations_together', case when composition = 'three_ages' then 1 else 0 end, 1
    from homes
    union all
    select people.person_id, 'residents_of_known_homes', case when homes.ralf is not null then 1 else 0 end, 1
    from people
    left join person.homes as homes on homes.ralf = people.ralf
    where is_resident
    union all
    select person_id, 'people_owed_homelessness_duty', 1, 0
    from duties
    union all
    select person_id, 'people_in_temporary_accommodation', 1, 0
    from lodged
    union all
    select person_id, 'children_in_temporary_accommodation', 1, 0
    from lodged
    where age_years <= 17
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
