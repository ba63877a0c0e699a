"""Statistical process control, written as SQL: whether a series of months shows more than chance.

The chart for individual values (XmR) as NHS England's Making Data Count draws it: centre line at the mean, limits 2.66
mean moving ranges away, four signs of special cause. As with `rates`, it is to be given figures as published.
"""

from __future__ import annotations

from collections.abc import Sequence

LIMIT_RANGES = 2.66
"""Three sigma in mean moving ranges (3 / 1.128)."""
SHIFT_POINTS, TREND_POINTS = 7, 6
"""So many points on one side of the centre are a shift, so many each above (or below) the one before a trend."""
MINIMUM_POINTS = 12
"""A shorter series has no limits and no signals."""
SIGNALS = ("outside", "shift", "trend", "near_limit")
"""A point beyond a limit; in a shift; in a trend; one of two in three in the last third before a limit."""


def signals(relation: str, by: Sequence[str], *, period: str, value: str) -> str:
    """A SELECT of every point of each group's series with its limits and the signs it is part of.

    The relation has one row per group and period, none missing. Columns: the group's, the period's, `value`, `centre`,
    `lower_limit`, `upper_limit`, and `signal`: the first of `SIGNALS` that holds, the empty string for none, null
    where the series is too short. All points of a run carry its sign.
    """
    groups = ", ".join(by)
    series = f"partition by {groups} order by period"
    return f"""with points as (
    select {groups}, {period} as period, cast({value} as decimal(18, 4)) as value
    from {relation}
    where {value} is not null
),
steps as (
    select {groups}, period, value, value - lag(value) over ({series}) as step
    from points
),
lines as (
    select
        {groups}, period, value, step,
        count(*) over (partition by {groups}) as points,
        cast(sum(value) over (partition by {groups}) as double) / count(*) over (partition by {groups}) as centre,
        {LIMIT_RANGES} * cast(sum(abs(step)) over (partition by {groups}) as double)
            / nullif(count(step) over (partition by {groups}), 0) as reach
    from steps
),
sides as (
    select
        {groups}, period, value, points, centre, reach,
        case when value > centre then 1 when value < centre then -1 else 0 end as side,
        case when step > 0 then 1 when step < 0 then -1 else 0 end as direction,
        case when value - centre > reach * 2 / 3 then 1 when centre - value > reach * 2 / 3 then -1 else 0 end as far
    from lines
),
ends as (
    select
        {groups}, period, value, points, centre, reach, far,
        {_run("side", SHIFT_POINTS, series)} as ends_shift,
        {_run("direction", TREND_POINTS - 1, series)} as ends_trend,
        case when {_count("far", 1, series)} >= 2 then 1 else 0 end as ends_high,
        case when {_count("far", -1, series)} >= 2 then 1 else 0 end as ends_low
    from sides
),
marks as (
    select
        {groups}, period, value, points, centre, reach, far,
        {_within("ends_shift", SHIFT_POINTS, series)} as is_shift,
        {_within("ends_trend", TREND_POINTS, series)} as is_trend,
        {_within("ends_high", 3, series)} as is_high,
        {_within("ends_low", 3, series)} as is_low
    from ends
)
select
    {groups}, period, value,
    case when points >= {MINIMUM_POINTS} then centre end as centre,
    case when points >= {MINIMUM_POINTS} then centre - reach end as lower_limit,
    case when points >= {MINIMUM_POINTS} then centre + reach end as upper_limit,
    case
        when points < {MINIMUM_POINTS} then null
        when abs(cast(value as double) - centre) > reach then 'outside'
        when is_shift = 1 then 'shift'
        when is_trend = 1 then 'trend'
        when (is_high = 1 and far = 1) or (is_low = 1 and far = -1) then 'near_limit'
        else ''
    end as signal
from marks"""


def _run(column: str, length: int, series: str) -> str:
    """1 where the last `length` values of a sign are all 1, or all -1."""
    frame = f"over ({series} rows between {length - 1} preceding and current row)"
    return f"case when abs(sum({column}) {frame}) = {length} then 1 else 0 end"


def _count(column: str, sign: int, series: str) -> str:
    """How many of the last three values are of a sign."""
    frame = f"over ({series} rows between 2 preceding and current row)"
    return f"sum(case when {column} = {sign} then 1 else 0 end) {frame}"


def _within(column: str, length: int, series: str) -> str:
    """1 for every point of a run that one of the next points ends."""
    return f"max({column}) over ({series} rows between current row and {length - 1} following)"
