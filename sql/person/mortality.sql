-- person.mortality: one row per adult of 18 to 74 alive in the five years to the snapshot, and whether they died.
with people as (
    select
        person_id, death_date, population_basis,
        age_on(birth_month, case when death_date is null then $snapshot_date else death_date end) as age_years
    from person.demographics
    where has_health_record and population_basis <> 'neither'
),

conditions as (
    select person_id
    from person.conditions
    where condition = 'serious_mental_illness'
)

select
    people.person_id,
    case
        when age_years <= 34 then '18-34' when age_years <= 44 then '35-44' when age_years <= 54 then '45-54'
        when age_years <= 64 then '55-64' else '65-74'
    end as age_group,
    conditions.person_id is not null as has_serious_mental_illness,
    death_date is not null as has_died
from people
left join conditions on conditions.person_id = people.person_id
where age_years between 18 and 74
    and coalesce(months_since(death_date, $snapshot_date) < 60, true)
