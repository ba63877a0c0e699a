"""What starts a month without a person: files taken only when they are whole, each content once; both off at first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from assets import sensors
from assets.definitions import defs
from assets.months import monthly as months
from assets.resources import PROJECT_VARIABLE
from tests.vault_files import MONTH, full_project, put, put_manifest, put_rows
from wsd_pipeline.settings import Project

pytestmark = pytest.mark.slow

FEED = "housing__tenancies"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Every feed's file with its manifest."""
    made = full_project(tmp_path / "data")
    for path in made.inbox.glob("*__*/*.csv"):
        put_manifest(path)
    monkeypatch.setenv(PROJECT_VARIABLE, str(made.root))
    monkeypatch.setattr(sensors, "MONTHS", months("2026-01", "2026-03"))
    return made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


class Ticks:
    """The sensor, tick after tick."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor = instance, None

    def __call__(self) -> list[dg.RunRequest]:
        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor) as context:
            made = sensors.file_drop(context)
        assert isinstance(made, dg.SensorResult)
        self.cursor = made.cursor
        self.reason = made.skip_reason
        return list(made.run_requests or [])


def test_both_are_off_until_switched_on() -> None:
    repository = defs.get_repository_def()
    assert [s.default_status for s in repository.sensor_defs if s.name == "file_drop"] == [
        dg.DefaultSensorStatus.STOPPED
    ]
    assert [s.default_status for s in repository.schedule_defs] == [dg.DefaultScheduleStatus.STOPPED]


def test_a_month_is_taken_at_the_second_tick(project: Project, instance: dg.DagsterInstance) -> None:
    tick = Ticks(instance)
    assert tick() == []
    assert MONTH in str(tick.reason)
    assert [request.partition_key for request in tick()] == [MONTH]


def test_a_file_still_growing_is_left_alone(project: Project, instance: dg.DagsterInstance) -> None:
    tick = Ticks(instance)
    path = next((project.inbox / FEED).glob("*.csv"))
    whole = path.read_bytes()
    path.write_bytes(whole[:50])
    for end in (90, 130, len(whole)):
        assert tick() == []
        path.write_bytes(whole[:end])
    assert tick() == [], "just whole, but it changed since the last tick"
    assert len(tick()) == 1


def test_a_cut_file_that_grows_no_more_is_not_the_one_of_its_manifest(
    project: Project, instance: dg.DagsterInstance
) -> None:
    tick = Ticks(instance)
    path = next((project.inbox / FEED).glob("*.csv"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert [tick(), tick(), tick()] == [[], [], []]
    path.write_bytes(whole)
    assert tick() == []
    assert len(tick()) == 1


@pytest.mark.parametrize("sidecar", ["none", "broken", "of another file"])
def test_nothing_is_taken_without_a_manifest_that_names_it(
    project: Project, instance: dg.DagsterInstance, sidecar: str
) -> None:
    path = next((project.inbox / FEED).glob("*.csv"))
    beside = path.with_suffix(".manifest.json")
    beside.unlink()
    if sidecar == "broken":
        beside.write_text("{")
    if sidecar == "of another file":
        put_manifest(path, sha256="0" * 64)
    tick = Ticks(instance)
    assert [tick(), tick(), tick()] == [[], [], []]
    put_manifest(path)
    assert tick() == []
    assert len(tick()) == 1


def test_the_same_files_are_asked_for_under_the_same_key_and_a_correction_under_another(
    project: Project, instance: dg.DagsterInstance
) -> None:
    tick = Ticks(instance)
    tick()
    (first,) = tick()
    assert [request.run_key for request in tick()] == [first.run_key]
    path = next((project.inbox / FEED).glob("*.csv"))
    renamed = put(project, FEED, path.read_bytes(), stamp="202602020900")
    put_manifest(renamed)
    tick()
    assert [request.run_key for request in tick()] == [first.run_key], "renamed only"
    put_manifest(put_rows(project, FEED, [], stamp="202602030900"))
    tick()
    (corrected,) = tick()
    assert corrected.run_key != first.run_key


def test_a_feed_missing_holds_the_month_back(project: Project, instance: dg.DagsterInstance) -> None:
    next((project.inbox / FEED).glob("*.csv")).unlink()
    tick = Ticks(instance)
    assert [tick(), tick()] == [[], []]


def test_files_are_hashed_once(project: Project, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    tick = Ticks(instance)
    tick()
    tick()
    monkeypatch.setattr(sensors, "file_sha256", lambda path: pytest.fail("hashed again"))
    assert len(tick()) == 1


def test_no_project_no_run(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(PROJECT_VARIABLE, str(tmp_path))
    with dg.build_sensor_context(instance=instance) as context:
        assert isinstance(sensors.file_drop(context), dg.SkipReason)


@pytest.mark.parametrize(("day", "month"), [(datetime(2026, 2, 8, 6), "2026-01"), (datetime(2026, 4, 8, 6), "2026-03")])
def test_the_schedule_runs_the_month_before(project: Project, day: datetime, month: str) -> None:
    with dg.build_schedule_context(scheduled_execution_time=day) as context:
        assert sensors.monthly(context).partition_key == month


def test_the_schedule_waits_for_a_month_that_has_not_arrived(project: Project) -> None:
    with dg.build_schedule_context(scheduled_execution_time=datetime(2026, 9, 8, 6)) as context:
        assert isinstance(sensors.monthly(context), dg.SkipReason)


def test_a_split_file_is_whole_when_both_its_parts_are(tmp_path: Path) -> None:
    folder = tmp_path / "gp__registrations"
    folder.mkdir()
    payload, identity = (
        folder / f"gp__registrations.{part}_ORG_2026-01_202602010900.csv" for part in ("payload", "identity")
    )

    def put(path: Path) -> None:
        path.write_bytes(path.name.encode())
        sha256 = hashlib.sha256(path.name.encode()).hexdigest()
        path.with_suffix(".manifest.json").write_text(json.dumps({"sha256": sha256}))

    def ticks(count: int) -> str:
        before: dict = {}
        for _ in range(count):
            seen: dict = {}
            found = sensors.whole(payload, "gp__registrations", "2026-01", before, seen)
            before = seen
        return found

    put(payload)
    assert ticks(3) == "", "its other part has yet to come"
    put(identity)
    assert len(ticks(2)) == 64
    identity.write_bytes(b"another")
    assert ticks(2) == ""
