-- person.children_school: one row per person and metric of children's growth and special educational needs.
with roll as (
    select records.person_id, count(*) as row_count
    from pseudo.education__pupils as pupils
    join person.records as records on records.record_id = pupils.record_id and records.source = 'education'
    group by records.person_id
),

pupils as (
    select roll.person_id, special_needs
    from roll
    join person.circumstances as circumstances on circumstances.person_id = roll.person_id
    where special_needs <> 'unknown'
),

schooled as (
    select
        person_id, 'sen_support_pupils' as metric_id,
        case when special_needs = 'SEN support' then 1 else 0 end as numerator
    from pupils
    union all
    select person_id, 'ehc_plan_pupils', case when special_needs = 'EHC plan' then 1 else 0 end
    from pupils
)

select person_id, metric_id, numerator, denominator
from person.outcomes_children
where metric_id in ('obesity_reception', 'obesity_year_6', 'excess_weight_year_6', 'ehcp_within_20_weeks')
union all
select person_id, metric_id, numerator, 1 as denominator
from schooled
