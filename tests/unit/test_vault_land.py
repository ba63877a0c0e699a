"""Text first, then cast: what each kind of column reads, what it refuses, and which of repeated rows is kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Becomes, Landed, LandedTable, Privacy
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.vault.land import Landing, hold_back_uncoded, land
from wsd_pipeline.vault.preflight import check


def column(name: str, type: str = "VARCHAR", **options: Any) -> Landed:
    return Landed(
        name=name,
        type=type,
        description="",
        privacy=Privacy.PAYLOAD,
        becomes=Becomes.KEEP,
        unreadable_limit=1,
        **options,
    )


FEED = LandedTable(
    key="landed.test__rows", grain="row", description="", source="test", supplier="test", person_key=("id",),
    unique_key=("id", "part"), latest_by=("sent",), file=FileFormat(date_formats=("%d/%m/%Y", "%Y-%m-%d")),
    columns=(
        column("id", required=True, header="ID"), column("part"), column("day", "DATE"), column("sent", "TIMESTAMP"),
        column("n", "SMALLINT"), column("gbp", "DECIMAL(8,2)"), column("flag", "BOOLEAN"), column("text"),
    ),
)  # fmt: skip


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as session:
        session.execute("set async_threads = 0")
        yield session


def landed(con: duckdb.DuckDBPyConnection, *rows: dict[str, str]) -> Landing:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.source_header for c in FEED.landed_columns])
    writer.writerows([[{"id": str(i), **row}.get(c.name, "") for c in FEED.columns] for i, row in enumerate(rows)])
    return land(con, FEED, check(out.getvalue().encode(), FEED.key, FEED.file, "2026-01"), "2026-01")


def read(con: duckdb.DuckDBPyConnection, name: str) -> list[Any]:
    return [v for (v,) in con.execute(f'select "{name}" from landed order by row_number').fetchall()]


KINDS = {
    "day": {
        "31/12/2025": date(2025, 12, 31), "2025-12-31": date(2025, 12, 31), "31/02/2025": None, "12/31/2025": None,
        "46022": None, "1/2/20": None, "ZQX": None, "2025-12-31 10:00": None,
    },
    "sent": {"2026-01-20 10:00:00": datetime(2026, 1, 20, 10), "20/01/2026": datetime(2026, 1, 20), "soon": None},
    "n": {"7": 7, "-1": -1, "+3": 3, "2.0": 2, "1.5": None, "99999": None, "1e3": None, "0x10": None, "seven": None},
    "gbp": {"12.50": Decimal("12.50"), "7": Decimal(7), "1,000": None, "1e3": None, "£5": None, "nan": None},
    "flag": {"Y": True, "n": False, "TRUE": True, "0": False, "1": True, "no": False, "maybe": None},
    "text": {" padded ": "padded", "N/K": None, "NULL": None, " NULL": None, "\u00a0x\u00a0": "x",
        'a "b", c': 'a "b", c',
    },
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_values_are_read_or_quarantined(con: duckdb.DuckDBPyConnection, name: str) -> None:
    landing = landed(con, *({name: text} for text in KINDS[name]))
    assert read(con, name) == list(KINDS[name].values())
    refused = [text for text, value in KINDS[name].items() if value is None and name != "text"]
    kept = con.execute("select raw_value from quarantine order by row_number").fetchall()
    assert [v for (v,) in kept] == refused
    assert landing.quarantined == len(refused)


def test_unreadable_values_are_counted_among_those_given(con: duckdb.DuckDBPyConnection) -> None:
    checks = {(c.column, c.check): c for c in landed(con, {"n": "x"}, {"n": "1"}, {}).checks}
    assert (checks["n", "readable"].failed, checks["n", "readable"].checked) == (1, 2)
    assert (checks["id", "required"].failed, checks["id", "required"].checked) == (0, 3)


def test_a_row_without_a_required_value_is_held_back(con: duckdb.DuckDBPyConnection) -> None:
    landing = landed(con, {"id": ""}, {"id": "b"})
    assert (landing.rows, landing.quarantined) == (1, 1)
    assert read(con, "id") == ["b"]


def test_of_repeated_keys_the_latest_is_kept_then_the_last_in_the_file(con: duckdb.DuckDBPyConnection) -> None:
    early, late = "2026-01-01 00:00:00", "2026-01-02 00:00:00"
    rows = [
        {"id": "a", "sent": late, "text": "late"}, {"id": "a", "sent": early, "text": "early"},
        {"id": "b", "sent": "", "text": "none"}, {"id": "b", "sent": early, "text": "known"},
        {"id": "c", "text": "first"}, {"id": "c", "text": "last"},
        {"id": "d", "part": "", "text": "x"}, {"id": "d", "part": "1", "text": "y"},
    ]  # fmt: skip
    landing = landed(con, *rows)
    assert read(con, "text") == ["late", "known", "last", "x", "y"]
    assert landing.resubmitted == 3


def test_try_cast_over_the_reader_is_never_used(con: duckdb.DuckDBPyConnection) -> None:
    """DuckDB 2.0 raises, and prints the row, when a cast meets the CSV reader: text is kept first, then cast."""
    landed(con, {"n": "ZQX"})
    assert con.execute("select count(*) from typed").fetchall() == [(1,)]


def test_in_a_large_file_a_value_left_out_is_not_one_that_cannot_be_read(con: duckdb.DuckDBPyConnection) -> None:
    sent = ("2026-01-01 00:00:00", "2026-01-02 00:00:00", "")
    landing = landed(con, *({"id": str(i), "sent": sent[i % 3], "text": "x" * (i % 50)} for i in range(140_000)))
    assert landing.rows == 140_000 and not landing.quarantined
    assert [c.failed for c in landing.checks if c.column == "sent"] == [0]


def test_a_row_whose_required_code_is_none_is_held_back(con: duckdb.DuckDBPyConnection) -> None:
    closed = (OneOf(values=("a", "b"), limit=0.5),)
    part = column("part", required=True, checks=closed)
    rest = tuple(c for c in FEED.landed_columns if c.name not in ("part", "text"))
    feed = replace(FEED, columns=(*rest, part, column("text", checks=closed)))
    landed(con, *({"part": p, "text": t} for p, t in (("a", "a"), ("Zqxanna", "a"), ("b", "Zqxanna"))))
    assert hold_back_uncoded(con, feed) == 1
    assert read(con, "part") == ["a", "b"]
    assert con.execute("select * from quarantine").fetchall() == [(2, "part", "not_a_code", "Zqxanna")]
