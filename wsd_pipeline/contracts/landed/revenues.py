"""Council tax and benefits: whose use the law restricts.

Council tax records may be used beyond the tax only as the Local Government Finance Act 1992 and data-sharing powers
allow; social security records only through a gateway of the Social Security Administration Act 1992 or the Welfare
Reform Act 2012, and wrongful disclosure is a criminal offence. So amounts never leave the vault: what crosses is
whether there is any, and each feed says which law restricts it (`restricted_by`). National
Insurance numbers are not columns here and are never read.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import Matches, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Becomes, Identity, Landed, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, FileFormat, Says
from wsd_pipeline.contracts.fields import (
    UPRN_PATTERN,
    birth_date,
    dropped,
    flag,
    kept,
    keyed,
    name_part,
    postcode,
    uprn,
)

BANDS = ("A", "B", "C", "D", "E", "F", "G", "H")
SINGLE_PERSON, EMPTY, SECOND_HOME = "SPD25", "empty", "second_home"
DISCOUNTS = (SINGLE_PERSON, "disregard_student", "disregard_SMI", "disabled_band", SECOND_HOME, EMPTY)
CLAIM_TYPES = ("HB", "CTR", "HB and CTR")
ROLES = ("claimant", "partner", "dependant")

ACCOUNTS = LandedTable(
    key="landed.council_tax__accounts",
    grain="council tax account of a home",
    description="Council tax accounts open, or closed in the year: band, discount and exemption of each home. A feed of homes: there is no date of birth in it to know a person by, so the liable party's name is read and goes no further.",
    source="council_tax",
    supplier="council revenues service",
    domain_section="2.15",
    person_key=(),
    unique_key=("account_ref",),
    latest_by=("liable_from_date",),
    file=FileFormat(date_formats=("%d/%m/%Y", "%Y-%m-%d"), encodings=("cp1252", "utf-8")),
    restricted_by="Local Government Finance Act 1992, schedule 2 paragraphs 16 and 17; Digital Economy Act 2017, section 35",
    columns=(
        keyed("account_ref", "Account reference.", header="ct_account_ref", required=True, pseudo_name="account_key"),
        Landed(
            name="uprn", type="VARCHAR", description="Unique property reference number.", privacy=Privacy.IDENTIFIER, becomes=Becomes.RALF,
            checks=(Matches(pattern="0*" + UPRN_PATTERN, means="1 to 12 digits, not zero", limit=0.02),),
        ),
        kept("council_tax_band", "VARCHAR", "Valuation band, A to H.", header="band", checks=(OneOf(values=BANDS, limit=0.01),)),
        dropped("liable_party_name", "VARCHAR", "Name of the liable party."),
        kept("liable_from_date", "DATE", "First day of liability.", header="liable_from", checks=(NotInFuture(limit=0.01), NotAfter(other="liable_to_date", limit=0.01, severity=Severity.WARN))),
        kept("liable_to_date", "DATE", "Last day of liability; empty while it runs.", header="liable_to"),
        kept("discount", "VARCHAR", "Discount: SPD25 is one countable adult, which is not always one person.", header="discount", checks=(OneOf(values=DISCOUNTS, limit=0.01),)),
        kept("exemption_class", "VARCHAR", "Class of exemption, A to W: M halls, N all students, S under 18, U severely mentally impaired.", header="exemption_class", checks=(Matches(pattern="[A-W]", means="a class of exemption", limit=0.01),)),
        dropped("reduction_claim_ref", "VARCHAR", "Council tax reduction claim.", header="ctr_claim_ref"),
    ),
)  # fmt: skip

CLAIMANTS = LandedTable(
    key="landed.benefits__claimants",
    grain="person in a household with a claim",
    description="Housing benefit and council tax reduction claims in payment, one row for each claimant, partner and dependant. Only whether there is an award crosses, never how much.",
    source="benefits",
    supplier="council benefits service",
    domain_section="2.15",
    person_key=("claim_ref", "member_no"),
    unique_key=("claim_ref", "member_no"),
    latest_by=("claim_start_date",),
    file=FileFormat(delimiter="|", date_formats=("%d/%m/%Y", "%Y-%m-%d"), encodings=("cp1252", "utf-8")),
    restricted_by="Social Security Administration Act 1992, sections 122 to 122E; Welfare Reform Act 2012, sections 130 to 131",
    says=Says(seen="$snapshot_date", address=Address(priority=4, from_date="claim_start_date", seen="$snapshot_date")),
    columns=(
        keyed("claim_ref", "Claim reference.", header="claim_ref", required=True, pseudo_name="claim_key"),
        kept("member_no", "SMALLINT", "Number of the person on the claim, from 1.", header="member_no", required=True),
        kept("claim_role", "VARCHAR", "Claimant, partner or dependant.", header="role", required=True, checks=(OneOf(values=ROLES, limit=0.01),)),
        name_part(Identity.SURNAME, "surname", "Surname."),
        name_part(Identity.FORENAME, "forename", "Forename or forenames."),
        birth_date("dob"),
        uprn(),
        postcode(),
        kept("claim_type", "VARCHAR", "Housing benefit, council tax reduction, or both.", Privacy.SENSITIVE, required=True, checks=(OneOf(values=CLAIM_TYPES, limit=0.01),)),
        kept("claim_start_date", "DATE", "Start of the claim.", Privacy.SENSITIVE, header="claim_start", checks=(NotInFuture(limit=0.01),)),
        flag("hb_weekly_gbp", "DECIMAL(8,2)", "Housing benefit in payment.", Privacy.SENSITIVE, header="hb_weekly", pseudo_name="has_housing_benefit"),
        flag("ctr_weekly_gbp", "DECIMAL(8,2)", "Council tax reduction in payment.", Privacy.SENSITIVE, header="ctr_weekly", pseudo_name="has_council_tax_reduction"),
        flag("dhp_weekly_gbp", "DECIMAL(8,2)", "Discretionary housing payment in payment.", Privacy.SENSITIVE, header="dhp", pseudo_name="has_discretionary_payment"),
        kept("is_passported", "BOOLEAN", "Entitled by another benefit.", Privacy.SENSITIVE, header="passported"),
        kept("has_free_school_meals", "BOOLEAN", "Free school meals awarded.", Privacy.SENSITIVE, header="fsm_award"),
        kept("has_universal_credit", "BOOLEAN", "Universal Credit is in payment.", Privacy.SENSITIVE, header="uc_flag"),
    ),
)  # fmt: skip

TABLES = (ACCOUNTS, CLAIMANTS)
