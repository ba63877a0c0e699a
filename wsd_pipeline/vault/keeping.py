"""What a run of the month's step holds, and how a feed's landed table is kept under its key and brought back.

A feed's sealed files stand under one pointer: its rows, and beside them what is kept of rows taken out for an opt-out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.lake import Pointer, Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import checks, identities, opt_outs, sealed
from wsd_pipeline.vault.keys import Keys
from wsd_pipeline.vault.plan import Plan, record_key
from wsd_pipeline.vault.report import TableReport

if TYPE_CHECKING:
    import duckdb


@dataclass(kw_only=True)
class Work:
    """One run of the step: what it was given and what has come of it so far."""

    project: Project
    keys: Keys
    month: str
    con: duckdb.DuckDBPyConnection
    staged: Path
    postcodes: Path | None
    supersessions: Path | None
    lists: Mapping[str, Path | None]
    tables: dict[str, TableReport] = field(default_factory=dict)
    checks: list[CheckResult] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)


def promote(
    work: Work,
    plan: Plan,
    quarantined: int,
    resubmitted: int,
    results: list[CheckResult],
    removed: Mapping[str, int],
) -> Pointer:
    """Take out who has opted out, and make what is left the accepted table; counts of what was taken out add up."""
    zone, feed, con = Zone(work.project.vault), plan.feed, work.con
    taken = opt_outs.take_out(con, feed, plan.opt_outs, work.project.ndoo_scope)
    work.checks += taken.results
    counts = {reason: removed.get(reason, 0) + taken.rows.get(reason, 0) for reason in {**removed, **taken.rows}}
    folder = zone.staging(feed.key, work.month, plan.key)
    columns = ", ".join(f'"{c.name}"' for c in feed.columns)
    selects = {feed.key: f"select {columns} from landed order by row_number"}
    if opt_outs.is_kept(con):
        selects[_objected_key(feed)] = "select * from objected order by all"
    staged, rows = dict[str, Path](), dict[str, int]()
    for key, select in selects.items():
        made = con.sql(select).to_arrow_table()
        staged[key], rows[key] = folder / f"{key}.parquet", made.num_rows
        sealed.write(made, staged[key], work.keys, work.month)
    record_key(work.project, work.keys, work.month)
    facts = {
        "kcv": work.keys.check_value(), "file_sha256": plan.sha256, "quarantined": quarantined,
        "resubmitted": resubmitted, "removed": dict(sorted(counts.items())), "carried_from": plan.carried_from,
        "checks": checks.as_facts([*results, *taken.results]),
    }  # fmt: skip
    return zone.promote(feed.key, work.month, plan.key, staged, rows, facts)


def _objected_key(feed: LandedTable) -> str:
    """Where what is kept of rows taken out lies: beside the feed's own table, under the same pointer."""
    return f"objected.{feed.name}"


def bring_objectors_back(work: Work, feed: LandedTable, pointer: Pointer, month: str) -> None:
    """The people taken out of a feed that is not landed again, for the feeds of its source that are."""
    if (file := pointer.files.get(_objected_key(feed))) is not None:
        opt_outs.bring_back(work.con, feed, sealed.read(work.project.vault / file, work.keys, month))


def keep_quarantine(work: Work, plan: Plan) -> None:
    """Seal the values that could not be read, with their row numbers and reasons; they never leave the vault."""
    rows = work.con.sql("select * from quarantine order by row_number, column_name").to_arrow_table()
    folder = work.project.vault / "quarantine" / plan.feed.name / work.month
    if rows.num_rows:
        sealed.write(rows, folder / f"{plan.key}.parquet", work.keys, work.month)
    work.con.execute("drop table quarantine")


def load(work: Work, feed: LandedTable, month: str, *, everything: bool) -> None:
    """Make `landed` again from the accepted sealed file; unless everything is wanted, only what identities need."""
    path = Zone(work.project.vault).path(feed.key, month)
    if path is None:
        raise Stop("WSD-101", table=feed.key, month=month, folder="")
    names_of = [c.name for c in feed.columns] if everything else identities.columns_read(feed)
    work.con.register("sealed_rows", sealed.read(path, work.keys, month, names_of))
    work.con.execute(
        "create or replace temp table landed as select row_number() over () as row_number, * from sealed_rows"
    )
    work.con.unregister("sealed_rows")


def report_of(pointer: Pointer, feed: LandedTable, *, reused: bool) -> TableReport:
    """What may be said of a feed that stands: its key and counts."""
    facts: Mapping[str, Any] = pointer.facts
    return TableReport(
        key=pointer.key,
        rows=pointer.rows[feed.key],
        quarantined=int(facts["quarantined"]),
        resubmitted=int(facts["resubmitted"]),
        removed=facts["removed"],
        file_sha256=str(facts["file_sha256"]),
        reused=reused,
        carried_from=facts["carried_from"],
    )
