"""The linkage room's tables: keyed tokens of each source record that stands for a person, and no payload.

A token is the first 64 bits of HMAC-SHA256 of a normalised value under the epoch's link key for that kind of
value, as an unsigned integer: stable from month to month, equal only where the values are equal. Kinds that
are compared across columns share a key: forename, surname and former surname are all `name`; day and month of
birth are both `day_or_month`, so that a swap shows as crossed equality.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Column, Privacy, Table


def _token(name: str, description: str, type: str = "UBIGINT") -> Column:
    return Column(name=name, type=type, description=description, privacy=Privacy.PSEUDONYM)


IDENTITIES = Table(
    key="tokens.identities",
    grain="source record that stands for a person",
    description="What linkage may know of a person: tokens only. Never leaves the linkage room.",
    unique_key=("source", "record_id"),
    columns=(
        Column(name="source", type="VARCHAR", description="Source system.", privacy=Privacy.NONE, required=True),
        Column(name="record_id", type="UUID", description="The record, as in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True),
        _token("identity_token", "Of all normalised identity values together: changes when any of them does."),
        _token("nhs_token", "NHS number, when valid, after supersession."),
        Column(name="nhs_state", type="VARCHAR", description="valid, superseded (a valid number replaced by its successor), elsewhere (of Scotland or Northern Ireland: no token), invalid, placeholder or absent.", privacy=Privacy.PAYLOAD, required=True, checks=(OneOf(values=("valid", "superseded", "elsewhere", "invalid", "placeholder", "absent")),)),
        _token("forename_token", "First name token of the forename, titles and MOHAMMED prefixes removed."),
        _token("surname_token", "Whole surname, letters only."),
        _token("former_surname_token", "Whole former surname."),
        _token("forename_phonetic_token", "Phonetic code of the forename."),
        _token("surname_phonetic_token", "Phonetic code of the surname."),
        _token("forename_initial_token", "First letter of the forename."),
        _token("forename_left_out_token", "MOHAMMED, of whatever spelling, where it was left out beside another forename."),
        _token("name_tokens", "Every name token of forename, surname and former surname, sorted, each once.", "UBIGINT[]"),
        _token("birth_date_token", "Whole date of birth; null for placeholders such as 1900-01-01."),
        _token("birth_year_token", "Year of birth."),
        _token("birth_month_token", "Month of birth; shares its key with the day."),
        _token("birth_day_token", "Day of birth; shares its key with the month."),
        Column(name="is_birth_heaped", type="BOOLEAN", description="Born on 1 January or 1 July: weak evidence.", privacy=Privacy.QUASI, required=True),
        _token("sex_token", "Sex, when male or female."),
        _token("postcode_token", "Whole postcode; null for pseudo-postcodes and sensitive records."),
        _token("sector_token", "Postcode sector."),
        _token("outward_token", "Outward postcode."),
        _token("uprn_token", "UPRN; null for sensitive records."),
        _token("practice_token", "GP practice; null for default codes."),
        _token("upn_token", "Unique pupil number, when valid and permanent."),
    ),
)  # fmt: skip

NAMES = Table(
    key="tokens.names",
    grain="distinct forename or surname of the records",
    description="What else a whole name looks like: kept once a name, not once a record. Never leaves the linkage room.",
    unique_key=("name_token",),
    minimum_rows=0,
    columns=(
        Column(name="name_token", type="UBIGINT", description="The name, as `forename_token` or `surname_token`.", privacy=Privacy.PSEUDONYM, required=True),
        _token("prefix_token", "First three letters; null for shorter names, so that an initial standing alone shows."),
        _token("form_token", "Full form of a usual short form (of BOB that of ROBERT); of any other name its own."),
        _token("variant_tokens", "The name, and from four letters on the name with each one letter left out: names that share one are one edit apart.", "UBIGINT[]"),
    ),
)  # fmt: skip

CLOSURES = Table(
    key="tokens.closures",
    grain="NHS number closed for adoption or gender recognition, and the one given instead",
    description="People who must never be joined again, as tokens after supersession. Never leaves the linkage room.",
    unique_key=("old_nhs_token", "new_nhs_token"),
    minimum_rows=0,
    columns=(
        Column(name="old_nhs_token", type="UBIGINT", description="The number closed.", privacy=Privacy.PSEUDONYM, required=True),
        Column(name="new_nhs_token", type="UBIGINT", description="The number given instead.", privacy=Privacy.PSEUDONYM, required=True),
    ),
)  # fmt: skip

CLOSED_RECORDS = Table(
    key="tokens.closed_records",
    grain="source record that bears, or last bore, a number of a closure",
    description="Kept from month to month beside the tokens, so that a number gone missing rejoins nobody. Never leaves the linkage room.",
    unique_key=("source", "record_id"),
    minimum_rows=0,
    columns=(
        Column(name="source", type="VARCHAR", description="Source system.", privacy=Privacy.NONE, required=True),
        Column(name="record_id", type="UUID", description="The record, as in `pseudo`.", privacy=Privacy.PSEUDONYM, required=True),
        Column(name="nhs_token", type="UBIGINT", description="The number, as `old_nhs_token` or `new_nhs_token`.", privacy=Privacy.PSEUDONYM, required=True),
    ),
)  # fmt: skip

OPTED_OUT = Table(
    key="tokens.opted_out",
    grain="NHS number of a person who has opted out",
    description="Whose records linkage must take out of all it makes, as tokens after supersession. Never leaves the linkage room.",
    unique_key=("nhs_token",),
    minimum_rows=0,
    columns=(
        Column(name="nhs_token", type="UBIGINT", description="The number.", privacy=Privacy.PSEUDONYM, required=True),
    ),
)

ROOM = (IDENTITIES, NAMES, CLOSURES, OPTED_OUT)
"""Made together each month by the vault; `tokens.closed_records` is kept by linkage from month to month."""

TABLES = (*ROOM, CLOSED_RECORDS)
