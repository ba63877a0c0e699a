-- Completed years from a birth month (its first day) to a day: exact on the last day of a month.
create function age_on(born, on_day) as
    cast(
        extract(year from on_day) - extract(year from born)
        - case
            when extract(month from on_day) * 100 + extract(day from on_day)
                < extract(month from born) * 100 + extract(day from born) then 1
            else 0
        end
        as smallint
    );
