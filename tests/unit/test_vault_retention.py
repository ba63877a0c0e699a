"""What is superseded goes at once, what is past its time in a live project goes with its key, what is needed stays."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from tests.vault_files import MONTH, full_project, put_rows, rows_of
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.flows import SHIPPED
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault import month as step
from wsd_pipeline.vault import retention, sealed
from wsd_pipeline.vault.keys import Keys, load

pytestmark = pytest.mark.slow

GP = "gp__registrations"


def test_a_replaced_file_takes_its_table_and_its_quarantine_with_it(tmp_path: Path) -> None:
    project = full_project(tmp_path / "data")
    keys = load(project)
    broken = [row | {"registered_date": "zqx"} if place == 0 else row for place, row in enumerate(rows_of(GP))]
    put_rows(project, GP, broken, stamp="202602010901")
    assert step.run(project, MONTH, keys).facts["superseded_files"] == 0
    put_rows(project, GP, stamp="202602020900")
    report = step.run(project, MONTH, keys)
    assert report.facts["superseded_files"] >= 2, "the landed table and what was set aside of the first file"
    for layer in ("landed", "quarantine"):
        left = sorted((project.vault / layer / GP / MONTH).glob("*.parquet"))
        assert [path.stem for path in left] == [report.tables[f"landed.{GP}"].key][: len(left)]
    assert step.run(project, MONTH, keys).facts["superseded_files"] == 0


def test_what_was_set_aside_of_a_refused_file_stays_to_be_looked_at(tmp_path: Path) -> None:
    project = full_project(tmp_path / "data")
    keys = load(project)
    assert step.run(project, MONTH, keys).stops == ()
    put_rows(project, GP, [row | {"registered_date": "zqx"} for row in rows_of(GP)], stamp="202602020900")
    assert [stop.code for stop in step.run(project, MONTH, keys).stops] == ["WSD-121"]
    assert list((project.vault / "quarantine" / GP / MONTH).glob("*.parquet"))


def live(root: Path) -> tuple[Project, Keys]:
    """A live project's vault with three months of one feed, as they lie there; nothing in it is of anybody."""
    made = full_project(root / "made")
    project = Project(root=root / "live", name="live", mode=Mode.LIVE, feeds=(GP,))
    project.save()
    keys = load(made)
    keys = Keys(root=keys.root, deployment="live", folder=project.vault / "_keys", epoch="1")
    for month in ("2024-12", "2025-01", "2026-02"):
        for zone, table in ((Zone(project.vault), f"landed.{GP}"), (Zone(project.linkage_room), IDENTITIES.key)):
            staged = zone.staging(table, month, "k" * 24) / "one.parquet"
            sealed.write(pa.table({"a": [1]}), staged, keys, month)
            zone.promote(table, month, "k" * 24, {table: staged}, {table: 1})
        folder = project.inbox / GP
        folder.mkdir(exist_ok=True)
        for suffix in ("csv", "manifest.json"):
            (folder / f"{GP}_ORG_{month}_202602010900.{suffix}").touch()
    return project, keys


def held(project: Project) -> dict[str, set[str]]:
    return {
        "landed": set(Zone(project.vault).months(f"landed.{GP}")),
        "files": {path.parent.name for path in (project.vault / "landed" / GP).glob("*/*.parquet")},
        "inbox": {path.name.split("_")[4] for path in (project.inbox / GP).iterdir()},
        "tokens": set(Zone(project.linkage_room).months(IDENTITIES.key)),
        "keys": {path.stem for path in (project.vault / "_keys").glob("*.key")},
    }


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped register may not serve a live project; its times may be read all the same."""
    from wsd_pipeline import flows

    monkeypatch.setattr(retention, "load_register", lambda _: flows.read_register(SHIPPED, is_live=False))


def test_raw_months_past_their_time_go_with_their_key(tmp_path: Path, register: None) -> None:
    project, keys = live(tmp_path)
    assert retention.sweep(project, keys, "2026-02", [])["expired_files"] > 0
    assert held(project) == {
        "landed": {"2025-01", "2026-02"}, "files": {"2025-01", "2026-02"}, "inbox": {"2025-01", "2026-02"},
        "tokens": {"2026-02"}, "keys": {"2025-01", "2026-02"},
    }  # fmt: skip


def test_the_latest_of_a_feed_stays_however_old(tmp_path: Path, register: None) -> None:
    project, keys = live(tmp_path)
    retention.sweep(project, keys, "2029-01", [])
    assert held(project)["landed"] == {"2026-02"} and "2026-02" in held(project)["keys"]


def test_of_invented_people_nothing_expires(tmp_path: Path, register: None) -> None:
    project, keys = live(tmp_path)
    invented = Project(root=project.root, name="live", mode=Mode.SYNTHETIC, feeds=(GP,))
    assert retention.sweep(invented, keys, "2029-01", [])["expired_files"] == 0
    assert len(held(project)["landed"]) == 3


def test_what_the_linked_month_was_made_from_stays_until_it_is_linked_anew(tmp_path: Path) -> None:
    from wsd_pipeline.linkage.month import link_month

    project = full_project(tmp_path / "data")
    keys = load(project)
    step.run(project, MONTH, keys)
    report = link_month(project, MONTH, keys)
    staged = project.lake / "_staging" / f"linked.{MONTH}.{report.key}"
    files = {path.stem: path for path in staged.glob("linked.*.parquet")}
    Zone(project.lake).promote("linked", MONTH, report.key, files, dict(report.rows), report.facts)
    tokens = project.linkage_room / "tokens"
    before = {path for name in ("identities", "names") for path in tokens.glob(f"{name}/*/*.parquet")}
    put_rows(project, GP, rows_of(GP)[1:], stamp="202602020900")
    step.run(project, MONTH, keys)
    assert before < set(tokens.glob("*/*/*.parquet")), "next month's linkage reads them"
