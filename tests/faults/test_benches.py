"""The vault's two benches: what a month comes to does not depend on who did which feed, or on there being two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.vault_files import MONTH, full_project
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.lake import Zone, file_sha256
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import __main__ as child
from wsd_pipeline.vault import feeds, sealed
from wsd_pipeline.vault.keys import load

pytestmark = pytest.mark.slow


def outcome(project: Project) -> list[object]:
    """All that the step tells and makes: report, files and identities."""
    report = child.run("month", project.root, MONTH)
    staged = sorted((path.name, file_sha256(path)) for path in project.lake.rglob("*.parquet"))
    path = Zone(project.linkage_room).path(IDENTITIES.key, MONTH)
    people = None if path is None else sealed.read(path, load(project), MONTH).to_pylist()
    told = [(stop.code, dict(stop.facts)) for stop in report.stops]
    return [report.key, list(report.tables.items()), report.checks, told, staged, people]


@pytest.mark.parametrize("is_broken", [False, True], ids=["whole", "two feeds broken"])
def test_two_benches_come_to_what_one_does(tmp_path, is_broken, monkeypatch):
    made = []
    for threads in (1, 2):
        project = replace(full_project(tmp_path / str(threads)), threads=threads)
        project.save()
        if is_broken:
            for name in ("gp__registrations", "housing__tenancies"):
                file = next((project.inbox / name).glob("*.csv"))
                file.write_bytes(file.read_bytes()[:-40] + b"\x00")
        made.append(outcome(project))
    first, second = made
    assert bool(first[3]) is is_broken
    assert str(first).replace(str(tmp_path / "1"), "") == str(second).replace(str(tmp_path / "2"), "")


def test_the_shares_hold_whole_sources_and_every_feed(tmp_path):
    from wsd_pipeline.vault.plan import plans_of

    project = full_project(tmp_path / "data")
    plans, stops = plans_of(project, load(project), MONTH, dict.fromkeys(("reference.postcodes", *_others())))
    mine, theirs = feeds._shares(plans)
    assert not stops and mine and theirs
    assert sorted(p.feed.key for p in (*mine, *theirs)) == sorted(p.feed.key for p in plans)
    assert not {p.feed.source for p in mine} & {p.feed.source for p in theirs}


def _others() -> tuple[str, ...]:
    from wsd_pipeline.vault import opt_outs
    from wsd_pipeline.vault.plan import SUPERSESSIONS

    return (SUPERSESSIONS, *opt_outs.LISTS)
