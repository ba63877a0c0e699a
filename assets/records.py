"""Dagster's own records, kept without starting anew for every line.

For each event Dagster 1.13 makes a new SQLAlchemy engine, compiles its statements again, opens the SQLite file, waits
for the disk and closes it, several times over: that cost more than most of our tables. While a run lasts, the engine of
each file is kept, and commits do not wait for the disk. After a power cut the last lines of Dagster's history may be
missing, but its files are whole (write-ahead log), and what was accepted does not depend on them. Should a later
Dagster arrange its storage otherwise, this does nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@contextmanager
def unhurried_records() -> Iterator[None]:
    """Keep the engines of Dagster's SQLite files in this process until the end."""
    from dagster._core.storage.event_log.sqlite import sqlite_event_log
    from dagster._core.storage.runs.sqlite import sqlite_run_storage

    modules = [m for m in (sqlite_event_log, sqlite_run_storage) if hasattr(m, "create_engine")]
    original = [m.create_engine for m in modules]
    kept: list[Callable[[], None]] = []

    @cache
    def engine_of(url: str) -> Any:
        import sqlalchemy as sa

        engine = sa.create_engine(url, connect_args={"timeout": 60})
        sa.event.listen(engine, "connect", lambda made, _: made.execute("pragma synchronous = normal"))
        kept.append(engine.dispose)
        engine.dispose = lambda *_, **__: None  # type: ignore[method-assign]
        return engine

    for module in modules:
        module.create_engine = lambda url, **_: engine_of(url)
    try:
        yield
    finally:
        for module, before in zip(modules, original, strict=True):
            module.create_engine = before
        for dispose in kept:
            dispose()
