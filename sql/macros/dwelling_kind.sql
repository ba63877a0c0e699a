-- What kind of home a property class (BLPU) is; null where nobody lives: shells of buildings, land, other uses.
create function dwelling_kind(class_code) as
    case
        when class_code in (
            'R', 'RD', 'RD01', 'RD02', 'RD03', 'RD04', 'RD06', 'RD07', 'RD10', 'RH02', 'U', 'UC', 'UP', 'X'
        ) then 'home'
        when class_code = 'RI01' then 'care_home'
        when class_code in ('RI02', 'RI03') then 'hall'
        when substring(class_code, 1, 1) = 'C' then 'other'
    end;
