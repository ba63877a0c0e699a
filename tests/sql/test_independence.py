"""What is counted of support to live independently, worked out by hand. The snapshot is 31 January 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest


def test_uptake_among_those_it_is_meant_for(check):
    """ann is in three cohorts and has a budget, a direct payment of social care and a score of the team's; bob is in one
    and was referred by his practice in the year; cat's referral is too old. Of dan nothing is known, so he is in none."""
    check(
        "person.support_uptake",
        """
        person.profile
        person_id | has_ehcp | has_learning_disability | ltc_count | is_on_cpa
        ann       | true     | true                    | 2         | false
        bob       | false    | false                   | 0         | true
        cat       | false    | false                   | 1         | false
        dan       |          |                         |           |

        person.practice_checks
        person_id | social_prescribing_date | activation_score
        bob       | 2025-02-01              |
        ann       | 2025-01-31              |

        person.personalised_profile
        person_id | health_budget_date | direct_payment_date | social_prescribing_date | activation_score
        ann       | 2024-01-01         |                     |                         | 47.1
        bob       |                    | 2024-01-01          |                         |

        person.care_episodes
        person_id | is_open | is_direct_payment
        ann       | true    | true
        bob       | true    | false
        bob       | false   | true
        =>
        person_id | metric_id                                 | numerator | denominator
        ann       | health_budget_of_ehcp                     | 1         | 1
        ann       | direct_payment_of_ehcp                    | 1         | 1
        ann       | activation_score_of_ehcp                  | 1         | 1
        ann       | social_prescribing_of_ehcp                | 0         | 1
        ann       | health_budget_of_learning_disability      | 1         | 1
        ann       | direct_payment_of_learning_disability     | 1         | 1
        ann       | activation_score_of_learning_disability   | 1         | 1
        ann       | social_prescribing_of_learning_disability | 0         | 1
        ann       | health_budget_of_two_conditions           | 1         | 1
        ann       | direct_payment_of_two_conditions          | 1         | 1
        ann       | activation_score_of_two_conditions        | 1         | 1
        ann       | social_prescribing_of_two_conditions      | 0         | 1
        bob       | health_budget_of_cpa                      | 0         | 1
        bob       | direct_payment_of_cpa                     | 1         | 1
        bob       | activation_score_of_cpa                   | 0         | 1
        bob       | social_prescribing_of_cpa                 | 1         | 1
        """,
    )


COHORTS = ("ehcp", "learning_disability", "two_conditions", "cpa")


@pytest.mark.parametrize(
    "given",
    ["health_budget", "direct_payment", "own_payment", "activation_score", "social_prescribing", "practice_score"],
)
@pytest.mark.parametrize("cohort", COHORTS)
def test_each_offer_of_each_cohort(check, cohort, given):
    """Somebody in one cohort who has one thing has that, and none of the others; those of the practice count too."""
    facts = {
        "ehcp": "true | false | 1 | false", "learning_disability": "false | true | 1 | false",
        "two_conditions": "false | false | 2 | false", "cpa": "false | false | 1 | true",
    }  # fmt: skip
    products = {"health_budget": "2025-01-01 | | |", "direct_payment": "| 2025-01-01 | |",
                "social_prescribing": "| | 2025-05-01 |", "activation_score": "| | | 50"}  # fmt: skip
    kind = {"own_payment": "direct_payment", "practice_score": "activation_score"}.get(given, given)
    offers = ("health_budget", "direct_payment", "activation_score", "social_prescribing")
    rows = "\n".join(f"ann | {offer}_of_{cohort} | {int(offer == kind)} | 1" for offer in offers)
    check(
        "person.support_uptake",
        f"""
        person.profile
        person_id | has_ehcp | has_learning_disability | ltc_count | is_on_cpa
        ann       | {facts[cohort]}

        person.practice_checks
        person_id | social_prescribing_date | activation_score
        {"ann | | 50" if given == "practice_score" else ""}

        person.personalised_profile
        person_id | health_budget_date | direct_payment_date | social_prescribing_date | activation_score
        {"ann | " + products[given] if given in products else ""}

        person.care_episodes
        person_id | is_open | is_direct_payment
        {"ann | true | true" if given == "own_payment" else "ann | true | false"}
        {"" if given == "own_payment" else "ann | false | true"}
        =>
        person_id | metric_id | numerator | denominator
        {rows}
        """,
    )


