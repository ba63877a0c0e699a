"""A month of a project: sealed tokens in, staged `linked` tables out. Runs in the vault's child process only.

Beside the tokens, in the linkage room, is kept what next month needs and nobody else may see:

    linked/<month>.<key>.json        the files this month was linked from
    linked/<month>.<key>.*.parquet   sealed: tokens last known of records that have left their supplier's extract;
                                     numbers closed for adoption or gender recognition, and who bore them
    linked/<month>.<key>.taken_out.parquet   sealed: records of people taken out for an opt-out
    decisions.csv                    a person's decisions over pairs of records (same, not_same), where there are any
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline import sql
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.contracts.linked import EDGES, REVIEW, SPINE, TABLES
from wsd_pipeline.contracts.tokens import CLOSED_RECORDS, CLOSURES, IDENTITIES, NAMES, OPTED_OUT
from wsd_pipeline.lake import Pointer, Zone, content_key, file_sha256
from wsd_pipeline.linkage import core, ledger, probabilistic, rules
from wsd_pipeline.linkage.aside import Aside
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_before, write_text

if TYPE_CHECKING:
    import pyarrow as pa

    from wsd_pipeline.vault.keys import Keys

CODE_VERSION = "9"
"""Raise it when the code changes what a month is linked to; rules and contracts are part of the key by themselves."""

DECISION_COLUMNS = {
    "decision_number": "BIGINT",
    "decision": "VARCHAR",
    "source_a": "VARCHAR",
    "record_id_a": "UUID",
    "source_b": "VARCHAR",
    "record_id_b": "UUID",
}


@dataclass(frozen=True, kw_only=True)
class LinkReport:
    """What was staged (or, when `reused`, already accepted): rows by table, and facts for the pointer."""

    key: str
    reused: bool
    rows: Mapping[str, int]
    facts: Mapping[str, int | str] = field(default_factory=dict)


def link_month(project: Project, month: str, keys: Keys) -> LinkReport:
    """Link the month's tokens and stage the `linked` tables under the report's key.

    Stops with WSD-200 unless the month before was linked last, WSD-220 where a match key compares too many pairs,
    WSD-101 where the vault has not made the month's tokens.
    """
    previous = _previous(Zone(project.lake), month)
    tokens = Zone(project.linkage_room).pointer(IDENTITIES.key, month)
    if tokens is None:
        raise Stop("WSD-101", table=IDENTITIES.key, month=month, folder=str(project.linkage_room))
    key = content_key(
        {
            "tokens": dict(tokens.sha256),
            "previous": previous.key if previous else "",
            "decisions": _hash_of(_decisions_path(project)),
            "truth": _hash_of(_truth_path(project, month).with_suffix(".json")),
            "rules": rules.fingerprint(rules.RULES, rules.Limits()),
            "scoring": probabilistic.fingerprint(),
            "contracts": [table.fingerprint() for table in TABLES],
            "spine_key": keys.check_value(),
            "code": CODE_VERSION,
        }
    )
    accepted = Zone(project.lake).pointer(SPINE.key, month)
    if accepted is not None and accepted.key == key and _basis_path(project, month, key).is_file():
        return LinkReport(key=key, reused=True, rows=dict(accepted.rows), facts=dict(accepted.facts))
    con = sql.connect(
        project.linkage_room / "_staging" / "spill", threads=project.threads, memory_limit=project.memory_limit
    )
    try:
        con.execute("set enable_progress_bar = false")
        inputs = _inputs(project, month, keys, tokens, previous)
        with Aside(con) as aside:
            scorer = probabilistic.score_left
            outcome = core.link(con, month, inputs, spine_hmac(keys), scorer=scorer, aside=aside)
            rows = _write(con, project, month, key, aside)
        _keep_basis(con, project, month, key, keys, tokens)
    finally:
        con.close()
    facts: dict[str, int | str] = {
        "previous_key": previous.key if previous else "",
        "ledger_head": outcome.ledger_head,
        "people": outcome.facts["people"],
        "edges": rows["linked.edges"],
        "review_pairs": rows["linked.review"],
        "nhs_conflict_records": outcome.tally.nhs_conflict_records,
        "ambiguous_clusters": outcome.tally.ambiguous_clusters,
        "over_cap_clusters": outcome.tally.over_cap_clusters,
        "opted_out_people": outcome.facts["opted_out_people"],
        "opted_out_records": outcome.facts["opted_out_records"],
    }
    return LinkReport(key=key, reused=False, rows=rows, facts=facts)


def spine_hmac(keys: Keys) -> Any:
    """The spine HMAC over an Arrow column of messages: 128-bit ids in hex."""
    import polars as pl

    from wsd_pipeline.vault.tokens import id_column

    key = keys.derive(f"spine|{keys.epoch}")
    return lambda messages: id_column(pl.Series("message", messages, dtype=pl.String), key).to_arrow()


def _previous(lake: Zone, month: str) -> Pointer | None:
    """Last month's pointer, or None in the first month. Stops with WSD-200 where the chain is broken."""
    if not any(m < month for m in lake.months(SPINE.key)):
        return None
    before = month_before(month)
    pointer = lake.pointer(SPINE.key, before)
    if pointer is None:
        raise Stop("WSD-200", month=month, previous=before)
    older = lake.pointer(SPINE.key, month_before(before))
    if pointer.facts.get("previous_key", "") != (older.key if older else ""):
        raise Stop("WSD-200", month=month, previous=before)
    return pointer


