"""Who lives with whom, as far as addresses and ages tell."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Severity
from wsd_pipeline.contracts.core import Column, Privacy, RowRule, Table
from wsd_pipeline.contracts.fields import LOCALITIES, LSOA21
from wsd_pipeline.contracts.people import about, choice, count, flag

COMMUNAL_TYPES = ("care_home", "hall", "other")
COMPOSITIONS = (
    "one_person", "one_person_65plus", "two_adults_alike", "two_adults_apart", "adults", "one_adult_with_children",
    "two_adults_with_children", "adults_with_children", "three_ages", "children_alone", "communal", "unknown",
)  # fmt: skip
LARGEST_HOUSEHOLD = 20

HOUSEHOLDS = Table(
    key="person.households",
    grain="residence where somebody is known to live",
    description=(
        "Residents of the borough by residence pseudonym (RALF), where the gazetteer has a standing home; care homes, "
        "halls and other communal establishments apart. Who has moved away and is still on a list is counted too."
    ),
    unique_key=("ralf",),
    columns=(
        Column(name="ralf", type="UUID", description="Residence pseudonym.", privacy=Privacy.PSEUDONYM, required=True),
        LSOA21,
        choice("locality", LOCALITIES, "Locality.", Privacy.QUASI, required=False),
        flag("is_communal", "A communal establishment, not a household."),
        choice("communal_type", COMMUNAL_TYPES, "Care home; hall or other communal residence; hotel, prison and the like.", Privacy.SENSITIVE, required=False),
        about("person_count", "INTEGER", "People who live there.", Privacy.QUASI, Between(low=1), required=True),
        count("child_count", "Under 18.", Privacy.QUASI),
        count("adult_count", "Not under 18, those of unknown age included.", Privacy.QUASI),
        count("older_count", "65 or over.", Privacy.QUASI),
        flag("is_oversized", f"More than {LARGEST_HOUSEHOLD} people at a home: an address given by default, not a household."),
        flag("is_living_alone", "One person at a home.", Privacy.QUASI),
        flag("is_living_alone_65plus", "One person of 65 or over at a home.", Privacy.QUASI),
        flag("is_multigenerational", "Somebody under 18, somebody of 18 to 64 and somebody of 65 or over.", Privacy.QUASI),
        choice("composition", COMPOSITIONS, "What ages tell: two adults are alike within 15 years of age (a couple, or sharers), apart otherwise; three_ages as is_multigenerational; unknown where an age is, or where oversized.", Privacy.QUASI),
    ),
    rules=(
        RowRule(
            name="household_of_at_most_twenty",
            failing="is_oversized",
            description=f"a home has at most {LARGEST_HOUSEHOLD} people",
            limit=0.001,
            severity=Severity.WARN,
        ),
        RowRule(
            name="people_of_an_age_are_people",
            failing="child_count + adult_count <> person_count or older_count > adult_count",
            description="children and adults add up, and older people are adults",
        ),
        RowRule(
            name="nobody_is_alone_in_a_communal_home",
            failing="is_communal and (is_living_alone or is_multigenerational or composition <> 'communal')",
            description="a communal establishment is no household",
        ),
    ),
)  # fmt: skip