def test_the_first_support_of_each_kind(check):
    """The earlier of two; equipment and telecare are one kind, whatever their wording; a direct payment of social care
    is no health budget; works that are to be finished have not been."""
    check(
        "person.support_starts",
        """
        person.records
        source            | record_id | person_id
        personalised_care | p1        | ann
        personalised_care | p2        | eve
        adaptations       | a3        | eve
        asc               | s3        | eve
        adaptations       | a1        | ann
        adaptations       | a2        | bob
        asc               | s1        | bob
        gp                | s1        | cat

        pseudo.personalised_care__products
        record_id | product             | start_date
        p1        | IPB                 | 2025-03-01
        p1        | PHB direct payment  | 2024-03-01
        p1        | direct payment ASC  | 2020-01-01
        p1        | PHB notional        | 2026-02-01
        p2        | PHB third-party     | 2026-01-31

        pseudo.housing__adaptations
        record_id | completion_date
        a1        | 2025-05-05
        a2        |
        a2        | 2026-02-01
        a3        | 2026-01-31

        pseudo.asc__events
        record_id | event_type | service_component | event_start_date
        s1        | Service    | Tele-care         | 2025-04-02
        s1        | Service    | Equipment         | 2025-04-01
        s1        | Service    | Home Support      | 2025-01-01
        s1        | Review     | Equipment         | 2025-01-01
        s3        | Service    | Telecare          | 2026-01-31
        s3        | Service    | Equipment         | 2026-02-01
        =>
        person_id | support       | start_date
        ann       | health_budget | 2024-03-01
        ann       | adaptation    | 2025-05-05
        bob       | equipment     | 2025-04-01
        eve       | health_budget | 2026-01-31
        eve       | adaptation    | 2026-01-31
        eve       | equipment     | 2026-01-31
        """,
    )


def test_a_file_reaches_back_as_far_as_its_months_are_full(check):
    """The fullest month of admissions has four discharges: a month of one is full enough for a quarter, that of stray
    dates is not there of attendances, of which the fullest has five and the stray month one."""
    stays = "\n".join("2025-05-10" for _ in range(4))
    arrivals = "\n".join("2025-04-10" for _ in range(5))
    check(
        "person.feed_reach",
        f"""
        pseudo.apc__episodes
        discharge_date
        2025-03-20
        {stays}
        2026-02-01

        pseudo.ecds__attendances
        arrival_date
        2025-01-20
        {arrivals}
        =>
        feed              | reach_date
        apc__episodes     | 2025-03-01
        ecds__attendances | 2025-04-01
        """,
    )


def test_the_day_of_the_snapshot_is_in_the_file(check):
    """All there is happened on the last day, which counts; what is to come does not."""
    check(
        "person.feed_reach",
        """
        pseudo.apc__episodes
        discharge_date
        2026-01-31
        2026-02-01
        2026-02-01

        pseudo.ecds__attendances
        arrival_date
        2026-01-31
        2026-01-31
        2026-01-31
        2026-01-31
        2026-01-31
        2025-12-01
        2026-02-01
        =>
        feed              | reach_date
        apc__episodes     | 2026-01-01
        ecds__attendances | 2026-01-01
        """,
    )


