"""Dates and names as they come (DOMAIN §3.6): what is weak evidence, what is the same said otherwise, who is a twin."""

from __future__ import annotations

import pytest

from tests.linkage_cases import Borough, draw

HOME = {"postcode": "E1 4AA", "uprn": "100", "sex": "F"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("1919-05-17", "2019-05-17", id="a century slipped"),
        pytest.param("1980-05-07", "1980-07-05", id="day and month swapped"),
        pytest.param("1980-01-01", "1980-05-01", id="the first of January for want of a month"),
    ],
)
@pytest.mark.slow
def test_one_number_and_a_date_that_slipped_is_one_person(one: str, other: str) -> None:
    borough = Borough().month(
        "2026-01", draw("gp 1", nhs="A", dob=one, name="RUMA COX"), draw("asc 1", nhs="A", dob=other, name="RUMA COX")
    )
    assert borough.together("gp 1", "asc 1")


def test_a_heaped_birthday_and_the_practice_do_not_make_two_namesakes_one() -> None:
    """Half the men of a name born abroad in a year share 1 January and a practice."""
    namesakes = {"name": "ALI MIAH", "sex": "M", "practice": "P1"}
    heaped = Borough().month(
        "2026-01", draw("gp 1", nhs="A", dob="1970-01-01", **namesakes), draw("asc 1", dob="1970-01-01", **namesakes)
    )
    plain = Borough().month(
        "2026-01", draw("gp 1", nhs="A", dob="1970-03-09", **namesakes), draw("asc 1", dob="1970-03-09", **namesakes)
    )
    assert not heaped.together("gp 1", "asc 1")
    assert plain.together("gp 1", "asc 1")


def test_a_newborn_without_a_name_is_neither_twin() -> None:
    twins = [
        draw("gp 1", nhs="A", dob="2026-01-05", name="AMINA BEGUM", **HOME),
        draw("gp 2", nhs="B", dob="2026-01-05", name="ZARA BEGUM", **HOME),
    ]
    borough = Borough().month("2026-01", *twins, draw("csc 1", dob="2026-01-05", name="BEGUM", **HOME))
    assert not borough.together("gp 1", "gp 2")
    assert not borough.together("gp 1", "csc 1") and not borough.together("gp 2", "csc 1")


@pytest.mark.slow
def test_a_newborn_renamed_under_one_number_is_one_person() -> None:
    borough = Borough().month("2026-01", draw("msds 1", nhs="A", dob="2026-01-05", name="BEGUM", **HOME))
    borough.month(
        "2026-02", draw("msds 1", nhs="A", dob="2026-01-05", name="BEGUM", **HOME),
        draw("gp 1", nhs="A", dob="2026-01-05", name="AMINA MIAH", **HOME),
    )  # fmt: skip
    assert borough.together("msds 1", "gp 1")


@pytest.mark.slow
def test_names_the_other_way_round_and_one_left_out_are_one_person() -> None:
    borough = Borough().month(
        "2026-01", draw("gp 1", nhs="A", dob="1985-03-09", name="ABDI HASSAN WARSAME", **HOME),
        draw("housing 1", dob="1985-03-09", name="HASSAN ABDI", **HOME),
    )  # fmt: skip
    assert borough.together("gp 1", "housing 1")
