"""Work beside the month's session: in order, over the same tables, and never lost when it fails."""

from __future__ import annotations

import threading

import duckdb
import pytest

from wsd_pipeline.linkage.aside import Aside


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("create table made (piece integer)")
    return made


def add(con: duckdb.DuckDBPyConnection, piece: int) -> None:
    con.execute("insert into made values (?)", [piece])


def fail(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("select error('aside')")


def pieces(con: duckdb.DuckDBPyConnection) -> list[int]:
    return [row[0] for row in con.execute("select piece from made").fetchall()]


def test_what_was_started_is_done_in_order_over_the_sessions_own_tables(con: duckdb.DuckDBPyConnection) -> None:
    with Aside(con) as aside:
        for piece in range(20):
            aside.start(add, piece)
        aside.finish()
        assert pieces(con) == list(range(20))
        aside.start(add, piece=20)
    assert pieces(con) == list(range(21))


def test_it_is_done_while_the_session_goes_on(con: duckdb.DuckDBPyConnection) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(con: duckdb.DuckDBPyConnection) -> None:
        begun.set()
        assert go_on.wait(10)
        add(con, 1)

    with Aside(con) as aside:
        aside.start(wait)
        assert begun.wait(10)
        add(con, 0)
        go_on.set()
    assert pieces(con) == [0, 1]


def test_what_fails_is_raised_when_it_is_waited_for(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error, match="aside"), Aside(con) as aside:
        aside.start(fail)
        aside.finish()


def test_what_fails_is_raised_on_leaving_at_the_latest(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error, match="aside"), Aside(con) as aside:
        aside.start(add, 0)
        aside.start(fail)
    assert pieces(con) == [0]


def test_after_an_error_of_the_session_nothing_more_is_begun(con: duckdb.DuckDBPyConnection) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(con: duckdb.DuckDBPyConnection) -> None:
        begun.set()
        assert go_on.wait(10)

    with pytest.raises(ValueError, match="session"), Aside(con) as aside:
        aside.start(wait)
        aside.start(add, 1)
        assert begun.wait(10)
        threading.Timer(0.1, go_on.set).start()
        raise ValueError("session")
    assert pieces(con) == []
    assert not [t for t in threading.enumerate() if t.name.startswith("aside")]


def test_what_is_asked_of_the_tables_is_broken_off_by_an_error_of_the_session(con: duckdb.DuckDBPyConnection) -> None:
    begun = threading.Event()

    def for_ever(con: duckdb.DuckDBPyConnection) -> None:
        begun.set()
        con.execute("select count(*) from range(100000000000) as a, range(100000000) as b where a.range != b.range")

    with pytest.raises(ValueError, match="session"), Aside(con) as aside:
        aside.start(for_ever)
        assert begun.wait(10)
        threading.Event().wait(0.2)
        raise ValueError("session")
