-- person.outpatients: one row per outpatient appointment of a person that was due by the snapshot.
with appointments as (
    select
        record_id, row_id, appointment_date, attendance_code, first_attendance_code, treatment_specialty_code,
        referral_source_code, cost_gbp
    from pseudo.op__appointments
    where appointment_date <= $snapshot_date
),

records as (
    select record_id, person_id
    from person.records
    where source = 'op'
)

select
    person_id,
    appointments.row_id as appointment_id,
    appointment_date,
    -- 5 seen on time, 6 late but seen; 3 did not attend, 7 too late to be seen; 2 and 4 were cancelled, 0 is to come
    coalesce(attendance_code in ('5', '6'), false) as is_attended,
    coalesce(attendance_code in ('3', '7'), false) as is_missed,
    coalesce(first_attendance_code in ('1', '3'), false) as is_first,
    coalesce(first_attendance_code in ('3', '4'), false) as is_remote,
    treatment_specialty_code,
    cost_gbp
from appointments
join records on records.record_id = appointments.record_id
