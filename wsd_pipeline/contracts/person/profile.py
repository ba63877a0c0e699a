"""What segment rules may ask of a person: conditions, use of services, school support; three-valued."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.people import about, count, day, flag

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
    grain="pupil on roll or person with a plan",
    description="A pupil's plan and support at the snapshot, and plans of those who are on no roll: under five, at college, in independent schools.",
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


def _dates(key: str, grain: str, description: str, *columns: Column) -> Table:
    return Table(
        key=key, grain=grain, description=description, unique_key=("person_id",), minimum_rows=0,
        columns=(PERSON_ID, *columns),
    )  # fmt: skip


MENTAL_HEALTH_PROFILE = _dates(
    "person.mental_health_profile",
    "person known to specialist mental health services",
    "What stands of specialist mental health care at the snapshot; a date is null where it does not.",
    day("cpa_date", "Start of an open episode of the care programme approach."),
    day(
        "community_team_date",
        "Open referral to a community team, with two or more attended contacts in twelve months: its date. It stands in for CPA where that is no longer recorded.",
    ),
    day(
        "specialist_team_date",
        "Open referral to a specialist team, with an attended contact in twelve months: its date.",
    ),
    day("ward_date", "Latest day on a ward, in 24 months."),
    day("detention_date", "Latest start of a detention, in twelve months."),
    count("contact_count", "Attended contacts in twelve months.", Privacy.SENSITIVE),
)
MENTAL_HEALTH_REFERRALS = Table(
    key="person.mental_health_referrals",
    grain="referral to a specialist mental health team",
    description="Referrals with what came of them: contacts attended, open or closed by the snapshot.",
    unique_key=("person_id", "referral_id"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        Column(name="referral_id", type="UUID", description="The referral, as `row_id` in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True),
        day("referral_date", "Date the request was received.", required=True),
        about("team_type_code", "VARCHAR", "Type of team.", Privacy.SENSITIVE),
        about("team_group", "VARCHAR", "Group of teams; null where the type is not listed.", Privacy.SENSITIVE),
        flag("is_cpa_fallback", "A community team that stands in for CPA where that is no longer recorded."),
        flag("is_specialist", "A community, crisis or learning disability team, or one of a type not listed."),
        flag("is_open", "Neither rejected nor discharged by the snapshot."),
        day("discharge_date", "Discharge by the snapshot."),
        day("first_contact_date", "First attended contact."),
        day("last_contact_date", "Latest attended contact."),
        count("contact_count", "Attended contacts in twelve months.", Privacy.SENSITIVE),
    ),
)  # fmt: skip
COMMUNITY_PROFILE = _dates(
    "person.community_profile",
    "person with an open referral to a community health team",
    "On whose caseload a person is at the snapshot: the date of the latest open referral.",
    day("palliative_service_date", "Palliative care."),
    day("childrens_nursing_date", "Children's community nursing."),
    day("district_nursing_date", "District nursing."),
    day("other_team_date", "Any other team."),
)
MATERNITY_PROFILE = _dates(
    "person.maternity_profile",
    "mother of a pregnancy that is active at the snapshot",
    "Pregnancies active at the snapshot: begun, and not delivered more than 56 days ago.",
    day("maternity_date", "Date of booking.", required=True),
    day("pregnancy_start_date", "280 days before the agreed date of delivery, else by gestation.", required=True),
    day("delivery_date", "Date of delivery, where there has been one."),
)
CHILD_CARE_PROFILE = _dates(
    "person.child_care_profile",
    "child with an open episode of children's social care",
    "What stands of children's social care at the snapshot; a date is null where it does not.",
    day("looked_after_date", "Start of the present episode of care, short breaks (V3, V4) apart."),
    day("protection_plan_date", "Start of an open child protection plan."),
    day("need_date", "Referral of an open episode of need."),
    day(
        "disability_need_date", "Of those, one whose primary need is disability (N2), or of a child with a disability."
    ),
    day("early_help_date", "Start of an open episode of early help."),
)
HOMELESSNESS_PROFILE = _dates(
    "person.homelessness_profile",
    "person in a household owed a homelessness duty at the snapshot",
    "Homelessness duties open at the snapshot.",
    day("duty_date", "Date of the latest open duty, prevention included."),
    day("homeless_date", "Date of the latest open main or relief duty, or of an open case of someone sleeping rough."),
    day("support_need_date", "Of those, one with a mental health, drug or alcohol need."),
    day("rough_sleeping_date", "Of those, one of someone sleeping rough."),
)
PERSONALISED_PROFILE = _dates(
    "person.personalised_profile",
    "person with a product of personalised care",
    "Personalised care that is open at the snapshot, or was given in the twelve months before it.",
    day("health_budget_date", "Start of an open personal health or integrated budget."),
    day("continuing_care_date", "Start of an open product of a continuing healthcare cohort, adult or child."),
    day("direct_payment_date", "Start of an open direct payment."),
    day("social_prescribing_date", "Latest referral to social prescribing in twelve months."),
    day("plan_date", "Latest personalised care and support plan in twelve months."),
    about(
        "activation_score",
        "DECIMAL(4,1)",
        "Latest patient activation score, 0–100.",
        Privacy.SENSITIVE,
        Between(low=0, high=100),
    ),
)
INCOME_PROFILE = _dates(
    "person.income_profile",
    "person in a household with a benefit claim",
    "Whether a person's household has a low income, by what the council pays it; amounts are never carried.",
    flag(
        "has_low_income", "Housing benefit, council tax reduction or free school meals by benefit.", Privacy.SENSITIVE
    ),
)

TABLES = (
    HEALTH_PROFILE, SERVICE_PROFILE, EMERGENCY_PROFILE, SCHOOL_PROFILE, MENTAL_HEALTH_REFERRALS, MENTAL_HEALTH_PROFILE, COMMUNITY_PROFILE,
    MATERNITY_PROFILE, CHILD_CARE_PROFILE, HOMELESSNESS_PROFILE, PERSONALISED_PROFILE, INCOME_PROFILE,
)  # fmt: skip
