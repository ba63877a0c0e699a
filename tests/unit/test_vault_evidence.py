"""What values look like: kinds, and above all whether dates are day first, month first, or cannot be told."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.vault import normalise
from wsd_pipeline.vault.evidence import (
    KINDS,
    SAMPLE_ROWS,
    Shape,
    date_formats,
    evidence,
    kind_of_values,
    shapes_of,
    timestamp_formats,
)

BOTH_WAYS, ONLY_DAY, ONLY_MONTH = (
    ["01/02/2025", "03/04/2025"],
    ["17/05/1980", "01/02/2025"],
    ["05/17/1980", "01/02/2025"],
)


def shapes(*columns: list[str | None]) -> list[Shape]:
    rows = max(len(column) for column in columns)
    padded = {f"column_{i}": pa.array([*c, *[None] * (rows - len(c))], pa.string()) for i, c in enumerate(columns)}
    with duckdb.connect() as con:
        normalise.define(con)
        con.register("given", pa.table({"row_number": range(1, rows + 1), **padded}))
        con.execute("create temp table sample as select * from given")
        return shapes_of(con, "sample", list(padded))


ORDERS = {
    "one column decides": ([BOTH_WAYS, ONLY_DAY], ["%d/%m/%Y"], False),
    "month first": ([BOTH_WAYS, ONLY_MONTH], ["%m/%d/%Y"], False),
    "none decides": ([BOTH_WAYS], ["%d/%m/%Y"], True),
    "two say different things": ([ONLY_DAY * 6, ONLY_MONTH * 6], ["%d/%m/%Y"], True),
    "no order to tell": ([["2025-01-02"], ["17-May-1980"]], ["%Y-%m-%d", "%d-%b-%Y"], False),
    "no dates": ([["a"], ["1"]], [], False),
}


@pytest.mark.parametrize("case", ORDERS)
def test_the_order_of_day_and_month_is_told_or_left_open(case: str) -> None:
    columns, formats, is_open = ORDERS[case]
    assert date_formats(shapes(*columns)) == (formats, is_open)


def test_one_column_of_both_orders_reads_in_neither() -> None:
    (mixed,) = shapes(["17/05/1980", "05/17/1980"] * 5)
    assert mixed.date_rate < 0.9 and date_formats([mixed]) == ([], False)


def test_times_go_with_the_order_of_the_dates() -> None:
    found = shapes(["01/02/2025 10:30"] * 3)
    assert timestamp_formats(found, month_first=False) == ["%d/%m/%Y %H:%M"]
    assert timestamp_formats(found, month_first=True) == ["%m/%d/%Y %H:%M"]


LOOKS = {
    "empty": [None, None],
    "NHS number": ["9990000018", "999 000 0026"],
    "NHS number, zeros lost": ["123456703", "9990000018", "9990000026", "9990000034"],
    "postcode": ["E1 4AA", "e20bb"],
    "telephone": ["07700900123", "020 7946 0123"],
    "date": ["17/05/1980", "01/02/2025"],
    "time": ["2025-01-02 10:00:00", "2025-01-02 11:00:00"],
    "yes or no": ["Y", "N"] * 5,
    "code": ["A", "B", "C"] * 5,
    "whole number": [str(n) for n in range(100, 200)],
    "number": [f"{n}.5" for n in range(100, 200)],
    "text": [f"{chr(97 + n % 26)}{n} and more" for n in range(100)],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_look(kind: str) -> None:
    (found,) = shapes(LOOKS[kind])
    assert kind_of_values(found) == kind


def test_only_the_first_rows_are_looked_at() -> None:
    (found,) = shapes([*["a"] * SAMPLE_ROWS, *["b"] * 10])
    assert (found.rows, found.distinct) == (SAMPLE_ROWS, 1)


def test_values_speak_for_the_column_they_fit_and_against_others() -> None:
    feed = table("landed.gp__registrations")
    assert isinstance(feed, LandedTable)
    numbers, dates, phones, sexes = shapes(
        ["9990000018", "9990000026"], ["17/05/1980", "01/02/2025"], ["07700900123", "07700900124"], ["1", "2", "1", "9"]
    )
    of = {
        name: feed.column(name) for name in ("nhs_number", "birth_date", "uprn", "sex", "surname", "local_patient_id")
    }
    assert evidence(numbers, of["nhs_number"]) == 1 and evidence(dates, of["nhs_number"]) == -1
    assert evidence(dates, of["birth_date"]) == 1 and evidence(numbers, of["birth_date"]) == -1
    assert evidence(phones, of["uprn"]) == -1, "a telephone number has eleven digits too"
    assert evidence(sexes, of["sex"]) > 0 > evidence(dates, of["sex"])
    assert evidence(dates, of["surname"]) < 0 and evidence(dates, of["local_patient_id"]) < 0
