"""`wsd segment explain` and `what-if`: every rule accounted for, small changes not shown, nothing written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest

from wsd_pipeline import sql
from wsd_pipeline.cli.app import run_app
from wsd_pipeline.contracts import table
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.segmentation import explain as explaining
from wsd_pipeline.segmentation import load_rules, models_for
from wsd_pipeline.segmentation.explain import NO_RECORD, explain
from wsd_pipeline.segmentation.what_if import what_if
from wsd_pipeline.settings import Mode, Project

MONTH, SNAPSHOT = "2026-01", date(2026, 1, 31)
AGES = [*[10] * 30, *[17] * 9, *[18] * 20, *[40] * 100, *[65] * 6, *[80] * 40]
"""One person of each, numbered from 1."""


def person(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


def segmented(project: Project, facts: str = "") -> None:
    """People of AGES about whom every fact is known to be false, but for `facts`; segmented by the shipped rules."""
    con, lake = duckdb.connect(), Zone(project.lake)
    for macro in sql.macros():
        con.execute(macro)
    shape = table("person.profile")
    sql.attach_empty(con, {"person.profile": shape})
    kinds = {"BOOLEAN": "false", "INTEGER": "0", "DECIMAL": "0"}
    given = {"person_id": "id", "age_years": "age", "has_health_record": "true", "population_basis": "'both'"}
    values = [given.get(c.name, kinds.get(c.type.split("(")[0], "null")) for c in shape.columns]
    people = ", ".join(f"('{person(i + 1)}'::uuid, {age})" for i, age in enumerate(AGES))
    con.execute(f"insert into person.profile select {', '.join(values)} from (values {people}) as p (id, age)")
    if facts:
        con.execute(facts)
    con.execute("attach ':memory:' as previous")
    sql.attach_empty(con, {"segment.reasons": table("segment.reasons")}, "previous.")
    con.execute("create schema segment")
    made = models_for(load_rules())
    for key in ("person.profile", "segment.reasons", "segment.need", "segment.lifecourse"):
        if key != "person.profile":
            bound = {"snapshot_date": SNAPSHOT} if "snapshot_date" in made[key].parameters else None
            con.execute(f"create table {key} as {made[key].text}", bound)
        staged = lake.staging(key, MONTH, "k") / f"{key}.parquet"
        staged.parent.mkdir(parents=True, exist_ok=True)
        rows = sql.write_parquet(con, sql.typed_select(table(key), key), staged)
        lake.promote(key, MONTH, "k", {key: staged}, {key: rows})
    con.close()


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The lake of people about whom these facts hold, made once."""

    @cache
    def lake_of(facts: str) -> Path:
        made = Project(root=tmp_path_factory.mktemp("segmented"), name="asked", mode=Mode.SYNTHETIC)
        segmented(made, facts)
        return made.lake

    return lake_of


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(root=tmp_path / "data", name="asked", mode=Mode.SYNTHETIC)
    made.save()
    monkeypatch.setattr(
        explaining, "noted", lambda *_: {"reference.received_feeds": [("gp__conditions", "gp", MONTH, False)]}
    )
    return made


@pytest.fixture
def drawn(project: Project, lakes: Callable[[str], Path]) -> Callable[..., Path]:
    """Give the project a lake of its own of people about whom these facts hold."""
    return lambda facts="": shutil.copytree(lakes(facts), project.lake, dirs_exist_ok=True)


def states(found: explaining.Explanation) -> dict[str, explaining.Judged]:
    return {rule.rule_id: rule for rule in (*found.need, *found.lifecourse)}


def test_every_rule_is_accounted_for(project, drawn):
    drawn(
        f"update person.profile set has_dementia = true, dementia_date = '2024-05-06' where person_id = '{person(60)}'",
    )
    found = explain(project, MONTH, person(60))
    rules, by = load_rules(), states(found)
    assert [r.rule_id for r in found.need] == [r.id for r in rules.need]
    assert [r.rule_id for r in found.lifecourse] == [r.id for r in rules.lifecourse]
    assert (found.need_segment, found.need_rule_id, found.lifecourse_segment) == ("complex", "C03", "PI")
    assert (by["C03"].state, by["C03"].evidence_date, by["C03"].evidence_source) == ("holds", "2024-05-06", "gp")
    assert by["C01"].state == by["L1"].state == "does not hold"
    assert by["C13"].state == "not evaluable" and by["C13"].missing
    assert {r.state for r in found.need if r.rule_id.startswith("K")} == {"not asked"}
    assert by[found.lifecourse_rule_id].state == "holds" and by["L5"].state == "not asked"


