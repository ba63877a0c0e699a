-- person.flow_urgent: one row per person and metric of attendances at emergency departments.
with attendances as (
    select person_id, department_type, is_admitted, is_in_hours, is_minor, has_begun_treatment, chief_complaint_code
    from person.attendances
    where is_unplanned and department_type <> 'same_day' and arrival_date >= year_start($snapshot_date)
),

complaints as (
    select snomed_code, complaint_group
    from reference.complaint_groups
),

counted as (
    select
        person_id, 'urgent_treatment_share' as metric_id,
        case when department_type = 'urgent_treatment' then 1 else 0 end as numerator, 1 as denominator
    from attendances
    union all
    select
        person_id, 'in_hours_minor_share', case when is_in_hours and is_minor and not is_admitted then 1 else 0 end, 1
    from attendances
    where department_type in ('major', 'urgent_treatment') and is_in_hours is not null and is_minor is not null
    union all
    select person_id, 'treatment_not_begun', case when has_begun_treatment then 0 else 1 end, 1
    from attendances
    where department_type in ('major', 'urgent_treatment')
    union all
    select person_id, concat('complaint_', coalesce(complaint_group, 'other')), 1, 0
    from attendances
    left join complaints on complaints.snomed_code = chief_complaint_code
    where chief_complaint_code is not null
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
