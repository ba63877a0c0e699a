"""Reference tables that are supplied beside the extracts, read as text as any extract is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import preflight, reading

if TYPE_CHECKING:
    import duckdb


def read_supplied(
    con: duckdb.DuckDBPyConnection, project: Project, key: str, path: Path | None, into: str, month: str
) -> None:
    """The table's columns as text, in a temp table. Stops with WSD-101 where it is missing, 111 and 112 as feeds do."""
    contract, layout = table(key), FileFormat()
    if path is None:
        raise Stop("WSD-101", table=key, month=month, folder=str(project.inbox / "_reference"))
    data = preflight.read_bytes(path, key, layout, month)
    text = preflight.check(data, key, layout, month)
    columns = {c.name: c.name for c in contract.columns}
    reading.check_header(key, list(columns), text.headers, month)
    reading.read_as_text(con, into, text, layout, columns, key, month)
