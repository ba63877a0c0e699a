"""Which id stays: a place in a claim that passed to somebody else, records that split, people found to be one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.linkage_cases import Borough, draw

pytestmark = pytest.mark.slow

BORN, HOME = "1980-05-17", {"postcode": "E1 4AA", "uprn": "1"}
SON, DAUGHTER = {"dob": "2008-03-12", **HOME}, {"dob": "2012-11-23", **HOME}
GP_SON = draw("gp 1", nhs="A", name="ALI MIAH", **SON)
GP_DAUGHTER = draw("gp 2", nhs="B", name="RUMA MIAH", **DAUGHTER)


def events(borough: Borough) -> set[tuple[str, Any, Any]]:
    return {(e["event"], e["person_id"], e["other_person_id"]) for e in borough.ledgers[-1].to_pylist()}


def test_a_claims_second_member_is_the_daughter_once_the_son_has_left() -> None:
    borough = Borough().month("2026-01", GP_SON, GP_DAUGHTER, draw("benefits 2", name="ALI MIAH", **SON))
    son, daughter = borough.person("benefits 2"), borough.person("gp 2")
    assert son == borough.person("gp 1")
    borough.month("2026-02", GP_SON, GP_DAUGHTER, draw("benefits 2", name="RUMA MIAH", **DAUGHTER))
    assert (borough.person("gp 1"), borough.person("benefits 2")) == (son, daughter)
    assert events(borough) == {("moved", son, daughter)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"name": "ALI MIAH", "dob": BORN}, {"name": "ALI KHAN", "dob": "1991-11-23"}),
        ({"name": "RUMA MIAH", "dob": BORN}, {"name": "RUMA KHAN", "dob": None}),
        ({"name": "ALI MIAH", "dob": BORN}, {"name": "MIAH ALI", "dob": "1991-11-23"}),
        ({"name": "HUSSAIN MIAH", "dob": BORN}, {"name": "HUSSEIN MIAH", "dob": "1991-11-23"}),
        ({"name": "BABY MIAH", "dob": BORN}, {"name": "RUMA MIAH", "dob": BORN}),
        ({"name": "BABY MIAH", "dob": BORN}, {"name": "RUMA KHAN", "dob": BORN}),
        ({"name": "BABY MIAH", "dob": BORN}, {"name": "RUMA MIAH", "dob": "1980-05-18"}),
        ({"name": "BABY MIAH", "dob": BORN}, {"name": "RUMA MIAH", "dob": None}),
        ({"name": None, "dob": BORN}, {"name": "RUMA MIAH", "dob": "1991-11-23"}),
    ],
    ids=["surname and date", "surname, no date", "swapped names", "a sound", "a first name", "adopted name",
         "name and slip of a date", "name, no date", "named at last"],
)  # fmt: skip
def test_who_still_resembles_what_the_record_said_keeps_the_id(before: dict, after: dict) -> None:
    borough = Borough().month("2026-01", draw("benefits 1", postcode="E1 4AA", **before))
    person = borough.person("benefits 1")
    borough.month("2026-02", draw("benefits 1", postcode="E1 4AA", **after))
    assert borough.person("benefits 1") == person and borough.events() == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"name": "ALI MIAH", "dob": BORN}, {"name": "RUMA MIAH", "dob": "1991-11-23"}),
        ({"name": "ALI MIAH", "dob": BORN}, {"name": "RUMA KHAN", "dob": "1980-05-18"}),
        ({"name": "ALI MIAH", "dob": BORN}, {"name": "RUMA KHAN", "dob": None}),
        ({"name": "ALI MIAH", "dob": None}, {"name": "RUMA KHAN", "dob": BORN}),
    ],
    ids=["a family's surname", "a day apart", "no date now", "no date before"],
)
def test_a_record_that_is_somebody_elses_now_takes_no_id_along(before: dict, after: dict) -> None:
    borough = Borough().month("2026-01", draw("benefits 1", postcode="E1 4AA", **before))
    person = borough.person("benefits 1")
    borough.month("2026-02", draw("benefits 1", postcode="E1 4AA", **after))
    other = borough.person("benefits 1")
    assert other != person
    assert events(borough) == {("born", other, None), ("moved", person, other), ("ended", person, None)}


def test_the_id_stays_with_the_record_that_did_not_change_hands() -> None:
    son = {"name": "ALI MIAH", **SON}
    borough = Borough().month("2026-01", draw("benefits 1", **son), draw("school 1", **son), GP_DAUGHTER)
    person, daughter = borough.person("school 1"), borough.person("gp 2")
    assert person == borough.person("benefits 1")
    borough.month("2026-02", draw("benefits 1", name="RUMA MIAH", **DAUGHTER), draw("school 1", **son), GP_DAUGHTER)
    assert (borough.person("school 1"), borough.person("benefits 1")) == (person, daughter)


def test_who_had_no_other_record_ends_and_the_younger_id_of_the_other_stays() -> None:
    alone = draw("benefits 1", name="JO COX", dob="1991-06-05", postcode="N9 9ZZ")
    borough = Borough().month("2026-01", alone)
    ended = borough.person("benefits 1")
    borough.month("2026-02", alone, GP_DAUGHTER)
    daughter = borough.person("gp 2")
    borough.month("2026-03", draw("benefits 1", name="RUMA MIAH", **DAUGHTER), GP_DAUGHTER)
    assert borough.person("benefits 1") == borough.person("gp 2") == daughter
    assert events(borough) == {("moved", ended, daughter), ("ended", ended, None)}


@pytest.mark.parametrize("fuller", ["gp", "school"])
def test_of_two_ids_as_old_the_one_of_more_records_stays(fuller: str) -> None:
    far = {"dob": BORN, "name": "ALI MIAH", "postcode": "N9 9ZZ", "uprn": "2"}
    near = {"dob": BORN, "name": "ALI MIAH", **HOME}
    records = [draw("gp 1", nhs="A", **near), draw("school 1", **far)]
    records += [draw("apc 1", nhs="A", dob=BORN)] if fuller == "gp" else [draw("housing 1", **far)]
    borough = Borough().month("2026-01", *records)
    kept, absorbed = borough.person(f"{fuller} 1"), borough.person("gp 1" if fuller == "school" else "school 1")
    assert kept != absorbed
    borough.month("2026-02", *records, draw("asc 1", nhs="A", **far))
    assert {row["person_id"] for row in borough.rows().values()} == {kept}
    assert events(borough) == {("absorbed", absorbed, kept)}


def test_of_two_halves_the_one_that_stands_as_it_was_keeps_the_id() -> None:
    near = {"dob": BORN, "name": "ALI MIAH", **HOME}
    borough = Borough().month("2026-01", draw("apc 1", nhs="A", **near), draw("op 1", nhs="A", **near))
    person = borough.person("op 1")
    borough.month("2026-02", draw("apc 1", nhs="C", **near), draw("op 1", nhs="A", **near))
    assert borough.person("op 1") == person != borough.person("apc 1")
    assert events(borough) == {("split", borough.person("apc 1"), person)}
