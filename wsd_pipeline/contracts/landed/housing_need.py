"""Homes that do not fit: the housing register, and adaptations of homes for disabled people.

Each system numbers people its own way, so each is a source of its own.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy, RowRule
from wsd_pipeline.contracts.feed import Address, FileFormat, Says
from wsd_pipeline.contracts.fields import birth_date, dropped, kept, keyed, name_part, postcode, sex, uprn

RELATIONSHIPS = ("applicant", "partner", "child", "other relative", "other")
PRIORITIES = ("medical", "overcrowding", "decant", "under-occupation", "homeless", "none")
ADAPTATION_LANDLORDS = ("LA/THH", "RP", "owner", "private")
WORKS = (
    "level access shower", "stairlift", "ramp", "through-floor lift", "kitchen", "extension", "AT/telecare", "hoarding/declutter", "other",
)  # fmt: skip
GRANTS = (
    "mandatory DFG", "discretionary top-up", "relocation", "hospital discharge", "dementia", "AT & equipment",
)  # fmt: skip

REGISTER = LandedTable(
    key="landed.housing__register",
    grain="person on a housing application",
    description="The housing register: applicants and those to be housed with them. Ages and relationships are what the bedroom standard is worked out from.",
    source="housing_register",
    supplier="council lettings service",
    domain_section="2.14",
    person_key=("app_ref", "member_no"),
    unique_key=("app_ref", "member_no"),
    latest_by=("application_date",),
    file=FileFormat(delimiter="|", encodings=("cp1252", "utf-8"), date_formats=("%d/%m/%Y", "%Y-%m-%d")),
    event_date="application_date",
    says=Says(seen="application_date", address=Address(priority=4, seen="application_date")),
    columns=(
        keyed("app_ref", "Application reference.", required=True, pseudo_name="application_key"),
        kept("member_no", "SMALLINT", "Number of the person on the application, from 1.", required=True),
        kept("relationship", "VARCHAR", "Part in the household: a partner of the applicant shares a bedroom.", checks=(OneOf(values=RELATIONSHIPS, limit=0.01),)),
        name_part(Identity.SURNAME, "surname", "Surname."),
        name_part(Identity.FORENAME, "forename", "Forename or forenames."),
        birth_date("dob"),
        sex("sex", ("M", "F", "U")),
        uprn(),
        postcode(),
        kept("application_date", "DATE", "Date of the application.", header="app_date", required=True, checks=(NotInFuture(limit=0.01),)),
        kept("priority_band", "VARCHAR", "Band 1, 2 or 3.", header="band", checks=(OneOf(values=("1", "2", "3"), limit=0.01),)),
        kept("priority_reason", "VARCHAR", "Why the household has priority.", Privacy.SENSITIVE, header="priority", checks=(OneOf(values=PRIORITIES, limit=0.01),)),
        kept("bedroom_need_count", "SMALLINT", "Bedrooms needed, as the lettings service has it.", header="bedroom_need", checks=(Between(low=0, high=12, limit=0.01),)),
        kept("bedroom_count", "SMALLINT", "Bedrooms in the present home.", header="bedrooms_current", checks=(Between(low=0, high=12, limit=0.01),)),
    ),
)  # fmt: skip

GRANT_CAP_GBP = 30_000
ADAPTATIONS = LandedTable(
    key="landed.housing__adaptations",
    grain="adaptation of a person's home",
    description="Adaptations of homes by Disabled Facilities Grant and its discretionary kinds, from referral to completion. A mandatory grant is capped at £30,000; what goes beyond is discretionary.",
    source="adaptations",
    supplier="council adaptations service",
    domain_section="2.14",
    person_key=("adaptation_ref",),
    unique_key=("adaptation_ref",),
    latest_by=("referral_date",),
    file=FileFormat(encodings=("cp1252", "utf-8"), date_formats=("%d/%m/%Y", "%Y-%m-%d")),
    event_date="referral_date",
    says=Says(
        seen="coalesce(completion_date, approval_date, referral_date)",
        address=Address(priority=4, seen="coalesce(completion_date, approval_date, referral_date)"),
    ),
    rules=(
        RowRule(
            name="cap_flag_agrees", failing=f"is_cap_exceeded <> (cost_gbp > {GRANT_CAP_GBP})", limit=0.02, severity=Severity.WARN,
            description="The flag says whether the cost is beyond the cap.",
        ),
    ),
    columns=(
        dropped("adaptation_ref", "VARCHAR", "Reference of the adaptation; stands behind `record_id`.", header="ref", required=True),
        uprn(),
        postcode(),
        name_part(Identity.SURNAME, "client_surname", "Surname of the disabled person."),
        name_part(Identity.FORENAME, "client_forename", "Forename of the disabled person."),
        birth_date("dob"),
        kept("landlord_type", "VARCHAR", "Who owns the home.", checks=(OneOf(values=ADAPTATION_LANDLORDS, limit=0.01),)),
        kept("referral_date", "DATE", "Date of referral.", Privacy.SENSITIVE, required=True, checks=(NotInFuture(limit=0.01), NotAfter(other="completion_date", limit=0.01, severity=Severity.WARN))),
        kept("assessment_date", "DATE", "Date of the occupational therapist's assessment.", Privacy.SENSITIVE, header="ot_assessment_date", checks=(NotInFuture(limit=0.01),)),
        kept("approval_date", "DATE", "Date of approval.", Privacy.SENSITIVE, checks=(NotInFuture(limit=0.01), NotAfter(other="completion_date", limit=0.01, severity=Severity.WARN))),
        kept("completion_date", "DATE", "Date the works were certified; empty until then.", Privacy.SENSITIVE, checks=(NotInFuture(limit=0.01),)),
        kept("works_type", "VARCHAR", "What was done.", Privacy.SENSITIVE, checks=(OneOf(values=WORKS, limit=0.01),)),
        kept("grant_type", "VARCHAR", "Mandatory grant, or a discretionary kind.", checks=(OneOf(values=GRANTS, limit=0.01),)),
        kept("cost_gbp", "DECIMAL(10,2)", "Cost of the works, in pounds.", header="cost", checks=(Between(low=0, high=250_000, limit=0.01),)),
        kept("is_cap_exceeded", "BOOLEAN", "The cost is beyond the cap of a mandatory grant.", header="cap_exceeded"),
    ),
)  # fmt: skip

TABLES = (REGISTER, ADAPTATIONS)
