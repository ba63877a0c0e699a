"""Releases: whole or invisible, verified by their folder alone, read by name."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace

import duckdb
import pytest
import yaml

import wsd_pipeline.release.publish as publishing
import wsd_pipeline.release.rules as ruling
from wsd_pipeline import open_release
from wsd_pipeline.cli.show import say_marts
from wsd_pipeline.contracts import table, tables
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.release.publish import mart_tables, publish
from wsd_pipeline.release.rules import rules_in_force
from wsd_pipeline.release.standing import latest
from wsd_pipeline.release.verify import verify
from wsd_pipeline.segmentation.rules import RULES_FILE
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.sql import attach_empty, connect, typed_select, write_parquet

CONFIG = RULES_FILE.parent


def accept(project, key, month, build="k1", rows=3):
    """Promote a mart of `rows` rows that differ in their key's first column."""
    lake, contract = Zone(project.lake), table(key)
    con = connect(project.lake / "spill", threads=1, memory_limit="1GB")
    attach_empty(con, {key: contract})
    first = contract.unique_key[0]
    for place in range(rows):
        con.execute(f"insert into {key} ({first}) values (?)", [f"{place}"])
    path = lake.staging(key, month, build) / "x.parquet"
    write_parquet(con, typed_select(contract, key), path)
    lake.promote(key, month, build, {key: path}, {key: rows})


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    """A project whose marts are all accepted; tests that change anything work on a copy."""
    made = Project(root=tmp_path_factory.mktemp("accepted") / "data", name="test", mode=Mode.SYNTHETIC)
    made.save()
    for key in mart_tables():
        accept(made, key, "2026-01")
    return made


