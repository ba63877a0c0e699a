"""One session of the vault for many small files, as a month has one for its feeds: starting one takes long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import duckdb

from wsd_pipeline.vault import normalise

_TABLES = "select table_name from duckdb_tables()"


@cache
def _started() -> tuple[duckdb.DuckDBPyConnection, frozenset[str]]:
    """The session with the vault's functions, and the tables it begins with."""
    con = duckdb.connect()
    con.execute("set async_threads = 0")
    normalise.define(con)
    return con, frozenset(name for (name,) in con.execute(_TABLES).fetchall())


@contextmanager
def vault_session() -> Iterator[duckdb.DuckDBPyConnection]:
    """The session; no table of one file is left for the next."""
    con, first = _started()
    try:
        yield con
    finally:
        for (name,) in con.execute(_TABLES).fetchall():
            if name not in first:
                con.execute(f'drop table "{name}"')
