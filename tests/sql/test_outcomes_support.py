"""What follows reablement (ASCOF 2A) and direct payments of carers (3D), by hand. The snapshot is 31 January 2026."""

from __future__ import annotations

import pytest

from wsd_pipeline.contracts.care_labels import EVENT_OUTCOMES

INDEPENDENT = {
    "Service ended as planned", "NFA - Information & Advice / Signposting only",
    "NFA - No services offered - other reason", "NFA - Other",
}  # fmt: skip


def after_reablement(
    check, expected: int | None, *, end="2025-12-10", outcome="Service ended as planned", others="", born="1950-01-01"
) -> None:
    """ann's reablement from 1 November 2025 to `end`, with `others` of her care; 1, 0 or not asked about."""
    check(
        "person.outcomes_support",
        f"""
        person.demographics
        person_id | birth_month
        ann       | {born}

        person.care_episodes
        person_id | care_type  | activity_type | start_date | end_date | is_open
        ann       | reablement | reablement    | 2025-11-01 | {end}    | {"false" if end else "true"}
        {others}

        person.records
        source | record_id | person_id
        asc    | a         | ann

        pseudo.asc__events
        record_id | row_id | event_type | service_type               | event_start_date | event_end_date | event_outcome
        a         | 1      | Service    | Short Term Support: ST-Max | 2025-11-01       | {end}          | {outcome}
        =>
        person_id | metric_id | numerator | denominator
        {"" if expected is None else f"ann | independent_after_reablement | {expected}.000 | 1.000"}
        """,
    )


@pytest.mark.parametrize("outcome", EVENT_OUTCOMES, ids=range(len(EVENT_OUTCOMES)))
def test_what_each_recorded_outcome_means(check, outcome):
    """Nothing more, or low-level help: independent. On to services: not. Anything else is no sequel."""
    going_on = outcome == "Progress to Support Planning / Services"
    after_reablement(check, 1 if outcome in INDEPENDENT else 0 if going_on else None, outcome=outcome)


LONG, SHORT = "long_term_community | long_term_care", "ongoing_low_level | short_term_care"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (f"ann | {LONG}  | 2025-12-17 |            | true", 0),
        (f"ann | {LONG}  | 2025-12-18 |            | true", 1),
        (f"ann | {LONG}  | 2025-11-01 | 2025-11-20 | false", 0),
        (f"ann | {LONG}  | 2025-10-31 | 2025-11-01 | false", None),
        (f"ann | {LONG}  | 2025-10-31 |            | true", None),
        (f"ann | {LONG}  | 2024-10-31 | 2025-10-31 | false", 1),
        (f"ann | {SHORT} | 2024-10-31 |            | true", 1),
        ("ann | carer_direct | carer_support | 2025-12-11 | 2025-12-12 | false", 1),
        (f"bob | {LONG}  | 2025-12-11 |            | true", 1),
        (f"ann | {SHORT} | 2025-12-11 |            | true\n        ann | {LONG} | 2025-12-12 | | true", 0),
    ],
    ids=["seventh day", "eighth day", "during it", "to the day it began", "open before it", "over before it", "low level before it",
         "as a carer", "another's", "both"],
)  # fmt: skip
def test_what_began(check, others, expected):
    """Long-term care from the first day to the seventh after is a sequel; open when it began, ann was no new client."""
    after_reablement(check, expected, others=others)


@pytest.mark.parametrize(("began", "expected"), [("2025-12-10", 1), ("2025-12-17", 1), ("2025-12-18", None), ("2025-12-09", None)])  # fmt: skip
def test_low_level_support_goes_before_the_outcome(check, began, expected):
    """Recorded as having gone to hospital, and yet other support began within the week."""
    after_reablement(
        check, expected, outcome="Admitted to Hospital", others=f"ann | {SHORT} | {began} | 2025-12-30 | false"
    )


def test_support_as_a_carer_is_no_sequel(check):
    carer = "ann | carer_direct | carer_support | 2025-12-11 | 2025-12-12 | false"
    after_reablement(check, None, outcome="Admitted to Hospital", others=carer)


