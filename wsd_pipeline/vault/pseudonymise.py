"""The payload without identity: the computed `pseudo` table of a feed, from `landed` in the vault's session.

Identifiers become keyed pseudonyms, dates of birth months, postcodes LSOAs, addresses residence pseudonyms. The
address of a sensitive (S-flagged) record is never used. A text column carries codes: what its contract does not know
as one is left out, and a row without a required code has been held back before.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Becomes, Identity, Landed, LandedTable
from wsd_pipeline.contracts.feed import AgeAt
from wsd_pipeline.contracts.pseudo import pseudo_column, pseudo_table
from wsd_pipeline.settings import snapshot_date
from wsd_pipeline.sql import typed_select, write_parquet
from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.normalise import SENSITIVE_COLUMN, map_postcodes
from wsd_pipeline.vault.tokens import id_column

if TYPE_CHECKING:
    import duckdb

UPRN_DIGITS = 12
TOO_LONG = 10**9
"""The least number of ten digits: nothing measured of one person is that large."""
PLACES = ("best_residential", "best_other", "outside")
"""Qualifiers of addresses that are a place of their own, not only near one."""


def person_key_text(feed: LandedTable) -> str:
    """SQL for the person key as written in the file, its values joined by `|`."""
    return joined(feed.person_key)


def joined(columns: tuple[str, ...]) -> str:
    """SQL for the values of the columns joined by `|`, a missing one empty."""
    return " || '|' || ".join(f"coalesce(cast(\"{c}\" as varchar), '')" for c in columns)


def map_ids(con: duckdb.DuckDBPyConnection, name: str, relation: str, expression: str, key: bytes) -> None:
    """A temp table `name` (value, id): the keyed pseudonym of each distinct value of the expression."""
    values = con.sql(f"select distinct {expression} as value from {relation} where {expression} is not null").pl()
    frame = values.with_columns(id=id_column(values["value"], key))
    con.register("made_ids", frame.to_arrow())
    con.execute(f"create or replace temp table {name} as select value, cast(id as uuid) as id from made_ids")
    con.unregister("made_ids")


def map_record_ids(con: duckdb.DuckDBPyConnection, feed: LandedTable, keys: Keys) -> None:
    """The temp table `record_ids`: person key of `landed` to `record_id`."""
    map_ids(con, "record_ids", "landed", person_key_text(feed), keys.source(feed.source, "record"))


def pseudonymise(
    con: duckdb.DuckDBPyConnection,
    feed: LandedTable,
    keys: Keys,
    month: str,
    path: Path,
    uncoded: Collection[str] | None = None,
) -> int:
    """Write the pseudo table of `landed` to `path`, typed and ordered by its contract; the number of rows.

    The session has `landed`, `postcodes`, the macros of `normalise` and, where the feed holds people, `record_ids`.
    `uncoded` names the columns in which the vault's gate found what is no code; not given, every one is looked at.
    """
    _map_row_ids(con, feed, keys)
    columns, joins, relation = ["row_ids.id as row_id"], [], "landed"
    if feed.person_key:
        columns.insert(0, "record_ids.id as record_id")
        relation = f"(select *, {person_key_text(feed)} as person_key_text from landed)"
        joins.append("join record_ids on record_ids.value = l.person_key_text")
    for i, column in enumerate(feed.landed_columns):
        made = pseudo_column(column)
        if made is None or column.identity is Identity.UPRN:
            continue
        if column.becomes is Becomes.KEEP and column.type == "VARCHAR":
            clean = uncoded is not None and column.closing is not None and column.name not in uncoded
            columns.append(f'{_code_only(column, clean)} as "{made.name}"')
            continue
        expression, join = _carried(con, feed, column, f"map_{i}", keys, month)
        columns.append(f'{expression} as "{made.name}"')
        joins.append(join)
    columns += [_age(feed, age, month) for age in feed.ages]
    if feed.has_addresses:
        joins.append(_map_residences(con, keys))
        columns += ["residences.ralf", "residences.qualifier as address_qualifier"]
        columns.append("residences.pattern as address_pattern")
    con.execute(f"""create or replace temp table pseudo as
        select {", ".join(columns)}
        from {relation} l
        join row_ids on row_ids.row_number = l.row_number
        {" ".join(j for j in joins if j)}""")
    rows = write_parquet(con, typed_select(pseudo_table(feed), "pseudo"), path)
    con.execute("drop table pseudo")
    return rows


def _map_residences(con: duckdb.DuckDBPyConnection, keys: Keys) -> str:
    """The temp table `residences`: `addressed` with the residence pseudonym of what is a place; and its join."""
    uprn = f"lpad(uprn, {UPRN_DIGITS}, '0')"
    map_ids(con, "ralfs", f"(select * from addressed where qualifier in {PLACES})", uprn, keys.derive("ralf"))
    con.execute(f"""create or replace temp table residences as
        select a.row_number, r.id as ralf, a.qualifier, a.pattern
        from addressed a left join ralfs r on r.value = {uprn} and a.qualifier in {PLACES}""")
    return "left join residences on residences.row_number = l.row_number"


def _map_row_ids(con: duckdb.DuckDBPyConnection, feed: LandedTable, keys: Keys) -> None:
    """The temp table `row_ids`: row_number to the keyed pseudonym of the row's own key, which is unique already."""
    rows = con.sql(f"select row_number, {joined(feed.unique_key)} as value from landed").pl()
    frame = rows.select("row_number", id=id_column(rows["value"], keys.source(feed.source, f"row|{feed.name}")))
    con.register("made_ids", frame.to_arrow())
    con.execute("create or replace temp table row_ids as select row_number, cast(id as uuid) as id from made_ids")
    con.unregister("made_ids")