def _inputs(project: Project, month: str, keys: Keys, tokens: Pointer, previous: Pointer | None) -> core.Inputs:
    """Everything the month is linked from, read two at a time: decrypting one keeps one core busy."""
    from wsd_pipeline.vault import sealed

    room, lake = project.linkage_room, project.lake
    truth = _truth_path(project, month)
    with ThreadPoolExecutor(2) as readers:
        identities = readers.submit(sealed.read, room / tokens.files[IDENTITIES.key], keys, month)
        begun: dict[str, Future[Any]] = {}
        if previous is not None:
            basis = _basis_of(project, previous)
            begun["known"] = readers.submit(_known, project, previous, keys, identities)
            for table in (SPINE, EDGES, REVIEW):
                begun[table.name] = readers.submit(read_linked, table, lake / previous.files[table.key])
            for name, path in (("closed", _gone_path(basis, CLOSED_RECORDS)), ("taken_before", _taken_path(basis))):
                begun[name] = readers.submit(sealed.read, path, keys, previous.month)
        begun["names"] = readers.submit(_names, project, tokens, previous, keys)
        begun["closures"] = readers.submit(_closures, project, tokens, previous, keys)
        begun["opted_out"] = readers.submit(sealed.read, room / tokens.files[OPTED_OUT.key], keys, month)
        if truth.is_file():
            begun["truth"] = readers.submit(sealed.read, truth, keys, month)
        read = {name: each.result() for name, each in begun.items()}
    head = str(previous.facts.get("ledger_head", ledger.GENESIS)) if previous else ledger.GENESIS
    return core.Inputs(identities=identities.result(), decisions=_decisions(project), ledger_head=head, **read)


def read_linked(table: Table, path: Path) -> pa.Table:
    """A `linked` table as Arrow, its words as codes: they are few, and records many. What it did not say is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = [c.name for c in table.columns if c.type == "VARCHAR"]
    rows = pq.read_table(path, read_dictionary=words)
    for column in table.columns:
        if column.name not in rows.column_names:
            rows = rows.append_column(column.name, pa.nulls(len(rows)))
    return rows.select([c.name for c in table.columns])


def _known(project: Project, previous: Pointer, keys: Keys, identities: Future[pa.Table]) -> pa.Table:
    """Tokens last known of records of last month's spine, as far as they are not among this month's."""
    import pyarrow as pa

    current, gone = _kept(project, previous, keys, IDENTITIES)
    return changed(pa.concat_tables([current, gone.cast(current.schema)]), identities.result())


def changed(rows: pa.Table, identities: pa.Table) -> pa.Table:
    """The rows that are not, as they stand, among `identities`: told by a hash of key and token, so almost all."""
    import polars as pl

    def marks(table: pa.Table) -> pl.Series:
        keys = pl.DataFrame(table.select(["source", "record_id", "identity_token"]))
        return keys.select(pl.struct(pl.all()).hash(seed=1))["source"] if len(keys) else pl.Series([], dtype=pl.UInt64)

    return rows.filter((~marks(rows).is_in(marks(identities).implode())).to_arrow())


def _names(project: Project, tokens: Pointer, previous: Pointer | None, keys: Keys) -> pa.Table:
    """What the names of this month's records and of last month's spine look like; each name once."""
    import polars as pl

    from wsd_pipeline.vault import sealed

    tables = [sealed.read(project.linkage_room / tokens.files[NAMES.key], keys, tokens.month)]
    if previous is not None:
        tables += _kept(project, previous, keys, NAMES)
    frames = [pl.DataFrame(table) for table in tables]
    return pl.concat(frames).unique("name_token", keep="first", maintain_order=True).to_arrow()


def _closures(project: Project, tokens: Pointer, previous: Pointer | None, keys: Keys) -> pa.Table:
    """Closed numbers of this month's list and of every list before: what was once closed stays so."""
    import pyarrow as pa

    from wsd_pipeline.vault import sealed

    now = sealed.read(project.linkage_room / tokens.files[CLOSURES.key], keys, tokens.month)
    if previous is None:
        return now
    before = sealed.read(_gone_path(_basis_of(project, previous), CLOSURES), keys, previous.month)
    return pa.concat_tables([now, before.cast(now.schema)])


