"""`python -m assets.run`: exit codes, the log, the lock, and silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets import run
from assets.resources import hold, prepare_home
from wsd_pipeline.messages import Exit, Stop
from wsd_pipeline.runs import RunLog
from wsd_pipeline.settings import Mode, Project, months_between


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(root=tmp_path / "data", name="test", mode=Mode.SYNTHETIC)
    made.save()
    return made


def arguments(project: Project, *more: str) -> list[str]:
    return ["--project", str(project.root), "--run", "T1", "--month", "2026-01", *more]


def events(project: Project) -> list[tuple[str, str | None]]:
    return [(line["event"], line.get("code")) for line in RunLog.of(project.root, "T1").read()]


def test_months_are_run_in_order() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    with pytest.raises(Stop) as stopped:
        months_between("2026-02", "2026-01")
    assert stopped.value.code == "WSD-604"


def test_a_run_that_ends_well_says_so(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "run_months", lambda *_, **__: Exit.OK)
    assert run.main(arguments(project)) == 0
    assert events(project) == [("started", None), ("finished", None)]


def test_a_stop_gives_its_exit_code(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopping(*_: object, **__: object) -> Exit:
        raise Stop("WSD-500", project="test")

    monkeypatch.setattr(run, "run_months", stopping)
    assert run.main(arguments(project)) == Exit.ENVIRONMENT
    assert events(project) == [("started", None), ("stopped", "WSD-500")]
    assert capsys.readouterr().out == ""


def test_an_unexpected_error_is_named_by_its_type_alone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(*_: object, **__: object) -> Exit:
        raise KeyError("ZQXSURNAME")

    monkeypatch.setattr(run, "run_months", breaking)
    assert run.main(arguments(project)) == Exit.FAILED
    assert events(project)[-1] == ("stopped", "WSD-900")
    assert "ZQX" not in RunLog.of(project.root, "T1").path.read_text()


def test_no_project_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--project", str(tmp_path), "--month", "2026-01"]) == Exit.USAGE
    assert "WSD-510" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_at_the_same_time_changes_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", dict(__import__("os").environ))
    from wsd_pipeline.lock import holding

    with holding(project):
        assert run.main(arguments(project)) == Exit.FAILED
    assert events(project) == [("started", None), ("stopped", "WSD-410")]


def test_the_lock_is_held_once_in_a_process(project: Project) -> None:
    from wsd_pipeline.lock import holding

    with hold(project):
        with hold(project):
            pass
        with pytest.raises(Stop), holding(project):
            pass
    with holding(project):
        pass


def test_the_home_is_the_owners_and_has_our_settings(project: Project) -> None:
    home = prepare_home(project)
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "dagster.yaml").read_text().startswith("# Dagster's settings")


def test_the_page_listens_on_this_machine_only() -> None:
    from assets.ui import command

    words = command(3999)
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert words[words.index("--port") + 1] == "3999"
