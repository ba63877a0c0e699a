"""A file of each feed, written by hand from the public specification: the vault takes it in whole.

The generator writes from the contracts; these were not, so they show that a contract accepts what a supplier sends.
Repeated rows are resubmissions, of which the latest is carried on: nothing else is held back and nothing fails.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vault_session import vault_session
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault.examine import examine
from wsd_pipeline.vault.mapping import layout_of
from wsd_pipeline.vault.receive import receive

HANDWRITTEN = Path(__file__).resolve().parents[1] / "handwritten"
MONTH = "2026-01"


def test_every_contract_has_its_file_and_every_file_its_contract() -> None:
    assert {p.stem for p in HANDWRITTEN.glob("*.csv")} == {feed.name for feed in landed_tables()}


@pytest.mark.parametrize("feed", landed_tables(), ids=lambda feed: feed.name)
def test_a_file_written_by_hand_is_accepted_whole(tmp_path: Path, feed: LandedTable) -> None:
    path = tmp_path / f"{feed.name}_ORG_{MONTH}_202602010900.csv"
    path.write_bytes((HANDWRITTEN / f"{feed.name}.csv").read_bytes())
    layout = layout_of(Project(root=tmp_path, name="hand", mode=Mode.SYNTHETIC), feed, MONTH)
    with vault_session() as con:
        found = examine(con, feed, receive(path, feed.key, layout, MONTH, tmp_path), layout, Mode.SYNTHETIC, MONTH)
        kept = con.execute("select count(*) from landed").fetchall()[0][0]
    assert (found.stop, found.quarantined) == (None, 0)
    assert {(r.column, r.check) for r in found.results if r.failed} == set()
    assert kept + found.resubmitted == path.read_bytes().count(b"\n") - 1
    assert kept > 0
