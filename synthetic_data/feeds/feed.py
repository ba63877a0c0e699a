"""A feed: a month's rows under the contract's column names, and which person stands behind each of its records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic_data.world.rows import Array
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import LandedTable


@dataclass(frozen=True)
class Feed:
    """A month's rows of a feed; `records` has the person key as written and the person behind it."""

    table: str
    rows: pl.DataFrame
    records: pl.DataFrame


def truth_records(source: str, keys: pl.Series, person: Array) -> pl.DataFrame:
    """One row for each record of a source: its person key as written, and the person."""
    frame = pl.DataFrame({"person_key": keys, "true_person": person.astype(np.int64)}).unique(
        "person_key", keep="first", maintain_order=True
    )
    return frame.select(pl.lit(source).alias("source"), "person_key", "true_person")


def nobody() -> pl.DataFrame:
    """The records of a feed whose people another feed of the source names."""
    return pl.DataFrame(schema={"source": pl.String, "person_key": pl.String, "true_person": pl.Int64})


def contract(feed: str) -> LandedTable:
    """The feed's contract; KeyError where there is none."""
    found = table(f"landed.{feed}")
    assert isinstance(found, LandedTable)
    return found
