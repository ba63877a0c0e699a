"""Columns that NHS England's data sets share (MHSDS, CSDS, MSDS, IAPT): who sent the row, for which month, of whom.

A provider may submit a month again until its window closes, so each row carries the number of the month it was
submitted for, and the latest submission of a row is the one that counts.
"""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Between, Check, Matches, NotInFuture, OneOf
from wsd_pipeline.contracts.core import Landed, Privacy
from wsd_pipeline.contracts.fields import NHS_ETHNIC_CATEGORIES, kept, keyed

CONTACT_ATTENDANCES = ("2", "3", "4", "5", "6", "7")
ATTENDED = ("5", "6")  # seen on time; late, but seen
GENDERS = ("1", "2", "3", "4", "9", "X", "Z")
NHS_BEGAN = "1948-07-05"  # no care is older: an earlier date is a default, such as 1 January 1900
MONTHS_SINCE_1900 = (1200, 1800)  # UniqMonthID: 1 is April 1900, 1200 March 2000, 1800 March 2050


def person_ref(header: str = "Person_ID", description: str = "Person identifier of the data set.") -> Landed:
    """The person as the data set knows them: the same in all its tables."""
    return keyed("person_ref", description, header=header, required=True, pseudo_name="person_key")


def provider_code(header: str = "OrgIDProv") -> Landed:
    """The organisation that gave the care and sent the row."""
    return kept(
        "provider_code", "VARCHAR", "ODS code of the provider.", header=header, required=True,
        checks=(codes.site(),),
    )  # fmt: skip


def submission_month() -> Landed:
    """Which month's submission the row came in: of the same row sent twice, the later month's is carried on."""
    low, high = MONTHS_SINCE_1900
    return kept(
        "submission_month_number", "INTEGER",
        "UniqMonthID: months since March 1900 of the submission the row came in; a later one replaces it.", Privacy.NONE,
        header="UniqMonthID", required=True, checks=(Between(low=low, high=high, limit=0.01),),
    )  # fmt: skip


def period_end_date() -> Landed:
    """The day up to which the row was known to be true."""
    return kept(
        "period_end_date", "DATE", "Last day of the reporting period the row was submitted for.", Privacy.NONE,
        header="ReportingPeriodEndDate", required=True, checks=(NotInFuture(limit=0.01),),
    )  # fmt: skip


def ethnic_category(header: str = "EthnicCategory") -> Landed:
    """NHS ethnic category, 2001 list."""
    return kept(
        "ethnic_category", "VARCHAR", "NHS ethnic category (2001).", Privacy.SENSITIVE, header=header,
        checks=(OneOf(values=NHS_ETHNIC_CATEGORIES, limit=0.01),),
    )  # fmt: skip


def happened() -> tuple[Check, ...]:
    """What is true of the date of something that has happened: not ahead, and not a default of long ago."""
    return (NotInFuture(limit=0.01), Between(low=NHS_BEGAN, limit=0.01))


def event_day(name: str, description: str, header: str, *, required: bool = False) -> Landed:
    """The date of something that has happened."""
    return kept(name, "DATE", description, Privacy.SENSITIVE, header=header, required=required, checks=happened())


def coded(
    name: str, description: str, header: str, pattern: str, means: str, privacy: Privacy = Privacy.PAYLOAD
) -> Landed:
    """A code of a national list whose shape is checked: no free text passes, and a new code of the list does."""
    return kept(
        name,
        "VARCHAR",
        description,
        privacy,
        header=header,
        checks=(Matches(pattern=pattern, means=means, limit=0.01),),
    )


def listed(
    name: str, description: str, header: str, values: tuple[str, ...], privacy: Privacy = Privacy.PAYLOAD
) -> Landed:
    """A code of a short closed list."""
    return kept(name, "VARCHAR", description, privacy, header=header, checks=(OneOf(values=values, limit=0.01),))


def attendance(header: str = "AttendOrDNACode") -> Landed:
    """Whether a contact took place."""
    return listed(
        "attendance_code", "5, 6 attended; 3, 7 not attended; 2 cancelled by or for the patient, 4 by the provider.",
        header, CONTACT_ATTENDANCES,
    )  # fmt: skip
