-- Calendar months between the month of a day and the month of a later one; 0 in the same month.
-- At a month's end, "in the last twelve months" is months_since(day, snapshot) between 0 and 11.
create function months_since(happened, on_day) as
    cast(
        (extract(year from on_day) - extract(year from happened)) * 12
        + extract(month from on_day) - extract(month from happened)
        as integer
    );
