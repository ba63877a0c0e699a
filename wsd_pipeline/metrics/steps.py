"""Steps of a SELECT of metrics: who is asked, in which group, and what the person layer adds up to.

Every function gives the text of one or more common table expressions, as portable as the files in `sql/`. A metric is
anything with an id, its feeds and its breakdowns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.metrics import DIMENSIONS, PERIODS, POPULATIONS


class Counted(Protocol):
    """What the steps need of a metric."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def feeds(self) -> Sequence[str]:
        """The feeds it rests on."""


def values(rows: Iterable[str]) -> str:
    """The rows of a VALUES list."""
    return ",\n        ".join(f"({row})" for row in rows)


def union(arms: Iterable[str]) -> str:
    """SELECTs under one another, every row kept."""
    return "\n    union all\n    ".join(arms)


def feeds(metrics: Iterable[Counted]) -> str:
    """`unsupplied`: metrics that rest on a feed which was not supplied, or is stale."""
    rows = values(f"{literal(m.id)}, {literal(f)}" for m in metrics for f in m.feeds)
    return _FEEDS.format(rows=rows)


def breakdowns(by: Iterable[tuple[str, Iterable[str]]]) -> str:
    """`breakdowns`: each metric, and each dimension it is given by."""
    rows = values(f"{literal(metric)}, {literal(d)}" for metric, dimensions in by for d in dimensions)
    return _BREAKDOWNS.format(rows=rows)


def people(dimensions: Sequence[str]) -> str:
    """`people`: everybody who is or was somebody's this year, once for each dimension."""
    tables = sorted({DIMENSIONS[d] for d in dimensions if d != "all"} - {_EVERYBODY})
    return _PEOPLE.format(
        dimensions=values(literal(d) for d in dimensions),
        cases="\n            ".join(
            f"when dimension = {literal(d)} then {_value(d)}" for d in dimensions if d != "all"
        ),
        joins="".join(
            f"\n    left join {t} as {_alias(t)} on {_alias(t)}.person_id = persons.person_id" for t in tables
        ),
    )


def populations() -> str:
    """`populations`: eligible people of each group that metrics divide by."""
    rows = values(f"{literal(b)}, {low}, {high}, {literal(sex)}" for b, (low, high, sex) in POPULATIONS.items())
    return _POPULATIONS.format(rows=rows)


def counted(arms: Iterable[str]) -> str:
    """`counted`: what the rows of the arms add up to, for each metric and each group it is given by."""
    return _COUNTED.format(arms=union(arms))


def period_start() -> str:
    """SQL of the first day of the row's `period`."""
    cases = " ".join(f"when {literal(p)} then {sql}" for p, sql in PERIODS.items() if p != "twelve_months")
    return f"case period {cases} else {PERIODS['twelve_months']} end"


MEASURED = "select person_id, metric_id, numerator, denominator from {source}"
_EVERYBODY = "person.demographics"
_UNKNOWN: Mapping[str, str] = {
    "imd_quintile": "coalesce(cast(imd_quintile as varchar), 'unknown')",
    "pcn_code": "coalesce(pcn_code, 'none')",
    "ward_code": "coalesce(ward_code, locality)",  # outside, unknown or withheld: wards add up to localities
}
"""SQL of columns of `person.demographics` that may be empty."""


def _alias(table: str) -> str:
    return table.replace(".", "_")


def _value(dimension: str) -> str:
    table = DIMENSIONS[dimension]
    if table == _EVERYBODY:
        return _UNKNOWN.get(dimension, dimension)
    return f"coalesce({_alias(table)}.{dimension}, 'unknown')"


_FEEDS = """metric_feeds as (
    select metric_id, feed
    from (values
        {rows}
    ) as f (metric_id, feed)
),

-- what rests on a feed that was not supplied, or is stale, is not available
unsupplied as (
    select metric_id, count(*) as feed_count
    from metric_feeds
    left join reference.received_feeds as received on received.feed = metric_feeds.feed and not is_stale
    where received.feed is null
    group by metric_id
),"""
_BREAKDOWNS = """breakdowns as (
    select metric_id, dimension
    from (values
        {rows}
    ) as b (metric_id, dimension)
),"""
_PEOPLE = """people as (
    select
        persons.person_id, age_years, sex, is_eligible, dimension,
        case
            {cases}
            else 'all'
        end as dimension_value
    from person.demographics as persons
    cross join (values {dimensions}) as d (dimension){joins}
    where population_basis <> 'neither'
),"""
_POPULATIONS = """bases as (
    select base, first_age, last_age, sex
    from (values
        {rows}
    ) as b (base, first_age, last_age, sex)
),

populations as (
    select base, dimension, dimension_value, count(*) as person_count
    from people
    join bases
        on (age_years between first_age and last_age or base = 'people')
        and (bases.sex = 'all' or bases.sex = people.sex)
    where is_eligible
    group by base, dimension, dimension_value
),"""
_COUNTED = """measured as (
    {arms}
),

counted as (
    select
        measured.metric_id, people.dimension, dimension_value,
        sum(numerator) as numerator, sum(denominator) as denominator
    from measured
    join people on people.person_id = measured.person_id
    join breakdowns on breakdowns.metric_id = measured.metric_id and breakdowns.dimension = people.dimension
    group by measured.metric_id, people.dimension, dimension_value
),"""
