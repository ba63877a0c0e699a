"""The mart of projected demand: what this month's rates would make of the residents expected in later years."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.fields import LOCALITIES
from wsd_pipeline.contracts.marts.conditions import MONTH, text
from wsd_pipeline.contracts.measures import Counts, MartTable, count, rate, ratio

PROJECTED = (
    "bwgw", "complex", "emergency_admissions", "long_term_care", "long_term_condition", "lw", "pi", "two_or_more_conditions",
)  # fmt: skip
_LABELS = ("projection_source", "measure", "year", "locality", "ward_code")


def _expected(name: str) -> tuple[Counts, ...]:
    """What is expected is of rates and residents, rounded place by place: it adds up to nothing."""
    return (Counts(family=f"projection, {name}", apart=_LABELS),)


PROJECTION = MartTable(
    key="mart.projection",
    grain="source and year of a projection, measure and place",
    description="Scenario demand, not a forecast: what would be needed if people of each age and sex went on as in this month. Rates of the whole borough's residents by age group and sex, from protected counts, on the residents that a published projection expects; a stratum too small for a rate takes that of both sexes, then of everybody under 65 or from 65, then of all ages. The first year of the projection and each fifth after it. No interval: what is not known is the future.",
    unique_key=("snapshot_month", *_LABELS),
    minimum_rows=0,
    columns=(
        MONTH,
        text("projection_source", "Who projected the residents, and which variant."),
        text("measure", "bwgw, lw, pi: people of that lifecourse segment. complex: people with complex needs. long_term_condition, two_or_more_conditions: people with so many, of those counted. emergency_admissions: in a year. long_term_care: people with it.", OneOf(values=PROJECTED)),
        Column(name="year", type="INTEGER", description="Year whose residents are expected.", privacy=Privacy.NONE, required=True, checks=(Between(low=2011, high=2100),)),
        text("locality", "Locality; unknown for a ward in none; all where not broken down.", OneOf(values=("all", *LOCALITIES, "unknown"))),
        text("ward_code", "Ward; all where not broken down.", Matches(pattern="all|E05[0-9]{6}", means="a ward code, or all")),
        *count("resident_count", "Residents expected, to the nearest 5."),
        *count("demand_count", "People, or admissions, expected at this month's rates, to the nearest 5; x where the feed is missing, or there are too few for a rate."),
        *count("first_year_count", "The same in the first year of the projection."),
        *rate("demand_per_1000", "For 1,000 residents expected, from the protected counts.", "demand_count", "resident_count"),
        *ratio("growth_ratio", "Demand by that of the first year, from the protected counts: 1.2 is a fifth more.", "demand_count", "first_year_count"),
    ),
    counts={name: _expected(name) for name in ("resident_count", "demand_count", "first_year_count")},
)  # fmt: skip

TABLES = (PROJECTION,)