def test_falls_are_injuries_with_a_fall_in_any_place(check):
    """S72 with W19 far down, in the second episode, long ago; T98 is the last injury. A fall without an injury first, an
    injury without a fall (X59, W20) and an elective stay are none."""
    check(
        "person.fall_admissions",
        """
        person.records
        source | record_id | person_id
        apc    | a         | ann

        person.spells
        person_id | spell_key | admission_kind      | admission_date | primary_diagnosis_code
        ann       | s1        | emergency_admission | 2020-05-01     | S720
        ann       | s2        | emergency_admission | 2025-05-02     | I500
        ann       | s3        | emergency_admission | 2025-05-03     | S720
        ann       | s4        | elective_admission  | 2025-05-04     | S720
        ann       | s5        | emergency_admission | 2025-05-05     | T984

        pseudo.apc__episodes
        record_id | spell_key | diagnosis_01_code | diagnosis_02_code | diagnosis_20_code
        a         | s1        | S720              | I10X              |
        a         | s1        | I10X              |                   | W190
        a         | s2        | I500              | W190              |
        a         | s3        | S720              | X599              | W200
        a         | s4        | S720              | W010              |
        a         | s5        | T984              | W109              |
        =>
        person_id | spell_key | admission_date
        ann       | s1        | 2020-05-01
        ann       | s5        | 2025-05-05
        """,
    )


@pytest.mark.parametrize("place", range(1, 21))
@pytest.mark.parametrize(("code", "is_fall"), [("W000", True), ("W19X", True), ("W20X", False), ("V199", False)])
def test_a_fall_counts_in_every_place(check, place, code, is_fall):
    name = f"diagnosis_{place:02d}_code"
    made = "ann | s1" if is_fall else ""
    check(
        "person.fall_admissions",
        f"""
        person.records
        source | record_id | person_id
        apc    | a         | ann
        gp     | a         | bob

        person.spells
        person_id | spell_key | admission_kind      | primary_diagnosis_code
        ann       | s1        | emergency_admission | T009
        bob       | s1        | emergency_admission | T009

        pseudo.apc__episodes
        record_id | spell_key | {name}
        a         | s1        | {code}
        =>
        person_id | spell_key
        {made}
        """,
    )


def test_whole_months_on_both_sides(check):
    """The file reaches back to 1 February 2025. ann's three months are whole to the day, at both ends; bob began a day
    too early, cat a day too late; dan died in the third month, eve on the day after it; kit was not born three months
    before, and of una no birth is known. Twelve months on both sides nobody has."""
    rows = "\n".join(f"{who} | equipment | {start} " for who, start in (
        ("ann", "2025-05-01"), ("amy", "2025-11-01"), ("bob", "2025-04-30"), ("cat", "2025-11-02"), ("dan", "2025-06-01"),
        ("eve", "2025-06-01"), ("kit", "2025-06-01"), ("kay", "2025-06-01"), ("una", "2025-06-01"),
    ))  # fmt: skip
    check(
        "person.support_followed",
        f"""
        person.demographics
        person_id | birth_month | death_date
        ann       | 1950-01-01  |
        amy       | 1950-01-01  |
        bob       | 1950-01-01  |
        cat       | 1950-01-01  |
        dan       | 1950-01-01  | 2025-08-31
        eve       | 1950-01-01  | 2025-09-01
        kit       | 2025-04-01  |
        kay       | 2025-03-01  |
        una       |             |

        person.support_starts
        person_id | support | start_date
        {rows}

        person.feed_reach
        feed          | reach_date
        apc__episodes | 2025-02-01
        =>
        person_id | months | from_date  | to_date    | is_whole
        ann       | 3      | 2025-02-01 | 2025-08-01 | true
        amy       | 3      | 2025-08-01 | 2026-02-01 | true
        bob       | 3      | 2025-01-30 | 2025-07-30 | false
        cat       | 3      | 2025-08-02 | 2026-02-02 | false
        dan       | 3      | 2025-03-01 | 2025-09-01 | false
        eve       | 3      | 2025-03-01 | 2025-09-01 | true
        kit       | 3      | 2025-03-01 | 2025-09-01 | false
        kay       | 3      | 2025-03-01 | 2025-09-01 | true
        una       | 3      | 2025-03-01 | 2025-09-01 | false
        ann       | 12     | 2024-05-01 | 2026-05-01 | false
        amy       | 12     | 2024-11-01 | 2026-11-01 | false
        bob       | 12     | 2024-04-30 | 2026-04-30 | false
        cat       | 12     | 2024-11-02 | 2026-11-02 | false
        dan       | 12     | 2024-06-01 | 2026-06-01 | false
        eve       | 12     | 2024-06-01 | 2026-06-01 | false
        kit       | 12     | 2024-06-01 | 2026-06-01 | false
        kay       | 12     | 2024-06-01 | 2026-06-01 | false
        una       | 12     | 2024-06-01 | 2026-06-01 | false
        """,
    )


