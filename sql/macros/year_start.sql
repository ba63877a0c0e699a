-- First day of the twelve calendar months that end with the month of a day.
create function year_start(on_day) as
    cast(date_trunc('month', on_day) - interval 11 month as date);
