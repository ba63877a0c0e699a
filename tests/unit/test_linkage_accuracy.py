"""Pairs against the truth: what is counted from contingency tables is what listing every pair comes to."""

from __future__ import annotations

from itertools import combinations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tests.linkage_cases import record_uuid
from wsd_pipeline.linkage import accuracy

RECORDS = 120
GROUPS = ("ethnicity_group", "imd_quintile", "age_band", "sex")


def invented(seed: int) -> list[dict]:
    """Records of some forty people, most of them found whole; a few neither current nor of known truth."""
    rng = np.random.default_rng(seed)
    people = [
        (("Mixed", "Other", None)[n % 3], (1, 5, None)[n % 2], (3, 17, 70, None)[n % 4], "FM"[n % 2]) for n in range(40)
    ]
    made = []
    for rec in range(RECORDS):
        person = int(rng.integers(len(people)))
        ethnicity, quintile, age, sex = people[person]
        made.append({
            "rec": rec, "source": ("gp", "apc", "school")[rec % 3], "record_id": str(record_uuid(f"r {rec}")),
            "cluster": person if rng.random() < 0.9 else int(rng.integers(len(people))) + 20 * (rec % 3),
            "step": ("nhs_exact", "local", "residence")[int(rng.integers(3))], "is_current": rec % 17 != 0,
            "true_person": person if rec % 13 else None, "ethnicity_group": ethnicity, "imd_quintile": quintile,
            "age_years": age, "sex": sex,
        })  # fmt: skip
    return made


def told(records: list[dict]) -> dict[tuple[str, str], tuple[int, ...]]:
    """What the month says of them."""
    con = duckdb.connect()
    con.register("made", pa.Table.from_pylist(records))
    con.execute("create table numbered as select rec, source, record_id::uuid as record_id, is_current from made")
    con.execute("create table rec as select rec, cluster from made")
    con.execute("create table out_spine as select rec, source, step, is_current from made")
    known = [{k: r[k] for k in TRUTH} for r in records if r["true_person"] is not None]
    accuracy.tell(con, pa.Table.from_pylist(known))
    accuracy.write_accuracy(con, has_truth=True)
    rows = con.execute("from out_accuracy").fetchall()
    assert len(rows) == len({row[:2] for row in rows})
    return {row[:2]: row[2:] for row in rows}


TRUTH = ("source", "record_id", "true_person", "ethnicity_group", "imd_quintile", "age_years", "sex")


def listed(records: list[dict]) -> dict[tuple[str, str], tuple[int, ...]]:
    """The same by listing every pair and every person."""
    judged = [r for r in records if r["is_current"] and r["true_person"] is not None]
    for r in judged:
        age = r["age_years"]
        r["all"], r["age_band"] = "all", None if age is None else {3: "0-4", 17: "5-17", 70: "65-79"}[age]
    whole = {(r["cluster"], r["true_person"]) for r in judged}
    once = [[pair[side] for pair in whole] for side in (0, 1)]
    exact = {found for found, true in whole if once[0].count(found) == 1 and once[1].count(true) == 1}
    counts = {}
    for kind in ("all", "step", "source", *GROUPS):
        for value in {r[kind] for r in judged}:
            mine = [r for r in judged if r[kind] == value]
            pairs = [(a, b) for a, b in combinations(judged, 2) if value in (a[kind], b[kind])]
            linked = [a["cluster"] == b["cluster"] for a, b in pairs]
            true = [a["true_person"] == b["true_person"] for a, b in pairs]
            counts[kind, "unknown" if value is None else str(value)] = (
                len(mine),
                sum(x and y for x, y in zip(linked, true, strict=True)),
                sum(x and not y for x, y in zip(linked, true, strict=True)),
                sum(y and not x for x, y in zip(linked, true, strict=True)),
                len({r["true_person"] for r in mine}),
                len({r["cluster"] for r in mine}),
                len(exact & {r["cluster"] for r in mine}),
            )
    return counts


@pytest.mark.parametrize("seed", range(3))
def test_what_is_counted_is_what_listing_every_pair_comes_to(seed: int) -> None:
    records = invented(seed)
    expected = listed(records)
    assert expected["all", "all"][1] > 20
    assert min(expected["all", "all"][2:4]) > 3
    assert told(records) == expected


def test_a_truth_of_nobody_here_says_nothing() -> None:
    assert told([{**record, "is_current": False} for record in invented(0)]) == {}


def test_a_truth_that_knows_no_groups_is_counted_by_step_and_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.TRUTH", TRUTH[:3])
    records = invented(1)
    expected = {group: counts for group, counts in listed(records).items() if group[0] in ("all", "step", "source")}
    assert told(records) == expected
