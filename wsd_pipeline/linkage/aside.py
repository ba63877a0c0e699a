"""A thread beside the month's session: what only reads tables that stand, while the session goes on to others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection


class Aside:
    """Runs pieces of work one after the other, each given a session of its own over the same tables.

    Views over what was registered in the month's session are not to be seen from it. What fails in a piece is raised
    by `finish`, or on leaving; leaving because of another error waits for the piece at work, and starts no other.
    """

    def __init__(self, con: Connection) -> None:
        self._con = con.cursor()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="aside")
        self._begun: list[Future[Any]] = []

    def start(self, work: Callable[..., Any], *given: Any, **options: Any) -> None:
        """Have `work(session, *given, **options)` done when what was started before it is."""
        self._begun.append(self._pool.submit(work, self._con, *given, **options))

    def finish(self) -> None:
        """Wait for all that was started. Raises the first error; what was started after it is not waited for."""
        while self._begun:
            self._begun.pop(0).result()

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self.finish()
        finally:
            if self._begun:
                self._con.interrupt()
            self._pool.shutdown(cancel_futures=True)
            self._con.close()
