"""The mart of the way through hospital and home again, and what is counted of each person for it."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.marts.conditions import MONTH, text
from wsd_pipeline.contracts.measures import Counts, MartTable, mean, percent
from wsd_pipeline.contracts.measures import count as counted
from wsd_pipeline.contracts.metrics import NAMED, Metric, measured, metric_mart
from wsd_pipeline.contracts.people import choice, count, day, flag

PATHWAYS = ("care_at_home", "care_home", "intermediate_care", "no_new_care", "reablement")
PLACES = ("locality", "pcn_code")
APC, ASC, CSDS, ECDS = "apc__episodes", "asc__events", "csds__referrals", "ecds__attendances"
_COMPLAINTS = (
    "abdomen", "back_and_joints", "breathing", "chest", "ear_eye_throat", "fever", "head_and_nerves", "injury",
    "mental_health_alcohol_drugs", "other", "pregnancy", "skin", "urinary",
)  # fmt: skip

OLDER_DISCHARGES = Table(
    key="person.older_discharges",
    grain="discharge of somebody of 65 or over in the twelve months",
    description="Discharges from hospital, alive and not to another one, and the first of these that began within seven days: a care home (or the destination is one), reablement, intermediate care, other care at home. Nobody records the pathway itself.",
    unique_key=("person_id", "spell_key"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        Column(name="spell_key", type="UUID", description="The spell, as in `person.spells`.", privacy=Privacy.PSEUDONYM, required=True),
        flag("is_emergency", "The last spell of the stay began with an emergency admission; one moved there from another hospital may not have."),
        day("discharge_date", "Discharge.", required=True),
        count("bed_days", "Nights of the stay, with those in hospitals the person came from by transfer."),
        flag("is_to_usual_place", "To the usual place of residence, care homes apart."),
        flag("has_prompt_reablement", "Reablement began on the day of discharge or the next."),
        choice("pathway", PATHWAYS, "What began.", Privacy.SENSITIVE),
    ),
)  # fmt: skip


def _stays(days: int) -> Metric:
    return Metric(
        id=f"stays_{days}_days_65", unit="percent", feeds=(APC,), by=PLACES if days >= 7 else ("locality",), among="older discharges",
        words=f"stays of {days} nights or more ÷ stays of people of 65 or over that ended in twelve months, alive and not with a move to another hospital",
    )  # fmt: skip


def _complaint(name: str) -> Metric:
    words = (
        "with a complaint that is not of the list"
        if name == "other"
        else f"with a complaint of {name.replace('_', ', ')}"
    )
    return Metric(
        id=f"complaint_{name}", unit="per_1000", feeds=(ECDS,), population="people",
        words=f"unplanned attendances {words} (reference.complaint_groups) ÷ people",
    )  # fmt: skip


_URGENT = "unplanned attendances at major departments and urgent treatment centres in twelve months"
FLOW_BCF = metric_mart(
    "mart.flow_bcf",
    grain="metric of the way from admission to home again, and place or group",
    description="Admission, stay, discharge, reablement and 91 days after, and urgent care, by locality and primary care network: what the Better Care Fund is held to. No median stay is given, since it is the stay of one or two people: it is shorter than the first of 2, 4, 7, 14 and 21 nights that fewer than half of the stays reach, and no shorter than the one before.",
    version="2026.2",
    sources=("person.flow_carried", "person.flow_older", "person.flow_urgent"),
    metrics=(
        Metric(id="non_elective_admissions", unit="per_1000", feeds=(APC,), by=PLACES, population="people", is_shared=True,
               words="emergency admissions of twelve months ÷ people; the plan, a number of admissions, is in the outcomes framework"),
        Metric(id="non_elective_admissions_65", unit="per_1000", feeds=(APC,), by=PLACES, population="people_65_plus",
               words="emergency admissions of people then of 65 or over ÷ people of 65 or over"),
        *(_stays(days) for days in (2, 4, 7, 14, 21)),
        Metric(id="discharge_usual_place", unit="percent", feeds=(APC,), by=PLACES, is_shared=True,
               words="discharges to the usual place of residence ÷ live discharges of people of 18 or over, as in the outcomes framework"),
        Metric(id="readmissions_30_days", unit="percent", feeds=(APC,), by=PLACES, is_shared=True,
               words="live discharges followed by an emergency admission within 30 days ÷ live discharges, as in the outcomes framework"),
        Metric(id="reablement_after_discharge_65", unit="percent", feeds=(APC, ASC), by=PLACES, among="older discharges",
               words="discharges after which reablement began by the next day ÷ live discharges of people of 65 or over (ASCOF 2B, second part)"),
        Metric(id="reablement_offered_65", unit="percent", feeds=(APC, ASC), by=(*PLACES, "ethnicity_group"),
               words="discharges after which reablement began by the next day ÷ discharges home from an emergency stay of people of 65 or over; taken up, as an offer declined is not recorded"),
        Metric(id="reablement_91_days", unit="percent", feeds=(APC, ASC), by=PLACES, period="last_autumn", is_shared=True,
               words="at home on the 91st day ÷ people of 65 or over discharged into reablement from October to December, as in the outcomes framework"),
        Metric(id="reablement_91_days_all_year", unit="percent", feeds=(APC, ASC), by=PLACES, is_shared=True,
               words="the same of discharges of all the year that can be followed for 91 days ÷ those discharges"),
        Metric(id="residential_admissions_65", unit="per_100000", feeds=(ASC,), by=PLACES, population="people_65_plus", is_shared=True,
               words="people of 65 or over newly in residential or nursing care ÷ people of 65 or over; the council does not tell a permanent place from another"),
        Metric(id="urgent_treatment_share", unit="percent", feeds=(ECDS,), by=PLACES,
               words="attendances at an urgent treatment centre (type 03) ÷ unplanned attendances at emergency departments of every kind but same-day care"),
        Metric(id="in_hours_minor_share", unit="percent", feeds=(ECDS,), by=PLACES,
               words=f"of standard acuity or not urgent, from 8 to 18:30 on a weekday, and not admitted ÷ {_URGENT} whose time and acuity are told; bank holidays are not told apart"),
        Metric(id="treatment_not_begun", unit="percent", feeds=(ECDS,), by=PLACES,
               words=f"without a time at which treatment began ÷ {_URGENT}; investigations are not in the extract"),
        *(_complaint(name) for name in _COMPLAINTS),
    ),
)  # fmt: skip

_OLDER = "among older discharges"
DISCHARGE_PATHWAYS = MartTable(
    key="mart.discharge_pathways",
    grain="pathway after hospital and place",
    description="What began within a week of discharge from hospital at 65 or over, and how long those stays were. Nobody records the pathway: it is made of what began, the first of a care home, reablement, intermediate care and other care at home.",
    unique_key=("snapshot_month", "pathway", "dimension", "dimension_value"),
    columns=(
        MONTH,
        text("pathway", "care_home: to one, or into one within seven days. reablement: short-term support to live at home again (ST-Max). intermediate_care: of community health services. care_at_home: other social care at home. no_new_care: none of these began. all: of whichever.", OneOf(values=("all", *PATHWAYS))),
        text("dimension", "all or locality.", OneOf(values=("all", "locality"))),
        text("dimension_value", "The locality of residence; all where not broken down.", privacy=Privacy.QUASI),
        *counted("discharge_count", "Discharges of twelve months, alive and not to another hospital; x where hospital, social care or community feeds are missing."),
        *counted("all_discharge_count", "Discharges of every pathway there."),
        *percent("share_pct", "Of those, 0–100.", "discharge_count", "all_discharge_count"),
        *mean("mean_nights", "Mean nights in hospital before the discharge; between which lengths the median lies is in `mart.flow_bcf`, stays_2_days_65 to stays_21_days_65.", "nights", "discharge_count"),
    ),
    counts={
        "discharge_count": (Counts(family=_OLDER, dimensions=("pathway",), named=NAMED),),
        "all_discharge_count": (Counts(family=_OLDER, named=NAMED),),
    },
)  # fmt: skip

TABLES = (
    OLDER_DISCHARGES,
    DISCHARGE_PATHWAYS,
    measured("person.flow_carried", "the outcomes framework given by network too"),
    measured("person.flow_older", "stays of people of 65 or over and reablement after them"),
    measured("person.flow_urgent", "attendances at emergency departments"),
    FLOW_BCF,
)