def test_twelve_whole_months_where_the_file_reaches_back(check):
    check(
        "person.support_followed",
        """
        person.demographics
        person_id | birth_month
        ann       | 1950-01-01

        person.support_starts
        person_id | support    | start_date
        ann       | adaptation | 2025-01-15

        person.feed_reach
        feed              | reach_date
        ecds__attendances | 2024-01-01
        =>
        person_id | feed              | months | from_date  | to_date    | is_whole
        ann       | ecds__attendances | 3      | 2024-10-15 | 2025-04-15 | true
        ann       | ecds__attendances | 12     | 2024-01-15 | 2026-01-15 | true
        """,
    )


def test_use_before_and_after(check):
    """ann: an admission on the first day before, one on the last, one on the day itself and one on the last day after;
    those a day outside are not counted. Of attendances her year is not whole. bob is not followed at all."""
    check(
        "person.support_events",
        """
        person.support_followed
        person_id | support       | feed              | months | start_date | from_date  | to_date    | is_whole
        ann       | health_budget | apc__episodes     | 12     | 2025-01-01 | 2024-01-01 | 2026-01-01 | true
        ann       | health_budget | ecds__attendances | 12     | 2025-01-01 | 2024-01-01 | 2026-01-01 | false
        ann       | adaptation    | ecds__attendances | 3      | 2025-06-01 | 2025-03-01 | 2025-09-01 | true
        bob       | equipment     | apc__episodes     | 3      | 2025-06-01 | 2025-03-01 | 2025-09-01 | false

        person.spells
        person_id | admission_kind      | admission_date
        ann       | emergency_admission | 2023-12-31
        ann       | emergency_admission | 2024-01-01
        ann       | emergency_admission | 2024-12-31
        ann       | emergency_admission | 2025-01-01
        ann       | emergency_admission | 2025-12-31
        ann       | emergency_admission | 2026-01-01
        ann       | elective_admission  | 2024-06-01
        bob       | emergency_admission | 2025-06-01

        person.fall_admissions
        person_id | admission_date
        ann       | 2024-12-31
        bob       | 2025-06-01

        person.attendances
        person_id | arrival_date | is_unplanned | department_type
        ann       | 2025-06-01   | true         | major
        ann       | 2025-06-02   | false        | major
        ann       | 2025-06-02   | true         | same_day
        =>
        person_id | metric_id                  | numerator | denominator
        ann       | budget_admissions_12_months | 2        | 2
        ann       | budget_falls_12_months      | 0        | 1
        ann       | budget_followed_12_months   | 1        | 1
        ann       | adaptation_ed_3_months      | 1        | 0
        bob       | equipment_followed_3_months | 0        | 1
        """,
    )


@pytest.mark.parametrize("months", [3, 12])
@pytest.mark.parametrize(
    ("support", "name"), [("health_budget", "budget"), ("adaptation", "adaptation"), ("equipment", "equipment")]
)
def test_each_support_and_span_has_its_metrics(check, support, name, months):
    check(
        "person.support_events",
        f"""
        person.support_followed
        person_id | support   | feed              | months   | start_date | from_date  | to_date    | is_whole
        ann       | {support} | apc__episodes     | {months} | 2025-01-01 | 2024-01-01 | 2026-01-01 | true
        ann       | {support} | ecds__attendances | {months} | 2025-01-01 | 2024-01-01 | 2026-01-01 | true

        person.spells
        person_id | admission_kind      | admission_date
        ann       | emergency_admission | 2024-12-31
        ann       | emergency_admission | 2024-12-31
        ann       | emergency_admission | 2025-01-01

        person.fall_admissions
        person_id | admission_date
        ann       | 2025-01-01

        person.attendances
        person_id | arrival_date | is_unplanned | department_type
        ann       | 2024-06-01   | true         | major
        =>
        person_id | metric_id                         | numerator | denominator
        ann       | {name}_admissions_{months}_months | 1         | 2
        ann       | {name}_falls_{months}_months      | 1         | 0
        ann       | {name}_ed_{months}_months         | 0         | 1
        ann       | {name}_followed_{months}_months   | 1         | 1
        """,
    )


