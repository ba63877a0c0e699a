"""The step `month` over files that are no plain CSV: a workbook, Parquet, a split file, a file with a mapping."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.vault_files import MONTH, empty_project, put, put_manifest, rows_of
from tests.workbooks import one_sheet
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import __main__ as child
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.report import Report, encode

pytestmark = pytest.mark.slow

FEED = "housing__tenancies"
KEY = f"landed.{FEED}"
STEM = f"{FEED}_ORG_{MONTH}_202602010900"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = empty_project(tmp_path / "data", feeds=(FEED,))
    (made.inbox / FEED).mkdir()
    return made


def contract() -> LandedTable:
    feed = table(KEY)
    assert isinstance(feed, LandedTable)
    return feed


def grid(**values: str) -> list[list[str]]:
    """Header and rows of the five tenants."""
    feed = contract()
    names = [c.name for c in feed.landed_columns]
    rows = [[({**row, **values}).get(name, "") for name in names] for row in rows_of(FEED)]
    return [[c.source_header for c in feed.landed_columns], *rows]


def lines(cells: list[list[str]], delimiter: str = "|") -> bytes:
    return "".join(delimiter.join(row) + "\n" for row in cells).encode("cp1252")


def parquet(cells: list[list[str]]) -> bytes:
    header, *rows = cells
    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[i] or None for row in rows] for i, name in enumerate(header)}), out)
    return out.getvalue()


def run(project: Project, month: str = MONTH) -> Report:
    return decode(encode(child.run("month", project.root, month)), project, month)


def stop(project: Project) -> Stop:
    report = run(project)
    assert report.tables == {}
    (found,) = report.stops
    return found


def pseudo(project: Project, report: Report) -> list[tuple[object, ...]]:
    import duckdb

    path = project.lake / "_staging" / f"vault.{MONTH}.{report.key}" / f"pseudo.{FEED}.parquet"
    return duckdb.sql(f"select * from read_parquet('{path}')").fetchall()


def test_text_workbook_and_parquet_of_the_same_rows_come_to_the_same(project: Project) -> None:
    made = []
    for suffix, data in ((".csv", lines(grid())), (".xlsx", one_sheet(grid())), (".parquet", parquet(grid()))):
        path = project.inbox / FEED / (STEM + suffix)
        path.write_bytes(data)
        manifest = {"row_count": 5, "sha256": hashlib.sha256(data).hexdigest(), "feed": FEED}
        path.with_suffix(".manifest.json").write_text(json.dumps(manifest))
        report = run(project)
        assert report.stops == () and report.tables[KEY].rows == 5
        made.append(pseudo(project, report))
        path.unlink()
    assert made[0] == made[1] == made[2]


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_a_manifest_holds_for_every_kind_of_file(project: Project, suffix: str) -> None:
    data = one_sheet(grid()) if suffix == ".xlsx" else parquet(grid())
    path = project.inbox / FEED / (STEM + suffix)
    path.write_bytes(data)
    put_manifest(path, row_count=6)
    found = stop(project)
    assert (found.code, found.facts["found"], found.facts["expected"]) == ("WSD-113", 5, 6)
    put_manifest(path, row_count=5, sha256="0" * 64)
    assert stop(project).code == "WSD-114"


def test_of_files_of_several_kinds_the_latest_is_the_months(project: Project) -> None:
    put(project, FEED, lines(grid()))
    (project.inbox / FEED / f"{FEED}_ORG_{MONTH}_202602020900.xlsx").write_bytes(one_sheet(grid()[:3]))
    assert run(project).tables[KEY].rows == 2


# ---- split files


def parts(project: Project, who: bytes | None, what: bytes | None, stamp: str = "202602030900") -> None:
    for part, data in (("identity", who), ("payload", what)):
        if data is not None:
            (project.inbox / FEED / f"{FEED}.{part}_ORG_{MONTH}_{stamp}.csv").write_bytes(data)


def halves() -> tuple[list[list[str]], list[list[str]]]:
    """The rows as two files: names, births and places in one, the rest in the other, each with its row key."""
    cells = grid()
    mine = [j for j, c in enumerate(contract().landed_columns) if c.identity is not None]
    rest = [j for j in range(len(cells[0])) if j not in mine]
    who = [["row_key" if i == 0 else f"k{i}", *(row[j] for j in mine)] for i, row in enumerate(cells)]
    what = [["row_key" if i == 0 else f"k{i}", *(row[j] for j in rest)] for i, row in enumerate(cells)]
    return who, what


def test_a_split_file_comes_to_what_one_file_does(project: Project) -> None:
    put(project, FEED, lines(grid()))
    whole = pseudo(project, run(project))
    who, what = halves()
    parts(project, lines([who[0], *reversed(who[1:])]), lines(what))
    report = run(project)
    assert report.stops == () and report.tables[KEY].rows == 5
    assert pseudo(project, report) == whole


def test_a_part_alone_stops_by_name(project: Project) -> None:
    who, what = halves()
    parts(project, lines(who), None)
    found = stop(project)
    assert (found.code, found.facts["reason"]) == ("WSD-116", "payload")
    parts(project, None, lines(what))
    assert run(project).stops == ()
    for path in (project.inbox / FEED).glob("*identity*"):
        path.unlink()
    assert stop(project).facts["reason"] == "identity"


def test_too_many_rows_without_a_partner_stop_the_file(project: Project) -> None:
    who, what = halves()
    parts(project, lines(who[:3]), lines(what))
    found = stop(project)
    assert (found.code, found.facts["check"], found.facts["failed"]) == ("WSD-120", "partner", 3)
    assert list((project.vault / "quarantine" / FEED / MONTH).glob("*.parquet"))


def test_another_part_is_another_file(project: Project) -> None:
    who, what = halves()
    parts(project, lines(who), lines(what))
    key = run(project).tables[KEY].key
    who[-1][who[0].index("surname")] = "Another"
    parts(project, lines(who), None, "202602040900")
    assert run(project).tables[KEY].key != key


# ---- mappings


def mapping(project: Project, text: str) -> None:
    folder = project.root / "sources"
    folder.mkdir(exist_ok=True)
    (folder / f"{FEED}.yaml").write_text(text, encoding="utf-8")


def test_a_projects_mapping_is_read_with_the_file(project: Project) -> None:
    cells = grid()
    cells[0] = [f"Spalte {i}" for i in range(len(cells[0]))]
    names = [c.name for c in contract().landed_columns]
    columns = "".join(f'  {name}: "Spalte {i}"\n' for i, name in enumerate(names))
    mapping(project, f'file: {{delimiter: ";"}}\ncolumns:\n{columns}')
    put(project, FEED, lines(cells, ";"))
    report = run(project)
    assert report.stops == () and report.tables[KEY].rows == 5
    key = report.tables[KEY].key
    mapping(project, f'file: {{delimiter: ";", missing: ["none"]}}\ncolumns:\n{columns}')
    assert run(project).tables[KEY].key != key, "another mapping is another reading of the same file"


def test_a_changed_header_is_told_by_the_contracts_names(project: Project) -> None:
    mapping(project, "columns: {surname: Nachname}")
    put(project, FEED, lines(grid()))
    found = stop(project)
    assert (found.code, found.facts["missing"]) == ("WSD-112", ("surname",))


def test_what_is_expected_is_what_the_mapping_says(project: Project) -> None:
    mapping(project, 'file: {delimiter: ";", encoding: utf-8}')
    put(project, FEED, b"\0" + lines(grid(), ";"))
    assert "as UTF-8 text, fields separated by “;”" in stop(project).next_step


def test_a_mapping_that_cannot_be_used_stops_its_feed(project: Project) -> None:
    mapping(project, "not_supplied: {tenancy_ref: no}")
    put(project, FEED, lines(grid()))
    found = stop(project)
    assert (found.code, found.facts["column"]) == ("WSD-117", "tenancy_ref")


def test_month_first_dates_stop_the_file_whatever_the_limit(project: Project) -> None:
    cells = grid(tenancy_start_date="04/01/2019")
    for row in cells[1:3]:
        row[cells[0].index("start")] = "04/25/2019"
    put(project, FEED, lines(cells))
    found = stop(project)
    assert (found.code, found.facts["column"], found.facts["failed"]) == ("WSD-115", "tenancy_start_date", 2)


def test_the_manifest_may_name_the_part(project: Project) -> None:
    who, what = halves()
    parts(project, lines(who), lines(what))
    for path in (project.inbox / FEED).glob("*.csv"):
        put_manifest(path, feed=path.name.split("_ORG")[0])
    assert run(project).stops == ()
