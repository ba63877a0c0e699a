"""What must hold of linkage whatever the records: order, twins, valid numbers, clusters, repeatability."""

from __future__ import annotations

import random

import networkx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.linkage_cases import Borough, draw
from wsd_pipeline.linkage.clusters import components

FORENAMES = ("ALI", "HASAN", "HUSSAIN", "RUMA", "AYESHA", "JO")
SURNAMES = ("MIAH", "BEGUM", "KHAN", "COX", "ALI")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=60))
def test_clusters_are_those_of_networkx(size: int, pairs: list[tuple[int, int]]) -> None:
    pairs = [(a % size, b % size) for a, b in pairs]
    graph = networkx.Graph(pairs)
    graph.add_nodes_from(range(size))
    expected = {node: min(part) for part in networkx.connected_components(graph) for node in part}
    found = components(
        np.array([a for a, _ in pairs], dtype=np.int32), np.array([b for _, b in pairs], dtype=np.int32), size
    )
    assert found.tolist() == [expected[node] for node in range(size)]


def muddle(seed: int, people: int = 25) -> list[dict]:
    """Records of a few people who share names, birthdays and homes, with gaps and mistakes of every kind."""
    rng = random.Random(seed)
    out = []
    for person in range(people):
        name = f"{rng.choice(FORENAMES)} {rng.choice(SURNAMES)}"
        dob = f"19{rng.choice((80, 81))}-0{rng.randint(1, 3)}-1{rng.randint(0, 2)}"
        home = rng.randint(1, 8)
        for place, source in enumerate(("gp", "apc", "asc", "school", "housing")):
            if rng.random() < 0.3:
                continue
            shown = " ".join(reversed(name.split())) if rng.random() < 0.1 else name
            out.append(
                draw(
                    f"{source} {person}",
                    nhs=str(person) if place < 3 and rng.random() < 0.8 else None,
                    dob=dob if rng.random() < 0.9 else None,
                    name=None if source == "apc" else shown,
                    sex=rng.choice("MF"),
                    postcode=f"E1 {home // 2}AA",
                    uprn=str(home) if rng.random() < 0.8 else None,
                    practice=f"P{home % 2}" if place < 3 else None,
                )
            )
    return out


def changed(records: list[dict], seed: int) -> list[dict]:
    """The month after: some gone, some new, some with what others have."""
    rng = random.Random(seed)
    donors = {r["record_id"]: r for r in muddle(seed + 1)}
    kept = [r for r in records if rng.random() < 0.9]
    return [
        {**donors.pop(r["record_id"]), "source": r["source"]} if r["record_id"] in donors and rng.random() < 0.2 else r
        for r in kept
    ] + [r for r in donors.values() if r["record_id"] not in {k["record_id"] for k in kept} and rng.random() < 0.1]


@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.exhaustive) for s in range(1, 4))])
def test_order_of_rows_never_changes_the_result(seed: int) -> None:
    first = muddle(seed)
    second = changed(first, seed + 50)
    results = []
    for order in range(2):
        rng = random.Random(order)
        borough = Borough()
        for month, records in (("2026-01", first), ("2026-02", second)):
            shuffled = records[:]
            rng.shuffle(shuffled)
            borough.month(month, *shuffled)
        results.append((borough.spine, borough.edges, borough.ledgers, borough.head))
    assert results[0] == results[1]


@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.exhaustive) for s in range(1, 6))])
def test_two_valid_numbers_never_share_a_person_and_every_change_is_told(seed: int) -> None:
    first = muddle(seed)
    borough = Borough().month("2026-01", *first)
    before = {r: v["person_id"] for r, v in borough.rows().items()}
    _check_numbers(borough)
    borough.month("2026-02", *changed(first, seed + 50))
    _check_numbers(borough)
    told = {(e["person_id"], e["other_person_id"]) for e in borough.ledgers[-1].to_pylist()}
    told |= {(b, a) for a, b in told}
    moved = {
        (before[r], v["person_id"])
        for r, v in borough.rows().items()
        if before.get(r, v["person_id"]) != v["person_id"]
    }
    assert moved <= told
    born = {e["person_id"] for e in borough.ledgers[-1].to_pylist() if e["event"] in ("born", "split")}
    assert {v["person_id"] for v in borough.rows().values()} - set(before.values()) == born
    here = {v["person_id"] for v in borough.rows().values() if v["is_current"]}
    gone = {e["person_id"] for e in borough.ledgers[-1].to_pylist() if e["event"] in ("absorbed", "ended")}
    assert set(before.values()) - here == gone


def _check_numbers(borough: Borough) -> None:
    numbers: dict = {}
    for key, row in borough.known.items():
        spine = borough.rows()[key[1]]
        if row["nhs_state"] == "valid" and not spine["has_nhs_conflict"]:
            numbers.setdefault(spine["person_id"], set()).add(row["nhs_token"])
    assert all(len(held) == 1 for held in numbers.values())


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_twin_is_never_merged(data: st.DataObject) -> None:
    _draw_twins(data)


@pytest.mark.exhaustive
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_twin_is_never_merged_however_drawn(data: st.DataObject) -> None:
    _draw_twins(data)


def _draw_twins(data: st.DataObject) -> None:
    """Eight pairs of twins at a time: same birthday, home and surname, any part of any record missing or swapped."""
    records, whose = [], {}
    for pair in range(8):
        names = data.draw(st.permutations(("ALI", "HASAN", "HUSSAIN", "RUMA")))[:2]
        for twin in (0, 1):
            for source in ("gp", "csds", "school", "housing"):
                key = f"{source} {pair}-{twin}"
                gone = data.draw(st.sets(st.sampled_from(("nhs", "postcode", "uprn", "sex", "practice"))))
                is_swapped = source in ("school", "housing") and data.draw(st.booleans())
                name = f"MIAH {names[twin]}" if is_swapped else f"{names[twin]} MIAH"
                values = {
                    "nhs": f"{pair}-{twin}" if source in ("gp", "csds") else None,
                    "postcode": f"E1 {pair}AA", "uprn": f"{pair}", "sex": "M", "practice": "P1",
                }  # fmt: skip
                shown = {k: v for k, v in values.items() if k not in gone}
                records.append(draw(key, dob=f"201{pair}-03-04", name=name, **shown))
                whose[records[-1]["record_id"]] = (pair, twin)
    people: dict = {}
    for record, row in Borough().month("2026-01", *records).rows().items():
        people.setdefault(row["person_id"], set()).add(whose[record])
    assert all(len(twins) == 1 for twins in people.values())
