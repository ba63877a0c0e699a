"""What is published: counts and percentages, exact in the model, protected before anything is written."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, OneOf
from wsd_pipeline.contracts.core import Column, Measure, Privacy, Published, RowRule
from wsd_pipeline.contracts.fields import ETHNICITY_GROUPS, SEXES
from wsd_pipeline.contracts.measures import Counts, MartTable, bound
from wsd_pipeline.contracts.people import AGE_BANDS, PERSON_LOCALITIES
from wsd_pipeline.contracts.segment import LIFECOURSE_SEGMENTS, NEED_SEGMENTS

ALL = "all"
IMD_QUINTILES = ("1", "2", "3", "4", "5", "unknown")
PROFILE_MEASURES = (
    "age_band", "lifecourse_segment", "need_segment", "imd_quintile", "condition", "emergency_admission",
    "ed_attendance", "living_alone_65plus",
)  # fmt: skip
LINKAGE_MEASURES = ("linked", "linked_to_health", "link_band", "link_step", "precision", "recall")
ACCURACY_MEASURES = ("f1", "person_precision", "person_recall", "held_out_found", "held_out_right")


def _dimension(name: str, values: tuple[str, ...], description: str) -> Column:
    return Column(
        name=name,
        type="VARCHAR",
        description=f"{description}; all where not broken down.",
        privacy=Privacy.QUASI,
        required=True,
        checks=(OneOf(values=(ALL, *values)),),
    )


def _text(name: str, description: str, *checks: Matches | OneOf) -> Column:
    return Column(
        name=name, type="VARCHAR", description=description, privacy=Privacy.NONE, required=True, checks=checks
    )


def _status(measure: str) -> Column:
    return Column(
        name=f"{measure}_status",
        type="VARCHAR",
        description=f"Why `{measure}` is empty: c confidential, x not available, z not applicable; else empty.",
        privacy=Privacy.NONE,
        required=True,
        checks=(OneOf(values=("", "c", "x", "z")),),
    )


def _count(name: str, description: str) -> tuple[Published, Column]:
    return (
        Published(
            name=name,
            type="BIGINT",
            description=description,
            privacy=Privacy.NONE,
            measure=Measure.COUNT,
            status_column=f"{name}_status",
        ),
        _status(name),
    )


def _ratio(name: str, description: str, per: int, top: str, bottom: str) -> tuple[Published, Column]:
    return (
        Published(
            name=name,
            type="DECIMAL(8,1)",
            description=description,
            privacy=Privacy.NONE,
            measure=Measure.PERCENT,
            status_column=f"{name}_status",
            of=(top, bottom),
            per=per,
        ),
        _status(name),
    )


_MONTH = _text(
    "snapshot_month",
    "Month of the snapshot, YYYY-MM.",
    Matches(pattern="20[0-9]{2}-[01][0-9]", means="a month, YYYY-MM"),
)

SEGMENT_SUMMARY = MartTable(
    key="mart.segment_summary",
    grain="breakdown of the catalogue and combination of its dimensions that somebody is in",
    description="How many people are in each segment, by place, age, sex, ethnic group and deprivation: those alive and registered or resident.",
    unique_key=(
        "snapshot_month", "breakdown", "lifecourse_segment", "need_segment", "locality", "pcn_code", "age_band", "sex",
        "ethnicity_group", "imd_quintile",
    ),
    columns=(
        _MONTH,
        _text("breakdown", "The breakdown, of `reference.breakdowns`."),
        _dimension("lifecourse_segment", LIFECOURSE_SEGMENTS, "Born Well Growing Well, Living Well or Promoting Independence"),
        _dimension("need_segment", NEED_SEGMENTS, "Complex, healthy, or healthy as far as is known"),
        _dimension("locality", PERSON_LOCALITIES, "Locality of residence"),
        Column(
            name="pcn_code", type="VARCHAR", description="PCN of the practice; none without one; all where not broken down.",
            privacy=Privacy.QUASI, required=True,
        ),
        _dimension("age_band", AGE_BANDS, "Age band"),
        _dimension("sex", SEXES, "Sex"),
        _dimension("ethnicity_group", ETHNICITY_GROUPS, "Ethnic group"),
        _dimension("imd_quintile", IMD_QUINTILES, "National deprivation quintile, 1 the most deprived"),
        *_count("person_count", "People, to the nearest 5; 1 to 7 withheld."),
    ),
    counts={
        "person_count": (
            Counts(
                family="people",
                dimensions=(
                    "lifecourse_segment", "need_segment", "locality", "pcn_code", "age_band", "sex", "ethnicity_group",
                    "imd_quintile",
                ),
            ),
        ),
    },
)  # fmt: skip


def _records(family: str, where: str) -> Counts:
    """Records, or pairs of them, by source and, in each row, by the one way of grouping that it names."""
    return Counts(family=family, dimensions=("source",), named=(("group_type", "group_value"),), where=where)


_PAIR_GROUPS = ("source", "group_type", "group_value")  # the two of a pair may be of different groups

LINKAGE_QUALITY = MartTable(
    key="mart.linkage_quality",
    grain="measure of linkage, source and group of records",
    description="How surely records were linked, for whom, and, where the truth is known, how rightly.",
    unique_key=("snapshot_month", "measure", "source", "group_type", "group_value"),
    columns=(
        _MONTH,
        _text(
            "measure",
            "linked: joined to another record. linked_to_health: of a person with an NHS record. link_band, link_step: in that band, by that step. precision: linked pairs that are one person. recall: pairs of one person that are linked.",
            OneOf(values=LINKAGE_MEASURES),
        ),
        _text("source", "Source of the records; all for the sources together."),
        Column(
            name="group_type", type="VARCHAR", description="What the records are grouped by; all where they are not.",
            privacy=Privacy.QUASI, required=True,
        ),
        Column(
            name="group_value", type="VARCHAR", description="The group; all where they are not grouped.",
            privacy=Privacy.QUASI, required=True,
        ),
        *_count("numerator_count", "Records, or pairs of records, of which the measure is true."),
        *_count("denominator_count", "Records, or pairs of records, asked about."),
        Published(
            name="value_pct", type="DECIMAL(5,1)", description="Numerator of denominator, 0–100, from the protected counts.",
            privacy=Privacy.NONE, measure=Measure.PERCENT, status_column="value_pct_status",
            of=("numerator_count", "denominator_count"),
        ),
        _status("value_pct"),
        *bound("value_low_pct", "Lower bound of the 95 % Wilson interval.", "lower", "wilson", "numerator_count", "denominator_count"),
        *bound("value_high_pct", "Upper bound of the 95 % Wilson interval.", "upper", "wilson", "numerator_count", "denominator_count"),
    ),
    counts={
        "numerator_count": (
            _records("records", "measure in ('link_band', 'link_step')"),
            _records("records linked", "measure = 'linked'"),
            _records("records linked to health", "measure = 'linked_to_health'"),
            Counts(family="pairs rightly linked", apart=_PAIR_GROUPS, where="measure in ('precision', 'recall')"),
        ),
        "denominator_count": (
            _records("records", "measure in ('linked', 'linked_to_health')"),
            Counts(family="records", dimensions=("source",), where="measure in ('link_band', 'link_step')"),
            Counts(family="pairs linked", apart=_PAIR_GROUPS, where="measure = 'precision'"),
            Counts(family="pairs of one person", apart=_PAIR_GROUPS, where="measure = 'recall'"),
        ),
    },
)  # fmt: skip


def _apart(family: str, where: str) -> Counts:
    """What does not add up over sources or groups: a pair or a person may be in several."""
    return Counts(family=family, apart=("source", "group_type", "group_value"), where=where)


LINKAGE_ACCURACY = MartTable(
    key="mart.linkage_accuracy",
    grain="measure of how rightly records were linked, source and group of records",
    description="How rightly records were linked: against the truth of an invented borough, and by trial, without the NHS number, of records that have one.",
    unique_key=LINKAGE_QUALITY.unique_key,
    minimum_rows=0,
    columns=(
        _MONTH,
        _text(
            "measure",
            "f1: of pairs, precision and recall together. person_precision, person_recall: people found, or true people, that are exactly one and the same. held_out_found: of records tried without their NHS number, those that found their own person. held_out_right: of those that found somebody.",
            OneOf(values=ACCURACY_MEASURES),
        ),
        *LINKAGE_QUALITY.columns[2:],
    ),
    counts={
        "numerator_count": (
            _apart("pairs rightly linked, twice", "measure = 'f1'"),
            _apart("people found exactly", "measure in ('person_precision', 'person_recall')"),
            _apart("records tried that found their person", "measure in ('held_out_found', 'held_out_right')"),
        ),
        "denominator_count": (
            _apart("pairs linked and pairs of one person", "measure = 'f1'"),
            _apart("people found", "measure = 'person_precision'"),
            _apart("true people", "measure = 'person_recall'"),
            _apart("records tried", "measure = 'held_out_found'"),
            _apart("records tried that found somebody", "measure = 'held_out_right'"),
        ),
    },
)  # fmt: skip

_IN_PARTS = "measure in ('age_band', 'lifecourse_segment', 'need_segment', 'imd_quintile')"

LOCALITY_PROFILE = MartTable(
    key="mart.locality_profile",
    grain="locality, measure and category of the measure that somebody is in",
    description="Each locality, and the borough, in figures: ages, segments, deprivation, long-term conditions, use of hospital, people living alone. Of people alive and registered or resident.",
    unique_key=("snapshot_month", "locality", "measure", "category"),
    columns=(
        _MONTH,
        _dimension("locality", PERSON_LOCALITIES, "Locality of residence"),
        _text(
            "measure",
            "age_band, lifecourse_segment, need_segment, imd_quintile: people in that category. condition: people on that register, of those with a GP record. emergency_admission, ed_attendance: events in the twelve months to the snapshot. living_alone_65plus: of people of 65 or over in known homes that are not communal.",
            OneOf(values=PROFILE_MEASURES),
        ),
        Column(
            name="category", type="VARCHAR", description="The category: age band, segment, quintile or condition; all where the measure has none.",
            privacy=Privacy.QUASI, required=True,
        ),
        *_count("numerator_count", "People of the category, or events."),
        *_count("denominator_count", "People asked about."),
        *_ratio("value_pct", "Numerator of denominator, 0–100, from the protected counts; events may be more than people.", 100, "numerator_count", "denominator_count"),
        *_ratio("value_per_1000", "Numerator per 1,000 of the denominator, from the protected counts.", 1000, "numerator_count", "denominator_count"),
    ),
    counts={
        "numerator_count": (
            Counts(family="people", dimensions=("locality",), named=(("measure", "category"),), where=_IN_PARTS),
            Counts(
                family="patients with", dimensions=("locality",), apart=("category",), rename={"category": "condition"},
                where="measure = 'condition'",
            ),
            Counts(
                family="events", dimensions=("locality",), apart=("measure",),
                where="measure in ('emergency_admission', 'ed_attendance')",
            ),
            Counts(family="living alone at 65+", dimensions=("locality",), where="measure = 'living_alone_65plus'"),
        ),
        "denominator_count": (
            Counts(
                family="people", dimensions=("locality",),
                where=f"{_IN_PARTS} or measure in ('emergency_admission', 'ed_attendance')",
            ),
            Counts(family="patients", dimensions=("locality",), where="measure = 'condition'"),
            Counts(family="65+ in known homes", dimensions=("locality",), where="measure = 'living_alone_65plus'"),
        ),
    },
)  # fmt: skip

DATA_QUALITY = MartTable(
    key="mart.data_quality",
    grain="feed of the month",
    description="What each supplier sent or did not send, how fresh it is, what was set aside, and how its checks went. Counts of rows are protected as counts of people are.",
    unique_key=("snapshot_month", "feed"),
    columns=(
        _MONTH,
        _text("feed", "The feed."),
        _text("source", "Its source system."),
        Column(
            name="is_supplied", type="BOOLEAN", description="An extract stands for the month; where none does, what rests on the feed is not evaluable.",
            privacy=Privacy.NONE, required=True,
        ),
        Column(
            name="received_month", type="VARCHAR", description="Month whose extract stands, YYYY-MM; null where the feed is not supplied.",
            privacy=Privacy.NONE, checks=(Matches(pattern="20[0-9]{2}-[01][0-9]", means="a month, YYYY-MM"),),
        ),
        Column(
            name="months_behind", type="INTEGER", description="Months since that extract; 0 where the month's own has come.",
            privacy=Privacy.NONE, checks=(Between(low=0),),
        ),
        Column(
            name="latest_event_month", type="DATE", description="First day of the month of the latest event by the snapshot; null for a feed that is not of events.",
            privacy=Privacy.NONE,
        ),
        *_count("row_count", "Rows accepted."),
        *_count("quarantined_count", "Rows with a value that could not be read, or a required one missing."),
        *_ratio("quarantined_pct", "Of rows accepted, 0–100.", 100, "quarantined_count", "row_count"),
        *_count("resubmitted_count", "Rows replaced by a later one of the same key."),
        *_ratio("resubmitted_pct", "Of rows accepted, 0–100.", 100, "resubmitted_count", "row_count"),
        *_count("opted_out_count", "Rows taken out because the person has opted out: Type 1, national or local."),
        *_count("restricted_count", "Rows kept out because the law restricts a code they hold."),
        Column(name="checks_run", type="INTEGER", description="Checks of the feed as landed and as pseudonymised.", privacy=Privacy.NONE, required=True, checks=(Between(low=0),)),
        Column(name="checks_touched", type="INTEGER", description="Of those, with any failing value, within the limit or not.", privacy=Privacy.NONE, required=True),
        Column(name="checks_warned", type="INTEGER", description="Of those, beyond their limit. A critical one beyond it stops the feed, and is never published.", privacy=Privacy.NONE, required=True),
    ),
    rules=(
        RowRule(
            name="checks_are_parts_of_checks",
            failing="checks_warned > checks_touched or checks_touched > checks_run",
            description="checks beyond their limit have failing values, and have been run",
        ),
    ),
)  # fmt: skip

TABLES = (SEGMENT_SUMMARY, LINKAGE_QUALITY, LINKAGE_ACCURACY, LOCALITY_PROFILE, DATA_QUALITY)
