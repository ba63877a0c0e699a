"""The gate of a table: results of its checks, as counts, and the verdict over them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import write_text

FEW, FEW_SHARE = 10, 0.2


def within(failed: int, checked: int, limit: float) -> bool:
    """Whether `failed` of `checked` is within the limit, a share (0–1).

    Where the limit is above zero, a few failures (at most ten, and no more than a fifth) pass too: in a small feed
    one person's wrong number, repeated on each of their events, is no verdict on the supplier.
    """
    return failed <= limit * checked or (limit > 0 and failed <= FEW and failed <= FEW_SHARE * checked)


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One check of one table: `failed` of `checked`, against a limit that is a share (0–1) of those checked."""

    table: str
    column: str
    check: str
    severity: Severity
    failed: int
    checked: int
    limit: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the share that failed is within the limit."""
        return within(self.failed, self.checked, self.limit)


def failures(results: Iterable[CheckResult], severity: Severity) -> list[CheckResult]:
    """The results of that severity that did not pass, worst first."""
    failed = [r for r in results if r.severity is severity and not r.passed]
    return sorted(failed, key=lambda r: (-r.failed / max(r.checked, 1), r.column, r.check))


def stop_for(results: Sequence[CheckResult], month: str, code: str = "WSD-120") -> Stop | None:
    """The stop that the critical failures call for, naming the worst, or None where there is none."""
    failed = failures(results, Severity.CRITICAL)
    if not failed:
        return None
    worst = failed[0]
    return Stop(
        code,
        table=worst.table,
        column=worst.column,
        check=worst.check,
        failed=f"{worst.failed:,}",
        checked=f"{worst.checked:,}",
        limit_pct=f"{100 * worst.limit:g}",
        failing_checks=len(failed),
        month=month,
    )


def save(results: Sequence[CheckResult], path: Path) -> None:
    """Keep the results, counts only, as JSON; the file is replaced whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(r), "severity": r.severity.value, "passed": r.passed} for r in results]
    write_text(path, json.dumps(rows, indent=1, sort_keys=True) + "\n")


def load(path: Path) -> list[CheckResult]:
    """The results kept in `path`."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        CheckResult(
            **{k: v for k, v in row.items() if k not in ("passed", "severity")},
            severity=Severity(row["severity"]),
        )
        for row in rows
    ]
