-- mart.segment_summary: one row per breakdown of the catalogue and combination of its dimensions.
with people as (
    select
        person_id,
        locality,
        coalesce(pcn_code, 'none') as pcn_code,
        age_band,
        sex,
        ethnicity_group,
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

cells as (
    select
        lifecourse_segment,
        need_segment,
        locality,
        pcn_code,
        age_band,
        sex,
        ethnicity_group,
        imd_quintile,
        count(*) as person_count
    from people
    join lifecourse on lifecourse.person_id = people.person_id
    join needs on needs.person_id = people.person_id
    group by
        lifecourse_segment, need_segment, locality, pcn_code, age_band, sex, ethnicity_group, imd_quintile
),

broken_down_cells as (
    select
        breakdown,
        case when by_lifecourse_segment then lifecourse_segment else 'all' end as lifecourse_segment,
        case when by_need_segment then need_segment else 'all' end as need_segment,
        case when by_locality then locality else 'all' end as locality,
        case when by_pcn_code then pcn_code else 'all' end as pcn_code,
        case when by_age_band then age_band else 'all' end as age_band,
        case when by_sex then sex else 'all' end as sex,
        case when by_ethnicity_group then ethnicity_group else 'all' end as ethnicity_group,
        case when by_imd_quintile then imd_quintile else 'all' end as imd_quintile,
        person_count
    from cells
    cross join reference.breakdowns
)

select
    $month as snapshot_month,
    breakdown,
    lifecourse_segment,
    need_segment,
    locality,
    pcn_code,
    age_band,
    sex,
    ethnicity_group,
    imd_quintile,
    cast(sum(person_count) as bigint) as person_count
from broken_down_cells
group by
    breakdown, lifecourse_segment, need_segment, locality, pcn_code, age_band, sex, ethnicity_group, imd_quintile
