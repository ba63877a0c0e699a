-- person.homelessness_profile: one row per person in a household owed a homelessness duty at the snapshot.
with records as (
    select record_id, person_id
    from person.records
    where source = 'homelessness'
),

-- a decision that nothing is owed is no duty; of the rest, those that have not ended
duties as (
    select
        record_id, coalesce(assessment_date, application_date) as duty_date, duty,
        coalesce(accommodation = 'rough sleeping', false) as is_sleeping_rough,
        coalesce(
            support_needs like '%mental health problem%'
            or support_needs like '%drug dependency%'
            or support_needs like '%alcohol dependency%',
            false
        ) as has_support_need
    from pseudo.homelessness__people
    where application_date <= $snapshot_date
        and coalesce(duty_end_date > $snapshot_date, true)
        and duty in ('prevention', 'relief', 'main')
),

marked_duties as (
    select
        record_id, duty_date, is_sleeping_rough, has_support_need,
        duty in ('relief', 'main') or is_sleeping_rough as is_homeless
    from duties
)

select
    person_id,
    max(duty_date) as duty_date,
    max(case when is_homeless then duty_date end) as homeless_date,
    max(case when is_homeless and has_support_need then duty_date end) as support_need_date,
    max(case when is_sleeping_rough then duty_date end) as rough_sleeping_date
from marked_duties
join records on records.record_id = marked_duties.record_id
group by person_id
