"""Month after month: who keeps an id, what is decided anew, what the ledger says, and that a person's decision wins."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from tests.linkage_cases import Borough, decisions, draw, record_uuid
from wsd_pipeline.linkage import ledger
from wsd_pipeline.linkage.aside import Aside
from wsd_pipeline.linkage.rules import Limits

pytestmark = pytest.mark.slow

DOB = "1980-05-17"
GP = draw("gp 1", nhs="A", dob=DOB, name="ALI MIAH", postcode="E1 4AA")
APC = draw("apc 1", nhs="A", dob=DOB)
SCHOOL = draw("school 1", dob=DOB, name="ALI MIAH", postcode="E1 4AA")
OTHER_GP = draw("gp 2", nhs="B", dob="1991-11-23", name="JO COX", postcode="E3 4AA")


def test_nothing_new_nothing_changed_nothing_told() -> None:
    borough = Borough().month("2026-01", GP, APC, SCHOOL, OTHER_GP)
    before = {r: v["person_id"] for r, v in borough.rows().items()}
    borough.month("2026-02", GP, APC, SCHOOL, OTHER_GP)
    assert {r: v["person_id"] for r, v in borough.rows().items()} == before
    assert borough.events() == []
    assert borough.outcome.tally.pairs == dict.fromkeys(borough.outcome.tally.pairs, 0)
    assert {v["last_month"] for v in borough.rows().values()} == {"2026-02"}


def test_a_new_record_joins_a_standing_person() -> None:
    borough = Borough().month("2026-01", GP, APC)
    person = borough.person("gp 1")
    borough.month("2026-02", GP, APC, SCHOOL)
    assert borough.person("school 1") == person
    assert borough.events() == []


def test_a_record_that_moved_keeps_its_person() -> None:
    borough = Borough().month("2026-01", GP, APC, SCHOOL)
    person = borough.person("gp 1")
    moved = draw("gp 1", nhs="A", dob=DOB, name="ALI MIAH", postcode="N9 9ZZ")
    borough.month("2026-02", moved, APC, SCHOOL)
    assert {borough.person(r) for r in ("gp 1", "apc 1", "school 1")} == {person}


def test_a_number_that_becomes_another_is_decided_anew_and_the_id_stays_with_most_records() -> None:
    op = draw("op 1", nhs="A", dob=DOB)
    borough = Borough().month("2026-01", GP, APC, op)
    person = borough.person("apc 1")
    borough.month("2026-02", draw("gp 1", nhs="C", dob=DOB, name="ALI MIAH", postcode="E1 4AA"), APC, op)
    assert borough.together("apc 1", "op 1")
    assert borough.person("apc 1") == person
    assert borough.person("gp 1") != person
    assert borough.events() == ["split"]
    assert borough.ledgers[-1]["other_person_id"].to_pylist() == [person]


def test_a_number_superseded_takes_along_a_record_not_sent_since() -> None:
    borough = Borough().month("2026-01", GP, APC)
    person = borough.person("gp 1")
    successor = draw("gp 1", nhs="C", state="superseded", dob=DOB, name="ALI MIAH", postcode="E1 4AA")
    borough.month("2026-02", successor)
    assert {borough.person("gp 1"), borough.person("apc 1")} == {person}
    borough.month("2026-03", successor, draw("op 1", nhs="C", dob=DOB))
    assert {borough.person(r) for r in ("gp 1", "apc 1", "op 1")} == {person}


def test_a_merge_keeps_the_oldest_and_records_the_other() -> None:
    borough = Borough().month("2026-01", GP)
    oldest = borough.person("gp 1")
    asc = draw("asc 1", dob=DOB, name="ALI MIAH", postcode="N9 9ZZ")
    borough.month("2026-02", GP, asc, draw("housing 1", dob=DOB, name="ALI MIAH", postcode="N9 9ZZ"))
    younger = borough.person("asc 1")
    assert younger != oldest
    borough.month("2026-03", GP, draw("asc 1", nhs="A", dob=DOB, name="ALI MIAH", postcode="N9 9ZZ"),
                  draw("housing 1", dob=DOB, name="ALI MIAH", postcode="N9 9ZZ"))  # fmt: skip
    assert {borough.person(r) for r in ("gp 1", "asc 1", "housing 1")} == {oldest}
    event = borough.ledgers[-1].to_pylist()[0]
    assert (event["event"], event["person_id"], event["other_person_id"]) == ("absorbed", younger, oldest)
    assert (event["step"], event["record_count"], event["source_count"]) == ("nhs_exact", 2, 2)


def test_gone_and_back_again() -> None:
    borough = Borough().month("2026-01", GP, OTHER_GP)
    person = borough.person("gp 1")
    assert borough.month("2026-02", OTHER_GP).events() == ["ended"]
    assert not borough.row("gp 1")["is_current"]
    assert borough.month("2026-03", GP, OTHER_GP).events() == ["returned"]
    assert borough.person("gp 1") == person
    assert borough.row("gp 1")["first_month"] == "2026-01"


def test_a_person_who_left_is_recognised_by_another_supplier() -> None:
    borough = Borough().month("2026-01", GP, OTHER_GP)
    person = borough.person("gp 1")
    borough.month("2026-02", OTHER_GP).month("2026-03", OTHER_GP, APC)
    assert borough.person("apc 1") == person


def test_decided_the_same_joins_what_no_rule_would() -> None:
    borough = Borough().month("2026-01", GP, OTHER_GP, decisions=decisions(("same", "gp 1", "gp 2")))
    assert borough.together("gp 1", "gp 2")
    assert borough.row("gp 2")["step"] == "decision"
    borough.month(
        "2026-02", GP, OTHER_GP, draw("apc 2", nhs="B", dob="1991-11-23"), decisions=decisions(("same", "gp 1", "gp 2"))
    )
    assert borough.together("gp 1", "gp 2", "apc 2")


def test_decided_not_the_same_keeps_apart_what_every_rule_would_join() -> None:
    apart = decisions(("not_same", "gp 1", "school 1"))
    borough = Borough().month("2026-01", GP, APC, SCHOOL, decisions=apart)
    assert borough.together("gp 1", "apc 1")
    assert not borough.together("gp 1", "school 1")


def test_decided_not_the_same_later_takes_the_record_out() -> None:
    borough = Borough().month("2026-01", GP, APC, SCHOOL)
    person = borough.person("gp 1")
    borough.month("2026-02", GP, APC, SCHOOL, decisions=decisions(("not_same", "gp 1", "school 1")))
    assert borough.person("gp 1") == borough.person("apc 1") == person
    assert borough.person("school 1") != person
    assert borough.events() == ["split"]


def test_the_later_of_two_decisions_counts() -> None:
    both = decisions(("not_same", "gp 1", "school 1"), ("same", "school 1", "gp 1"))
    assert Borough().month("2026-01", GP, SCHOOL, decisions=both).together("gp 1", "school 1")


def test_not_same_within_one_number_leaves_the_others_together() -> None:
    records = [draw(f"apc {i}", nhs="A", dob=DOB) for i in range(5)]
    first = min(range(5), key=lambda i: str(record_uuid(f"apc {i}")))
    other = (first + 1) % 5
    borough = Borough().month("2026-01", *records, decisions=decisions(("not_same", f"apc {other}", f"apc {first}")))
    assert not borough.together(f"apc {first}", f"apc {other}")
    assert len({r["person_id"] for r in borough.rows().values()}) == 2


def test_the_ledger_holds_and_any_change_breaks_it() -> None:
    borough = Borough().month("2026-01", GP, OTHER_GP).month("2026-02", OTHER_GP).month("2026-03", GP, OTHER_GP, APC)
    con = duckdb.connect()
    assert ledger.verify(con, borough.ledgers) == borough.head
    first, second, third = borough.ledgers
    assert ledger.verify(con, [first, third]) is None
    assert ledger.verify(con, [first.slice(1), second, third]) is None
    names = second.column_names
    for column, value in (("event", "returned"), ("record_count", 99), ("event_number", 2), ("month", "2026-09")):
        place = names.index(column)
        changed = second.set_column(place, second.field(place), pa.array([value], second.field(place).type))
        assert ledger.verify(con, [first, changed, third]) is None


def test_pairs_against_the_truth_are_counted_by_group() -> None:
    wrong = draw("asc 9", nhs="A", dob=DOB, name="ALI MIAH")
    truth = pa.table(
        {
            "source": ["gp", "apc", "asc", "gp", "school"],
            "record_id": [str(record_uuid(r)) for r in ("gp 1", "apc 1", "asc 9", "gp 2", "school 1")],
            "true_person": [1, 1, 2, 2, 1],
            "ethnicity_group": ["Mixed", "Mixed", "Other", "Other", "Mixed"],
            "age_years": [3, 3, 81, 81, 3],
        }
    )
    borough = Borough().month("2026-01", GP, APC, wrong, OTHER_GP, draw("school 1", dob=DOB), truth=truth)
    found = {
        (r["group_type"], r["group_value"]): (
            r["true_positive_count"],
            r["false_positive_count"],
            r["false_negative_count"],
        )
        for r in borough.accuracy.to_pylist()
    }
    assert found["all", "all"] == (1, 2, 3)
    assert found["ethnicity_group", "Mixed"] == (1, 2, 2)
    assert found["ethnicity_group", "Other"] == (0, 2, 1)
    assert found["source", "gp"] == (1, 1, 2)
    assert found["age_band", "80+"] == (0, 2, 1)
    assert ("sex", "F") not in found


@pytest.mark.parametrize("accepts", [True, False])
def test_the_seam_of_the_scoring_step(accepts: bool) -> None:
    """What a scorer accepts is joined under the same guards: never across two valid numbers."""
    typo = draw("school 1", dob="1980-05-18", name="ALLI MIAH", postcode="E1 4AA")
    seen = {}

    def scorer(con: duckdb.DuckDBPyConnection, left: str, people: str, aside: Aside) -> pa.Table:
        seen["left"] = con.execute(f"select source from {left} join numbered using (rec) order by source").fetchall()
        target = "gp" if accepts else "none"
        return con.sql(
            f"""
            select l.rec, p.rec as other_rec,
                12.5 as match_weight, 0.99 as match_share, 0.5 as margin_share, true as is_accepted
            from {left} as l join {people} as p on p.cluster != l.cluster
            join numbered as n on n.rec = p.rec and n.source = '{target}'
            """
        ).to_arrow_table()

    any_size = Limits(scored_people=0)
    borough = Borough(scorer=scorer, limits=any_size).month("2026-01", GP, APC, typo)
    assert seen["left"] == [("school",)]
    assert borough.together("gp 1", "school 1") is accepts
    assert borough.row("school 1")["step"] == ("probabilistic" if accepts else "local")
    stranger = draw("asc 1", nhs="Z", dob=DOB, name="ALI MIAH")
    both = Borough(scorer=scorer, limits=any_size).month("2026-01", GP, OTHER_GP, stranger)
    assert len({r["person_id"] for r in both.rows().values()}) == 3
