"""What the borough's benchmark counts, by hand: recall by group, whose id stayed, and changes nobody was told of."""

from __future__ import annotations

import polars as pl
import pytest

from tests.bench.borough_measures import continuity, gap, id_of, recall_by_group, stayed, took_another, wilson

KEY = ["source", "record_id"]
RECORDS = ("gp 1", "op 1", "asc 1", "gp 2")


def spine(*people: str, current: str = "yyyy") -> pl.DataFrame:
    """Four records in order and whose each is; two true people, the first of three records."""
    rows = [
        (*name.split(), person, here == "y")
        for name, person, here in zip(RECORDS, people, current, strict=True)
        if person
    ]
    return pl.DataFrame(rows, schema=["source", "record_id", "person_id", "is_current"], orient="row")


TRUTH = pl.DataFrame(
    [("gp", "1", 1), ("op", "1", 1), ("asc", "1", 1), ("gp", "2", 2)],
    schema=["source", "record_id", "true_person"],
    orient="row",
)


def ledger(*events: str) -> pl.DataFrame:
    rows = [(*e.split(), None)[:3] for e in events]
    text = dict.fromkeys(("event", "person_id", "other_person_id"), pl.String)
    return pl.DataFrame(rows, schema=text, orient="row")


def untold(before: pl.DataFrame, now: pl.DataFrame, *events: str) -> int:
    return continuity(before, now, ledger(*events), [TRUTH, TRUTH]).unexplained


def test_recall_counts_pairs_of_a_group_and_the_gap_is_of_the_best_and_the_worst() -> None:
    rows = [(1, "A", "x"), (1, "A", "x"), (1, "B", "x"), (2, "C", "y"), (2, "C", "y"), (3, "D", "z")]
    linked = pl.DataFrame(rows, schema=["true_person", "person_id", "group"], orient="row")
    shares = recall_by_group(linked, "group")
    assert {g: round(s.value, 3) for g, s in shares.items()} == {"x": 0.333, "y": 1.0}, "z has no pair to find"
    between, best, worst = gap(shares)
    assert (best, worst) == ("y", "x") and between.value == pytest.approx(2 / 3)
    assert between.low < between.value < between.high


def test_pairs_of_one_person_are_not_so_many_independent_ones() -> None:
    split = [(p, f"{p}{n % 2 if p < 5 else 0}", "g") for p in range(50) for n in range(10)]
    share = recall_by_group(pl.DataFrame(split, schema=["true_person", "person_id", "group"], orient="row"), "group")[
        "g"
    ]
    alone = wilson(share.value, 50 * 45)
    assert share.value == alone.value and share.high - share.low > 3 * (alone.high - alone.low)


def test_wilson_by_hand() -> None:
    share = wilson(0.9, 100)
    assert (round(share.low, 4), round(share.high, 4)) == (0.8256, 0.9448)  # Newcombe 1998
    assert wilson(1.0, 100).low < 1.0


def test_a_persons_id_is_that_of_most_records_and_of_two_as_many_either() -> None:
    def ids(*people: str) -> list[tuple[int, str]]:
        return id_of(spine(*people).join(TRUTH, on=KEY)).select("true_person", "person_id").rows()

    assert ids("A", "B", "B", "C") == [(1, "B"), (2, "C")]
    assert ids("A", "B", "", "C") == [(1, "A"), (1, "B"), (2, "C")]


@pytest.mark.parametrize(
    ("before", "now", "lost"),
    [
        (("A", "B", "", "C"), ("A", "B", "B", "C"), []),  # one of two parts as large has grown
        (("A", "B", "", "C"), ("A", "", "", "C"), []),  # the other has left
        (("A", "A", "", "C"), ("B", "B", "", "C"), [1]),
        (("A", "", "", "C"), ("A", "B", "B", "C"), [1]),
        (("A", "B", "", "C"), ("D", "D", "", ""), [1, 1]),
    ],
)
def test_an_id_stays_while_it_is_that_of_as_many_records_as_any(before: tuple, now: tuple, lost: list[int]) -> None:
    then, here = (id_of(spine(*people).join(TRUTH, on=KEY)) for people in (before, now))
    people, found = stayed(then, here)
    assert people == (2 if "C" in now else 1)
    assert found["true_person"].to_list() == lost


@pytest.mark.parametrize(
    ("now", "took"),
    [
        (spine("A", "B", "B", "C"), 0),  # in two parts as before
        (spine("B", "B", "B", "C"), 1),  # joined under the other id
        (spine("B", "B", "B", "C", current="nyyy"), 1),  # and the record has left
        (spine("", "B", "B", "C"), 0),
    ],
    ids=["parts", "another id", "another id of who left", "gone"],
)
def test_people_whose_records_took_another_id_are_told_from_people_in_parts(now: pl.DataFrame, took: int) -> None:
    begun = spine("A", "B", "", "C").join(TRUTH, on=["source", "record_id"])
    here = now.join(
        now.filter("is_current").join(TRUTH, on=["source", "record_id"]).select(*KEY, "true_person"), on=KEY, how="left"
    )
    lost = pl.DataFrame({"true_person": [1], "person_id": ["A"]})
    assert took_another(lost, begun, here) == took


def test_a_record_that_is_another_persons_now_took_nobodys_id_away() -> None:
    begun, now = (spine(first, "B", "B", "C").join(TRUTH, on=KEY) for first in ("A", "C"))
    passed_on = now.with_columns(true_person=pl.Series([2, 1, 1, 2]))
    lost = pl.DataFrame({"true_person": [1], "person_id": ["A"]})
    assert (took_another(lost, begun, passed_on), took_another(lost, begun, now)) == (0, 1)


def test_ids_that_stay_and_records_that_move_are_counted() -> None:
    found = continuity(spine("A", "A", "B", "C"), spine("A", "A", "A", "D"), ledger("absorbed B A"), [TRUTH, TRUTH])
    assert (found.people, found.kept, found.records_changed) == (2, 1, 2)
    assert found.unexplained == 3, "D is new, C is gone, and nobody said that C became D"


@pytest.mark.parametrize(
    ("before", "now", "events"),
    [
        (("A", "A", "B", "C"), ("A", "A", "A", "C"), ["absorbed B A"]),
        (("A", "A", "C", "C"), ("A", "A", "A", "C"), ["moved C A"]),
        (("A", "A", "A", "C"), ("A", "A", "S", "C"), ["split S A"]),
        (("A", "A", "A", ""), ("A", "A", "A", "C"), ["born C"]),
        (("A", "A", "A", "C"), ("A", "A", "A", ""), ["withdrawn C"]),
        (("A", "A", "C", "C"), ("A", "A", "N", "C"), ["born N"]),
    ],
    ids=["absorbed", "moved", "split", "born", "withdrawn", "begun anew"],
)
def test_each_event_tells_its_change_and_nothing_else_does(
    before: tuple[str, ...], now: tuple[str, ...], events: list[str]
) -> None:
    assert untold(spine(*before), spine(*now), *events) == 0
    assert untold(spine(*before), spine(*now)) > 0
    assert untold(spine(*before), spine(*now), "returned A") > 0


def test_whoever_leaves_every_extract_must_be_ended() -> None:
    before, now = spine("A", "A", "A", "C"), spine("A", "A", "A", "C", current="yyyn")
    assert untold(before, now, "ended C") == 0
    assert untold(before, now) == 1
