"""Education, health and care plans: the SEN2 person-level return, from request to the plan's end.

Beside pupils on roll it has children before school, in independent schools and outside the borough.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Matches, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, FileFormat, Says
from wsd_pipeline.contracts.fields import DFE_ETHNICITIES, birth_date, kept, name_part, postcode, pupil_number, sex
from wsd_pipeline.contracts.landed.education import SEN_TYPES

STATUTORY_DAYS = 140
"""A plan is to be issued within twenty weeks of the request (Special Educational Needs and Disability Regulations 2014)."""
REQUEST_SOURCES = ("1", "2", "3", "4", "5", "6", "7", "8")
OUTCOMES = ("Y", "N", "A", "W", "H")
CEASE_REASONS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "99")

PLANS = LandedTable(
    key="landed.education__ehc_plans",
    grain="request for an EHC needs assessment",
    description="Requests for an education, health and care needs assessment, what was decided, and the plan where one was issued (SEN2).",
    source="education",
    supplier="council education service",
    domain_section="2.11",
    person_key=("upn",),
    unique_key=("upn", "request_date"),
    latest_by=("request_outcome_date", "plan_start_date"),
    file=FileFormat(date_formats=("%Y-%m-%d", "%d/%m/%Y")),
    event_date="request_date",
    says=Says(
        seen="case when plan_end_date < $snapshot_date then plan_end_date else $snapshot_date end",
        ethnicity_list="dfe", ethnicity="ethnicity",
        address=Address(priority=3, seen="case when plan_end_date < $snapshot_date then plan_end_date else $snapshot_date end"),
    ),
    columns=(
        pupil_number("UPN", required=True),
        name_part(Identity.SURNAME, "Surname", "Surname."),
        name_part(Identity.FORENAME, "Forename", "Forename or forenames."),
        birth_date("PersonBirthDate"),
        sex("Sex", ("M", "F", "U")),
        kept("ethnicity", "VARCHAR", "DfE ethnicity code.", Privacy.SENSITIVE, header="Ethnicity", checks=(OneOf(values=DFE_ETHNICITIES, limit=0.01),)),
        postcode("Postcode"),
        kept("request_date", "DATE", "Date the request was received: the twenty weeks begin.", Privacy.SENSITIVE, header="ReceivedDate", required=True, checks=(NotInFuture(limit=0.01), NotAfter(other="plan_start_date", limit=0.01, severity=Severity.WARN))),
        kept("request_source_code", "VARCHAR", "Who asked, 1 to 8.", header="RequestSource", checks=(OneOf(values=REQUEST_SOURCES, limit=0.01),)),
        kept("request_outcome_code", "VARCHAR", "Y assess, N refuse, A awaited, W withdrawn, H historical.", Privacy.SENSITIVE, header="RequestOutcome", checks=(OneOf(values=OUTCOMES, limit=0.01),)),
        kept("request_outcome_date", "DATE", "Date of the decision to assess.", Privacy.SENSITIVE, header="RequestOutcomeDate", checks=(NotInFuture(limit=0.01),)),
        kept("assessment_outcome_code", "VARCHAR", "Y plan to be issued, N not, A awaited, W withdrawn, H historical.", Privacy.SENSITIVE, header="AssessmentOutcome", checks=(OneOf(values=OUTCOMES, limit=0.01),)),
        kept("assessment_outcome_date", "DATE", "Date of the decision to issue.", Privacy.SENSITIVE, header="AssessmentOutcomeDate", checks=(NotInFuture(limit=0.01),)),
        kept("has_time_limit_exception", "BOOLEAN", "An exception to the twenty weeks applies: the plan is left out of the measure.", header="Week20"),
        kept("plan_start_date", "DATE", "Date the plan was issued.", Privacy.SENSITIVE, header="StartDate", checks=(NotInFuture(limit=0.01), NotAfter(other="plan_end_date", limit=0.01, severity=Severity.WARN))),
        kept("plan_end_date", "DATE", "Date the plan ceased; empty while active.", Privacy.SENSITIVE, header="CeaseDate"),
        kept("plan_end_reason_code", "VARCHAR", "Why the plan ceased.", Privacy.SENSITIVE, header="CeaseReason", checks=(OneOf(values=CEASE_REASONS, limit=0.01),)),
        kept("placement_urn", "VARCHAR", "School or college the plan names.", Privacy.QUASI, header="URN", checks=(Matches(pattern="[0-9]{6}", means="a six-figure URN", limit=0.01),)),
        kept("sen_primary_type", "VARCHAR", "Primary type of need.", Privacy.SENSITIVE, header="SENtype", checks=(OneOf(values=SEN_TYPES, limit=0.01),)),
    ),
)  # fmt: skip

TABLES = (PLANS,)