@pytest.fixture(scope="module")
def published(accepted):
    """The first release of that project: looked at, never changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "is_current", lambda *_: True)
        return publish(accepted, "2026-01")


@pytest.fixture
def project(tmp_path, accepted, monkeypatch):
    """A copy of the accepted project, nothing published."""
    monkeypatch.setattr(publishing, "is_current", lambda *_: True)
    shutil.copytree(accepted.root, tmp_path / "data", ignore=shutil.ignore_patterns("releases"))
    return replace(accepted, root=tmp_path / "data")


@pytest.mark.slow
def test_a_release_is_whole_and_verifies(accepted, published):
    """A file and a contract for each mart, and the database; how the marts were made stays in the lake."""
    assert published.name == "2026-01.r1"
    assert verify(published.folder) == 2 * len(mart_tables()) + 1
    assert {p.name for p in published.folder.iterdir()} == {"marts", "contracts", "wsd.duckdb", "manifest.json"}
    assert (accepted.lake / "_released" / "2026-01.r1.json").is_file()
    assert sorted(publishing.released(accepted, published)) == sorted(mart_tables())
    assert latest(accepted, "2026-01").name == published.name


@pytest.mark.slow
def test_the_same_month_again_is_the_same_release(project):
    first = publish(project, "2026-01")
    again = publish(project, "2026-01")
    assert again.reused and again.name == first.name
    assert [p.name for p in project.releases.iterdir() if p.is_dir()] == ["2026-01.r1"]


@pytest.mark.slow
def test_a_change_makes_a_revision_and_leaves_the_first(project):
    first = publish(project, "2026-01")
    accept(project, mart_tables()[0], "2026-01", build="k2", rows=4)
    second = publish(project, "2026-01")
    assert second.name == "2026-01.r2"
    assert verify(first.folder) == verify(second.folder)


@pytest.mark.slow
def test_releases_before_are_those_in_a_row_and_are_safe_with_what_they_were_proved_on(project):
    for key in mart_tables():
        accept(project, key, "2026-02")
    publish(project, "2026-01")
    second = publish(project, "2026-02")
    path = project.lake / "_released" / f"{second.name}.json"
    told = json.loads(path.read_text())
    assert told["series"]["after"] == "2026-01.r1"
    told["series"] |= {"stands": {"people": {"people moved": [["LW", "healthy", 9]]}}, "covers": {"people": 1}}
    path.write_text(json.dumps(told))
    first, last = publishing.earlier_releases(project, "2026-03")
    assert first.stands == {} and last.stands == {"people": {"people moved": {("LW", "healthy"): 9}}}
    assert last.covers == {"people": 1} and sorted(last.marts) == sorted(mart_tables())
    assert publishing.earlier_releases(project, "2026-04") == []  # nothing was released for March
    accept(project, mart_tables()[0], "2026-01", build="k2", rows=4)
    publish(project, "2026-01")
    assert [r.stands for r in publishing.earlier_releases(project, "2026-03")] == [{}, {}]


@pytest.mark.slow
def test_duckdb_and_parquet_hold_the_same_rows_with_comments(published):
    manifest = json.loads((published.folder / "manifest.json").read_text())
    con = duckdb.connect(str(published.folder / "wsd.duckdb"), read_only=True)
    for key in mart_tables():
        contract = tables()[key]
        assert publishing.logical_hash(con, contract) == manifest["marts"][contract.name]["logical_sha256"]
        comment = con.execute("select comment from duckdb_tables() where table_name = ?", [contract.name]).fetchall()
        assert contract.grain in comment[0][0]
        columns = con.execute(
            "select column_name, comment from duckdb_columns() where table_name = ?", [contract.name]
        ).fetchall()
        assert dict(columns) == {c.name: c.description for c in contract.columns}


def flip(folder):
    path = next((folder / "marts").glob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def remove(folder):
    next((folder / "marts").glob("*.parquet")).unlink()


def add(folder):
    (folder / "marts" / "extra.parquet").write_bytes(b"x")


def edit(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["release"] = "2025-01.r1"
    (folder / "manifest.json").write_text(json.dumps(manifest))


def garble(folder):
    (folder / "manifest.json").write_text("{")


@pytest.mark.parametrize("tamper", [flip, remove, add, edit, garble], ids=lambda f: f.__name__)
@pytest.mark.slow
def test_tampering_is_found(published, tmp_path, tamper):
    folder = tmp_path / "copy" / "2026-01.r1"
    shutil.copytree(published.folder, folder)
    tamper(folder)
    with pytest.raises(Stop) as stop:
        verify(folder)
    assert stop.value.code == "WSD-700"


def test_a_mart_that_is_not_accepted_or_not_current_is_not_published(project, monkeypatch):
    with pytest.raises(Stop) as stop:
        publish(project, "2026-02")
    assert stop.value.code == "WSD-201"
    monkeypatch.setattr(publishing, "is_current", lambda *_: False)
    with pytest.raises(Stop):
        publish(project, "2026-01")
    assert latest(project, "2026-01") is None


@pytest.mark.slow
def test_an_interrupted_publication_is_invisible_and_the_next_one_succeeds(project, monkeypatch):
    monkeypatch.setattr(publishing, "verify", lambda folder: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        publish(project, "2026-01")
    assert latest(project, "2026-01") is None
    monkeypatch.undo()
    monkeypatch.setattr(publishing, "is_current", lambda *_: True)
    assert publish(project, "2026-01").name == "2026-01.r1"


@pytest.mark.slow
def test_a_release_is_read_by_month_and_mart(accepted, published):
    release = open_release("2026-01", accepted.releases)
    name = release.marts()[0]
    assert getattr(release, name).height == 3
    with pytest.raises(Stop) as stop:
        release.mart(name[:-1])
    assert stop.value.code == "WSD-602" and name in stop.value.what
    with pytest.raises(Stop) as stop:
        open_release("2026-09", accepted.releases)
    assert stop.value.code == "WSD-601"


def stated(path) -> str:
    """The version that a file of rules states, read apart from the code that reads rules."""
    return str(yaml.safe_load(path.read_text(encoding="utf-8"))["version"])


@pytest.mark.slow
def test_a_release_says_which_rules_made_it(published):
    rules = json.loads((published.folder / "manifest.json").read_text())["rules"]
    assert rules == {
        name: {"version": stated(CONFIG / file), "sha256": hashlib.sha256((CONFIG / file).read_bytes()).hexdigest()}
        for name, file in {
            "segments": "segments.yaml", "cohorts": "cohorts.yaml", "outcomes": "outcomes.yaml",
            "disclosure": "disclosure.yaml",
        }.items()
    }  # fmt: skip


def test_a_version_that_was_not_raised_is_told_by_the_hash(tmp_path, monkeypatch):
    before = rules_in_force()["segments"]
    copy = tmp_path / "segments.yaml"
    copy.write_text(RULES_FILE.read_text(encoding="utf-8").replace("older_age: 65", "older_age: 66"), encoding="utf-8")
    monkeypatch.setattr(ruling, "RULES_FILE", copy)
    after = rules_in_force()["segments"]
    assert before["version"] == after["version"] and before["sha256"] != after["sha256"]


@pytest.mark.slow
def test_the_rules_are_shown_with_the_marts(accepted, published, capsys):
    say_marts(accepted)
    shown = capsys.readouterr().out
    for name, file in (("segments", "segments.yaml"), ("outcomes", "outcomes.yaml"), ("disclosure", "disclosure.yaml")):
        assert f"{name} {stated(CONFIG / file)}" in shown
