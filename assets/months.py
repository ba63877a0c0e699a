"""The months Dagster offers: those of the project's inbox, read when the location is loaded, without gaps.

A project's months have nothing to do with the clock of the machine (an invented borough may lie in the future),
so the clock only serves to tell Dagster how far beyond it to go.
"""

import os
import re
from datetime import UTC, datetime

import dagster as dg

from assets.resources import MONTHS_VARIABLE, project_root
from wsd_pipeline.settings import month_after

FIRST_MONTH, LAST_WITHOUT_PROJECT = "2026-01", "2026-12"


def span() -> tuple[str, str]:
    """The first and last month with a file in the inbox or asked for by `WSD_MONTHS`."""
    inbox = project_root() / "inbox"
    names = [path.name for path in inbox.glob("*/*.csv")] if inbox.is_dir() else []
    months = {found[1] for name in names if (found := re.search(r"_(20\d\d-(?:0[1-9]|1[0-2]))_", name))}
    months |= {month for month in os.environ.get(MONTHS_VARIABLE, "").split(":") if month}
    return (min(months), max(months)) if months else (FIRST_MONTH, LAST_WITHOUT_PROJECT)


def monthly(first: str, last: str) -> dg.MonthlyPartitionsDefinition:
    """Every month from the first to the last, both included, whatever the machine's date."""
    now = datetime.now(UTC)
    ahead = (int(last[:4]) - now.year) * 12 + int(last[5:]) - now.month + 1
    return dg.MonthlyPartitionsDefinition(
        start_date=first, end_date=month_after(last), fmt="%Y-%m", end_offset=max(ahead, 0)
    )


MONTHS = monthly(*span())
LAST_MONTH = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
THIS_AND_LAST_MONTH = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=0)
