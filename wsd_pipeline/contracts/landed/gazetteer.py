"""The Local Land and Property Gazetteer: every address of the borough. A feed of places; no person is in it."""

from __future__ import annotations

from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.checks import Matches, NoneOf, OneOf
from wsd_pipeline.contracts.core import Becomes, Landed, LandedTable, Privacy
from wsd_pipeline.contracts.fields import UPRN_PATTERN, dropped, kept
from wsd_pipeline.contracts.places import WITHDRAWN_LSOA11

ADDRESSES = LandedTable(
    key="landed.llpg__addresses",
    grain="name of an address (UPRN)",
    description="Addresses with their class and state: which of them are homes, and which are communal establishments. An address may have other names (alternative, historical) under one UPRN.",
    source="llpg",
    supplier="council gazetteer",
    domain_section="2.18",
    cadence="six-weekly",
    person_key=(),
    unique_key=("uprn", "logical_status_code", "saon", "paon", "street"),
    columns=(
        Landed(
            name="uprn", type="VARCHAR", description="Unique property reference number.", privacy=Privacy.IDENTIFIER,
            required=True, becomes=Becomes.RALF, checks=(Matches(pattern="0*" + UPRN_PATTERN, means="1 to 12 digits, not zero", limit=0.01),),
        ),
        Landed(
            name="parent_uprn", type="VARCHAR", description="UPRN of the building it is part of.", privacy=Privacy.IDENTIFIER,
            becomes=Becomes.RALF, pseudo_name="parent_ralf",
        ),
        kept(
            "property_class_code", "VARCHAR", "BLPU class: R and U are homes, RI and C communal, PP the shell of a building.", Privacy.NONE,
            header="blpu_class", required=True, checks=(Matches(pattern="[A-Z]{1,2}[0-9]{0,2}", means="a BLPU class", limit=0.01),),
        ),
        kept(
            "logical_status_code", "VARCHAR", "1 approved, 3 alternative, 6 provisional, 8 historical.", Privacy.NONE,
            header="logical_status", checks=(OneOf(values=("1", "3", "6", "8"), limit=0.01),),
        ),
        dropped("saon", "VARCHAR", "Flat or part of a building."),
        dropped("paon", "VARCHAR", "House name or number."),
        dropped("street", "VARCHAR", "Street."),
        dropped("locality_name", "VARCHAR", "Locality of the address.", header="locality"),
        dropped("town", "VARCHAR", "Post town."),
        dropped("postcode", "VARCHAR", "Postcode."),
        dropped("easting", "INTEGER", "Easting in metres."),
        dropped("northing", "INTEGER", "Northing in metres."),
        kept("lsoa21", "VARCHAR", "LSOA21.", Privacy.QUASI, checks=(codes.lsoa(), NoneOf(values=WITHDRAWN_LSOA11, limit=0.01))),
        kept("ward_code", "VARCHAR", "Ward.", Privacy.QUASI, header="ward", checks=(codes.ward(),)),
        kept("start_date", "DATE", "First day of the address.", Privacy.NONE),
        kept("end_date", "DATE", "Last day of the address; empty while it stands.", Privacy.NONE),
        dropped("council_tax_ref", "VARCHAR", "Council tax reference.", header="council_tax_xref"),
        kept(
            "landlord_code", "VARCHAR", "Code of the registered provider that owns it, where one does.", Privacy.NONE, header="rp_landlord",
            checks=(codes.landlord(),),
        ),
    ),
)  # fmt: skip

TABLES = (ADDRESSES,)
