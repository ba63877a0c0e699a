"""Numbers and codes that stand for others: merged, closed, succeeded, and those that are nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.vault_files import empty_project
from wsd_pipeline.vault import normalise, practices, supersessions
from wsd_pipeline.vault.keys import load
from wsd_pipeline.vault.tokens import reference_digest

A, B, C, D, E = "9990000018", "9990000026", "9990000034", "9990000042", "9990000050"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    normalise.define(con)
    yield con
    con.close()


def listed(con: duckdb.DuckDBPyConnection, *rows: tuple[str, str, str]) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """What becomes of the list (old, new, reason): merges followed, and closed pairs."""
    con.execute("create or replace temp table list (old_nhs_number varchar, new_nhs_number varchar, reason varchar)")
    con.executemany("insert into list values (?, ?, ?)", [list(row) for row in rows])
    supersessions.load(con, "list")
    merged = dict(con.execute("select * from supersessions").fetchall())
    return merged, set(con.execute("select * from closed_numbers").fetchall())


def test_merges_are_followed_to_their_end(con: duckdb.DuckDBPyConnection) -> None:
    assert listed(con, (A, B, "merged"), (B, C, "merged")) == ({A: C, B: C}, set())


def test_a_circle_and_two_ends_are_left_alone(con: duckdb.DuckDBPyConnection) -> None:
    assert listed(con, (A, B, "merged"), (B, A, "merged"), (C, D, "merged"), (C, E, "merged")) == ({}, set())


def test_closed_numbers_are_pairs_and_never_followed(con: duckdb.DuckDBPyConnection) -> None:
    merged, closed = listed(con, (A, B, "adoption"), (C, D, "gender_recognition"), (E, "", "adoption"))
    assert merged == {}
    assert closed == {(A, B), (C, D)}


def test_a_closed_number_stays_a_side_when_either_is_merged(con: duckdb.DuckDBPyConnection) -> None:
    merged, closed = listed(con, (A, B, "adoption"), (B, C, "merged"), (D, A, "merged"))
    assert merged == {B: C, D: A}
    assert closed == {(A, C)}


def test_a_merge_that_would_rejoin_the_two_sides_is_not_followed(con: duckdb.DuckDBPyConnection) -> None:
    merged, closed = listed(con, (A, B, "gender_recognition"), (B, C, "merged"), (A, C, "merged"))
    assert merged == {}
    assert closed == {(A, B)}


def test_closed_pairs_go_as_tokens_alone(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    keys = load(empty_project(tmp_path / "data"))
    listed(con, (A, B, "adoption"))
    supersessions.tokenise_closed(con, keys)
    token = {n: int(reference_digest(keys.link("nhs"), n)[:16], 16) for n in (A, B)}
    assert con.execute("select * from closures").fetchall() == [(token[A], token[B])]


def standing(con: duckdb.DuckDBPyConnection, month: str, *codes: str) -> list[str | None]:
    practices.load(con, month)
    con.execute("create or replace temp table people as select practice_of(unnest(?)) as practice", [list(codes)])
    practices.settle(con)
    return [row[0] for row in con.execute("select practice from people order by rowid").fetchall()]


def test_a_practice_that_closed_is_its_successor_from_the_day_after(con: duckdb.DuckDBPyConnection) -> None:
    assert standing(con, "2022-09", "F84682", "F84039") == ["F84682", "F84039"]
    assert standing(con, "2022-10", "F84682") == ["F84682"]
    assert standing(con, "2022-11", "F84682", "F84039") == ["F84039", "F84039"]


def test_a_list_that_was_dispersed_is_nowhere(con: duckdb.DuckDBPyConnection) -> None:
    assert standing(con, "2026-01", "F84702") == [None]


def test_defaults_and_other_prescribers_are_no_practice(con: duckdb.DuckDBPyConnection) -> None:
    assert standing(con, "2026-01", "V81997", "V81998", "V81999", "Y06470", "Y03023") == [None] * 4 + ["Y03023"]
