"""One DuckDB for many small questions: to start one, with the macros, takes longer than most models run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from wsd_pipeline import sql

CATALOGS = ("drawn", "previous")


@contextmanager
def engine_in(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that spills into `spill` and knows the macros."""
    con = sql.connect(spill, threads=1, memory_limit="1GB")
    for macro in sql.macros():
        con.execute(macro)
    yield con
    con.close()


@contextmanager
def drawing_board(engine: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A catalog of its own for one drawing, and one for last month's tables; nothing of them is left behind."""
    con = engine.cursor()
    for name in CATALOGS:
        con.execute(f"attach ':memory:' as {name}")
    con.execute("set search_path = 'drawn.main,memory.main'")
    try:
        yield con
    finally:
        con.execute("use memory.main")
        for name in CATALOGS:
            con.execute(f"detach {name}")
        con.close()
