"""NHS Talking Therapies for anxiety and depression: the IAPT data set (v2.1), made into one row per referral."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Between, NotAfter, Severity
from wsd_pipeline.contracts.core import Landed, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, Says
from wsd_pipeline.contracts.fields import birth_date, kept, keyed, nhs_number, postcode, practice_code, sex
from wsd_pipeline.contracts.national import (
    GENDERS,
    coded,
    ethnic_category,
    event_day,
    happened,
    period_end_date,
    person_ref,
    provider_code,
    submission_month,
)


def _score(name: str, description: str, header: str, high: int) -> Landed:
    checks = (Between(low=0, high=high, limit=0.01),)
    return kept(name, "SMALLINT", description, Privacy.SENSITIVE, header=header, checks=checks)


def _flag(name: str, description: str, header: str) -> Landed:
    return kept(name, "BOOLEAN", description, Privacy.SENSITIVE, header=header)


REFERRALS = LandedTable(
    key="landed.talking_therapies__referrals",
    grain="referral to talking therapies",
    description=(
        "Referrals to NHS Talking Therapies. The national data set is a table each for people, referrals, contacts and"
        " scores; ours is one row per referral with its first and last dates and scores, as the national reports derive them."
    ),
    source="talking_therapies",
    supplier="talking therapies (IAPT data set)",
    domain_section="2.6",
    person_key=("person_ref",),
    unique_key=("provider_code", "referral_ref"),
    latest_by=("submission_month_number",),
    event_date="referral_date",
    minimum_rows=0,
    says=Says(
        seen="period_end_date", ethnicity_list="nhs", ethnicity="ethnic_category",
        address=Address(priority=5, from_date="referral_date", seen="period_end_date"),
    ),
    columns=(
        keyed("referral_ref", "Referral of the provider.", required=True, header="ReferralId", pseudo_name="referral_key"),
        person_ref(),
        provider_code(),
        submission_month(),
        period_end_date(),
        nhs_number("NHSNumber"),
        birth_date("PersonBirthDate"),
        sex("Gender", GENDERS),
        ethnic_category(),
        postcode("Postcode"),
        practice_code("GMPReg"),
        kept(
            "referral_date", "DATE", "Date the request was received.", Privacy.SENSITIVE, header="ReferralRequestReceivedDate",
            required=True, checks=(*happened(), NotAfter(other="discharge_date", limit=0.01, severity=Severity.WARN)),
        ),
        coded("referral_source_code", "Source of referral; self-referral is B1.", "SourceOfReferralIAPT", "[A-Z][0-9]", "a letter and a digit"),
        kept("presenting_complaint_code", "VARCHAR", "Primary presenting complaint (ICD-10).", Privacy.SENSITIVE, header="PrimaryPresentingComplaint", checks=(codes.icd10(),)),
        event_day("first_assessment_date", "Date of the first assessment.", "Assessment_FirstDate"),
        event_day("last_assessment_date", "Date of the last assessment.", "Assessment_LastDate"),
        event_day("first_treatment_date", "Date of the first treatment session.", "TherapySession_FirstDate"),
        event_day("last_treatment_date", "Date of the last treatment session.", "TherapySession_LastDate"),
        kept("treatment_contact_count", "SMALLINT", "Treatment contacts attended.", Privacy.SENSITIVE, header="TreatmentCareContact_Count", checks=(Between(low=0, high=200, limit=0.01),)),
        _score("phq9_first_score", "First PHQ-9 (depression), 0–27.", "PHQ9_FirstScore", 27),
        _score("phq9_last_score", "Last PHQ-9.", "PHQ9_LastScore", 27),
        _score("gad7_first_score", "First GAD-7 (anxiety), 0–21.", "GAD_FirstScore", 21),
        _score("gad7_last_score", "Last GAD-7.", "GAD_LastScore", 21),
        _flag("has_completed_treatment", "Discharged after two or more treatment contacts.", "CompletedTreatment_Flag"),
        _flag("is_not_caseness", "Below both thresholds (PHQ-9 10, GAD-7 8) at the first score: cannot recover.", "NotCaseness_Flag"),
        _flag("has_recovered", "At caseness first, below both thresholds last.", "Recovery_Flag"),
        _flag("has_reliably_improved", "A fall of 6 on PHQ-9 or 4 on GAD-7, and no such rise of the other.", "ReliableImprovement_Flag"),
        event_day("discharge_date", "End of the referral; empty while open.", "ServDischDate"),
    ),
)  # fmt: skip

TABLES = (REFERRALS,)
