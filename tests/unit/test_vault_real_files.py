"""Files as they really arrive: what spreadsheets do to values, mappings, split files, the order of day and month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Becomes, Identity, Landed, LandedTable, Privacy
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault import normalise
from wsd_pipeline.vault.date_order import stop_for_order, swapped
from wsd_pipeline.vault.land import Landing, land
from wsd_pipeline.vault.mapping import MAPPING_REASONS, Layout, Unusable, agreed_layout, mapped_layout
from wsd_pipeline.vault.preflight import check
from wsd_pipeline.vault.receive import Cells, Received, Split

MONTH = "2026-01"


def column(name: str, type: str = "VARCHAR", becomes: Becomes = Becomes.KEEP, **options: Any) -> Landed:
    return Landed(name=name, type=type, description="", privacy=Privacy.PAYLOAD, becomes=becomes, **options)


FEED = LandedTable(
    key="landed.test__rows", grain="row", description="", source="test", supplier="test", person_key=("id",),
    unique_key=("id",), file=FileFormat(date_formats=("%d/%m/%Y",)),
    columns=(
        column("id", becomes=Becomes.KEYED, required=True, header="ID"),
        column("nhs_number", becomes=Becomes.TOKEN, identity=Identity.NHS_NUMBER, unreadable_limit=1),
        column("day", "DATE"), column("at", "TIMESTAMP"),
        column("code", checks=(OneOf(values=("01", "02", "10", "12")),)), column("sex"), column("gbp", "DECIMAL(8,2)"),
    ),
)  # fmt: skip


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as session:
        session.execute("set async_threads = 0")
        normalise.define(session)
        yield session


def text(lines: str, layout: Layout | None = None) -> Received:
    layout = layout or agreed_layout(FEED)
    return check(lines.encode(layout.encodings[0]), FEED.key, layout, MONTH, header_row=layout.header_row)


def cells(*rows: dict[str, str | None]) -> Cells:
    names = [c.source_header for c in FEED.landed_columns]
    table = pa.table({n: pa.array([row.get(n) for row in rows], pa.string()) for n in names})
    return Cells(table=table, headers=tuple(names), rows=len(rows))


def one_column(name: str, *values: str) -> str:
    header = ",".join(c.source_header for c in FEED.landed_columns)
    place = [c.name for c in FEED.landed_columns].index(name)
    lines = [",".join([str(i), *[value if j == place else "" for j in range(1, 7)]]) for i, value in enumerate(values)]
    return "\n".join([header, *lines]) + "\n"


def read(con: duckdb.DuckDBPyConnection, name: str) -> list[Any]:
    return [v for (v,) in con.execute(f'select "{name}" from landed order by row_number').fetchall()]


def reasons(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [v for (v,) in con.execute("select reason from quarantine order by row_number, reason").fetchall()]


# ---- what spreadsheets do


def test_a_lost_zero_comes_back_to_a_number_only_if_its_check_digit_then_holds(con: duckdb.DuckDBPyConnection) -> None:
    land(con, FEED, text(one_column("nhs_number", "123456703", "123456700", "999000001", "9990000018")), MONTH)
    assert read(con, "nhs_number") == ["0123456703", "123456700", "999000001", "9990000018"]


def test_a_lost_zero_comes_back_to_a_code_that_is_on_its_list_only_with_it(con: duckdb.DuckDBPyConnection) -> None:
    land(con, FEED, text(one_column("code", "1", "2", "10", "12", "3", "01")), MONTH)
    assert read(con, "code") == ["01", "02", "10", "12", "3", "01"]


@pytest.mark.parametrize("shortened", ["9.99E+09", "1E+5", "1.2e+10"])
def test_a_shortened_number_is_no_reference(con: duckdb.DuckDBPyConnection, shortened: str) -> None:
    landing = land(con, FEED, text(one_column("nhs_number", shortened, "9990000018")), MONTH)
    assert read(con, "nhs_number") == [None, "9990000018"]
    assert landing.quarantined == 1 and reasons(con) == ["unreadable_reference"]


def test_a_spreadsheets_day_numbers_are_dates_where_they_are_agreed(con: duckdb.DuckDBPyConnection) -> None:
    days = ("29358", "46022", "9000", "1980", "12", "99999999")
    land(con, FEED, text(one_column("day", *days)), MONTH)
    assert read(con, "day") == [None] * 6
    layout = replace(agreed_layout(FEED), date_formats=("%d/%m/%Y", "excel"))
    land(con, FEED, text(one_column("day", *days, "17/05/1980")), MONTH, layout)
    assert read(con, "day") == [
        date(1980, 5, 17),
        date(2025, 12, 31),
        date(1924, 8, 21),
        None,
        None,
        None,
        date(1980, 5, 17),
    ]


def test_cells_bring_iso_dates_and_day_numbers_whatever_is_agreed(con: duckdb.DuckDBPyConnection) -> None:
    rows = [{"ID": "a", "day": "1980-05-17"}, {"ID": "b", "day": "29358"}, {"ID": "c", "day": "17/05/1980"}]
    land(con, FEED, cells(*rows), MONTH)
    assert read(con, "day") == [date(1980, 5, 17)] * 3


def test_missing_markers_in_cells_are_missing(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        {"ID": str(i), "sex": value} for i, value in enumerate((" N/K ", "NULL", ".", "-", "#N/A", "", None, " F "))
    ]
    land(con, FEED, cells(*rows), MONTH)
    assert read(con, "sex") == [None] * 7 + ["F"]


# ---- the order of day and month


def judged(con: duckdb.DuckDBPyConnection, *days: str, formats: tuple[str, ...] = ("%d/%m/%Y",)) -> Stop | None:
    layout = replace(agreed_layout(FEED), date_formats=formats)
    landing = land(con, FEED, text(one_column("day", *days)), MONTH, layout)
    return stop_for_order(con, FEED, layout, landing.checks, MONTH)


def test_a_file_month_first_is_told_from_one_of_slips(con: duckdb.DuckDBPyConnection) -> None:
    stop = judged(con, *["01/02/2025"] * 40, "05/17/2025", "12/31/2025")
    assert stop is not None
    assert (stop.code, stop.facts["column"], stop.facts["failed"]) == ("WSD-115", "day", 2)
    assert judged(con, *["01/02/2025"] * 40, "05/17/2025") is None, "one is a slip of the pen"
    assert judged(con, *["17/05/2025"] * 40, "99/99/2025", "31/02/2025") is None, "neither order reads them"


def test_a_file_day_first_is_told_where_month_first_was_agreed(con: duckdb.DuckDBPyConnection) -> None:
    stop = judged(con, *["02/01/2025"] * 9, "17/05/2025", "31/12/2025", formats=("%m/%d/%Y",))
    assert stop is not None and stop.code == "WSD-115"


def test_only_formats_with_an_order_have_another() -> None:
    assert swapped(["%d/%m/%Y", "%Y-%m-%d", "%d-%b-%Y", "excel"]) == ["%m/%d/%Y"]


# ---- split files


def split(con: duckdb.DuckDBPyConnection, who: str, what: str) -> Landing:
    return land(con, FEED, Split(identity=text(who), payload=text(what)), MONTH)


WHO = "row_key,ID,nhs_number\nk1,a,9990000018\nk2,b,9990000026\nk3,c,\n"
WHAT = "sex,row_key,day,at,code,gbp\nF,k3,01/01/2025,,01,1.50\nM,k1,,,02,\n"


def test_the_parts_of_a_split_file_are_joined_by_their_row_key(con: duckdb.DuckDBPyConnection) -> None:
    landing = split(con, WHO.replace("k2,b,9990000026\n", ""), WHAT)
    assert (landing.rows, landing.quarantined) == (2, 0)
    assert con.execute("select id, nhs_number, sex, gbp::varchar from landed order by row_number").fetchall() == [
        ("c", None, "F", "1.50"), ("a", "9990000018", "M", None),
    ]  # fmt: skip


def test_rows_without_one_partner_are_held_back_and_counted(con: duckdb.DuckDBPyConnection) -> None:
    landing = split(con, WHO + "k3,d,\n", WHAT + "M,k9,,,,\nM,,,,,\n")
    assert (landing.rows, landing.quarantined) == (1, 6)
    assert sorted(reasons(con)) == [
        "no_partner_identity", "no_partner_payload", "no_partner_payload",
        "row_key_not_single_identity", "row_key_not_single_identity", "row_key_not_single_payload",
    ]  # fmt: skip
    partner = next(c for c in landing.checks if c.check == "partner")
    assert (partner.failed, partner.checked, partner.passed) == (6, 8, False)


def test_a_part_without_row_key_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(Stop) as caught:
        split(con, WHO.replace("row_key", "key"), WHAT)
    assert (caught.value.code, caught.value.facts["missing"]) == ("WSD-112", ("row_key",))


# ---- mappings

MAPPING = """
feed: test__rows
file: {delimiter: tab, encoding: cp1252, date_formats: ["%d-%b-%Y", excel], header_row: 2, missing: ["n/a"]}
columns: {id: "Ref No.", day: "Start", sex: Gender}
values:
  sex: {Male: "1", female: "2", Y: yes}
