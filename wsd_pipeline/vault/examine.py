"""One file looked at as landing would: cast, checked, and judged. Nothing is kept here; the caller does that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode
from wsd_pipeline.vault import checks, land
from wsd_pipeline.vault.date_order import stop_for_order
from wsd_pipeline.vault.mapping import Layout
from wsd_pipeline.vault.receive import Received, Split
from wsd_pipeline.vault.restricted import drop_restricted, stop_for_restricted

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, kw_only=True)
class Examined:
    """Rows carried on, held back, replaced and kept out by law; every check; what stops the file, if anything."""

    rows: int
    quarantined: int
    resubmitted: int
    removed: Mapping[str, int]
    results: list[CheckResult]
    stop: Stop | None


def examine(
    con: duckdb.DuckDBPyConnection,
    feed: LandedTable,
    received: Received | Split,
    layout: Layout,
    mode: Mode,
    month: str,
) -> Examined:
    """Make `landed` and `quarantine` of the file and judge it.

    Stops at once, before any check, where the header is another (WSD-112) or the people are of the wrong kind for
    the project (WSD-130, WSD-131).
    """
    landing = land.land(con, feed, received, month, layout)
    wrong_people = checks.stop_for_mode(con, feed, mode, month)
    con.execute("drop table typed")
    if wrong_people is not None:
        raise wrong_people
    results = [*landing.checks, *checks.check_rows(con, feed, "landed", month)]
    results += checks.withheld(feed, results)
    held = land.hold_back_uncoded(con, feed)
    restricted = stop_for_restricted(con, feed, month)
    removed = drop_restricted(con, feed)
    return Examined(
        rows=landing.rows - held - sum(removed.values()),
        removed=removed,
        quarantined=landing.quarantined + held,
        resubmitted=landing.resubmitted,
        results=results,
        stop=restricted or stop_for_order(con, feed, layout, results, month) or checks.stop_for(feed, results, month),
    )
