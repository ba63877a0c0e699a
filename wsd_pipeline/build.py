"""Making a table from its SQL model: what it depends on, whether it is current, and running it aside.

The content key names everything that running the model reads, so the two are kept side by side. What becomes of a
table that was made is `accepting`; the tables that the vault's child process makes are `from_vault`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wsd_pipeline.accepting import Outcome, Validator, coded_errors, facts_of, reused_outcome, settle
from wsd_pipeline.contracts import table as contract
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.lake import Pointer, Zone, content_key, file_sha256
from wsd_pipeline.messages import Stop
from wsd_pipeline.notes import noted
from wsd_pipeline.settings import Project, month_before, snapshot_date
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
    if reused := reused_outcome(lake, table, month, made_of):
        return reused
    staged = lake.staging(key, month, made_of) / f"{key}.parquet"
    with coded_errors(key, month, lake.root):
        rows, made_with = _run(project, model, table, month, inputs, previous, staged)
        facts = {
            **facts_of(lake, table, month, {k: lake.root / p.files[k] for k, p in inputs.items()}),
            "may_be_empty": any(p.rows[k] == 0 for k, p in inputs.items()),
        }
        results = tuple(validate(table, staged, facts))
    return settle(lake, table, month, made_of, staged, rows, results, made_with)


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
