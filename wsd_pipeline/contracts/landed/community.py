"""Community health services: the Community Services Data Set (CSDS, v1.6 shape).

Identity is in `csds__people` alone. Teams have labels of the local list; the national team codes are not used here.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, NotAfter, OneOf, Severity
from wsd_pipeline.contracts.core import LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, Says
from wsd_pipeline.contracts.fields import birth_date, dropped, kept, keyed, nhs_number, postcode, practice_code, sex
from wsd_pipeline.contracts.national import (
    GENDERS,
    attendance,
    coded,
    ethnic_category,
    event_day,
    happened,
    listed,
    period_end_date,
    person_ref,
    provider_code,
    submission_month,
)

TEAM_TYPES = (
    "District nursing",
    "Extended Primary Care Team",
    "Health visiting",
    "School nursing",
    "Rapid response/admission avoidance",
    "Intermediate care/rehab",
    "Community physio",
    "SLT (children)",
    "Continence",
    "Podiatry",
    "Community dental",
    "Diabetes specialist",
    "Palliative",
    "Wheelchair",
    "Children's community nursing (asthma & wheeze)",
)
LATEST = ("submission_month_number",)

PEOPLE = LandedTable(
    key="landed.csds__people",
    grain="person known to a community health provider",
    description="Who the patients of community health services are (CYP001, CYP002).",
    source="csds",
    supplier="community health services (CSDS)",
    domain_section="2.7",
    person_key=("person_ref",),
    unique_key=("provider_code", "person_ref"),
    latest_by=LATEST,
    says=Says(
        seen="period_end_date", ethnicity_list="nhs", ethnicity="ethnic_category", death_date="death_date",
        address=Address(priority=5, seen="period_end_date"),
    ),
    columns=(
        person_ref(),
        provider_code(),
        submission_month(),
        period_end_date(),
        nhs_number("NHSNumber"),
        birth_date("PersonBirthDate"),
        sex("Gender", GENDERS),
        ethnic_category(),
        postcode("Postcode"),
        dropped("lsoa", "VARCHAR", "LSOA as derived on submission; the vault derives its own.", header="LSOA2021"),
        practice_code("OrgIDGP"),
        event_day("death_date", "Date of death, where the provider knows it.", "PersonDeathDate"),
    ),
)  # fmt: skip

REFERRALS = LandedTable(
    key="landed.csds__referrals",
    grain="referral to a community team",
    description="Referrals (CYP101) with the team they are to (CYP102); open until discharged.",
    source="csds",
    supplier="community health services (CSDS)",
    domain_section="2.7",
    person_key=("person_ref",),
    unique_key=("provider_code", "referral_ref", "team_type"),
    latest_by=LATEST,
    event_date="referral_date",
    columns=(
        keyed("referral_ref", "Service request of the provider.", required=True, header="ServiceRequestId", pseudo_name="referral_key"),
        person_ref(),
        provider_code(),
        submission_month(),
        kept(
            "referral_date", "DATE", "Date the request was received.", Privacy.SENSITIVE, header="ReferralReceivedDate", required=True,
            checks=(*happened(), NotAfter(other="discharge_date", limit=0.01, severity=Severity.WARN)),
        ),
        coded("referral_source_code", "Source of referral.", "SourceOfReferral", "[0-9]{2}", "a two-digit source"),
        coded("referral_reason_code", "Primary reason for referral.", "PrimaryReason", "[0-9]{2,3}", "a code of two or three digits", Privacy.SENSITIVE),
        kept("team_type", "VARCHAR", "Type of team (local labels).", Privacy.SENSITIVE, header="TeamType", required=True, checks=(OneOf(values=TEAM_TYPES, limit=0.01),)),
        event_day("discharge_date", "Date of discharge; empty while open.", "DischargeDate"),
    ),
)  # fmt: skip

CONTACTS = LandedTable(
    key="landed.csds__contacts",
    grain="care contact",
    description="Contacts arranged under a referral (CYP201), with what was observed at them: feeding of a baby, frailty.",
    source="csds",
    supplier="community health services (CSDS)",
    domain_section="2.7",
    person_key=("person_ref",),
    unique_key=("provider_code", "contact_ref"),
    latest_by=LATEST,
    event_date="contact_date",
    columns=(
        keyed("contact_ref", "Care contact of the provider.", required=True, header="CareContactId", pseudo_name="contact_key"),
        keyed("referral_ref", "Service request it belongs to.", required=True, header="ServiceRequestId", pseudo_name="referral_key"),
        person_ref(),
        provider_code(),
        submission_month(),
        event_day("contact_date", "Date of the contact.", "ContactDate", required=True),
        attendance(),
        coded("contact_medium_code", "01 face to face, 02 telephone, 03 video, 04 talk type, 05 e-mail.", "ConsultationMedium", "[0-9]{2}", "a two-digit medium"),
        listed("group_therapy", "Y where several people were seen together.", "GroupTherapyInd", ("Y", "N")),
        listed("breastfeeding_code", "At six to eight weeks (CYP610): 01 breast milk alone, 02 partly, 03 not at all.", "BreastFeedingStatus", ("01", "02", "03"), Privacy.SENSITIVE),
        kept("frailty_score", "SMALLINT", "Clinical frailty (Rockwood), 1 very fit to 9 terminally ill.", Privacy.SENSITIVE, header="RockwoodScore", checks=(Between(low=1, high=9, limit=0.01),)),
    ),
)  # fmt: skip

TABLES = (PEOPLE, REFERRALS, CONTACTS)
