"""The child process: what it leaves, how it is stopped, and what happens when it dies or says what it must not."""

from __future__ import annotations

import stat
import sys
import time
from pathlib import Path

import pytest

from tests.vault_files import MONTH, empty_project, full_project, put
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import airlock

pytestmark = pytest.mark.slow

CANARY = "ZQXJWKV"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return empty_project(tmp_path / "data")


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the child run this code; `fd` is the descriptor of the report."""

    def command(project: Project, step: str, month: str, writer: int) -> list[str]:
        return [sys.executable, "-c", f"import os, sys, time, signal\nfd = {writer}\n{code}"]

    monkeypatch.setattr(airlock, "command", command)


def stopped(project: Project, minutes: float = 1) -> Stop:
    with pytest.raises(Stop) as caught:
        airlock.run(project, "month", MONTH, timeout_minutes=minutes)
    assert CANARY not in caught.value.text()
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


def test_one_child_makes_the_month_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    project = full_project(tmp_path / "data")
    put(project, "housing__tenancies", CANARY.encode() + b"|x\n1|2\n", stamp="202602020900")
    report = airlock.run(project, "month", MONTH)
    assert [(s.code, s.facts["table"]) for s in report.stops] == [("WSD-112", "landed.housing__tenancies")]
    assert report.tables["landed.gp__registrations"].rows == 5
    assert "tokens.identities" not in report.tables, "not built while a feed that names people is missing"
    for zone in (project.vault, project.lake):
        for path in zone.rglob("*"):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077
    log = project.vault / "_logs" / f"{MONTH}.month.log"
    assert CANARY not in log.read_text()


def test_a_child_that_takes_too_long_is_ended(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "time.sleep(60)")
    began = time.monotonic()
    assert stopped(project, minutes=0.01).code == "WSD-291"
    assert time.monotonic() - began < 20


DEATHS = {
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
    "an error": (f"raise ValueError('{CANARY}')", "exit 1"),
    "nothing said": ("pass", "no report"),
    "a value said": (f"os.write(fd, b'{CANARY}\\n')", "unlisted report"),
    "no end": (f"os.write(fd, b'{CANARY}' * 20000)", "unlisted report"),
    "printed, not said": (f"print('{CANARY}'); sys.stderr.write('{CANARY}')", "no report"),
}


@pytest.mark.parametrize("case", DEATHS)
def test_a_child_that_fails_is_told_by_code(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], case: str
) -> None:
    code, reason = DEATHS[case]
    instead(monkeypatch, code)
    stop = stopped(project)
    assert (stop.code, stop.facts["reason"]) == ("WSD-290", reason)
    assert CANARY not in "".join(capfd.readouterr())


def test_the_child_has_a_fixed_environment_and_no_secret_on_its_command_line(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WSD_SECRET", CANARY)
    words = airlock.command(project, "month", MONTH, 9)
    assert words[1:4] == ["-m", "wsd_pipeline.vault", "month"]
    environment = airlock._environment(project)
    assert CANARY not in environment.values()
    assert Path(environment["TMPDIR"]).is_relative_to(project.vault)


def test_no_descriptor_is_left_open(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "pass")
    stopped(project)
    before = len(list(Path("/proc/self/fd").iterdir()))
    stopped(project)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_lost_key_is_raised_not_reported(tmp_path: Path) -> None:
    project = empty_project(tmp_path / "data", key_file=tmp_path / "lost")
    assert stopped(project).code == "WSD-500"
