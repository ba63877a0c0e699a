"""The rows a page is drawn from: read from the accepted table, and chosen by what they hold."""

from __future__ import annotations

from typing import Any

from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Project

Row = dict[str, Any]


def rows_of(project: Project, month: str, table: str) -> list[Row]:
    """The table's accepted rows of the month, in the order of its key; none where it has not been made."""
    import duckdb

    path = Zone(project.lake).path(table, month)
    if path is None:
        return []
    con = duckdb.connect()
    con.execute("set async_threads = 0")
    found = con.sql("select * from read_parquet($path)", params={"path": str(path)}).to_arrow_table()
    con.close()
    rows: list[Row] = found.to_pylist()
    return rows


def some(rows: list[Row], **wanted: str) -> list[Row]:
    """The rows whose columns hold what is wanted."""
    return [r for r in rows if all(r[k] == v for k, v in wanted.items())]
