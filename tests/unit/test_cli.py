"""The command line: exit codes, JSON, and what an analyst reads when something is not as expected."""

from __future__ import annotations

import json
import stat

import pytest

from wsd_pipeline.cli.app import run_app
from wsd_pipeline.cli.output import emit, manner
from wsd_pipeline.runs import RunLog
from wsd_pipeline.settings import Mode, Project


@pytest.fixture
def project(tmp_path):
    made = Project(root=tmp_path / "data", name="demo", mode=Mode.SYNTHETIC)
    made.save()
    return made


def said(capsys, *arguments):
    """Exit code, standard output and standard error of a command."""
    code = run_app(list(arguments))
    out = capsys.readouterr()
    return code, out.out, out.err


def test_no_project_is_a_clear_answer(capsys, tmp_path):
    code, _, err = said(capsys, "status", "--project", str(tmp_path / "nowhere"))
    assert code == 2 and err.startswith("WSD-510") and "Next:" in err


@pytest.mark.parametrize("month", ["2026-13", "January", "2026", "2026-1"])
def test_what_is_not_a_month_is_said_so(capsys, project, month):
    code, _, err = said(capsys, "run", "--month", month, "--project", str(project.root))
    assert code == 2 and err.startswith("WSD-603")


def test_months_the_wrong_way_round(capsys, project):
    code, _, err = said(capsys, "run", "--month", "2026-03", "--through", "2026-01", "--project", str(project.root))
    assert code == 2 and err.startswith("WSD-604")


def test_a_missing_option_is_a_usage_error(capsys):
    code, _, err = said(capsys, "run")
    assert code == 2 and "--month" in err


@pytest.mark.parametrize("flag", ["--json", "--quiet", "--debug"])
def test_how_one_command_speaks_is_not_how_the_next_does(capsys, project, flag):
    _, before, _ = said(capsys, "status", "--project", str(project.root))
    said(capsys, "status", "--project", str(project.root / "nowhere"), flag)
    emit({}, "to a person")
    assert capsys.readouterr().out == "to a person\n" and not any(vars(manner).values())
    assert said(capsys, "status", "--project", str(project.root))[1] == before != ""


def test_errors_as_json(capsys, tmp_path):
    code, out, _ = said(capsys, "status", "--json", "--project", str(tmp_path / "nowhere"))
    answer = json.loads(out)
    assert code == 2 == answer["exit"] and answer["code"] == "WSD-510"


def test_nothing_run_yet(capsys, project):
    code, out, _ = said(capsys, "status", "--project", str(project.root))
    assert code == 0 and "wsd run" in out
    code, _, err = said(capsys, "marts", "--project", str(project.root))
    assert code == 2 and err.startswith("WSD-601")
    code, _, err = said(capsys, "resume", "--project", str(project.root))
    assert code == 2 and err.startswith("WSD-605")


def test_status_tells_a_stopped_run_from_a_finished_and_a_cut_one(capsys, project):
    log = RunLog.of(project.root, "AAAAAA")
    log.note("started", month="2026-01", through="2026-01")
    _, out, _ = said(capsys, "status", "--project", str(project.root))
    assert "cut short" in out and "wsd resume" in out
    log.note("stopped", code="WSD-120", text="WSD-120 a gate")
    _, out, _ = said(capsys, "status", "--project", str(project.root))
    assert "stopped" in out and "WSD-120 a gate" in out
    other = RunLog.of(project.root, "BBBBBB")
    other.note("started", month="2026-01", through="2026-01")
    other.note("finished")
    _, out, _ = said(capsys, "status", "--json", "--project", str(project.root))
    assert json.loads(out)["run"]["state"] == "finished"


def test_an_unknown_run_gets_the_nearest(capsys, project):
    RunLog.of(project.root, "AB12CD").note("started", month="2026-01", through="2026-01")
    code, _, err = said(capsys, "logs", "AB12CE", "--project", str(project.root))
    assert code == 2 and "Did you mean AB12CD?" in err


def test_describe_a_mart_a_column_and_a_misspelling(capsys):
    code, out, _ = said(capsys, "describe", "segment_summary")
    assert code == 0 and "person_count" in out
    code, out, _ = said(capsys, "describe", "segment_summary.locality", "--json")
    assert [c["name"] for c in json.loads(out)["columns"]] == ["locality"]
    code, _, err = said(capsys, "describe", "segment_summary.localty")
    assert code == 2 and "Did you mean locality?" in err


def test_init_makes_a_project_with_a_key_only_its_owner_can_read(capsys, tmp_path):
    key = tmp_path / "keys" / "place.key"
    arguments = ("init", str(tmp_path / "place"), "--name", "place", "--key-file", str(key))
    code, _, err = said(capsys, *arguments)
    assert code == 0, err
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and len(key.read_text().strip()) == 64
    assert Project.load(tmp_path / "place").mode is Mode.LIVE
    for zone in ("inbox", "vault", "lake"):
        assert stat.S_IMODE((tmp_path / "place" / zone).stat().st_mode) == 0o700
    before = key.read_text()
    code, _, err = said(capsys, *arguments)
    assert code == 2 and err.startswith("WSD-609") and key.read_text() == before


def test_init_refuses_a_key_inside_the_project(capsys, tmp_path):
    place = tmp_path / "place"
    code, _, err = said(capsys, "init", str(place), "--name", "place", "--key-file", str(place / "place.key"))
    assert code == 5 and err.startswith("WSD-503")
    assert not place.exists()


def test_an_unexpected_error_shows_its_type_and_no_value(capsys, monkeypatch, project):
    import wsd_pipeline.cli.history as history

    def broken(_):
        raise ValueError("9990000018 ZQXCANARY")

    monkeypatch.setattr(history, "say_status", broken)
    code, out, err = said(capsys, "status", "--project", str(project.root))
    assert code == 1 and err.startswith("WSD-900") and "ValueError" in err
    assert "ZQX" not in out + err and "999" not in out + err


def test_help_is_quick_to_start():
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "wsd_pipeline.cli", "--help"], capture_output=True, text=True
    )
    loaded = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert done.returncode == 0
    assert not loaded & {"duckdb", "polars", "pyarrow", "pandas", "dagster", "great_expectations", "numpy", "rich.live"}


def test_invented_people_never_go_into_a_project_of_real_ones(capsys, tmp_path):
    Project(root=tmp_path / "live", name="place", mode=Mode.LIVE, key_file=tmp_path / "k").save()
    code, _, err = said(capsys, "synth", "--people", "300", "--project", str(tmp_path / "live"))
    assert code == 2 and err.startswith("WSD-132")
    assert not list((tmp_path / "live" / "inbox").iterdir())


@pytest.mark.parametrize("text", ["name = ", 'mode = "synthetic"', 'name = "a"\nmode = "other"'])
def test_a_broken_project_file_is_said_so(capsys, project, text):
    (project.root / "project.toml").write_text(text, encoding="utf-8")
    code, _, err = said(capsys, "status", "--project", str(project.root))
    assert code == 2 and err.startswith("WSD-511")


def test_a_run_needs_the_checkout(capsys, project, monkeypatch, tmp_path):
    import wsd_pipeline.cli.progress as progress

    monkeypatch.setattr(progress, "CHECKOUT", tmp_path)
    code, _, err = said(capsys, "run", "--month", "2026-01", "--project", str(project.root))
    assert code == 5 and err.startswith("WSD-520")
