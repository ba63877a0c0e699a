"""What is published of each metric of the outcomes framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wsd_pipeline.contracts.checks import Matches, OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.measures import Counts, MartTable, bound, count, percent, standardised
from wsd_pipeline.contracts.metrics import METRIC_ID, NAMED, POPULATIONS, among, by_row, is_of, population, shared


def _text(name: str, description: str, *checks: Matches | OneOf, required: bool = True) -> Column:
    return Column(name=name, type="VARCHAR", description=description, privacy=Privacy.NONE, required=required, checks=checks)  # fmt: skip


def _given(name: str, description: str, type: str = "DECIMAL(14,3)") -> Column:
    return Column(name=name, type=type, description=description, privacy=Privacy.NONE)


WIDE = ("ld_health_check", "mental_health_access", "outpatient_dna", "smi_physical_check")
"""Metrics that are given by ethnic group and deprivation too. A family of counts is broken down alike throughout."""


SUMMED = ("no2_population_weighted", "pm25_population_weighted")
"""Metrics whose numerator is a sum of fractions, rounded for each place: those of places do not add up to that of all."""
EXPECTED = ("dementia_diagnosis", "depression_recorded_share")
"""Metrics whose denominator is."""


_YEAR_6 = "children measured in Year 6"
SHARED: Mapping[str, str] = {
    "asthma_admissions_under_19": "", "ehcp_within_20_weeks": "", "looked_after_children": "", "low_income_children": "",
    "obesity_reception": "", "obesity_year_6": _YEAR_6, "excess_weight_year_6": _YEAR_6,
    "discharge_usual_place": "", "larc_per_1000": "", "nhs_health_checks": "", "non_elective_admissions": "",
    "outpatient_dna": "", "readmissions_30_days": "", "reablement_91_days": "", "reablement_91_days_all_year": "",
    "residential_admissions_65": "",
}  # fmt: skip
"""Metrics that a mart of metrics publishes too, broken down otherwise: each is a family of its own; the family of its
denominators where several have the same."""


def _counts(family: str, fractions: tuple[str, ...], where: str = "true") -> tuple[Counts, ...]:
    """Counts of the metrics that are given by locality alone, of those given by group too, and of rounded fractions."""
    wide, rounded = is_of(WIDE), is_of(fractions)
    alone = f"{where} and not {is_of(SHARED)}" if SHARED else where
    return (
        Counts(family=family, named=NAMED, apart=("metric_id",), where=f"{alone} and not {wide} and not {rounded}"),
        Counts(family=f"{family} by group", named=NAMED, apart=("metric_id",), where=f"{alone} and {wide}"),
        Counts(
            family=f"{family} of fractions", apart=("metric_id", "dimension", "dimension_value"), where=f"{where} and {rounded}"
        ),
        *_of_several(family.split()[-1], where),
    )  # fmt: skip


def _of_several(what: str, where: str) -> tuple[Counts, ...]:
    """Counts of the metrics that other marts publish too."""
    found = (
        among(asked, metric) if asked and what == "denominators" else shared(metric, what) for metric, asked in SHARED.items()
    )  # fmt: skip
    return tuple(replace(counts, where=f"{where} and {counts.where}") for counts in found)


OUTCOMES = MartTable(
    key="mart.outcomes_istatement",
    grain="metric of the outcomes framework and place or group it is given for",
    description="Every metric of the seventeen I-statements: counted from linked records under disclosure control, carried through from a published survey, or said to have no measure yet; with its target and comparators beside it.",
    unique_key=("snapshot_month", "metric_id", "base", "dimension", "dimension_value"),
    columns=(
        _text("snapshot_month", "Month of the snapshot, YYYY-MM.", Matches(pattern="20[0-9]{2}-[01][0-9]", means="a month, YYYY-MM")),
        _text("metric_id", "Metric, of outcomes.yaml, which has its formula in words.", Matches(pattern=METRIC_ID, means="the id of a metric")),
        _text("base", "What it divides by: own, counted with the numerator; or a group of the population."),
        _text("dimension", "What the figure is broken down by; all where it is not.", OneOf(values=("all", "locality", "ethnicity_group", "imd_quintile"))),
        Column(name="dimension_value", type="VARCHAR", description="The locality, ethnic group or deprivation quintile; all where not broken down.", privacy=Privacy.QUASI, required=True),
        _text("istatement_id", "The I-statement, I01 to I17.", Matches(pattern="I(0[1-9]|1[0-7])", means="I01 to I17")),
        _text("domain", "Domain of the framework."),
        _text("programme", "Programme of the Local Delivery Board."),
        _text("kind", "linked, area, survey or none.", OneOf(values=("linked", "area", "survey", "none"))),
        _text("coverage", "measured, proxy, or no_measure_yet.", OneOf(values=("measured", "proxy", "no_measure_yet"))),
        _text("geo_type", "local_authority or locality.", OneOf(values=("local_authority", "locality"))),
        _text("geo_code", "Code of the council, or the locality."),
        _given("period_start", "First day of the period of a counted metric.", "DATE"),
        _given("period_end", "Last day of it: the snapshot, but for the 91 days after an autumn.", "DATE"),
        _text("population_basis", "Whom counted metrics are of."),
        _text("value_unit", "Unit of the value."),
        _given("value_per", "What numerator by denominator is multiplied with; null where the numerator is the figure.", "INTEGER"),
        _text("ci_method", "Method of the 95 % interval: wilson, byar, dsr or none.", OneOf(values=("wilson", "byar", "dsr", "none"))),
        *count("numerator_count", "People or events counted; micrograms a cubic metre times residents of air. Null, x, where a feed is missing, or for a survey."),
        *count("denominator_count", "What it is divided by; rounded expected numbers of dementia_diagnosis and depression_recorded_share."),
        *by_row(percent("value", "The figure, in `value_unit`, from the protected counts; z where there is nobody, or the numerator is the figure.", "numerator_count", "denominator_count")),
        *by_row(bound("ci_low", "Lower bound of the 95 % interval; z where there is none.", "lower", "wilson", "numerator_count", "denominator_count")),
        *by_row(bound("ci_high", "Upper bound of the 95 % interval; z where there is none.", "upper", "wilson", "numerator_count", "denominator_count")),
        _text("wave", "Wave of the survey, the latest by the snapshot.", required=False),
        _given("publisher_value", "The borough's figure as the survey's publisher gives it."),
        _given("publisher_low", "Its lower 95 % limit."),
        _given("publisher_high", "Its upper 95 % limit."),
        _given("publisher_base_count", "Number who gave a valid answer.", "INTEGER"),
        _given("target_value", "What the partnership aims at, for the borough."),
        _text("target_kind", "plan, target or ambition: the first of them that stands.", OneOf(values=("plan", "target", "ambition")), required=False),
        _given("london_value", "London's latest figure by the snapshot."),
        _given("england_value", "England's latest figure by the snapshot."),
        Column(name="has_series_break", type="BOOLEAN", description="A new series began in the period or with the wave: no trend runs across it.", privacy=Privacy.NONE, required=True),
        Column(name="is_provisional", type="BOOLEAN", description="Late records may still change it.", privacy=Privacy.NONE, required=True),
        _text("source_feeds", "Feeds it rests on, or survey and question."),
        _text("rule_version", "Version of outcomes.yaml."),
    ),
    counts={
        "numerator_count": _counts("outcome numerators", SUMMED),
        "denominator_count": (
            *_counts("outcome denominators", EXPECTED, "base = 'own'"),
            *(population(base, f"base = '{base}'") for base in POPULATIONS),
        ),
    },
)  # fmt: skip

STANDARD_BANDS = (
    5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000,
)  # fmt: skip
"""The European standard population of 2013, 0 to 4, 5 to 9 … 90 and over, as in `reference.european_standard_population`."""
_WEIGHTS = tuple(float(n) for n in STANDARD_BANDS)
_STRATA = tuple(name for i in range(1, 20) for name in (f"events_{i}", f"people_{i}"))


def _dobson(name: str, side: str) -> tuple[Column, ...]:
    words = f"{'Lower' if side == 'lower' else 'Upper'} bound of its 95 % interval (Dobson, about Byar's)."
    return bound(name, words, side, "dobson", *_STRATA, per=100_000, weights=_WEIGHTS)


STANDARDISED = MartTable(
    key="mart.outcomes_standardised",
    grain="metric that is standardised for age, and place it is given for",
    description="Rates of admission as they would be in the European standard population of 2013, so that the young borough can be set beside others: avoidable admissions of adults, falls at 65 and over, assault and self-harm. The national indicator of avoidable admissions is standardised indirectly; this one is not.",
    unique_key=("snapshot_month", "metric_id", "dimension", "dimension_value"),
    minimum_rows=0,
    columns=(
        OUTCOMES.column("snapshot_month"),
        OUTCOMES.column("metric_id"),
        _text("dimension", "all, or locality.", OneOf(values=("all", "locality"))),
        OUTCOMES.column("dimension_value"),
        *count("numerator_count", "Admissions of the twelve months; x where the feed is missing."),
        *standardised("value_per_100000", "Admissions for 100,000 people of those ages, directly standardised over five-year bands.", _WEIGHTS, *_STRATA),
        *_dobson("ci_low_per_100000", "lower"),
        *_dobson("ci_high_per_100000", "upper"),
    ),
    counts={
        "numerator_count": (
            Counts(family="outcome numerators", named=(("dimension", "dimension_value"),), apart=("metric_id",)),
        ),
    },
)  # fmt: skip

TABLES = (OUTCOMES, STANDARDISED)
