"""People at the snapshot date: who they are, what they live with, what they use, and what segment rules may ask."""

from __future__ import annotations

from wsd_pipeline.contracts import circumstances, costs, demographics, events, facts, household, outcomes, profile

TABLES = (
    *demographics.TABLES,
    *events.TABLES,
    household.HOUSEHOLDS,
    *costs.TABLES,
    *profile.TABLES,
    *outcomes.TABLES,
    facts.PROFILE,
    *circumstances.TABLES,
)
