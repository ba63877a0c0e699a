"""Every mart of a built month under attack, alone and as released; and an extract of it, which is no mart."""

from __future__ import annotations

import json

import polars as pl
import pytest

from tests.conftest import MONTHS, PEOPLE, Ran
from tests.pipeline.test_first_run import copied
from wsd_pipeline.cli.app import run_app
from wsd_pipeline.contracts.extract import QUASI
from wsd_pipeline.disclosure import load_policy
from wsd_pipeline.disclosure.anonymity import smallest_class
from wsd_pipeline.disclosure.families import Mart
from wsd_pipeline.disclosure.publication import attack_release
from wsd_pipeline.lake import Zone
from wsd_pipeline.release.publish import accepted_marts, earlier_releases, mart_tables, released
from wsd_pipeline.release.standing import latest

pytestmark = pytest.mark.pipeline

POLICY = load_policy()


def accepted(ran: Ran, month: str) -> dict[str, Mart]:
    """The marts in the lake."""
    lake = Zone(ran.project.lake)
    return accepted_marts(lake, {key: lake.pointer(key, month) for key in mart_tables()})


def released_in(ran: Ran, month: str) -> dict[str, Mart]:
    """The marts of the month's release, with what it says of how they were made."""
    return released(ran.project, latest(ran.project, month))


@pytest.mark.parametrize("month", MONTHS)
def test_no_mart_gives_a_withheld_count_away_by_itself(ran: Ran, month):
    exposed = {key: len(attack_release({key: mart}, POLICY)) for key, mart in accepted(ran, month).items()}
    assert not any(exposed.values()), exposed


@pytest.mark.parametrize("month", MONTHS)
def test_what_marts_say_of_each_other_adds_up_and_the_gate_has_seen_it(ran: Ran, month):
    gate = json.loads((latest(ran.project, month).folder / "manifest.json").read_text())["disclosure_gate"]
    assert gate["families"] > 10 and gate["contradictory"] == []


@pytest.mark.parametrize("month", MONTHS)
def test_a_release_put_together_gives_nothing_away(ran: Ran, month):
    found = attack_release(released_in(ran, month), POLICY, earlier_releases(ran.project, month))
    assert not found, {(e.table, e.measure) for e in found}


def test_what_is_withheld_in_the_lake_is_withheld_in_the_release(ran: Ran):
    marts = accepted(ran, MONTHS[0])
    for key, mart in released_in(ran, MONTHS[0]).items():
        before, after = pl.from_arrow(marts[key].rows), pl.from_arrow(mart.rows)
        assert len(after) <= len(before)
        both = after.join(before, on=mart.table.unique_key, how="left", suffix="_before")
        for status in [c for c in after.columns if c.endswith("_status")]:
            assert not len(both.filter((pl.col(f"{status}_before") == "c") & (pl.col(status) != "c"))), key


def test_an_extract_of_a_run_month_keeps_its_contract_and_stays_out_of_lake_and_releases(ran: Ran, tmp_path, capsys):
    project = copied(ran, tmp_path)

    def told(*command: str):
        assert run_app([*command, "--json", "--project", str(project.root)]) == 0
        return json.loads(capsys.readouterr().out)

    before = held_in(project)
    told("project", "create", "frailty", "--purpose", "a trial")
    columns = [*QUASI, "need_segment", "has_ehcp", "ed_attendance_count", "cms_partial_score"]
    report = told("extract", "build", "frailty", "--month", MONTHS[1], "--columns", ",".join(columns))
    made = pl.read_parquet(report["file"])
    assert made.columns == ["pseudonym", *columns]
    assert report["rows"] == len(made) > 0.9 * PEOPLE and report["k"] == smallest_class(made, QUASI) >= 10
    assert held_in(project) == before
    assert "extract" not in {layer["layer"] for layer in told("plan", "--month", MONTHS[1])["layers"]}


def held_in(project) -> dict[str, bytes]:
    """Every file of the lake but the list of accredited projects, and of the releases."""
    files = [p for room in (project.lake, project.releases) for p in sorted(room.rglob("*")) if p.is_file()]
    return {str(p): p.read_bytes() for p in files if "_projects" not in p.parts}
