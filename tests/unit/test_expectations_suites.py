"""Suites over small drawn tables: a rule fails on the row it is about and only there, and only counts come out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.derived import rules_for, suite_for
from expectations.run import validate
from wsd_pipeline.contracts.checks import Between, Matches, NotAfter, NotInFuture, OneOf, Severity
from wsd_pipeline.contracts.core import Column, Privacy, RowRule, Table
from wsd_pipeline.messages import Stop

pytestmark = pytest.mark.slow


def column(name: str, type: str = "VARCHAR", **more: object) -> Column:
    return Column(name=name, type=type, description="Drawn.", privacy=Privacy.NONE, **more)


VISITS = Table(
    key="person.drawn_visits",
    grain="visit",
    description="Drawn for the test.",
    unique_key=("visit_id", "place"),
    columns=(
        column("visit_id", "INTEGER", required=True),
        column("place", required=True, checks=(OneOf(values=("home", "clinic"), limit=0.25),)),
        column("ticket", unique=True, checks=(Matches(pattern="(?:[A-Z]{2}):[0-9]%", means="a ticket"),)),
        column("began", "DATE", checks=(NotAfter(other="ended"), NotInFuture())),
        column("ended", "DATE"),
        column("score", "SMALLINT", checks=(Between(low=0, high=10, severity=Severity.WARN),)),
    ),
    rules=(
        RowRule(
            name="home_has_no_ticket", failing="place = 'home' and ticket is not null", description="no ticket at home"
        ),
    ),
    minimum_rows=2,
)
GOOD = [
    "(1, 'home', null, date '2026-01-01', date '2026-01-02', 5)",
    "(1, 'clinic', 'AB:1%', date '2026-01-31', null, null)",
    "(2, 'clinic', 'AB:2%', null, date '2026-01-01', 0)",
]


def write(path: Path, rows: list[str], table: Table = VISITS) -> Path:
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    typed = ", ".join(f'"{c.name}"::{c.type} as "{c.name}"' for c in table.columns)
    con = duckdb.connect()
    source = (
        f"(values {', '.join(rows)}) as drawn({names})"
        if rows
        else f"(select {', '.join('null as ' + f'{chr(34)}{c.name}{chr(34)}' for c in table.columns)} where false)"
    )
    con.execute(f"copy (select {typed} from {source}) to '{path}' (format parquet)")
    con.close()
    return path


def facts(**more: object) -> dict[str, object]:
    return {"month": "2026-01", "snapshot_date": date(2026, 1, 31), "previous": None, "inputs": {}, **more}


def failed(
    folder: Path, rows: list[str], table: Table = VISITS, **more: object
) -> dict[tuple[str, str], tuple[int, int]]:
    results = validate(table, write(folder / "drawn.parquet", rows, table), facts(**more))
    return {(r.column, r.check): (r.failed, r.checked) for r in results if not r.passed}


def test_good_rows_pass_every_rule(tmp_path: Path) -> None:
    assert failed(tmp_path, GOOD) == {}


@pytest.mark.parametrize(
    ("row", "rule", "counts"),
    [
        ("(null, 'clinic', null, null, null, null)", ("visit_id", "required"), (1, 4)),
        ("(1, 'clinic', null, null, null, null)", ("visit_id, place", "unique_key"), (1, 4)),
        ("(9, 'clinic', 'AB:1%', null, null, null)", ("ticket", "unique"), (1, 3)),
        ("(9, 'clinic', 'ab:1%', null, null, null)", ("ticket", "matches"), (1, 3)),
        ("(9, 'clinic', null, date '2026-01-03', date '2026-01-02', null)", ("began", "not_after"), (1, 3)),
        ("(9, 'clinic', null, date '2026-02-01', null, null)", ("began", "not_in_future"), (1, 3)),
        ("(9, 'clinic', null, null, null, 11)", ("score", "between"), (1, 3)),
        ("(9, 'home', 'AB:9%', null, null, null)", ("row", "home_has_no_ticket"), (1, 4)),
    ],
    ids=lambda part: "_".join(part).replace(", ", "_") if isinstance(part, tuple) and isinstance(part[0], str) else "",
)
def test_a_broken_rule_is_counted(tmp_path: Path, row: str, rule: tuple[str, str], counts: tuple[int, int]) -> None:
    assert failed(tmp_path, [*GOOD, row]) == {rule: counts}


def test_a_limit_lets_its_share_pass_and_no_more(tmp_path: Path) -> None:
    one_in_four = [*GOOD, "(9, 'park', null, null, null, null)"]
    assert failed(tmp_path, one_in_four) == {}
    two_in_five = [*one_in_four, "(8, 'park', null, null, null, null)"]
    assert failed(tmp_path, two_in_five) == {("place", "one_of"): (2, 5)}


def test_too_few_rows_and_none_at_all(tmp_path: Path) -> None:
    assert failed(tmp_path, GOOD[:1]) == {("row", "minimum_rows"): (1, 2)}
    assert failed(tmp_path, []) == {("row", "minimum_rows"): (2, 2)}


def test_a_file_of_another_shape_gives_that_one_result(tmp_path: Path) -> None:
    declared = Table(**{**VISITS.__dict__, "key": "pseudo.drawn_visits", "rules": ()})
    other = Table(**{**declared.__dict__, "columns": VISITS.columns[:5]})
    results = validate(
        declared, write(tmp_path / "a.parquet", [r.rsplit(",", 1)[0] + ")" for r in GOOD], other), facts()
    )
    assert [(r.check, r.failed, r.passed) for r in results] == [("columns_as_declared", 1, False)]
    assert failed(tmp_path, GOOD, declared) == {}


def test_a_rule_that_cannot_run_stops_without_naming_a_value(tmp_path: Path) -> None:
    broken = Table(**{**VISITS.__dict__, "rules": (RowRule(name="no", failing="place::integer = 1", description=""),)})
    with pytest.raises(Stop) as stopped:
        validate(broken, write(tmp_path / "a.parquet", GOOD), facts())
    assert stopped.value.code == "WSD-290"
    assert stopped.value.__cause__ is None and stopped.value.__context__ is None
    assert "clinic" not in str(stopped.value)


def test_the_session_reads_only_what_it_was_given(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside.parquet", GOOD)
    peeking = RowRule(
        name="no", failing=f"visit_id in (select visit_id from read_parquet('{outside}'))", description=""
    )
    folder = tmp_path / "zone"
    folder.mkdir()
    with pytest.raises(Stop):
        validate(Table(**{**VISITS.__dict__, "rules": (peeking,)}), write(folder / "a.parquet", GOOD), facts())


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    failed(tmp_path, GOOD)
    assert [p.name for p in tmp_path.iterdir()] == ["drawn.parquet"]


def test_great_expectations_holds_no_value(tmp_path: Path) -> None:
    from expectations import run

    rows = [*GOOD, "(9, 'ZQXCANARY', 'ZQXTICKET', null, null, null)"]
    with run._session(write(tmp_path / "a.parquet", rows), facts()) as con, run._batch(con) as batch:
        for format in ("COMPLETE", "SUMMARY", "BASIC", "BOOLEAN_ONLY"):
            made = batch.validate(suite_for(VISITS, date(2026, 1, 31)), result_format=format)
            assert not made.success
            assert "ZQX" not in str(made.to_json_dict())


def test_one_query_for_any_number_of_rules(tmp_path: Path) -> None:
    from expectations import run

    class Counting:
        queries = 0

        def __init__(self, con: object) -> None:
            self.con = con

        def execute(self, *arguments: object) -> object:
            Counting.queries += "drawn" not in str(arguments) and "from checked" in str(arguments).lower()
            return self.con.execute(*arguments)

        def __getattr__(self, name: str) -> object:
            return getattr(self.con, name)

    with run._session(write(tmp_path / "a.parquet", GOOD), facts()) as con:
        results = run._judge(Counting(con), VISITS, rules_for(VISITS, date(2026, 1, 31)))
    assert results is not None and len(results) == len(rules_for(VISITS, date(2026, 1, 31))) > 10
    assert Counting.queries <= 2


def test_every_contract_gives_a_suite_with_a_blocking_rule() -> None:
    from wsd_pipeline.contracts import tables

    for table in tables().values():
        rules = rules_for(table, date(2026, 1, 31))
        names = [(r.column, r.check) for r in rules]
        assert len(set(names)) == len(names), table.key
        assert any(r.severity is Severity.CRITICAL for r in rules), table.key


def test_importing_the_shell_does_not_import_great_expectations() -> None:
    import subprocess
    import sys

    code = "import sys, expectations.run; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
