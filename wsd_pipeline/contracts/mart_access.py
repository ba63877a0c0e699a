"""The mart of who gets to services, group against group, and what is counted of each person for it."""

from __future__ import annotations

from wsd_pipeline.contracts.core import Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.metrics import Metric, measured, metric_mart
from wsd_pipeline.contracts.people import choice

RECORDED = ("not recorded", "recorded", "unknown")
GROUPS = Table(
    key="person.access_groups",
    grain="person eligible at the snapshot date",
    description="Groups by which access is compared. Unknown is whoever no source could have spoken of.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        choice("disability", RECORDED, "recorded: a learning disability (the practice's register, or social care), an education, health and care plan, need as a disabled child, housebound, impaired sight or hearing or information needed in another form, or social care in twelve months for physical or sensory support. Blue badges are not among the sources.", Privacy.SENSITIVE),
        choice("interpreter_need", RECORDED, "Whether the practice has it that an interpreter is needed.", Privacy.SENSITIVE),
    ),
)  # fmt: skip

GP, APPOINTMENTS = ("gp__registrations", "gp__conditions"), ("gp__registrations", "gp__appointments")
WHO = ("ethnicity_group", "imd_quintile", "disability")
_CONTRACEPTION = (
    "÷ women of 15 to 44 on a practice's list, those who want none among them; sexual health clinics are not in it"
)
ACCESS = metric_mart(
    "mart.access_equity",
    grain="metric of access to services and group",
    description="Appointments, missed ones, urgent care, admissions, contraception and prevention by ethnic group, deprivation, disability and need of an interpreter, each beside the group it is compared with. Not standardised for age.",
    version="2026.1",
    sources=("person.access_practice", "person.access_hospital", "person.access_contraception"),
    compared={
        "ethnicity_group": "White British", "imd_quintile": "5", "disability": "not recorded", "interpreter_need": "not recorded",
        "need_segment": "healthy",
    },
    metrics=(
        Metric(id="practice_appointments", unit="per_1000", feeds=APPOINTMENTS, by=(*WHO, "interpreter_need"), among="patients",
               words="appointments attended in twelve months ÷ patients on a list"),
        Metric(id="practice_dna", unit="percent", feeds=APPOINTMENTS, by=(*WHO, "interpreter_need", "need_segment"),
               words="appointments not attended ÷ practice appointments of twelve months attended or not, cancelled ones apart"),
        Metric(id="outpatient_dna", unit="percent", feeds=("op__appointments",), by=(*WHO, "interpreter_need", "need_segment"), is_shared=True,
               words="outpatient appointments missed (3, 7) ÷ those missed or attended (3, 5, 6, 7) in twelve months; by locality in the outcomes framework"),
        Metric(id="unplanned_attendances", unit="per_1000", feeds=("ecds__attendances",), by=WHO, population="people",
               words="unplanned attendances at emergency departments and urgent treatment centres in twelve months ÷ people"),
        Metric(id="non_elective_admissions", unit="per_1000", feeds=("apc__episodes",), by=WHO, population="people", is_shared=True,
               words="emergency admissions in twelve months ÷ people"),
        Metric(id="flu_vaccination_65", unit="percent", feeds=GP, by=WHO,
               words="those vaccinated against influenza in twelve months ÷ patients of 65 or over"),
        Metric(id="nhs_health_checks", unit="percent", feeds=GP, by=WHO, period="five_years", is_shared=True,
               words="those checked in five years ÷ patients of 40 to 74 offered an NHS Health Check in five years, or checked"),
        Metric(id="contraception_recorded", unit="percent", feeds=GP, by=("locality", "age_band", "ethnicity_group", "imd_quintile"),
               words=f"those with any method recorded in twelve months {_CONTRACEPTION}; the bands at the ends are cut at 15 and 44"),
        Metric(id="larc_per_1000", unit="per_1000", feeds=GP, by=("age_band", "ethnicity_group", "imd_quintile"), population="women_15_44", is_shared=True,
               words="women with an implant or intrauterine method recorded in twelve months ÷ women of 15 to 44, on a list or not; by locality in the outcomes framework"),
        Metric(id="contraception_after_birth", unit="percent", feeds=(*GP, "msds__pregnancies"), by=("ethnicity_group", "imd_quintile"),
               words="those with any method recorded within 56 days ÷ women on a list who gave birth in the twelve months that ended 56 days before the snapshot"),
    ),
)  # fmt: skip

TABLES = (
    GROUPS,
    measured("person.access_practice", "access to general practice"),
    measured("person.access_hospital", "access to hospital"),
    measured("person.access_contraception", "contraception"),
    ACCESS,
)
