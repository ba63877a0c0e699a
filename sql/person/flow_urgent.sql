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

names as (
    select complaint_group, metric_id
    from (values
        ('abdomen', 'complaint_abdomen'), ('back_and_joints', 'complaint_back_and_joints'),
        ('breathing', 'complaint_breathing'), ('chest', 'complaint_chest'),
        ('ear_eye_throat', 'complaint_ear_eye_throat'), ('fever', 'complaint_fever'),
        ('head_and_nerves', 'complaint_head_and_nerves'), ('injury', 'complaint_injury'),
        ('mental_health_alcohol_drugs', 'complaint_mental_health_alcohol_drugs'),
        ('pregnancy', 'complaint_pregnancy'), ('skin', 'complaint_skin'), ('urinary', 'complaint_urinary'),
        ('other', 'complaint_other')
    ) as n (complaint_group, metric_id)
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
    select person_id, metric_id, 1, 0
    from attendances
    left join complaints on complaints.snomed_code = chief_complaint_code
    join names on names.complaint_group = coalesce(complaints.complaint_group, 'other')
    where chief_complaint_code is not null
)

select person_id, metric_id, sum(numerator) as numerator, sum(denominator) as denominator
from counted
group by person_id, metric_id
