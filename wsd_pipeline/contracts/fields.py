"""Columns and code lists shared by more than one table, so that one meaning has one name everywhere.

Code lists are the national ones (NHS Data Model and Dictionary; DfE Common Basic Data Set); a label the
project could not verify is marked local in the column that uses it.
"""

from __future__ import annotations

from typing import TypedDict, Unpack

from wsd_pipeline.contracts.checks import Check, Matches, OneOf, Severity, ValidNhsNumber
from wsd_pipeline.contracts.core import Becomes, Column, Identity, Landed, Privacy

NHS_ETHNIC_CATEGORIES = ("A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "Z", "99")
DFE_ETHNICITIES = (
    "WBRI", "WIRI", "WIRT", "WROM", "WOTH", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN", "AOTH",
    "BCRB", "BAFR", "BOTH", "CHNE", "OOTH", "REFU", "NOBT",
)  # fmt: skip
ETHNICITY_GROUPS = (
    "White British", "White Other", "Bangladeshi", "Other Asian", "Black", "Mixed", "Other", "Unknown",
)  # fmt: skip
SEXES = ("female", "male", "other", "unknown")
LOCALITIES = ("NE", "NW", "SE", "SW")

PRACTICE_PATTERN = "([A-HJ-NP-Y][0-9]{5}|V8199[789])"
UPRN_PATTERN = "[1-9][0-9]{0,11}"
UPN_PATTERN = "[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]"
"""Of any unique pupil number; one that ends in a letter is temporary, and recognises nobody."""


def nhs_number(header: str = "nhs_number", invalid_limit: float = 0.02) -> Landed:
    """The NHS number as the supplier holds it; `invalid_limit` is the share that may fail the check digit."""
    return Landed(
        name="nhs_number",
        header=header,
        type="VARCHAR",
        description="NHS number as held by the supplier.",
        privacy=Privacy.IDENTIFIER,
        becomes=Becomes.TOKEN,
        identity=Identity.NHS_NUMBER,
        checks=(ValidNhsNumber(limit=invalid_limit),),
    )


def name_part(part: Identity, header: str, description: str) -> Landed:
    """A forename, surname or former surname."""
    return Landed(
        name=part.value,
        header=header,
        type="VARCHAR",
        description=description,
        privacy=Privacy.IDENTIFIER,
        becomes=Becomes.TOKEN,
        identity=part,
    )


def birth_date(header: str, unreadable_limit: float = 0.01) -> Landed:
    """Date of birth: tokenised whole and in parts, carried on as its month."""
    return Landed(
        name="birth_date",
        header=header,
        type="DATE",
        description="Date of birth.",
        privacy=Privacy.IDENTIFIER,
        becomes=Becomes.MONTH,
        identity=Identity.BIRTH_DATE,
        pseudo_name="birth_month",
        unreadable_limit=unreadable_limit,
    )


def sex(header: str, values: tuple[str, ...]) -> Landed:
    """Sex or gender as the supplier codes it; `person` maps the codes to one list."""
    return Landed(
        name="sex",
        header=header,
        type="VARCHAR",
        description="Sex or gender as coded by the supplier.",
        privacy=Privacy.QUASI,
        becomes=Becomes.KEEP,
        identity=Identity.SEX,
        checks=(OneOf(values=values, limit=0.01),),
    )


def postcode(header: str = "postcode") -> Landed:
    """Postcode: tokenised, and carried on as the LSOA21 it lies in."""
    return Landed(
        name="postcode",
        header=header,
        type="VARCHAR",
        description="Postcode of the usual address.",
        privacy=Privacy.IDENTIFIER,
        becomes=Becomes.LSOA,
        identity=Identity.POSTCODE,
    )


def uprn(header: str = "uprn") -> Landed:
    """Unique property reference number: tokenised, and carried on as a residence pseudonym."""
    return Landed(
        name="uprn",
        header=header,
        type="VARCHAR",
        description="Unique property reference number of the address.",
        privacy=Privacy.IDENTIFIER,
        becomes=Becomes.RALF,
        identity=Identity.UPRN,
        checks=(Matches(pattern="0*" + UPRN_PATTERN, means="1 to 12 digits, not zero", limit=0.05),),
    )


def practice_code(header: str = "practice_code", required: bool = False) -> Landed:
    """ODS code of the GP practice, or a default code for none, not applicable, not known."""
    return Landed(
        name="practice_code",
        header=header,
        type="VARCHAR",
        description="ODS code of the GP practice.",
        privacy=Privacy.QUASI,
        required=required,
        becomes=Becomes.KEEP,
        identity=Identity.PRACTICE,
        checks=(Matches(pattern=PRACTICE_PATTERN, means="an ODS practice code", limit=0.01),),
    )


def pupil_number(header: str, required: bool = False) -> Landed:
    """The unique pupil number; where it is required, one in five may have none, and is held back."""
    return Landed(
        name="upn",
        header=header,
        type="VARCHAR",
        description="Unique pupil number.",
        privacy=Privacy.IDENTIFIER,
        required=required,
        becomes=Becomes.TOKEN,
        identity=Identity.UPN,
        unreadable_limit=0.2,
        checks=(Matches(pattern=UPN_PATTERN, means="a check letter and twelve characters", limit=0.01),),
    )


def address_lines(prefix: str = "addr", count: int = 5) -> tuple[Landed, ...]:
    """Free-text address lines: landed for address matching in the vault, carried no further."""
    return tuple(
        Landed(
            name=f"address_line_{i}",
            header=f"{prefix}{i}",
            type="VARCHAR",
            description=f"Address line {i}, free text.",
            privacy=Privacy.IDENTIFIER,
            becomes=Becomes.DROP,
        )
        for i in range(1, count + 1)
    )


class Options(TypedDict, total=False):
    """What may be said of a landed column beyond its name, type and meaning."""

    header: str
    required: bool
    checks: tuple[Check, ...]
    pseudo_name: str
    unreadable_limit: float
    keyed_as: str


def kept(
    name: str, type: str, description: str, privacy: Privacy = Privacy.PAYLOAD, **options: Unpack[Options]
) -> Landed:
    """A payload column that crosses into `pseudo` as itself."""
    return Landed(name=name, type=type, description=description, privacy=privacy, becomes=Becomes.KEEP, **options)


def keyed(name: str, description: str, **options: Unpack[Options]) -> Landed:
    """A supplier's own reference, replaced by a keyed pseudonym."""
    return Landed(
        name=name,
        type="VARCHAR",
        description=description,
        privacy=Privacy.IDENTIFIER,
        becomes=Becomes.KEYED,
        **options,
    )


def flag(
    name: str, type: str, description: str, privacy: Privacy = Privacy.PAYLOAD, **options: Unpack[Options]
) -> Landed:
    """A column of which only whether there is any crosses: an amount above zero, or a value filled in."""
    return Landed(name=name, type=type, description=description, privacy=privacy, becomes=Becomes.FLAG, **options)


def dropped(name: str, type: str, description: str, **options: Unpack[Options]) -> Landed:
    """A column the file has and nothing downstream needs: read, checked, carried no further."""
    return Landed(
        name=name,
        type=type,
        description=description,
        privacy=Privacy.IDENTIFIER,
        becomes=Becomes.DROP,
        **options,
    )


PERSON_ID = Column(
    name="person_id",
    type="UUID",
    description="Pseudonym of the person, the same for ever; holds nothing of any identifier.",
    privacy=Privacy.PSEUDONYM,
    required=True,
)
LSOA21 = Column(
    name="lsoa21",
    type="VARCHAR",
    description="LSOA (2021) of residence at the snapshot; null where not known or withheld.",
    privacy=Privacy.QUASI,
    checks=(Matches(pattern="E01[0-9]{6}", means="an English LSOA21 code", limit=0.05, severity=Severity.WARN),),
)
