"""The mart of who gets to services, group against group, and what is counted of each person for it."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.marts.conditions import MONTH, text
from wsd_pipeline.contracts.measures import Counts, MartTable, bound, count, standardised
from wsd_pipeline.contracts.metrics import NAMED, Metric, measured, metric_mart
from wsd_pipeline.contracts.people import choice

RECORDED = ("not recorded", "recorded", "unknown")
LANGUAGES = ("Bengali", "English", "other", "unknown")
GROUPS = Table(
    key="person.access_groups",
    grain="person eligible at the snapshot date",
    description="Groups by which access is compared. Unknown is whoever no source could have spoken of.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        choice("disability", RECORDED, "recorded: a learning disability (the practice's register, or social care), an education, health and care plan, need as a disabled child, housebound, impaired sight or hearing or information needed in another form, or social care in twelve months for physical or sensory support. Blue badges are not among the sources.", Privacy.SENSITIVE),
        choice("interpreter_need", RECORDED, "Whether the practice has it that an interpreter is needed.", Privacy.SENSITIVE),
        choice("main_language", LANGUAGES, "Main spoken language on the practice's record.", Privacy.SENSITIVE),
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
        "main_language": "English",
        "need_segment": "healthy",
    },
    metrics=(
        Metric(id="practice_appointments", unit="per_1000", feeds=APPOINTMENTS, by=(*WHO, "interpreter_need", "main_language"), among="patients",
               words="appointments attended in twelve months ÷ patients on a list"),
        Metric(id="practice_dna", unit="percent", feeds=APPOINTMENTS, by=(*WHO, "interpreter_need", "main_language", "need_segment"),
               words="appointments not attended ÷ practice appointments of twelve months attended or not, cancelled ones apart"),
        Metric(id="outpatient_dna", unit="percent", feeds=("op__appointments",), by=(*WHO, "interpreter_need", "main_language", "need_segment"), is_shared=True,
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

AGE_GROUPS = ("0-17", "18-39", "40-64", "65-74", "75+")
WEIGHTS = (19_300.0, 27_700.0, 33_500.0, 10_500.0, 9_000.0)
"""People of those ages in the European standard population of 2013; 15 to 19 and so on shared out evenly."""
_STRATA = tuple(name for i in range(1, 6) for name in (f"events_{i}", f"people_{i}"))


def _family(metric: str) -> str:
    """The family in which `mart.access_equity` has the numerators of a metric."""
    return next(c.family for c in ACCESS.counts["numerator_count"] if f"'{metric}'" in str(c.where))


def _dobson(name: str, side: str) -> tuple[Column, ...]:
    words = f"{'Lower' if side == 'lower' else 'Upper'} bound of its 95 % interval (Dobson, about Byar's)."
    return bound(name, words, side, "dobson", *_STRATA, per=1000, weights=WEIGHTS)


STANDARDISED = MartTable(
    key="mart.access_standardised",
    grain="metric of use that is standardised for age, and group",
    description="Emergency admissions, unplanned attendances and practice appointments of each ethnic group, deprivation quintile and of disabled people, as they would be if all groups had the ages of the European standard population of 2013: so that a young group can be set beside an older one.",
    unique_key=("snapshot_month", "metric_id", "dimension", "dimension_value"),
    minimum_rows=0,
    columns=(
        MONTH,
        text("metric_id", "Metric, as in mart.access_equity.", OneOf(values=("non_elective_admissions", "practice_appointments", "unplanned_attendances"))),
        text("dimension", "What it is broken down by; all where it is not.", OneOf(values=("all", *WHO))),
        text("dimension_value", "The group; all where not broken down.", privacy=Privacy.QUASI),
        *count("numerator_count", "Admissions, attendances or appointments of twelve months; x where the feed is missing."),
        *standardised("value_per_1000", "For 1,000 people, directly standardised over the ages 0 to 17, 18 to 39, 40 to 64, 65 to 74 and 75 or over at the snapshot.", WEIGHTS, *_STRATA, per=1000),
        *_dobson("ci_low_per_1000", "lower"),
        *_dobson("ci_high_per_1000", "upper"),
    ),
    counts={
        "numerator_count": (
            Counts(family=_family("non_elective_admissions"), named=NAMED, where="metric_id = 'non_elective_admissions'"),
            Counts(family=_family("practice_appointments"), named=NAMED, apart=("metric_id",), where="metric_id = 'practice_appointments'"),
            Counts(family=_family("unplanned_attendances"), named=NAMED, apart=("metric_id",), where="metric_id = 'unplanned_attendances'"),
        ),
    },
)  # fmt: skip

TABLES = (
    GROUPS,
    STANDARDISED,
    measured("person.access_practice", "access to general practice"),
    measured("person.access_hospital", "access to hospital"),
    measured("person.access_contraception", "contraception"),
    ACCESS,
)
