"""What a step of the vault says of itself: counts, hashes, months, and names written in the contracts.

The child encodes its report as one JSON line. What the parent lets in of that line is `decode`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.layout import Names

MAX_BYTES = 256 * 1024
STEP_NAMES = {"month": "The vault", "link": "Linkage"}
STEPS = tuple(STEP_NAMES)
LIMIT_UNIT = 1_000_000

FACT_NAMES = (
    "kcv",
    "identity_records",
    "milliseconds",
    "previous_key",
    "ledger_head",
    "previous_month",
    "people",
    "edges",
    "review_pairs",
    "nhs_conflict_records",
    "ambiguous_clusters",
    "over_cap_clusters",
    "superseded_files",
    "expired_files",
    "opted_out_people",
    "opted_out_records",
)
COUNTS = (
    "failed",
    "checked",
    "failing_checks",
    "line",
    "count",
    "found",
    "expected",
    "extra_count",
    "pairs",
    "limit",
    "days",
)
_TEXT_FACTS = (
    "table",
    "column",
    "check",
    "reason",
    "type",
    "limit_pct",
    "previous",
    "source",
    "step",
    "month",
    "missing",
)


@dataclass(frozen=True, kw_only=True)
class TableReport:
    """One table: its content key, and counts of rows, `removed` by reason; `carried_from` names an older extract."""

    key: str
    rows: int
    quarantined: int = 0
    resubmitted: int = 0
    removed: Mapping[str, int] = field(default_factory=dict)
    file_sha256: str = ""
    reused: bool = False
    carried_from: str | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a step of the vault did. `tables` holds those accepted; `stops` says why others were not."""

    key: str
    reused: bool
    tables: Mapping[str, TableReport] = field(default_factory=dict)
    checks: tuple[CheckResult, ...] = ()
    stops: tuple[Stop, ...] = ()
    facts: Mapping[str, int | str | None] = field(default_factory=dict)


def encode(report: Report) -> bytes:
    """The report as one line. Facts of a stop that the parent can say itself do not travel."""
    checks: dict[str, list[list[Any]]] = {}
    for c in report.checks:
        row = [c.column, c.check, c.severity.value, c.failed, c.checked, round(c.limit * LIMIT_UNIT)]
        checks.setdefault(c.table, []).append(row)
    body = {
        "key": report.key,
        "reused": report.reused,
        "tables": {k: {**t.__dict__} for k, t in report.tables.items()},
        "checks": checks,
        "stops": [{"code": s.code, **_travelling(s)} for s in report.stops],
        "facts": dict(report.facts),
    }
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _travelling(stop: Stop) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in stop.facts.items():
        if name in COUNTS:
            if name == "expected" and not isinstance(value, int):
                continue
            out[name] = int(str(value).replace(",", "")) if not isinstance(value, int) else int(value)
        elif name == "missing" and isinstance(value, Names):
            out[name] = list(value)
        elif name in _TEXT_FACTS:
            out[name] = str(value)
    return out
