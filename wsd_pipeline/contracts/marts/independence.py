"""The mart of support that lets people live as they choose, and what is counted of each person for it."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.fields import PERSON_ID
from wsd_pipeline.contracts.landed.housing_need import ADAPTATION_LANDLORDS
from wsd_pipeline.contracts.marts.conditions import MONTH, text
from wsd_pipeline.contracts.measures import MartTable, count, mean, money
from wsd_pipeline.contracts.metrics import Metric, measured, metric_mart
from wsd_pipeline.contracts.people import about, choice, day, flag

SUPPORTS = ("adaptation", "equipment", "health_budget")
REACHING = ("apc__episodes", "ecds__attendances")
GP = ("gp__registrations", "gp__conditions")
_FEED = about("feed", "VARCHAR", "The feed.", Privacy.NONE, OneOf(values=REACHING), required=True)
_SUPPORT = choice("support", SUPPORTS, "health_budget: a personal health or integrated budget. adaptation: of a home, finished. equipment: equipment or telecare of social care.", Privacy.SENSITIVE)  # fmt: skip

FEED_REACH = Table(
    key="person.feed_reach",
    grain="feed of hospital activity",
    description="From which day a feed holds everything: the first month with a quarter of the events of its fullest one.",
    unique_key=("feed",),
    minimum_rows=0,
    columns=(_FEED, Column(name="reach_date", type="DATE", description="First day.", privacy=Privacy.NONE, required=True)),
)  # fmt: skip

FALL_ADMISSIONS = Table(
    key="person.fall_admissions",
    grain="emergency admission for an injury after a fall",
    description="An injury (S00–T98) first, a fall (W00–W19) anywhere, at any age, as far back as the file of admissions goes.",
    unique_key=("person_id", "spell_key"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        Column(name="spell_key", type="UUID", description="The spell, as in `person.spells`.", privacy=Privacy.PSEUDONYM, required=True),
        day("admission_date", "Admission.", required=True),
    ),
)  # fmt: skip

SUPPORT_STARTS = Table(
    key="person.support_starts",
    grain="person and kind of support",
    description="The day on which the first support of each kind began, or the first adaptation was finished.",
    unique_key=("person_id", "support"),
    minimum_rows=0,
    columns=(PERSON_ID, _SUPPORT, day("start_date", "That day.", required=True)),
)

SUPPORT_FOLLOWED = Table(
    key="person.support_followed",
    grain="person, kind of support, feed and span of months",
    description="The months before and after support began, and whether the feed and the person's life hold all of them.",
    unique_key=("person_id", "support", "feed", "months"),
    minimum_rows=0,
    columns=(
        PERSON_ID,
        _SUPPORT,
        _FEED,
        about("months", "INTEGER", "3 or 12.", Privacy.NONE, required=True),
        day("start_date", "When support began: the first day after.", required=True),
        day("from_date", "First day before.", required=True),
        day("to_date", "The day after the last.", required=True),
        flag("is_whole", "Both sides are whole."),
    ),
)

COHORTS = {
    "ehcp": ("with an education, health and care plan", ("education__pupils",)),
    "learning_disability": ("on the learning disability register", GP),
    "two_conditions": ("with two or more long-term conditions", GP),
    "cpa": ("on the care programme approach or its successor", ("mhsds__referrals", "mhsds__contacts")),
}
OFFERS = {
    "health_budget": ("a personal health or integrated budget open", ("personalised_care__products",), "snapshot"),
    "direct_payment": ("a direct payment open, of health or social care", ("personalised_care__products", "asc__events"), "snapshot"),
    "activation_score": ("a patient activation score", ("personalised_care__products", *GP), "snapshot"),
    "social_prescribing": ("a referral to social prescribing in twelve months", ("personalised_care__products", *GP), "twelve_months"),
}  # fmt: skip
EVENTS = {
    "admissions": ("emergency admissions", "apc__episodes"),
    "falls": ("emergency admissions for an injury after a fall", "apc__episodes"),
    "ed": ("unplanned attendances at emergency departments", "ecds__attendances"),
}
BEGUN = {
    "budget": ("a first personal health or integrated budget began", "personalised_care__products"),
    "adaptation": ("a first adaptation of the home was finished", "housing__adaptations"),
    "equipment": ("a first service of equipment or telecare began", "asc__events"),
}


def _uptake() -> tuple[Metric, ...]:
    return tuple(
        Metric(
            id=f"{offer}_of_{cohort}", words=f"those with {what} ÷ people {who}", unit="percent",
            feeds=tuple(dict.fromkeys((*feeds, *cohort_feeds))), period=period, among=f"people {who}",
        )
        for cohort, (who, cohort_feeds) in COHORTS.items()
        for offer, (what, feeds, period) in OFFERS.items()
    )  # fmt: skip


def _before_and_after() -> tuple[Metric, ...]:
    """Events after for a hundred before, of the same people; and how many people those are."""
    found = []
    for support, (began, feed) in BEGUN.items():
        for months in (3, 12):
            whole = f"people whose {months} months on both sides are whole, in the files and in their lives"
            found += [
                Metric(
                    id=f"{support}_{event}_{months}_months", unit="per_100", feeds=(feed, source), by=(), has_interval=False,
                    words=f"{what} in the {months} months after {began} ÷ those in the {months} months before, of {whole}; nobody is compared with them, and what follows a crisis falls by itself",
                )
                for event, (what, source) in EVENTS.items()
            ]  # fmt: skip
            found.append(
                Metric(
                    id=f"{support}_followed_{months}_months", unit="percent", feeds=(feed, "apc__episodes"), by=(),
                    words=f"{whole} ÷ people for whom {began}", among=f"people for whom {began}",
                )
            )  # fmt: skip
    return tuple(found)


def _measures_before_and_after() -> tuple[Metric, ...]:
    """Weight and HbA1c of adults with a learning disability and a budget: the same people on both sides of its start."""
    feeds = ("personalised_care__products", *GP)
    holders = "adults on the learning disability register for whom a first personal health or integrated budget began"
    found = []
    for what, words in (("weight", "a body mass index"), ("hba1c", "an HbA1c")):
        found.append(
            Metric(
                id=f"budget_{what}_followed", unit="percent", feeds=feeds, by=(),
                among="adults with a learning disability and a budget", all_of=f"{what} before and after a budget",
                words=f"those with {words} recorded in the 12 months up to the day it began and another 3 to 12 months after ÷ {holders}",
            )
        )  # fmt: skip
    said = (
        ("weight_down", "weight", "those whose later body mass index is lower by 5 % or more"),
        ("weight_up", "weight", "those whose later body mass index is higher by 5 % or more"),
        ("hba1c_raised_before", "hba1c", "those whose earlier HbA1c is 42 mmol/mol or more, from where the risk of diabetes is high"),
        ("hba1c_raised_after", "hba1c", "those whose later HbA1c is 42 mmol/mol or more"),
    )  # fmt: skip
    return (
        *found,
        *(
            Metric(
                id=f"budget_{name}", unit="percent", feeds=feeds, by=(), among=f"{what} before and after a budget",
                words=f"{words} ÷ {holders}, with both; nobody is compared with them",
            )
            for name, what, words in said
        ),
    )  # fmt: skip


_TENANCIES = ("housing__adaptations", "housing__tenancies")
INDEPENDENCE = metric_mart(
    "mart.promoting_independence",
    grain="metric of support to live independently, and place or group",
    description="Who has a personal budget, social prescribing or an adapted home of those it is meant for; use of hospitals, weight and HbA1c before and after; frailty, home care and diabetes.",
    version="2026.2",
    sources=(
        "person.support_uptake", "person.support_events", "person.budget_measures", "person.adaptation_times",
        "person.care_at_home", "person.diabetes_care", "person.diabetes_onset",
    ),
    metrics=(
        *_uptake(),
        *_before_and_after(),
        *_measures_before_and_after(),
        Metric(id="adapted_within_180_days", unit="percent", feeds=("housing__adaptations",), among="adaptations finished",
               words="finished within 180 days of the referral ÷ adaptations finished in twelve months"),
        Metric(id="adapted_within_365_days", unit="percent", feeds=("housing__adaptations",), among="adaptations finished",
               words="finished within 365 days of the referral ÷ adaptations finished in twelve months"),
        Metric(id="approved_within_180_days", unit="percent", feeds=("housing__adaptations",),
               words="approved within 180 days of the referral ÷ adaptations finished in twelve months with a day of approval; the law's six months run from the application, which is not recorded"),
        Metric(id="adaptation_grants", unit="per_10000", feeds=_TENANCIES, by=("locality", "tenure"), population="people",
               words="adaptations finished in twelve months ÷ people, whether they need one or not"),
        Metric(id="adaptations_of_providers", unit="percent", feeds=("housing__adaptations",), by=(),
               words="in homes of registered providers ÷ adaptations finished in twelve months whose landlord is told; of grants, not of pounds"),
        Metric(id="needs_adapted", unit="percent", feeds=(*_TENANCIES, *GP, "asc__events"), by=("locality", "tenure", "ethnicity_group"),
               words="those with an adaptation finished in twelve months ÷ people with a disability recorded (see person.access_groups) or moderate or severe frailty, who may need one; as a rule most have no need of works"),
        Metric(id="frail_off_caseload", unit="percent", feeds=(*GP, "csds__referrals"), by=("locality", "pcn_code"), period="snapshot", among="people with moderate frailty",
               words="those with no open referral to district nursing ÷ people of 65 or over with moderate frailty recorded"),
        Metric(id="frail_off_caseload_with_ed", unit="percent", feeds=(*GP, "csds__referrals", "ecds__attendances"), by=("locality", "pcn_code"), among="people with moderate frailty",
               words="those with no open referral to district nursing and an unplanned attendance in twelve months ÷ people of 65 or over with moderate frailty recorded"),
        Metric(id="home_care_65", unit="per_1000", feeds=("asc__events",), population="people_65_plus", period="snapshot",
               words="people of 65 or over with home support open ÷ people of 65 or over"),
        Metric(id="home_care_with_nursing", unit="percent", feeds=("asc__events", "csds__referrals", "csds__contacts"),
               words="those seen by district nursing in twelve months ÷ people with home support open"),
        Metric(id="diabetes_eight_processes", unit="percent", feeds=GP, by=("locality", "pcn_code", "ethnicity_group"), among="patients with diabetes",
               words="those with all eight care processes in twelve months (HbA1c, blood pressure, cholesterol, eGFR, albumin, foot, weight, smoking) ÷ patients of 17 or over with diabetes"),
        Metric(id="diabetes_three_targets", unit="percent", feeds=GP, by=("locality", "pcn_code", "ethnicity_group"), among="patients with diabetes",
               words="those whose latest HbA1c of twelve months is 58 mmol/mol or less, blood pressure 140/80 or less, and with a statin where they are 40 to 80 ÷ patients of 17 or over with diabetes, those not measured too"),
        Metric(id="hyperglycaemia_to_diabetes", unit="percent", feeds=GP, by=("locality", "ethnicity_group"),
               words="those in whom diabetes was first recorded in twelve months ÷ adults with non-diabetic hyperglycaemia, and no diabetes, recorded before them"),
    ),
)  # fmt: skip

ADAPTATION_SPENDING = MartTable(
    key="mart.adaptation_spending",
    grain="landlord of the homes that were adapted",
    description="What adaptations finished in twelve months cost, by who owns the home: how much of the Disabled Facilities Grant and its discretionary kinds goes to tenants of registered providers. Of people who are known here.",
    unique_key=("snapshot_month", "landlord_type"),
    columns=(
        MONTH,
        text("landlord_type", "LA/THH the council, RP a registered provider, owner, private a private landlord; unknown where the service does not say; all for all.", OneOf(values=("all", *ADAPTATION_LANDLORDS, "unknown"))),
        *count("adaptation_count", "Adaptations finished in twelve months; x where the feed is missing."),
        *money("cost_gbp", "What they cost.", "adaptation_count", "largest_gbp"),
        *mean("mean_cost_gbp", "Published cost for each of them.", "cost_gbp", "adaptation_count", decimals=0),
    ),
)  # fmt: skip

TABLES = (
    FEED_REACH,
    ADAPTATION_SPENDING,
    FALL_ADMISSIONS,
    SUPPORT_STARTS,
    SUPPORT_FOLLOWED,
    measured("person.support_uptake", "personalised care among those it is meant for"),
    measured("person.support_events", "use of hospitals before and after support began"),
    measured("person.budget_measures", "weight and HbA1c before and after a budget began"),
    measured("person.adaptation_times", "adaptations of homes"),
    measured("person.care_at_home", "frailty, home care and district nursing"),
    measured("person.diabetes_care", "care for diabetes"),
    measured("person.diabetes_onset", "diabetes after non-diabetic hyperglycaemia"),
    INDEPENDENCE,
)
