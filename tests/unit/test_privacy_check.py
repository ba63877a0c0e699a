"""The parts of `wsd doctor --privacy`: nothing passes unseen, every key is looked for, a finding fails."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.vault_files import MONTH, full_project
from wsd_pipeline.cli import doctor, privacy
from wsd_pipeline.cli.privacy import CONTROLS, Trial, key_patterns
from wsd_pipeline.cli.watch import Watch
from wsd_pipeline.messages import Exit
from wsd_pipeline.vault import __main__ as child
from wsd_pipeline.vault import keys

pytestmark = pytest.mark.slow


def test_a_file_that_is_gone_at_once_is_kept(tmp_path: Path) -> None:
    spared = tmp_path / "vault"
    spared.mkdir()
    with Watch(tmp_path, spare=[spared]) as watch:
        (spared / "a").write_text("in the vault")
        passing = tmp_path / "deep" / "spill"
        passing.parent.mkdir()
        passing.write_text("first")
        _until(lambda: watch.passing == 1)
        passing.write_text("first and more")
        passing.unlink()
    assert [path.read_text() for path in watch.kept.glob("*.link")] == ["first and more"]


def test_environment_and_command_of_a_grandchild_are_read(tmp_path: Path) -> None:
    inner = "import time; time.sleep(20)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], env={{'A_SECRET': 'zqxword'}})"
    with Watch(tmp_path, spare=[]) as watch:
        run = subprocess.Popen([sys.executable, "-c", outer], start_new_session=True)
        watch.follow(run.pid)
        try:
            _until(lambda: any(b"zqxword" in path.read_bytes() for path in watch.kept.glob("*.environ")))
        finally:
            privacy.os.killpg(run.pid, 9)
            run.wait()
    assert any(b"time.sleep" in path.read_bytes() for path in watch.kept.glob("*.cmdline"))


def _until(happened, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_every_key_a_month_derives_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = full_project(tmp_path / "data")
    derive, used = keys.Keys.derive, set()

    def noted(self: keys.Keys, purpose: str) -> bytes:
        used.add(derive(self, purpose))
        return derive(self, purpose)

    monkeypatch.setattr(keys.Keys, "derive", noted)
    for step in ("month", "link"):
        assert child.run(step, project.root, MONTH).stops == ()
    monkeypatch.undo()
    assert len(used) > 20
    assert used <= set(key_patterns(project))
    assert keys.DEMO_KEY in key_patterns(project) and keys.DEMO_KEY.hex().encode() in key_patterns(project)


def test_the_scan_is_seen_to_find_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = full_project(tmp_path / "data")
    found = privacy._missed(tmp_path / "one", {"a": "Okafor", "b": "9990000018"}, project)
    assert found == []
    monkeypatch.setattr(privacy, "scan", lambda *_: [])
    missed = privacy._missed(tmp_path / "two", {"a": "Okafor"}, project)
    assert missed == [*CONTROLS, "a"]


GOOD = {"exits": {"killed": -9, "resumed": 0, "stopped": 3}}


@pytest.mark.parametrize(
    ("trial", "code"),
    [
        (Trial(**GOOD), Exit.OK),
        (Trial(**GOOD, hits=["gp.surname in lake/x (raw)"]), Exit.ENVIRONMENT),
        (Trial(**GOOD, key_hits=["root in dagster/x"]), Exit.ENVIRONMENT),
        (Trial(**GOOD, missed=["zip"]), Exit.ENVIRONMENT),
        (Trial(exits={"killed": 0}), Exit.ENVIRONMENT),
    ],
    ids=["clean", "canary", "key", "blind", "not as planned"],
)
def test_what_is_found_is_said_and_fails(trial: Trial, code: Exit, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(privacy, "tried", lambda beside: trial)
    assert doctor.examine_privacy(full_project(tmp_path / "data")) == code
    said = capsys.readouterr().out
    for words in (*trial.hits, *trial.key_hits, *trial.missed):
        assert words in said