def test_adaptations_and_who_may_need_one(check):
    """ann's were finished after 180 and after 366 days; bob's, finished before its referral, is a mistake but a grant.
    Those who may need one: ann (a disability), cat (frail); dan is not known to."""
    check(
        "person.adaptation_times",
        """
        person.records
        source      | record_id | person_id
        adaptations | a1        | ann
        adaptations | a2        | bob

        pseudo.housing__adaptations
        record_id | row_id | landlord_type | referral_date | approval_date | completion_date
        a1        | 1      | RP            | 2025-01-01    | 2025-06-30    | 2025-06-30
        a1        | 2      | LA/THH        | 2024-03-01    | 2024-08-29    | 2025-03-02
        a2        | 3      |               | 2025-06-01    |               | 2025-05-01
        a2        | 4      | RP            | 2024-06-01    |               | 2025-01-31
        a2        | 5      | RP            | 2025-06-01    | 2025-07-01    |

        person.access_groups
        person_id | disability
        ann       | recorded
        bob       | not recorded
        cat       | not recorded
        dan       | unknown

        person.profile
        person_id | has_moderate_frailty | has_severe_frailty
        ann       | false                | false
        cat       | true                 | false
        dan       |                      |
        =>
        person_id | metric_id                | numerator | denominator
        ann       | adapted_within_180_days  | 1         | 2
        ann       | adapted_within_365_days  | 1         | 2
        ann       | approved_within_180_days | 1         | 2
        ann       | adaptation_grants        | 2         | 0
        bob       | adaptation_grants        | 1         | 0
        ann       | adaptations_of_providers | 1         | 2
        ann       | needs_adapted            | 1         | 1
        cat       | needs_adapted            | 0         | 1
        """,
    )


@pytest.mark.parametrize(
    ("days", "half_year", "year"),
    [(0, 1, 1), (180, 1, 1), (181, 0, 1), (365, 0, 1), (366, 0, 0), (-1, None, None)],
)
def test_days_from_referral(check, days, half_year, year):
    """From the day itself to the 180th and 365th. A day before the referral is a mistake: a grant, but no time."""
    done = date(2025, 12, 1)
    begun = done - timedelta(days=days)
    timed = (
        ""
        if half_year is None
        else f"""
        ann       | adapted_within_180_days  | {half_year} | 1
        ann       | adapted_within_365_days  | {year}      | 1
        ann       | approved_within_180_days | {half_year} | 1"""
    )
    check(
        "person.adaptation_times",
        f"""
        person.records
        source      | record_id | person_id
        adaptations | a1        | ann
        housing     | a1        | bob

        pseudo.housing__adaptations
        record_id | row_id | referral_date | approval_date | completion_date
        a1        | 1      | {begun}       | {done}        | {done}

        person.access_groups
        person_id | disability
        ann       | recorded

        person.profile
        person_id | has_moderate_frailty | has_severe_frailty
        =>
        person_id | metric_id                | numerator | denominator
        ann       | adaptation_grants        | 1         | 0
        ann       | needs_adapted            | 1         | 1{timed}
        """,
    )


