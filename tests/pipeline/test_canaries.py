"""No identity leaves the vault: canaries in every identifying field, a good run and a failed one, then a scan."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic_data.checks.canaries import plant, spoil
from tests.conftest import MONTHS, invent, run_months
from wsd_pipeline.canary import scan

pytestmark = pytest.mark.pipeline


def test_no_canary_leaves_the_vault(tmp_path: Path) -> None:
    project = invent(tmp_path / "data", people=600)
    canaries = plant(project, MONTHS[0]) | spoil(project, MONTHS[1])
    assert len(canaries) == len(set(canaries.values())) >= 60
    assert "gp__registrations.main_language" in canaries, "coded columns are among them"
    code, said = run_months(project.root, MONTHS[0])
    assert code == 0, said
    code, failed = run_months(project.root, MONTHS[1])
    assert code == 3, failed
    (tmp_path / "terminal.txt").write_text(said + failed, encoding="utf-8")
    assert scan([tmp_path], canaries, spare=[project.inbox, project.vault]) == []
    control = scan([project.inbox], canaries)
    assert {hit.canary for hit in control} == set(canaries), "the scan finds what is there"


@pytest.mark.exhaustive
def test_no_canary_and_no_key_gets_out_of_a_run_that_is_killed(tmp_path: Path) -> None:
    """What `wsd doctor --privacy` does: killed in the middle, resumed, stopped by a gate, watched all the while."""
    from wsd_pipeline.cli.privacy import tried

    trial = tried(tmp_path)
    assert trial.as_planned, trial.exits
    assert trial.hits == trial.key_hits == trial.missed == []
    assert trial.canaries >= 32 and trial.patterns > 4_000 and trial.keys > 100
    assert trial.files > 200 and trial.processes >= 4
    assert list(tmp_path.iterdir()) == [], "the trial's folder is removed"
