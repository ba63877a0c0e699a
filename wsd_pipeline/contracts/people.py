"""Closed lists and kinds of column shared by the tables of people, segments and marts."""

from __future__ import annotations

from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.checks import Between, Matches, OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.fields import LOCALITIES

AGE_BANDS = ("0-4", "5-11", "12-18", "19-24", "25-34", "35-49", "50-64", "65-74", "75-84", "85+", "unknown")
PERSON_LOCALITIES = (*LOCALITIES, "outside", "unknown", "withheld")
POPULATION_BASES = ("both", "registered", "resident", "neither")
SOURCES = tuple(sorted({feed.source for feed in landed_tables() if feed.person_key}))
ACTIVITY_TYPES = (
    "emergency_admission", "elective_admission", "day_case", "maternity_admission", "birth", "regular_attendance",
    "other_admission", "ed_attendance", "care_request", "care_assessment", "care_review", "long_term_care", "short_term_care",
    "reablement", "carer_support", "outpatient_first", "outpatient_follow_up", "gp_appointment_face_to_face",
    "gp_appointment_remote", "mental_health_contact", "mental_health_bed_day", "community_contact", "talking_therapies_contact",
)  # fmt: skip
ADMISSION_KINDS = ACTIVITY_TYPES[:7]
CARE_ACTIVITY_TYPES = ACTIVITY_TYPES[11:15]
CONTACT_TYPES = ACTIVITY_TYPES[17:]
DEPARTMENT_TYPES = ("major", "single_specialty", "urgent_treatment", "walk_in", "same_day", "unknown")
CARE_TYPES = (
    "long_term_nursing", "long_term_residential", "long_term_community", "long_term_prison", "reablement",
    "ongoing_low_level", "other_short_term", "carer_direct", "carer_involving",
)  # fmt: skip


def about(
    name: str, type: str, description: str, privacy: Privacy, *checks: OneOf | Between | Matches, required: bool = False
) -> Column:
    """A column about a person, with its checks."""
    return Column(name=name, type=type, description=description, privacy=privacy, required=required, checks=checks)


def flag(name: str, description: str, privacy: Privacy = Privacy.PAYLOAD, required: bool = True) -> Column:
    """A yes or no."""
    return Column(name=name, type="BOOLEAN", description=description, privacy=privacy, required=required)


def day(name: str, description: str, privacy: Privacy = Privacy.SENSITIVE, required: bool = False) -> Column:
    """A date."""
    return Column(name=name, type="DATE", description=description, privacy=privacy, required=required)


def count(name: str, description: str, privacy: Privacy = Privacy.PAYLOAD, required: bool = True) -> Column:
    """A whole number, never negative."""
    return Column(
        name=name, type="INTEGER", description=description, privacy=privacy, required=required, checks=(Between(low=0),)
    )


def choice(name: str, values: tuple[str, ...], description: str, privacy: Privacy, required: bool = True) -> Column:
    """One of a closed list."""
    return Column(
        name=name,
        type="VARCHAR",
        description=description,
        privacy=privacy,
        required=required,
        checks=(OneOf(values=values),),
    )


AGE_YEARS = about("age_years", "SMALLINT", "Completed years at the snapshot.", Privacy.QUASI, Between(low=0, high=120))
