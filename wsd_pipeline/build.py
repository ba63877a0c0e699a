"""Making tables: build aside, check, promote; reuse what has not changed.

The steps here are what Dagster's assets call; each returns an `Outcome` and changes what is accepted only when
every critical check has passed. The validator is an argument, so the library knows no particular one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline import gate
from wsd_pipeline.contracts import table as contract
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.lake import Pointer, Zone, content_key, file_sha256
from wsd_pipeline.messages import Stop, named
from wsd_pipeline.notes import checks_of as checks_of
from wsd_pipeline.notes import checks_path, noted
from wsd_pipeline.notes import vault_record as vault_record
from wsd_pipeline.settings import Project, month_before, snapshot_date, write_text
from wsd_pipeline.sql import (
    Model,
    attach_empty,
    attach_inputs,
    attach_reference,
    connect,
    is_noted,
    load_model,
    macros,
    model_keys,
    reference_path,
    seal,
    typed_select,
    write_parquet,
)
from wsd_pipeline.steps import run_step, step_version
from wsd_pipeline.supply import absent_feeds

if TYPE_CHECKING:
    from wsd_pipeline.vault.airlock import Report

Validator = Callable[[Table, Path, Mapping[str, Any]], list[CheckResult]]
"""Checks the Parquet file of a table; the facts are month, snapshot_date, previous and inputs (paths)."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one table in one month. `stop` says why it was not accepted; None means it was."""

    table: str
    month: str
    key: str
    rows: int
    reused: bool
    results: tuple[CheckResult, ...] = ()
    stop: Stop | None = None


def models() -> Mapping[str, Model]:
    """Every SQL model by key: files of `sql/`, those gathered from the feeds, those compiled from the rules."""
    from wsd_pipeline import metrics, outcomes
    from wsd_pipeline.segmentation import generated_models
    from wsd_pipeline.statements import gathered_models

    made = {**gathered_models(), **generated_models(), **outcomes.generated_models(), **metrics.generated_models()}
    return {**{key: load_model(key) for key in model_keys()}, **made}


def build_table(project: Project, key: str, month: str, validate: Validator) -> Outcome:
    """Make a person, segment or mart table from its SQL model. Stops with WSD-201 where an input is not accepted."""
    model, table = models()[key], contract(key)
    lake = Zone(project.lake)
    inputs = {read: _accepted(lake, read, month, key) for read in sorted(model.reads) if not _is_reference(read)}
    previous = {read: lake.pointer(read, month_before(month)) for read in sorted(model.previous)}
    made_of = _content(project, model, table, month, inputs, previous)
    if reused := _reused(lake, table, month, made_of):
        return reused
    staged = lake.staging(key, month, made_of) / f"{key}.parquet"
    with coded_errors(key, month, lake.root):
        rows, made_with = _run(project, model, table, month, inputs, previous, staged)
        facts = {
            **_facts(lake, table, month, {k: lake.root / p.files[k] for k, p in inputs.items()}),
            "may_be_empty": any(p.rows[k] == 0 for k, p in inputs.items()),
        }
        results = tuple(validate(table, staged, facts))
    return _settle(lake, table, month, made_of, staged, rows, results, made_with)


def is_current(project: Project, key: str, month: str, seen: dict[str, bool] | None = None) -> bool:
    """Whether the accepted table, and every SQL table it was made from, is what a run would make now.

    `seen` keeps the answers of one look at a month: tables share most of what they are made from.
    """
    seen = {} if seen is None else seen
    if key not in seen:
        seen[key] = _is_current(project, key, month, seen)
    return seen[key]


def _is_current(project: Project, key: str, month: str, seen: dict[str, bool]) -> bool:
    lake, known = Zone(project.lake), models()
    if key not in known:
        return lake.pointer(key, month) is not None
    reads = [read for read in sorted(known[key].reads) if not _is_reference(read)]
    if not all(is_current(project, read, month, seen) for read in reads):
        return False
    inputs = {read: _accepted(lake, read, month, key) for read in reads}
    previous = {read: lake.pointer(read, month_before(month)) for read in sorted(known[key].previous)}
    pointer = lake.pointer(key, month)
    return pointer is not None and pointer.key == _content(project, known[key], contract(key), month, inputs, previous)


def _is_reference(key: str) -> bool:
    return key.startswith("reference.")


def _accepted(lake: Zone, read: str, month: str, wanted_by: str) -> Pointer:
    pointer = lake.pointer(read, month)
    if pointer is None:
        raise Stop("WSD-201", table=wanted_by, month=month, missing=read)
    return pointer


def _content(
    project: Project,
    model: Model,
    table: Table,
    month: str,
    inputs: Mapping[str, Pointer],
    previous: Mapping[str, Pointer | None],
) -> str:
    """The content key: everything the table depends on."""
    return content_key(
        {
            "table": table.key,
            "month": month,
            "contract": table.fingerprint(),
            "sql": model.text,
            "macros": macros(),
            "reference": {
                read: file_sha256(reference_path(read))
                for read in sorted(model.reads)
                if _is_reference(read) and not is_noted(read)
            },
            **noted(project, model.reads, month),
            "inputs": {read: pointer.sha256[read] for read, pointer in inputs.items()},
            "previous": {read: pointer.sha256[read] if pointer else None for read, pointer in previous.items()},
            "disclosure": disclosure_version() if table.layer == "mart" else None,
            **({"step": version} if (version := step_version(table.key)) else {}),
        }
    )


