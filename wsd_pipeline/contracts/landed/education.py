"""Schools and special educational needs: the school census with SEN provision and the EHC plan beside it."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Between, Matches, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Becomes, Identity, Landed, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, Says
from wsd_pipeline.contracts.fields import DFE_ETHNICITIES, birth_date, dropped, kept, name_part, postcode, sex, uprn

SEN_TYPES = ("SPLD", "MLD", "SLD", "PMLD", "SEMH", "SLCN", "HI", "VI", "MSI", "PD", "ASD", "OTH", "NSA", "DS")
UPN_PATTERN = "[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]"

PUPILS = LandedTable(
    key="landed.education__pupils",
    grain="pupil on roll",
    description="Pupils on roll of state-funded schools, their SEN provision and their education, health and care plan.",
    source="education",
    supplier="council education service",
    domain_section="2.11",
    cadence="termly",
    person_key=("upn",),
    unique_key=("upn", "school_urn"),
    says=Says(
        seen="$snapshot_date", ethnicity_list="dfe", ethnicity="ethnicity",
        address=Address(priority=3, seen="$snapshot_date"),
    ),
    columns=(
        Landed(
            name="upn", type="VARCHAR", description="Unique pupil number.", privacy=Privacy.IDENTIFIER, required=True,
            becomes=Becomes.TOKEN, identity=Identity.UPN,
            checks=(Matches(pattern=UPN_PATTERN, means="a check letter and twelve characters", limit=0.01),),
        ),
        dropped("former_upn", "VARCHAR", "Former UPN."),
        dropped("uln", "VARCHAR", "Unique learner number."),
        name_part(Identity.SURNAME, "surname", "Surname."),
        name_part(Identity.FORENAME, "forename", "Forename or forenames."),
        birth_date("dob"),
        sex("sex", ("M", "F", "U")),
        kept("ethnicity", "VARCHAR", "DfE ethnicity code.", Privacy.SENSITIVE, checks=(OneOf(values=DFE_ETHNICITIES, limit=0.01),)),
        kept("language", "VARCHAR", "First language (DfE code).", Privacy.SENSITIVE, checks=(codes.language(),)),
        postcode(),
        uprn(),
        kept("year_group", "SMALLINT", "National curriculum year, −1 nursery to 14.", header="ncyear", checks=(Between(low=-2, high=14, limit=0.01),)),
        kept("school_urn", "VARCHAR", "School's unique reference number.", Privacy.QUASI, header="urn", required=True, checks=(codes.school_urn(),)),
        kept("is_fsm_eligible", "BOOLEAN", "Eligible for free school meals.", Privacy.SENSITIVE, header="FSMeligible"),
        kept("is_ever_fsm6", "BOOLEAN", "Eligible for free school meals in the last six years.", Privacy.SENSITIVE, header="EverFSM6"),
        kept("has_pupil_premium", "BOOLEAN", "Attracts pupil premium.", Privacy.SENSITIVE, header="PupilPremium"),
        kept("sen_provision", "VARCHAR", "N none, K SEN support, E EHC plan.", Privacy.SENSITIVE, header="SENprovision", checks=(OneOf(values=("N", "K", "E"), limit=0.01),)),
        kept("sen_primary_type", "VARCHAR", "Primary type of need.", Privacy.SENSITIVE, header="SENtype1", checks=(OneOf(values=SEN_TYPES, limit=0.01),)),
        kept("sen_secondary_type", "VARCHAR", "Secondary type of need.", Privacy.SENSITIVE, header="SENtype2", checks=(OneOf(values=SEN_TYPES, limit=0.01),)),
        kept("attendance_pct", "DECIMAL(5,2)", "Sessions attended, 0–100.", header="attendance", checks=(Between(low=0, high=100, limit=0.01),)),
        kept("suspension_count", "SMALLINT", "Suspensions this year.", Privacy.SENSITIVE, header="exclusions"),
        kept(
            "ehcp_request_date", "DATE", "Date an EHC needs assessment was requested.", Privacy.SENSITIVE,
            checks=(NotInFuture(limit=0.01), NotAfter(other="ehcp_start_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept("ehcp_start_date", "DATE", "Date the plan was issued.", Privacy.SENSITIVE, checks=(NotInFuture(limit=0.01),)),
        kept("ehcp_end_date", "DATE", "Date the plan ceased; empty while active.", Privacy.SENSITIVE),
    ),
)  # fmt: skip

TABLES = (PUPILS,)
