-- person.emergency_profile: one row per person with an unplanned attendance in the twelve months to the snapshot date.
with attendances as (
    select person_id, arrival_date, department_type
    from person.attendances
    where is_unplanned
        and department_type <> 'same_day'
        and arrival_date >= year_start($snapshot_date)
)

select
    person_id,
    count(*) as ed_attendance_count,
    max(arrival_date) as ed_attendance_date,
    -- five or more at major departments and urgent treatment centres
    count(*) filter (where department_type in ('major', 'urgent_treatment')) >= 5 as is_high_intensity_ed
from attendances
group by person_id
