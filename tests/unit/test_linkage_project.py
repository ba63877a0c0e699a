"""A project's months linked from sealed tokens: staging, reuse, the same bytes again, and months out of order."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.linkage_cases import draw, looks, rows, token
from wsd_pipeline.contracts.linked import TABLES
from wsd_pipeline.contracts.tokens import CLOSURES, IDENTITIES, NAMES, OPTED_OUT
from wsd_pipeline.lake import Zone, file_sha256
from wsd_pipeline.linkage.explain import explain
from wsd_pipeline.linkage.month import LinkReport, link_month
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault import keys as vault_keys
from wsd_pipeline.vault import sealed

pytestmark = pytest.mark.slow

DOB = "1980-05-17"
GP = draw("gp 1", nhs="A", dob=DOB, name="ALI MIAH", postcode="E1 4AA")
APC = draw("apc 1", nhs="A", dob=DOB)
SCHOOL = draw("school 1", dob=DOB, name="ALI MIAH", postcode="E1 4AA")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(root=tmp_path / "data", name="linkage", mode=Mode.SYNTHETIC)
    made.save()
    return made


def receive(project: Project, month: str, *records: dict, key: str = "a", closed: tuple[str, ...] = ()) -> None:
    """What the vault does: the month's tokens, sealed and promoted in the linkage room."""
    room = Zone(project.linkage_room)
    folder = room.staging(IDENTITIES.key, month, key)
    tables = {IDENTITIES.key: rows(*records), NAMES.key: looks("ALI", "MIAH")}
    pair = [[token("nhs", number)] for number in closed] or [[], []]
    for contract, values in ((CLOSURES, pair), (OPTED_OUT, [[]])):
        names = [c.name for c in contract.columns]
        tables[contract.key] = pa.table({n: pa.array(v, pa.uint64()) for n, v in zip(names, values, strict=True)})
    staged = {name: folder / f"{name}.parquet" for name in tables}
    for name, table in tables.items():
        sealed.write(table, staged[name], vault_keys.load(project), month)
    room.promote(IDENTITIES.key, month, key, staged, {name: t.num_rows for name, t in tables.items()})


def accept(project: Project, month: str) -> LinkReport:
    """Link and, as the pipeline does once the tables have passed their gates, promote."""
    report = link_month(project, month, vault_keys.load(project))
    lake = Zone(project.lake)
    if not report.reused:
        folder = lake.root / "_staging" / f"linked.{month}.{report.key}"
        staged = {t.key: folder / f"{t.key}.parquet" for t in TABLES}
        lake.promote("linked", month, report.key, staged, report.rows, report.facts)
    return report


def spine(project: Project, month: str) -> dict:
    table = pq.read_table(Zone(project.lake).path("linked.spine", month))
    return {r["source"]: r["person_id"] for r in table.to_pylist()}


def test_months_follow_on_and_the_same_month_again_is_reused(project: Project) -> None:
    receive(project, "2026-01", GP, APC)
    first = accept(project, "2026-01")
    assert first.facts["previous_key"] == ""
    assert accept(project, "2026-01").reused
    receive(project, "2026-02", GP)
    second = accept(project, "2026-02")
    assert second.facts["previous_key"] == first.key
    receive(project, "2026-03", SCHOOL, draw("op 1", nhs="A", dob=DOB))
    accept(project, "2026-03")
    assert len(set(spine(project, "2026-03").values())) == 1
    assert spine(project, "2026-03")["apc"] == spine(project, "2026-01")["apc"]


def test_the_same_tokens_give_the_same_bytes(project: Project, tmp_path: Path) -> None:
    hashes = []
    for order in ((GP, APC, SCHOOL), (SCHOOL, GP, APC)):
        other = Project(root=tmp_path / f"again{len(hashes)}", name="linkage", mode=Mode.SYNTHETIC)
        other.save()
        receive(other, "2026-01", *order)
        accept(other, "2026-01")
        hashes.append([file_sha256(Zone(other.lake).path(t.key, "2026-01")) for t in TABLES])
    assert hashes[0] == hashes[1]


def is_begun(project: Project, month: str) -> bool:
    """Whether anything says that the month was linked: an accepted table, or what the next month would begin from."""
    basis = list((project.linkage_room / "linked").glob(f"{month}.*.json"))
    return bool(basis) or Zone(project.lake).pointer("linked.spine", month) is not None


def two_months(project: Project) -> None:
    """A month linked, and the next received."""
    receive(project, "2026-01", GP, APC)
    accept(project, "2026-01")
    receive(project, "2026-02", GP, APC, SCHOOL)


def accepted(project: Project) -> list[str]:
    lake = Zone(project.lake)
    return [file_sha256(lake.path(t.key, month)) for month in ("2026-01", "2026-02") for t in TABLES]


@pytest.fixture
def unbroken(tmp_path: Path) -> list[str]:
    """What two months come to where nothing goes wrong."""
    whole = Project(root=tmp_path / "unbroken", name="linkage", mode=Mode.SYNTHETIC)
    whole.save()
    two_months(whole)
    accept(whole, "2026-02")
    return accepted(whole)


def then_fail(work: Callable[..., Any]) -> Callable[..., Any]:
    def failing(*given: Any, **options: Any) -> Any:
        work(*given, **options)
        raise OSError("it failed")

    return failing


