"""What the vault's child process makes, checked and accepted: the received feeds, the pseudo tables, the linked ones.

Each step is what a Dagster asset calls; what is accepted changes only when every critical check has passed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline import gate
from wsd_pipeline.accepting import Outcome, Validator, coded_errors, facts_of, reused_outcome, settle
from wsd_pipeline.contracts import table as contract
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.lake import Zone, content_key
from wsd_pipeline.messages import Stop
from wsd_pipeline.notes import checks_path, vault_record
from wsd_pipeline.settings import Project, write_text
from wsd_pipeline.sql import attach_empty, connect, typed_select, write_parquet
from wsd_pipeline.supply import absent_feeds

if TYPE_CHECKING:
    from wsd_pipeline.vault.airlock import Report


def run_vault(project: Project, month: str) -> Report:
    """Land, check and pseudonymise every feed of the month in the vault's child process; keep its report of counts."""
    from wsd_pipeline.vault import airlock

    report = airlock.run(project, "month", month)
    lake = Zone(project.lake)
    for key in {check.table for check in report.checks}:
        gate.save([c for c in report.checks if c.table == key], checks_path(lake, key, month))
    feeds = {name: asdict(made) for name, made in sorted(report.tables.items())}
    record = {"key": report.key, "feeds": feeds, "stops": {s.facts.get("table", ""): s.code for s in report.stops}}
    folder = lake.root / "_vault"
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / f"{month}.json", json.dumps(record, indent=1, sort_keys=True, default=str) + "\n")
    return report


def accept_pseudo(project: Project, key: str, month: str, validate: Validator) -> Outcome:
    """Check and promote a pseudo table the vault has staged. Stops with WSD-201 where its feed was not accepted."""
    lake, table = Zone(project.lake), contract(key)
    if table.name in absent_feeds(project, month):
        return _nothing_supplied(project, table, month)
    for attempt in (1, 2):
        made = vault_record(project, month)
        feed = made["feeds"].get(f"landed.{table.name}")
        if feed is None or f"landed.{table.name}" in made["stops"]:
            raise Stop("WSD-201", table=key, month=month, missing=f"landed.{table.name}")
        content = feed["key"]
        if reused := reused_outcome(lake, table, month, content):
            return reused
        staged = lake.root / "_staging" / f"vault.{month}.{made['key']}" / f"{key}.parquet"
        if staged.is_file():
            break
        if attempt == 2:
            raise Stop("WSD-201", table=key, month=month, missing=f"landed.{table.name}")
        run_vault(project, month)
    with coded_errors(key, month, lake.root):
        results = tuple(validate(table, staged, facts_of(lake, table, month, {})))
    gate.save(results, checks_path(lake, key, month))
    rows = int(feed["rows"])
    stop = gate.stop_for(results, month)
    if stop is None:
        lake.promote(key, month, content, {key: staged}, {key: rows})
    return Outcome(table=key, month=month, key=content, rows=rows, reused=False, results=results, stop=stop)


def _nothing_supplied(project: Project, table: Table, month: str) -> Outcome:
    """An empty table for a feed that the month does without, with a warning for the steward."""
    lake = Zone(project.lake)
    made_of = content_key({"table": table.key, "month": month, "contract": table.fingerprint(), "supplied": False})
    if reused := reused_outcome(lake, table, month, made_of):
        return reused
    staged = lake.staging(table.key, month, made_of) / f"{table.key}.parquet"
    with coded_errors(table.key, month, lake.root):
        con = connect(staged.parent / "spill", threads=project.threads, memory_limit=project.memory_limit)
        try:
            attach_empty(con, {table.key: table})
            write_parquet(con, typed_select(table, table.key), staged)
        finally:
            con.close()
    missing = CheckResult(
        table=table.key, column="", check="supplied", severity=Severity.WARN, failed=1, checked=1, limit=0.0
    )
    return settle(lake, table, month, made_of, staged, 0, (missing,))


def linked_tables() -> list[str]:
    """The tables that linkage makes together."""
    return [key for key in tables() if key.startswith("linked.")]


def build_linked(project: Project, month: str, validate: Validator) -> list[Outcome]:
    """Link the month in the vault's child process; check its tables and promote them together or not at all."""
    from wsd_pipeline.vault import airlock

    report = airlock.run(project, "link", month)
    if report.stops:
        raise report.stops[0]
    lake, keys = Zone(project.lake), linked_tables()
    if report.reused:
        found = [reused_outcome(lake, contract(key), month, report.key) for key in keys]
        if all(found):
            return [outcome for outcome in found if outcome]
    folder = lake.root / "_staging" / f"linked.{month}.{report.key}"
    staged = {key: folder / f"{key}.parquet" for key in keys}
    agree_with = {**staged, **_accepted_pseudo(lake, month)}
    outcomes = []
    for key in keys:
        with coded_errors(key, month, lake.root):
            facts = {**facts_of(lake, contract(key), month, agree_with), **report.facts}
            results = tuple(validate(contract(key), staged[key], facts))
        gate.save(results, checks_path(lake, key, month))
        outcomes.append(
            Outcome(
                table=key, month=month, key=report.key, rows=report.tables[key].rows, reused=False,
                results=results, stop=gate.stop_for(results, month),
            )
        )  # fmt: skip
    if not any(outcome.stop for outcome in outcomes):
        lake.promote("linked", month, report.key, staged, {o.table: o.rows for o in outcomes}, report.facts)
    return outcomes


def _accepted_pseudo(lake: Zone, month: str) -> dict[str, Path]:
    """The accepted pseudo tables of the month: what linkage's tables are reconciled with."""
    found = {key: lake.path(key, month) for key in tables() if key.startswith("pseudo.")}
    return {key: path for key, path in found.items() if path is not None}
