"""What belongs in a mart's contract beside its columns: what each count counts, and shorthands for measures.

    mart = MartTable(
        key="mart.long_term_conditions", ...,
        unique_key=("snapshot_month", "condition", "locality", "age_band"),
        columns=(..., *count("patient_count", "People on the register."), *count("base_count", "People asked about."),
                 *percent("patient_pct", "Of those asked about, 0–100.", "patient_count", "base_count"),
                 *bound("patient_low_pct", "Lower bound.", "lower", "wilson", "patient_count", "base_count")),
        counts={
            "patient_count": (Counts(family="patients", dimensions=("locality", "age_band"), apart=("condition",)),),
            "base_count": (Counts(family="people", dimensions=("locality", "age_band")),),
        },
    )

From `counts` the attacker knows which cells of which marts are one number, and which add up to which. A mart that
says nothing is attacked by itself, with every key column a dimension that adds up to its `all` rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Column, Measure, Privacy, Published, Table


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a count of a mart counts, in the rows where `where` (SQL over its key columns) is true; None: in all.

    A cell of a `family` ("people", "emergency admissions") is a value, or all, of each of the family's dimensions;
    two counts of the same cell are one number, in every mart. `dimensions` are key columns that divide the family,
    each under its own name or that of `rename`. `named` pairs a key column that names a dimension with the one that
    holds its value (measure, category). Nothing adds up over a key column of `apart`: each of its values counts
    something else. `fixed` are dimensions, and their value, that every row of the mart is limited to. A key column in
    none of these (the month, the name of the breakdown) only labels the row.

    `before` are key columns that hold a dimension as it was a month earlier, and that dimension: counts of people who
    moved tie this month's cells of the family `across` to those published last month.
    """

    family: str
    dimensions: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    named: tuple[tuple[str, str], ...] = ()
    apart: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    where: str | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    across: str | None = None


@dataclass(frozen=True, kw_only=True)
class MartTable(Table):
    """A mart: what is published, and by `counts` what each of its COUNT columns counts."""

    counts: Mapping[str, tuple[Counts, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        kinds = (Measure.COUNT, Measure.MONEY)
        names = {c.name for c in self.columns if isinstance(c, Published) and c.measure in kinds}
        if unknown := sorted(set(self.counts) - names):
            raise ValueError(f"{self.key}: counts of no COUNT or MONEY column: {unknown}")
        for made in self.counts.values():
            for each in made:
                used = {*each.dimensions, *each.apart, *each.before, *(c for pair in each.named for c in pair)}
                if strange := sorted(used - set(self.unique_key)):
                    raise ValueError(f"{self.key}: counts by columns that are not of its key: {strange}")


def status(name: str) -> Column:
    """The column that says why a measure is empty."""
    return Column(
        name=f"{name}_status",
        type="VARCHAR",
        description=f"Why `{name}` is empty: c confidential, x not available, z not applicable; else empty.",
        privacy=Privacy.NONE,
        required=True,
        checks=(OneOf(values=("", "c", "x", "z")),),
    )


def _measure(
    name: str,
    description: str,
    kind: Measure,
    type_: str,
    *,
    of: tuple[str, ...] = (),
    per: int = 100,
    method: str = "",
    side: str = "",
    weights: tuple[float, ...] = (),
    decimals: int | None = None,
) -> tuple[Published, Column]:
    published = Published(
        name=name, type=type_, description=description, privacy=Privacy.NONE, measure=kind, status_column=f"{name}_status",
        of=of, per=per, method=method, side=side, weights=weights, decimals=decimals,
    )  # fmt: skip
    return published, status(name)


def count(name: str, description: str) -> tuple[Published, Column]:
    """People, records or events: 1 to 7 withheld, others to the nearest 5."""
    return _measure(name, description, Measure.COUNT, "BIGINT")


def percent(name: str, description: str, numerator: str, denominator: str) -> tuple[Published, Column]:
    """0–100, of two protected counts."""
    return _measure(name, description, Measure.PERCENT, "DECIMAL(8,1)", of=(numerator, denominator))


def rate(name: str, description: str, events: str, people: str, per: int = 1000) -> tuple[Published, Column]:
    """Events for `per` people, of two protected counts."""
    return _measure(name, description, Measure.RATE, "DECIMAL(12,1)", of=(events, people), per=per)


def money(
    name: str, description: str, people: str, largest: str, second: str | None = None
) -> tuple[Published, Column]:
    """Pounds to the nearest 1,000; `largest` and `second` are the model's columns of the largest contributions."""
    of = (people, largest) if second is None else (people, largest, second)
    return _measure(name, description, Measure.MONEY, "DECIMAL(18,2)", of=of)


def mean(name: str, description: str, total: str, number: str, decimals: int = 1) -> tuple[Published, Column]:
    """A sum of whole units (a column of the model) for each of a protected count."""
    return _measure(name, description, Measure.MEAN, "DECIMAL(12,2)", of=(total, number), decimals=decimals)


def fit(name: str, description: str, value: str, people: str, decimals: int = 1) -> tuple[Published, Column]:
    """What a model fitted to a protected count of people says of them all; `value` is a column of the model."""
    return _measure(name, description, Measure.FIT, "DECIMAL(12,2)", of=(value, people), decimals=decimals)


def bound(
    name: str,
    description: str,
    side: str,
    method: str,
    *of: str,
    per: int = 100,
    weights: tuple[float, ...] = (),
) -> tuple[Published, Column]:
    """A bound (lower, upper) of a 95 % interval: wilson of a percentage, byar of a rate, dobson of a standardised one."""
    return _measure(
        name, description, Measure.INTERVAL, "DECIMAL(12,1)", of=of, per=per, method=method, side=side, weights=weights
    )


def ratio(name: str, description: str, *of: str, decimals: int = 2) -> tuple[Published, Column]:
    """a / b, or (a / b) / (c / d), of protected counts."""
    return _measure(name, description, Measure.RATIO, "DECIMAL(12,2)", of=of, per=1, decimals=decimals)


def standardised(
    name: str, description: str, weights: tuple[float, ...], *of: str, per: int = 100_000
) -> tuple[Published, Column]:
    """A directly standardised rate of (events, people) for each stratum, from protected counts."""
    return _measure(name, description, Measure.STANDARDISED, "DECIMAL(12,1)", of=of, per=per, weights=weights)


def slope(name: str, description: str, method: str, *of: str, per: int = 100) -> tuple[Published, Column]:
    """The slope (sii) or relative slope (rii) index of (events, people) for each group, the most deprived first."""
    decimals = 2 if method == "rii" else 1
    return _measure(name, description, Measure.SLOPE, "DECIMAL(12,2)", of=of, per=per, method=method, decimals=decimals)
