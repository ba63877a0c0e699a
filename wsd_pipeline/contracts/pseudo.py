"""The contract of a feed's rows without identity, computed from the feed's own: nobody writes it, so nothing drifts."""

from __future__ import annotations

from dataclasses import replace

from wsd_pipeline.contracts.checks import Between, Check, Matches, OneOf, Severity
from wsd_pipeline.contracts.core import Becomes, Column, Identity, Landed, LandedTable, Privacy, Table

ADDRESS_QUALIFIERS = (
    "best_residential", "best_other", "parent", "child", "sibling", "street", "outside", "former",
)  # fmt: skip
ADDRESS_PATTERNS = ("supplied", "postcode_exact", "postcode_spelling", "sector", "district_building")


def pseudo_table(feed: LandedTable) -> Table:
    """The computed contract of the same rows without identity."""
    made = [pseudo_column(c) for c in feed.landed_columns]
    kept = [c for c in made if c is not None]
    record = Column(  # of the person, where the feed has any
        name="record_id",
        type="UUID",
        description=f"Keyed pseudonym of the person in the {feed.supplier} system; the same in every table of source `{feed.source}`.",
        privacy=Privacy.PSEUDONYM,
        required=True,
    )
    row = Column(
        name="row_id",
        type="UUID",
        description="Keyed pseudonym of the row's own key.",
        privacy=Privacy.PSEUDONYM,
        required=True,
        unique=True,
    )
    ages = [
        Column(
            name=a.name,
            type="SMALLINT",
            description=a.description,
            privacy=Privacy.QUASI,
            checks=(Between(low=0, high=130, limit=0.01, severity=Severity.WARN),),
        )
        for a in feed.ages
    ]
    return Table(
        key=f"pseudo.{feed.name}",
        grain=feed.grain,
        description=feed.description,
        columns=(record, row, *kept, *ages, *_address_columns(feed)) if feed.person_key else (row, *kept),
        unique_key=("record_id", "row_id") if feed.person_key else ("row_id",),
        minimum_rows=feed.minimum_rows,
    )


def pseudo_column(column: Landed) -> Column | None:
    """The column as it stands in `pseudo`, or None where it goes no further. A closing check has no limit there."""
    name = column.pseudo_name or column.name
    checks: tuple[Check, ...]
    if column.becomes in (Becomes.TOKEN, Becomes.DROP):
        return None
    if column.becomes is Becomes.KEYED:
        kind, privacy, checks = "UUID", Privacy.PSEUDONYM, ()
    elif column.becomes is Becomes.MONTH:
        kind, privacy, checks = "DATE", Privacy.QUASI, ()
    elif column.becomes is Becomes.LSOA:
        name, kind, privacy = column.pseudo_name or "lsoa21", "VARCHAR", Privacy.QUASI
        checks = (Matches(pattern="[EW]01[0-9]{6}", means="an LSOA21 code of England or Wales"),)
    elif column.becomes is Becomes.RALF:
        name, kind, privacy, checks = column.pseudo_name or "ralf", "UUID", Privacy.PSEUDONYM, ()
    elif column.becomes is Becomes.FLAG:
        kind, privacy, checks = "BOOLEAN", column.privacy, ()
    else:
        kind, privacy = column.type, column.privacy
        closed = replace(column.closing, limit=0.0, severity=Severity.CRITICAL) if column.closing else None
        checks = tuple(closed if closed and check is column.closing else check for check in column.checks)
    required = column.required and column.becomes in (Becomes.KEEP, Becomes.KEYED, Becomes.MONTH)
    return Column(
        name=name, type=kind, description=column.description, privacy=privacy, required=required, checks=checks
    )


def _address_columns(feed: LandedTable) -> tuple[Column, ...]:
    """What `pseudo` says of the address beside its residence pseudonym: how it was found, and what was found."""
    if not feed.has_addresses:
        return ()
    ralf = Column(
        name="ralf", type="UUID", description="Residence pseudonym of the address found.", privacy=Privacy.PSEUDONYM
    )
    return (
        *(() if Identity.UPRN in feed.identity_columns else (ralf,)),
        Column(
            name="address_qualifier",
            type="VARCHAR",
            description="What was found of the address: the home, another building as such, only its building (parent), homes (child), neighbours (sibling) or street, or a UPRN outside the gazetteer or no longer in it. `ralf` is given for the first two and outside.",
            privacy=Privacy.PAYLOAD,
            checks=(OneOf(values=ADDRESS_QUALIFIERS),),
        ),
        Column(
            name="address_pattern",
            type="VARCHAR",
            description="How it was found: the supplier's UPRN, or the text in postcode, sector or district.",
            privacy=Privacy.PAYLOAD,
            checks=(OneOf(values=ADDRESS_PATTERNS),),
        ),
    )
