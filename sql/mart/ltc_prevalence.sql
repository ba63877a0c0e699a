-- mart.ltc_prevalence: one row per condition and locality or PCN.
with people as (
    select
        person_id, age_years, sex,
        case when place = 'locality' then locality else 'all' end as locality,
        case when place = 'pcn' then coalesce(pcn_code, 'none') else 'all' end as pcn_code
    from person.demographics
    cross join (values ('borough'), ('locality'), ('pcn')) as places (place)
    where is_eligible and has_health_record
),

standing as (
    select person_id, condition, is_long_term
    from person.conditions
    where is_active
),

-- a register takes in the ages that the national one does
registers as (
    select
        c.condition, is_counted, borough_pct, england_pct,
        coalesce(q.age_from_years, c.minimum_age_years) as first_age
    from reference.conditions as c
    left join reference.qof_prevalence as q on q.condition = c.condition
    union all
    select 'multimorbidity', true, cast(null as decimal(5, 2)), cast(null as decimal(5, 2)), 0
),

surveyed as (
    select condition, sex, age_from_years, age_to_years, prevalence_pct
    from reference.expected_prevalence
    where condition = 'dementia'
),

-- of a condition that counts, what counts; two or more of those are multimorbidity
recorded as (
    select standing.person_id, standing.condition
    from standing
    join registers on registers.condition = standing.condition
    where is_long_term or not is_counted
    union all
    select person_id, 'multimorbidity'
    from standing
    where is_long_term
    group by person_id
    having count(*) >= 2
),

numerators as (
    select recorded.condition, locality, pcn_code, count(*) as recorded_count
    from recorded
    join people on people.person_id = recorded.person_id
    group by recorded.condition, locality, pcn_code
),

denominators as (
    select
        registers.condition, borough_pct, england_pct, locality, pcn_code, count(*) as denominator_count,
        case when first_age > 0 then concat(cast(first_age as varchar), '+') else 'all' end as ages,
        sum(prevalence_pct) as expected_hundredths
    from people
    join registers on age_years >= first_age or first_age = 0
    left join surveyed
        on surveyed.condition = registers.condition and surveyed.sex = people.sex
        and age_years between age_from_years and age_to_years
    group by registers.condition, borough_pct, england_pct, locality, pcn_code, first_age
)

select
    $month as snapshot_month, d.condition, d.locality, d.pcn_code, ages,
    coalesce(recorded_count, 0) as recorded_count, denominator_count,
    cast(cast(expected_hundredths * 0.01 as decimal(18, 0)) as bigint) as expected_count,
    borough_pct as qof_2019_20_pct, england_pct as england_2019_20_pct
from denominators as d
left join numerators as n on n.condition = d.condition and n.locality = d.locality and n.pcn_code = d.pcn_code
