"""A month of a project: sealed tokens in, staged `linked` tables out. Runs in the vault's child process only.

Beside the tokens, in the linkage room, is kept what next month needs and nobody else may see:

    linked/<month>.<key>.json        the files this month was linked from
    linked/<month>.<key>.*.parquet   sealed: tokens last known of records that have left their supplier's extract;
                                     numbers closed for adoption or gender recognition, and who bore them
    linked/<month>.<key>.taken_out.parquet   sealed: records of people taken out for an opt-out
    decisions.csv                    a person's decisions over pairs of records (same, not_same), where there are any
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wsd_pipeline import sql
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.contracts.linked import EDGES, SPINE, TABLES
from wsd_pipeline.contracts.tokens import CLOSED_RECORDS, CLOSURES, IDENTITIES, NAMES
from wsd_pipeline.lake import Pointer, Zone, content_key
from wsd_pipeline.linkage import core, probabilistic, rules
from wsd_pipeline.linkage.aside import Aside
from wsd_pipeline.linkage.inputs import (
    basis_path,
    decisions_path,
    gone_path,
    hash_of,
    read_inputs,
    taken_path,
    truth_path,
)
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_before, write_text

if TYPE_CHECKING:
    from wsd_pipeline.vault.keys import Keys

CODE_VERSION = "9"
"""Raise it when the code changes what a month is linked to; rules and contracts are part of the key by themselves."""


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
            "decisions": hash_of(decisions_path(project)),
            "truth": hash_of(truth_path(project, month).with_suffix(".json")),
            "rules": rules.fingerprint(rules.RULES, rules.Limits()),
            "scoring": probabilistic.fingerprint(),
            "contracts": [table.fingerprint() for table in TABLES],
            "spine_key": keys.check_value(),
            "code": CODE_VERSION,
        }
    )
    accepted = Zone(project.lake).pointer(SPINE.key, month)
    if accepted is not None and accepted.key == key and basis_path(project, month, key).is_file():
        return LinkReport(key=key, reused=True, rows=dict(accepted.rows), facts=dict(accepted.facts))
    con = sql.connect(
        project.linkage_room / "_staging" / "spill", threads=project.threads, memory_limit=project.memory_limit
    )
    try:
        con.execute("set enable_progress_bar = false")
        inputs = read_inputs(project, month, keys, tokens, previous)
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

    path = basis_path(project, month, key)
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
        sealed.write(rows, gone_path(path, table), keys, month)
    taken = con.sql("select source, record_id, nhs_token from taken_out order by rec").to_arrow_table()
    sealed.write(taken, taken_path(path), keys, month)
    write_text(path, json.dumps({key: tokens.files[key] for key in (IDENTITIES.key, NAMES.key)}) + "\n")
