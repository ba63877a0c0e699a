-- First day of the latest October to December whose every discharge can be followed for 91 days by a month's end.
create function last_autumn(on_day) as
    cast(date_trunc('year', on_day - interval 3 month) - interval 3 month as date);
