"""Workbooks and Parquet: values only, one plain table; what cannot be told apart from damage is refused by name."""

from __future__ import annotations

import datetime as dt
import decimal
import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.workbooks import DATE_STYLE, book, formula, number, one_sheet, sheet, text
from wsd_pipeline.vault.faults import Fault
from wsd_pipeline.vault.kinds import Kind, kind_of
from wsd_pipeline.vault.reader import parquet_cells
from wsd_pipeline.vault.receive import read_cells
from wsd_pipeline.vault.workbook import cells_of

HEADER = ["id", "day", "n"]
ENTITIES = b'<!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>'


def rows(data: bytes, name: str | None = None, header_row: int = 1) -> list[dict[str, str | None]]:
    return cells_of(data, name, header_row).to_pylist()


def test_cells_are_read_as_the_text_a_supplier_would_have_written() -> None:
    first = [number("A2", "9990000018"), number("B2", 29358, DATE_STYLE), number("C2", "1.50")]
    second = ["007", text("B3", "17/05/1980"), '<c r="C3" t="b"><v>1</v></c>']
    third = [number("A4", 1), number("B4", "29358.75", DATE_STYLE), '<c r="C4" t="e"><v>#REF!</v></c>']
    assert rows(one_sheet([HEADER, first, second, third])) == [
        {"id": "9990000018", "day": "1980-05-17", "n": "1.5"},
        {"id": "007", "day": "17/05/1980", "n": "true"},
        {"id": "1", "day": "1980-05-17 18:00:00", "n": None},
    ]


def test_a_formula_is_what_it_last_came_to() -> None:
    assert rows(one_sheet([HEADER, ["a", formula("B2", "1+1", "2"), "x"]]))[0]["day"] == "2"


def test_blank_rows_and_columns_are_left_out() -> None:
    found = rows(one_sheet([[*HEADER, "", ""], ["a", "b", "c"], ["", "", ""], ["d", "", "f"], ["", "", ""]]))
    assert found == [{"id": "a", "day": "b", "n": "c"}, {"id": "d", "day": None, "n": "f"}]


def test_a_header_under_titles_is_found_or_named() -> None:
    data = one_sheet([["Tenancies, October"], ["", ""], HEADER, ["a", "b", "c"]])
    assert rows(data, header_row=3) == rows(data, header_row=0) == [{"id": "a", "day": "b", "n": "c"}]


