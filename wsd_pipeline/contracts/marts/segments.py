"""Marts about the segments themselves: who moved between them, what other thresholds would give, and cohorts."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Matches, OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.measures import Counts, MartTable, count
from wsd_pipeline.contracts.people import PERSON_LOCALITIES
from wsd_pipeline.contracts.segment import LIFECOURSE_SEGMENTS, NEED_SEGMENTS

_MONTH = Column(
    name="snapshot_month", type="VARCHAR", description="Month of the snapshot, YYYY-MM.", privacy=Privacy.NONE, required=True,
    checks=(Matches(pattern="20[0-9]{2}-[01][0-9]", means="a month, YYYY-MM"),),
)  # fmt: skip
NOT_HERE = "not_here"


def _key(name: str, values: tuple[str, ...], description: str) -> Column:
    return Column(
        name=name, type="VARCHAR", description=description, privacy=Privacy.QUASI, required=True, checks=(OneOf(values=values),)
    )  # fmt: skip


def _words(name: str, description: str) -> Column:
    return Column(name=name, type="VARCHAR", description=description, privacy=Privacy.NONE, required=True)


SEGMENT_TRANSITIONS = MartTable(
    key="mart.segment_transitions",
    grain="segments of last month and of this month",
    description="Who moved between segments since last month, over the whole place: not_here is somebody who was not eligible then, or is not now.",
    unique_key=("snapshot_month", "from_lifecourse_segment", "from_need_segment", "lifecourse_segment", "need_segment"),
    minimum_rows=0,
    columns=(
        _MONTH,
        _key("from_lifecourse_segment", (*LIFECOURSE_SEGMENTS, NOT_HERE), "Lifecourse segment of last month."),
        _key("from_need_segment", (*NEED_SEGMENTS, NOT_HERE), "Need segment of last month."),
        _key("lifecourse_segment", (*LIFECOURSE_SEGMENTS, NOT_HERE), "Lifecourse segment now."),
        _key("need_segment", (*NEED_SEGMENTS, NOT_HERE), "Need segment now."),
        *count("person_count", "People, to the nearest 5; 1 to 7 withheld."),
    ),
    counts={
        "person_count": (
            Counts(
                family="people moved",
                dimensions=("lifecourse_segment", "need_segment"),
                before={"from_lifecourse_segment": "lifecourse_segment", "from_need_segment": "need_segment"},
                across="people",
            ),
        ),
    },
)

SEGMENT_SENSITIVITY = MartTable(
    key="mart.segment_sensitivity",
    grain="alternative threshold, lifecourse and need segment",
    description="How many people each segment would have if one parameter of the rules were another number.",
    unique_key=("snapshot_month", "alternative", "lifecourse_segment", "need_segment"),
    columns=(
        _MONTH,
        _words("alternative", "The parameter and its number."),
        _key("lifecourse_segment", LIFECOURSE_SEGMENTS, "Lifecourse segment."),
        _key("need_segment", NEED_SEGMENTS, "Need segment."),
        *count("person_count", "People, to the nearest 5; 1 to 7 withheld."),
    ),
    counts={
        "person_count": (
            Counts(family="people by other rules", dimensions=("lifecourse_segment", "need_segment"), apart=("alternative",)),
        ),
    },
)  # fmt: skip

COHORTS = MartTable(
    key="mart.cohorts",
    grain="cohort and locality",
    description="How many people are in each cohort of cohorts.yaml, how many nearly are, and of how many it cannot be known.",
    unique_key=("snapshot_month", "cohort_id", "locality"),
    minimum_rows=0,
    columns=(
        _MONTH,
        _words("cohort_id", "The cohort, as in cohorts.yaml."),
        _key("locality", ("all", *PERSON_LOCALITIES), "Locality of residence; all for the whole place."),
        *count("person_count", "Members, to the nearest 5; 1 to 7 withheld."),
        *count("near_miss_count", "People who meet all criteria but one."),
        *count("unknown_count", "People of whom a criterion cannot be known."),
    ),
    counts={
        name: (Counts(family=f"cohorts, {name}", dimensions=("locality",), apart=("cohort_id",)),)
        for name in ("person_count", "near_miss_count", "unknown_count")
    },
)  # fmt: skip

COHORT_ATTRITION = MartTable(
    key="mart.cohort_attrition",
    grain="cohort and number of its criteria met in order",
    description="How many people stop after so many criteria of a cohort, in the order in which they are written; the last are its members.",
    unique_key=("snapshot_month", "cohort_id", "criteria_met_count"),
    minimum_rows=0,
    columns=(
        _MONTH,
        _words("cohort_id", "The cohort, as in cohorts.yaml."),
        Column(name="criteria_met_count", type="INTEGER", description="Criteria met one after another, from the first.", privacy=Privacy.NONE, required=True),
        *count("person_count", "People who come so far and no further."),
    ),
    counts={
        "person_count": (
            Counts(family="cohorts by criteria met", apart=("cohort_id", "criteria_met_count")),
        ),
    },
)  # fmt: skip

TABLES = (SEGMENT_TRANSITIONS, SEGMENT_SENSITIVITY, COHORTS, COHORT_ATTRITION)
