"""Council and registered-provider housing: tenancies and the tenants named on them."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Between, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy
from wsd_pipeline.contracts.feed import Address, FileFormat, Says
from wsd_pipeline.contracts.fields import birth_date, kept, keyed, name_part, postcode, uprn

LANDLORD_TYPES = ("LA/THH", "RP", "private_licensed")
ARREARS_BANDS = ("none", "under 4 weeks", "4 to 12 weeks", "over 12 weeks")
TENURES = ("secure", "assured", "flexible", "introductory", "shared ownership", "leasehold")

TENANCIES = LandedTable(
    key="landed.housing__tenancies",
    grain="tenant named on a tenancy",
    description="Tenancies of council and registered-provider homes, one row for each named tenant.",
    source="housing",
    supplier="council housing service",
    domain_section="2.14",
    person_key=("tenancy_ref", "tenant_no"),
    unique_key=("tenancy_ref", "tenant_no"),
    latest_by=("tenancy_start_date",),
    event_date="tenancy_start_date",
    says=Says(
        seen="case when tenancy_end_date < $snapshot_date then tenancy_end_date else $snapshot_date end",
        address=Address(
            priority=1, from_date="tenancy_start_date", seen="$snapshot_date",
            where="coalesce(tenancy_end_date > $snapshot_date, true)",
        ),
    ),
    file=FileFormat(delimiter="|", encodings=("cp1252", "utf-8"), date_formats=("%d/%m/%Y", "%Y-%m-%d")),
    columns=(
        keyed("tenancy_ref", "Tenancy reference.", required=True, pseudo_name="tenancy_key"),
        uprn(),
        postcode(),
        kept("landlord_code", "VARCHAR", "Landlord's code.", Privacy.NONE, checks=(codes.landlord(),)),
        kept("landlord_type", "VARCHAR", "Council, registered provider or licensed private.", required=True, checks=(OneOf(values=LANDLORD_TYPES, limit=0.01),)),
        kept("tenant_no", "SMALLINT", "Number of the tenant on the tenancy, from 1.", required=True),
        name_part(Identity.SURNAME, "surname", "Surname."),
        name_part(Identity.FORENAME, "forename", "Forename or forenames."),
        birth_date("dob"),
        kept(
            "tenancy_start_date", "DATE", "Start of the tenancy.", header="start", required=True,
            checks=(NotInFuture(limit=0.01), NotAfter(other="tenancy_end_date", limit=0.01, severity=Severity.WARN)),
        ),
        kept("tenancy_end_date", "DATE", "End of the tenancy; empty while open.", header="end"),
        kept("tenure", "VARCHAR", "Type of tenancy.", required=True, checks=(OneOf(values=TENURES, limit=0.01),)),
        kept("bedroom_count", "SMALLINT", "Bedrooms in the home.", header="bedrooms", checks=(Between(low=0, high=12, limit=0.01),)),
        kept("household_count", "SMALLINT", "People in the household as the landlord knows it.", checks=(Between(low=1, high=30, limit=0.01),)),
        kept("arrears_band", "VARCHAR", "Rent arrears in bands (local).", Privacy.SENSITIVE, checks=(codes.labels(*ARREARS_BANDS),)),
    ),
)  # fmt: skip

TABLES = (TENANCIES,)
