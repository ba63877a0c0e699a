"""kill -9, then `wsd resume`: the same release, nothing finished is done again, no key or token outside. Rows 1, 2, 6.

One kill inside linkage is run with the pipeline's tests; kills at every boundary and at random times in `test-all`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import A_FEW, CHECKOUT, MONTHS, invent, run_months
from tests.faults.conftest import hashes
from wsd_pipeline.canary import search
from wsd_pipeline.cli.privacy import key_patterns
from wsd_pipeline.cli.watch import descendants
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.lake import Zone
from wsd_pipeline.release.standing import latest
from wsd_pipeline.runs import RunLog, latest_run
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import sealed
from wsd_pipeline.vault.keys import load

pytestmark = pytest.mark.pipeline
MONTH, PEOPLE = MONTHS[0], 600


@dataclass(frozen=True)
class Whole:
    """The month run without a fault: its lake's hashes and its release's."""

    inbox: Path
    lake: dict[str, str]
    release: dict[str, str]


def release_hashes(project: Project) -> dict[str, str]:
    """SHA-256 of each mart in the month's release, whatever its revision's name or date."""
    made = latest(project, MONTH)
    assert made is not None and made.name == f"{MONTH}.r1"
    marts = json.loads((made.folder / "manifest.json").read_text())["marts"]
    return {name: mart["logical_sha256"] for name, mart in marts.items()} | {
        path.name: path.read_bytes().hex() for path in (made.folder / "marts").iterdir()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    project = invent(tmp_path_factory.mktemp("whole") / "data", people=PEOPLE, months=(MONTH,), feeds=A_FEW)
    code, said = run_months(project.root, MONTH)
    assert code == 0, said
    return Whole(project.inbox, hashes(project, MONTH), release_hashes(project))


@pytest.fixture
def project(whole: Whole, tmp_path: Path) -> Project:
    """The same extracts, nothing run yet."""
    from wsd_pipeline.settings import Mode

    made = Project(root=tmp_path / "data", name="test", mode=Mode.SYNTHETIC, feeds=A_FEW)
    made.save()
    shutil.copytree(whole.inbox, made.inbox, dirs_exist_ok=True)
    return made


def begun(project: Project) -> subprocess.Popen[bytes]:
    """A run of the month, or the last one resumed, going on by itself."""
    wsd = [sys.executable, "-m", "wsd_pipeline.cli"]
    how = ["resume"] if latest_run(project.root) else ["run", "--month", MONTH]
    out = (project.root / "terminal").open("ab")
    with out:
        return subprocess.Popen(
            [*wsd, *how, "--project", str(project.root)], cwd=CHECKOUT, stdout=out, stderr=out, start_new_session=True
        )


def killed(project: Project, wanted: Callable[[set[int]], bool]) -> bool:
    """Begin, and kill all its processes at once as soon as `wanted` of them; whether it lived to be killed."""
    run = begun(project)
    while run.poll() is None:
        processes = descendants([run.pid])
        if wanted(processes):
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            run.wait()
            return True
        time.sleep(0.02)
    return False


def built(project: Project) -> list[str]:
    """Every table noted as built, in any run so far."""
    logs = [RunLog(path) for path in (project.root / "runs").glob("*.jsonl")]
    return [
        line["table"] for log in logs for line in log.read() if line["event"] == "table" and line["state"] == "built"
    ]


def resumed(project: Project, whole: Whole) -> None:
    """The run goes on to the same release; what was finished before is reused."""
    finished = set(built(project))
    code, said = _resume(project)
    assert code == 0, said
    log = latest_run(project.root)
    assert log is not None
    states = {line["table"]: line["state"] for line in log.read() if line["event"] == "table"}
    assert {key for key in finished if states[key] != "reused"} == set()
    assert hashes(project, MONTH) == whole.lake
    assert release_hashes(project) == whole.release


def _resume(project: Project) -> tuple[int, str]:
    run = begun(project)
    code = run.wait(timeout=600)
    return code, (project.root / "terminal").read_text()


def is_linking(processes: set[int]) -> bool:
    """Whether one of the processes is the vault's step `link`, and has worked for a moment."""
    for process in processes:
        with suppress(OSError):
            words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
            if b"wsd_pipeline.vault" in words and b"link" in words:
                time.sleep(1)
                return True
    return False


def token_patterns(project: Project) -> dict[bytes, str]:
    """Every token of the month as it might be written: digits, and eight bytes either way."""
    path = Zone(project.linkage_room).path(IDENTITIES.key, MONTH)
    assert path is not None
    table = sealed.read(path, load(project), MONTH)
    found: dict[bytes, str] = {}
    for name in table.column_names:
        if pa.types.is_uint64(table.schema.field(name).type):
            for value in table[name].drop_null().unique().to_pylist():
                found |= {str(value).encode(): name, value.to_bytes(8, "little"): name, value.to_bytes(8, "big"): name}
    return found


def test_killed_inside_linkage(project: Project, whole: Whole) -> None:
    assert killed(project, is_linking)
    assert not (project.lake / "_pointers" / "linked").exists()
    wanted = key_patterns(project) | token_patterns(project)
    assert len(wanted) > 3_000
    assert search([project.root], wanted, spare=[project.vault, project.inbox]) == []
    resumed(project, whole)
    assert search([project.root], wanted, spare=[project.vault, project.inbox]) == []


@pytest.mark.exhaustive
def test_killed_at_every_boundary(project: Project, whole: Whole) -> None:
    """Killed each time one more table has been finished, until the run comes to its end."""
    done: list[int] = []
    for _ in range(60):
        known = len(built(project))
        if not killed(project, lambda _, known=known: len(built(project)) > known):
            break
        done.append(len(built(project)))
    assert len(done) >= 10
    assert len(built(project)) == len(set(built(project))), "a table was built twice"
    resumed_or_finished(project, whole)


def resumed_or_finished(project: Project, whole: Whole) -> None:
    lines = latest_run(project.root).read()
    if any(line["event"] == "finished" for line in lines):
        assert hashes(project, MONTH) == whole.lake and release_hashes(project) == whole.release
    else:
        resumed(project, whole)


@pytest.fixture
def moments() -> Iterator[float]:
    return iter(random.Random(5).uniform(2, 25) for _ in range(8))


@pytest.mark.exhaustive
def test_killed_at_random_times(project: Project, whole: Whole, moments: Iterator[float]) -> None:
    for seconds in moments:
        end = time.monotonic() + seconds
        if not killed(project, lambda _, end=end: time.monotonic() >= end):
            break
    resumed_or_finished(project, whole)
