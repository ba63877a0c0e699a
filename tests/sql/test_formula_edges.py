"""The edges of the statutory formulae, day by day and code by code. The snapshot is 31 January 2026.

What each formula counts is in `test_outcomes_hospital.py`; here is where it begins and ends.
"""

from __future__ import annotations

import pytest


def reabled(check, discharge: str, metrics: tuple[str, ...], *, born="1950-01-01", method="1", went="19") -> None:
    """ann's only discharge, with reablement from that day, and the metrics that count her, at home on day 91."""
    lines = "\n        ".join
    check(
        "person.outcomes_reablement",
        f"""
        person.demographics
        person_id | birth_month | death_date
        ann       | {born}      |

        person.spells
        person_id | spell_key | admission_kind      | admission_date | discharge_date | discharge_method_code | discharge_destination_code
        ann       | a         | emergency_admission | 2024-09-01     | {discharge}    | {method}              | {went}

        person.care_episodes
        person_id | care_type  | start_date  | end_date
        ann       | reablement | {discharge} |

        person.records
        person_id

        pseudo.csds__referrals
        record_id
        =>
        person_id | metric_id | numerator | denominator
        {lines(f"ann | {metric} | 1.000 | 1.000" for metric in metrics)}
        """,
    )


CLASSIC, ALL_YEAR = "reablement_91_days", "reablement_91_days_all_year"


@pytest.mark.parametrize(
    ("discharge", "metrics"),
    [
        ("2024-09-30", ()), ("2024-10-01", (CLASSIC,)), ("2024-11-01", (CLASSIC,)), ("2024-11-02", (CLASSIC, ALL_YEAR)),
        ("2024-12-31", (CLASSIC, ALL_YEAR)), ("2025-01-01", (ALL_YEAR,)), ("2025-11-01", (ALL_YEAR,)), ("2025-11-02", ()),
    ],
)  # fmt: skip
def test_which_discharges_are_followed_for_91_days(check, discharge, metrics):
    """October to December of the autumn that can be followed; or the twelve months of discharges 91 days back."""
    reabled(check, discharge, metrics)


@pytest.mark.parametrize(
    ("changed", "metrics"),
    [
        ({"born": "1960-06-01"}, (ALL_YEAR,)), ({"born": "1960-07-01"}, ()), ({"method": "4", "went": ""}, ()),
        ({"method": "5", "went": ""}, ()), ({"method": "", "went": ""}, (ALL_YEAR,)), ({"went": "54"}, ()),
    ],
    ids=["65 that month", "64", "died", "stillborn", "not told", "to a care home"],
)  # fmt: skip
def test_who_goes_home_into_reablement(check, changed, metrics):
    reabled(check, "2025-06-15", metrics, **changed)


def cared_for(check, episodes: str, expected: str, born: str = "1950-01-01") -> None:
    check(
        "person.outcomes_care",
        f"""
        person.demographics
        person_id | birth_month | age_years
        ann       | {born}      | 70

        person.care_episodes
        person_id | care_type | activity_type | start_date | end_date | is_open | is_direct_payment
        {episodes}

        person.personalised_profile
        person_id | health_budget_date

        person.service_profile
        person_id | learning_disability_support_date | long_term_care_date

        person.records
        person_id

        pseudo.asc__events
        record_id
        =>
        person_id | metric_id | numerator | denominator
        ann | direct_payments_all_clients | 0.000 | 1.000
        {expected}
        """,
    )


PLACED = "ann | long_term_residential | long_term_care |"
NEW = "ann | residential_admissions_65 | 1.000 | 0.000"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("long_term_nursing | long_term_care | 2024-01-01 | 2024-07-15 | false", ""),
        ("long_term_nursing | long_term_care | 2024-01-01 | 2024-07-14 | false", NEW),
        ("long_term_residential | long_term_care | 2024-01-01 | 2025-07-14 | false", ""),
        ("long_term_community | long_term_care | 2024-01-01 | 2025-07-14 | false", NEW),
    ],
    ids=["a year ago to the day", "a year and a day ago", "the day before", "at home"],
)
def test_whose_care_home_is_new(check, before, expected):
    """New on 15 July 2025, where none was open in the twelve months before."""
    cared_for(check, f"ann | {before} | false\n        {PLACED} 2025-07-15 | | true | false", expected)


@pytest.mark.parametrize(
    ("start", "born", "expected"),
    [
        ("2025-02-01", "1950-01-01", NEW), ("2025-01-31", "1950-01-01", ""), ("2025-07-15", "1960-07-01", NEW),
        ("2025-07-15", "1960-08-01", ""),
    ],
    ids=["first day of the year", "the day before", "65 that month", "64"],
)  # fmt: skip
def test_when_and_at_what_age_a_care_home_counts(check, start, born, expected):
    cared_for(check, f"{PLACED} {start} | | true | false", expected, born)


def test_direct_payments_are_of_care_that_is_open(check):
    """ASCOF 3D stands on the last day: community care that has ended is not in it."""
    ended = "ann | long_term_community | long_term_care | 2025-01-01 | 2025-12-31 | false | false"
    cared_for(check, ended, "")
    cared_for(check, ended.replace("2025-12-31 | false", "| true"), "ann | direct_payments | 0.000 | 1.000")


