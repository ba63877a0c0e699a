-- person.attendances: one row per attendance of a person at an emergency department.
with attendances as (
    select
        record_id, attendance_key, arrival_date, arrival_time, departure_time, department_type_code,
        attendance_category_code, acuity_code, treatment_time, chief_complaint_code, diagnosis_01_code,
        discharge_destination_code, cost_gbp
    from pseudo.ecds__attendances
    where arrival_date <= $snapshot_date
),

records as (
    select record_id, person_id
    from person.records
    where source = 'ecds'
)

select
    person_id,
    attendance_key,
    arrival_date,
    case
        when department_type_code = '01' then 'major'
        when department_type_code = '02' then 'single_specialty'
        when department_type_code = '03' then 'urgent_treatment'
        when department_type_code = '04' then 'walk_in'
        when department_type_code = '05' then 'same_day'
        else 'unknown'
    end as department_type,
    -- what is not said to be planned is not
    coalesce(attendance_category_code, '1') <> '4' as is_unplanned,
    -- 306706006 is a ward, 1066331000000109 a short-stay ward
    coalesce(discharge_destination_code in ('306706006', '1066331000000109'), false) as is_admitted,
    departure_time > arrival_time + interval 4 hour as is_over_4_hours,
    departure_time > arrival_time + interval 12 hour as is_over_12_hours,
    -- from 8 to 18:30, Monday to Friday; bank holidays are not told apart
    date_diff('day', date_trunc('week', arrival_date), arrival_date) <= 4
    and arrival_time >= date_trunc('day', arrival_time) + interval 480 minute
    and arrival_time < date_trunc('day', arrival_time) + interval 1110 minute as is_in_hours,
    -- 1077241000000103 is standard, 1077251000000100 not urgent
    acuity_code in ('1077241000000103', '1077251000000100') as is_minor,
    treatment_time is not null as has_begun_treatment,
    chief_complaint_code,
    diagnosis_01_code as primary_diagnosis_code,
    cost_gbp
from attendances
join records on records.record_id = attendances.record_id
