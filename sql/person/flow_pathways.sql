-- person.flow_pathways: one row per person and metric of what begins after hospital, of people of 65 or over.
with discharges as (
    select person_id, is_emergency, is_to_usual_place, has_prompt_reablement, bed_days, pathway
    from person.older_discharges
),

pathways as (
    select pathway, share_metric, stay_metric
    from (values
        ('no_new_care', 'pathway_no_new_care', 'stays_7_days_no_new_care'),
        ('care_at_home', 'pathway_care_at_home', 'stays_7_days_care_at_home'),
        ('intermediate_care', 'pathway_intermediate_care', 'stays_7_days_intermediate_care'),
        ('reablement', 'pathway_reablement', 'stays_7_days_reablement'),
        ('care_home', 'pathway_care_home', 'stays_7_days_care_home')
    ) as p (pathway, share_metric, stay_metric)
),

counted as (
    select
        person_id, share_metric as metric_id,
        case when discharges.pathway = pathways.pathway then 1 else 0 end as numerator, 1 as denominator
    from discharges
    cross join pathways
    union all
    select person_id, stay_metric, case when bed_days >= 7 then 1 else 0 end, 1
    from discharges
    join pathways on pathways.pathway = discharges.pathway
    union all
    select person_id, 'reablement_after_discharge_65', case when has_prompt_reablement then 1 else 0 end, 1
    from discharges
    union all
    select person_id, 'reablement_offered_65', case when has_prompt_reablement then 1 else 0 end, 1
    from discharges
    where is_emergency and is_to_usual_place
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
