"""Marts of money: what partners' budgets are for whom, and what explains the cost of care."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Matches, OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.landed.aggregates import ALLOCATION_BASES, PARTNERS, SERVICE_LINES
from wsd_pipeline.contracts.marts.conditions import MONTH, text
from wsd_pipeline.contracts.measures import Counts, MartTable, count, fit, mean, money
from wsd_pipeline.contracts.segment import LIFECOURSE_SEGMENTS, NEED_SEGMENTS

UNALLOCATED = "unallocated"
"""The residual: spent on people in no segment, who have died or are no longer here."""
_SEGMENTS = ("lifecourse_segment", "need_segment")
_RESIDUAL = f"'{UNALLOCATED}' in ({', '.join(_SEGMENTS)})"


def _segment(name: str, values: tuple[str, ...], words: str) -> Column:
    description = f"{words}; all for all of them, unallocated for what is spent on people in no segment."
    return text(name, description, OneOf(values=("all", *values, UNALLOCATED)), privacy=Privacy.QUASI)


def _amount(name: str, words: str) -> tuple[Column, ...]:
    largest = f"largest_{name}"
    return money(
        name, f"{words}, shared out to the penny, then to the nearest £1,000.", "person_count", largest, largest
    )


COST_BY_SEGMENT = MartTable(
    key="mart.cost_by_segment",
    grain="finance line, or all of them, and segment",
    description="Shadow budgets: each partner's line of the latest financial year shared over the segments, in proportion to what the activity of their people costs, else by heads. Every line is shared out to the penny: segments and unallocated add up to its control total, or nothing is published. A line shared by everybody's heads is given as a whole (its segments are x): each person has the same of it, and pounds would count people more exactly than their rounded number. It is in the segments of all lines.",
    unique_key=("snapshot_month", "finance_line", *_SEGMENTS),
    columns=(
        MONTH,
        text("finance_line", "Cost centre and service line of a partner; all for all lines together.", Matches(pattern="all|[A-Z][A-Za-z ]+ [A-Z]{2,5}[0-9]{2,6} [a-z_]+", means="a partner, a cost centre and a service line")),
        _segment("lifecourse_segment", LIFECOURSE_SEGMENTS, "Lifecourse segment"),
        _segment("need_segment", NEED_SEGMENTS, "Need segment"),
        Column(name="partner", type="VARCHAR", description="Whose money it is; null for all lines.", privacy=Privacy.NONE, checks=(OneOf(values=PARTNERS),)),
        Column(name="service_line", type="VARCHAR", description="What it is spent on; null for all lines.", privacy=Privacy.NONE, checks=(OneOf(values=SERVICE_LINES),)),
        Column(name="cost_centre_code", type="VARCHAR", description="The partner's cost centre; null for all lines.", privacy=Privacy.NONE),
        Column(name="financial_year", type="VARCHAR", description="Financial year of the budget, the latest supplied; null where none is.", privacy=Privacy.NONE),
        Column(name="is_pooled_bcf", type="BOOLEAN", description="Part of the Better Care Fund's pool; null for all lines.", privacy=Privacy.NONE),
        Column(name="allocation_basis", type="VARCHAR", description="How it was shared: direct_activity, by what the activity of twelve months costs; capitation, by the heads of the line's own segment, or of everybody; segment_share, the same where the line says so. Direct activity that is not held becomes capitation. Null for all lines.", privacy=Privacy.NONE, checks=(OneOf(values=ALLOCATION_BASES),)),
        *count("person_count", "People of the segment; of what is unallocated, people in no segment who had activity."),
        *_amount("budget_gbp", "Budget of the year: the shadow budget"),
        *_amount("actual_gbp", "Spent so far in the year"),
        *mean("budget_per_head_gbp", "Published budget for each person of the segment, used the service or not.", "budget_gbp", "person_count", decimals=0),
        *mean("actual_per_head_gbp", "Published spending for each person of the segment.", "actual_gbp", "person_count", decimals=0),
    ),
    counts={
        "person_count": (
            Counts(family="people", dimensions=_SEGMENTS, where=f"not {_RESIDUAL}"),
            Counts(family="people in no segment", apart=("finance_line", *_SEGMENTS), where=_RESIDUAL),
        ),
        "budget_gbp": (Counts(family="budgets", dimensions=("finance_line", *_SEGMENTS)),),
        "actual_gbp": (Counts(family="spending", dimensions=("finance_line", *_SEGMENTS)),),
    },
)  # fmt: skip

DRIVER_STEPS = ("age_sex", "segment", "ethnicity", "deprivation", "tenure_income")


def _whole(name: str, words: str) -> Column:
    return Column(name=name, type="INTEGER", description=words, privacy=Privacy.NONE, required=True)


COST_DRIVERS = MartTable(
    key="mart.cost_drivers",
    grain="outcome and step of the model",
    description="How much of what care costs from person to person is explained by who people are and how they live: least squares on categories, a group added at a time. Of eligible people, with what all their activity of twelve months costs at tariffs and unit costs. It says what goes together, not what causes it; a later step has what earlier ones do not.",
    unique_key=("snapshot_month", "outcome", "step"),
    minimum_rows=0,
    columns=(
        MONTH,
        text("outcome", "annual_cost: pounds in twelve months. log_cost: the logarithm of one pound more, where a few very costly people weigh less.", OneOf(values=("annual_cost", "log_cost"))),
        text("step", "What is added to all steps before it. age_sex; segment: lifecourse and need; ethnicity: group; deprivation: quintile of the residence; tenure_income: tenure, overcrowding and low income of the home.", OneOf(values=DRIVER_STEPS)),
        _whole("step_order", "Place of the step, from 1."),
        _whole("parameter_count", "Independent parameters of the model so far; a group of fewer than 50 people counts with the largest."),
        *count("person_count", "People whose cost is explained: all who are eligible, those without cost too."),
        *count("known_count", "Of them, those of whom any attribute of the step is known; the others are a group of their own."),
        *fit("variance_explained_pct", "R², in per cent: variance explained by this step and all before it; x where nothing of the step is known.", "explained", "known_count"),
        *fit("variance_added_pct", "What the step adds to the one before it, in points.", "added", "known_count", decimals=2),
        *fit("variance_adjusted_pct", "R² adjusted for the number of parameters, in per cent.", "adjusted", "known_count"),
    ),
    counts={
        "person_count": (Counts(family="people"),),
        "known_count": (Counts(family="people with known attributes", apart=("step",)),),
    },
)  # fmt: skip

TABLES = (COST_BY_SEGMENT, COST_DRIVERS)
