"""What becomes of an id is told in plain words from the ledger: also of an id that is no more."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.linkage_cases import Borough, draw
from wsd_pipeline.cli.person import explain_person
from wsd_pipeline.lake import Zone
from wsd_pipeline.linkage.explain import explain
from wsd_pipeline.linkage.history import history, newest_id
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow

DOB, NAME = "1980-05-17", "ALI MIAH"
GP = draw("gp 1", nhs="A", dob=DOB, name=NAME, postcode="E1 4AA")
FAR = draw("school 1", dob=DOB, name=NAME, postcode="N9 9ZZ")
AWAY = draw("asc 1", dob=DOB, name=NAME, postcode="SE9 9ZZ")
BRIDGE = draw("op 1", nhs="A", dob=DOB, name=NAME, postcode="N9 9ZZ")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(root=tmp_path / "data", name="history", mode=Mode.SYNTHETIC)
    made.save()
    return made


def keep(project: Project, month: str, borough: Borough) -> None:
    """The month's tables in the lake, as the pipeline leaves them."""
    lake = Zone(project.lake)
    folder = lake.staging("linked", month, month)
    tables = {"spine": borough.spine, "edges": borough.edges, "ledger": borough.ledgers[-1]}
    staged = {f"linked.{name}": folder / f"linked.{name}.parquet" for name in tables}
    for name, table in tables.items():
        pq.write_table(table, staged[f"linked.{name}"])
    lake.promote("linked", month, month, staged, {f"linked.{n}": t.num_rows for n, t in tables.items()})


def found_to_be_one(project: Project) -> tuple[Borough, dict[str, str]]:
    """Three people: the third is found to be the second, and then the second the first."""
    borough = Borough().month("2026-01", GP)
    keep(project, "2026-01", borough)
    keep(project, "2026-02", borough.month("2026-02", GP, FAR))
    keep(project, "2026-03", borough.month("2026-03", GP, FAR, AWAY))
    ids = {name: str(borough.person(f"{name} 1")) for name in ("gp", "school", "asc")}
    moved = draw("asc 1", dob=DOB, name=NAME, postcode="N9 9ZZ")
    keep(project, "2026-04", borough.month("2026-04", GP, FAR, moved))
    keep(project, "2026-05", borough.month("2026-05", GP, FAR, moved, BRIDGE))
    assert len(set(ids.values())) == 3 and borough.together("gp 1", "asc 1", "school 1")
    return borough, ids


def test_both_ids_of_a_merge_say_so(project: Project) -> None:
    _, ids = found_to_be_one(project)
    lake = Zone(project.lake)
    assert [(e.month, e.event, e.words) for e in history(lake, "2026-05", ids["school"])] == [
        ("2026-02", "born", "First seen, with 1 record of 1 source (evidence: local)."),
        ("2026-04", "absorbed", f"{ids['asc']} was found to be the same person: 1 record of 1 source carry this id"
         " since (evidence: alphanumeric)."),
        ("2026-05", "absorbed", f"Found to be the same person as {ids['gp']}: 2 records of 2 sources carry that id"
         " since (evidence: alphanumeric)."),
    ]  # fmt: skip
    assert [e.month for e in history(lake, "2026-04", ids["school"])] == ["2026-02", "2026-04"], "as of that month"


def test_an_id_that_is_no_more_is_followed_to_the_one_it_is_now(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    _, ids = found_to_be_one(project)
    lake = Zone(project.lake)
    assert [newest_id(lake, m, ids["asc"]) for m in ("2026-03", "2026-04", "2026-05")] == [*reversed(ids.values())]
    found = explain(lake, "2026-05", ids["asc"])
    assert found.records.num_rows == 0 and found.newest_id == ids["gp"] and len(found.history) == 2
    assert explain(lake, "2026-05", ids["gp"]).newest_id is None
    explain_person(project, "2026-05", ids["asc"])
    said = capsys.readouterr().out
    assert f"This id is no more: the person is {ids['gp']} now." in said
    assert f"2026-04  Found to be the same person as {ids['school']}" in said
    explain_person(project, "2026-05", ids["gp"])
    said = capsys.readouterr().out
    assert "4 records are this person" in said and f"2026-05  {ids['school']} was found to be the same person" in said


def test_what_parted_moved_and_ended_is_told_of_either_side(project: Project) -> None:
    other = draw("gp 2", nhs="B", dob="2012-11-23", name="RUMA MIAH", postcode="E1 4AA")
    place, apc = (
        draw("benefits 1", dob="2008-03-12", name="HASAN MIAH", postcode="E1 4AA"),
        draw("apc 1", nhs="A", dob=DOB),
    )
    borough = Borough().month("2026-01", GP, apc, other, place)
    keep(project, "2026-01", borough)
    ali, ruma, hasan = (str(borough.person(r)) for r in ("gp 1", "gp 2", "benefits 1"))
    passed_on = draw("benefits 1", dob="2012-11-23", name="RUMA MIAH", postcode="E1 4AA")
    corrected = draw("apc 1", nhs="C", dob=DOB)
    keep(project, "2026-02", borough.month("2026-02", GP, corrected, other, passed_on))
    parted = str(borough.person("apc 1"))
    one = "1 record of 1 source"

    def told(person: str) -> list[str]:
        return [e.words for e in history(Zone(project.lake), "2026-02", person) if e.month == "2026-02"]

    assert told(parted) == [
        f"Parted from {ali}: {one} were found to be somebody else's and carry this id since (evidence: local)."
    ]
    assert told(ali) == [f"{one} were found to be somebody else's and carry the id {parted} since (evidence: local)."]
    assert told(ruma) == [f"{one} that had the id {hasan} were found to be of this person (evidence: alphanumeric)."]
    assert told(hasan) == [
        f"{one} were found to be of another person, {ruma}, and carry that id since (evidence: alphanumeric).",
        f"No record of this person is left; {one} there had been.",
    ]
    assert explain(Zone(project.lake), "2026-02", hasan).newest_id is None, "who moved on is not the same person"


def test_an_id_no_ledger_names_is_nobodys(project: Project) -> None:
    keep(project, "2026-01", Borough().month("2026-01", GP))
    with pytest.raises(Stop, match="WSD-602") as stop:
        explain(Zone(project.lake), "2026-01", "0" * 32)
    assert stop.value.code == "WSD-602"
