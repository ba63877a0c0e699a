"""The step `month`: every feed landed, checked and promoted inside the vault, then pseudonymised; then identities.

What becomes of one feed is `feeds`' business. Under an equal content key nothing is done again.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from wsd_pipeline.contracts.tokens import CLOSURES, IDENTITIES, NAMES, OPTED_OUT, ROOM
from wsd_pipeline.lake import Pointer, Zone, content_key
from wsd_pipeline.settings import Project
from wsd_pipeline.sql import connect, typed_select
from wsd_pipeline.supply import supplied_feeds
from wsd_pipeline.vault import (
    address_words,
    addresses,
    checks,
    feeds,
    gazetteer,
    identities,
    names,
    normalise,
    opt_outs,
    places,
    practices,
    retention,
    sealed,
    supersessions,
    truth,
)
from wsd_pipeline.vault.errors import safe_errors
from wsd_pipeline.vault.keeping import Work
from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.plan import (
    CODE_VERSION,
    POSTCODES,
    SUPERSESSIONS,
    check_key,
    identity_key,
    plans_of,
    reference_path,
)
from wsd_pipeline.vault.report import Report, TableReport
from wsd_pipeline.vault.supplied import read_supplied


def run(project: Project, month: str, keys: Keys) -> Report:
    """Do the step. Stops with WSD-502 before any output where an earlier month was made with another key."""
    began = time.monotonic()
    check_key(project, keys, month)
    postcodes, supersessions = (reference_path(project, key) for key in (POSTCODES, SUPERSESSIONS))
    lists = {key: reference_path(project, key) for key in opt_outs.LISTS}
    plans, stops = plans_of(project, keys, month, {POSTCODES: postcodes, SUPERSESSIONS: supersessions, **lists})
    wanted = identity_key(plans, keys, supersessions)
    key = content_key({"feeds": {p.feed.key: p.key for p in plans}, "identities": wanted, "code": CODE_VERSION})
    room = Zone(project.linkage_room).pointer(IDENTITIES.key, month)
    wants_identities = room is None or room.key != wanted
    todo = [p for p in plans if not (p.is_landed and p.is_staged)]
    lake = Zone(project.lake)
    con = connect(project.vault / "_staging" / "spill", threads=project.threads, memory_limit=project.memory_limit)
    try:
        work = Work(
            project=project, keys=keys, month=month, con=con, stops=stops, postcodes=postcodes,
            supersessions=supersessions, lists=lists, staged=lake.staging("vault", month, key) if todo else lake.root,
        )  # fmt: skip
        is_work = bool(todo) or wants_identities
        if is_work:
            _prepare(work, wants_identities)
        feeds.bring(work, plans, prepare=_prepare, wants_identities=wants_identities, is_work=is_work)
        if not wants_identities and room is not None:
            work.checks += checks.kept(room)
        elif wants_identities and _names_all(work):
            room = _identities(work, wanted) or room
        with safe_errors(month=month):
            truth.seal_truth(con, project, keys, month)
            swept = retention.sweep(project, keys, month, work.tables.keys() - {IDENTITIES.key})
    finally:
        con.close()
    facts: dict[str, int | str | None] = {"kcv": keys.check_value(), **swept}
    if room is not None and room.key == wanted:
        facts["identity_records"] = room.rows[IDENTITIES.key]
        for made in ROOM:
            work.tables[made.key] = TableReport(key=room.key, rows=room.rows[made.key], reused=not wants_identities)
    facts["milliseconds"] = round(1000 * (time.monotonic() - began))
    return Report(
        key=key, reused=not todo and not wants_identities, tables=work.tables, checks=tuple(work.checks),
        stops=tuple(stops), facts=facts,
    )  # fmt: skip


def _names_all(work: Work) -> bool:
    """Whether every feed that names people has been accepted: identities are built from all of them or not at all."""
    return all(feed.key in work.tables for feed in supplied_feeds(work.project, work.month) if feed.identity_columns)


def _prepare(work: Work, wants_identities: bool) -> None:
    """Macros, postcodes and merged numbers; recordlinkage is imported beside the landing."""
    if wants_identities:
        threading.Thread(target=names.prepare, daemon=True).start()
        identities.start(work.con)
    normalise.define(work.con)
    address_words.define(work.con)
    addresses.start(work.con)
    gazetteer.load(work.con, work.month, None)
    with safe_errors(month=work.month):
        places.read_postcodes(work.con, work.postcodes, work.project.inbox / "_reference", work.month)
        if work.supersessions is not None:
            read_supplied(work.con, work.project, SUPERSESSIONS, work.supersessions, "supersession_rows", work.month)
            for column in ("old_nhs_number", "new_nhs_number"):
                stop = checks.stop_for_numbers(
                    work.con, "supersession_rows", column, work.project.mode, SUPERSESSIONS, work.month
                )
                if stop:
                    raise stop
        practices.load(work.con, work.month)
        supersessions.load(work.con, "supersession_rows" if work.supersessions else None)
        opt_outs.load(work.con, work.project, work.lists, work.month)


def _identities(work: Work, key: str) -> Pointer | None:
    """Build the room's tables from the people gathered, check them, promote them together; None if refused."""
    zone = Zone(work.project.linkage_room)
    relations = (
        (IDENTITIES, "identities"),
        (NAMES, "name_forms"),
        (CLOSURES, "closures"),
        (OPTED_OUT, "opted_out_tokens"),
    )
    with safe_errors("WSD-290", step="month", month=work.month):
        identities.build(work.con, work.keys)
        opt_outs.tokenise(work.con, work.keys, work.project.ndoo_scope)
        results = []
        for contract, relation in relations:
            results += checks.check_rows(work.con, contract, relation, work.month)
            results += checks.check_keys(work.con, contract, relation)
        work.checks += results
        if (stop := checks.stop_for(IDENTITIES, results, work.month)) is not None:
            work.stops.append(stop)
            return None
        folder = zone.staging(IDENTITIES.key, work.month, key)
        staged: dict[str, Path] = {}
        counts: dict[str, int] = {}
        for contract, relation in relations:
            rows = work.con.sql(typed_select(contract, relation)).to_arrow_table()
            staged[contract.key], counts[contract.key] = folder / f"{contract.name}.parquet", rows.num_rows
            sealed.write(rows, staged[contract.key], work.keys, work.month)
        facts = {"kcv": work.keys.check_value(), "epoch": work.keys.epoch, "checks": checks.as_facts(results)}
        return zone.promote(IDENTITIES.key, work.month, key, staged, counts, facts)
