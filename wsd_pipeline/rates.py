"""Rates and what is uncertain about them, written as SQL: intervals, standardised rates, inequality slopes, comparison.

The functions write expressions and SELECTs over column names; nothing here sees a number. They are to be given counts
as published (already protected): an interval at one decimal beside a rounded base gives a numerator back. Sums are of
decimals, so the same rows in any order give the same figure; division and roots are of doubles, which DuckDB and
Spark compute alike. Methods are those of the Office for Health Improvement and Disparities' technical guidance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution."""

EXACT_LIMITS = (
    (0.0, 3.688879454114),
    (0.025317807984, 5.571643390939),
    (0.242209278544, 7.224687667724),
    (0.618672122896, 8.767273069742),
    (1.089865373626, 10.241588675404),
    (1.623486390118, 11.668332079323),
    (2.201894253491, 13.059474022519),
    (2.81436305152, 14.422675361702),
    (3.453832176749, 15.763189220193),
    (4.115373097378, 17.084803451419),
)
"""Exact 95 % limits of a Poisson count of 0 to 9, halved quantiles of chi-squared: there Byar's are too far off."""

MINIMUM_STANDARDISED = 10
"""A standardised rate of fewer events is not given (Morris et al. 2018)."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """SQL for the lower and the upper limit."""

    low: str
    high: str


def double(expression: str) -> str:
    """The expression as a double, for division and roots."""
    return f"cast({expression} as double)"


def proportion(numerator: str, denominator: str, per: int = 100) -> str:
    """SQL for a proportion per hundred (or another base); null where there is nobody."""
    return f"{per} * {double(numerator)} / nullif({double(denominator)}, 0)"


def wilson(numerator: str, denominator: str, per: int = 100) -> Interval:
    """The 95 % interval of a proportion by Wilson's score method (Newcombe 1998); null where there is nobody.

    A rounded numerator may be above its rounded denominator: it counts as all of them.
    """
    n = f"nullif({double(denominator)}, 0)"
    p = f"least({double(numerator)}, {double(denominator)})"
    z2 = Z95 * Z95
    middle = f"2 * {p} + {z2}"
    half = f"{Z95} * sqrt({z2} + 4 * {p} * (1 - {p} / {n}))"
    scale = f"{per} / (2 * ({n} + {z2}))"
    return Interval(low=f"({middle} - {half}) * {scale}", high=f"({middle} + {half}) * {scale}")


def count_limits(count: str) -> Interval:
    """The 95 % interval of a Poisson count: exact under ten, Byar's approximation from there (Breslow and Day 1987)."""
    value, more = double(count), f"({double(count)} + 1)"
    low = f"(1 - 1 / (9 * {value}) - {Z95} / (3 * sqrt({value})))"
    high = f"(1 - 1 / (9 * {more}) + {Z95} / (3 * sqrt({more})))"
    return Interval(
        low=_case(count, [str(low) for low, _ in EXACT_LIMITS], f"{value} * {low} * {low} * {low}"),
        high=_case(count, [str(high) for _, high in EXACT_LIMITS], f"{more} * {high} * {high} * {high}"),
    )


def rate(count: str, population: str, per: int = 100_000) -> str:
    """SQL for a crude rate; null where there is no population."""
    return proportion(count, population, per)


def rate_limits(count: str, population: str, per: int = 100_000) -> Interval:
    """The 95 % interval of a crude rate, from that of its count."""
    limits, people = count_limits(count), f"nullif({double(population)}, 0)"
    return Interval(low=f"{per} * ({limits.low}) / {people}", high=f"{per} * ({limits.high}) / {people}")


def _case(count: str, exact: Sequence[str], else_: str) -> str:
    whens = " ".join(f"when {count} = {i} then {value}" for i, value in enumerate(exact))
    return f"case when {count} is null then null {whens} else {else_} end"


def comparison(limits: Interval, comparator: str, *, is_high_good: bool | None) -> str:
    """SQL for how a value stands beside a comparator: better, similar, worse; higher or lower where neither is good."""
    higher, lower = {True: ("better", "worse"), False: ("worse", "better"), None: ("higher", "lower")}[is_high_good]
    return (
        f"case when {comparator} is null or {limits.low} is null then null"
        f" when {limits.low} > {comparator} then '{higher}' when {limits.high} < {comparator} then '{lower}'"
        " else 'similar' end"
    )


