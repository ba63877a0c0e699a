"""Which diagnoses count as avoidable, as a fall, as assault and as self-harm: the codes of the definitions and their
neighbours that are none, written out here apart from the reference tables. The snapshot is 31 January 2026."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

LISTED = """
B180 B181 D501 D508 D509 D510 D519 D520 D529 F000 F019 F028 F03X G400 G409 G410 G419 I10X I110 I119 I130 I200 I209 I240 I248 I249 I250 I259 I480 I500 I509 J410 J42X J439 J440 J449 J450
J459 J46X J47X J81X
"""
NEIGHBOURS = """
B171 B182 B189 D500 D530 E109 E119 E129 E139 E149 E150 F04X F059 G399 G420 I090 I120 I129 I131 I132 I139 I150 I210 I241
I260 I470 I490 I510 J40X J480 J80X J82X
"""
AVOIDABLE = (*LISTED.split(), *(f"E1{kind}{complication}" for kind in range(5) for complication in range(9)))
NOT_AVOIDABLE = tuple(NEIGHBOURS.split())

Case = tuple[str, str, int, tuple[str, ...]]


def all_counted(check, cases: Iterable[Case]) -> None:
    """A person each: primary diagnosis, second diagnosis, age at the emergency admission, and the groups it counts in."""
    named = [(f"p{i}", *case) for i, case in enumerate(cases)]
    lines = "\n        ".join
    check(
        "person.admission_groups",
        f"""
        person.records
        source | record_id | person_id
        {lines(f"apc | {who} | {who}" for who, *_ in named)}

        person.spells
        person_id | spell_key | admission_kind | admission_date | primary_diagnosis_code
        {lines(f"{who} | {who} | emergency_admission | 2025-06-01 | {first}" for who, first, *_ in named)}

        pseudo.apc__episodes
        record_id | spell_key | admission_date | admission_age_years | diagnosis_01_code | diagnosis_02_code
        {lines(f"{who} | {who} | 2025-06-01 | {age} | {first} | {second}" for who, first, second, age, _ in named)}
        =>
        person_id | spell_key | diagnosis_group
        {lines(f"{who} | {who} | {group}" for who, *_, groups in named for group in groups)}
        """,
    )


def test_what_is_avoidable_by_care_outside_hospital(check):
    """As primary diagnosis from 19 years of age; second to another it is not counted."""
    all_counted(
        check,
        [
            *((code, "", 19, ("avoidable",)) for code in AVOIDABLE),
            *((code, "", 19, ()) for code in NOT_AVOIDABLE),
            *((code, "", 18, ()) for code in AVOIDABLE if code[:3] not in ("J45", "J46")),
            *(("N390", code, 40, ()) for code in AVOIDABLE),
        ],
    )


@pytest.mark.parametrize(("cause", "is_fall"), [*((f"W{n:02d}X", n <= 19) for n in range(21)), ("V99X", False), ("X590", False)])  # fmt: skip
def test_which_causes_are_falls(check, cause, is_fall):
    all_counted(check, [("S720", cause, 65, ("falls",) if is_fall else ())])


def test_which_injuries_are_of_a_fall(check):
    """S00 to T98 first, at 65 or over; the fall first, or an illness first, is none."""
    injuries = [f"S{n}00" for n in range(10)] + [f"T{n}00" for n in range(10)] + ["S999", "T889", "T983"]
    all_counted(
        check,
        [
            *((code, "W190", 65, ("falls",)) for code in injuries),
            *((code, "W190", 64, ()) for code in injuries),
            *((code, "W190", 80, ()) for code in ("R55X", "M800", "U071", "T990", "W190", "Z991")),
            ("S720", "", 80, ()),
        ],
    )


def test_assault_and_self_harm_in_any_place_at_any_age(check):
    assaults = [f"X{n}0" for n in range(85, 100)] + [f"Y0{n}0" for n in range(10)]
    harms = [f"X{n}0" for n in range(60, 85)]
    all_counted(
        check,
        [
            *(("S010", code, 17, ("assault",)) for code in assaults),
            *(("S010", code, 17, ("self_harm",)) for code in harms),
            *(("S010", code, 17, ()) for code in ("X590", "Y100", "Y349")),
        ],
    )


def test_asthma_and_wheeze_of_children(check):
    """J45, J46 and R06.2 first and under 19; bronchiolitis (J21) and other breathing are none."""
    inside = ("J450", "J459", "J46X", "R062")
    all_counted(
        check,
        [
            *((code, "", 18, ("asthma_wheeze",)) for code in inside),
            ("R062", "", 19, ()),
            *((code, "", 8, ()) for code in ("J210", "J219", "R061", "R063", "J440", "J47X")),
            *(("J22X", code, 8, ()) for code in inside),
        ],
    )
