"""Each rule of the cascade, drawn: it joins what it should, nothing joins it when the rule is taken away."""

from __future__ import annotations

import pytest

from tests.linkage_cases import Borough, draw
from wsd_pipeline.linkage.rules import RULES, Limits
from wsd_pipeline.messages import Stop

pytestmark = pytest.mark.slow

DOB, OTHER = "1980-05-17", "1991-11-23"
Fields = dict[str, str | None]

# rule → two records only that rule joins, and the step they are then said to stand by
JOINED: dict[str, tuple[Fields, Fields, str]] = {
    "number_birth": ({"nhs": "A", "dob": DOB}, {"nhs": "A", "dob": DOB}, "nhs_exact"),
    "number_birth_parts": (
        {"nhs": "A", "dob": DOB, "name": "RUMA BEGUM"},
        {"nhs": "A", "dob": "1980-05-18", "name": "RUMA KHAN"},
        "nhs_partial",
    ),
    "names_birth_postcode": (
        {"nhs": "A", "dob": DOB, "name": "RUMA BEGUM", "former": "MIAH", "postcode": "E1 4AA"},
        {"dob": DOB, "name": "RUMA BEGUM", "former": "KHAN", "postcode": "E1 4AA"},
        "alphanumeric",
    ),
    "name_tokens_birth_postcode": (
        {"nhs": "A", "dob": DOB, "name": "ALI AHMED MIAH", "postcode": "E1 4AA"},
        {"dob": DOB, "name": "MIAH ALI", "postcode": "E1 4AA"},
        "alphanumeric",
    ),
    "names_birth_practice": (
        {"nhs": "A", "dob": DOB, "name": "RUMA BEGUM", "former": "MIAH", "sex": "F", "practice": "P1"},
        {"dob": DOB, "name": "RUMA BEGUM", "former": "KHAN", "sex": "F", "practice": "P1"},
        "alphanumeric",
    ),
    "name_tokens_birth_practice": (
        {"nhs": "A", "dob": DOB, "name": "ALI AHMED MIAH", "sex": "M", "practice": "P1"},
        {"dob": DOB, "name": "MIAH ALI", "sex": "M", "practice": "P1"},
        "alphanumeric",
    ),
    "forename_birth_property": (
        {"nhs": "A", "dob": DOB, "name": "RUMA BEGUM", "uprn": "77"},
        {"dob": DOB, "name": "RUMA KHAN", "uprn": "77"},
        "residence",
    ),
    "name_tokens_birth_property": (
        {"nhs": "A", "dob": DOB, "name": "ALI AHMED MIAH", "uprn": "77"},
        {"dob": DOB, "name": "MIAH ALI", "uprn": "77"},
        "residence",
    ),
}

APART: dict[str, tuple[Fields, Fields]] = {
    "number alone": ({"nhs": "A", "dob": DOB, "name": "ALI MIAH"}, {"nhs": "A", "dob": OTHER, "name": "JO COX"}),
    "one date part": (
        {"nhs": "A", "dob": DOB, "name": "ALI MIAH"},
        {"nhs": "A", "dob": "1980-11-23", "name": "ALI MIAH"},
    ),
    "two date parts, no name, other district": (
        {"nhs": "A", "dob": DOB, "name": "ALI MIAH", "postcode": "E1 4AA"},
        {"nhs": "A", "dob": "1980-05-18", "name": "JO COX", "postcode": "N1 4AA"},
    ),
    "names and birth, other address": (
        {"nhs": "A", "dob": DOB, "name": "ALI MIAH", "postcode": "E1 4AA"},
        {"dob": DOB, "name": "ALI MIAH", "postcode": "E3 4AA"},
    ),
    "practice where the birthday is a placeholder": (
        {"nhs": "A", "dob": "1980-01-01", "name": "ALI MIAH", "sex": "M", "practice": "P1"},
        {"dob": "1980-01-01", "name": "ALI MIAH", "sex": "M", "practice": "P1"},
    ),
    "surname and birth at one property": (
        {"nhs": "A", "dob": DOB, "name": "ALI MIAH", "uprn": "77", "postcode": "E1 4AA"},
        {"dob": DOB, "name": "HASAN MIAH", "uprn": "77", "postcode": "E1 4AA"},
    ),
    "one name of two": (
        {"nhs": "A", "dob": DOB, "name": "ALI MIAH", "uprn": "77", "postcode": "E1 4AA"},
        {"dob": DOB, "name": "MIAH", "uprn": "77", "postcode": "E1 4AA"},
    ),
    "two valid numbers": (
        {"nhs": "A", "dob": DOB, "name": "ALI MIAH", "uprn": "77", "postcode": "E1 4AA"},
        {"nhs": "B", "dob": DOB, "name": "ALI MIAH", "uprn": "77", "postcode": "E1 4AA"},
    ),
}