@pytest.mark.parametrize("piece", ["evidence.write_evidence", "sql.write_parquet", "inputs.read_linked"])
def test_a_month_of_which_a_piece_fails_is_as_if_not_begun(
    project: Project, unbroken: list[str], monkeypatch: pytest.MonkeyPatch, piece: str
) -> None:
    """Beside the session, at the writing, at the reading: the month fails with it, and linked anew it is whole."""
    from wsd_pipeline import sql
    from wsd_pipeline.linkage import evidence, inputs

    two_months(project)
    module, name = piece.split(".")
    where = {"evidence": evidence, "sql": sql, "inputs": inputs}[module]
    with monkeypatch.context() as patched:
        patched.setattr(where, name, then_fail(getattr(where, name)))
        with pytest.raises(OSError, match="it failed"):
            accept(project, "2026-02")
    assert not is_begun(project, "2026-02")
    assert not [t for t in threading.enumerate() if t.name.startswith("aside")]
    accept(project, "2026-02")
    assert accepted(project) == unbroken


KILLED = """
import os, sys
from pathlib import Path
from wsd_pipeline.linkage import evidence
from wsd_pipeline.linkage.month import link_month
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import keys

evidence.write_evidence = lambda con: os._exit(9)
project = Project.load(Path(sys.argv[1]))
link_month(project, "2026-02", keys.load(project))
"""


def test_a_month_killed_beside_the_writing_is_as_if_not_begun(project: Project, unbroken: list[str]) -> None:
    two_months(project)
    checkout = Path(__file__).parents[2]
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(project.root)], cwd=checkout, env={**os.environ, "PYTHONPATH": str(checkout)}
    )
    assert child.returncode == 9
    assert not is_begun(project, "2026-02")
    accept(project, "2026-02")
    assert accepted(project) == unbroken


def test_a_month_is_refused_unless_the_one_before_was_linked_last(project: Project) -> None:
    for month in ("2026-01", "2026-02", "2026-03"):
        receive(project, month, GP)
    accept(project, "2026-01")
    with pytest.raises(Stop) as gap:
        accept(project, "2026-03")
    assert gap.value.code == "WSD-200"
    accept(project, "2026-02")
    receive(project, "2026-01", GP, APC, key="b")
    accept(project, "2026-01")
    with pytest.raises(Stop) as stale:
        accept(project, "2026-03")
    assert stale.value.code == "WSD-200"
    accept(project, "2026-02")
    accept(project, "2026-03")


def test_a_month_is_scored_by_the_shipped_model_and_its_change_is_another_result(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wsd_pipeline.linkage import core, probabilistic

    given, link = [], core.link

    def watched(*arguments: object, **options: object) -> core.Outcome:
        given.append(options["scorer"])
        return link(*arguments, **options)

    monkeypatch.setattr(core, "link", watched)
    receive(project, "2026-01", GP)
    first = accept(project, "2026-01")
    assert given == [probabilistic.score_left]
    monkeypatch.setattr(probabilistic, "REVIEW_FROM", 0.6)
    assert accept(project, "2026-01").key != first.key


def test_no_token_leaves_the_linkage_room(project: Project) -> None:
    receive(project, "2026-01", GP, APC, SCHOOL)
    accept(project, "2026-01")
    lake = Zone(project.lake)
    for table in TABLES:
        columns = pq.read_schema(lake.path(table.key, "2026-01")).names
        assert columns == [c.name for c in table.columns]
        assert not [c for c in columns if c.endswith("_token")]


def test_a_persons_decisions_are_read_and_make_another_result(project: Project) -> None:
    receive(project, "2026-01", GP, SCHOOL)
    before = accept(project, "2026-01")
    header = "decision_number,decision,source_a,record_id_a,source_b,record_id_b"
    text = f"{header}\n1,not_same,gp,{GP['record_id']},school,{SCHOOL['record_id']}\n"
    (project.linkage_room / "decisions.csv").write_text(text, encoding="utf-8")
    after = accept(project, "2026-01")
    assert after.key != before.key
    assert len(set(spine(project, "2026-01").values())) == 2


def test_one_person_explained_without_identity(project: Project) -> None:
    receive(project, "2026-01", GP, APC, SCHOOL)
    accept(project, "2026-01")
    lake = Zone(project.lake)
    found = explain(lake, "2026-01", str(spine(project, "2026-01")["gp"]))
    assert found.records.num_rows == 3
    assert sorted(found.joins["step"].to_pylist()) == ["alphanumeric", "nhs_exact"]
    assert not {"record_id", "person_id"} & {*found.records.column_names, *found.joins.column_names}
    for unknown in ("0" * 32, "somebody"):
        with pytest.raises(Stop) as stop:
            explain(lake, "2026-01", unknown)
        assert stop.value.code == "WSD-602"


def test_closed_numbers_are_kept_from_month_to_month_when_the_list_is_not(project: Project) -> None:
    home = {"dob": DOB, "name": "ALI MIAH", "postcode": "E1 4AA", "uprn": "1"}
    receive(project, "2026-01", draw("gp 1", nhs="A", **home), closed=("A", "B"))
    accept(project, "2026-01")
    for month in ("2026-02", "2026-03"):
        receive(project, month, draw("gp 1", **home), draw("asc 1", nhs="B", **home))
        accept(project, month)
        assert len(set(spine(project, month).values())) == 2
    held = [path.read_bytes() for path in project.lake.rglob("*") if path.is_file()]
    secrets = [token("nhs", number).to_bytes(8, order) for number in "AB" for order in ("little", "big")]
    assert not [secret for secret in secrets for data in held if secret in data]
