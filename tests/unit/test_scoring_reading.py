"""A stranger's file is read as it was meant, or refused in words: its signs, its last line, its numbers, its dates."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from wsd_pipeline.linkage.scoring.cleaning import birth_parts, compact_numbers, sex_code
from wsd_pipeline.linkage.scoring.mapping import pair_map
from wsd_pipeline.linkage.scoring.reading import read_columns
from wsd_pipeline.messages import Stop

MEANT = [("1", "A, B"), ("2", None)]


def read(path: Path, content: bytes) -> list[tuple[str | None, ...]]:
    path.write_bytes(content)
    return read_columns(path, ("id", "n")).rows()


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""], ids=["lf", "crlf", "none"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
def test_what_separates_and_ends_is_found(tmp_path: Path, sign: str, end: str, start: bytes) -> None:
    lines = [f"x{sign}id{sign}n", f'0{sign}1{sign}"A, B"', f"0{sign}2{sign}"]
    text = (end or "\n").join(lines) + end
    assert read(tmp_path / "a.csv", start + text.encode()) == MEANT


def test_a_sign_in_a_header_of_commas_is_no_separator(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b'"x;y|z",id,n\n0,1,"A, B"\n0,2,\n') == MEANT


def test_a_sign_by_which_only_some_columns_are_there_is_not_taken(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b'n,y;id;n\n0;1;"A, B"\n0;2;\n') == MEANT


def test_a_mark_of_utf8_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", b'\xef\xbb\xbfid,n\n1,"A, B"\n2,\n') == MEANT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id,n,n\n1,A,B\n", "a column is named twice"),
        (b"id,n\n1,A\n2", "it is cut off in its last line"),
        (b"id,n\r1,A\r2,B\r", "its rows do not fit its header"),
        (b"id,n\n1,A\n2,B,C\n", "its rows do not fit its header"),
        (b"id,n\n1,\xff\xfe\n", "it is not UTF-8"),
        ("id,n\n1,A\n".encode("utf-16"), "it is not UTF-8"),
        (b"", "it is empty"),
        (b'id,"' + b"n" * 200_000 + b'"\n1,A\n', "its rows do not fit its header"),
    ],
    ids=["twice", "cut_off", "old_mac", "ragged", "not_utf8", "utf16", "empty", "endless"],
)
def test_files_that_are_not_whole_are_refused_in_words(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(Stop) as stop:
        read(tmp_path / "a.csv", content)
    assert (stop.value.code, stop.value.facts) == ("WSD-234", {"file": "a.csv", "reason": reason})
    assert stop.value.__cause__ is None and stop.value.__suppress_context__


def test_a_file_that_is_not_there_and_one_without_a_column(tmp_path: Path) -> None:
    for name in ("none.csv", "none.parquet"):
        with pytest.raises(Stop, match="it is not there"):
            read_columns(tmp_path / name, ("id",))
    with pytest.raises(Stop, match="WSD-231"):
        read(tmp_path / "a.csv", b"id\n1\n")
    (tmp_path / "a.parquet").write_bytes(b"id,n\n1,A\n")
    with pytest.raises(Stop, match="it is no Parquet file"):
        read_columns(tmp_path / "a.parquet", ("id",))


def test_what_parquet_holds_is_read_as_it_would_be_written(tmp_path: Path) -> None:
    held = {
        "number": [9990000018.0, None, float("nan")],
        "share": [1.5, 2.0, None],
        "endless": [float("inf"), 1.0, 2.0],
        "born": [date(1980, 2, 1), None, date(2001, 12, 31)],
        "at": [datetime(1980, 2, 1, 9), None, datetime(2001, 12, 31)],
        "text": ["", "x", None],
    }
    pl.DataFrame(held).write_parquet(tmp_path / "a.parquet")
    found = read_columns(tmp_path / "a.parquet", tuple(held)).to_dict(as_series=False)
    assert found["number"] == ["9990000018", None, None]
    assert found["share"] == ["1.5", "2.0", None]
    assert found["endless"] == ["inf", "1.0", "2.0"]
    assert found["born"] == ["1980-02-01", None, "2001-12-31"]
    assert [None if v is None else v[:10] for v in found["at"]] == found["born"]
    assert found["text"] == [None, "x", None]


def test_identifiers_and_sexes_are_what_they_were_written_for() -> None:
    written = pl.Series(["9990000018.0", "9990000018", "999 000 0018", "1.05", None])
    assert compact_numbers(written).to_list() == ["9990000018"] * 3 + ["105", None]
    assert pl.DataFrame({"s": [" M", "f", "2 ", "x", None]}).select(code=sex_code(pl.col("s")))["code"].to_list() == [
        1, 2, 2, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("%Y-%m-%d", "1980-02-01"),
        ("%Y-%m-%d", " 1980-02-01 00:00:00"),
        ("%Y%m%d", "19800201"),
        ("%d/%m/%Y", "1/2/1980"),
        ("%d-%b-%Y", "01-FEB-1980"),
        ("%d %B %Y", "1 february 1980"),
        ("%b %d, %Y", "Feb 1, 1980"),
    ],
)
def test_a_date_is_read_by_its_format(form: str, written: str) -> None:
    found = birth_parts(pl.Series([written, None]), (form,))
    assert found.rows() == [("1980", "02", "01"), (None, None, None)]


def test_a_month_that_is_none_and_a_placeholder_are_not_known() -> None:
    found = birth_parts(
        pl.Series(["01-Foo-1980", "01-Jan-1900", "02-Jan-1900", "1980-02-01"]), ("%d-%b-%Y", "%Y-%m-%d")
    )
    assert found.rows() == [(None, None, None)] * 2 + [("1900", "01", "02"), ("1980", "02", "01")]


@pytest.mark.parametrize("form", ["%d/%m/%y", "%Y-%m", "%Y-%m-%d %H", "%Y-%b-%m-%d", "day", "%Y%"])
def test_a_format_that_is_none_of_ours_is_refused(form: str) -> None:
    with pytest.raises(Stop, match="birth_date_formats"):
        pair_map({"unique_id": "id", "birth_date_formats": ["%Y-%m-%d", form]})