def _carried(
    con: duckdb.DuckDBPyConnection, feed: LandedTable, column: Landed, name: str, keys: Keys, month: str
) -> tuple[str, str]:
    """The expression of a column in `pseudo` and the join it needs, if any."""
    value = f'l."{column.name}"'
    if column.becomes is Becomes.KEYED:
        key = keys.source(feed.source, column.keyed_as or column.name)
        map_ids(con, name, "landed", f'cast("{column.name}" as varchar)', key)
        return f"{name}.id", f"left join {name} on {name}.value = cast({value} as varchar)"
    if column.becomes is Becomes.MONTH:
        known = birth_date(value, month) if column.identity is Identity.BIRTH_DATE else value
        return f"cast(date_trunc('month', {known}) as date)", ""
    if column.becomes is Becomes.LSOA:
        map_postcodes(con, f"{name}_forms", "landed", column.name)
        return _unless_sensitive(feed, f"{name}.lsoa21"), (
            f"left join {name}_forms on {name}_forms.raw = {value}"
            f" left join postcodes {name} on {name}.postcode = {name}_forms.postcode"
        )
    if column.becomes is Becomes.RALF:
        uprn = "lpad(uprn_of({}), " + str(UPRN_DIGITS) + ", '0')"
        map_ids(con, name, "landed", uprn.format(f'"{column.name}"'), keys.derive("ralf"))
        return f"{name}.id", f"left join {name} on {name}.value = {uprn.format(value)}"
    if column.becomes is Becomes.FLAG:
        return (f"{value} is not null" if column.type == "VARCHAR" else f"coalesce({value} > 0, false)"), ""
    return _measured(feed, column, value), ""


def _measured(feed: LandedTable, column: Landed, value: str) -> str:
    """SQL for what else goes on as itself: of a person no number as long as an NHS number or a telephone's."""
    if not feed.person_key or not column.type.startswith(("DECIMAL", "BIGINT", "UBIGINT", "HUGEINT", "DOUBLE")):
        return value
    return f"case when abs({value}) < {TOO_LONG} then {value} end"


def _code_only(column: Landed, clean: bool) -> str:
    """SQL for a text that goes on as itself: only where its contract knows it for a code, else null."""
    value = f'l."{column.name}"'
    if column.closing is None:
        return "cast(null as varchar)"
    return value if clean else f"case when not ({column.closing.failing(value)}) then {value} end"


def _unless_sensitive(feed: LandedTable, expression: str) -> str:
    if SENSITIVE_COLUMN not in [c.name for c in feed.columns]:
        return expression
    return f"case when not coalesce(l.{SENSITIVE_COLUMN}, false) then {expression} end"


def birth_date(column: str, month: str) -> str:
    """SQL for a date of birth, null where it is a placeholder or after the snapshot."""
    return f"known_birth_date({column}, date '{snapshot_date(month)}')"


def _age(feed: LandedTable, age: AgeAt, month: str) -> str:
    """Completed years on the day of the event: 29 February turns a year older on 1 March."""
    born, on = birth_date(f'l."{feed.identity_columns[Identity.BIRTH_DATE].name}"', month), f'l."{age.on}"'
    before = f"month({on}) * 100 + day({on}) < month({born}) * 100 + day({born})"
    return f'cast(year({on}) - year({born}) - case when {before} then 1 else 0 end as smallint) as "{age.name}"'
