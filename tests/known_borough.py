"""A borough in which it is known whom every record is of: models' SQL over the generator's own rows.

No vault and no linkage come between, so that what a model makes differs from the truth by what the model does and by
nothing else; and a borough takes seconds, so that twenty of them can be asked the same question.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl

from synthetic_data.feeds.mess import ErrorRates, Mess
from synthetic_data.feeds.month import extracts
from synthetic_data.feeds.postcode_directory import directory
from synthetic_data.run import advance, begin
from synthetic_data.world.state import Borough
from wsd_pipeline import sql
from wsd_pipeline.build import models
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts import table as contract
from wsd_pipeline.contracts.core import Becomes, Identity, Landed, LandedTable
from wsd_pipeline.contracts.pseudo import pseudo_column, pseudo_table


def live(seed: int, people: int, month: str) -> tuple[Borough, list]:
    """The borough at the month's end and its feeds, made by faultless suppliers."""
    state = begin(seed, people, month)
    mess = Mess(state, ErrorRates.none())
    advance(state, month)
    return state, extracts(state, mess, month, month)


@contextmanager
def session(state: Borough, feeds: Iterable, month: str, scratch: Path, threads: int = 2):
    """A DuckDB session with every `pseudo` table, the spine of the truth, and the reference tables."""
    year, number = (int(part) for part in month.split("-"))
    con = sql.connect(scratch, threads=threads, memory_limit="3GB")
    try:
        for macro in sql.macros():
            con.execute(macro)
        con.register("directory_frame", directory(state).to_arrow())
        con.execute(
            "create table postcodes as select distinct on (pcds) pcds, lsoa21 from directory_frame"
            " order by pcds, dointr desc"
        )
        for layer in ("pseudo", "linked", "person", "segment", "mart"):
            con.execute(f"create schema {layer}")
        con.execute("attach ':memory:' as previous")
        made = {feed.table: feed for feed in feeds}
        for table in landed_tables():
            _pseudo(con, table, made.get(table.name))
        _spine(con, made.values())
        _references(con, made, month)
        con.execute("set variable month = ?", [month])
        con.execute("set variable day = ?", [date(year, number, calendar.monthrange(year, number)[1])])
        yield con
    finally:
        con.close()


def build(con, wanted: Iterable[str], change: Callable[[str, str], str] = lambda key, text: text) -> None:
    """The wanted tables and all that they read, each once; `change` may mutate a model's text on the way."""
    known = models()
    for key in wanted:
        if _exists(con, key):
            continue
        model = known[key]
        reads = {r for r in model.reads if not r.startswith(("pseudo.", "linked.", "reference."))}
        build(con, sorted(reads), change)
        for table in model.previous:
            if not _exists(con, table, "previous"):
                sql.attach_empty(con, {table: contract(table)}, "previous.")
        given = {
            p: con.execute(f"select getvariable('{'day' if p == 'snapshot_date' else p}')").fetchall()[0][0]
            for p in model.parameters
        }
        con.execute(f"create table {key} as {change(key, model.text)}", given or None)


def rebuild(con, wanted: Iterable[str], changed: str, old: str = "", new: str = "") -> None:
    """Make `wanted` again, with one model on the way to it changed: `old` replaced by `new`, or nothing."""
    known = models()

    def rests_on(key: str) -> bool:
        return key == changed or (key in known and any(rests_on(read) for read in known[key].reads))

    for key in known:
        if _exists(con, key) and rests_on(key):
            con.execute(f"drop table {key}")
    assert old in known[changed].text
    build(con, wanted, lambda key, text: text.replace(old, new) if old and key == changed else text)


def _exists(con, key: str, catalog: str = "memory") -> bool:
    layer, name = key.split(".", 1)
    found = con.execute(
        "select count(*) from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?",
        [catalog, layer, name],
    )
    return bool(found.fetchall()[0][0])


def _pseudo(con, table: LandedTable, feed) -> None:
    """The feed's rows in the shape of its `pseudo` contract; empty where it is not sent this month."""
    made = pseudo_table(table)
    if feed is None:
        con.execute(f"create table {made.key} ({', '.join(f'{c.name} {c.type}' for c in made.columns)})")
        return
    con.register("rows_frame", feed.rows.to_arrow())
    has = set(feed.rows.columns)
    con.execute("create or replace temp table landed as select *, row_number() over () as row_number from rows_frame")
    by_name: dict[str, str] = {"row_id": "md5(cast(row_number as varchar))::uuid"}
    if table.person_key:
        key = " || '|' || ".join(f"coalesce(cast(\"{c}\" as varchar), '')" for c in table.person_key)
        by_name["record_id"] = f"md5('{table.source}|' || {key})::uuid"
    for column in table.landed_columns:
        out = pseudo_column(column)
        if out is not None and column.identity is not Identity.UPRN:
            by_name[out.name] = _value(table, column) if column.name in has else "null"
    for age in table.ages:
        born = table.identity_columns[Identity.BIRTH_DATE].name
        by_name[age.name] = f"date_part('year', age(cast({age.on} as date), cast({born} as date)))"
    if table.has_addresses:
        uprn = next((c.name for c in table.landed_columns if c.identity is Identity.UPRN and c.name in has), None)
        by_name["ralf"] = f"md5(lpad({uprn}, 12, '0'))::uuid" if uprn else "null"
        by_name["address_qualifier"] = f"case when {uprn} is not null then 'best_residential' end" if uprn else "null"
        by_name["address_pattern"] = "null"
    select = ", ".join(f"cast({by_name.get(c.name, 'null')} as {c.type}) as {c.name}" for c in made.columns)
    con.execute(f"create table {made.key} as select {select} from landed")
    con.unregister("rows_frame")


def _value(table: LandedTable, column: Landed) -> str:
    name = f'"{column.name}"'
    if column.becomes is Becomes.KEYED:
        return f"md5('{table.source}|{column.keyed_as or column.name}|' || cast({name} as varchar))::uuid"
    if column.becomes is Becomes.MONTH:
        return f"date_trunc('month', cast({name} as date))"
    if column.becomes is Becomes.LSOA:
        return f"(select lsoa21 from postcodes p where replace(p.pcds, ' ', '') = replace({name}, ' ', ''))"
    if column.becomes is Becomes.RALF:
        return f"md5(lpad(cast({name} as varchar), 12, '0'))::uuid"
    if column.becomes is Becomes.FLAG:
        return f"{name} is not null" if column.type == "VARCHAR" else f"coalesce(try_cast({name} as double) > 0, false)"
    return name


def _spine(con, feeds: Iterable) -> None:
    records = pl.concat([feed.records for feed in feeds]).unique(["source", "person_key"])
    con.register("records_frame", records.to_arrow())
    columns = {
        "record_id": "md5(source || '|' || person_key)::uuid", "person_id": "md5(cast(true_person as varchar))::uuid",
        "source": "source", "link_band": "'A'", "is_current": "true", "is_one_time": "false", "step": "'nhs_exact'",
    }  # fmt: skip
    made = contract("linked.spine").columns
    select = ", ".join(f"cast({columns.get(c.name, 'null')} as {c.type}) as {c.name}" for c in made)
    con.execute(f"create table linked.spine as select {select} from records_frame")


def _references(con, feeds: dict, month: str) -> None:
    reads = {r for model in models().values() for r in model.reads if r.startswith("reference.")}
    sql.attach_reference(con, sorted(reads))
    for name in feeds:
        source = contract(f"landed.{name}").source
        row = [name, source, month]
        con.execute("insert into reference.received_feeds values (?, ?, ?, false, 0, 0, 0, 0, 0)", row)