def disclosure_version() -> str:
    """A hash of the policy and of the code that protects by it: where either changes, every mart is made anew."""
    home = Path(__file__).parent
    files = [home / "config" / "disclosure.yaml", *sorted((home / "disclosure").glob("*.py"))]
    return content_key({file.name: file_sha256(file) for file in files})


def _run(
    project: Project,
    model: Model,
    table: Table,
    month: str,
    inputs: Mapping[str, Pointer],
    previous: Mapping[str, Pointer | None],
    staged: Path,
) -> tuple[int, Mapping[str, Any]]:
    """Run the model in a sealed session and write its typed rows. A mart's exact counts exist only in the session.

    The number of rows, and for a mart how it was made safe.
    """
    root = project.lake
    con = connect(staged.parent / "spill", threads=project.threads, memory_limit=project.memory_limit)
    try:
        files = {read: root / pointer.files[read] for read, pointer in inputs.items()}
        before = {read: root / pointer.files[read] for read, pointer in previous.items() if pointer}
        attach_reference(con, (read for read in model.reads if _is_reference(read)))
        for read, rows in noted(project, model.reads, month).items():
            for row in rows:
                con.execute(f"insert into {read} values ({', '.join('?' * len(row))})", row)
        attach_inputs(con, files)
        if previous:
            con.execute("attach ':memory:' as previous")
            attach_inputs(con, before, "previous.")
            attach_empty(con, {k: tables()[k] for k in previous if k not in before}, "previous.")
        for macro in macros():
            con.execute(macro)
        seal(con, [*files.values(), *before.values()], staged.parent)
        given = {"snapshot_date": snapshot_date(month), "month": month}
        bound = {name: given[name] for name in sorted(model.parameters)}
        con.execute(f"create temp table made as {model.text}", bound or None)
        run_step(con, table.key)
        relation, facts = "made", dict[str, Any]()
        if table.layer == "mart":
            from wsd_pipeline.disclosure import load_policy, protect

            safe = protect(con, table, relation, load_policy())
            con.execute(f"create temp table protected as {safe.select}")
            relation, facts = "protected", safe.made.facts()
        return write_parquet(con, typed_select(table, relation), staged), facts
    finally:
        con.close()


def _facts(lake: Zone, table: Table, month: str, inputs: Mapping[str, Path]) -> Mapping[str, Any]:
    return {
        "month": month,
        "snapshot_date": snapshot_date(month),
        "previous": lake.path(table.key, month_before(month)),
        "inputs": inputs,
    }


def _reused(lake: Zone, table: Table, month: str, key: str) -> Outcome | None:
    """The accepted table, where it was built under the same content key and its file is still there."""
    pointer = lake.pointer(table.key, month)
    if pointer is None or pointer.key != key or not (lake.root / pointer.files[table.key]).is_file():
        return None
    path = checks_path(lake, table.key, month)
    results = tuple(gate.load(path)) if path.is_file() else ()
    return Outcome(table=table.key, month=month, key=key, rows=pointer.rows[table.key], reused=True, results=results)


def _settle(
    lake: Zone,
    table: Table,
    month: str,
    key: str,
    staged: Path,
    rows: int,
    results: tuple[CheckResult, ...],
    facts: Mapping[str, Any] | None = None,
) -> Outcome:
    """Keep the results; promote the staged file if no critical check failed, remove it otherwise."""
    gate.save(results, checks_path(lake, table.key, month))
    stop = gate.stop_for(results, month)
    if stop is None:
        lake.promote(table.key, month, key, {table.key: staged}, {table.key: rows}, facts)
    shutil.rmtree(staged.parent, ignore_errors=True)
    return Outcome(table=table.key, month=month, key=key, rows=rows, reused=False, results=results, stop=stop)


@contextmanager
def coded_errors(step: str, month: str, folder: Path) -> Iterator[None]:
    """Turn another library's error, which may quote data, into a Stop that names only the step and the error's type."""
    try:
        yield
    except Stop:
        raise
    except OSError as error:
        if error.errno == 28:
            raise Stop("WSD-420", folder=str(folder), month=month) from None
        raise Stop("WSD-290", step=step, reason=named(error), month=month) from None
    except Exception as error:
        raise Stop("WSD-290", step=step, reason=named(error), month=month) from None


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
        if reused := _reused(lake, table, month, content):
            return reused
        staged = lake.root / "_staging" / f"vault.{month}.{made['key']}" / f"{key}.parquet"
        if staged.is_file():
            break
        if attempt == 2:
            raise Stop("WSD-201", table=key, month=month, missing=f"landed.{table.name}")
        run_vault(project, month)
    with coded_errors(key, month, lake.root):
        results = tuple(validate(table, staged, _facts(lake, table, month, {})))
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
    if reused := _reused(lake, table, month, made_of):
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
    return _settle(lake, table, month, made_of, staged, 0, (missing,))


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
        found = [_reused(lake, contract(key), month, report.key) for key in keys]
        if all(found):
            return [outcome for outcome in found if outcome]
    folder = lake.root / "_staging" / f"linked.{month}.{report.key}"
    staged = {key: folder / f"{key}.parquet" for key in keys}
    agree_with = {**staged, **_accepted_pseudo(lake, month)}
    outcomes = []
    for key in keys:
        with coded_errors(key, month, lake.root):
            facts = {**_facts(lake, contract(key), month, agree_with), **report.facts}
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
