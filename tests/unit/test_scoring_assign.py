"""Blocks, rivals and links."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from wsd_pipeline.linkage.scoring import assign, blocking
from wsd_pipeline.linkage.scoring.settings import Settings
from wsd_pipeline.messages import Stop


def frame(**columns: list[int | None]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int32))


def test_pairs_are_counted_before_any_is_made() -> None:
    a = frame(dob=[1, 1, 2, None, 3], fi=[1, 2, 1, 1, 1])
    b = frame(dob=[1, 1, 1, 2, None], fi=[1, 1, 2, 9, 1])
    assert blocking.count_pairs(a, b, (blocking.Rule(("dob",)),)) == 7
    assert blocking.count_pairs(a, b, (blocking.Rule(("dob", "fi")),)) == 3


def test_large_files_are_blocked_more_tightly_than_small_ones() -> None:
    held = frozenset({"dob", "sector", "fi", "sp", "fp", "pc", "f1", "s0"})
    rng = np.random.default_rng(1)
    a = pl.DataFrame({c: rng.integers(0, 7, 400) for c in sorted(held)})
    loose = blocking.choose(a, a, Settings(least_pairs=10**9), 0, held)
    tight = blocking.choose(a, a, Settings(least_pairs=1, pairs_per_record=20), 0, held)
    assert blocking.Rule(("dob",)) in loose
    assert blocking.Rule(("dob",)) not in tight


def test_the_pair_cap_stops_the_run_and_names_the_cause() -> None:
    held = frozenset({"dob", "pc", "f1", "s0", "fp", "sp", "sector", "fi"})
    a = pl.DataFrame({c: [1] * 300 for c in held})
    with pytest.raises(Stop) as stop:
        blocking.choose(a, a, Settings(least_pairs=1, pairs_per_record=1, pair_cap=1000), 0, held)
    assert stop.value.code == "WSD-220"
    assert stop.value.facts["source"] == "date of birth"


def test_every_candidate_pair_is_made_once() -> None:
    import duckdb

    con = duckdb.connect()
    con.execute("create table t as select range::integer as rid, range % 3 as x, range % 2 as y from range(12)")
    rules = [blocking.Rule(("x",)), blocking.Rule(("y",)), blocking.Rule(("x", "y"))]
    both = con.execute(blocking.pairs_sql(rules, "t", "t", "a.rid, b.rid", one_table=False)).fetchall()
    once = con.execute(blocking.pairs_sql(rules, "t", "t", "a.rid, b.rid", one_table=True)).fetchall()
    expected = {(i, j) for i in range(12) for j in range(12) if i % 3 == j % 3 or i % 2 == j % 2}
    assert sorted(both) == sorted(expected)
    assert sorted(once) == sorted((i, j) for i, j in expected if i < j)


def compete(a: list[int], b: list[int], odds: list[float], **given: object) -> assign.Scored:
    settings: dict[str, object] = {
        "open_a": 10, "open_b": 10, "expected": 2.0, "fixed": 0.0,
        "a_is_unique": True, "b_is_unique": True, "rescale": False, "rounds": 1,
    }  # fmt: skip
    return assign.compete(np.array(a), np.array(b), np.array(odds), **{**settings, **given})  # type: ignore[arg-type]


def test_rivals_share_what_one_alone_would_have() -> None:
    alone = compete([0], [0], [50.0])
    rivals = compete([0, 0], [0, 1], [50.0, 50.0])
    assert alone.probability[0] > 0.98
    assert rivals.probability == pytest.approx([0.5, 0.5], abs=0.01)
    assert rivals.margin.tolist() == [0.0, 0.0]


def test_where_a_file_may_repeat_people_its_rows_are_no_rivals() -> None:
    many = compete([0, 1], [0, 0], [50.0, 50.0], a_is_unique=False, b_is_unique=True)
    assert min(many.probability) > 0.95
    assert assign.best_pairs(many, a_is_unique=False, b_is_unique=True).all()


def test_one_to_one_keeps_the_best_of_both_records() -> None:
    scored = compete([0, 0, 1, 1], [0, 1, 0, 1], [900.0, 30.0, 40.0, 5.0])
    keep = assign.best_pairs(scored, a_is_unique=True, b_is_unique=True)
    assert keep.tolist() == [True, False, False, True]  # what is left to the second is its other partner


def test_margin_is_bits_over_the_runner_up_of_either_record() -> None:
    scored = compete([0, 0, 1], [0, 1, 0], [64.0, 8.0, 32.0])
    assert scored.margin.tolist() == [1.0, -3.0, -1.0]


def test_more_partners_expected_makes_a_lone_pair_likelier() -> None:
    few, many = (compete([0], [0], [1.0], expected=e).probability[0] for e in (1.0, 9.0))
    assert few < 0.6 < many


def test_a_pair_of_many_records_to_one_person_has_no_margin_over_its_siblings() -> None:
    many = compete([0, 1, 1], [0, 0, 1], [900.0, 30.0, 1.0], a_is_unique=False, b_is_unique=True)
    assert many.margin.tolist() == pytest.approx([64.0, np.log2(30), -np.log2(30)])


def test_two_clusters_that_are_surely_one_are_no_rivals_but_namesakes_are() -> None:
    # record 0 (of cluster 10) is like 20 and 21, which are surely one; record 1 (of 11) like 30 and 31, which are not
    pairs = pl.DataFrame(
        {"rid_a": [0, 0, 1, 1, 2], "grp": [20, 21, 30, 31, 21], "odds": [90.0, 80.0, 90.0, 80.0, 99.0]}
    )
    own = pl.DataFrame({"rid_a": [0, 1, 2], "own": [10, 11, 20]})
    kept = assign.without_friends(pairs, own, 0.95)
    assert kept.select("rid_a", "grp").rows() == [(0, 20), (1, 30), (1, 31), (2, 21)]
