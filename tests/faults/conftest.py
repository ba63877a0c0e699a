"""A small project run to the end unbroken, which every fault is measured against, and fresh copies to break."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.vault_files import BIRTHS, MONTH, NHS, full_project, hand_feeds, put_rows, rows_of
from wsd_pipeline import from_vault
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import __main__ as child
from wsd_pipeline.vault import airlock
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.report import Report, encode

REAL_RUN = airlock.run
PSEUDO = tuple(pseudo_table(feed).key for feed in hand_feeds())
SECRETS = (*NHS, "Okafor", "Begum", "O'Brien", *BIRTHS[:3], "Rahim", "zqx")


def in_this_process(project: Project, step: str, month: str, timeout_minutes: float = 30) -> Report:
    """The vault's step without a child, its report through the line that would cross; as the airlock gives it."""
    line = encode(child.run(step, project.root, month))
    report = decode(line, project, month)
    if report.stops and not report.key:
        raise report.stops[0]
    return report


def accept_all(*_: object) -> list:
    """A validator that finds nothing: these tests are of faults, not of rules."""
    return []


def make(project: Project, month: str = MONTH) -> dict[str, Stop]:
    """The month as far as it goes, vault to linkage, as the assets call it; the stop of each table that has one."""
    stops: dict[str, Stop] = {}
    try:
        report = from_vault.run_vault(project, month)
    except Stop as stop:
        return {"": stop}
    stops |= {str(stop.facts.get("table", "")): stop for stop in report.stops}
    for key in PSEUDO:
        try:
            from_vault.accept_pseudo(project, key, month, accept_all)
        except Stop as stop:
            stops.setdefault(key, stop)
    if "tokens.identities" not in report.tables:
        return stops
    try:
        from_vault.build_linked(project, month, accept_all)
    except Stop as stop:
        stops["linked"] = stop
    return stops


def hashes(project: Project, month: str = MONTH) -> dict[str, str]:
    """SHA-256 of every table accepted in the lake in the month."""
    found: dict[str, str] = {}
    for path in (project.lake / "_pointers").glob(f"*/{month}.json"):
        found |= json.loads(path.read_text())["sha256"]
    return found


def quiet(*stops: Stop) -> None:
    """No message says anything of the data."""
    for stop in stops:
        for secret in SECRETS:
            assert secret not in stop.text()


@dataclass(frozen=True)
class Unbroken:
    """The project run without a fault, and the bytes it came to."""

    root: Path
    hashes: dict[str, str]

    def copy(self, root: Path, *, fresh: bool = False) -> Project:
        """A copy to break; `fresh` has only the inbox."""
        if not fresh:
            shutil.copytree(self.root, root)
            return Project.load(root)
        return full_project(root)


@pytest.fixture(autouse=True)
def vault_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airlock, "run", in_this_process)


@pytest.fixture(scope="session")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Unbroken:
    project = full_project(tmp_path_factory.mktemp("unbroken") / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(airlock, "run", in_this_process)
        assert make(project) == {}
    found = hashes(project)
    assert set(found) == {*PSEUDO, *from_vault.linked_tables()}
    return Unbroken(project.root, found)


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    return full_project(tmp_path / "data")


@pytest.fixture
def accepted(unbroken: Unbroken, tmp_path: Path) -> Project:
    return unbroken.copy(tmp_path / "data")


def put_changed(project: Project, feed: str, stamp: str = "202602020900", **values: str) -> Path:
    """A later file of the feed with these columns replaced in every row."""
    return put_rows(project, feed, [row | values for row in rows_of(feed)], stamp=stamp)
