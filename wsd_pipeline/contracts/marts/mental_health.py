"""Marts of mental health: need recorded against expected, contact by group, and the gap in mortality."""

from __future__ import annotations

from dataclasses import replace

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.marts.conditions import MONTH, text
from wsd_pipeline.contracts.measures import Counts, MartTable, bound, count, percent, ratio, standardised

MEASURES = (
    "crisis_route", "dementia", "depression", "detained", "on_cpa", "seen_of_recorded", "serious_mental_illness", "treated",
)  # fmt: skip
_COUNTS = ("numerator_count", "denominator_count")
_BRITISH = ("white_british_numerator_count", "white_british_denominator_count")


def _family(name: str) -> tuple[Counts, ...]:
    return (Counts(family=name, named=(("dimension", "dimension_value"),), apart=("measure",)),)


EXPECTED = ("dementia", "depression", "serious_mental_illness")
"""Measures whose denominator is expected by rates: rounded for each group, those of groups do not add up to that of all."""
_IS_EXPECTED = f"measure in ({', '.join(repr(name) for name in EXPECTED)})"


def _denominators() -> tuple[Counts, ...]:
    apart = ("measure", "dimension", "dimension_value")
    return (
        Counts(family="mental health denominators", named=(("dimension", "dimension_value"),), apart=("measure",), where=f"not {_IS_EXPECTED}"),
        Counts(family="mental health expected", apart=apart, where=_IS_EXPECTED),
    )  # fmt: skip


def _british(name: str) -> tuple[Counts, ...]:
    """The group others are compared with: the same number as in its own row."""
    fixed = {"ethnicity_group": "White British"}
    return (Counts(family=name, apart=("measure",), fixed=fixed, where="dimension = 'ethnicity_group'"),)


def _limit(side: str) -> tuple[Column, ...]:
    words = "Lower" if side == "lower" else "Upper"
    made, status = bound(
        f"value_{'low' if side == 'lower' else 'high'}_pct",
        f"{words} bound of its 95 % Wilson interval; z where the denominator is expected, or is not of the same people.",
        side,
        "wilson",
        *_COUNTS,
    )
    return replace(made, method="", method_column="ci_method"), status


MENTAL_HEALTH = MartTable(
    key="mart.mental_health",
    grain="measure of mental health and place or group",
    description="Need recorded against need expected, who is seen, and by which route, by locality and ethnic group. Depression is set against common mental disorder, of which it is a part: a share, not a diagnosis rate.",
    unique_key=("snapshot_month", "measure", "dimension", "dimension_value"),
    columns=(
        MONTH,
        text("measure", "depression: adults on the register, of those expected to have a common mental disorder (APMS 2014). dementia: people of 65 or over on the register, of those expected to have dementia (CFAS II). serious_mental_illness: people on the register, of those there would be at England's rate. seen_of_recorded: adults seen by specialist services or talking therapies in twelve months, for those with depression recorded. treated: of adults with depression recorded, those so seen. detained: adults detained in twelve months, of all adults. on_cpa: of people in the care of a specialist team, those on the care programme approach. crisis_route: of people referred in twelve months, those referred to a crisis or liaison team.", OneOf(values=MEASURES)),
        text("dimension", "What it is broken down by; all where it is not.", OneOf(values=("all", "locality", "ethnicity_group"))),
        text("dimension_value", "The locality or ethnic group; all where not broken down.", privacy=Privacy.QUASI),
        text("ci_method", "wilson, or none.", OneOf(values=("wilson", "none"))),
        *count("numerator_count", "People of whom it is true; x where a feed is missing."),
        *count("denominator_count", "People asked about, or expected."),
        *percent("value_pct", "Numerator of denominator, in per cent, from the protected counts; of seen_of_recorded it may be above 100.", *_COUNTS),
        *_limit("lower"),
        *_limit("upper"),
        *count("white_british_numerator_count", "The numerator of the group compared with; only by ethnic group."),
        *count("white_british_denominator_count", "Its denominator."),
        *ratio("ratio_to_white_british", "The group's figure by that of White British people: 1 where they are alike. Not standardised for age.", *_COUNTS, *_BRITISH),
    ),
    counts={
        "numerator_count": _family("mental health numerators"),
        "denominator_count": _denominators(),
        "white_british_numerator_count": _british("mental health numerators"),
        "white_british_denominator_count": _british("mental health compared with"),
    },
)  # fmt: skip

AGE_GROUPS = ("18-34", "35-44", "45-54", "55-64", "65-74")
WEIGHTS = (20_700.0, 14_000.0, 14_000.0, 12_500.0, 10_500.0)
"""People of those ages in the European standard population of 2013; of 15 to 19 two years in five."""
_STRATA = tuple(name for i in range(1, 6) for name in (f"events_{i}", f"people_{i}"))


def _dobson(name: str, side: str) -> tuple[Column, ...]:
    words = "Lower" if side == "lower" else "Upper"
    return bound(
        name, f"{words} bound of its 95 % interval (Dobson).", side, "dobson", *_STRATA, per=100_000, weights=WEIGHTS
    )


SMI_MORTALITY = MartTable(
    key="mart.smi_mortality",
    grain="group of adults, with and without serious mental illness",
    description="Deaths at 18 to 74 of people with serious mental illness beside everybody else's, standardised for age, pooled over five years or as long as the registers reach. Nothing is said with fewer than sixty deaths in either group. It is of everyone on a practice's records, not of those in contact with services only (PHOF E09), and no life expectancy.",
    unique_key=("snapshot_month", "patient_group"),
    minimum_rows=0,
    columns=(
        MONTH,
        text("patient_group", "serious_mental_illness, or others.", OneOf(values=("serious_mental_illness", "others"))),
        Column(name="withheld_reason", type="VARCHAR", description="Why nothing is said; empty where it is.", privacy=Privacy.NONE, required=True),
        *count("death_count", "Deaths at 18 to 74."),
        *count("person_count", "People of 18 to 74 alive, or who died at those ages."),
        *standardised("deaths_per_100000", "Deaths for 100,000 people over the period, weighted to the European standard population of 2013.", WEIGHTS, *_STRATA),
        *_dobson("deaths_low_per_100000", "lower"),
        *_dobson("deaths_high_per_100000", "upper"),
    ),
)  # fmt: skip

TABLES = (MENTAL_HEALTH, SMI_MORTALITY)
