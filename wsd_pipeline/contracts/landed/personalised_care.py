"""Personalised care: budgets, direct payments, social prescribing, patient activation, plans and coaching."""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy
from wsd_pipeline.contracts.feed import FileFormat, Says
from wsd_pipeline.contracts.fields import birth_date, dropped, kept, name_part, nhs_number, sex

PRODUCTS = (
    "PHB notional", "PHB third-party", "PHB direct payment", "IPB", "direct payment ASC", "social prescribing referral",
    "social prescribing declined", "PAM", "PCSP", "peer support", "health coaching",
)  # fmt: skip
PERSONAL_BUDGETS = PRODUCTS[:4]
COHORTS = (
    "CHC adult", "continuing care child", "wheelchair", "s117", "LD", "MH CPA", "LTC2plus", "EHCP child", "ASC client", "primary care",
)  # fmt: skip
PAM_LEVEL_FROM = (0.0, 47.1, 55.2, 72.5)
"""Lowest patient activation score of levels 1 to 4 (13-item measure); an older cut began level 4 at 67.0."""

PRODUCTS_GIVEN = LandedTable(
    key="landed.personalised_care__products",
    grain="product given or offered to a person",
    description="Personal health and integrated budgets, direct payments, social prescribing, patient activation scores, personalised plans, peer support and health coaching.",
    source="personalised_care",
    supplier="personalised care team (council and ICB)",
    domain_section="2.17",
    cadence="quarterly",
    person_key=("local_ref",),
    unique_key=("local_ref", "product", "start_date"),
    file=FileFormat(date_formats=("%d/%m/%Y", "%Y-%m-%d"), encodings=("utf-8", "cp1252")),
    event_date="start_date",
    says=Says(seen="start_date"),
    columns=(
        nhs_number("NHS_Number"),
        dropped("local_ref", "VARCHAR", "The team's own id of the person; stands behind `record_id`.", header="Local_ID", required=True),
        name_part(Identity.SURNAME, "Surname", "Surname."),
        name_part(Identity.FORENAME, "Forename", "Forename or forenames."),
        birth_date("Date_of_Birth"),
        sex("Gender", ("Male", "Female", "Other", "Unknown")),
        kept("product", "VARCHAR", "What was given or offered.", Privacy.SENSITIVE, header="Product", required=True, checks=(OneOf(values=PRODUCTS, limit=0.01),)),
        kept("start_date", "DATE", "Start, referral or measurement.", Privacy.SENSITIVE, header="Start_Date", required=True, checks=(NotInFuture(limit=0.01), NotAfter(other="end_date", limit=0.01, severity=Severity.WARN))),
        kept("end_date", "DATE", "End; empty while it runs.", Privacy.SENSITIVE, header="End_Date"),
        kept("cohort", "VARCHAR", "Why the person is entitled to it.", Privacy.SENSITIVE, header="Cohort", checks=(OneOf(values=COHORTS, limit=0.02),)),
        kept("annual_value_gbp", "DECIMAL(12,2)", "Value of a budget or payment in a year, in pounds.", header="Value_Annual", checks=(Between(low=0, high=500_000, limit=0.01),)),
        kept("activation_score", "DECIMAL(4,1)", "Patient activation measure, 0–100.", Privacy.SENSITIVE, header="PAM_Score", checks=(Between(low=0, high=100, limit=0.01),)),
        kept("activation_level", "SMALLINT", "Patient activation level as sent, 1–4; cuts differ by version, so levels are made from the score.", Privacy.SENSITIVE, header="PAM_Level", checks=(Between(low=1, high=4, limit=0.01),)),
    ),
)  # fmt: skip

TABLES = (PRODUCTS_GIVEN,)
