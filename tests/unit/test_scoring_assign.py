"""Blocks, rivals and links."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.typing import ArrayLike

from wsd_pipeline.linkage.scoring import assign, blocking, chances, meeting, pairs, sampling
from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.coding import CODE_COLUMNS
from wsd_pipeline.linkage.scoring.comparing import Comparer
from wsd_pipeline.linkage.scoring.levels import comparisons
from wsd_pipeline.linkage.scoring.near import NearNames
from wsd_pipeline.linkage.scoring.passes import passes, run_passes
from wsd_pipeline.linkage.scoring.settings import Settings
from wsd_pipeline.linkage.scoring.task import Task
from wsd_pipeline.messages import Stop

NEAR = {"code": pl.Int32, "variant": pl.Int32}


def frame(**columns: list[int | None]) -> pl.DataFrame:
    made = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int32))
    return made.with_columns(rid=pl.int_range(pl.len(), dtype=pl.Int32))


def test_pairs_are_counted_before_any_is_made() -> None:
    a = Codes.of(frame(dob=[1, 1, 2, None, 3], fi=[1, 2, 1, 1, 1]))
    b = Codes.of(frame(dob=[1, 1, 1, 2, None], fi=[1, 1, 2, 9, 1]))
    assert blocking.Rule(("dob",)).meeting(a, b).count() == 7
    assert blocking.Rule(("dob", "fi")).meeting(a, b).count() == 3


def test_large_files_are_blocked_more_tightly_than_small_ones() -> None:
    held = frozenset({"dob", "sector", "fi", "sp", "fp", "pc", "f1", "s0"})
    rng = np.random.default_rng(1)
    a = Codes.of(frame(**{c: rng.integers(0, 7, 400).tolist() for c in sorted(held)}))
    loose, _ = blocking.candidates(a, a, Settings(least_pairs=10**9), 0, held, one_table=False)
    tight, made = blocking.candidates(a, a, Settings(least_pairs=1, pairs_per_record=20), 0, held, one_table=False)
    assert (np.diff(made) > 0).all()
    assert blocking.Rule(("dob",)) in loose
    assert blocking.Rule(("dob",)) not in tight


def test_the_pair_cap_stops_the_run_and_names_the_cause() -> None:
    held = frozenset({"dob", "pc", "f1", "s0", "fp", "sp", "sector", "fi"})
    a = Codes.of(frame(**{c: [1] * 300 for c in held}))
    with pytest.raises(Stop) as stop:
        settings = Settings(least_pairs=1, pairs_per_record=1, pair_cap=1000)
        blocking.candidates(a, a, settings, 0, held, one_table=False)
    assert stop.value.code == "WSD-220"
    assert stop.value.facts["source"] == "date of birth"


def pairs_of(rules: list[blocking.Rule], a: pl.DataFrame, *, one_table: bool) -> list[tuple[int, int]]:
    side = Codes.of(a)
    made = blocking.once([rule.meeting(side, side).pairs() for rule in rules], side["rid"] if one_table else None)
    return [(pair >> 32, pair & 0xFFFFFFFF) for pair in made.tolist()]


def test_every_candidate_pair_is_made_once() -> None:
    a = frame(x=[1 + i % 3 for i in range(12)], y=[1 + i % 2 for i in range(12)])
    rules = [blocking.Rule(("x",)), blocking.Rule(("y",)), blocking.Rule(("x", "y"))]
    expected = {(i, j) for i in range(12) for j in range(12) if i % 3 == j % 3 or i % 2 == j % 2}
    assert pairs_of(rules, a, one_table=False) == sorted(expected)
    assert pairs_of(rules, a, one_table=True) == sorted((i, j) for i, j in expected if i < j)
    assert pairs_of([], a, one_table=False) == []


def test_a_rule_pairs_what_is_known_of_both_and_crosses_columns_where_it_says_so() -> None:
    a = frame(f1=[1, 2, None, 3], s0=[2, 1, 5, None])
    assert pairs_of([blocking.Rule(("f1", "s0"))], a, one_table=False) == [(0, 0), (1, 1)]
    assert pairs_of([blocking.Rule(("f1=s0", "s0=f1"))], a, one_table=False) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("least", [1, 60_000, 10**9])
def test_candidates_are_what_their_rules_pair_however_tight_they_are(least: int) -> None:
    held = frozenset({"dob", "sector", "fi", "sp", "fp", "pc", "f1", "s0", "byear", "bmon", "bday", "home"})
    rng = np.random.default_rng(2)
    a = frame(**{c: rng.integers(0, 9, 400).tolist() for c in sorted(held)})
    settings = Settings(least_pairs=least, pairs_per_record=1)
    rules, made = blocking.candidates(Codes.of(a), Codes.of(a), settings, 0, held, one_table=False)
    assert [(pair >> 32, pair & 0xFFFFFFFF) for pair in made.tolist()] == pairs_of(rules, a, one_table=False)


def test_one_column_is_counted_as_its_pairs_are_made() -> None:
    a = Codes.of(frame(x=[1, 1, 2, None, 3], y=[1, 2, 1, 1, 9]))
    for rule in (blocking.Rule(("x",)), blocking.Rule(("x=y",))):
        assert blocking._agreeing(rule, a, a) == len(rule.meeting(a, a).pairs()) > 0


def test_random_pairs_are_of_two_records_and_the_same_whatever_the_order_of_rows() -> None:
    rids = np.arange(5)
    drawn = []
    for order in (rids, rids[::-1]):
        places = sampling.some(order, 4)
        at_a, at_b = pairs.ends(sampling.random_pairs(places, places, 200))
        assert (at_a != at_b).all()
        drawn.append((order[at_a].tolist(), order[at_b].tolist()))
    assert drawn[0] == drawn[1]
    assert len(drawn[0][0]) > 100


def test_chance_is_not_measured_of_a_record_with_itself() -> None:
    columns = {c: [n + 1 for n in range(4)] for c in (*CODE_COLUMNS, "fband", "sband")}
    a = Codes.of(frame(**columns))
    comparer = Comparer(comparisons(written=False, strong_ids=0), NearNames(pl.DataFrame(schema=NEAR)), 1)
    task = Task(a=frame(**columns), b=frame(**columns), variants=pl.DataFrame(schema=NEAR), a_is_unique=True)
    u = chances.chances(task, (a, a), comparer, Settings())
    assert u[3][1] < 0.05  # of sex, which is different for all


def test_pairs_of_rids_that_are_not_there_are_left_out() -> None:
    a, b = Codes.of(frame(x=[1, 1])), Codes({"rid": np.array([4, 2], dtype=np.uint32)})
    found = pairs.pairs_at((a, b), np.array([1, 0, 3]), np.array([2, 3, 4]))
    assert found.tolist() == [1 << 32 | 1]


def test_rows_are_found_by_rid_wherever_they_stand() -> None:
    a = Codes.of(pl.DataFrame({"rid": [2, 0, 3, 1], "x": [20, 0, 30, 10]}, schema_overrides={"rid": pl.Int32}))
    places = a.places_of(np.array([3, 0, 3, 9]))
    assert places.tolist() == [2, 1, 2, -1]
    assert a.at(places[:2])["x"].tolist() == [30, 0]


SAME = {"f1": [1, 1], "s0": [2, 2], "dob": [3, 4], "home": [5, 5], "id1": [None, 9], "fp": [1, 1], "sp": [1, 1]}


def linked(
    a: pl.DataFrame, b: pl.DataFrame, strong_ids: int, *, unique: bool, one_table: bool = False
) -> list[tuple[int, int, int]]:
    """What all passes link, and which pass did."""
    found = passes(strong_ids, frozenset(a.columns))
    made = run_passes(Codes.of(a), Codes.of(b), found, unique=unique, one_table=one_table)
    return sorted((p >> 32, p & 0xFFFFFFFF, s) for p, s in zip(made.pairs.tolist(), made.steps.tolist(), strict=True))


@pytest.mark.parametrize("unique", [True, False])
def test_a_pass_links_rows_equal_in_its_columns_and_asks_no_more_than_that(unique: bool) -> None:
    assert linked(frame(**SAME), frame(**SAME), 1, unique=unique) == [(0, 0, 1), (1, 1, 0)]
    other = {**SAME, "id1": [7, 8]}
    assert linked(frame(**SAME), frame(**other), 1, unique=unique) == [
        (0, 0, 1)
    ]  # the other two have different identifiers


def test_a_pass_links_nobody_by_a_key_that_several_have() -> None:
    twice = {c: [v[0], v[0]] for c, v in SAME.items()}
    assert linked(frame(**twice), frame(**twice), 1, unique=True) == []
    assert len(linked(frame(**twice), frame(**twice), 1, unique=False, one_table=True)) == 1


@pytest.mark.parametrize("unique", [True, False])
def test_two_keys_that_happen_to_be_equal_link_nobody_and_keep_nobody_apart(
    monkeypatch: pytest.MonkeyPatch, unique: bool
) -> None:
    large = {c: [v and v * 2**20 for v in values] for c, values in SAME.items()}  # too large to be packed as they are
    monkeypatch.setattr(meeting, "_mixed", lambda codes: codes[0] * 0)
    assert [pair[:2] for pair in linked(frame(**large), frame(**large), 1, unique=unique)] == [(0, 0), (1, 1)]


def test_two_couples_whose_keys_happen_to_be_equal_are_two_couples(monkeypatch: pytest.MonkeyPatch) -> None:
    large: dict[str, list[int | None]] = {
        c: [v * 2**20 for v in values]
        for c, values in {"f1": [1, 1], "s0": [2, 2], "dob": [3, 4], "home": [5, 5]}.items()
    }
    monkeypatch.setattr(meeting, "_mixed", lambda codes: codes[0] * 0)
    assert [pair[:2] for pair in linked(frame(**large), frame(**large), 0, unique=True)] == [(0, 0), (1, 1)]


def test_who_is_linked_is_out_of_the_way_of_the_next_pass() -> None:
    a = frame(id1=[9, None], f1=[1, 1], s0=[2, 2], dob=[3, 3], home=[5, 5], fp=[1, 1], sp=[1, 1])
    assert linked(a, a, 1, unique=True) == [
        (0, 0, 0),
        (1, 1, 1),
    ]  # the names are one open person's by then


def test_codes_too_large_to_be_packed_exactly_are_looked_at_again() -> None:
    large = 2**30 - 1  # x would be pushed out of the key
    a = frame(x=[1, 2, 3], y=[7, 7, large], z=[7, 7, large])
    b = frame(x=[2, 2, 3], y=[7, 7, large], z=[7, 8, large])
    met = meeting.meet(Codes.of(a), Codes.of(b), [(c, c) for c in "xyz"])
    assert [(pair >> 32, pair & 0xFFFFFFFF) for pair in sorted(met.pairs().tolist())] == [(1, 0), (2, 2)]


@pytest.mark.parametrize("most", [3, 2**30])
def test_rows_meet_as_in_a_join(most: int) -> None:
    rng = np.random.default_rng(most)
    values = np.append(rng.integers(1, most, 4), 0)
    sides = [pl.DataFrame(values[rng.integers(0, 5, (60, 3))], schema=["x", "y", "z"]) for _ in "ab"]
    sides = [s.select(pl.when(pl.all() > 0).then(pl.all())).with_row_index("rid") for s in sides]
    met = meeting.meet(Codes.of(sides[0]), Codes.of(sides[1]), [("x", "y"), ("y", "x"), ("z", "z")])
    joined = sides[0].join(sides[1], left_on=["x", "y", "z"], right_on=["y", "x", "z"])
    assert sorted(met.pairs().tolist()) == sorted(joined.select(pl.col("rid") * 2**32 + pl.col("rid_right"))["rid"])
    alone = joined.filter(pl.col("rid").is_unique() & pl.col("rid_right").is_unique())
    assert met.count() == len(joined) > len(alone)
    assert sorted(met.couples().tolist()) == sorted(alone.select(pl.col("rid") * 2**32 + pl.col("rid_right"))["rid"])


def compete(a: ArrayLike, b: ArrayLike, odds: ArrayLike, **given: object) -> assign.Scored:
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
    assert assign.best_pairs(many).all()


def test_one_to_one_keeps_the_best_of_both_records() -> None:
    scored = compete([0, 0, 1, 1], [0, 1, 0, 1], [900.0, 30.0, 40.0, 5.0])
    keep = assign.best_pairs(scored)
    assert keep.tolist() == [True, False, False, True]  # what is left to the second is its other partner


def test_margin_is_bits_over_the_runner_up_of_either_record() -> None:
    scored = compete([0, 0, 1], [0, 1, 0], [64.0, 8.0, 32.0])
    assert scored.margin.tolist() == [1.0, -3.0, -1.0]


def test_rivals_are_told_apart_however_high_their_records_are_numbered() -> None:
    a, b = np.repeat(np.arange(2048, dtype=np.int32), 2), np.arange(4096, dtype=np.int32)
    odds = np.tile([64.0, 8.0], 2048)
    for side in (a, a * 2**19):
        scored = compete(side, b, odds, open_a=2**30, a_is_unique=False)
        assert scored.margin.tolist() == [3.0, -3.0] * 2048
        assert assign.best_pairs(scored).tolist() == [True, False] * 2048


def test_where_both_files_may_repeat_people_all_may_stand_and_leads_are_told_of_both() -> None:
    scored = compete([0, 0, 1], [0, 1, 0], [64.0, 8.0, 32.0], a_is_unique=False, b_is_unique=False)
    assert scored.margin.tolist() == [1.0, -3.0, -1.0]
    assert assign.best_pairs(scored).all()


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
