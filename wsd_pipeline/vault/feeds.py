"""What becomes of each feed: landed, checked, promoted, pseudonymised, its people gathered for linkage.

A feed that fails leaves what was accepted before and does not stop the others. Two benches share the work, each a
session of its own: feeds of one source stay together, since who has opted out of one is taken out of the others.
What comes of it does not depend on who did what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.lake import Pointer, Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.sql import connect
from wsd_pipeline.vault import addresses, checks, gazetteer, identities, keeping, opt_outs
from wsd_pipeline.vault.errors import safe_errors
from wsd_pipeline.vault.examine import examine
from wsd_pipeline.vault.keeping import Work
from wsd_pipeline.vault.plan import Plan, latest_before
from wsd_pipeline.vault.pseudonymise import map_record_ids, pseudonymise
from wsd_pipeline.vault.receive import Received, Split, receive

Prepare = Callable[[Work, bool], None]
OVERHEAD = 500_000
"""What a feed costs besides its rows, in bytes of a file that take as long."""
GATHERED = ("people", "objector_records")
"""What both benches add to, of the people whom linkage must know."""


def bring(work: Work, plans: Sequence[Plan], *, prepare: Prepare, wants_identities: bool, is_work: bool) -> None:
    """Bring every feed as far as it goes; stops are kept in `work`, with checks and tables in the order of the plans.

    The gazetteer comes first and alone: later feeds are matched on it.
    """
    first = [p for p in plans if p.feed.key == gazetteer.FEED]
    rest = [p for p in plans if p.feed.key != gazetteer.FEED]
    done = {p.feed.key: _feed(work, p, wants_identities, is_work=is_work) for p in first}
    mine, theirs = _shares(rest) if is_work and work.project.threads > 1 else (rest, [])
    if theirs:
        is_there = any(not done[p.feed.key].stops for p in first)
        with _halved(work) as half, ThreadPoolExecutor(1, "bench") as bench:
            other = bench.submit(_other_bench, work, theirs, half, prepare, wants_identities, has_gazetteer=is_there)
            done |= {p.feed.key: _feed(work, p, wants_identities, is_work=is_work) for p in mine}
            made, gathered = other.result()
        done |= made
        for name, rows in gathered.items():
            work.con.register("gathered", rows)
            work.con.execute(f"insert into {name} select * from gathered")
            work.con.unregister("gathered")
    else:
        done |= {p.feed.key: _feed(work, p, wants_identities, is_work=is_work) for p in mine}
    for plan in plans:
        each = done[plan.feed.key]
        work.tables |= each.tables
        work.checks += each.checks
        work.stops += each.stops


def _shares(plans: Sequence[Plan]) -> tuple[list[Plan], list[Plan]]:
    """The plans for either bench, whole sources each, about as many bytes for both; the order is kept."""
    sizes: dict[str, int] = {}
    for plan in plans:
        size = OVERHEAD + sum(file.stat().st_size for file in plan.files)
        sizes[plan.feed.source] = sizes.get(plan.feed.source, 0) + size
    load, theirs = [0, 0], set[str]()
    for source in sorted(sizes, key=lambda name: (-sizes[name], name)):
        lighter = int(load[1] < load[0])
        load[lighter] += sizes[source]
        if lighter:
            theirs.add(source)
    return [p for p in plans if p.feed.source not in theirs], [p for p in plans if p.feed.source in theirs]


@contextmanager
def _halved(work: Work) -> Iterator[str]:
    """Let either bench have half the memory that the project allows."""
    limit = work.project.memory_limit
    amount = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z]+)\s*", limit)
    half = f"{float(amount[1]) / 2:g}{amount[2]}" if amount else limit
    work.con.execute("set memory_limit = ?", [half])
    try:
        yield half
    finally:
        work.con.execute("set memory_limit = ?", [limit])


def _other_bench(
    work: Work,
    plans: Sequence[Plan],
    memory_limit: str,
    prepare: Prepare,
    wants_identities: bool,
    *,
    has_gazetteer: bool,
) -> tuple[dict[str, Work], dict[str, Any]]:
    """Bring the other share's feeds in a session of its own: what came of each, and the rows gathered for linkage."""
    spill = work.project.vault / "_staging" / "spill_other"
    con = connect(spill, threads=work.project.threads, memory_limit=memory_limit)
    try:
        own = replace(work, con=con)
        prepare(own, wants_identities)
        if has_gazetteer:
            with safe_errors("WSD-290", step="month", month=work.month):
                feed = next(feed for feed in landed_tables() if feed.key == gazetteer.FEED)
                keeping.load(own, feed, work.month, everything=True)
                gazetteer.load(con, work.month, "landed")
        done = {p.feed.key: _feed(own, p, wants_identities, is_work=True) for p in plans}
        gathered = {name: con.sql(f"select * from {name}").to_arrow_table() for name in GATHERED if wants_identities}
        return done, gathered
    finally:
        con.close()


def _feed(work: Work, plan: Plan, wants_identities: bool, *, is_work: bool) -> Work:
    """Bring one feed as far as it goes; a stop is kept, not raised. On the gazetteer later feeds are matched."""
    feed, month = plan.feed, work.month
    work = replace(work, tables={}, checks=[], stops=[])
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
                path = work.staged / f"{pseudo_table(feed).key}.parquet"
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
    return work


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
