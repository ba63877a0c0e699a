"""Adoption and gender recognition: who somebody was and who they are now are never one person, whatever agrees."""

from __future__ import annotations

import pytest

from tests.linkage_cases import Borough, decisions, draw, record_uuid
from tests.unit.test_linkage_scored import townspeople
from wsd_pipeline.linkage.probabilistic import score_left

pytestmark = pytest.mark.slow

SAME = {"dob": "1990-06-17", "name": "ROBIN OKAFOR", "postcode": "E1 4AA", "uprn": "100", "sex": "F", "practice": "P1"}
CLOSED = [("A", "B")]


def test_the_two_sides_stay_apart_when_the_old_number_goes_missing_and_the_list_with_it() -> None:
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", **SAME), closed=CLOSED)
    borough.month("2026-02", draw("gp 1", **SAME), draw("asc 1", nhs="B", **SAME))
    assert not borough.together("gp 1", "asc 1")
    borough.month("2026-03", draw("gp 1", **SAME), draw("asc 1", nhs="B", **SAME), draw("apc 1", nhs="B", **SAME))
    assert not borough.together("gp 1", "asc 1")
    assert borough.together("asc 1", "apc 1")


def test_without_the_list_they_would_be_one() -> None:
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", **SAME))
    borough.month("2026-02", draw("gp 1", **SAME), draw("asc 1", nhs="B", **SAME))
    assert borough.together("gp 1", "asc 1")


def test_records_without_number_do_not_bring_them_together() -> None:
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", **SAME), closed=CLOSED)
    borough.month("2026-02", draw("gp 1", **SAME), draw("asc 1", nhs="B", **SAME), draw("school 1", **SAME))
    assert not borough.together("gp 1", "asc 1")


def test_the_others_of_either_side_are_linked_all_the_same() -> None:
    place = {"dob": "1990-06-17", "postcode": "E1 4AA"}
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", name="ROBIN OKAFOR", **place), closed=CLOSED)
    borough.month(
        "2026-02", draw("gp 1", name="ROBIN OKAFOR", **place), draw("asc 1", nhs="B", name="ROBIN LEE OKAFOR", **place),
        draw("school 1", name="ROBIN LEE", **place),
    )  # fmt: skip
    assert borough.together("asc 1", "school 1")
    assert not borough.together("gp 1", "asc 1")


def test_a_record_whose_number_became_the_new_one_begins_anew_and_nothing_leads_back() -> None:
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", **SAME), draw("apc 1", nhs="A", **SAME))
    was = borough.person("gp 1")
    borough.month("2026-02", draw("gp 1", nhs="B", **SAME), draw("apc 1", nhs="A", **SAME), closed=CLOSED)
    assert borough.person("apc 1") == was != borough.person("gp 1")
    assert borough.row("gp 1")["first_month"] == "2026-02"
    told = [(e["event"], e["person_id"], e["other_person_id"]) for e in borough.ledgers[-1].to_pylist()]
    assert told == [("born", borough.person("gp 1"), None)]


def test_when_nothing_is_left_of_who_somebody_was_that_person_ended() -> None:
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", **SAME))
    was = borough.person("gp 1")
    borough.month("2026-02", draw("gp 1", nhs="B", **SAME), closed=CLOSED)
    assert borough.person("gp 1") != was
    told = {(e["event"], e["person_id"], e["other_person_id"]) for e in borough.ledgers[-1].to_pylist()}
    assert told == {("ended", was, None), ("born", borough.person("gp 1"), None)}


def test_who_had_come_to_be_one_before_the_list_said_so_is_parted() -> None:
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", **SAME))
    borough.month("2026-02", draw("gp 1", **SAME), draw("asc 1", nhs="B", **SAME))
    assert borough.together("gp 1", "asc 1")
    borough.month("2026-03", draw("gp 1", nhs="A", **SAME), draw("asc 1", nhs="B", **SAME), closed=CLOSED)
    assert not borough.together("gp 1", "asc 1")
    assert all(e["other_person_id"] is None for e in borough.ledgers[-1].to_pylist())


def test_nobody_may_decide_otherwise() -> None:
    records = (draw("gp 1", nhs="A", **SAME), draw("asc 1", nhs="B", **SAME))
    same = decisions(("same", "gp 1", "asc 1"))
    assert Borough().month("2026-01", *records, decisions=same).together("gp 1", "asc 1")
    assert not Borough().month("2026-01", *records, decisions=same, closed=CLOSED).together("gp 1", "asc 1")


def test_numbers_that_became_others_are_still_the_two_sides() -> None:
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", **SAME), draw("asc 1", nhs="B", **SAME), closed=CLOSED)
    moved = draw("asc 1", nhs="C", state="superseded", **SAME)
    borough.month("2026-02", draw("gp 1", nhs="A", **SAME), moved, closed=[("A", "C")])
    borough.month("2026-03", draw("gp 1", **SAME), moved, draw("apc 1", nhs="C", **SAME))
    assert not borough.together("gp 1", "asc 1")
    assert borough.together("asc 1", "apc 1")


def test_a_person_without_a_part_in_it_is_linked_as_ever() -> None:
    others = {**SAME, "name": "ADA COX", "dob": "1971-02-03"}
    borough = Borough().month("2026-01", draw("gp 1", nhs="A", **SAME), draw("gp 2", nhs="X", **others), closed=CLOSED)
    borough.month("2026-02", draw("gp 1", nhs="A", **SAME), draw("gp 2", nhs="X", **others), draw("school 2", **others))
    assert borough.together("gp 2", "school 2")
    assert str(record_uuid("gp 1")) in borough.rows()


def test_the_score_does_not_join_them_and_nobody_is_asked() -> None:
    home = {"dob": "1980-05-17", "uprn": "77", "postcode": "E2 4AA", "sex": "F"}
    was, lost, now = (
        draw("gp 9001", nhs="A", name="ZUBAIDA KOROMA", **home),
        draw("gp 9001", name="ZUBAIDA KOROMA", **home),
        draw("asc 9001", nhs="B", name="ZUBEDA KOROMA", **home),
    )
    town = townspeople()
    listed = {}
    for closed in ((), CLOSED):
        borough = Borough(scorer=score_left).month("2026-01", was, *town, closed=closed)
        borough.month("2026-02", lost, now, *town)
        pair = frozenset(str(record_uuid(r)) for r in ("gp 9001", "asc 9001"))
        asked = {frozenset((str(r["record_id_a"]), str(r["record_id_b"]))) for r in borough.review.to_pylist()}
        listed[bool(closed)] = (borough.together("gp 9001", "asc 9001"), pair in asked)
    assert listed == {False: (True, False), True: (False, False)}