@pytest.mark.parametrize(
    ("age", "attendances", "code", "start", "expected"),
    [
        (65, "", "5", "2026-01-31", {"with_ed": 0, "with_nursing": 1, "home_care": 1}),
        (64, "", "6", "2026-01-31", {"with_ed": 0, "with_nursing": 1}),
        (65, "ann | 1", "3", "2025-01-31", {"with_ed": 1, "with_nursing": 0, "home_care": 1}),
        (65, "ann | 0", "5", "2026-02-01", {"with_ed": 0}),
    ],
    ids=["all of it", "too young", "missed", "to come"],
)
def test_ages_and_days_of_care_at_home(check, age, attendances, code, start, expected):
    """Whoever has no row with the community services is on no caseload."""
    names = {
        "with_ed": "frail_off_caseload_with_ed",
        "with_nursing": "home_care_with_nursing",
        "home_care": "home_care_65",
    }
    rows = "\n".join(
        f"ann | {names[name]} | {1 if name == 'home_care' else value} | {0 if name == 'home_care' else 1}"
        for name, value in expected.items()
    )
    check(
        "person.care_at_home",
        f"""
        person.profile
        person_id | age_years | has_moderate_frailty
        ann       | {age}     | true

        person.community_profile
        person_id | district_nursing_date

        person.emergency_profile
        person_id | ed_attendance_count
        {attendances}

        person.records
        source | record_id | person_id
        asc    | s         | ann
        csds   | c         | ann
        gp     | s         | bob
        gp     | c         | bob

        pseudo.asc__events
        record_id | event_type | service_component | event_start_date | event_end_date
        s         | Service    | Home Support      | {start}          |

        pseudo.csds__referrals
        referral_key | team_type
        r            | District Nursing

        pseudo.csds__contacts
        record_id | referral_key | contact_date | attendance_code
        c         | r            | 2026-01-31   | {code}
        =>
        person_id | metric_id          | numerator | denominator
        ann       | frail_off_caseload | 1         | 1
        {rows}
        """,
    )


def test_frailty_home_care_and_district_nursing(check):
    """ann and bob are moderately frail, bob on the caseload; ann has been to an emergency department. cat's and ann's
    home care is open, cat's nurses came in the year; a contact under another team, a missed one and one of an earlier
    year are none. cat is 64."""
    check(
        "person.care_at_home",
        """
        person.profile
        person_id | age_years | has_moderate_frailty
        ann       | 80        | true
        bob       | 70        | true
        cat       | 64        | false
        dan       | 90        |

        person.community_profile
        person_id | district_nursing_date
        ann       |
        bob       | 2025-05-01

        person.emergency_profile
        person_id | ed_attendance_count
        ann       | 2
        bob       | 1

        person.records
        source | record_id | person_id
        asc    | sa        | ann
        asc    | sc        | cat
        asc    | sd        | dan
        csds   | ca        | ann
        csds   | cc        | cat

        pseudo.asc__events
        record_id | event_type | service_component | event_start_date | event_end_date
        sa        | Service    | Home Support      | 2025-05-01       |
        sa        | Service    | Home support      | 2025-06-01       | 2026-02-01
        sc        | Service    | Home Support      | 2025-05-01       |
        sd        | Service    | Home Support      | 2025-05-01       | 2026-01-31
        sd        | Review     | Home Support      | 2025-05-01       |
        sd        | Service    | Day Support       | 2025-05-01       |

        pseudo.csds__referrals
        referral_key | team_type
        r1           | District nursing
        r2           | Podiatry

        pseudo.csds__contacts
        record_id | referral_key | contact_date | attendance_code
        cc        | r1           | 2025-02-01   | 5
        cc        | r1           | 2025-03-01   | 6
        ca        | r2           | 2025-02-01   | 5
        ca        | r1           | 2025-02-01   | 7
        ca        | r1           | 2025-01-31   | 5
        =>
        person_id | metric_id                  | numerator | denominator
        ann       | frail_off_caseload         | 1         | 1
        bob       | frail_off_caseload         | 0         | 1
        ann       | frail_off_caseload_with_ed | 1         | 1
        bob       | frail_off_caseload_with_ed | 0         | 1
        ann       | home_care_with_nursing     | 0         | 1
        cat       | home_care_with_nursing     | 1         | 1
        ann       | home_care_65               | 1         | 0
        """,
    )


