"""What a person's care costs, by the service lines that partners' budgets are kept in."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between
from wsd_pipeline.contracts.core import Privacy, RowRule, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.landed.aggregates import SERVICE_LINES
from wsd_pipeline.contracts.people import about, choice, count

COSTS = Table(
    key="person.costs",
    grain="person and service line with activity in the twelve months to the snapshot",
    description="What the activity of a person costs each service line: the supplier's tariff, else unit costs. What has neither is counted and costs nothing here. Admissions count where they begin in the twelve months, adaptations where they are completed, care by its days within.",
    unique_key=("person_id", "service_line"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        choice("service_line", SERVICE_LINES, "What the money is spent on.", Privacy.SENSITIVE),
        count("event_count", "Events; a stretch of care is one."),
        count("unpriced_count", "Of those, without tariff or unit cost."),
        about("cost_gbp", "DECIMAL(14,2)", "Cost in pounds.", Privacy.PAYLOAD, Between(low=0), required=True),
    ),
    rules=(
        RowRule(name="unpriced_are_events", failing="unpriced_count > event_count", description="events without a price are events"),
    ),
)  # fmt: skip

TABLES = (COSTS,)
