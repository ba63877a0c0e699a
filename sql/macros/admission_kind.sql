-- The kind of an admission, from ADMIMETH and CLASSPAT (HES Data Dictionary).
create function admission_kind(method_code, class_code) as
    case
        when method_code in ('21', '22', '23', '24', '25', '28', '2A', '2B', '2D') then 'emergency_admission'
        when method_code in ('31', '32') then 'maternity_admission'
        when method_code in ('2C', '82', '83') then 'birth'
        when class_code = '2' then 'day_case'
        when method_code in ('11', '12', '13') and class_code = '1' then 'elective_admission'
        when class_code in ('3', '4') then 'regular_attendance'
        else 'other_admission'
    end;
