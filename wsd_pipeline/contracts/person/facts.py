"""What segment rules may ask of a person, and what has to be there before it can be answered.

A fact is evaluable where every feed it rests on stands for the month and is not stale and, where it is about patients,
a GP record is linked to the person. Otherwise it is null: neither true nor false. `person.profile` and its SQL are both
made from this list, so a new fact is one entry here and a name in `segments.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass

from wsd_pipeline.contracts.checks import Between
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID, SEXES
from wsd_pipeline.contracts.people import AGE_YEARS, POPULATION_BASES, choice, day, flag

GP = ("gp__registrations", "gp__conditions")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact: `value` is SQL over the columns of `table`; `dates` are columns of the table shown beside it as evidence.

    Someone with no row in the table has the value `otherwise`. In `value`, `has_<feed>` says whether a feed that may be
    absent stands for the month.
    """

    name: str
    words: str
    table: str
    value: str
    feeds: tuple[str, ...]
    of_patients: bool = False
    type: str = "BOOLEAN"
    otherwise: str = "false"
    dates: tuple[tuple[str, str], ...] = ()
    may_lack: tuple[str, ...] = ()


def _patients(date: str, name: str, words: str) -> Fact:
    """A condition that stands, of the practice's records."""
    return Fact(
        name=name, words=words, table="health_profile", value=f"{date}_date is not null", feeds=GP, of_patients=True,
        dates=((f"{date}_date", f"{date}_date"),),
    )  # fmt: skip


def _dated(name: str, words: str, table: str, date: str, *feeds: str, shown: str = "") -> Fact:
    """Something that is so where the table has its date."""
    return Fact(
        name=name, words=words, table=table, value=f"{date} is not null", feeds=feeds, dates=((date, shown or date),)
    )


def _count(name: str, words: str, table: str, feed: str, date: str = "") -> Fact:
    """A number of things in twelve months, none where the table has no row."""
    return Fact(
        name=name, words=words, table=table, value=name, feeds=(feed,), type="INTEGER", otherwise="0",
        dates=((date, date),) if date else (),
    )  # fmt: skip


