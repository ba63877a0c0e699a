"""Days as numbers (since 1970-01-01), the bounds of months, and how far back files go."""

from __future__ import annotations

from datetime import date

import numpy as np

from wsd_pipeline.settings import snapshot_date

CARE_MONTHS = 18  # that files of admissions and social care hold: in March, October of the year before last is asked


def day(value: date) -> int:
    """A date as days since 1970-01-01."""
    return value.toordinal() - 719163


def bounds(month: str) -> tuple[int, int]:
    """The first and the last day of a month."""
    return day(date.fromisoformat(f"{month}-01")), day(snapshot_date(month))


def year_to(today: int) -> int:
    """The first day of the twelve months that end with today's: as far back as most files go."""
    months = np.datetime64(today, "D").astype("datetime64[M]") - 11
    return int(months.astype("datetime64[D]").astype(np.int64))


def care_since(today: int) -> int:
    """The first day of the months that files of admissions and of social care go back to."""
    months = np.datetime64(today, "D").astype("datetime64[M]") - (CARE_MONTHS - 1)
    return int(months.astype("datetime64[D]").astype(np.int64))
