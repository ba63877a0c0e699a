"""The step `month`: every feed landed, checked and promoted inside the vault, then pseudonymised; then identities.

A feed that fails leaves what was accepted before and does not stop the others. The content key of a feed says all
it was made of; under an equal key nothing is done again.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.tokens import CLOSURES, IDENTITIES, NAMES, OPTED_OUT, ROOM
from wsd_pipeline.lake import Pointer, Zone, content_key
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.sql import connect, typed_select
from wsd_pipeline.supply import supplied_feeds
from wsd_pipeline.vault import (
    address_words,
    addresses,
    checks,
    gazetteer,
    identities,
    keeping,
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
from wsd_pipeline.vault.examine import examine
from wsd_pipeline.vault.keeping import Work
from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.plan import (
    CODE_VERSION,
    POSTCODES,
    SUPERSESSIONS,
    Plan,
    check_key,
    identity_key,
    latest_before,
    plans_of,
    reference_path,
)
from wsd_pipeline.vault.pseudonymise import map_record_ids, pseudonymise
from wsd_pipeline.vault.receive import Received, Split, receive
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
        for plan in plans:
            _feed(work, plan, wants_identities, is_work=is_work)
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


def _feed(work: Work, plan: Plan, wants_identities: bool, *, is_work: bool) -> None:
    """Bring one feed as far as it goes; a stop is kept, not raised. On the gazetteer later feeds are matched."""
    feed, month = plan.feed, work.month
    is_gazetteer = is_work and feed.key == gazetteer.FEED
    try:
        with safe_errors("WSD-290", step="month", month=month):
            landed, is_loaded = plan.landed, False
            if landed is None or landed.key != plan.key:
                landed, is_loaded = _land(work, plan), True
            else:
                work.checks += checks.kept(landed)
                if is_work:
                    keeping.bring_objectors_back(work, feed, landed, month)
            wants_people = wants_identities and bool(feed.identity_columns)
            if not plan.is_staged or wants_people or is_gazetteer:
                if not is_loaded:
                    keeping.load(work, feed, month, everything=not plan.is_staged or is_gazetteer)
                if is_gazetteer:
                    gazetteer.load(work.con, month, "landed")
                if feed.has_addresses:
                    addresses.match(work.con, feed)
                if feed.person_key:
                    map_record_ids(work.con, feed, work.keys)
            if not plan.is_staged:
                path = work.staged / f"{feed.pseudo().key}.parquet"
                uncoded = {c.column for c in checks.kept(landed) if c.check == checks.NOT_A_CODE}
                pseudonymise(work.con, feed, work.keys, month, path, uncoded)
            if wants_people:
                identities.add(work.con, feed, month)
                _add_objectors(work, feed)
            work.tables[feed.key] = keeping.report_of(landed, feed, reused=plan.is_landed)
    except Stop as stop:
        work.stops.append(stop)
    finally:
        for used in ("landed", "objected"):
            work.con.execute(f"drop table if exists {used}")


def _land(work: Work, plan: Plan) -> Pointer:
    """Land, check and promote; stops where the file or its values do not do. Quarantine is kept either way."""
    con, feed, month = work.con, plan.feed, work.month
    if not plan.files:
        return _carry(work, plan)
    found = examine(con, feed, _received(work, plan), plan.layout, work.project.mode, month)
    work.checks += found.results
    keeping.keep_quarantine(work, plan)
    if found.stop is not None:
        raise found.stop
    return keeping.promote(work, plan, found.quarantined, found.resubmitted, found.results, found.removed)


def _received(work: Work, plan: Plan) -> Received | Split:
    """The feed's file, or both parts of a split one, as they were when the plan was made."""
    read = [
        receive(path, plan.feed.key, plan.layout, work.month, work.project.vault / "_staging", sha256=sha256)
        for path, sha256 in zip(plan.files, plan.hashes, strict=True)
    ]
    return read[0] if len(read) == 1 else Split(identity=read[0], payload=read[1])


def _carry(work: Work, plan: Plan) -> Pointer:
    """An earlier month's accepted extract, for a feed that is not monthly, checked against this snapshot."""
    feed = plan.feed
    before = latest_before(Zone(work.project.vault), feed.key, work.month) or ""
    pointer = Zone(work.project.vault).pointer(feed.key, before)
    if pointer is None:
        raise Stop("WSD-101", table=feed.key, month=work.month, folder=str(work.project.inbox / feed.name))
    keeping.load(work, feed, before, everything=True)
    keeping.bring_objectors_back(work, feed, pointer, before)
    results = checks.check_rows(work.con, feed, "landed", work.month)
    results += checks.withheld(feed, results)
    work.checks += results
    if (stop := checks.stop_for(feed, results, work.month)) is not None:
        raise stop
    facts = pointer.facts
    return keeping.promote(work, plan, int(facts["quarantined"]), int(facts["resubmitted"]), results, facts["removed"])


def _add_objectors(work: Work, feed: LandedTable) -> None:
    """Give linkage the tokens of those it must find in feeds that hold no number; `landed` is theirs from here on."""
    if opt_outs.is_there(work.con):
        opt_outs.put_in_place(work.con)
        if feed.has_addresses:
            addresses.match(work.con, feed)
        map_record_ids(work.con, feed, work.keys)
        identities.add(work.con, feed, work.month)
        opt_outs.note_records(work.con, feed)


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
