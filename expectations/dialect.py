"""DuckDB as SQLAlchemy should see it, which is how Great Expectations reaches a database.

As little of a dialect as one SELECT of counts needs: no transactions, no reflection, no types of its own. The stock
`duckdb-engine` 0.17 fails 19 expectations of 20 on DuckDB 2.0 (it opens a transaction that is open already), and with
it every process ends in a page of warnings. Importing this module registers the dialect under `sealedduckdb`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect

URL = "sealedduckdb://"


class SealedDialect(DefaultDialect):
    """DuckDB for a session that somebody else has opened and will close, and that only reads."""

    name = "duckdb"
    driver = "sealed"
    default_paramstyle = "qmark"
    supports_statement_cache = False

    @classmethod
    def import_dbapi(cls) -> Any:
        """What SQLAlchemy wants to know of a driver."""
        import duckdb

        return SimpleNamespace(paramstyle="qmark", Error=duckdb.Error)

    def initialize(self, connection: Any) -> None:
        """Nothing to ask the database."""

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        """The view under check is there: its session made it."""
        return True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: every statement is its own."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing to take back."""


class Lent:
    """One DuckDB session after another, lent to SQLAlchemy as a connection and as its cursors, and taken back.

    SQLAlchemy's engine lives as long as the process and would hold a session of its own for ever.
    """

    def __init__(self) -> None:
        self._session: Any = None

    def lend(self, session: Any) -> None:
        """Lend a session until it is taken back."""
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def connection(self) -> Lent:
        """Itself, as what makes connections for SQLAlchemy's pool."""
        return self

    def cursor(self) -> Lent:
        """Itself: one statement at a time."""
        return self

    def close(self) -> None:
        """Nothing: whoever lent the session closes it."""

    def take_back(self) -> None:
        """End the loan; whoever still holds it can do nothing with it."""
        self._session = None


registry.register("sealedduckdb", __name__, SealedDialect.__name__)
