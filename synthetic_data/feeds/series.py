"""Numbers as columns of a file: days as dates, places in a list as words, and blanks."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.world.rows import NEVER, Array


def dates(days: Array, until: int | None = None) -> pl.Series:
    """Days as dates; NEVER, and days after `until`, are empty."""
    limit = NEVER - 1 if until is None else until
    values = pl.Series(np.where(days <= limit, days, 0).astype(np.int32)).cast(pl.Date)
    return pl.select(pl.when(pl.Series(days <= limit)).then(values).otherwise(None)).to_series()


def blanked(series: pl.Series, where: Array) -> pl.Series:
    """The series, empty in some places."""
    return pl.select(pl.when(pl.Series(where)).then(None).otherwise(series)).to_series()


def pick(words: list[str] | Array, number: Array) -> pl.Series:
    """Words by number; empty where the number is negative."""
    found = pl.Series(list(words), dtype=pl.String).gather(pl.Series(np.maximum(number, 0).astype(np.uint32)))
    return blanked(found, np.asarray(number) < 0)
