"""Reading a stranger's file as text: only the columns its map names, nothing guessed but what separates them.

CSV is read by Polars, which is quick and fails on rows too long; what it would let pass (a header named twice, a
file cut off in its last line) is looked for first. Empty values are null.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from wsd_pipeline.linkage.scoring.mapping import FieldMap
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

SEPARATORS = (",", ";", "\t", "|")
LONGEST_LINE = 1 << 20
EXACT = float(1 << 53)
"""Whole numbers below it are held by a float as they are."""


def read_file(path: Path, map: FieldMap) -> pl.DataFrame:
    """The mapped columns of a CSV or Parquet file, as text, in the file's order.

    Stops with WSD-231 where columns are missing, WSD-234 where the file cannot be read as UTF-8 CSV or Parquet.
    """
    return read_columns(path, map.columns())


def read_columns(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """The named columns of a CSV or Parquet file, as text."""
    import polars as pl

    try:
        if path.suffix == ".parquet":
            return _from_parquet(path, columns)
        separator, header = _header(path, columns)
        if not header:
            _refuse(path, "it is empty")
        if len(set(header)) < len(header):
            _refuse(path, "a column is named twice")
        _miss(path, columns, header)
        if _is_cut_off(path, separator, len(header)):
            _refuse(path, "it is cut off in its last line")
        return pl.read_csv(path, columns=list(columns), separator=separator, infer_schema=False).select(columns)
    except FileNotFoundError:
        _refuse(path, "it is not there")
    except UnicodeDecodeError:
        _refuse(path, "it is not UTF-8")
    except (pl.exceptions.PolarsError, csv.Error):
        _refuse(path, "its rows do not fit its header" if path.suffix != ".parquet" else "it is no Parquet file")
    except (OSError, ValueError) as error:
        _refuse(path, type(error).__name__)


def _from_parquet(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """The columns as text; whole numbers kept as floats, by tools that know no empty integer, as integers."""
    import polars as pl
    import polars.selectors as cs

    _miss(path, columns, pl.read_parquet_schema(path))
    read = pl.read_parquet(path, columns=list(columns)).with_columns(cs.float().fill_nan(None))
    frame = read.cast({c: pl.Int64 for c in read.select(cs.float()).columns if _is_whole(read[c])}).cast(pl.String)
    return frame.with_columns(pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in columns)


def _is_whole(column: pl.Series) -> bool:
    return bool((column.abs() < EXACT).all() and (column == column.round()).all())


def _header(path: Path, columns: tuple[str, ...]) -> tuple[str, list[str]]:
    """What separates the columns, and their names: a comma, unless all columns asked for are there by another sign."""
    headers = {}
    for separator in SEPARATORS:
        with path.open(encoding="utf-8-sig", newline="") as file:
            headers[separator] = next(csv.reader(file, delimiter=separator), [])
    found = next((s for s, header in headers.items() if set(columns) <= set(header)), SEPARATORS[0])
    return found, headers[found]


def _is_cut_off(path: Path, separator: str, width: int) -> bool:
    """Whether the last line has no end and fewer values than the header; with as many it may be whole (RFC 4180)."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LONGEST_LINE))
        end = file.read()
    if end.endswith(b"\n"):
        return False
    last = end.rpartition(b"\n")[2].decode("utf-8", errors="replace")
    return len(next(csv.reader([last], delimiter=separator), [])) < width


def _miss(path: Path, columns: tuple[str, ...], held: Collection[str]) -> None:
    missing = [c for c in columns if c not in held]
    if missing:
        raise Stop("WSD-231", file=path.name, missing=", ".join(missing))


def _refuse(path: Path, reason: str) -> NoReturn:
    raise Stop("WSD-234", file=path.name, reason=reason) from None
