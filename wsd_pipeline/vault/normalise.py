"""How identifying values are brought to one form before they are hashed (DOMAIN: NHS Data Dictionary, ONS, DfE).

Each rule is a DuckDB scalar macro: total (never an error), null for what holds nothing, and idempotent. `VERSION`
changes whenever a rule does: it is part of every content key. Names and NHS numbers have modules of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.vault import nhs_numbers

if TYPE_CHECKING:
    import duckdb

VERSION = "norm_v2"

POSTCODE_PATTERN = (
    "(GIR0AA|([A-PR-UWYZ]([0-9]{1,2}|[A-HK-Y][0-9]([0-9]|[ABEHMNPRV-Y])?|[0-9][A-HJKPS-UW]))[0-9][ABD-HJLNP-UW-Z]{2})"
)
SENSITIVE_COLUMN = "is_sensitive"
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

_UPN_WEIGHTED = " + ".join(f"{i} * try_cast(substr(u, {i}, 1) as integer)" for i in range(2, 14))

MACROS = (
    *nhs_numbers.MACROS,
    """create or replace temp macro known_birth_date(d, snapshot) as case
        when d in (date '1900-01-01', date '1901-01-01', date '1899-12-30', date '1899-12-31', date '1800-01-01')
            or d > snapshot or year(d) < 1850 then null
        else d end""",
    "create or replace temp macro postcode_letters(v) as regexp_replace(upper(v), '[^A-Z0-9]', '', 'g')",
    # O and I for 0 and 1 by position: the inward part is digit, letter, letter; the first of all is a letter
    """create or replace temp macro postcode_mended(p) as
        case when length(p) between 5 and 7 then
            translate(substr(p, 1, 1), '01', 'OI')
            || case when length(p) = 5 then translate(substr(p, 2, 1), 'OI', '01') else substr(p, 2, length(p) - 4) end
            || translate(substr(p, length(p) - 2, 1), 'OI', '01')
            || translate(substr(p, length(p) - 1, 2), '01', 'OI')
        end""",
    # and in the district, where a digit must be: EI4, E1O; only where it is none as it stands (OX1, SO1 are)
    """create or replace temp macro postcode_mended_more(p) as
        substr(p, 1, 1) || translate(substr(p, 2, length(p) - 4), 'OI', '01') || substr(p, length(p) - 2)""",
    # ZZ99: no fixed abode, not known, overseas. No place, so no postcode. Lambdas, so that what is mended stands once:
    # a macro's argument is written out wherever it is named
    f"""create or replace temp macro postcode_of(v) as list_transform(
        list_transform([postcode_letters(v)], lambda p: postcode_mended(p)),
        lambda p: case
            when starts_with(p, 'ZZ') then null
            when regexp_full_match(p, '{POSTCODE_PATTERN}') then left(p, length(p) - 3) || ' ' || right(p, 3)
            when regexp_full_match(postcode_mended_more(p), '{POSTCODE_PATTERN}') then
                left(postcode_mended_more(p), length(p) - 3) || ' ' || right(p, 3)
            end)[1]""",
    "create or replace temp macro outward_of(p) as split_part(p, ' ', 1)",
    "create or replace temp macro sector_of(p) as substr(p, 1, length(p) - 2)",
    """create or replace temp macro uprn_of(v) as nullif(regexp_extract(
        ltrim(regexp_replace(v, '[.]0$', ''), '0'), '^[1-9][0-9]{0,11}$'), '')""",
    """create or replace temp macro sex_of(v) as case
        when upper(v) in ('1', 'M', 'MALE') then 'male'
        when upper(v) in ('2', 'F', 'FEMALE') then 'female' end""",
    # V81997-9: none, not applicable, not known
    """create or replace temp macro practice_of(v) as
        case when regexp_full_match(upper(v), '[A-HJ-NP-Y][0-9]{5}') and upper(v) not in ('V81997', 'V81998', 'V81999')
        then upper(v) end""",
    # DfE: letter = sum of weights 2 to 13 modulo 23; a letter in the last place marks a temporary number
    f"""create or replace temp macro upn_passes(u) as
        substr('{UPN_LETTERS}', (({_UPN_WEIGHTED}) % 23)::integer + 1, 1) = substr(u, 1, 1)""",
    f"""create or replace temp macro upn_of(v) as
        case when regexp_full_match(upper(v), '[{UPN_LETTERS}][0-9]{{12}}') and upn_passes(upper(v))
        then upper(v) end""",
)


def map_postcodes(con: duckdb.DuckDBPyConnection, name: str, relation: str, column: str) -> None:
    """A temp table `name` (raw, postcode): the one form of each distinct postcode of a column."""
    con.execute(f"""create or replace temp table {name} as
        select raw, postcode_of(raw) as postcode
        from (select distinct "{column}" as raw from {relation}) where raw is not null""")


def define(con: duckdb.DuckDBPyConnection) -> None:
    """Give the session every rule as a scalar macro."""
    for macro in MACROS:
        con.execute(macro)
