"""Work cut off where it hurts: around every promotion, in a step that hangs, by a second run. Rows 1, 3 and 23."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.conftest import REAL_RUN, Unbroken, hashes, make, quiet
from tests.vault_files import MONTH
from wsd_pipeline import lake
from wsd_pipeline.lock import holding
from wsd_pipeline.messages import Exit, Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import airlock


class Killed(BaseException):
    """The end of the process, as far as anything below the test can tell."""


def before(call: Callable[..., Any], cut: Callable[[], None]) -> Callable[..., Any]:
    def cut_off(*given: Any, **named: Any) -> Any:
        cut()
        return call(*given, **named)

    return cut_off


def after(call: Callable[..., Any], cut: Callable[[], None]) -> Callable[..., Any]:
    def cut_off(*given: Any, **named: Any) -> Any:
        made = call(*given, **named)
        cut()
        return made

    return cut_off


POINTS = {
    "written, not flushed": (os, "fsync", before),
    "flushed, not renamed": (lake, "file_sha256", before),
    "renamed, no pointer": (lake, "write_text", before),
    "pointer replaced": (lake, "write_text", after),
}


@pytest.mark.pipeline
@pytest.mark.parametrize("point", POINTS)
def test_a_month_killed_again_and_again_comes_to_the_same_bytes(
    fresh: Project, unbroken: Unbroken, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Every attempt dies a few promotions further on; what was accepted before stays as it was."""
    where, name, when = POINTS[point]
    calls = [0]

    def cut() -> None:
        calls[0] += 1
        if calls[0] == 4 + 5 * deaths:
            raise Killed

    deaths, known = 0, hashes(fresh)
    with monkeypatch.context() as patch:
        patch.setattr(where, name, when(getattr(where, name), cut))
        for _ in range(30):
            calls[0] = 0
            try:
                with holding(fresh):
                    assert make(fresh) == {}
                break
            except Killed:
                deaths += 1
            now = hashes(fresh)
            assert known.items() <= now.items()
            assert now.items() <= unbroken.hashes.items()
            known = now
    assert deaths >= 2
    assert hashes(fresh) == unbroken.hashes


def test_a_step_that_hangs_is_ended_and_can_be_run_again(
    accepted: Project, unbroken: Unbroken, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(airlock, "run", lambda project, step, month: REAL_RUN(project, step, month, 0.01))
        patch.setattr(airlock, "command", lambda *_: [sys.executable, "-c", "import time; time.sleep(60)"])
        stops = make(accepted)
    assert [s.code for s in stops.values()] == ["WSD-291"]
    quiet(*stops.values())
    assert hashes(accepted) == unbroken.hashes
    assert make(accepted) == {} and hashes(accepted) == unbroken.hashes


def test_a_second_run_leaves_the_first_alone(accepted: Project, unbroken: Unbroken) -> None:
    staged = accepted.lake / "_staging" / "of the first run"
    with holding(accepted):
        staged.mkdir(parents=True)
        with pytest.raises(Stop) as caught, holding(accepted):
            pass
        assert staged.is_dir(), "the second run swept what the first was making"
    assert (caught.value.code, caught.value.exit_code) == ("WSD-410", Exit.FAILED)
    quiet(caught.value)
    with holding(accepted):
        assert make(accepted) == {} and hashes(accepted) == unbroken.hashes


def test_a_full_disk_while_promoting_keeps_the_old_table(
    accepted: Project, unbroken: Unbroken, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from tests.faults.conftest import put_changed

    later = put_changed(accepted, "education__pupils", surname="Zqxkato")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "Zqxkato")

    with monkeypatch.context() as patch:
        patch.setattr(lake, "write_text", full)
        stops = make(accepted)
    assert stops and {s.code for s in stops.values()} <= {"WSD-420", "WSD-201"}
    quiet(*stops.values())
    assert hashes(accepted, MONTH) == unbroken.hashes
    later.unlink()
    with holding(accepted):
        assert make(accepted) == {} and hashes(accepted) == unbroken.hashes
