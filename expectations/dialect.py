"""DuckDB 2.0 as SQLAlchemy should see it, which is how Great Expectations reaches it.

`duckdb-engine` 0.17 opens a transaction that DuckDB has opened already, and its compiled statements go stale:
stock, 19 of 20 expectations fail. Importing this module registers the dialect under `sealedduckdb`.
"""

from __future__ import annotations

from typing import Any

import duckdb_engine
from sqlalchemy.dialects import registry

URL = "sealedduckdb:///:memory:"


class SealedDialect(duckdb_engine.Dialect):
    """DuckDB without SQLAlchemy's transactions: a session here only reads."""

    supports_statement_cache = False

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: every statement is its own."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing to take back."""


class Lent:
    """A DuckDB session lent to SQLAlchemy, and taken back: engines outlive their data source and would hold it."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def wrapped(self) -> duckdb_engine.ConnectionWrapper:
        """The session as SQLAlchemy's pool wants it."""
        return duckdb_engine.ConnectionWrapper(self)

    def close(self) -> None:
        """Nothing: whoever lent the session closes it."""

    def take_back(self) -> None:
        """End the loan; whoever still holds it can do nothing with it."""
        self._session = None


registry.register("sealedduckdb", __name__, SealedDialect.__name__)
