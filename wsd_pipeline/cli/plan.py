"""`wsd plan`: what a run of a month would read, make anew, reuse and write. It changes nothing."""

from __future__ import annotations

from typing import Any

from wsd_pipeline.build import is_current, models
from wsd_pipeline.cli.history import month_seconds
from wsd_pipeline.cli.output import emit, tabulate
from wsd_pipeline.contracts import ON_REQUEST, landed_tables, tables
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import LandedTable, Table
from wsd_pipeline.messages import Stop
from wsd_pipeline.notes import vault_record
from wsd_pipeline.release.standing import latest
from wsd_pipeline.settings import Project, month_before
from wsd_pipeline.vault import inbox


def say_plan(project: Project, month: str) -> None:
    """Inputs found, tables to make or reuse, gates, and what would be written."""
    feeds = [_feed(project, feed, month) for feed in landed_tables()]
    new = any(feed["state"] != "unchanged" for feed in feeds)
    layers = _layers(project, month, everything=new)
    gates = sum(_critical(table) for table in tables().values() if table.layer not in ON_REQUEST)
    release = latest(project, month)
    written = "a new release" if new or any(layer["make"] for layer in layers) else "nothing new"
    seconds = month_seconds(project, month) or month_seconds(project, month_before(month))
    data = {
        "month": month,
        "feeds": feeds,
        "layers": layers,
        "critical_checks": gates,
        "standing": release and release.name,
    }
    emit(
        data,
        tabulate(
            f"Extracts of {month}",
            ["Feed", "State", "File", "Rows"],
            [[f["feed"], f["state"], f["file"] or "none", f["rows"] or "not said"] for f in feeds],
            text_columns=3,
        ),
        "",
        tabulate(
            "Tables",
            ["Layer", "To make", "To reuse"],
            [[layer["layer"], str(layer["make"]), str(layer["reuse"])] for layer in layers],
        ),
        "",
        f"Gates: {gates} checks that can stop a table.",
        f"Time: about {seconds:.0f} s, going by the last run." if seconds and new else "Time: seconds.",
        f"Would be written: {written}" + (f" (standing: {release.name})." if release else "."),
        "No file has been changed.",
    )


def _feed(project: Project, feed: LandedTable, month: str) -> dict[str, Any]:
    """The feed's file of the month: missing, new, changed or unchanged since it was last accepted."""
    files = inbox.month_files(project.inbox / feed.name, feed.name, month)
    if not files:
        return {"feed": feed.name, "state": "missing", "file": None, "rows": None}
    path = files[-1]
    try:
        manifest = inbox.manifest_of(path, feed.key, month)
    except Stop:
        manifest = None
    known = vault_record(project, month)["feeds"].get(feed.key)
    state = "new" if known is None else "unchanged" if known["file_sha256"] == inbox.sha256_of(files) else "changed"
    rows = f"{manifest.row_count:,}" if manifest and manifest.row_count is not None else None
    return {"feed": feed.name, "state": state, "file": path.name, "rows": rows}


def _layers(project: Project, month: str, *, everything: bool) -> list[dict[str, Any]]:
    """For each layer, how many tables would be made and how many reused."""
    known = models()
    counts: dict[str, list[int]] = {}
    seen: dict[str, bool] = {}
    for key, table in tables().items():
        if table.layer not in ("reference", *ON_REQUEST):
            reused = not everything and (key not in known or is_current(project, key, month, seen))
            counts.setdefault(table.layer, [0, 0])[int(reused)] += 1
    return [{"layer": layer, "make": make, "reuse": reuse} for layer, (make, reuse) in counts.items()]


def _critical(table: Table) -> int:
    severities = [check.severity for column in table.columns for check in column.checks]
    severities += [rule.severity for rule in table.rules]
    return severities.count(Severity.CRITICAL)