def drawn(cases: dict) -> list[dict]:
    """The cases as records of one borough: years, numbers and properties of their own, so that no two meet."""
    out = []
    for i, (first, second, *_) in enumerate(cases.values()):
        for source, fields in (("gp", first), ("asc", second)):
            own = dict(fields)
            own["dob"] = f"{int(own['dob'][:4]) - 40 + i}{own['dob'][4:]}"
            for field in ("nhs", "uprn"):
                own[field] = f"{own[field]}{i}" if field in own else None
            out.append(draw(f"{source} {i}", **own))
    return out


def pair(borough: Borough, cases: dict, name: str) -> tuple[dict, dict]:
    i = list(cases).index(name)
    return borough.row(f"gp {i}"), borough.row(f"asc {i}")


@pytest.fixture(scope="module")
def joined() -> Borough:
    return Borough().month("2026-01", *drawn(JOINED))


@pytest.fixture(scope="module")
def apart() -> Borough:
    return Borough().month("2026-01", *drawn(APART))


def test_every_rule_is_drawn() -> None:
    assert set(JOINED) == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", sorted(JOINED))
def test_a_rule_joins(joined: Borough, name: str) -> None:
    first, second = pair(joined, JOINED, name)
    assert first["person_id"] == second["person_id"]
    assert first["step"] == second["step"] == JOINED[name][2]
    assert sorted(joined.edges["rule"].to_pylist()) == sorted(JOINED)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sorted(JOINED))
def test_without_the_rule_nothing_joins(name: str) -> None:
    rules = tuple(r for r in RULES if r.name != name)
    without = Borough(rules=rules).month("2026-01", *drawn({name: JOINED[name]}))
    assert len({r["person_id"] for r in without.rows().values()}) == 2


@pytest.mark.parametrize("name", sorted(APART))
def test_these_stay_apart(apart: Borough, name: str) -> None:
    first, second = pair(apart, APART, name)
    assert first["person_id"] != second["person_id"]


def test_day_and_month_swapped_with_the_district_is_one_person() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", dob="1980-05-07", postcode="E1 4AA"),
        draw("apc 1", nhs="A", dob="1980-07-05", postcode="E1 9ZZ"),
    )
    assert borough.together("gp 1", "apc 1")


def test_an_invalid_number_is_no_evidence() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", state="invalid", dob=DOB, name="ALI MIAH"),
        draw("apc 1", nhs="A", state="invalid", dob=DOB, name="ALI MIAH"),
    )
    assert not borough.together("gp 1", "apc 1")


def test_two_people_of_one_name_birthday_and_postcode_leave_a_third_alone() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", dob=DOB, name="ALI MIAH", postcode="E1 4AA"),
        draw("gp 2", nhs="B", dob=DOB, name="ALI MIAH", postcode="E1 4AA"),
        draw("school 1", dob=DOB, name="ALI MIAH", postcode="E1 4AA"),
    )
    assert len({r["person_id"] for r in borough.rows().values()}) == 3
    assert borough.row("school 1")["is_multiple_match"]
    assert not borough.row("gp 1")["is_multiple_match"]


def test_a_tighter_rule_may_settle_what_a_wider_one_cannot() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", dob=DOB, name="ALI MIAH", postcode="E1 4AA", uprn="1"),
        draw("gp 2", nhs="B", dob=DOB, name="ALI MIAH", postcode="E1 4AA", uprn="2"),
        draw("school 1", dob=DOB, name="ALI MIAH", postcode="E1 4AA", uprn="2"),
    )
    assert borough.together("gp 2", "school 1")


def test_twins_with_their_names_the_wrong_way_round_do_not_share_a_forename() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", dob=DOB, name="ALI MIAH"),
        draw("gp 2", nhs="B", dob=DOB, name="HASAN MIAH"),
        draw("housing 1", dob=DOB, name="MIAH ALI", uprn="77"),
        draw("housing 2", dob=DOB, name="MIAH HASAN", uprn="77"),
    )
    assert not borough.together("housing 1", "housing 2")


def test_a_third_record_does_not_join_twins() -> None:
    """Its names are among those of both, whose first names are strangers to each other."""
    borough = Borough().month(
        "2026-01",
        draw("school 1", dob=DOB, name="ALI AHMED MIAH", postcode="E1 4AA"),
        draw("school 2", dob=DOB, name="HASAN AHMED MIAH", postcode="E1 4AA"),
        draw("housing 1", dob=DOB, name="ALI HASAN AHMED MIAH", postcode="E1 4AA"),
    )
    assert not borough.together("school 1", "school 2")