constants: {code: "12"}
not_supplied: {nhs_number: held elsewhere, at: not kept, gbp: not kept}
"""


def test_a_mapping_says_how_a_file_is_read(con: duckdb.DuckDBPyConnection) -> None:
    layout = mapped_layout(FEED, MAPPING.encode())
    sent = (
        "a report’s title\nStart\tExtra\tRef No.\tGender\n17-May-1980\tx\ta\tMALE\n29358\tx\tb\tfemale\nn/a\tx\tc\tX\n"
    )
    landing = land(con, FEED, text(sent, layout), MONTH, layout)
    assert con.execute("select id, day, sex, code, nhs_number from landed order by row_number").fetchall() == [
        ("a", date(1980, 5, 17), "1", "12", None), ("b", date(1980, 5, 17), "2", "12", None),
        ("c", None, "X", "12", None),
    ]  # fmt: skip
    assert landing.quarantined == 0


def test_a_missing_header_of_a_mapping_is_told_by_the_contracts_name(con: duckdb.DuckDBPyConnection) -> None:
    layout = mapped_layout(FEED, MAPPING.encode())
    with pytest.raises(Stop) as caught:
        land(con, FEED, text("t\nStart\tRef No.\n1\t2\n", layout), MONTH, layout)
    assert caught.value.facts["missing"] == ("sex",)
    assert "Gender" not in caught.value.text()


UNUSABLE = {
    "it is not YAML": "a: [",
    "an entry it does not have": "rows: 3",
    "another feed": "feed: gp__registrations",
    "no such column": "columns: {surname: Surname}",
    "a required column is left out": "not_supplied: {id: no}",
    "a header is used twice": "columns: {sex: A, day: A}",
    "the delimiter": 'file: {delimiter: "x"}',
    "the encoding": "file: {encoding: utf-7}",
    "a date format": 'file: {date_formats: ["%q"]}',
    "the header row": "file: {header_row: 0}",
    "a list of values": "values: {sex: [M, F]}",
}


@pytest.mark.parametrize("reason", MAPPING_REASONS)
def test_a_mapping_that_cannot_be_used_says_why(reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        mapped_layout(FEED, UNUSABLE[reason].encode())
    assert caught.value.reason == reason


def test_quotes_in_a_mapping_stay_values(con: duckdb.DuckDBPyConnection) -> None:
    hostile = "x' end; drop table text; --"
    layout = replace(
        agreed_layout(FEED), values={"sex": {hostile: hostile}}, constants={"code": hostile}, missing=("", hostile)
    )
    layout = replace(layout, columns={k: v for k, v in layout.columns.items() if k != "code"})
    land(con, FEED, text(one_column("sex", "F")), MONTH, layout)
    assert con.execute("select sex, code from landed").fetchall() == [("F", hostile)]


# ---- encodings and delimiters

WRITTEN = {
    "tab": ("\t", "utf-8"), "semicolon": (";", "utf-8"), "pipe": ("|", "utf-8"), "Windows-1252": (",", "cp1252"),
    "UTF-16, agreed": (",", "utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
def test_every_agreed_delimiter_and_encoding_is_read(con: duckdb.DuckDBPyConnection, case: str) -> None:
    delimiter, encoding = WRITTEN[case]
    layout = replace(agreed_layout(FEED), delimiter=delimiter, encodings=(encoding,))
    sent = one_column("sex", "Zoë’s", '"a\r\nb"').replace(",", delimiter)
    land(con, FEED, text(sent, layout), MONTH, layout)
    assert read(con, "sex") == ["Zoë’s", "a\nb"]


def test_another_delimiter_is_told_as_such() -> None:
    with pytest.raises(Stop) as caught:
        text(one_column("sex", "F").replace(",", ";"))
    assert caught.value.facts["reason"] == "another delimiter"
