"""Mental health services: the Mental Health Services Data Set (MHSDS), one feed for each group of its tables.

Identity is in `mhsds__people` alone; the other feeds carry the same `Person_ID`. The care programme approach is being
retired, so `mhsds__cpa` may stop arriving: whoever has an open referral to a community team and two or more attended
contacts in twelve months then stands in for those on CPA (DOMAIN §2.6).
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Check, NotAfter, Severity
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

COMMUNITY_TEAMS = ("A06", "A07", "A08", "A14", "A16", "C10")  # stand in for CPA where it is no longer recorded
LATEST = ("submission_month_number",)


def _ended_after(other: str) -> tuple[Check, ...]:
    return (*happened(), NotAfter(other=other, limit=0.01, severity=Severity.WARN))


PEOPLE = LandedTable(
    key="landed.mhsds__people",
    grain="person known to a mental health provider",
    description="Who the provider's patients are (MHS001, MHS002), with accommodation and employment (MHS003, MHS004).",
    source="mhsds",
    supplier="mental health trust (MHSDS)",
    domain_section="2.6",
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
        dropped("age_years", "SMALLINT", "Age at the end of the period.", header="AgeRepPeriodEnd"),
        practice_code("GMPReg"),
        kept("registered_date", "DATE", "Start of the registration with the practice.", Privacy.NONE, header="StartDateGMPRegistration"),
        coded("accommodation_type_code", "Accommodation type.", "AccommodationType", "[A-Z]{0,2}[0-9]{2}", "a code of the accommodation list", Privacy.SENSITIVE),
        listed("settled_accommodation", "Y settled, N not settled, Z not stated, 9 not known.", "SettledAccommodationInd", ("Y", "N", "Z", "9"), Privacy.SENSITIVE),
        coded(
            "employment_status_code", "01 employed, 02 seeking work, 03 student, 04 long-term sick, 05 homemaker, 06 not seeking,"
            " 07 volunteer, 08 retired, ZZ not stated.", "EmployStatus", "0[1-8]|ZZ|99", "a code of the employment list", Privacy.SENSITIVE,
        ),
        event_day("employment_recorded_date", "Date the employment status was recorded.", "EmployStatusRecDate"),
        event_day("death_date", "Date of death, where the provider knows it.", "PersonDeathDate"),
    ),
)  # fmt: skip

REFERRALS = LandedTable(
    key="landed.mhsds__referrals",
    grain="referral to a team",
    description="Referrals (MHS101) with the team referred to (MHS102): received, rejected, discharged; open while neither.",
    source="mhsds",
    supplier="mental health trust (MHSDS)",
    domain_section="2.6",
    person_key=("person_ref",),
    unique_key=("referral_ref", "team_ref"),
    latest_by=LATEST,
    event_date="referral_date",
    columns=(
        keyed("referral_ref", "Service request, unique in the data set.", required=True, header="UniqServReqID", pseudo_name="referral_key"),
        person_ref(),
        provider_code(),
        submission_month(),
        kept(
            "referral_date", "DATE", "Date the request was received.", Privacy.SENSITIVE, header="ReferralRequestReceivedDate",
            required=True, checks=_ended_after("discharge_date"),
        ),
        coded("referral_source_code", "Source of referral.", "SourceOfReferralMH", "[A-Z][0-9]", "a letter and a digit"),
        coded("referral_reason_code", "Primary reason for referral.", "PrimReasonReferralMH", "[0-9]{2}", "a two-digit reason", Privacy.SENSITIVE),
        keyed("team_ref", "Team of the provider.", header="UniqCareProfTeamID", pseudo_name="team_key"),
        coded(
            "team_type_code", "Type of team: A02 crisis, A06 community, A14 early intervention, C02 perinatal, E01–E04 learning disability …",
            "ServTeamTypeRefToMH", "[A-Z][0-9]{2}", "a letter and two digits", Privacy.SENSITIVE,
        ),
        event_day("rejection_date", "Date the referral was rejected.", "ReferRejectionDate"),
        event_day("discharge_date", "Date of discharge from the service; empty while open.", "ServDischDate"),
    ),
)  # fmt: skip

CONTACTS = LandedTable(
    key="landed.mhsds__contacts",
    grain="care contact",
    description="Contacts arranged under a referral (MHS201): attended or not, and by what means.",
    source="mhsds",
    supplier="mental health trust (MHSDS)",
    domain_section="2.6",
    person_key=("person_ref",),
    unique_key=("contact_ref",),
    latest_by=LATEST,
    event_date="contact_date",
    columns=(
        keyed("contact_ref", "Care contact, unique in the data set.", required=True, header="UniqCareContID", pseudo_name="contact_key"),
        keyed("referral_ref", "Service request it belongs to.", required=True, header="UniqServReqID", pseudo_name="referral_key"),
        person_ref(),
        provider_code(),
        submission_month(),
        event_day("contact_date", "Date of the contact.", "CareContDate", required=True),
        attendance(),
        coded("contact_medium_code", "01 face to face, 02 telephone, 04 talk type, 11 video; others are not contacts in person.", "ConsMechanismMH", "[0-9]{2}", "a two-digit medium"),
    ),
)  # fmt: skip

CPA = LandedTable(
    key="landed.mhsds__cpa",
    grain="episode of the care programme approach",
    description="Care programme approach episodes (MHS701). The approach is being retired: the feed may stop arriving.",
    source="mhsds",
    supplier="mental health trust (MHSDS)",
    domain_section="2.6",
    person_key=("person_ref",),
    unique_key=("cpa_ref",),
    latest_by=LATEST,
    event_date="cpa_start_date",
    minimum_rows=0,
    columns=(
        keyed("cpa_ref", "CPA episode, unique in the data set.", required=True, header="CPAEpisodeId", pseudo_name="cpa_key"),
        person_ref(),
        provider_code(),
        submission_month(),
        kept("cpa_start_date", "DATE", "Start of the episode.", Privacy.SENSITIVE, header="StartDateCPA", required=True, checks=_ended_after("cpa_end_date")),
        kept("cpa_end_date", "DATE", "End of the episode; on CPA on a day it has begun by and not ended by.", Privacy.SENSITIVE, header="EndDateCPA"),
    ),
)  # fmt: skip

WARD_STAYS = LandedTable(
    key="landed.mhsds__ward_stays",
    grain="stay on a mental health ward",
    description="Ward stays (MHS502) with the hospital spell they are part of (MHS501). Unlike acute spells, open ones are there.",
    source="mhsds",
    supplier="mental health trust (MHSDS)",
    domain_section="2.6",
    person_key=("person_ref",),
    unique_key=("ward_stay_ref",),
    latest_by=LATEST,
    event_date="ward_start_date",
    minimum_rows=0,
    columns=(
        keyed("ward_stay_ref", "Ward stay, unique in the data set.", required=True, header="UniqWardStayID", pseudo_name="ward_stay_key"),
        keyed("spell_ref", "Hospital provider spell it is part of.", required=True, header="UniqHospProvSpellID", pseudo_name="spell_key"),
        person_ref(),
        provider_code(),
        submission_month(),
        kept("spell_start_date", "DATE", "Start of the hospital spell.", Privacy.SENSITIVE, header="StartDateHospProvSpell", required=True, checks=_ended_after("spell_end_date")),
        event_day("spell_end_date", "Discharge from the hospital spell; empty while open.", "DischDateHospProvSpell"),
        event_day("ward_start_date", "Start of the ward stay.", "StartDateWardStay", required=True),
        event_day("ward_end_date", "End of the ward stay; empty while open.", "EndDateWardStay"),
        coded("ward_type_code", "Class of admitted patient: 10 acute adult, 11 acute older, 12 intensive care, 14 mother and baby …", "MHAdmittedPatientClass", "[0-9]{2,3}", "a code of the bed list"),
    ),
)  # fmt: skip

DETENTIONS = LandedTable(
    key="landed.mhsds__detentions",
    grain="period of a Mental Health Act legal status",
    description="Periods under the Mental Health Act (MHS401): which section, from when to when.",
    source="mhsds",
    supplier="mental health trust (MHSDS)",
    domain_section="2.6",
    person_key=("person_ref",),
    unique_key=("detention_ref",),
    latest_by=LATEST,
    event_date="detention_start_date",
    minimum_rows=0,
    columns=(
        keyed("detention_ref", "Legal status period, unique in the data set.", required=True, header="UniqMHActEpisodeID", pseudo_name="detention_key"),
        person_ref(),
        provider_code(),
        submission_month(),
        coded("legal_status_code", "01 informal, 02 section 2, 03 section 3, 04 section 4, 05 section 5(2), 06 section 5(4), 07 section 35 …", "LegalStatusCode", "[0-9]{2}", "a two-digit legal status", Privacy.SENSITIVE),
        kept("detention_start_date", "DATE", "Start of the legal status.", Privacy.SENSITIVE, header="StartDateMHActLegalStatusClass", required=True, checks=_ended_after("detention_end_date")),
        kept("detention_end_date", "DATE", "End of the legal status; empty while it holds.", Privacy.SENSITIVE, header="EndDateMHActLegalStatusClass"),
    ),
)  # fmt: skip

TABLES = (PEOPLE, REFERRALS, CONTACTS, CPA, WARD_STAYS, DETENTIONS)
