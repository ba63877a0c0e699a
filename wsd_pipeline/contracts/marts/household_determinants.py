"""Households and the homes they live in: the wider determinants that the council's own records know."""

from __future__ import annotations

from wsd_pipeline.contracts.metrics import Metric, measured, metric_mart

_PLACE = ("locality", "imd_quintile")
_HOME = (*_PLACE, "tenure")
_KNOWN = (*_HOME, "household_composition", "damp_complaints")
_PEOPLE = ("locality", "ethnicity_group", "imd_quintile")
_ADDRESSES = ("llpg__addresses",)

HOUSEHOLDS = metric_mart(
    "mart.household_determinants",
    grain="metric of households and housing, and place or group it is given for",
    description="Households by tenure, crowding, income and who lives in them, and people without a settled home. A household is who is known to live at a residence, neither communal nor oversized, and is counted where one of its residents lives. Its denominators by tenure and composition say how many there are.",
    version="2026.1",
    sources=("person.household_measures",),
    metrics=(
        Metric(
            id="overcrowded_households", unit="percent", feeds=(*_ADDRESSES, "housing__tenancies", "housing__register"),
            by=(*_KNOWN, "household_income"), period="snapshot",
            words="households that need more bedrooms than their home has ÷ households whose bedrooms are known: council, association and register homes for the most part",
        ),
        Metric(
            id="low_income_households", unit="percent", feeds=(*_ADDRESSES, "benefits__claimants"), by=_KNOWN, period="snapshot",
            among="households",
            words="households where somebody has housing benefit, council tax reduction or free school meals by benefit ÷ households",
        ),
        Metric(
            id="households_with_children", unit="percent", feeds=_ADDRESSES, by=_HOME, period="snapshot", among="households",
            words="households with somebody under 18 ÷ households",
        ),
        Metric(
            id="lone_adults_with_children", unit="percent", feeds=_ADDRESSES, by=_HOME, period="snapshot", among="households",
            words="households of one adult and people under 18 ÷ households",
        ),
        Metric(
            id="living_alone_65_plus", unit="percent", feeds=_ADDRESSES, by=_HOME, period="snapshot", among="households",
            words="households of one person of 65 or over ÷ households",
        ),
        Metric(
            id="three_generations_together", unit="percent", feeds=_ADDRESSES, by=_HOME, period="snapshot", among="households",
            words="households with somebody under 18, somebody of 18 to 64 and somebody of 65 or over ÷ households",
        ),
        Metric(
            id="residents_of_known_homes", unit="percent", feeds=_ADDRESSES, by=_PEOPLE, period="snapshot",
            words="residents who live in a household of this mart ÷ residents; the others are in communal homes or at addresses that were not found",
        ),
        Metric(
            id="people_owed_homelessness_duty", unit="per_1000", feeds=("homelessness__people",), population="people",
            by=_PEOPLE, period="snapshot", words="people in a household owed a homelessness duty, prevention included ÷ people",
        ),
        Metric(
            id="people_in_temporary_accommodation", unit="per_1000", feeds=("homelessness__placements",), population="people",
            by=_PEOPLE, period="snapshot", words="people in temporary accommodation, out of the borough too ÷ people",
        ),
        Metric(
            id="children_in_temporary_accommodation", unit="per_1000", feeds=("homelessness__placements",), population="people_0_17",
            by=_PEOPLE, period="snapshot", words="people of 0 to 17 in temporary accommodation ÷ people of 0 to 17",
        ),
    ),
)  # fmt: skip

TABLES = (HOUSEHOLDS, measured("person.household_measures", "households and housing"))