PROCESSES = ("IFCCHBAM_COD", "CHOL2_COD", "EGFR_COD", "ACR_COD", "FRC_COD", "BMIVAL_COD", "EXSMOK_COD")


@pytest.mark.parametrize(
    ("change", "processes", "targets"),
    [
        ({}, 1, 1),
        ({"hba1c": 59}, 1, 0),
        ({"systolic": 141}, 1, 0),
        ({"diastolic": 81}, 1, 0),
        ({"statin": ""}, 1, 0),
        ({"statin": "", "age": 39}, 1, 1),
        ({"statin": "", "age": 81}, 1, 1),
        ({"statin": "", "age": 80}, 1, 0),
        ({"statin": "", "age": 40}, 1, 0),
        ({"foot": "2025-01-31"}, 0, 1),
        ({"foot": "2026-02-01"}, 0, 1),
    ],
    ids=["all", "sugar", "upper", "lower", "no statin", "too young for it", "too old for it", "eighty", "forty", "too long ago", "to come"],
)  # fmt: skip
def test_eight_processes_and_three_targets(check, change, processes, targets):
    """The latest value counts: the HbA1c of 90 of the spring is not. Smoking is one process in any wording."""
    given = {
        "hba1c": 58,
        "systolic": 140,
        "diastolic": 80,
        "statin": "STAT_COD",
        "age": 60,
        "foot": "2025-03-01",
    } | change
    rows = "\n".join(
        f"g | {10 + i} | {p} | | {given['foot'] if p == 'FRC_COD' else '2025-06-01'} | "
        f"{given['hba1c'] if p == 'IFCCHBAM_COD' else ''}"
        for i, p in enumerate(PROCESSES)
    )
    statin = f"g | 30 | {given['statin']} | | 2025-06-01 | " if given["statin"] else ""
    check(
        "person.diabetes_care",
        f"""
        person.demographics
        person_id | age_years    | is_eligible
        ann       | {given["age"]} | true
        bob       | 16           | true
        cat       | 50           | true
        dan       | 50           | false
        eve       | 50           | true

        person.registrations
        person_id
        ann
        bob
        dan
        eve

        person.conditions
        person_id | condition | is_active
        ann       | diabetes  | true
        bob       | diabetes  | true
        cat       | diabetes  | true
        dan       | diabetes  | true
        ann       | copd      | true
        eve       | copd      | true
        eve       | diabetes  | false

        person.records
        source | record_id | person_id
        gp     | g         | ann
        asc    | x         | ann

        pseudo.gp__conditions
        record_id | row_id | cluster_id   | snomed_code | event_date | value
        g         | 1      | BP_COD       | 271649006   | 2025-07-01 | {given["systolic"]}
        g         | 2      | BP_COD       | 271650006   | 2025-07-01 | {given["diastolic"]}
        g         | 3      | IFCCHBAM_COD |             | 2025-03-01 | 90
        g         | 4      | LSMOK_COD    |             | 2025-03-01 |
        x         | 5      | IFCCHBAM_COD |             | 2025-12-01 | {120 if given["hba1c"] == 58 else 30}
        {rows}
        {statin}
        =>
        person_id | metric_id                | numerator   | denominator
        ann       | diabetes_eight_processes | {processes} | 1
        ann       | diabetes_three_targets   | {targets}   | 1
        """,
    )


def test_somebody_never_measured_has_reached_no_target(check):
    check(
        "person.diabetes_care",
        """
        person.demographics
        person_id | age_years | is_eligible
        ann       | 17        | true

        person.registrations
        person_id
        ann

        person.conditions
        person_id | condition | is_active
        ann       | diabetes  | true

        person.records
        person_id

        pseudo.gp__conditions
        record_id
        =>
        person_id | metric_id                | numerator | denominator
        ann       | diabetes_eight_processes | 0         | 1
        ann       | diabetes_three_targets   | 0         | 1
        """,
    )


