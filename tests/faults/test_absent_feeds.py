"""A feed that is not supplied: the month goes on without it, says so, and is whole again when it comes."""

from __future__ import annotations

import pytest

from tests.faults.conftest import hashes, make
from tests.vault_files import MONTH, full_project, put_rows
from wsd_pipeline import from_vault
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.notes import checks_of, noted
from wsd_pipeline.settings import Project
from wsd_pipeline.supply import absent_feeds, leave_out

FEED = "ecds__attendances"


def received(project: Project) -> set[str]:
    return {str(row[0]) for row in noted(project, ["reference.received_feeds"], MONTH)["reference.received_feeds"]}


def test_a_month_told_to_go_without_a_feed_goes_on_and_says_so(fresh: Project, unbroken) -> None:
    for path in (fresh.inbox / FEED).iterdir():
        path.unlink()
    assert make(fresh)[f"landed.{FEED}"].code == "WSD-101", "nobody has said that it may be missing"
    leave_out(fresh, MONTH, [FEED])
    assert make(fresh) == {}
    assert Zone(fresh.lake).pointer(f"pseudo.{FEED}", MONTH).rows == {f"pseudo.{FEED}": 0}
    assert FEED not in received(fresh) and "gp__registrations" in received(fresh)
    (warning,) = checks_of(fresh, f"pseudo.{FEED}", MONTH)
    assert (warning.check, warning.passed) == ("supplied", False)
    leave_out(fresh, MONTH, [])
    put_rows(fresh, FEED)
    assert make(fresh) == {} and hashes(fresh) == unbroken.hashes


def test_a_project_takes_in_the_feeds_it_names(tmp_path) -> None:
    project = full_project(tmp_path / "data", feeds=("gp__registrations", "gp__conditions", "asc__events"))
    assert FEED in absent_feeds(project, MONTH) and "asc__events" not in absent_feeds(project, MONTH)
    assert from_vault.run_vault(project, MONTH).stops == ()
    assert received(project) == {"gp__registrations", "gp__conditions", "asc__events"}
    assert Project.load(project.root).feeds == project.feeds


def test_a_feed_nobody_knows_is_named_with_the_nearest(fresh: Project) -> None:
    with pytest.raises(Stop) as caught:
        leave_out(fresh, MONTH, ["ecds__attendance"])
    assert caught.value.code == "WSD-602" and f"Did you mean {FEED}?" in caught.value.text()
