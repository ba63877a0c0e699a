-- mart.cost_drivers: one row per eligible person, with what the steps of the model are made of.
with people as (
    select
        person_id, age_band, sex, ethnicity_group,
        coalesce(cast(imd_quintile as varchar), 'unknown') as imd_quintile
    from person.demographics
    where is_eligible
),

lifecourse as (
    select person_id, lifecourse_segment
    from segment.lifecourse
),

needs as (
    select person_id, need_segment
    from segment.need
),

circumstances as (
    select person_id, tenure, overcrowding, household_income
    from person.circumstances
),

-- lines whose activity the month's records hold: without any there is no cost to explain
held_lines as (
    select service_line, count(*) as activity_count
    from reference.costed_activities
    join reference.received_feeds as received on received.feed = costed_activities.feed and not is_stale
    group by service_line
),

costs as (
    select person_id, sum(cost_gbp) as cost_gbp
    from person.costs
    join held_lines on held_lines.service_line = costs.service_line
    group by person_id
)

select
    $month as snapshot_month,
    people.person_id,
    age_band,
    sex,
    lifecourse_segment,
    need_segment,
    ethnicity_group,
    imd_quintile,
    tenure,
    overcrowding,
    household_income,
    coalesce(cost_gbp, 0) as cost_gbp
from people
join lifecourse on lifecourse.person_id = people.person_id
join needs on needs.person_id = people.person_id
join circumstances on circumstances.person_id = people.person_id
left join costs on costs.person_id = people.person_id
