"""What care costs a person, and what partners' lines come to for each segment."""

from __future__ import annotations

COSTS = """
    person.activity
    person_id | activity_type         | event_count | cost_gbp
    ann       | emergency_admission   | 2           | 5000.50
    ann       | other_admission       | 1           | 100.00
    ann       | outpatient_first      | 1           | 180.00
    ann       | outpatient_follow_up  | 2           | 220.00
    bob       | long_term_care        | 2           | 9999.99
    bob       | care_review           | 1           | 45.00
    bob       | mental_health_bed_day | 3           | 1692.00

    person.care_episodes
    person_id | care_type             | start_date | end_date
    bob       | long_term_nursing     | 2026-01-30 |
    bob       | long_term_residential | 2024-01-01 | 2025-02-03
    bob       | ongoing_low_level     | 2026-01-01 | 2026-01-02
    cat       | long_term_nursing     | 2024-01-01 | 2025-01-31

    person.records
    person_id | source      | record_id
    cat       | adaptations | w1
    dan       | adaptations | w2
    cat       | housing     | w2

    pseudo.housing__adaptations
    record_id | completion_date | cost_gbp
    w1        | 2025-02-01      | 12000.10
    w1        | 2025-01-31      | 7000.00
    w2        | 2026-01-31      |
    w2        |                 | 800.00
    =>
    person_id | service_line            | event_count | unpriced_count | cost_gbp
    ann       | emergency_admissions    | 3           | 0              | 5100.50
    ann       | outpatients             | 3           | 0              | 400.00
    bob       | long_term_nursing       | 1           | 0              | 346.00
    bob       | long_term_residential   | 1           | 0              | 447.00
    bob       | adult_social_care_other | 2           | 1              | 45.00
    bob       | mental_health_inpatient | 3           | 0              | 1692.00
    cat       | disabled_facilities     | 1           | 0              | 12000.10
    dan       | disabled_facilities     | 1           | 1              | 0.00
"""


def test_what_activity_costs_each_service_line(check):
    """Care by its days within the twelve months; adaptations when completed; what has no price is counted, at nothing."""
    check("person.costs", COSTS)


PEOPLE = """
    person.demographics
    person_id
    ann
    bob
    cat
    dan
    eve

    segment.lifecourse
    person_id | lifecourse_segment
    ann       | BWGW
    bob       | LW
    cat       | LW
    dan       | PI

    segment.need
    person_id | need_segment
    ann       | healthy
    bob       | healthy
    cat       | healthy
    dan       | complex
"""
SPENT = """
    person.costs
    person_id | service_line         | cost_gbp
    ann       | emergency_admissions | 100.00
    bob       | emergency_admissions | 50.00
    cat       | emergency_admissions | 50.00
    eve       | emergency_admissions | 100.00
    dan       | outpatients          | 70.00
    bob       | outpatients          | 0.00
"""
FINANCE = """
    pseudo.finance__lines
    partner | service_line         | cost_centre_code | financial_year | budget_gbp | actual_gbp | is_pooled_bcf | lifecourse_default | allocation_basis
    NEL ICB | emergency_admissions | ICB101           | 2025/26        | 1000.00    | -0.01      | false         | all                | direct_activity
    NEL ICB | outpatients          | ICB104           | 2025/26        | 100.00     | 10.00      | false         | all                | direct_activity
    LBTH    | homelessness         | LBTH520          | 2025/26        | 0.01       |            | true          | LW                 | segment_share
    NEL ICB | outpatients          | ICB104           | 2024/25        | 7.00       | 7.00       | false         | all                | direct_activity
    NEL ICB | outpatients          | ICB104           | 2026/27        | 8.00       | 8.00       | false         | all                | direct_activity
"""
RECEIVED = """
    reference.received_feeds
    feed             | is_stale
    finance__lines   | false
    apc__episodes    | false
"""


