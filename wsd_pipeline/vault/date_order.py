"""Dates written month first where day first was agreed, or both in one column: known by how many can be read each way.

A date such as 05/06 reads either way, so a file in the wrong order is not mended by holding back the dates that cannot
be read: the others are wrong and look right. A few that only read month first are therefore enough to refuse it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.land import READABLE
from wsd_pipeline.vault.layout import Count

if TYPE_CHECKING:
    import duckdb

SUSPECTS = 2
"""One value may be a slip of the pen; this many, and the unreadable limit passed by them alone, are an order."""


def swapped(formats: Sequence[str]) -> list[str]:
    """The formats with day and month changed about; those that know no such order are left out."""
    return [
        text.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
        for text in formats
        if "%d" in text and "%m" in text and not text.startswith("%Y")
    ]


def stop_for_order(
    con: duckdb.DuckDBPyConnection, feed: LandedTable, layout: FileFormat, results: Sequence[CheckResult], month: str
) -> Stop | None:
    """WSD-115 for the first column whose unreadable dates (in `quarantine`) read in the other order, else None."""
    others = swapped(layout.date_formats)
    failed = {r.column: r for r in results if r.check == READABLE and r.failed >= SUSPECTS}
    dates = [name for name in failed if feed.column(name).type.upper() == "DATE"]
    if not others or not dates:
        return None
    formats = "[" + ", ".join(literal(text) for text in others) + "]"
    columns = ", ".join(literal(name) for name in dates)
    found = con.execute(
        f"select column_name, count(*) from quarantine where column_name in ({columns})"
        f" and try_strptime(raw_value, {formats}) is not null group by 1 order by 1"
    ).fetchall()
    for name, count in found:
        result = failed[name]
        if count >= SUSPECTS and count > result.limit * result.checked:
            return Stop(
                "WSD-115", table=feed.key, column=name, failed=Count(count), checked=Count(result.checked), month=month
            )
    return None