@pytest.mark.parametrize(
    ("end", "expected"),
    [("2026-01-24", 1), ("2026-01-25", None), ("", None)],
    ids=["followed", "not followed yet", "not ended"],
)
def test_whose_next_seven_days_are_known(check, end, expected):
    after_reablement(check, expected, end=end)


@pytest.mark.parametrize(("born", "expected"), [("2007-11-01", 1), ("2007-12-01", None)], ids=["18", "17"])
def test_adults(check, born, expected):
    after_reablement(check, expected, born=born)


def test_stretches_of_the_year_by_their_last_service(check):
    """ann: one stretch of two services, the last of which went on to services, and one after which nothing began: 1 of
    2. Of bob's, one ended on the last day before the year, one on its first; of cat's source the outcome is not told."""
    check(
        "person.outcomes_support",
        """
        person.demographics
        person_id | birth_month
        ann       | 1950-01-01
        bob       | 1950-01-01
        cat       | 1950-01-01

        person.care_episodes
        person_id | care_type  | activity_type | start_date | end_date   | is_open
        ann       | reablement | reablement    | 2025-03-01 | 2025-03-31 | false
        ann       | reablement | reablement    | 2025-06-01 | 2025-06-30 | false
        bob       | reablement | reablement    | 2025-01-01 | 2025-01-31 | false
        bob       | reablement | reablement    | 2025-02-01 | 2025-02-01 | false
        cat       | reablement | reablement    | 2025-06-01 | 2025-06-30 | false

        person.records
        source | record_id | person_id
        asc    | a         | ann
        asc    | b         | bob
        gp     | c         | cat

        pseudo.asc__events
        record_id | row_id | event_type | service_type               | event_start_date | event_end_date | event_outcome
        a         | 9      | Service    | Short Term Support: ST-Max | 2025-03-01       | 2025-03-15     | Service ended as planned
        a         | 2      | Service    | Short-term support: ST Max | 2025-03-16       | 2025-03-31     | Progress to support planning/services
        a         | 3      | Service    | Short Term Support: ST-Max | 2025-06-01       | 2025-06-30     | Service Ended as Planned
        a         | 4      | Review     | Short Term Support: ST-Max | 2025-06-20       | 2025-07-30     | No change in package
        a         | 5      | Service    | Long Term Support: Prison  | 2025-06-20       | 2025-07-30     | NFA - Deceased
        b         | 6      | Service    | Short Term Support: ST-Max | 2025-01-01       | 2025-01-31     | Service ended as planned
        b         | 7      | Service    | Short Term Support: ST-Max | 2025-02-01       |                | Service ended as planned
        c         | 8      | Service    | Short Term Support: ST-Max | 2025-06-01       | 2025-06-30     | Service ended as planned
        =>
        person_id | metric_id                    | numerator | denominator
        ann       | independent_after_reablement | 1.000     | 2.000
        bob       | independent_after_reablement | 1.000     | 1.000
        """,
    )


def test_direct_payments_of_carers(check):
    """ann is paid for one of two supports that are open, bob for none; cat's has ended, dan's payment is for himself."""
    check(
        "person.outcomes_support",
        """
        person.demographics
        person_id | birth_month
        ann       | 1950-01-01

        person.care_episodes
        person_id | care_type           | activity_type  | start_date | end_date   | is_open | is_direct_payment
        ann       | carer_direct        | carer_support  | 2025-06-01 |            | true    | true
        ann       | carer_involving     | carer_support  | 2025-06-01 |            | true    | false
        bob       | carer_direct        | carer_support  | 2025-06-01 |            | true    | false
        bob       | carer_direct        | carer_support  | 2024-06-01 | 2025-01-01 | false   | true
        cat       | carer_direct        | carer_support  | 2025-06-01 | 2025-12-31 | false   | true
        dan       | long_term_community | long_term_care | 2025-06-01 |            | true    | true

        person.records
        person_id

        pseudo.asc__events
        record_id
        =>
        person_id | metric_id              | numerator | denominator
        ann       | direct_payments_carers | 1.000     | 1.000
        bob       | direct_payments_carers | 0.000     | 1.000
        """,
    )
