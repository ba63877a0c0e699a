"""Homelessness case-level information (H-CLIC): the people of households owed a duty, and where they are put up.

National Insurance numbers, which some systems export, are not a column here and are never read.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, FileFormat, Says
from wsd_pipeline.contracts.fields import birth_date, kept, keyed, name_part, postcode, sex, uprn

DUTIES = ("prevention", "relief", "main", "none", "ineligible")
RELATIONSHIPS = ("main applicant", "partner", "child", "other")
HOUSEHOLD_TYPES = (
    "single male", "single female", "couple without children", "couple with dependent children",
    "lone parent male", "lone parent female", "three or more adults", "other",
)  # fmt: skip
LOSS_REASONS = (
    "family or friends no longer willing", "end of private assured shorthold tenancy", "domestic abuse",
    "non-violent relationship breakdown", "end of social tenancy", "eviction from supported housing",
    "left institution", "required to leave asylum accommodation", "other",
)  # fmt: skip
ACCOMMODATION = (
    "private rented sector", "council tenant", "registered provider tenant", "living with family", "living with friends",
    "no fixed abode", "rough sleeping", "supported housing", "temporary accommodation", "hospital", "prison", "refuge",
    "asylum accommodation", "owner occupier", "other",
)  # fmt: skip
SUPPORT_NEEDS = (
    "mental health problem", "physical ill health or disability", "domestic abuse", "drug dependency", "alcohol dependency",
    "offending history", "rough sleeping history", "care leaver", "learning disability", "young parent", "old age", "other",
)  # fmt: skip
DUTY_ENDS = (
    "secured accommodation for six months", "secured accommodation for twelve months", "homeless", "56 days elapsed", "contact lost",
    "withdrew", "refused offer", "accepted social tenancy", "accepted private tenancy", "intentionally homeless", "no longer eligible", "other",
)  # fmt: skip
ACCOMMODATION_TYPES = ("B&B", "nightly-paid", "hostel", "PSL", "LA/HA stock", "other")
_FILE = FileFormat(date_formats=("%d/%m/%Y", "%Y-%m-%d"), encodings=("utf-8", "cp1252"))
_NEED = "(" + "|".join(SUPPORT_NEEDS) + ")"

PEOPLE = LandedTable(
    key="landed.homelessness__people",
    grain="person in a household, by duty owed to it",
    description="Applicants and members of their households, one row for each duty the household was assessed for. Some members are known by year of birth only.",
    source="homelessness",
    supplier="council homelessness service (H-CLIC)",
    domain_section="2.13",
    cadence="quarterly",
    person_key=("case_ref", "person_no"),
    unique_key=("case_ref", "person_no", "duty"),
    latest_by=("assessment_date",),
    file=_FILE,
    event_date="assessment_date",
    says=Says(
        seen="coalesce(assessment_date, application_date)",
        address=Address(priority=4, seen="coalesce(assessment_date, application_date)"),
    ),
    columns=(
        keyed("case_ref", "Case reference.", header="CaseReference", required=True, pseudo_name="case_key"),
        kept("person_no", "SMALLINT", "Number of the person in the case, from 1.", header="PersonNumber", required=True),
        name_part(Identity.SURNAME, "Surname", "Surname; partial for some."),
        name_part(Identity.FORENAME, "Forename", "Forename or forenames; partial for some."),
        birth_date("DateOfBirth", unreadable_limit=0.15),
        kept("birth_year", "SMALLINT", "Year of birth, where no more is known; never made into a date.", Privacy.QUASI, header="YearOfBirth", checks=(Between(low=1900, high=2100, limit=0.01),)),
        sex("Gender", ("Male", "Female", "Other", "Unknown")),
        kept("relationship", "VARCHAR", "Part in the household.", header="RelationshipToMainApplicant", checks=(OneOf(values=RELATIONSHIPS, limit=0.01),)),
        kept("application_date", "DATE", "Date of the application.", Privacy.SENSITIVE, header="ApplicationDate", required=True, checks=(NotInFuture(limit=0.01), NotAfter(other="assessment_date", limit=0.01, severity=Severity.WARN))),
        kept("assessment_date", "DATE", "Date the duty was decided.", Privacy.SENSITIVE, header="AssessmentDate", checks=(NotInFuture(limit=0.01), NotAfter(other="duty_end_date", limit=0.01, severity=Severity.WARN))),
        kept("duty", "VARCHAR", "Duty owed.", Privacy.SENSITIVE, header="Duty", required=True, checks=(OneOf(values=DUTIES, limit=0.01),)),
        kept("household_type", "VARCHAR", "Type of household.", header="HouseholdType", checks=(OneOf(values=HOUSEHOLD_TYPES, limit=0.01),)),
        kept("loss_reason", "VARCHAR", "Main reason for the loss of the last settled home.", Privacy.SENSITIVE, header="MainReasonLossSettledHome", checks=(OneOf(values=LOSS_REASONS, limit=0.01),)),
        kept("accommodation", "VARCHAR", "Where the household was at the application.", Privacy.SENSITIVE, header="AccommodationAtApplication", checks=(OneOf(values=ACCOMMODATION, limit=0.01),)),
        kept("support_needs", "VARCHAR", "Support needs of the household, joined by semicolons.", Privacy.SENSITIVE, header="SupportNeeds", checks=(Matches(pattern=f"{_NEED}(;{_NEED})*", means="H-CLIC support needs joined by semicolons", limit=0.01),)),
        kept("duty_end_date", "DATE", "End of the duty; empty while owed.", Privacy.SENSITIVE, header="DutyEndDate"),
        kept("duty_end_reason", "VARCHAR", "Why the duty ended.", Privacy.SENSITIVE, header="DutyEndReason", checks=(OneOf(values=DUTY_ENDS, limit=0.01),)),
        postcode("Postcode"),
        uprn("UPRN"),
    ),
)  # fmt: skip

PLACEMENTS = LandedTable(
    key="landed.homelessness__placements",
    grain="person's stay in temporary accommodation",
    description="Stays in temporary accommodation. Somebody placed outside the borough is still the borough's: that address is nowhere taken for where they live.",
    source="homelessness",
    supplier="council homelessness service (H-CLIC)",
    domain_section="2.13",
    cadence="quarterly",
    person_key=("case_ref", "person_no"),
    unique_key=("case_ref", "person_no", "placement_no"),
    latest_by=("placement_start_date",),
    file=_FILE,
    event_date="placement_start_date",
    says=Says(
        seen="coalesce(placement_end_date, $snapshot_date)",
        address=Address(
            priority=4, from_date="placement_start_date", seen="coalesce(placement_end_date, $snapshot_date)",
            where="not coalesce(is_out_of_borough, true)",
        ),
    ),
    columns=(
        keyed("case_ref", "Case reference.", header="CaseReference", required=True, pseudo_name="case_key"),
        kept("person_no", "SMALLINT", "Number of the person in the case, from 1.", header="PersonNumber", required=True),
        kept("placement_no", "SMALLINT", "Number of the stay in the case, from 1.", header="PlacementNumber", required=True),
        kept("accommodation_type", "VARCHAR", "Type of temporary accommodation.", header="TAType", checks=(OneOf(values=ACCOMMODATION_TYPES, limit=0.01),)),
        kept("placement_start_date", "DATE", "Start of the stay.", Privacy.SENSITIVE, header="TAStartDate", required=True, checks=(NotInFuture(limit=0.01), NotAfter(other="placement_end_date", limit=0.01, severity=Severity.WARN))),
        kept("placement_end_date", "DATE", "End of the stay; empty while there.", Privacy.SENSITIVE, header="TAEndDate"),
        kept("is_out_of_borough", "BOOLEAN", "The accommodation is outside the borough.", header="OutOfBorough"),
        postcode("TAPostcode"),
        uprn("TAUPRN"),
    ),
)  # fmt: skip

TABLES = (PEOPLE, PLACEMENTS)
