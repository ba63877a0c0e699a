"""Children's social care: children known to it, episodes of need, protection plans, looked-after episodes, early help.

Field names are those of the CIN census, the SSDA903 return and the Standard Safeguarding Dataset; the council's
child id is the person key of them all. An adopted child is given a new id that nothing ties to the old one.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Between, Matches, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Becomes, Identity, Landed, LandedTable, Privacy, RowRule
from wsd_pipeline.contracts.feed import Address, FileFormat, Says
from wsd_pipeline.contracts.fields import (
    DFE_ETHNICITIES,
    birth_date,
    dropped,
    kept,
    keyed,
    name_part,
    nhs_number,
    postcode,
    pupil_number,
    sex,
    uprn,
)

PRIMARY_NEEDS = ("N0", "N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9")
REFERRAL_SOURCES = (
    "1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F", "4", "5A", "5B", "5C", "5D", "6", "7", "8", "9", "10",
)  # fmt: skip
CLOSURE_REASONS = ("RC1", "RC2", "RC3", "RC4", "RC5", "RC6", "RC7", "RC8", "RC9")
ABUSE_CATEGORIES = ("NEG", "PHY", "SAB", "EMO", "MUL")
DISABILITIES = ("NONE", "MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS", "BEH", "CON", "AUT", "DDA")
LEGAL_STATUSES = ("C1", "C2", "D1", "E1", "V2", "V3", "V4", "J1", "J2", "J3", "L1", "L2", "L3")
SHORT_BREAKS = ("V3", "V4")
"""Legal statuses of a series of short breaks: a child with one is not counted as looked after."""
EPISODE_REASONS = ("S", "P", "L", "T", "U", "B")
EARLY_HELP_ENDS = ("needs met", "stepped up to social care", "declined", "moved away", "other")
_FILE = FileFormat(date_formats=("%d/%m/%Y", "%Y-%m-%d"), encodings=("utf-8", "cp1252"))
_SUPPLIER, _SECTION = "council children's services", "2.10"


def _child(header: str = "LAchildID") -> Landed:
    return dropped(
        "child_ref",
        "VARCHAR",
        "The council's id of the child; stands behind `record_id`.",
        header=header,
        required=True,
    )


CHILDREN = LandedTable(
    key="landed.csc__children",
    grain="child known to children's services",
    description="Children known to children's services, born or expected. An unborn child has an expected date of birth and no date of birth. A child who has been adopted keeps no identity here: the record is never tied to the child's new one.",
    source="csc",
    supplier=_SUPPLIER,
    domain_section=_SECTION,
    person_key=("child_ref",),
    unique_key=("child_ref",),
    file=_FILE,
    says=Says(
        seen="$snapshot_date", ethnicity_list="dfe", ethnicity="ethnicity", death_date="death_date",
        is_sensitive="coalesce(is_sensitive, false) or coalesce(is_adopted, false)",
        address=Address(priority=4, seen="$snapshot_date"),
    ),
    rules=(
        RowRule(
            name="born_or_expected", failing="birth_date is null and expected_birth_date is null", limit=0.02,
            description="A child has a date of birth, or an expected one.",
        ),
    ),
    columns=(
        _child(),
        nhs_number("NHSnumber"),
        pupil_number("UPN"),
        dropped("former_upn", "VARCHAR", "Former UPN.", header="FormerUPN"),
        kept("upn_unknown_reason", "VARCHAR", "Why there is no UPN, UN1 to UN10.", header="UPNunknown", checks=(Matches(pattern="UN([1-9]|10)", means="UN1 to UN10", limit=0.01),)),
        name_part(Identity.SURNAME, "PersonFamilyName", "Surname."),
        name_part(Identity.FORENAME, "PersonGivenName", "Forename or forenames; often none for an unborn child."),
        birth_date("PersonBirthDate"),
        Landed(
            name="expected_birth_date", header="ExpectedPersonBirthDate", type="DATE", description="Expected date of birth of an unborn child; never taken for a date of birth.",
            privacy=Privacy.QUASI, becomes=Becomes.MONTH, pseudo_name="expected_birth_month",
        ),
        sex("Sex", ("M", "F", "U", "I")),
        kept("ethnicity", "VARCHAR", "DfE ethnicity code.", Privacy.SENSITIVE, header="Ethnicity", checks=(OneOf(values=DFE_ETHNICITIES, limit=0.01),)),
        kept("death_date", "DATE", "Date of death, where known.", Privacy.SENSITIVE, header="PersonDeathDate", checks=(NotInFuture(limit=0.01),)),
        kept(
            "disability_codes", "VARCHAR", "Disabilities, CIN census codes joined by semicolons.", Privacy.SENSITIVE, header="Disabilities",
            checks=(Matches(pattern=f"({'|'.join(DISABILITIES)})(;({'|'.join(DISABILITIES)}))*", means="CIN census disability codes joined by semicolons", limit=0.01),),
        ),
        postcode("Postcode"),
        uprn("UPRN"),
        kept("is_sensitive", "BOOLEAN", "The address is restricted.", Privacy.SENSITIVE, header="AddressRestricted"),
        kept("is_adopted", "BOOLEAN", "The child has been adopted; the record is closed and never tied to the child's new one.", Privacy.SENSITIVE, header="Adopted"),
    ),
)  # fmt: skip

CHILDREN_IN_NEED = LandedTable(
    key="landed.csc__children_in_need",
    grain="episode of need",
    description="Referrals of children in need, from referral to closure (CIN census).",
    source="csc",
    supplier=_SUPPLIER,
    domain_section=_SECTION,
    person_key=("child_ref",),
    unique_key=("child_ref", "need_episode_ref"),
    latest_by=("referral_date",),
    file=_FILE,
    event_date="referral_date",
    columns=(
        _child(),
        keyed("need_episode_ref", "Identifier of the episode.", header="CINdetailsID", required=True, pseudo_name="need_episode_key"),
        kept(
            "referral_date", "DATE", "Date of referral.", Privacy.SENSITIVE, header="CINreferralDate", required=True,
            checks=(NotInFuture(limit=0.01), NotAfter(other="closure_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept("referral_source_code", "VARCHAR", "Who referred, 1A to 10.", header="ReferralSource", checks=(OneOf(values=REFERRAL_SOURCES, limit=0.01),)),
        kept("primary_need_code", "VARCHAR", "Primary need, N0 to N9.", Privacy.SENSITIVE, header="PrimaryNeedCode", checks=(OneOf(values=PRIMARY_NEEDS, limit=0.01),)),
        kept("closure_date", "DATE", "Date of closure; empty while open.", Privacy.SENSITIVE, header="CINclosureDate"),
        kept("closure_reason_code", "VARCHAR", "Reason for closure, RC1 to RC9.", Privacy.SENSITIVE, header="ReasonForClosure", checks=(OneOf(values=CLOSURE_REASONS, limit=0.01),)),
        kept("is_no_further_action", "BOOLEAN", "The referral led to no further action: not an episode of need.", Privacy.SENSITIVE, header="ReferralNFA"),
    ),
)  # fmt: skip

PROTECTION_PLANS = LandedTable(
    key="landed.csc__protection_plans",
    grain="child protection plan",
    description="Child protection plans (CIN census).",
    source="csc",
    supplier=_SUPPLIER,
    domain_section=_SECTION,
    person_key=("child_ref",),
    unique_key=("child_ref", "plan_ref"),
    latest_by=("plan_start_date",),
    file=_FILE,
    event_date="plan_start_date",
    columns=(
        _child(),
        keyed("plan_ref", "Identifier of the plan.", header="CPPID", required=True, pseudo_name="plan_key"),
        kept(
            "plan_start_date", "DATE", "Start of the plan.", Privacy.SENSITIVE, header="CPPstartDate", required=True,
            checks=(NotInFuture(limit=0.01), NotAfter(other="plan_end_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept("plan_end_date", "DATE", "End of the plan; empty while it runs.", Privacy.SENSITIVE, header="CPPendDate"),
        kept("initial_abuse_category", "VARCHAR", "Category of abuse at the start.", Privacy.SENSITIVE, header="InitialCategoryOfAbuse", checks=(OneOf(values=ABUSE_CATEGORIES, limit=0.01),)),
        kept("latest_abuse_category", "VARCHAR", "Category of abuse at the latest conference.", Privacy.SENSITIVE, header="LatestCategoryOfAbuse", checks=(OneOf(values=ABUSE_CATEGORIES, limit=0.01),)),
        kept("previous_plan_count", "SMALLINT", "Earlier plans.", Privacy.SENSITIVE, header="NumberOfPreviousCPP", checks=(Between(low=0, high=20, limit=0.01),)),
    ),
)  # fmt: skip

LOOKED_AFTER = LandedTable(
    key="landed.csc__looked_after",
    grain="episode of care of a looked-after child",
    description="Episodes of care (SSDA903): one legal status in one placement. V3 and V4 are short breaks, not counted as looked after. A placement is never taken for the child's home.",
    source="csc",
    supplier=_SUPPLIER,
    domain_section=_SECTION,
    person_key=("child_ref",),
    unique_key=("child_ref", "episode_start_date"),
    file=_FILE,
    event_date="episode_start_date",
    columns=(
        _child("CHILD"),
        kept(
            "episode_start_date", "DATE", "Start of the episode.", Privacy.SENSITIVE, header="DECOM", required=True,
            checks=(NotInFuture(limit=0.01), NotAfter(other="episode_end_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept("episode_reason_code", "VARCHAR", "Reason for the new episode: S starts to be looked after, else a change.", header="RNE", checks=(OneOf(values=EPISODE_REASONS, limit=0.01),)),
        kept("legal_status_code", "VARCHAR", "Legal status; V3 and V4 are short breaks.", Privacy.SENSITIVE, header="LS", required=True, checks=(OneOf(values=LEGAL_STATUSES, limit=0.01),)),
        kept("primary_need_code", "VARCHAR", "Primary need, N1 to N8.", Privacy.SENSITIVE, header="CIN", checks=(OneOf(values=PRIMARY_NEEDS, limit=0.01),)),
        kept("placement_code", "VARCHAR", "Type of placement: U foster, K homes and secure units, P own parents or independent, H5 semi-independent.", Privacy.SENSITIVE, header="PLACE", checks=(Matches(pattern="[A-Z][0-9]", means="an SSDA903 placement code", limit=0.01),)),
        kept("episode_end_date", "DATE", "End of the episode; empty while it runs.", Privacy.SENSITIVE, header="DEC"),
        kept("episode_end_code", "VARCHAR", "Why it ended: X1 a new episode follows, E11 and E12 adopted.", Privacy.SENSITIVE, header="REC", checks=(Matches(pattern="(X1|E[0-9]{1,2}[AB]?)", means="an SSDA903 reason for ceasing", limit=0.01),)),
        Landed(
            name="entry_postcode", header="HOME_POST", type="VARCHAR", description="LSOA of the home the child came into care from.",
            privacy=Privacy.IDENTIFIER, becomes=Becomes.LSOA, pseudo_name="entry_lsoa21",
        ),
        Landed(
            name="placement_postcode", header="PL_POST", type="VARCHAR", description="LSOA of the placement, where it is near; not the child's home, and no part of their identity.",
            privacy=Privacy.IDENTIFIER, becomes=Becomes.LSOA, pseudo_name="placement_lsoa21",
        ),
        kept("is_unaccompanied", "BOOLEAN", "Unaccompanied child seeking asylum.", Privacy.SENSITIVE, header="UASC"),
    ),
)  # fmt: skip

EARLY_HELP = LandedTable(
    key="landed.csc__early_help",
    grain="episode of early help",
    description="Episodes of early help (Standard Safeguarding Dataset).",
    source="csc",
    supplier=_SUPPLIER,
    domain_section=_SECTION,
    person_key=("child_ref",),
    unique_key=("child_ref", "episode_ref"),
    latest_by=("start_date",),
    file=_FILE,
    event_date="start_date",
    columns=(
        _child("earl_person_id"),
        keyed("episode_ref", "Identifier of the episode.", header="earl_episode_id", required=True, pseudo_name="episode_key"),
        kept(
            "start_date", "DATE", "Start of the episode.", Privacy.SENSITIVE, header="earl_episode_start_date", required=True,
            checks=(NotInFuture(limit=0.01), NotAfter(other="end_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept("end_date", "DATE", "End of the episode; empty while open.", Privacy.SENSITIVE, header="earl_episode_end_date"),
        kept("reason_code", "VARCHAR", "Primary need, N0 to N9.", Privacy.SENSITIVE, header="earl_episode_reason", checks=(OneOf(values=PRIMARY_NEEDS, limit=0.01),)),
        kept("end_reason", "VARCHAR", "Why it ended (local list).", header="earl_episode_end_reason", checks=(OneOf(values=EARLY_HELP_ENDS, limit=0.02),)),
    ),
)  # fmt: skip

TABLES = (CHILDREN, CHILDREN_IN_NEED, PROTECTION_PLANS, LOOKED_AFTER, EARLY_HELP)
