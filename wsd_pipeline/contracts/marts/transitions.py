"""Young people with complex needs on their way to adult services."""

from __future__ import annotations

from wsd_pipeline.contracts.core import Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.metrics import Metric, measured, metric_mart
from wsd_pipeline.contracts.people import choice, count, day

ADULT_SERVICES = ("mental_health", "social_care", "learning_disability")
_GROUPS = ("locality", "ethnicity_group", "imd_quintile")
_COMPLEX = ("gp__registrations", "gp__conditions", "education__pupils", "education__ehc_plans")
_NEEDS = (
    "education__ehc_plans", "csc__children", "csc__looked_after", "csc__protection_plans", "csc__children_in_need",
    "mhsds__referrals",
)  # fmt: skip
_SEEN = (*_NEEDS, "mhsds__contacts", "talking_therapies__referrals", "asc__events")
_TURNED = "people with complex needs who turned 18 in the first six of the twelve months"
_TURNING = "people with complex needs who turn 18 in the next twelve months"
_OF = f"÷ {_TURNED}"


def _seen(name: str, words: str, part: str = "") -> Metric:
    return Metric(
        id=name, unit="percent", feeds=_SEEN, by=_GROUPS, among=_TURNED, part=part, words=f"{words} {_OF}"
    )  # fmt: skip


TRANSITIONS = metric_mart(
    "mart.transitions",
    grain="metric of young people's way to adult services, and place or group it is given for",
    description="Who is coming to adult services, and who of those that turned 18 with complex needs has been seen. Complex at 18 is, in the twelve months before the month of the birthday: an EHC plan, looked after (short breaks apart), a protection plan, in need by disability, or in the care of a mental health team; or a learning disability on the practice's register. Only those are asked about whose six months lie within the twelve, as contacts reach no further back. A team of young people's services that goes on seeing somebody after 18 is not told from one of adults.",
    version="2026.1",
    sources=("segment.transition_measures",),
    metrics=(
        Metric(
            id="complex_at_14_to_25", unit="percent", feeds=_COMPLEX, by=_GROUPS, period="snapshot",
            words="people of 14 to 25 with complex needs (the need segment) or an EHC plan ÷ people of 14 to 25",
        ),
        Metric(
            id="complex_turning_18", unit="percent", feeds=_COMPLEX, by=_GROUPS, period="snapshot", all_of=_TURNING,
            words="people who turn 18 in the next twelve months with complex needs or an EHC plan ÷ people who turn 18 in the next twelve months",
        ),
        Metric(
            id="known_to_adult_care_before_18", unit="percent", feeds=(*_COMPLEX, "asc__events"), by=_GROUPS, period="snapshot", among=_TURNING,
            words="people with complex needs who turn 18 in the next twelve months and are known to adult social care already ÷ people with complex needs who turn 18 in the next twelve months",
        ),
        _seen("seen_within_six_months", "people seen by adult mental health, social care or learning disability services within six months of the month of the birthday", "within six months"),
        _seen("seen_later", "people first seen by any of them after that, by the snapshot", "later"),
        _seen("lost_to_follow_up", "people seen by none of them by the snapshot", "not yet"),
        _seen("seen_by_mental_health", "people seen by mental health services or talking therapies within six months"),
        _seen("seen_by_social_care", "people assessed, served or reviewed by adult social care within six months; to ask is not to be seen"),
        _seen("seen_by_learning_disability", "people seen by a learning disability team within six months"),
    ),
)  # fmt: skip

TURNED_18 = Table(
    key="person.turned_18",
    grain="person with complex needs who turned 18 in the first six of the twelve months",
    description="Whose six months after the 18th birthday can be followed. By the month of birth: the day is not known.",
    unique_key=("person_id",),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        day("birthday_month", "First day of the month of the 18th birthday.", Privacy.QUASI, required=True),
        count("need_count", "Plans, episodes, referrals and registers that say so in the twelve months before it.", Privacy.SENSITIVE),
    ),
)  # fmt: skip
SERVICES = Table(
    key="person.adult_services",
    grain="person who turned 18 with complex needs, and service that has seen them since",
    description="The first day each adult service saw them, from the month of the birthday on.",
    unique_key=("person_id", "service"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        choice("service", ADULT_SERVICES, "The service.", Privacy.SENSITIVE),
        day("first_date", "First day; of what went on over the birthday the first day of its month.", required=True),
    ),
)
TABLES = (
    TRANSITIONS,
    TURNED_18,
    SERVICES,
    measured("segment.transition_measures", "young people's way to adult services"),
)
