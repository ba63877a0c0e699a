"""How identifying values are brought to one form before they are hashed (DOMAIN: NHS Data Dictionary, ONS, DfE).

Each rule is a DuckDB scalar macro: total (never an error), null for what holds nothing, and idempotent. `VERSION`
changes whenever a rule does: it is part of every content key. Names have a module of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

VERSION = "norm_v1"

POSTCODE_PATTERN = (
    "(GIR0AA|([A-PR-UWYZ]([0-9]{1,2}|[A-HK-Y][0-9]([0-9]|[ABEHMNPRV-Y])?|[0-9][A-HJKPS-UW]))[0-9][ABD-HJLNP-UW-Z]{2})"
)
SENSITIVE_COLUMN = "is_sensitive"
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

_WEIGHTED = " + ".join(f"{11 - i} * (n // {10 ** (10 - i)} % 10)" for i in range(1, 10))
_UPN_WEIGHTED = " + ".join(f"{i} * try_cast(substr(u, {i}, 1) as integer)" for i in range(2, 14))

MACROS = (
    # ten digits, spaces, hyphens and a spreadsheet's .0 removed; null where it is not ten digits
    """create or replace temp macro nhs_digits(v) as nullif(regexp_extract(
        translate(case when ends_with(v, '.0') then left(v, length(v) - 2) else v end, ' -', ''),
        '^[0-9]{10}$'), '')""",
    f"create or replace temp macro nhs_number_passes(n) as (11 - ({_WEIGHTED}) % 11) % 11 = n % 10",
    # repeated digits pass modulus 11; 2333455667 is a known filler
    """create or replace temp macro nhs_filler(d) as
        d = repeat(left(d, 1), 10) or d in ('2333455667', '1234567890', '0123456789', '9876543210')""",
    """create or replace temp macro nhs_state_of(v, is_filler, passes) as case
        when is_filler then 'placeholder'
        when passes then 'valid'
        when regexp_full_match(v, '[^0-9]*|[0 .-]+') then 'placeholder'
        else 'invalid' end""",
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
    # ZZ99: no fixed abode, not known, overseas. No place, so no postcode
    f"""create or replace temp macro postcode_of(v) as case
        when starts_with(postcode_letters(v), 'ZZ') then null
        when regexp_full_match(postcode_mended(postcode_letters(v)), '{POSTCODE_PATTERN}') then
            regexp_replace(postcode_mended(postcode_letters(v)), '^(.*)(.{{3}})$', '\\1 \\2')
        end""",
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


def nhs_number_with_zero(text: str) -> str:
    """SQL: a text of nine digits with the zero before it, where the check digit then holds; else as it is."""
    weighted = _WEIGHTED.replace("n //", f"try_cast({text} as bigint) //")
    holds = f"(11 - ({weighted}) % 11) % 11 = try_cast({text} as bigint) % 10"
    return f"case when regexp_full_match({text}, '[0-9]{{9}}') and {holds} then '0' || {text} else {text} end"


def map_numbers(con: duckdb.DuckDBPyConnection, name: str, relation: str, column: str) -> None:
    """A temp table `name` (raw, number, state): each distinct NHS number, its digits where they could be a person's.

    `state` is valid, invalid or placeholder.
    """
    con.execute(f"""create or replace temp table {name} as
        with raws as (select distinct "{column}" as raw from {relation}),
        digits as (select raw, nhs_digits(raw) as d from raws where raw is not null),
        numbers as (select raw, d, try_cast(d as bigint) as n from digits),
        judged as (
            select raw, d, coalesce(nhs_number_passes(n), false) as passes, coalesce(nhs_filler(d), false) as is_filler
            from numbers
        )
        select raw, case when passes and not is_filler then d end as number,
            nhs_state_of(raw, is_filler, passes) as state
        from judged""")


def map_postcodes(con: duckdb.DuckDBPyConnection, name: str, relation: str, column: str) -> None:
    """A temp table `name` (raw, postcode): the one form of each distinct postcode of a column."""
    con.execute(f"""create or replace temp table {name} as
        select raw, postcode_of(raw) as postcode
        from (select distinct "{column}" as raw from {relation}) where raw is not null""")


def define(con: duckdb.DuckDBPyConnection) -> None:
    """Give the session every rule as a scalar macro."""
    for macro in MACROS:
        con.execute(macro)
