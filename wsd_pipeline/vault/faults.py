"""What can be wrong with a file's bytes: a closed list of reasons, and the stop each becomes."""

from __future__ import annotations

from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.layout import Count, expected_layout

REASONS = (
    "too large", "not a file", "empty", "NUL byte", "UTF-16", "another encoding", "stray quote", "unclosed quote",
    "number of fields", "last line cut", "line too long", "duplicate header", "structure", "another delimiter",
    "another kind of file", "an archive", "an old or encrypted workbook", "a web page", "too many columns",
    "no header row", "blank header", "macros", "encrypted", "several sheets", "no such sheet", "merged cells",
    "formula without value", "dates from 1904", "numbers too long", "nested columns", "binary columns",
    "too many rows", "reader stopped",
)  # fmt: skip
"""Why a file cannot be read: what may follow WSD-111."""


class Fault(Exception):
    """What is wrong with the bytes, and on which line (from 1; 0 where it is about no line)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason)


def refusal(table: str, layout: FileFormat, fault: Fault, month: str) -> Stop:
    """The stop for a fault."""
    return Stop(
        "WSD-111",
        table=table,
        reason=fault.reason,
        line=Count(fault.line),
        expected=expected_layout(layout),
        month=month,
    )
