"""Marts of long-term conditions, and the profile of each primary care network."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Matches, OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.measures import Counts, MartTable, bound, count, percent, ratio, slope
from wsd_pipeline.contracts.people import PERSON_LOCALITIES

PCN_MEASURES = (
    "age_band", "lifecourse_segment", "need_segment", "imd_quintile", "condition", "emergency_admission", "ed_attendance",
)  # fmt: skip
STRATA = tuple(name for q in range(1, 6) for name in (f"events_{q}", f"people_{q}"))
"""Events and people of each deprivation quintile, the most deprived first; of the model only, never published."""


def text(name: str, description: str, *checks: Matches | OneOf, privacy: Privacy = Privacy.NONE) -> Column:
    """A text that every row has."""
    return Column(name=name, type="VARCHAR", description=description, privacy=privacy, required=True, checks=checks)


def _pct(name: str, description: str) -> Column:
    return Column(name=name, type="DECIMAL(5,2)", description=description, privacy=Privacy.NONE)


MONTH = text(
    "snapshot_month",
    "Month of the snapshot, YYYY-MM.",
    Matches(pattern="20[0-9]{2}-[01][0-9]", means="a month, YYYY-MM"),
)
_LOCALITY = text(
    "locality",
    "Locality of residence; all where not broken down.",
    OneOf(values=("all", *PERSON_LOCALITIES)),
    privacy=Privacy.QUASI,
)
PCN = text(
    "pcn_code",
    "PCN of the practice, as practices were grouped at the snapshot; none without one; all where not broken down.",
    privacy=Privacy.QUASI,
)
_CONDITION = text(
    "condition",
    "Condition of `reference.conditions`, or multimorbidity: two or more of those that count.",
    Matches(pattern="[a-z0-9_]+", means="a name in lower case"),
)

LTC_PREVALENCE = MartTable(
    key="mart.ltc_prevalence",
    grain="condition and locality or PCN",
    description="How many patients have each condition recorded, of the ages its QOF register takes in, beside the register of 2019/20 and, for dementia, the number that a population survey expects. Crude: the borough is young.",
    unique_key=("snapshot_month", "condition", "locality", "pcn_code", "ages"),
    columns=(
        MONTH,
        _CONDITION,
        _LOCALITY,
        PCN,
        text("ages", "Ages of the patients asked about, as 18+; all for every age.", Matches(pattern="all|[0-9]{1,2}\\+", means="all, or an age and +")),
        *count("recorded_count", "Patients with the condition recorded and standing."),
        *count("denominator_count", "Patients of these ages: eligible people with a GP record."),
        *percent("prevalence_pct", "Recorded of patients, 0–100, from the protected counts.", "recorded_count", "denominator_count"),
        *bound("prevalence_low_pct", "Lower bound of its 95 % Wilson interval.", "lower", "wilson", "recorded_count", "denominator_count"),
        *bound("prevalence_high_pct", "Upper bound of its 95 % Wilson interval.", "upper", "wilson", "recorded_count", "denominator_count"),
        *count("expected_count", "Patients expected to have it, diagnosed or not, by age and sex (CFAS II); null, x, but for dementia."),
        *ratio("recorded_of_expected_ratio", "Recorded by expected: below 1 where fewer are recorded than expected.", "recorded_count", "expected_count"),
        _pct("qof_2019_20_pct", "Prevalence on the borough's QOF register, 2019/20."),
        _pct("england_2019_20_pct", "The same in England, where people are older."),
    ),
    counts={
        "recorded_count": (
            Counts(family="patients with", dimensions=("locality", "pcn_code"), apart=("condition",)),
        ),
        "denominator_count": (
            Counts(family="patients", dimensions=("locality", "pcn_code"), where="ages = 'all'"),
            Counts(
                family="patients of register ages", dimensions=("locality", "pcn_code"), apart=("ages",),
                where="ages <> 'all'",
            ),
        ),
        "expected_count": (
            Counts(family="patients expected to have", apart=("condition", "locality", "pcn_code")),
        ),
    },
)  # fmt: skip

LTC_PAIRS = MartTable(
    key="mart.ltc_pairs",
    grain="pair of long-term conditions and age group",
    description="Which long-term conditions go together: every pair of the sixteen that count, once, with how often both would meet by chance.",
    unique_key=("snapshot_month", "condition", "other_condition", "age_group"),
    columns=(
        MONTH,
        _CONDITION,
        text("other_condition", "The other, later in the alphabet.", Matches(pattern="[a-z0-9_]+", means="a name in lower case")),
        text("age_group", "0-64, 65+ or all.", OneOf(values=("all", "0-64", "65+")), privacy=Privacy.QUASI),
        *count("both_count", "Patients with both."),
        *count("condition_count", "Patients with the one."),
        *count("other_condition_count", "Patients with the other."),
        *count("patient_count", "Patients of that age: eligible people with a GP record and a known age."),
        *percent("of_condition_pct", "Of patients with the one, those with the other too, 0–100.", "both_count", "condition_count"),
        *percent("of_other_condition_pct", "Of patients with the other, those with the one too, 0–100.", "both_count", "other_condition_count"),
        *ratio("lift_ratio", "How much oftener the other is found with the one than among all patients: above 1 they go together. Crude within the age group.", "both_count", "condition_count", "other_condition_count", "patient_count"),
    ),
    counts={
        "both_count": (
            Counts(family="patients with both", dimensions=("age_group",), rename={"age_group": "age_band"}, apart=("condition", "other_condition")),
        ),
        "condition_count": (
            Counts(family="patients of known age with", dimensions=("age_group",), rename={"age_group": "age_band"}, apart=("condition",)),
        ),
        "other_condition_count": (
            Counts(family="patients of known age with", dimensions=("age_group",), rename={"age_group": "age_band", "other_condition": "condition"}, apart=("other_condition",)),
        ),
        "patient_count": (Counts(family="patients of known age", dimensions=("age_group",), rename={"age_group": "age_band"}),),
    },
)  # fmt: skip

_IN_PARTS = "measure in ('age_band', 'lifecourse_segment', 'need_segment', 'imd_quintile')"
_EVENTS = "measure in ('emergency_admission', 'ed_attendance')"
PCN_PROFILE = MartTable(
    key="mart.pcn_profile",
    grain="PCN, measure and category",
    description="A PCN at a glance: the measures of `mart.locality_profile` for the patients of its practices, and how steeply use and conditions rise with deprivation. Practices are grouped as they were at the snapshot: networks merged in November 2022, so figures before do not compare.",
    unique_key=("snapshot_month", "pcn_code", "measure", "category"),
    columns=(
        MONTH,
        PCN,
        text("measure", "age_band, lifecourse_segment, need_segment, imd_quintile: people in that category. condition: people on that register, of those with a GP record. emergency_admission, ed_attendance: events in the twelve months to the snapshot.", OneOf(values=PCN_MEASURES)),
        text("category", "The category: age band, segment, quintile or condition; all where the measure has none.", privacy=Privacy.QUASI),
        *count("numerator_count", "People of the category, or events."),
        *count("denominator_count", "People asked about."),
        *percent("value_pct", "Numerator of denominator, 0–100, from the protected counts; events may be more than people.", "numerator_count", "denominator_count"),
        *slope("deprivation_slope_pct", "Slope index of inequality over the national deprivation quintiles: the percentage among the most deprived less that among the least. Crude; x where the measure has none, c where a quintile has too few people.", "sii", *STRATA),
        *slope("deprivation_slope_ratio", "Relative index of inequality: the most deprived by the least. Crude.", "rii", *STRATA),
    ),
    counts={
        "numerator_count": (
            Counts(family="people", dimensions=("pcn_code",), named=(("measure", "category"),), where=_IN_PARTS),
            Counts(family="patients with", dimensions=("pcn_code",), apart=("category",), rename={"category": "condition"}, where="measure = 'condition'"),
            Counts(family="events", dimensions=("pcn_code",), apart=("measure",), where=_EVENTS),
        ),
        "denominator_count": (
            Counts(family="people", dimensions=("pcn_code",), where=f"{_IN_PARTS} or {_EVENTS}"),
            Counts(family="patients", dimensions=("pcn_code",), where="measure = 'condition'"),
        ),
    },
)  # fmt: skip

TABLES = (LTC_PREVALENCE, LTC_PAIRS, PCN_PROFILE)