@pytest.mark.slow
def test_a_rule_that_cannot_be_asked_says_what_is_missing(project, drawn):
    drawn(
        f"update person.profile set has_dementia = null, is_homeless = null, ltc_count = null,"
        f" has_health_record = false where person_id = '{person(60)}'",
    )
    by = states(explain(project, MONTH, person(60)))
    assert by["C03"].state == "not evaluable" and by["C03"].missing == ("gp__registrations", NO_RECORD)
    assert "gp__conditions" not in by["C12"].missing and any("homeless" in feed for feed in by["C12"].missing)


@pytest.mark.slow
def test_a_rule_kept_for_its_months_of_grace_is_said_to_be_kept(project, drawn):
    drawn()
    lake = Zone(project.lake)
    path = lake.path("segment.reasons", MONTH)
    con = duckdb.connect()
    columns = (
        "'C08' as rule_id, null::date as evidence_date, 'apc' as evidence_source, date '2025-12-31' as last_held_date"
    )
    con.execute(f"copy (select '{person(60)}'::uuid as person_id, {columns}, 'v' as rule_version) to '{path}'")
    con.close()
    assert states(explain(project, MONTH, person(60)))["C08"].state == "kept"


@pytest.mark.parametrize("who", [person(9999), "nobody", "'; drop table x"])
@pytest.mark.slow
def test_nobody_of_that_id(project, drawn, who):
    drawn()
    with pytest.raises(Stop, match="WSD-602"):
        explain(project, MONTH, who)


def test_segments_of_other_rules_are_not_explained_by_these(project, drawn, monkeypatch):
    from dataclasses import replace

    drawn()
    with pytest.raises(Stop, match="WSD-530"):
        explain(project, MONTH, person(1), replace(load_rules(), version="other"))


def test_no_month(project):
    for ask in (lambda: explain(project, MONTH, person(1)), lambda: what_if(project, MONTH, {"older_age": 66})):
        with pytest.raises(Stop, match="WSD-601"):
            ask()


def counted(project: Project, **numbers: int) -> dict[tuple[str, str], tuple[int | None, ...]]:
    return {
        (c.lifecourse_segment, c.need_segment): (c.before, c.after, c.coming, c.going)
        for c in what_if(project, MONTH, numbers)
    }


def test_who_would_come_and_go_under_another_age(project, drawn):
    """59 of up to 18, of whom 20 of 18; 100 of 40; 46 from 65. To the nearest five."""
    drawn()
    cells = counted(project, child_upper_age=17)
    assert cells["BWGW", "all"] == (60, 40, 0, 20)
    assert cells["LW", "all"] == (100, 120, 20, 0)
    assert cells["PI", "all"] == (45, 45, 0, 0)
    assert cells["all", "healthy"] == (205, 205, 0, 0)
    assert cells["all", "all"] == (205, 205, 20, 20)


@pytest.mark.slow
def test_a_change_of_a_few_people_is_not_shown(project, drawn):
    """Six people of 65: neither they nor the difference they make."""
    drawn()
    cells = counted(project, older_age=66)
    assert cells["PI", "all"] == (45, None, None, None) and cells["LW", "all"] == (100, None, None, None)
    assert cells["BWGW", "all"] == (60, 60, None, None), "nor that nobody else is among them"
    assert cells["all", "all"][:2] == (205, 205) and cells["all", "all"][2:] == (None, None)


@pytest.mark.slow
def test_several_numbers_at_once_and_nothing_is_written(project, drawn):
    drawn()
    before = {p: p.stat().st_mtime_ns for p in project.root.rglob("*")}
    cells = counted(project, child_upper_age=17, older_age=41)
    assert cells["PI", "all"] == (45, 45, 0, 0) and cells["BWGW", "all"][1] == 40
    assert {p: p.stat().st_mtime_ns for p in project.root.rglob("*")} == before


@pytest.mark.parametrize(("numbers", "code"), [({"nothing": 3}, "WSD-602"), ({"child_upper_age": 70}, "WSD-530")])
@pytest.mark.slow
def test_numbers_that_make_no_sense(project, drawn, numbers, code):
    drawn()
    with pytest.raises(Stop, match=code):
        what_if(project, MONTH, numbers)


@pytest.mark.slow
def test_the_commands(project, drawn, capsys):
    drawn()
    where = ["--month", MONTH, "--project", str(project.root), "--json"]
    assert run_app(["segment", "what-if", "--set", "child_upper_age=17", *where]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert next(r for r in rows if r["lifecourse_segment"] == "BWGW")["after"] == 40
    assert run_app(["segment", "explain", person(1), *where]) == 0
    assert json.loads(capsys.readouterr().out)["lifecourse_segment"] == "BWGW"
    assert run_app(["segment", "explain", person(1), *where[:-1]]) == 0
    shown = capsys.readouterr().out
    assert "Aged 0 to 18" in shown and person(1) not in shown
    assert run_app(["segment", "what-if", "--set", "child_upper_age", *where]) == 2