def standardised(
    relation: str, by: Sequence[str], *, age_band: str, events: str, population: str, per: int = 100_000
) -> str:
    """A SELECT of the directly standardised rate of each group, with its 95 % interval by Dobson's method.

    The relation has one row per group and five-year age band of `reference.european_standard_population`. Columns:
    the group's, `event_count`, `population_count`, `standardised_rate`, `rate_low`, `rate_high`; the three are null
    under ten events, or where a band with a weight has no people.
    """
    groups, limits = ", ".join(by), count_limits("event_count")
    variance_of_count = f"nullif({double('event_count')}, 0)"
    width = f"sqrt({double('variance')} / {variance_of_count})"
    shown = f"case when event_count >= {MINIMUM_STANDARDISED} and empty_bands = 0 then {{}} end"
    value = f"{per} * {double('weighted_rate')}"
    low = f"{value} + {per} * {width} * (({limits.low}) - {double('event_count')})"
    high = f"{value} + {per} * {width} * (({limits.high}) - {double('event_count')})"
    weight, events_, people = "standard_population / 100000", double(events), f"nullif({double(population)}, 0)"
    return f"""with bands as (
    select
        {groups}, {events} as events, {population} as people,
        case when {population} > 0 then 0 else 1 end as is_empty,
        cast({weight} * {events_} / {people} as decimal(38, 18)) as weighted,
        cast({weight} * {weight} * {events_} / ({people} * {people}) as decimal(38, 24)) as spread
    from {relation}
    join reference.european_standard_population as standard on standard.age_band = {relation}.{age_band}
),
totals as (
    select
        {groups}, sum(events) as event_count, sum(people) as population_count, sum(is_empty) as empty_bands,
        sum(weighted) as weighted_rate, sum(spread) as variance
    from bands
    group by {groups}
)
select
    {groups}, event_count, population_count,
    {shown.format(value)} as standardised_rate,
    {shown.format(low)} as rate_low,
    {shown.format(high)} as rate_high
from totals"""


def slope(relation: str, by: Sequence[str], *, order: str, events: str, population: str, per: int = 100_000) -> str:
    """A SELECT of the slope and the relative index of inequality of each group, with the slope's 95 % interval.

    The relation has one row per group and step of deprivation, `order` 1 the most deprived. The slope is the line
    through the steps' rates, weighted by people, over the share of people ranked from the least to the most deprived:
    how much higher the rate is at the most deprived end (negative: lower). The relative index is the rate at that end
    over the rate at the other. Its variance follows from those of the rates, each a Poisson count over its people.
    Null where a step has nobody, or there are fewer than three.
    """
    groups = ", ".join(by)
    same = " and ".join(f"steps.{g} = means.{g}" for g in by)
    people, events_ = double(population), double(events)
    partition = f"partition by {groups} order by {order} desc rows between unbounded preceding and 1 preceding"
    return f"""with steps as (
    select
        {groups}, {events_} / nullif({people}, 0) as step_rate, {people} as people, {events_} as events,
        ({double(f"coalesce(sum({population}) over ({partition}), 0)")} + {people} / 2)
            / nullif({double(f"sum({population}) over (partition by {groups})")}, 0) as position
    from {relation}
),
means as (
    select
        {groups}, count(*) as step_count, sum(case when people > 0 then 0 else 1 end) as empty_steps,
        cast(sum(cast(people * position as decimal(38, 12))) as double)
            / nullif(cast(sum(cast(people as decimal(38, 12))) as double), 0) as mean_position,
        cast(sum(cast(events as decimal(38, 12))) as double)
            / nullif(cast(sum(cast(people as decimal(38, 12))) as double), 0) as mean_rate
    from steps
    group by {groups}
),
sums as (
    select
        {", ".join(f"means.{g}" for g in by)}, step_count, empty_steps, mean_position, mean_rate,
        cast(sum(cast(people * (position - mean_position) * (position - mean_position) as decimal(38, 12))) as double)
            as spread,
        cast(sum(cast(people * (position - mean_position) * step_rate as decimal(38, 12))) as double) as together,
        cast(sum(cast(events * (position - mean_position) * (position - mean_position) as decimal(38, 12))) as double)
            as noise
    from steps
    join means on {same}
    group by {", ".join(f"means.{g}" for g in by)}, step_count, empty_steps, mean_position, mean_rate
),
lines as (
    select
        {groups},
        case when step_count >= 3 and empty_steps = 0 then together / nullif(spread, 0) end as gradient,
        sqrt(noise) / nullif(spread, 0) as standard_error, mean_position, mean_rate
    from sums
)
select
    {groups}, {per} * gradient as slope_index,
    {per} * (gradient - {Z95} * standard_error) as slope_low,
    {per} * (gradient + {Z95} * standard_error) as slope_high,
    case when mean_rate - gradient * mean_position > 0
        then (mean_rate + gradient * (1 - mean_position)) / (mean_rate - gradient * mean_position) end as relative_index
from lines"""
