"""The parts of a score: they are what the comparisons say, add up to the weight, and are told without identity."""

from __future__ import annotations

import json
import math
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.linkage_cases import Borough, draw, record_uuid
from tests.unit.test_linkage_scored import HOME, SPECIAL, townspeople
from wsd_pipeline.cli.app import run_app
from wsd_pipeline.contracts.linked import COMPARED_BITS, EDGES, LEDGER, SPINE
from wsd_pipeline.lake import Zone
from wsd_pipeline.linkage.explain import Fall, explain, waterfall
from wsd_pipeline.linkage.inputs import read_linked
from wsd_pipeline.linkage.probabilistic import score_left
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow
MONTH = "2026-01"
BY_EAR = [  # both names by ear: none is the same, so that none is rare
    draw("gp 9010", nhs="A9", dob="1966-06-06", name="BORISLAV TERZIEV", **{**HOME, "uprn": "90"}),
    draw("housing 9010", dob="1966-06-06", name="BORESLAV TERSIEF", **{**HOME, "uprn": "90"}),
]


@pytest.fixture(scope="module")
def linked() -> Borough:
    return Borough(scorer=score_left).month(MONTH, *townspeople(), *SPECIAL, *BY_EAR)


@pytest.fixture(scope="module")
def project(linked: Borough, tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(root=tmp_path_factory.mktemp("data"), name="linkage", mode=Mode.SYNTHETIC)
    made.save()
    lake = Zone(made.lake)
    folder = lake.staging("linked", MONTH, "a")  # empties it
    staged = {contract.key: folder / f"{contract.key}.parquet" for contract in (EDGES, SPINE, LEDGER)}
    for path, rows in zip(staged.values(), (linked.edges, linked.spine, linked.ledgers[-1]), strict=True):
        pq.write_table(rows, path)
    lake.promote("linked", MONTH, "a", staged, dict.fromkeys(staged, 1), {})
    return made


def edge(linked: Borough, *records: str) -> dict:
    ends = {str(record_uuid(r)) for r in records}
    found = [e for e in linked.edges.to_pylist() if {str(e["record_id_a"]), str(e["record_id_b"])} == ends]
    assert len(found) == 1 and found[0]["step"] == "probabilistic"
    return {name: float(v) if name.endswith(("_bits", "_weight", "_share")) else v for name, v in found[0].items()}


def test_what_agrees_is_for_what_differs_against_and_what_is_not_known_neither(linked: Borough) -> None:
    ear, undated = edge(linked, "gp 9001", "housing 9001"), edge(linked, "gp 9002", "housing 9002")
    assert ear["birth_date_bits"] > 8 and ear["surname_bits"] > ear["forename_bits"] > 0
    assert undated["birth_date_bits"] == 0 and undated["forename_bits"] > ear["forename_bits"]
    assert all(e["nhs_bits"] == 0 and e["address_bits"] > 5 and e["prior_bits"] < -5 for e in (ear, undated))


def test_only_names_that_are_the_same_are_rare_or_common(linked: Borough) -> None:
    by_ear = edge(linked, "gp 9010", "housing 9010")
    assert abs(by_ear["rarity_bits"]) <= 0.003, "the parts are the weight themselves but for rounding"
    assert edge(linked, "gp 9002", "housing 9002")["rarity_bits"] > 0.5


def test_the_parts_of_every_scored_pair_add_up_and_rules_have_none(linked: Borough) -> None:
    edges = linked.edges.to_pylist()
    scored = [e for e in edges if e["step"] == "probabilistic"]
    assert len(scored) > 2
    assert all(e["match_weight"] == sum(e[c] for c in (*COMPARED_BITS, "rarity_bits")) for e in scored)
    assert all(e["prior_bits"] is None and e["rarity_bits"] is None for e in edges if e["step"] != "probabilistic")
    rule = next(r for r in EDGES.rules if r.name == "parts_of_weight").failing
    con = duckdb.connect()
    rows = linked.edges  # noqa: F841 read by the query
    count = f"select count(*) filter (where {rule}) from rows"
    assert con.execute(count).fetchone() == (0,)
    wrong = count.replace("from rows", "from (select * replace (match_weight + 0.001 as match_weight) from rows)")
    assert con.execute(wrong).fetchone() == (len(scored),)


def test_a_waterfall_begins_with_the_prior_and_ends_at_the_probability(linked: Borough) -> None:
    join = {**edge(linked, "gp 9001", "housing 9001"), "match_share": 0.75}
    falls = waterfall(join)
    assert falls[0] == Fall("prior", join["prior_bits"], join["prior_bits"])
    assert [f.total for f in falls] == pytest.approx(np.cumsum([f.bits for f in falls]))
    assert falls[-2].total == pytest.approx(join["prior_bits"] + join["match_weight"])
    assert falls[-1].total == pytest.approx(math.log2(3)), "odds of three to one"
    assert [f.name for f in waterfall({**join, "match_share": 1.0})] == [f.name for f in falls[:-1]]
    assert waterfall({**join, "prior_bits": None}) == []


def test_the_command_draws_it_and_tells_nobody(linked: Borough, project: Project, capsys) -> None:
    where = ["explain", str(linked.person("gp 9001")), "--month", MONTH, "--project", str(project.root)]
    assert run_app(where) == 0
    text = capsys.readouterr().out
    lines = {line.split("  ")[0]: line for line in text.splitlines()}
    assert "█" in lines["birth date"] and "░" in lines["prior"] and "│" in lines["nhs"]
    assert run_app([*where, "--json"]) == 0
    said = capsys.readouterr().out
    join = next(j for j in json.loads(said)["joins"] if j["waterfall"])
    assert sum(f["bits"] for f in join["waterfall"][1:8]) == pytest.approx(float(join["match_weight"]))
    for record in (SPECIAL[0], SPECIAL[1]):
        tokens = [v for v in record.values() if isinstance(v, int) and v > 1]
        held = [record["record_id"], *map(str, [*tokens, *(record["name_tokens"] or [])])]
        assert len(held) > 8 and not [v for v in held if v in text + said]


def test_pairs_accepted_before_the_parts_were_kept_still_stand_and_are_explained(
    linked: Borough, project: Project, tmp_path: Path
) -> None:
    old = tmp_path / "edges.parquet"
    columns = [c for c in linked.edges.column_names if not c.endswith("_bits")]
    pq.write_table(linked.edges.select(columns), old)
    assert read_linked(EDGES, old).column_names == [c.name for c in EDGES.columns]
    lake = Zone(project.lake)
    path = lake.path(EDGES.key, MONTH)
    kept = path.read_bytes()
    path.write_bytes(old.read_bytes())
    try:
        joins = explain(lake, MONTH, str(linked.person("gp 9001"))).joins.to_pylist()
    finally:
        path.write_bytes(kept)
    assert [j["step"] for j in joins] == ["probabilistic"] and waterfall(joins[0]) == []
    after = Borough(scorer=score_left)
    after.spine, after.edges = linked.spine, read_linked(EDGES, old)
    after.known = linked.known
    after.month("2026-02", *townspeople(), *SPECIAL, *BY_EAR)
    assert after.together("gp 9001", "housing 9001") and after.edges.num_rows == linked.edges.num_rows
