-- Days that a stretch of time (both ends included, an empty end still open) has in common with another.
create function days_within(start_day, end_day, first_day, last_day) as
    case
        when start_day > last_day or coalesce(end_day, last_day) < first_day then 0
        else date_diff(
            'day',
            case when start_day > first_day then start_day else first_day end,
            case when coalesce(end_day, last_day) < last_day then coalesce(end_day, last_day) else last_day end
        ) + 1
    end;
