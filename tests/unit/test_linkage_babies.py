"""A baby's first records hold the mother's address and often no name or number: it is not its mother, nor its twin."""

from __future__ import annotations

import pytest

from tests.linkage_cases import Borough, draw

pytestmark = pytest.mark.slow

AT_HOME = {"postcode": "E2 0HU", "practice": "F84016"}
BORN = "2026-01-09"


def people(borough: Borough, *records: str) -> list[str]:
    return [borough.row(record)["person_id"] for record in records]


def test_a_baby_without_number_or_name_is_not_its_mother() -> None:
    borough = Borough().month(
        "2026-01",
        draw("gp 1", nhs="A", dob="1984-02-04", name="RAHELA BEGUM", sex="F", uprn="7", **AT_HOME),
        draw("apc 1", nhs="A", dob="1984-02-04", sex="F", **AT_HOME),
        draw("apc 2", dob=BORN, sex="F", **AT_HOME),
        draw("gp 2", dob=BORN, name="BABY BEGUM", sex="F", uprn="7", **AT_HOME),
    )
    mother, delivery, stay, listed = people(borough, "gp 1", "apc 1", "apc 2", "gp 2")
    assert mother == delivery
    assert mother not in (stay, listed)


def test_twins_who_agree_in_all_but_the_number_stay_two() -> None:
    borough = Borough().month(
        "2026-01",
        draw("births 1", nhs="B", dob=BORN, sex="F", **AT_HOME),
        draw("births 2", nhs="C", dob=BORN, sex="F", **AT_HOME),
        draw("msds 1", nhs="B", dob=BORN, sex="F"),
    )
    first, second, same = people(borough, "births 1", "births 2", "msds 1")
    assert first == same != second


def test_a_twin_without_a_number_is_not_taken_for_the_other() -> None:
    borough = Borough().month(
        "2026-01", draw("births 1", nhs="B", dob=BORN, sex="F", **AT_HOME), draw("apc 1", dob=BORN, sex="F", **AT_HOME)
    )
    first, other = people(borough, "births 1", "apc 1")
    assert first != other