FACTS = (
    Fact(
        name="ltc_count", words="Long-term conditions that stand, of the sixteen counted", table="health_profile",
        value="ltc_count", feeds=GP, of_patients=True, type="INTEGER", otherwise="0", dates=(("ltc_date", "ltc_date"),),
    ),
    Fact(
        name="cms_partial_score", words="Cambridge Multimorbidity Score of the conditions counted: partial, as pain and constipation need prescriptions",
        table="health_profile", value="cms_partial_score", feeds=GP, of_patients=True, type="DECIMAL(5,2)", otherwise="0",
    ),
    _patients("palliative_care", "has_palliative_care", "On the palliative care register"),
    _patients("moderate_frailty", "has_moderate_frailty", "Moderately frail, on the latest record of 24 months, aged 65 or over"),
    _patients("severe_frailty", "has_severe_frailty", "Severely frail, on the latest record of 24 months, aged 65 or over"),
    _patients("dementia", "has_dementia", "On the dementia register"),
    _patients("serious_mental_illness", "has_serious_mental_illness", "On the serious mental illness register"),
    _patients("learning_disability", "has_learning_disability", "On the learning disability register"),
    _patients("heart_failure", "has_heart_failure", "On the heart failure register"),
    _patients("copd", "has_copd", "On the COPD register"),
    _patients("cancer", "has_cancer", "Cancer recorded in the last five years"),
    _patients("chronic_kidney_disease_5", "has_chronic_kidney_disease_5", "Chronic kidney disease, stage 5"),
    _patients("hypertension", "has_hypertension", "On the hypertension register"),
    _patients("non_diabetic_hyperglycaemia", "has_non_diabetic_hyperglycaemia", "Non-diabetic hyperglycaemia"),
    _patients("obesity", "is_obese", "Obese on a record of the last twelve months"),
    _patients("current_smoker", "is_current_smoker", "Recorded as smoking, and not since as not smoking"),
    Fact(
        name="is_care_home_resident", words="Recorded by the practice as living in a care home", table="health_profile",
        value="care_home_date is not null", feeds=GP[:1], of_patients=True, dates=(("care_home_date", "care_home_date"),),
    ),
    Fact(
        name="is_carer", words="Recorded by the practice as an unpaid carer", table="health_profile",
        value="carer_date is not null", feeds=GP[:1], of_patients=True,
    ),
    _count("emergency_admission_count", "Emergency admissions in twelve months", "service_profile", "apc__episodes", "emergency_admission_date"),
    _count("copd_admission_count", "Emergency admissions for COPD in twelve months", "service_profile", "apc__episodes"),
    Fact(
        name="has_recent_emergency_admission", words="Emergency admission in three months", table="service_profile",
        value="months_since(emergency_admission_date, $snapshot_date) < 3", feeds=("apc__episodes",),
    ),
    _dated("has_cancer_treatment", "Chemotherapy or radiotherapy in hospital in twelve months", "service_profile", "cancer_treatment_date", "apc__episodes"),
    _count("ed_attendance_count", "Unplanned attendances at emergency departments in twelve months", "emergency_profile", "ecds__attendances", "ed_attendance_date"),
    Fact(
        name="is_high_intensity_ed", words="Five or more of them at major departments and urgent treatment centres",
        table="emergency_profile", value="is_high_intensity_ed", feeds=("ecds__attendances",),
    ),
    _dated("has_long_term_care", "Long-term social care open at the snapshot", "service_profile", "long_term_care_date", "asc__events"),
    _dated("has_care_home_placement", "Residential or nursing care open at the snapshot", "service_profile", "care_home_date", "asc__events", shown="care_home_placement_date"),
    _dated("has_learning_disability_support", "Social care with learning disability as its reason", "service_profile", "learning_disability_support_date", "asc__events"),
    _dated("has_carer_support", "Supported as a carer in twelve months", "service_profile", "carer_support_date", "asc__events"),
    Fact(
        name="has_ehcp", words="An education, health and care plan is in force", table="school_profile", value="has_ehcp",
        feeds=("education__pupils",), dates=(("ehcp_date", "ehcp_date"),),
    ),
    Fact(
        name="is_fsm_eligible", words="Eligible for free school meals", table="school_profile", value="is_fsm_eligible",
        feeds=("education__pupils",),
    ),
    Fact(
        # the approach is being retired: without its feed, an open community referral with two attended contacts stands in
        name="is_on_cpa", words="On the care programme approach or, where its feed has stopped, in the care of a community mental health team",
        table="mental_health_profile",
        value="case when has_mhsds__cpa then cpa_date is not null else community_team_date is not null end",
        feeds=("mhsds__referrals", "mhsds__contacts"), may_lack=("mhsds__cpa",),
        dates=(("coalesce(cpa_date, community_team_date)", "cpa_date"),),
    ),
    _dated("has_mental_health_stay", "In a mental health ward in 24 months", "mental_health_profile", "ward_date", "mhsds__ward_stays", shown="mental_health_stay_date"),
    _dated("has_specialist_mental_health_care", "Open referral to a specialist mental health team, seen in twelve months", "mental_health_profile", "specialist_team_date", "mhsds__referrals", "mhsds__contacts", shown="specialist_mental_health_date"),
    _dated("has_palliative_service", "On the caseload of community palliative care", "community_profile", "palliative_service_date", "csds__referrals"),
    _dated("has_childrens_nursing", "On the caseload of community children's nursing", "community_profile", "childrens_nursing_date", "csds__referrals"),
    _dated("has_maternity_care", "Pregnant, or delivered in the last 56 days", "maternity_profile", "maternity_date", "msds__pregnancies"),
    _dated("is_looked_after", "Looked after, short breaks apart", "child_care_profile", "looked_after_date", "csc__looked_after"),
    _dated("has_protection_plan", "On a child protection plan", "child_care_profile", "protection_plan_date", "csc__protection_plans"),
    _dated("is_in_need_by_disability", "Child in need because of disability", "child_care_profile", "disability_need_date", "csc__children", "csc__children_in_need"),
    _dated("is_homeless", "Owed the main or relief duty, or sleeping rough", "homelessness_profile", "homeless_date", "homelessness__people"),
    _dated("has_homeless_support_need", "Of those, with a mental health, drug or alcohol need", "homelessness_profile", "support_need_date", "homelessness__people"),
    _dated("has_personal_health_budget", "Personal health or integrated budget open", "personalised_profile", "health_budget_date", "personalised_care__products"),
    _dated("has_continuing_care", "Continuing healthcare, adult or child, open", "personalised_profile", "continuing_care_date", "personalised_care__products"),
    Fact(
        name="has_low_income", words="In a household with housing benefit, council tax reduction or free school meals by benefit",
        table="income_profile", value="has_low_income", feeds=("benefits__claimants",),
    ),
)  # fmt: skip


def profile_tables() -> tuple[str, ...]:
    """The tables that facts are read from, each once, in the order in which facts need them."""
    return tuple(dict.fromkeys(fact.table for fact in FACTS))


def profile_feeds() -> tuple[str, ...]:
    """The feeds that any fact rests on, each once, by name."""
    return tuple(sorted({feed for fact in FACTS for feed in (*fact.feeds, *fact.may_lack)}))


def _columns() -> list[Column]:
    made: dict[str, Column] = {}
    for fact in FACTS:
        words = f"{fact.words}; null where not evaluable"
        if fact.type == "BOOLEAN":
            made[fact.name] = flag(fact.name, f"{words}.", Privacy.SENSITIVE, required=False)
        else:
            made[fact.name] = Column(
                name=fact.name, type=fact.type, description=f"{words}.", privacy=Privacy.SENSITIVE, checks=(Between(low=0),)
            )  # fmt: skip
        for _, shown in fact.dates:
            made.setdefault(shown, day(shown, f"{fact.words}: its date."))
    return list(made.values())


PROFILE = Table(
    key="person.profile",
    grain="person eligible at the snapshot date",
    description="What segment rules may ask of a person. A null flag or count is not evaluable: its source was not supplied or is stale, or no GP record is linked.",
    unique_key=("person_id",),
    columns=(
        PERSON_ID,
        AGE_YEARS,
        choice("sex", SEXES, "Sex.", Privacy.QUASI),
        choice("population_basis", POPULATION_BASES[:3], "Registered, resident or both.", Privacy.PAYLOAD),
        flag("has_health_record", "A GP record is linked."),
        *_columns(),
    ),
)
