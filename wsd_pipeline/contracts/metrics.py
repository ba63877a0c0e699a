"""What a mart of metrics declares: its metrics, from which its columns, its families and its SQL are made.

    CHILDREN = metric_mart(
        "mart.children", grain=…, description=…, version="2026.1", sources=("person.children_health",),
        metrics=(
            Metric(id="looked_after_children", words="children looked after ÷ children under 18", unit="per_10000",
                   feeds=("csc__looked_after",), by=("locality",), population="people_0_17", period="snapshot"),
        ),
    )

Each source is a person-layer table of `person_id, metric_id, numerator, denominator` (`measured`). How the figures come
about is `wsd_pipeline.metrics`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from wsd_pipeline.contracts.checks import Between, Matches, OneOf
from wsd_pipeline.contracts.core import Column, Privacy, Published, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.measures import Counts, MartTable, bound, count, percent, ratio
from wsd_pipeline.contracts.people import about

METRIC_ID = "[a-z][a-z0-9]*(_[a-z0-9]+)+"
OWN = "own"
UNITS: Mapping[str, int | None] = {
    "percent": 100, "per_100": 100, "per_1000": 1000, "per_10000": 10_000, "per_100000": 100_000, "count": None,
}  # fmt: skip
"""What a unit multiplies numerator by denominator with; a count has no denominator.

