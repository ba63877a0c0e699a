-- mart.ltc_pairs: one row per pair of long-term conditions and age group.
with people as (
    select
        person_id,
        case when scope = 'all' then 'all' when age_years >= 65 then '65+' else '0-64' end as age_group
    from person.demographics
    cross join (values ('all'), ('each')) as scopes (scope)
    where is_eligible and has_health_record and age_years is not null
),

conditions as (
    select person_id, condition
    from person.conditions
    where is_long_term
),

counted_conditions as (
    select condition
    from reference.conditions
    where is_counted
),

patients as (
    select age_group, count(*) as patient_count
    from people
    group by age_group
),

-- every pair of conditions that count, each once, whether or not anybody has both
pairs as (
    select first_ones.condition as condition, others.condition as other_condition, age_group, patient_count
    from counted_conditions as first_ones
    join counted_conditions as others on others.condition > first_ones.condition
    cross join patients
),

both_counts as (
    select first_ones.condition, others.condition as other_condition, age_group, count(*) as both_count
    from conditions as first_ones
    join conditions as others on others.person_id = first_ones.person_id and others.condition > first_ones.condition
    join people on people.person_id = first_ones.person_id
    group by first_ones.condition, others.condition, age_group
),

singles as (
    select condition, age_group, count(*) as condition_count
    from conditions
    join people on people.person_id = conditions.person_id
    group by condition, age_group
)

select
    $month as snapshot_month, pairs.condition, pairs.other_condition, pairs.age_group,
    coalesce(both_count, 0) as both_count,
    coalesce(first_ones.condition_count, 0) as condition_count,
    coalesce(others.condition_count, 0) as other_condition_count,
    patient_count
from pairs
left join both_counts
    on both_counts.condition = pairs.condition and both_counts.other_condition = pairs.other_condition
    and both_counts.age_group = pairs.age_group
left join singles as first_ones on first_ones.condition = pairs.condition and first_ones.age_group = pairs.age_group
left join singles as others on others.condition = pairs.other_condition and others.age_group = pairs.age_group
