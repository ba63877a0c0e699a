"""How people live: the homes of households, and what figures about a person may be broken down by."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.landed.education import SEN_TYPES
from wsd_pipeline.contracts.people import about, choice, count, flag
from wsd_pipeline.contracts.person.household import COMPOSITIONS

TENURES = ("council", "housing association", "shared or leasehold", "private rent", "owner or private rent", "unknown")
OVERCROWDING = ("overcrowded", "not overcrowded", "unknown")
INCOMES = ("low income", "not low income", "unknown")
MEALS = ("free school meals", "no free school meals", "unknown")
SPECIAL_NEEDS = ("EHC plan", "SEN support", "none", "unknown")
SMOKING = ("smoker", "no smoker", "unknown")
DAMP = ("under 7", "7 to 11", "12 or more", "unknown")

_RALF = Column(name="ralf", type="UUID", description="Residence pseudonym.", privacy=Privacy.PSEUDONYM, required=True)
_NEED = "Bedrooms that the household needs: one for adults of 21 or over each, but at most one couple among them; for each two of 10 to 20 of a sex, one left over with a child under 10 of the same sex; for each two other children under 10."

BEDROOM_NEEDS = Table(
    key="person.bedroom_needs",
    grain="household whose every age is known",
    description="The bedroom standard, of those who are known to live there. That any two adults are a couple errs on the low side.",
    unique_key=("ralf",),
    minimum_rows=0,
    columns=(_RALF, count("bedroom_need_count", _NEED, Privacy.QUASI)),
)

HOMES = Table(
    key="person.homes",
    grain="household, with its home",
    description="Households that are neither communal nor oversized, and what landlords, the lettings service and benefits know of the home.",
    unique_key=("ralf",),
    minimum_rows=0,
    columns=(
        _RALF,
        Column(name="person_id", type="UUID", description="The resident by whom the household is counted in a place: one of them, no head of it.", privacy=Privacy.PSEUDONYM, required=True),
        choice("composition", COMPOSITIONS, "As in `person.households`.", Privacy.QUASI),
        count("child_count", "Under 18.", Privacy.QUASI),
        count("older_count", "65 or over.", Privacy.QUASI),
        flag("is_living_alone_65plus", "One person of 65 or over.", Privacy.QUASI),
        about("bedroom_count", "INTEGER", "Bedrooms, by the lettings service, else the tenancy; null where neither has it.", Privacy.QUASI, Between(low=0)),
        about("bedroom_need_count", "INTEGER", "Bedrooms needed, by the lettings service where it has the household, else by the bedroom standard.", Privacy.QUASI, Between(low=0)),
        flag("has_low_income", "Somebody of it has housing benefit, council tax reduction or free school meals by benefit; null where not evaluable.", Privacy.SENSITIVE, required=False),
        flag("is_temporary", "Somebody of it is in temporary accommodation.", Privacy.SENSITIVE),
        choice("tenure", TENURES, "By the tenancy open at the snapshot; private rent also where housing benefit is paid and no tenancy is known. No source tells other owners from tenants.", Privacy.QUASI),
    ),
)  # fmt: skip

CIRCUMSTANCES = Table(
    key="person.circumstances",
    grain="person with a record in this month's extracts",
    description="What figures about a person may be broken down by, beside who they are and where they live. Nothing is empty: unknown also where a source was not supplied.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        choice("tenure", TENURES, "Of the home, as in `person.homes`.", Privacy.QUASI),
        choice("household_composition", COMPOSITIONS, "Of the household.", Privacy.QUASI),
        choice("overcrowding", OVERCROWDING, "Whether the household needs more bedrooms than the home has; known of council, association and register homes for the most part.", Privacy.QUASI),
        choice("household_income", INCOMES, "Low where the person or somebody of the household has housing benefit, council tax reduction or free school meals by benefit.", Privacy.SENSITIVE),
        choice("free_school_meals", MEALS, "Of pupils on roll; unknown of everybody else.", Privacy.SENSITIVE),
        choice("special_needs", SPECIAL_NEEDS, "Of pupils on roll, and of those with a plan wherever they learn; unknown of everybody else.", Privacy.SENSITIVE),
        choice("primary_need", (*SEN_TYPES, "none", "unknown"), "Primary type of special educational need of pupils on roll.", Privacy.SENSITIVE),
        choice("damp_complaints", DAMP, "Complaints of damp and mould to the council in the LSOA in its latest year: a quarter of the borough's LSOAs have under 7, a quarter 12 or more. It is about the area, not the home.", Privacy.NONE),
    ),
)  # fmt: skip

HOME_SMOKING = Table(
    key="person.home_smoking",
    grain="person who lives in a household",
    description="Whether anybody known to live there is recorded as smoking; a child in a household of smokers need not be near the smoke.",
    unique_key=("person_id",),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        choice("smoking_at_home", SMOKING, "Somebody of the household, the person too, is recorded as smoking; unknown where nobody is and of somebody no practice has a record.", Privacy.SENSITIVE),
    ),
)  # fmt: skip

TABLES = (BEDROOM_NEEDS, HOMES, CIRCUMSTANCES, HOME_SMOKING)
