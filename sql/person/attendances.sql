-- person.attendances: one row per attendance of a person at an emergency department.
with attendances as (
    select
        record_id, attendance_key, arrival_date, arrival_time, departure_time, department_type_code,
        attendance_category_code, chief_complaint_code, diagnosis_01_code, discharge_destination_code, cost_gbp
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
    chief_complaint_code,
    diagnosis_01_code as primary_diagnosis_code,
    cost_gbp
from attendances
join records on records.record_id = attendances.record_id
