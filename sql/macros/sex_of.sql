-- Sex in one list, from the codes of the NHS (1, 2, 9), schools (M, F, U) and social care (in words).
create function sex_of(code) as
    case
        when upper(code) in ('1', 'M', 'MALE') then 'male'
        when upper(code) in ('2', 'F', 'FEMALE') then 'female'
        when upper(code) in ('9', 'OTHER') then 'other'
        else 'unknown'
    end;
