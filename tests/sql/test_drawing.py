"""The drawing board itself: it refuses what was not meant."""

from __future__ import annotations

import pytest

RIGHT = """
    person.records
    person_id | source    | record_id
    ann       | education | p1

    pseudo.education__pupils
    record_id | sen_provision
    p1        | K

    pseudo.education__ehc_plans
    =>
    person_id | has_sen_support | has_ehcp
    ann       | true            | false
"""


def test_a_right_drawing_passes(check):
    check("person.school_profile", RIGHT)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("sen_provision", "sen_colour", "no column sen_colour"),
        ("has_ehcp", "has_wings", "no column"),
        ("person.records", "person.residences", "reads"),
        ("=>", "", "draw the expected rows"),
        ("| education | p1", "| education", "headings"),
        ("person.records\n", "person.spells\n\n    person.records\n", "reads"),
        ("=>", "reference.wards\n    ward_code\n    E05009317\n    =>", "does not read"),
        ("| true ", "| false", "expected:"),
        ("    ann       | true            | false\n", "", "expected:"),
    ],
)
def test_a_wrong_drawing_fails(check, before, after, says):
    assert before in RIGHT
    with pytest.raises(AssertionError, match=says):
        check("person.school_profile", RIGHT.replace(before, after, 1))