def test_who_came_to_have_diabetes(check):
    """ann in the year, bob not; cat had it before; dan was not warned before the year; kit is a child."""
    check(
        "person.diabetes_onset",
        """
        person.demographics
        person_id | age_years | is_eligible
        ann       | 50        | true
        bob       | 18        | true
        cat       | 50        | true
        dan       | 50        | true
        kit       | 17        | true

        person.conditions
        person_id | condition                   | first_date
        ann       | non_diabetic_hyperglycaemia | 2024-12-31
        ann       | diabetes                    | 2025-02-01
        bob       | non_diabetic_hyperglycaemia | 2025-01-31
        cat       | non_diabetic_hyperglycaemia | 2024-01-01
        cat       | diabetes                    | 2025-01-31
        dan       | non_diabetic_hyperglycaemia | 2025-02-01
        kit       | non_diabetic_hyperglycaemia | 2024-01-01
        =>
        person_id | metric_id                  | numerator | denominator
        ann       | hyperglycaemia_to_diabetes | 1         | 1
        bob       | hyperglycaemia_to_diabetes | 0         | 1
        """,
        snapshot=date(2026, 1, 31),
    )


SPENT = """
create schema person; create schema pseudo; create schema reference;
create macro year_start(d) as cast(date_trunc('month', d) - interval 11 month as date);
create table pseudo.housing__adaptations as from (values
    ('a1', 'RP', 3000.5, date '2025-02-01'), ('a1', 'RP', 1000, date '2026-01-31'), ('a2', 'RP', 2000, date '2025-05-01'),
    ('a3', null, 700, date '2025-05-01'), ('a3', 'owner', null, date '2025-05-02'), ('a1', 'RP', 9999, date '2025-01-31'),
    ('a1', 'RP', 9999, date '2026-02-01'), ('a1', 'RP', 9999, null), ('a4', 'RP', 9999, date '2025-05-01')
) t(record_id, landlord_type, cost_gbp, completion_date);
create table person.records as from (values
    ('adaptations', 'a1', 1), ('adaptations', 'a2', 2), ('adaptations', 'a3', 3), ('adaptations', 'a4', 4), ('asc', 'a1', 2)
) t(source, record_id, person_id);
create table person.demographics as from (values (1, 'both'), (2, 'resident'), (3, 'registered'), (4, 'neither'))
    t(person_id, population_basis);
create table reference.received_feeds (feed varchar, is_stale boolean);
"""


def _spent(feeds: str) -> list[tuple]:
    import duckdb

    from wsd_pipeline.sql import load_model

    con = duckdb.connect()
    con.execute(SPENT)
    if feeds:
        con.execute(f"insert into reference.received_feeds values {feeds}")
    given = {"month": "2026-01", "snapshot_date": date(2026, 1, 31)}
    con.execute(f"create table made as {load_model('mart.adaptation_spending').text}", given)
    rows = con.execute(
        "select landlord_type, adaptation_count, cost_gbp, largest_gbp from made order by all"
    ).fetchall()
    con.close()
    return [(name, n, None if cost is None else float(cost), float(most)) for name, n, cost, most in rows]


def test_what_adaptations_cost_by_landlord():
    """`mart.adaptation_spending`: two of ann's are of the year, 4,000.50 together and the most of anybody; bob's 2,000
    are a provider's too; of cat's two one has no landlord and one no price. Of dan nobody knows here."""
    assert _spent("('housing__adaptations', false)") == [
        ("LA/THH", 0, 0, 0), ("RP", 3, 6000.5, 4000.5), ("all", 5, 6700.5, 4000.5), ("owner", 1, 0, 0),
        ("private", 0, 0, 0), ("unknown", 1, 700, 700),
    ]  # fmt: skip


@pytest.mark.parametrize("feeds", ["", "('housing__adaptations', true)"], ids=["absent", "stale"])
def test_nothing_is_said_of_costs_without_the_feed(feeds):
    assert {(n, cost) for _, n, cost, _ in _spent(feeds)} == {(None, None)}