def in_hospital(check, spells: str, expected: str, born: str = "1950-01-01") -> None:
    check(
        "person.outcomes_hospital",
        f"""
        person.demographics
        person_id | birth_month
        ann       | {born}

        person.spells
        person_id | spell_key | admission_kind | admission_date | discharge_date | discharge_method_code | discharge_destination_code
        {spells}

        person.admission_groups
        person_id

        person.attendances
        person_id

        person.outpatients
        person_id
        =>
        person_id | metric_id | numerator | denominator
        {expected}
        """,
    )


@pytest.mark.parametrize(
    ("kind", "method", "destination", "home"),
    [
        ("elective_admission", "1", "19", 1), ("other_admission", "1", "19", 1), ("elective_admission", "", "19", 1),
        ("elective_admission", "1", "54", 0), ("elective_admission", "1", "29", 0), ("elective_admission", "1", "", 0),
        ("elective_admission", "1", "51", None), ("elective_admission", "1", "52", None),
        ("elective_admission", "1", "79", None), ("elective_admission", "4", "", None),
        ("elective_admission", "5", "", None), ("day_case", "1", "19", None), ("birth", "1", "19", None),
        ("maternity_admission", "1", "19", None), ("regular_attendance", "1", "19", None),
    ],
)  # fmt: skip
def test_which_discharges_are_live_and_which_go_home(check, kind, method, destination, home):
    """Deaths and moves to other hospitals are in neither part, nor what is no stay: to the usual place, 19, is home."""
    expected = "" if home is None else f"ann | discharge_usual_place | {home}.000 | 1.000"
    followed = "" if home is None else "ann | readmissions_30_days | 0.000 | 1.000"
    in_hospital(
        check, f"ann | a | {kind} | 2025-06-01 | 2025-06-05 | {method} | {destination}", f"{expected}\n{followed}"
    )


@pytest.mark.parametrize(("born", "is_adult"), [("2007-06-01", True), ("2007-07-01", False)], ids=["18", "17"])
def test_discharges_home_are_of_adults(check, born, is_adult):
    adult = "ann | discharge_usual_place | 1.000 | 1.000" if is_adult else ""
    in_hospital(
        check, "ann | a | elective_admission | 2025-06-01 | 2025-06-05 | 1 | 19",
        f"{adult}\nann | readmissions_30_days | 0.000 | 1.000", born,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("again", "kind", "is_readmission"),
    [
        ("2025-06-05", "emergency_admission", 1), ("2025-07-05", "emergency_admission", 1),
        ("2025-07-06", "emergency_admission", 0), ("2025-06-04", "emergency_admission", 0),
        ("2025-06-20", "elective_admission", 0),
    ],
    ids=["the same day", "day 30", "day 31", "before it", "planned"],
)  # fmt: skip
def test_what_is_a_readmission(check, again, kind, is_readmission):
    emergency = "ann | non_elective_admissions | 1.000 | 0.000" if kind == "emergency_admission" else ""
    in_hospital(
        check,
        f"ann | a | elective_admission | 2025-06-01 | 2025-06-05 | 1 | 19\nann | b | {kind} | {again} | | |",
        f"ann | discharge_usual_place | 1.000 | 1.000\nann | readmissions_30_days | {is_readmission}.000 | 1.000\n{emergency}",
    )


@pytest.mark.parametrize(
    ("discharge", "home", "followed"),
    [("2025-01-01", False, False), ("2025-01-02", False, True), ("2025-01-31", False, True), ("2025-02-01", True, True),
     ("2026-01-01", True, True), ("2026-01-02", True, False)],
)  # fmt: skip
def test_which_discharges_are_of_the_twelve_months(check, discharge, home, followed):
    """Those home are of the months to the snapshot; those followed for 30 days are of the months that ended then."""
    in_hospital(
        check,
        f"ann | a | elective_admission | 2024-12-31 | {discharge} | 1 | 19",
        ("ann | discharge_usual_place | 1.000 | 1.000\n" if home else "")
        + ("ann | readmissions_30_days | 0.000 | 1.000" if followed else ""),
    )


@pytest.mark.parametrize(("age", "is_asked"), [(17, False), (18, True), (64, True), (65, False)])
def test_settled_homes_are_of_working_age(check, age, is_asked):
    """ASCOF 2E: people of 18 to 64 with a learning disability and long-term care."""
    check(
        "person.outcomes_care",
        f"""
        person.demographics
        person_id | age_years
        ann       | {age}

        person.care_episodes
        person_id | care_type

        person.personalised_profile
        person_id | health_budget_date

        person.service_profile
        person_id | learning_disability_support_date | long_term_care_date
        ann       | 2025-03-01                       | 2023-07-01

        person.records
        source | record_id | person_id
        asc    | a         | ann

        pseudo.asc__events
        record_id | row_id | event_start_date | accommodation_status
        a         | 1      | 2025-03-01       | Tenant - PRIVATE landlord
        =>
        person_id | metric_id | numerator | denominator
        {"ann | settled_accommodation | 1.000 | 1.000" if is_asked else ""}
        """,
    )