def test_lines_are_shared_by_activity_else_by_heads_and_the_rest_is_shown(check):
    """Thirds of 1,000 to the penny; outpatients by everybody's heads, as their feed is missing: whole, and within all."""
    expected = """
    =>
    finance_line                        | lifecourse_segment | need_segment | allocation_basis | person_count | budget_gbp | actual_gbp
    LBTH LBTH520 homelessness           | BWGW               | all          | segment_share    | 1            | 0.00       |
    LBTH LBTH520 homelessness           | LW                 | all          | segment_share    | 2            | 0.01       |
    LBTH LBTH520 homelessness           | PI                 | all          | segment_share    | 1            | 0.00       |
    LBTH LBTH520 homelessness           | unallocated        | all          | segment_share    | 0            | 0.00       |
    LBTH LBTH520 homelessness           | all                | all          | segment_share    | 4            | 0.01       |
    NEL ICB ICB101 emergency_admissions | BWGW               | all          | direct_activity  | 1            | 333.34     | -0.01
    NEL ICB ICB101 emergency_admissions | LW                 | all          | direct_activity  | 2            | 333.33     | 0.00
    NEL ICB ICB101 emergency_admissions | PI                 | all          | direct_activity  | 1            | 0.00       | 0.00
    NEL ICB ICB101 emergency_admissions | unallocated        | all          | direct_activity  | 1            | 333.33     | 0.00
    NEL ICB ICB101 emergency_admissions | all                | all          | direct_activity  | 4            | 1000.00    | -0.01
    NEL ICB ICB104 outpatients          | BWGW               | all          | capitation       | 1            |            |
    NEL ICB ICB104 outpatients          | LW                 | all          | capitation       | 2            |            |
    NEL ICB ICB104 outpatients          | PI                 | all          | capitation       | 1            |            |
    NEL ICB ICB104 outpatients          | unallocated        | all          | capitation       | 0            |            |
    NEL ICB ICB104 outpatients          | all                | all          | capitation       | 4            | 100.00     | 10.00
    all                                 | BWGW               | healthy      |                  | 1            | 358.34     | 2.49
    all                                 | BWGW               | all          |                  | 1            | 358.34     | 2.49
    all                                 | LW                 | healthy      |                  | 2            | 383.34     | 5.00
    all                                 | LW                 | all          |                  | 2            | 383.34     | 5.00
    all                                 | PI                 | complex      |                  | 1            | 25.00      | 2.50
    all                                 | PI                 | all          |                  | 1            | 25.00      | 2.50
    all                                 | unallocated        | unallocated  |                  | 1            | 333.33     | 0.00
    all                                 | unallocated        | all          |                  | 1            | 333.33     | 0.00
    all                                 | all                | complex      |                  | 1            | 25.00      | 2.50
    all                                 | all                | healthy      |                  | 3            | 741.68     | 7.49
    all                                 | all                | unallocated  |                  | 1            | 333.33     | 0.00
    all                                 | all                | all          |                  | 4            | 1100.01    | 9.99
    """
    check("mart.cost_by_segment", PEOPLE + SPENT + FINANCE + RECEIVED + expected)


def test_without_the_money_feed_there_are_people_and_no_pounds(check):
    """An absent or stale feed leaves amounts unknown, never nothing."""
    stale = RECEIVED.replace("finance__lines   | false", "finance__lines   | true")
    expected = """
    =>
    finance_line | lifecourse_segment | need_segment | financial_year | person_count | budget_gbp | actual_gbp
    all          | BWGW               | healthy      |                | 1            |            |
    all          | BWGW               | all          |                | 1            |            |
    all          | LW                 | healthy      |                | 2            |            |
    all          | LW                 | all          |                | 2            |            |
    all          | PI                 | complex      |                | 1            |            |
    all          | PI                 | all          |                | 1            |            |
    all          | unallocated        | unallocated  |                | 0            |            |
    all          | unallocated        | all          |                | 0            |            |
    all          | all                | complex      |                | 1            |            |
    all          | all                | healthy      |                | 3            |            |
    all          | all                | unallocated  |                | 0            |            |
    all          | all                | all          |                | 4            |            |
    """
    check("mart.cost_by_segment", PEOPLE + SPENT + FINANCE + stale + expected)


def test_cost_drivers_are_of_eligible_people_with_what_is_known_of_them(check):
    """Ann and cat; bob is not eligible. Nothing of ethnicity is known; tenure and income of ann, overcrowding of cat."""
    check(
        "mart.cost_drivers",
        """
        person.demographics
        person_id | age_band | sex     | ethnicity_group | imd_quintile | is_eligible
        ann       | 25-34    | female  | Unknown         | 1            | true
        bob       | 25-34    | male    | Black           | 2            | false
        cat       | unknown  | unknown | Unknown         |              | true

        segment.lifecourse
        person_id | lifecourse_segment
        ann       | LW
        cat       | LW

        segment.need
        person_id | need_segment
        ann       | healthy
        cat       | healthy

        person.circumstances
        person_id | tenure  | overcrowding    | household_income
        ann       | council | unknown         | low income
        bob       | council | unknown         | low income
        cat       | unknown | not overcrowded | unknown

        person.costs
        person_id | service_line | cost_gbp
        ann       | outpatients  | 100.00
        ann       | reablement   | 900.00

        reference.received_feeds
        feed             | is_stale
        op__appointments | false
        asc__events      | true
        =>
        outcome     | step          | step_order | parameter_count | person_count | known_count
        annual_cost | age_sex       | 1          | 1               | 2            | 1
        annual_cost | segment       | 2          | 1               | 2            | 2
        annual_cost | ethnicity     | 3          | 1               | 2            | 0
        annual_cost | deprivation   | 4          | 1               | 2            | 1
        annual_cost | tenure_income | 5          | 1               | 2            | 2
        log_cost    | age_sex       | 1          | 1               | 2            | 1
        log_cost    | segment       | 2          | 1               | 2            | 2
        log_cost    | ethnicity     | 3          | 1               | 2            | 0
        log_cost    | deprivation   | 4          | 1               | 2            | 1
        log_cost    | tenure_income | 5          | 1               | 2            | 2
        """,
    )


