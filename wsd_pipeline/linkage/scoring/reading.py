"""Reading a stranger's file as text: only the columns its map names, nothing guessed.

CSV is read by Polars, which is quick and fails on rows too long; what it would let pass (a header named twice, a
file cut off in its last line) is looked for first. Empty values are null.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.mapping import FieldMap
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import polars as pl


def read_file(path: Path, map: FieldMap) -> pl.DataFrame:
    """The mapped columns of a CSV or Parquet file, as text, in the file's order.

    Stops with WSD-231 where columns are missing, WSD-111 where the file cannot be read as UTF-8 CSV or Parquet.
    """
    return read_columns(path, map.columns())


def read_columns(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """The named columns of a CSV or Parquet file, as text."""
    import polars as pl

    try:
        header = pl.read_parquet_schema(path) if path.suffix == ".parquet" else _header(path)
        missing = [c for c in columns if c not in header]
        if missing:
            raise Stop("WSD-231", file=path.name, missing=len(missing))
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path, columns=list(columns)).cast(pl.String)
            return frame.with_columns(pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in columns)
        return pl.read_csv(path, columns=list(columns), infer_schema=False).select(columns)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError, ValueError) as error:
        raise _unreadable(path, type(error).__name__) from None


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    if len(set(header)) < len(header):
        raise _unreadable(path, "a column named twice")
    with path.open("rb") as raw:
        raw.seek(-1, os.SEEK_END)
        if raw.read(1) not in (b"\n", b"\r"):
            raise _unreadable(path, "cut off in its last line")
    return header


def _unreadable(path: Path, reason: str) -> Stop:
    return Stop(
        "WSD-111", table=path.name, reason=reason, line=0, month="", expected="UTF-8 CSV with a header, or Parquet"
    )
