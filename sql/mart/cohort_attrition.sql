-- mart.cohort_attrition: one row per cohort and number of its criteria met in order.
with cohorts as (
    select cohort_id, criteria_met_count
    from segment.cohorts
    where criteria_met_count > 0
)

select
    $month as snapshot_month,
    cohort_id,
    criteria_met_count,
    count(*) as person_count
from cohorts
group by cohort_id, criteria_met_count
