"""The key lost, exposed or another one: nothing is written, and with the right key all is as it was. Rows 19 and 20."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.conftest import Unbroken, hashes, make, quiet
from wsd_pipeline.messages import Exit
from wsd_pipeline.settings import Project
from wsd_pipeline.vault.keys import DEMO_KEY


def key_file(path: Path, key: bytes = DEMO_KEY, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(key.hex())
    path.chmod(mode)
    return path


def wrong(project: Project, folder: Path) -> Path:
    return key_file(folder / "other", bytes(32))


def rotated_away(project: Project, folder: Path) -> Path:
    return folder / "gone"


def open_to_others(project: Project, folder: Path) -> Path:
    return key_file(folder / "open", mode=0o644)


def among_the_data(project: Project, folder: Path) -> Path:
    return key_file(project.vault / "key")


def no_key(project: Project, folder: Path) -> Path:
    path = key_file(folder / "text")
    path.write_text("zqx not a key")
    return path


FAULTS = {
    "wrong": (wrong, "WSD-502"),
    "missing": (rotated_away, "WSD-500"),
    "open to others": (open_to_others, "WSD-503"),
    "among the data": (among_the_data, "WSD-503"),
    "not a key": (no_key, "WSD-504"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_without_the_right_key_nothing_is_written(
    accepted: Project, unbroken: Unbroken, tmp_path: Path, case: str
) -> None:
    put, code = FAULTS[case]
    path = put(accepted, tmp_path / "keys")
    replace(accepted, key_file=path).save()
    broken = Project.load(accepted.root)
    files = sorted(p for zone in (broken.lake, broken.vault) for p in zone.rglob("*.parquet"))
    stops = make(broken)
    assert [stop.code for stop in stops.values()] == [code]
    assert all(stop.exit_code is Exit.ENVIRONMENT for stop in stops.values())
    quiet(*stops.values())
    for stop in stops.values():
        assert DEMO_KEY.hex() not in stop.text()
    assert sorted(p for zone in (broken.lake, broken.vault) for p in zone.rglob("*.parquet")) == files
    assert hashes(broken) == unbroken.hashes
    replace(accepted, key_file=key_file(tmp_path / "keys" / "right")).save()
    mended = Project.load(accepted.root)
    assert make(mended) == {} and hashes(mended) == unbroken.hashes
