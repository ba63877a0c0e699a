"""The pipeline's own notes of a month: what the vault said it received, and how each table's checks went.

Counts, hashes and names of the contracts only. A model may read them as rows of a noted reference table; they are
then part of its content key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wsd_pipeline import gate
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Project
from wsd_pipeline.sql import is_noted

Row = tuple[str | int, ...]


def checks_path(lake: Zone, key: str, month: str) -> Path:
    """Where the results of the last check of a table in a month are kept."""
    return lake.root / "_checks" / key / f"{month}.json"


def checks_of(project: Project, key: str, month: str) -> list[CheckResult]:
    """The results of the last check of a table in a month, accepted or not; empty where it was never checked."""
    path = checks_path(Zone(project.lake), key, month)
    return gate.load(path) if path.is_file() else []


def vault_record(project: Project, month: str) -> dict[str, Any]:
    """What the vault last said of the month: each feed's key, rows, quarantined and resubmitted rows; its stops."""
    path = Zone(project.lake).root / "_vault" / f"{month}.json"
    if not path.is_file():
        return {"key": "", "feeds": {}, "stops": {}}
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def noted(project: Project, reads: Iterable[str], month: str) -> Mapping[str, list[Row]]:
    """The rows of every noted table among `reads`, each in the order of its key and of its contract's columns."""
    wanted = sorted(read for read in reads if read.startswith("reference.") and is_noted(read))
    return {read: _NOTED[read](project, month) for read in wanted}


def stale_after(feed: LandedTable) -> int:
    """For how many months an extract of the feed may stand: about twice its cadence; a monthly one is not carried."""
    return {"monthly": 0, "six-weekly": 3, "quarterly": 6, "termly": 9, "annual": 24}[feed.cadence.split(",")[0]]


def _months(earlier: str, later: str) -> int:
    return 12 * (int(later[:4]) - int(earlier[:4])) + int(later[5:]) - int(earlier[5:])


def _received_feeds(project: Project, month: str) -> list[Row]:
    """A row for each feed that the vault has accepted."""
    accepted, rows = vault_record(project, month)["feeds"], list[Row]()
    for feed in landed_tables():
        if (made := accepted.get(feed.key)) is None:
            continue
        received = made["carried_from"] or month
        checks = [*checks_of(project, feed.key, month), *checks_of(project, pseudo_table(feed).key, month)]
        rows.append(
            (
                feed.name, feed.source, received, _months(received, month) > stale_after(feed),
                made["quarantined"], made["resubmitted"],
                len(checks), sum(c.failed > 0 for c in checks), sum(not c.passed for c in checks),
            )
        )  # fmt: skip
    return rows


def _removed_rows(project: Project, month: str) -> list[Row]:
    """A row for each feed and reason for which the vault took rows out."""
    accepted = vault_record(project, month)["feeds"]
    return [
        (feed.name, reason, int(count))
        for feed in landed_tables()
        for reason, count in sorted(accepted.get(feed.key, {}).get("removed", {}).items())
    ]


_NOTED = {"reference.received_feeds": _received_feeds, "reference.removed_rows": _removed_rows}
