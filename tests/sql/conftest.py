"""The drawing board of the SQL tests: tables in as text, the expected table as text, one model run between them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import duckdb
import pytest

from tests.drawing_board import drawing_board, engine_in
from wsd_pipeline import sql
from wsd_pipeline.build import models
from wsd_pipeline.contracts import table as contract
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.statements import gathered_models
from wsd_pipeline.steps import run_step

SNAPSHOT = date(2026, 1, 31)
Drawn = tuple[list[str], list[list[str]]]
Check = Callable[..., None]


def read_drawing(text: str) -> tuple[dict[str, Drawn], Drawn]:
    """The tables drawn before the line `=>`, and the one after it."""
    before, arrow, after = text.partition("=>")
    assert arrow, "draw the expected rows after a line with =>"
    tables: dict[str, Drawn] = {}
    name = ""
    for line in before.splitlines():
        if re.fullmatch(r"\s*(previous\.)?[a-z]+\.[a-z0-9_]+\s*", line):
            name = line.strip()
            assert name not in tables, f"{name} is drawn twice"
            tables[name] = ([], [])
        elif line.strip():
            _add(tables[name], line)
    expected: Drawn = ([], [])
    for line in after.splitlines():
        if line.strip():
            _add(expected, line)
    return tables, expected


def _add(drawn: Drawn, line: str) -> None:
    cells = [cell.strip() for cell in line.split("|")]
    header, rows = drawn
    if not header:
        header.extend(cells)
    else:
        assert len(cells) == len(header), f"a row has {len(cells)} cells under {len(header)} headings: {line}"
        rows.append(cells)


def as_uuid(label: str) -> str:
    """The UUID that a short name stands for; names sort as their UUIDs do."""
    return str(uuid.UUID(bytes=label.encode().ljust(16, b"\0")))


def as_label(value: str) -> str:
    """The short name back."""
    return uuid.UUID(value).bytes.rstrip(b"\0").decode()


def create(con, table: Table, drawn: Drawn, prefix: str = "") -> None:
    """The drawn rows as a table typed by its contract, undrawn columns null."""
    header, rows = drawn
    known = {c.name: c.type for c in table.columns}
    unknown = [h for h in header if h not in known]
    assert not unknown, f"{table.key} has no column {', '.join(unknown)}"
    assert len(set(header)) == len(header), f"{table.key}: a column is drawn twice"
    con.execute(f"create schema if not exists {prefix}{table.layer}")
    con.execute(f"create table {prefix}{table.key} ({', '.join(f'{n} {t}' for n, t in known.items())})")
    if rows:
        filled = [
            [
                None if cell == "" else as_uuid(cell) if known[h] == "UUID" else cell
                for h, cell in zip(header, row, strict=True)
            ]
            for row in rows
        ]
        con.executemany(
            f"insert into {prefix}{table.key} ({', '.join(header)}) values ({', '.join('?' * len(header))})", filled
        )


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The one DuckDB of all drawings."""
    with engine_in(tmp_path_factory.mktemp("spill")) as con:
        yield con


@pytest.fixture
def check(engine: duckdb.DuckDBPyConnection) -> Check:
    """Run a model over drawn tables and compare what it makes with what is drawn."""

    def run(key: str, drawing: str, snapshot: date = SNAPSHOT, known: Mapping[str, sql.Model] | None = None) -> None:
        model, table = (known or models())[key], contract(key)
        tables, (header, rows) = read_drawing(drawing)
        reads = {r for r in model.reads if not r.startswith("reference.")}
        references = {t for t in tables if t.startswith("reference.")}
        if key in gathered_models():  # it reads every feed there is: those not drawn are empty
            tables |= {r: ([], []) for r in reads - set(tables) if r.startswith("pseudo.")}
        tables |= {f"previous.{r}": ([], []) for r in model.previous if f"previous.{r}" not in tables}  # a first month
        before = {f"previous.{r}" for r in model.previous}
        assert set(tables) - references == reads | before, f"{key} reads {sorted(reads)}; drawn are {sorted(tables)}"
        assert references <= model.reads, f"{key} does not read {sorted(references - model.reads)}"
        kinds = {c.name: c.type for c in table.columns}
        assert set(header) <= set(kinds), f"{key} has no column {sorted(set(header) - set(kinds))}"
        with drawing_board(engine) as con:
            sql.attach_reference(con, sorted(r for r in model.reads if r.startswith("reference.") and r not in tables))
            for name, drawn in tables.items():
                create(con, contract(name.removeprefix("previous.")), drawn, "previous." if "previous." in name else "")
            given = {"snapshot_date": snapshot, "month": snapshot.strftime("%Y-%m")}
            con.execute(f"create table made as {model.text}", {p: given[p] for p in model.parameters} or None)
            run_step(con, key)
            columns = ", ".join(f"cast(cast({h} as {kinds[h]}) as varchar)" for h in header)
            made = [list(row) for row in con.execute(f"select {columns} from made").fetchall()]
        shown = [
            ["" if v is None else as_label(v) if kinds[h] == "UUID" else v for h, v in zip(header, row, strict=True)]
            for row in made
        ]
        assert sorted(shown) == sorted(rows), draw(header, sorted(shown), sorted(rows))

    return run


def draw(header: list[str], made: list[list[str]], expected: list[list[str]]) -> str:
    """Both tables, side by side enough to see the difference."""
    lines = ["", "made:", " | ".join(header), *(" | ".join(r) for r in made)]
    return "\n".join([*lines, "expected:", *(" | ".join(r) for r in expected)])
