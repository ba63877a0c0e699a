"""What segment rules may ask of a person: conditions, use of services, school support; three-valued."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID, SEXES
from wsd_pipeline.contracts.people import AGE_YEARS, POPULATION_BASES, about, choice, count, day, flag

_CONDITION_DATES = (
    ("palliative_care", "has_palliative_care", "On the palliative care register"),
    (
        "moderate_frailty",
        "has_moderate_frailty",
        "Moderately frail, on the latest record of 24 months, aged 65 or over",
    ),
    ("severe_frailty", "has_severe_frailty", "Severely frail, on the latest record of 24 months, aged 65 or over"),
    ("dementia", "has_dementia", "On the dementia register"),
    ("serious_mental_illness", "has_serious_mental_illness", "On the serious mental illness register"),
    ("learning_disability", "has_learning_disability", "On the learning disability register"),
    ("heart_failure", "has_heart_failure", "On the heart failure register"),
    ("copd", "has_copd", "On the COPD register"),
    ("cancer", "has_cancer", "Cancer recorded in the last five years"),
    ("chronic_kidney_disease_5", "has_chronic_kidney_disease_5", "Chronic kidney disease, stage 5"),
    ("hypertension", "has_hypertension", "On the hypertension register"),
    ("non_diabetic_hyperglycaemia", "has_non_diabetic_hyperglycaemia", "Non-diabetic hyperglycaemia"),
    ("obesity", "is_obese", "Obese on a record of the last twelve months"),
    ("current_smoker", "is_current_smoker", "Recorded as smoking, and not since as not smoking"),
)


def _cms(ending: str, required: bool = False) -> Column:
    words = (
        "Cambridge Multimorbidity Score of the conditions counted: partial, as pain and constipation need prescriptions"
    )
    return about(
        "cms_partial_score", "DECIMAL(5,2)", f"{words}{ending}.", Privacy.SENSITIVE, Between(low=0), required=required
    )


HEALTH_PROFILE = Table(
    key="person.health_profile",
    grain="person with a GP record",
    description="Since when each condition that segment rules use stands; null where it does not.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        count("ltc_count", "Long-term conditions that stand, of the sixteen counted.", Privacy.SENSITIVE),
        day("ltc_date", "First recording of the most recent of them."),
        _cms("", required=True),
        *(day(f"{name}_date", f"{words}: date recorded.") for name, _, words in _CONDITION_DATES),
        day("carer_date", "Recorded as an unpaid carer: start of the registration that says so."),
        day("care_home_date", "Recorded as living in a care home: start of the registration that says so."),
    ),
)  # fmt: skip

SERVICE_PROFILE = Table(
    key="person.service_profile",
    grain="person with a record in this month's extracts",
    description="Use of hospital and social care in the twelve months to the snapshot, as segment rules ask for it.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        count("emergency_admission_count", "Emergency admissions."),
        day("emergency_admission_date", "The latest of them."),
        count("copd_admission_count", "Emergency admissions for COPD (primary diagnosis J44)."),
        day("cancer_treatment_date", "Latest session of chemotherapy or radiotherapy in hospital."),
        day("long_term_care_date", "Start of the long-term care open at the snapshot."),
        day("care_home_date", "Start of the residential or nursing care open at the snapshot."),
        day("carer_support_date", "Start of support received as a carer."),
        day("learning_disability_support_date", "Latest event with learning disability as primary support reason."),
    ),
)  # fmt: skip

EMERGENCY_PROFILE = Table(
    key="person.emergency_profile",
    grain="person with an unplanned attendance in the twelve months to the snapshot",
    description="Use of emergency departments, same-day emergency care apart, as segment rules ask for it.",
    unique_key=("person_id",),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        count("ed_attendance_count", "Unplanned attendances."),
        day("ed_attendance_date", "The latest of them.", required=True),
        flag("is_high_intensity_ed", "Five or more at major departments and urgent treatment centres."),
    ),
)  # fmt: skip

SCHOOL_PROFILE = Table(
    key="person.school_profile",
    grain="pupil on roll",
    description="A pupil's plan and support at the snapshot.",
    unique_key=("person_id",),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        flag("has_ehcp", "An education, health and care plan is in force.", Privacy.SENSITIVE),
        day("ehcp_date", "Day it was issued, where known."),
        flag("has_sen_support", "Receives SEN support.", Privacy.SENSITIVE),
        flag("is_fsm_eligible", "Eligible for free school meals.", Privacy.SENSITIVE),
    ),
)  # fmt: skip


def _evaluable(name: str, description: str) -> Column:
    return flag(name, f"{description}; null where not evaluable.", Privacy.SENSITIVE, required=False)


PROFILE = Table(
    key="person.profile",
    grain="person eligible at the snapshot date",
    description="What segment rules may ask of a person. A null flag or count is not evaluable: its source was not supplied, or no GP record is linked.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        AGE_YEARS,
        choice("sex", SEXES, "Sex.", Privacy.QUASI),
        choice("population_basis", POPULATION_BASES[:3], "Registered, resident or both.", Privacy.PAYLOAD),
        flag("has_health_record", "A GP record is linked."),
        count("ltc_count", "Long-term conditions that stand; null where not evaluable.", Privacy.SENSITIVE, required=False),
        day("ltc_date", "First recording of the most recent of them."),
        _cms("; null where not evaluable"),
        *(
            column
            for name, flag, words in _CONDITION_DATES[:10]
            for column in (_evaluable(flag, words), day(f"{name}_date", f"{words}: date recorded."))
        ),
        *(_evaluable(flag, words) for _, flag, words in _CONDITION_DATES[10:]),
        count("emergency_admission_count", "Emergency admissions in twelve months; null where not evaluable.", required=False),
        day("emergency_admission_date", "The latest of them."),
        count("copd_admission_count", "Emergency admissions for COPD in twelve months; null where not evaluable.", required=False),
        count("ed_attendance_count", "Unplanned attendances at emergency departments in twelve months; null where not evaluable.", required=False),
        day("ed_attendance_date", "The latest of them."),
        _evaluable("is_high_intensity_ed", "Five or more of them at major departments and urgent treatment centres"),
        _evaluable("has_cancer_treatment", "Chemotherapy or radiotherapy in hospital in twelve months"),
        day("cancer_treatment_date", "The latest of it."),
        _evaluable("has_long_term_care", "Long-term social care open at the snapshot"),
        day("long_term_care_date", "Its start."),
        _evaluable("has_care_home_placement", "Residential or nursing care open at the snapshot"),
        day("care_home_placement_date", "Its start."),
        _evaluable("is_care_home_resident", "Recorded by the practice as living in a care home"),
        day("care_home_date", "Start of the registration that says so."),
        _evaluable("has_learning_disability_support", "Social care with learning disability as its reason"),
        day("learning_disability_support_date", "Its latest event."),
        _evaluable("is_carer", "Recorded by the practice as an unpaid carer"),
        _evaluable("has_carer_support", "Supported as a carer in twelve months"),
        _evaluable("has_ehcp", "An education, health and care plan is in force"),
        day("ehcp_date", "Day it was issued, where known."),
        _evaluable("is_fsm_eligible", "Eligible for free school meals"),
    ),
)  # fmt: skip