def test_the_one_visible_sheet_is_read_or_the_one_named() -> None:
    sheets = {"Notes": sheet([["secret"], ["x"]]), "Data": sheet([HEADER, ["a", "b", "c"]])}
    assert rows(book(sheets, hidden=["Notes"]))[0]["id"] == "a"
    assert rows(book(sheets), "Data")[0]["id"] == "a"


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "several sheets": (lambda: book({"A": sheet([HEADER]), "B": sheet([HEADER])}), "several sheets"),
    "every sheet hidden": (lambda: book({"A": sheet([HEADER])}, hidden=["A"]), "no such sheet"),
    "merged cells": (
        lambda: one_sheet([HEADER, ["a", "b", "c"]], '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'),
        "merged cells",
    ),
    "a formula never computed": (
        lambda: one_sheet([HEADER, ["a", formula("B2", "1+1", None), "c"]]),
        "formula without value",
    ),
    "a number too long": (
        lambda: one_sheet([HEADER, [number("A2", "1.23456789012345E+17"), "b", "c"]]),
        "numbers too long",
    ),
    "a long number written out": (
        lambda: one_sheet([HEADER, [number("A2", "12345678901234567"), "b", "c"]]),
        "numbers too long",
    ),
    "dates from 1904": (
        lambda: one_sheet([HEADER, ["a", "b", "c"]], settings='<workbookPr date1904="1"/>'),
        "dates from 1904",
    ),
    "a column without header": (lambda: one_sheet([["id", "", "n"], ["a", "b", "c"]]), "blank header"),
    "macros": (lambda: one_sheet([HEADER], more={"xl/vbaProject.bin": b"x"}), "macros"),
    "nothing": (lambda: one_sheet([]), "empty"),
    "a part missing": (lambda: one_sheet([HEADER], replaced={"xl/workbook.xml": b"<workbook/>"}), "no such sheet"),
    "no XML": (lambda: one_sheet([HEADER], replaced={"xl/workbook.xml": b"<workbook"}), "structure"),
    "entities": (
        lambda: one_sheet([HEADER], replaced={"xl/workbook.xml": ENTITIES}),
        "structure",
    ),
    "a cell far away": (lambda: one_sheet([HEADER, [text("XFD1048576", "x")]]), "too many columns"),
    "an archive": (lambda: b"PK\x03\x04" + b"\0" * 100, "structure"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_sheet_that_is_no_plain_table_is_refused(case: str) -> None:
    make, reason = BAD[case]
    with pytest.raises(Fault) as caught:
        cells_of(make(), None, 1)
    assert caught.value.reason == reason


def test_text_numbers_may_be_as_long_as_they_are() -> None:
    assert rows(one_sheet([HEADER, ["123456789012345678", "b", "c"]]))[0]["id"] == "123456789012345678"


def test_merged_titles_above_the_header_are_no_matter() -> None:
    data = one_sheet([["Title", ""], HEADER, ["a", "b", "c"]], '<mergeCells><mergeCell ref="A1:C1"/></mergeCells>')
    assert rows(data, header_row=2)[0]["id"] == "a"


KINDS = {
    "text": (b"a,b\n", ".csv", Kind.TEXT),
    "workbook": (b"PK\x03\x04", ".xlsx", Kind.WORKBOOK),
    "Parquet": (b"PAR1", ".PARQUET", Kind.PARQUET),
}
NOT_KINDS = {
    "macro workbook": (b"PK\x03\x04", ".xlsm", "another kind of file"),
    "workbook called text": (b"PK\x03\x04", ".csv", "another kind of file"),
    "text called a workbook": (b"a,b\n", ".xlsx", "another kind of file"),
    "old or encrypted": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xlsx", "an old or encrypted workbook"),
    "archive": (b"\x1f\x8b\x08", ".csv", "an archive"),
    "web page": (b"\xef\xbb\xbf\n <!DOCTYPE html><html>", ".csv", "a web page"),
}


@pytest.mark.parametrize("case", KINDS)
def test_a_file_is_what_its_bytes_say(case: str) -> None:
    data, suffix, kind = KINDS[case]
    assert kind_of(data, suffix) is kind


@pytest.mark.parametrize("case", NOT_KINDS)
def test_a_file_that_is_not_what_its_name_says_is_refused(case: str) -> None:
    data, suffix, reason = NOT_KINDS[case]
    with pytest.raises(Fault) as caught:
        kind_of(data, suffix)
    assert caught.value.reason == reason


def parquet(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def test_parquet_of_any_plain_type_is_read_as_text() -> None:
    table = pa.table({
        "whole": pa.array([9990000018, None]), "float": pa.array([9990000018.0, 2.0]), "half": pa.array([1.5, 2.0]),
        "day": pa.array([dt.date(1980, 5, 17), None]), "time": pa.array([dt.datetime(2026, 1, 2, 3, 4, 5, 6), None]),
        "flag": pa.array([True, False]), "gbp": pa.array([decimal.Decimal("1.50"), None]),
        "code": pa.array(["x", "y"]).dictionary_encode(),
    })  # fmt: skip
    assert parquet_cells(parquet(table)).to_pylist() == [
        {"whole": "9990000018", "float": "9990000018", "half": "1.5", "day": "1980-05-17",
         "time": "2026-01-02 03:04:05", "flag": "true", "gbp": "1.50", "code": "x"},
        {"whole": None, "float": "2", "half": "2", "day": None, "time": None,
         "flag": "false", "gbp": None, "code": "y"},
    ]  # fmt: skip


BAD_PARQUET = {
    "nested": (lambda: parquet(pa.table({"a": [[1], [2]]})), "nested columns"),
    "structs": (lambda: parquet(pa.table({"a": [{"b": 1}]})), "nested columns"),
    "binary": (lambda: parquet(pa.table({"a": [b"x"]})), "binary columns"),
    "cut": (lambda: parquet(pa.table({"a": [1]}))[:-20], "structure"),
    "footer of another length": (lambda: parquet(pa.table({"a": [1]}))[:-8] + b"\xff\xff\xff\x7fPAR1", "structure"),
    "encrypted footer": (lambda: parquet(pa.table({"a": [1]}))[:-4] + b"PARE", "encrypted"),
}


@pytest.mark.parametrize("case", BAD_PARQUET)
def test_parquet_that_is_no_plain_table_is_refused(case: str) -> None:
    make, reason = BAD_PARQUET[case]
    with pytest.raises(Fault) as caught:
        parquet_cells(make())
    assert caught.value.reason == reason


def test_another_process_reads_and_what_it_refuses_comes_back_by_name(tmp_path: Path) -> None:
    cells = read_cells(one_sheet([["title"], HEADER, ["a", "b", "c"]]), Kind.WORKBOOK, None, 0, tmp_path)
    assert (cells.headers, cells.rows, cells.header_row) == (tuple(HEADER), 1, 2)
    with pytest.raises(Fault) as caught:
        read_cells(one_sheet([HEADER], more={"xl/vbaProject.bin": b"x"}), Kind.WORKBOOK, None, 1, tmp_path)
    assert caught.value.reason == "macros"
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_dies_is_a_refusal_not_a_fall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wsd_pipeline.vault import receive

    monkeypatch.setattr(receive, "_reader", lambda *_: -6)
    with pytest.raises(Fault) as caught:
        read_cells(one_sheet([HEADER]), Kind.WORKBOOK, None, 1, tmp_path)
    assert caught.value.reason == "reader stopped"
