"""A8 over releases in a row: flows tie the months, so what any of them withholds must hold against all together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

import wsd_pipeline.disclosure.series as in_a_row
from tests.unit.test_attacks import POLICY, cube, mart, published, withheld
from wsd_pipeline.contracts.measures import Counts
from wsd_pipeline.disclosure.families import Mart, families_of
from wsd_pipeline.disclosure.publication import Agreement, agreed, attack_release
from wsd_pipeline.disclosure.series import Release, flows_of, series_of

pytestmark = pytest.mark.slow

SEGMENTS, PLACES = np.array(["A", "B", "C"]), np.array(["N", "S", "W"])
MONTH = mart(
    "month", ("snapshot_month", "segment", "place"), counts=(Counts(family="people", dimensions=("segment", "place")),)
)
MOVES = mart(
    "moves",
    ("snapshot_month", "from_segment", "to_segment"),
    counts=(
        Counts(
            family="flows", dimensions=("to_segment",), rename={"to_segment": "segment"}, across="people",
            before={"from_segment": "segment"},
        ),
    ),
)  # fmt: skip


def drawn(people: int, months: int, seed: int, moving: float, shares: Sequence[float] = (0.6, 0.3, 0.1)):
    """Each month's marts by themselves: people by segment and place, and who moved between segments since the last."""
    rng = np.random.default_rng(seed)
    segment, place = rng.choice(3, people, p=shares), rng.choice(3, people, p=(0.6, 0.3, 0.1))
    out = []
    for month in range(months):
        before = segment
        if month:
            segment = np.where(rng.random(people) < moving, rng.choice(3, people, p=shares), segment)
        frame = pl.DataFrame({"segment": SEGMENTS[segment], "place": PLACES[place], "from_segment": SEGMENTS[before]})
        counts = cube(frame, ("segment", "place"), [(), ("segment",), ("segment", "place")])
        moves = frame.group_by("from_segment", pl.col("segment").alias("to_segment")).len("n")
        moves = moves.with_columns(pl.col("n").cast(pl.Int64)).head(len(moves) if month else 0)
        named = pl.lit(f"2026-{month + 1:02d}").alias("snapshot_month")
        out.append({
            t.key: published(t, exact.with_columns(named).select(*t.unique_key, "n"))
            for t, exact in ((MONTH, counts), (MOVES, moves))
        })  # fmt: skip
    return out


def released(marts: dict[str, Mart], earlier: Sequence[Release]) -> tuple[Release, Agreement]:
    """The marts as a release after the earlier ones has them."""
    agreement = agreed(marts, POLICY, earlier)
    assert not agreement.contradictory
    return Release(marts=withheld(marts, agreement), stands=agreement.stands, covers=agreement.covers), agreement


def series(months: Sequence[dict[str, Mart]], reach: int = 12) -> list[Release]:
    """Releases, each made knowing so many before it."""
    out: list[Release] = []
    for marts in months:
        out.append(released(marts, out[-reach:] if reach else [])[0])
    return out


def exposed(releases: Sequence[Release], reach: int = 12):
    """What the last release gives away with so many before it."""
    return attack_release(releases[-1].marts, POLICY, releases[:-1][-reach:])


@pytest.mark.parametrize("people, seed, moving", [(60, 9, 0.05), (200, 2, 0.05)])
def test_what_two_months_hide_a_third_gives_away_until_releases_know_of_all(people, seed, moving):
    months = drawn(people, 4, seed, moving)
    naive = series(months, reach=1)
    assert exposed(naive, reach=1) == []
    found = exposed(naive)
    assert found and {e.cell[0] for e in found} - {"2026-04"}  # also of months that were published before
    ours = series(months)
    assert all(exposed(ours[:n]) == [] for n in range(1, 5))


def test_what_the_counts_of_either_month_withhold_is_attacked_with_the_flows():
    months = drawn(60, 2, 3, 0.05)
    first = released(months[0], [])[0]
    apart = {MONTH.key: released({MONTH.key: months[1][MONTH.key]}, [])[0].marts[MONTH.key]}
    apart[MOVES.key] = released({MOVES.key: months[1][MOVES.key]}, [])[0].marts[MOVES.key]
    found = attack_release(apart, POLICY, [first])
    assert {(e.table, e.cell[0]) for e in found} == {("mart.month", "2026-01"), ("mart.month", "2026-02")}
    assert exposed([first, released(months[1], [first])[0]]) == []


def test_only_the_new_release_withholds_more():
    months = drawn(60, 2, 8, 0.15)
    first = released(months[0], [])[0]
    second, agreement = released(months[1], [first])
    keys = [key for by in agreement.further.values() for each in by.values() for key in each]
    assert keys and {key[0] for key in keys} == {"2026-02"}
    assert exposed([first, second]) == []


def test_a_release_that_knows_of_all_asks_for_nothing_more_and_for_the_same_each_time():
    months = drawn(60, 4, 9, 0.05)
    *before, last = series(months)
    assert agreed(months[-1], POLICY, before) == agreed(months[-1], POLICY, before)
    assert not agreed(last.marts, POLICY, before).further


def test_what_earlier_releases_give_away_by_themselves_stops_no_later_one():
    months = drawn(60, 4, 9, 0.05)
    naive = series(months[:3], reach=0)
    given = {(e.table, e.cell) for e in exposed(naive)}
    assert given
    last = released(months[3], naive)[0]
    assert {(e.table, e.cell) for e in exposed([*naive, last])} <= given


def test_nothing_is_tied_across_a_month_without_flows_or_beyond_those_that_the_policy_joins():
    releases = series(drawn(60, 4, 9, 0.05), reach=0)
    flows, now = flows_of(releases[-1].marts)["people"], families_of(releases[-1].marts, POLICY)
    assert series_of(flows, now, releases[:-1], POLICY).covers == 3
    assert series_of(flows, now, releases[2:-1], POLICY).covers == 1
    without = Release(marts={MONTH.key: releases[2].marts[MONTH.key]})
    assert series_of(flows, now, [*releases[:2], without], POLICY).covers == 1


@pytest.mark.parametrize("people, seed", [(300, 3), (1000, 3)])
def test_months_too_large_to_join_whole_stand_at_numbers_that_hold_against_the_whole(people, seed, monkeypatch):
    months = drawn(people, 4, seed, 0.1 if people == 300 else 0.02, (0.5, 0.3, 0.2))
    monkeypatch.setattr(in_a_row, "OPEN", 1)
    walled = series(months)
    assert [r.covers["people"] for r in walled] == [0, 1, 2, 3] and all(r.stands["people"] for r in walled)
    flows, now = flows_of(months[3]), families_of(walled[3].marts, POLICY)
    assert len(series_of(flows["people"], now, walled[:3], POLICY).months) == 1
    monkeypatch.setattr(in_a_row, "OPEN", 3_000)
    assert len(series_of(flows["people"], now, walled[:3], POLICY).months) == 4
    assert all(exposed(walled[:n]) == [] for n in range(1, 5))


def test_a_month_too_large_that_stands_at_nothing_still_says_what_its_counts_say(monkeypatch):
    releases = series(drawn(60, 2, 8, 0.15), reach=0)
    whole = {(e.table, e.cell) for e in exposed(releases) if e.cell[0] == "2026-02"}
    monkeypatch.setattr(in_a_row, "OPEN", 1)
    alone = {(e.table, e.cell) for e in exposed(releases)}
    assert alone and alone <= whole
