"""Scenario demand: this month's rates by age group and sex on the residents whom a projection expects.

A rate is of protected counts, as a reader of them would work it out, so what is projected says no more of anybody than
they do. A stratum too small to have a rate takes that of both sexes, then of all under 65 or from 65, then of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from wsd_pipeline.disclosure import Policy

ORDER = ("projection_source", "year", "measure", "ward_code", "age_group", "sex")
ALL = "all"
EVERY_YEARS = 5
"""Of the years projected, the first and each so many after it are given."""

OLDER = ("65-74", "75-84", "85+")

Strata = Mapping[tuple[str, str], tuple[int, int]]
"""By age group and sex: events, people."""


def step(rows: pa.Table) -> pa.Table:
    """A row for each measure, year and place: residents expected, what they would need, and that in the first year."""
    import pyarrow as pa

    from wsd_pipeline.disclosure import load_policy

    given = rows.to_pylist()  # wards by years by strata: some tens of thousands, whatever the number of people
    first: dict[str, int] = {}
    for row in given:
        first[row["projection_source"]] = min(first.get(row["projection_source"], row["year"]), row["year"])
    kept = [row for row in given if (row["year"] - first[row["projection_source"]]) % EVERY_YEARS == 0]
    rates = _rates(kept, load_policy())
    residents: dict[tuple[Any, ...], Decimal] = {}
    demand: dict[tuple[Any, ...], Decimal | None] = {}
    for row in kept:
        rate = rates[row["measure"]][row["age_group"], row["sex"]]
        more = None if rate is None else rate * row["residents"]
        places = ((ALL, ALL), (row["locality"] or "unknown", ALL), (ALL, row["ward_code"]))
        for place in places:
            key = (row["projection_source"], row["year"], row["measure"], *place)
            residents[key] = residents.get(key, Decimal(0)) + row["residents"]
            so_far = demand.get(key, Decimal(0))
            demand[key] = None if so_far is None or more is None else so_far + more
    made = [
        {
            "snapshot_month": kept[0]["snapshot_month"], "projection_source": source, "year": year, "measure": measure,
            "locality": locality, "ward_code": ward,
            "resident_count": _whole(residents[source, year, measure, locality, ward]),
            "demand_count": _whole(demand[source, year, measure, locality, ward]),
            "first_year_count": _whole(demand.get((source, first[source], measure, locality, ward))),
        }
        for source, year, measure, locality, ward in demand
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=_schema())


def _rates(rows: list[Mapping[str, Any]], policy: Policy) -> dict[str, dict[tuple[str, str], Decimal | None]]:
    """By measure, the rate of each stratum that is projected; None where even all ages are too few, or not known."""
    strata: dict[str, dict[tuple[str, str], tuple[int, int]]] = {}
    for row in rows:
        counts = (int(row["event_count"] or 0), int(row["person_count"] or 0)) if row["is_supplied"] else (-1, 0)
        strata.setdefault(row["measure"], {})[row["age_group"], row["sex"]] = counts
    return {measure: {key: _rate(key, of, policy) for key in of} for measure, of in strata.items()}


def _rate(key: tuple[str, str], of: Strata, policy: Policy) -> Decimal | None:
    """The rate of a stratum, or of the smallest group around it that is large enough."""
    if of[key][0] < 0:
        return None
    both = [counts for (group, _), counts in of.items() if group == key[0]]
    alike = [counts for (group, _), counts in of.items() if (group in OLDER) == (key[0] in OLDER)]
    for counts in ([of[key]], both, alike, list(of.values())):
        events, people = (sum(c[i] for c in counts) for i in (0, 1))
        if people >= policy.minimum_denominator and not 1 <= events <= policy.threshold:
            return Decimal(_rounded(events, policy)) / _rounded(people, policy)
    return None


def _rounded(number: int, policy: Policy) -> int:
    """A count as it would be published."""
    return policy.base * ((number + policy.half) // policy.base)


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _schema() -> pa.Schema:
    import pyarrow as pa

    texts = [(n, pa.string()) for n in ("snapshot_month", "projection_source", "measure", "locality", "ward_code")]
    counts = [(n, pa.int64()) for n in ("year", "resident_count", "demand_count", "first_year_count")]
    return pa.schema([*texts, *counts])
