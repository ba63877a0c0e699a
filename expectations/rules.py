"""What a rule of a suite is, before Great Expectations sees it: a name, a limit and two SQL counts.

Kept apart from `counts.py` so that the rules of a table can be made, read and tested without the seconds that
importing Great Expectations takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from wsd_pipeline.contracts.checks import Severity

CHECKED = "checked"
"""The relation that stands for the table under check in every rule's SQL."""

PREVIOUS = "previous_month"
"""The relation that stands for the same table a month earlier, where there is one."""

WHOLE_ROW = "row"
"""What stands in the place of a column's name where a rule is about rows, not about one column."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """At most `limit` (a share, 0–1) of `checked` may be `failed`; both are SQL aggregates over the table.

    `description` is for people; `check` and `column` name the rule in results.
    """

    check: str
    failed: str
    checked: str
    description: str
    column: str = WHOLE_ROW
    limit: float = 0.0
    severity: Severity = Severity.CRITICAL


def count_where(condition: str) -> str:
    """The SQL of the number of rows for which the condition is true (not merely unknown)."""
    return f"count(*) filter (where {condition})"


def bound(predicate: str, snapshot: date | None) -> str:
    """A contract's predicate with the snapshot date put in the place of its parameter."""
    if "$snapshot_date" not in predicate:
        return predicate
    if snapshot is None:
        raise ValueError("this rule needs the snapshot date")
    return predicate.replace("$snapshot_date", f"date '{snapshot.isoformat()}'")