def test_a_twins_number_on_the_wrong_twin_is_not_used() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", dob=DOB, name="HUSSAIN MIAH", postcode="E1 4AA"),
        draw("gp 2", nhs="B", dob=DOB, name="HASAN MIAH", postcode="E1 4AA"),
        draw("csds 1", nhs="A", dob=DOB, name="HUSSAIN MIAH", postcode="E1 4AA"),
        draw("csds 2", nhs="A", dob=DOB, name="HASAN MIAH", postcode="E1 4AA"),
    )
    assert borough.together("gp 1", "csds 1")
    assert borough.together("gp 2", "csds 2")
    assert not borough.together("gp 1", "gp 2")
    assert borough.row("csds 2")["has_nhs_conflict"]


def test_a_nickname_at_the_same_address_without_a_twin_is_the_same_person() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", dob=DOB, name="ELIZABETH COX", postcode="E1 4AA"),
        draw("asc 1", nhs="A", dob=DOB, name="BETTY COX", postcode="E1 4AA"),
    )
    assert borough.together("gp 1", "asc 1")


def test_a_number_with_everything_else_different_is_set_aside_and_counted() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", dob=DOB, name="ALI MIAH", postcode="E1 4AA"),
        draw("apc 1", nhs="A", dob=DOB, postcode="E1 4AA"),
        draw("asc 1", nhs="A", dob=OTHER, name="JO COX", postcode="N1 1AA"),
        draw("school 1", dob=OTHER, name="JO COX", postcode="N1 1AA"),
    )
    wrong = borough.row("asc 1")
    assert (wrong["has_nhs_conflict"], wrong["step"], wrong["last_step_tried"]) == (True, "local", "nhs_partial")
    assert borough.outcome.tally.nhs_conflict_records == 1
    assert not borough.row("gp 1")["has_nhs_conflict"]


def test_the_cap_breaks_a_cluster_and_says_so() -> None:
    records = [draw(f"gp {i}", nhs="A", dob=DOB) for i in range(6)]
    borough = Borough(limits=Limits(cluster_records=5)).month("2026-01", *records)
    assert len({r["person_id"] for r in borough.rows().values()}) == 6
    assert all(r["is_over_cap"] for r in borough.rows().values())
    assert borough.outcome.tally.over_cap_clusters == 1
    assert (
        len(
            {
                r["person_id"]
                for r in Borough(limits=Limits(cluster_records=6)).month("2026-01", *records).rows().values()
            }
        )
        == 1
    )


def test_a_default_value_stops_with_the_source_named() -> None:
    records = [draw(f"housing {i}", dob="1970-02-03", name=f"N{i} S{i}", postcode="E1 4AA") for i in range(40)]
    records += [draw(f"gp {i}", nhs=f"A{i}", dob="1970-02-03", name=f"N{i} T{i}", postcode="E1 4AA") for i in range(3)]
    with pytest.raises(Stop) as stop:
        Borough(limits=Limits(pairs_floor=500, pairs_per_record=1)).month("2026-01", *records)
    assert stop.value.code == "WSD-220"
    assert stop.value.facts["source"] == "housing"


KINDS: dict[str, tuple[Fields, str]] = {
    "number": ({"nhs": "A", "dob": "1981-01-02"}, "nhs_number"),
    "names": ({"dob": "1982-01-02", "name": "ALI MIAH"}, "local"),
    "surname and postcode": ({"dob": "1983-01-02", "name": "KHAN", "postcode": "E1 4AA"}, "local"),
    "surname only": ({"dob": "1984-01-02", "name": "COX"}, "one_time"),
    "no birth": ({"name": "JO BEGUM", "postcode": "E1 5AA"}, "one_time"),
    "no name": ({"dob": "1985-01-02", "sex": "F", "postcode": "E1 6AA", "practice": "P1"}, "one_time"),
    "number without birth": ({"nhs": "B"}, "one_time"),
}


@pytest.fixture(scope="module")
def kinds() -> Borough:
    return Borough().month("2026-01", *(draw(f"gp {i}", **fields) for i, (fields, _) in enumerate(KINDS.values())))


@pytest.mark.parametrize("name", sorted(KINDS))
def test_who_is_a_person_and_who_is_only_counted(kinds: Borough, name: str) -> None:
    row, kind = kinds.row(f"gp {list(KINDS).index(name)}"), KINDS[name][1]
    assert (row["person_kind"], row["is_one_time"]) == (kind, kind == "one_time")
    assert row["step"] == ("one_time" if kind == "one_time" else "local")
    assert row["link_band"] is None