PROJECTION = """
    person.demographics
    person_id | age_years | sex    | is_eligible | is_resident
    ann       | 14        | female | true        | true
    bet       | 5         | female | true        | true
    bob       | 90        | male   | true        | true
    cat       | 90        | male   | true        | false
    dan       | 90        | male   | false       | true
    eve       | 90        | other  | true        | true

    segment.lifecourse
    person_id | lifecourse_segment
    ann       | BWGW
    bet       | BWGW
    bob       | PI
    cat       | PI
    eve       | PI

    segment.need
    person_id | need_segment
    ann       | healthy
    bet       | complex
    bob       | complex
    cat       | complex
    eve       | complex

    person.profile
    person_id | ltc_count
    ann       |
    bet       | 1
    bob       | 2
    cat       | 2
    eve       | 2

    person.activity
    person_id | activity_type       | event_count
    ann       | emergency_admission | 3
    ann       | elective_admission  | 9
    cat       | emergency_admission | 9

    person.care_episodes
    person_id | activity_type   | is_open
    bob       | long_term_care  | true
    bob       | long_term_care  | true
    bet       | long_term_care  | false
    bet       | short_term_care | true

    pseudo.population__projections
    projection_source | ward_code | age_band | sex    | year | residents
    ONS               | E05009317 | 5-9      | female | 2026 | 10.0
    ONS               | E05009317 | 10-14    | female | 2026 | 20.0
    ONS               | E05009318 | 90+      | male   | 2026 | 4.0
    ONS               | E05009318 | 90+      | male   | 2031 | 8.0

    reference.received_feeds
    feed                    | is_stale
    population__projections | false
    gp__conditions          | false
    apc__episodes           | false
    asc__events             | true
"""


def test_rates_are_of_residents_by_age_and_sex_and_what_is_not_known_is_left_out(check, monkeypatch):
    """Two girls of 5 to 14, of one of whom conditions are known; a man of 90. Nobody who lives elsewhere counts."""
    from types import SimpleNamespace

    exact = SimpleNamespace(threshold=0, base=1, half=0, minimum_denominator=1)
    monkeypatch.setattr("wsd_pipeline.disclosure.load_policy", lambda: exact)
    expected = """
    =>
    measure                | year | locality | ward_code | resident_count | demand_count | first_year_count
    """
    figures = {
        "bwgw": (30, 0), "lw": (0, 0), "pi": (0, 4), "complex": (15, 4), "long_term_condition": (30, 4),
        "two_or_more_conditions": (0, 4), "emergency_admissions": (45, 0), "long_term_care": ("", ""),
    }  # fmt: skip
    lines = []
    for measure, (girls, men) in figures.items():
        everybody, later = ("", "") if girls == "" else (girls + men, 2 * men)
        lines += [
            f"{measure} | 2026 | all | all       | 34 | {everybody} | {everybody}",
            f"{measure} | 2026 | NW  | all       | 30 | {girls} | {girls}",
            f"{measure} | 2026 | all | E05009317 | 30 | {girls} | {girls}",
            f"{measure} | 2026 | SE  | all       | 4  | {men} | {men}",
            f"{measure} | 2026 | all | E05009318 | 4  | {men} | {men}",
            f"{measure} | 2031 | all | all       | 8  | {later} | {everybody}",
            f"{measure} | 2031 | SE  | all       | 8  | {later} | {men}",
            f"{measure} | 2031 | all | E05009318 | 8  | {later} | {men}",
        ]
    check("mart.projection", PROJECTION + expected + "\n".join(lines))


def test_without_a_projection_there_is_nothing_to_say(check):
    stale = PROJECTION.replace("population__projections | false", "population__projections | true")
    check("mart.projection", stale + "    =>\n    measure | year | demand_count\n")
