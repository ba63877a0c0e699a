"""Reading a stranger's file as text: only the columns its map names, strictly, nothing guessed."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.mapping import FieldMap
from wsd_pipeline.messages import Stop
from wsd_pipeline.sql import quoted

if TYPE_CHECKING:
    import duckdb
    import polars as pl


def read_file(con: duckdb.DuckDBPyConnection, path: Path, map: FieldMap) -> pl.DataFrame:
    """The mapped columns of a CSV or Parquet file, as text, empty values null, in the file's order.

    Stops with WSD-231 where columns are missing, WSD-111 where the file is not readable as strict UTF-8 CSV.
    """
    return read_columns(con, path, map.columns())


def read_columns(con: duckdb.DuckDBPyConnection, path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """The named columns of a CSV or Parquet file, as text, empty values null."""
    header = _header(con, path)
    missing = [c for c in columns if c not in header]
    if missing:
        raise Stop("WSD-231", file=path.name, missing=len(missing))
    shape = "{c}" if path.suffix == ".csv" else "nullif(cast({c} as varchar), '') as {c}"
    named = ", ".join(shape.format(c=_name(c)) for c in columns)
    try:
        return con.sql(f"select {named} from {_relation(path, header)}").pl()
    except Exception as error:
        raise Stop(
            "WSD-111",
            table=path.name,
            reason=type(error).__name__,
            line=0,
            month="",
            expected="UTF-8 CSV with a header, or Parquet",
        ) from None


def _relation(path: Path, header: list[str]) -> str:
    if path.suffix == ".parquet":
        return f"read_parquet('{quoted(path)}')"
    types = ", ".join(f"{_literal(c)}: 'VARCHAR'" for c in header)
    return (
        f"read_csv('{quoted(path)}', header = true, delim = ',', quote = '\"', escape = '\"',"
        f" nullstr = '', auto_detect = false, strict_mode = true, columns = {{{types}}})"
    )


def _header(con: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    if path.suffix == ".parquet":
        rows = con.execute(f"select name from parquet_schema('{quoted(path)}') where num_children is null")
        return [str(row[0]) for row in rows.fetchall()]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file), [])


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