percent is a part of those asked about; per_100 people for a hundred others, of whom they are no part. A sum of days or
pounds is no unit here: it is not protected as a count of people is.
"""
METHODS: Mapping[str, str] = {
    "percent": "wilson", "per_1000": "byar", "per_10000": "byar", "per_100000": "byar",
}  # fmt: skip
"""Method of the 95 % interval of each unit; none of the others."""
PERIODS: Mapping[str, str] = {
    "twelve_months": "year_start($snapshot_date)",
    "snapshot": "$snapshot_date",
    "last_autumn": "last_autumn($snapshot_date)",
    "five_years": "cast(date_trunc('month', $snapshot_date) - interval 59 month as date)",
}
"""SQL of the first day of each period."""
POPULATIONS: Mapping[str, tuple[int, int, str]] = {
    "people": (0, 130, "all"),
    "people_0_9": (0, 9, "all"),
    "people_0_15": (0, 15, "all"),
    "people_0_17": (0, 17, "all"),
    "people_0_18": (0, 18, "all"),
    "people_19_plus": (19, 130, "all"),
    "people_65_plus": (65, 130, "all"),
    "women_15_44": (15, 44, "female"),
}
"""Groups of eligible people that a metric may divide by: first and last age, sex. Of `people` nobody is left out."""
DIMENSIONS: Mapping[str, str] = {
    "locality": "person.demographics",
    "ward_code": "person.demographics",
    "ethnicity_group": "person.demographics",
    "imd_quintile": "person.demographics",
    "need_segment": "segment.need",
    "tenure": "person.circumstances",
    "household_composition": "person.circumstances",
    "overcrowding": "person.circumstances",
    "household_income": "person.circumstances",
    "free_school_meals": "person.circumstances",
    "special_needs": "person.circumstances",
    "primary_need": "person.circumstances",
    "damp_complaints": "person.circumstances",
    "smoking_at_home": "person.home_smoking",
    "pcn_code": "person.demographics",
    "age_band": "person.demographics",
    "disability": "person.access_groups",
    "interpreter_need": "person.access_groups",
    "main_language": "person.access_groups",
}
"""What figures may be broken down by: a column, of the table of one row a person that has it. Nothing is unknown."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric: what it counts, and how it is given.

    `population` is own where the source gives the denominator, else a group of `POPULATIONS`. `by` are dimensions; the
    figure of all is always given. `among` names the people asked about where several metrics of any mart ask the same
    ones: their denominators are then one number to the attacker. `part` names the part of them that the numerator is,
    where the metrics of the parts add up to all of them; `all_of` that it is everybody another metric asks. `is_shared` says that another mart publishes the metric too,
    broken down otherwise. `has_interval` is false where no method of an interval fits.
    """

    id: str
    words: str
    unit: str
    feeds: tuple[str, ...]
    by: tuple[str, ...] = ("locality",)
    population: str = OWN
    period: str = "twelve_months"
    among: str = ""
    part: str = ""
    all_of: str = ""
    is_shared: bool = False
    has_interval: bool = True

    def __post_init__(self) -> None:
        known = ((self.unit, UNITS), (self.population, (OWN, *POPULATIONS)), (self.period, PERIODS))
        if any(value not in allowed for value, allowed in known) or not set(self.by) <= set(DIMENSIONS):
            raise ValueError(f"{self.id}: a unit, population, period or dimension that is not known")
        if not self.feeds:
            raise ValueError(f"{self.id}: a metric names the feeds it rests on")
        if self.part and (not self.among or self.all_of or self.is_shared):
            raise ValueError(f"{self.id}: a part is of those among whom it is asked, and nothing else")
        if self.unit == "count" and self.population != OWN:
            raise ValueError(f"{self.id}: a count is divided by nobody")

    @property
    def per(self) -> int | None:
        """What numerator by denominator is multiplied with; None where the numerator is the figure."""
        return UNITS[self.unit]

    @property
    def method(self) -> str:
        """Method of its 95 % interval, or none."""
        return METHODS.get(self.unit, "none") if self.has_interval else "none"


@dataclass(frozen=True, kw_only=True)
class MetricMart(MartTable):
    """A mart of metrics, counted in `sources`. Raise `version` with every change of a metric.

    `compared` has, for a dimension, the group that its others are set beside.
    """

    metrics: tuple[Metric, ...] = ()
    sources: tuple[str, ...] = ()
    version: str = ""
    compared: Mapping[str, str] = field(default_factory=dict)


def measured(key: str, what: str) -> Table:
    """The contract of a source: what each person adds to the metrics that it counts."""
    return Table(
        key=key,
        grain=f"person and metric of {what}",
        description=f"What each person adds to the metrics of {what}. A metric that divides by a group of the population has no denominator here.",
        unique_key=("person_id", "metric_id"),
        minimum_rows=0,
        columns=(
            PERSON_ID,
            about("metric_id", "VARCHAR", "The metric.", Privacy.SENSITIVE, Matches(pattern=METRIC_ID, means="the id of a metric"), required=True),
            about("numerator", "INTEGER", "What the person adds to the numerator.", Privacy.SENSITIVE, Between(low=0), required=True),
            about("denominator", "INTEGER", "What the person adds to the denominator.", Privacy.SENSITIVE, Between(low=0), required=True),
        ),
    )  # fmt: skip


def metric_mart(
    key: str,
    *,
    grain: str,
    description: str,
    version: str,
    sources: tuple[str, ...],
    metrics: tuple[Metric, ...],
    compared: Mapping[str, str] | None = None,
) -> MetricMart:
    """The contract of a mart of metrics. ValueError where an id stands twice, or a dimension compared is not used."""
    ids = [m.id for m in metrics]
    if len(set(ids)) != len(ids):
        raise ValueError(f"{key}: a metric stands twice")
    used = tuple(d for d in DIMENSIONS if any(d in m.by for m in metrics))
    compared = compared or {}
    if not set(compared) <= set(used):
        raise ValueError(f"{key}: a dimension is compared that is not used")
    counts = {"numerator_count": numerators(key, metrics), "denominator_count": denominators(key, metrics)}
    words = " ".join(f"{m.id}: {m.words}." for m in metrics)
    return MetricMart(
        key=key, grain=grain, description=description, version=version, sources=sources, metrics=metrics,
        compared=compared,
        unique_key=("snapshot_month", "metric_id", "dimension", "dimension_value"),
        columns=(
            _text("snapshot_month", "Month of the snapshot, YYYY-MM.", Matches(pattern="20[0-9]{2}-[01][0-9]", means="a month, YYYY-MM")),
            _text("metric_id", words, OneOf(values=tuple(ids))),
            _text("dimension", "What the figure is broken down by; all where it is not.", OneOf(values=("all", *used))),
            Column(name="dimension_value", type="VARCHAR", description="The place or group; all where not broken down.", privacy=Privacy.QUASI, required=True),
            _text("base", "What it divides by: own, counted with the numerator; or a group of the population.", OneOf(values=(OWN, *POPULATIONS))),
            _text("population_basis", "Whom it is of."),
            Column(name="period_start", type="DATE", description="First day of the period; the snapshot for what stands on it.", privacy=Privacy.NONE, required=True),
            Column(name="period_end", type="DATE", description="Last day of it.", privacy=Privacy.NONE, required=True),
            _text("value_unit", "Unit of the value: percent of those asked about, per_100 others, per_1000 and so on; of a count the numerator is the figure.", OneOf(values=tuple(UNITS))),
            Column(name="value_per", type="INTEGER", description="What numerator by denominator is multiplied with; null of a count.", privacy=Privacy.NONE),
            _text("ci_method", "Method of the 95 % interval: wilson, byar or none.", OneOf(values=("wilson", "byar", "none"))),
            *count("numerator_count", "People or events counted; x where a feed is missing or stale."),
            *count("denominator_count", "People or events asked about; of a count there are none."),
            *by_row(percent("value", "The figure, in `value_unit`, from the protected counts; z where there is nobody, or of a count.", "numerator_count", "denominator_count")),
            *by_row(bound("ci_low", "Lower bound of the 95 % interval; z where there is none.", "lower", "wilson", "numerator_count", "denominator_count")),
            *by_row(bound("ci_high", "Upper bound of the 95 % interval; z where there is none.", "upper", "wilson", "numerator_count", "denominator_count")),
            *(_compared(compared) if compared else ()),
            Column(name="is_provisional", type="BOOLEAN", description="Late records may still change it: it counts what happened in a period.", privacy=Privacy.NONE, required=True),
            _text("source_feeds", "Feeds it rests on."),
            _text("rule_version", "Version of the mart's metrics."),
        ),
        counts={**counts, **(reference_counts(counts, compared) if compared else {})},
    )  # fmt: skip


def _compared(compared: Mapping[str, str]) -> tuple[Column, ...]:
    """The two counts of the group compared with, and the ratio."""
    groups = ", ".join(f"{value} of {dimension}" for dimension, value in compared.items())
    of = ("numerator_count", "denominator_count", "reference_numerator_count", "reference_denominator_count")
    return (
        *count(of[2], f"The numerator of the group compared with ({groups}); x where there is none."),
        *count(of[3], "Its denominator."),
        *ratio("ratio_to_reference", "The group's figure by that of the group compared with: 1 where they are alike.", *of),
    )  # fmt: skip


def reference_counts(
    counts: Mapping[str, tuple[Counts, ...]], compared: Mapping[str, str]
) -> Mapping[str, tuple[Counts, ...]]:
    """The counts of the groups compared with: the same numbers as in their own rows."""
    return {
        f"reference_{name}": tuple(
            replace(c, named=(), fixed={dimension: value}, where=f"{c.where} and dimension = '{dimension}'")
            for c in made
            for dimension, value in compared.items()
        )
        for name, made in counts.items()
    }


def _text(name: str, description: str, *checks: Matches | OneOf) -> Column:
    return Column(name=name, type="VARCHAR", description=description, privacy=Privacy.NONE, required=True, checks=checks)  # fmt: skip


def by_row(made: tuple[Published, Column]) -> tuple[Published, Column]:
    """The measure with the base and the method that each row names."""
    method = "ci_method" if made[0].side else ""
    return replace(made[0], type="DECIMAL(14,1)", per_column="value_per", method_column=method, method=""), made[1]


NAMED = (("dimension", "dimension_value"),)


def is_of(ids: Iterable[str]) -> str:
    """SQL that is true in the rows of these metrics."""
    return "metric_id in (" + ", ".join(f"'{name}'" for name in ids) + ")"


def shared(metric_id: str, what: str) -> Counts:
    """The numerators (or denominators) of a metric that several marts publish: one number in all of them."""
    return Counts(family=f"{metric_id} {what}", named=NAMED, where=is_of((metric_id,)))


def population(base: str, where: str) -> Counts:
    """The people of a group that metrics divide by: one number wherever it stands."""
    return Counts(family=base.replace("_", " "), named=NAMED, where=where)


def among(name: str, *ids: str, fixed: Mapping[str, str] | None = None) -> Counts:
    """The people whom metrics ask about, or a part of them."""
    return Counts(family=f"among {name}", named=NAMED, fixed=fixed or {}, where=is_of(ids))


def numerators(key: str, metrics: tuple[Metric, ...]) -> tuple[Counts, ...]:
    """What the numerators count: a family of metrics is broken down alike throughout, so there is one for each way."""
    parts = (among(m.among, m.id, fixed={"part": m.part}) for m in metrics if m.part)
    whole = (among(m.all_of, m.id) for m in metrics if m.all_of)
    own = (shared(m.id, "numerators") for m in metrics if m.is_shared)
    rest = tuple(m for m in metrics if not (m.is_shared or m.part or m.all_of))
    return (*parts, *whole, *own, *_alike(f"{key} numerators", rest))


def denominators(key: str, metrics: tuple[Metric, ...]) -> tuple[Counts, ...]:
    """What the denominators count: groups of the population, people named by `among`, or a metric's own."""
    bases = _by_name((m.population, m.id) for m in metrics if m.population != OWN)
    named = _by_name((m.among, m.id) for m in metrics if m.population == OWN and m.among)
    rest = tuple(m for m in metrics if m.population == OWN and not m.among)
    return (
        *(population(base, is_of(ids)) for base, ids in bases.items()),
        *(among(name, *ids) for name, ids in named.items()),
        *(shared(m.id, "denominators") for m in rest if m.is_shared),
        *_alike(f"{key} denominators", tuple(m for m in rest if not m.is_shared)),
    )


def _alike(family: str, metrics: tuple[Metric, ...]) -> tuple[Counts, ...]:
    ways = _by_name((" and ".join(sorted(m.by)), m.id) for m in metrics)
    return tuple(
        Counts(family=f"{family} by {way}", named=NAMED, apart=("metric_id",), where=is_of(ids))
        for way, ids in ways.items()
    )


def _by_name(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, metric_id in pairs:
        found.setdefault(name, []).append(metric_id)
    return found
