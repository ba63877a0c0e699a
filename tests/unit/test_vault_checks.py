"""The vault's own gate over any contract, and the gate of tokens.identities: counted, told, and able to refuse."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.vault_files import MONTH, full_project
from wsd_pipeline.contracts.checks import NotInFuture, OneOf
from wsd_pipeline.contracts.core import Column, Privacy, RowRule, Table
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import __main__ as child
from wsd_pipeline.vault import checks, identities
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.report import encode

pytestmark = pytest.mark.slow

TABLE = Table(
    key="tokens.small",
    grain="thing",
    description="Made up.",
    unique_key=("a", "b"),
    minimum_rows=5,
    columns=(
        Column(name="a", type="INTEGER", description="", privacy=Privacy.NONE, required=True),
        Column(name="b", type="VARCHAR", description="", privacy=Privacy.NONE, checks=(OneOf(values=("x", "y")),)),
        Column(name="on", type="DATE", description="", privacy=Privacy.NONE, checks=(NotInFuture(),)),
    ),
    rules=(RowRule(name="small_a", failing="a > 2", description=""),),
)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("""create table rows as select * from (values
        (1, 'x', date '2026-01-31'), (1, 'x', date '2026-02-01'), (3, 'z', null), (null, null, null)
    ) as t (a, b, "on")""")
    return con


def found(results: list[CheckResult]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(r.column, r.check): (r.failed, r.checked) for r in results}


def test_rows_are_counted_by_column_rule_and_number(con: duckdb.DuckDBPyConnection) -> None:
    assert found(checks.check_rows(con, TABLE, "rows", MONTH)) == {
        ("b", "one_of"): (1, 3), ("on", "not_in_future"): (1, 2), ("", "small_a"): (1, 4),
        ("", "minimum_rows"): (1, 5),
    }  # fmt: skip


def test_required_columns_and_the_key_are_counted(con: duckdb.DuckDBPyConnection) -> None:
    assert found(checks.check_keys(con, TABLE, "rows")) == {("a", "required"): (1, 4), ("", "unique_key"): (1, 4)}


def told(project: Project):
    made = child.run("month", project.root, MONTH)
    return decode(encode(made), project, MONTH)


def of_identities(report) -> list[CheckResult]:
    return [c for c in report.checks if c.table == IDENTITIES.key]


def test_the_gate_of_identities_is_told_the_first_time_and_when_reused(tmp_path: Path) -> None:
    project = full_project(tmp_path / "data")
    first = of_identities(told(project))
    assert {c.check for c in first} == {"one_of", "required", "minimum_rows", "unique_key"}
    assert all(c.passed for c in first)
    again = told(project)
    assert again.tables[IDENTITIES.key].reused and of_identities(again) == first


def test_identities_that_fail_their_gate_are_not_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = full_project(tmp_path / "data")
    build = identities.build

    def twice(con, keys) -> None:
        build(con, keys)
        con.execute("insert into identities select * from identities limit 1")

    monkeypatch.setattr(identities, "build", twice)
    report = told(project)
    assert [(s.code, s.facts["table"], s.facts["check"]) for s in report.stops] == [
        ("WSD-120", IDENTITIES.key, "unique_key")
    ]
    assert IDENTITIES.key not in report.tables and of_identities(report)
    assert Zone(project.linkage_room).pointer(IDENTITIES.key, MONTH) is None
    monkeypatch.setattr(identities, "build", build)
    mended = told(project)
    assert mended.stops == () and IDENTITIES.key in mended.tables
