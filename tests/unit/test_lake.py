"""The lake: what is promoted is whole, what is not promoted does not exist."""

from __future__ import annotations

import multiprocessing
import time

import pytest

from wsd_pipeline.lake import Zone, content_key, file_sha256
from wsd_pipeline.lock import holding
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project


def staged(zone, key, content=b"rows"):
    path = zone.staging("person.people", "2026-01", key) / "person.people.parquet"
    path.write_bytes(content)
    return {"person.people": path}


def test_promotion_moves_the_file_and_points_to_it(tmp_path):
    zone = Zone(tmp_path)
    pointer = zone.promote("person.people", "2026-01", "k1", staged(zone, "k1"), {"person.people": 4})
    assert zone.path("person.people", "2026-01") == tmp_path / "person/people/2026-01/k1.parquet"
    assert pointer.sha256["person.people"] == file_sha256(zone.path("person.people", "2026-01"))
    assert zone.pointer("person.people", "2026-01").rows == {"person.people": 4}
    assert zone.months("person.people") == ["2026-01"]


def test_nothing_is_accepted_before_promotion(tmp_path):
    zone = Zone(tmp_path)
    staged(zone, "k1")
    assert zone.pointer("person.people", "2026-01") is None
    assert zone.path("person.people", "2026-01") is None


def test_a_second_promotion_replaces_the_pointer_and_keeps_the_old_file(tmp_path):
    zone = Zone(tmp_path)
    zone.promote("person.people", "2026-01", "k1", staged(zone, "k1", b"one"), {"person.people": 1})
    zone.promote("person.people", "2026-01", "k2", staged(zone, "k2", b"two"), {"person.people": 1})
    assert zone.path("person.people", "2026-01").read_bytes() == b"two"
    assert (tmp_path / "person/people/2026-01/k1.parquet").read_bytes() == b"one"


def test_linked_tables_share_one_pointer(tmp_path):
    zone = Zone(tmp_path)
    folder = zone.staging("linked", "2026-01", "k")
    files = {}
    for name in ("linked.spine", "linked.edges"):
        files[name] = folder / f"{name}.parquet"
        files[name].write_bytes(name.encode())
    zone.promote("linked", "2026-01", "k", files, {"linked.spine": 1, "linked.edges": 2}, {"ledger_head": "aa"})
    assert zone.pointer("linked.spine", "2026-01") == zone.pointer("linked.edges", "2026-01")
    assert zone.pointer("linked.spine", "2026-01").facts == {"ledger_head": "aa"}


def test_sweeping_removes_work_in_progress_only(tmp_path):
    zone = Zone(tmp_path)
    zone.promote("person.people", "2026-01", "k1", staged(zone, "k1"), {"person.people": 1})
    left = staged(zone, "k2")["person.people"]
    zone.sweep()
    assert not left.exists()
    assert zone.path("person.people", "2026-01").exists()


@pytest.mark.parametrize("part", ["inputs", "sql", "contract"])
def test_the_content_key_depends_on_every_part(part):
    parts = {"inputs": {"a": "1"}, "sql": "select 1", "contract": "x"}
    assert content_key(parts) == content_key(dict(reversed(parts.items())))
    assert content_key(parts) != content_key(parts | {part: "changed"})


def _hold(root, seconds):
    with holding(Project(root=root, name="t", mode=Mode.SYNTHETIC)):
        (root / "held").touch()
        time.sleep(seconds)


def test_a_second_run_stops_and_the_lock_frees_itself_when_its_holder_is_killed(tmp_path):
    project = Project(root=tmp_path / "data", name="t", mode=Mode.SYNTHETIC)
    project.save()
    holder = multiprocessing.get_context("spawn").Process(target=_hold, args=(project.root, 30))
    holder.start()
    while not (project.root / "held").exists():
        time.sleep(0.02)
    with pytest.raises(Stop) as stop, holding(project):
        pass
    assert stop.value.code == "WSD-410"
    assert str(holder.pid) in stop.value.what
    holder.kill()
    holder.join()
    with holding(project):
        pass