def _kept(project: Project, previous: Pointer, keys: Keys, table: Table) -> list[pa.Table]:
    """The table's rows that last month was linked from: those of its tokens, and those of records gone before."""
    from wsd_pipeline.vault import sealed

    basis_path = _basis_of(project, previous)
    files = json.loads(basis_path.read_text(encoding="utf-8"))
    paths = (project.linkage_room / files[table.key], _gone_path(basis_path, table))
    return [sealed.read(path, keys, previous.month) for path in paths]


def _gone_path(basis_path: Path, table: Table) -> Path:
    return basis_path.with_suffix(f".{table.name}.parquet")


def _taken_path(basis_path: Path) -> Path:
    return basis_path.with_suffix(".taken_out.parquet")


def _write(con: Any, project: Project, month: str, key: str, aside: Aside) -> dict[str, int]:
    """Stage the tables; rows of each. Those of the records are written while the month is still judged by them."""
    folder = Zone(project.lake).staging("linked", month, key)
    rows = {}
    for table in TABLES:
        if table not in (EDGES, SPINE):
            aside.finish()
        rows[table.key] = sql.write_parquet(con, select_of(table), folder / f"{table.key}.parquet")
    return rows


def select_of(table: Table) -> str:
    """The rows of a `linked` table in the session, as contracted and in the order of its key."""
    select = sql.typed_select(table, f"out_{table.name}")
    if table is SPINE:  # its records are numbered in the order of its key, and a number sorts faster
        return f"{select.rpartition('order by')[0]}order by rec"
    return select


def _keep_basis(con: Any, project: Project, month: str, key: str, keys: Keys, tokens: Pointer) -> None:
    from wsd_pipeline.vault import sealed

    path = _basis_path(project, month, key)
    con.execute(
        """
        create or replace temp view gone_names as
        select * from names
        where name_token in (select forename_token from gone_after union select surname_token from gone_after)
        """
    )
    kept = (
        (IDENTITIES, "gone_after"), (NAMES, "gone_names"),
        (CLOSURES, "closures_after"), (CLOSED_RECORDS, "closed_after"),
    )  # fmt: skip
    for table, relation in kept:
        rows = con.sql(sql.typed_select(table, relation)).to_arrow_table()
        sealed.write(rows, _gone_path(path, table), keys, month)
    taken = con.sql("select source, record_id, nhs_token from taken_out order by rec").to_arrow_table()
    sealed.write(taken, _taken_path(path), keys, month)
    write_text(path, json.dumps({key: tokens.files[key] for key in (IDENTITIES.key, NAMES.key)}) + "\n")


def _basis_of(project: Project, previous: Pointer) -> Path:
    """What last month was linked from. Stops with WSD-200 where it is gone."""
    path = _basis_path(project, previous.month, previous.key)
    if not path.is_file():
        raise Stop("WSD-200", month=previous.month, previous=previous.month)
    return path


def _basis_path(project: Project, month: str, key: str) -> Path:
    return project.linkage_room / "linked" / f"{month}.{key}.json"


def _truth_path(project: Project, month: str) -> Path:
    return project.linkage_room / "truth" / f"{month}.parquet"


def _decisions_path(project: Project) -> Path:
    return project.linkage_room / "decisions.csv"


def _hash_of(path: Path) -> str:
    return file_sha256(path) if path.is_file() else hashlib.sha256(b"").hexdigest()


def _decisions(project: Project) -> pa.Table | None:
    import pyarrow as pa
    from pyarrow import csv

    path = _decisions_path(project)
    if not path.is_file():
        return None
    types = {name: pa.int64() if kind == "BIGINT" else pa.string() for name, kind in DECISION_COLUMNS.items()}
    return csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types, include_columns=list(types)))
