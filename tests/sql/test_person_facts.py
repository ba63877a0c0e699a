"""What rules may ask: true, false, or null where it cannot be known — because a feed is absent, stale, or not linked."""

from __future__ import annotations

import pytest

from wsd_pipeline.contracts.person.facts import FACTS, profile_feeds, profile_tables

PEOPLE = """
        person.demographics
        person_id | age_years | sex    | population_basis | has_health_record | is_eligible
        ann       | 70        | female | both             | true              | true
        bob       | 40        | male   | resident         | false             | true
        old       | 90        | male   | neither          | true              | false
"""
ROWS = {
    "health_profile": """
        person.health_profile
        person_id | ltc_count | dementia_date
        ann       | 1         | 2020-01-01
        old       | 3         |
""",
    "service_profile": """
        person.service_profile
        person_id | emergency_admission_count | copd_admission_count | long_term_care_date
        ann       | 0                         | 0                    |
        bob       | 2                         | 0                    | 2025-01-01
""",
    "emergency_profile": """
        person.emergency_profile
        person_id | ed_attendance_count | is_high_intensity_ed
        bob       | 5                   | true
""",
    "school_profile": """
        person.school_profile
        person_id | has_ehcp | is_fsm_eligible
        bob       | true     | false
""",
    "mental_health_profile": """
        person.mental_health_profile
        person_id | cpa_date   | community_team_date
        ann       |            | 2024-05-01
        bob       | 2023-01-01 |
""",
}


def drawing(*absent: str, stale: str = "") -> str:
    """Two people, some rows, and every feed that facts rest on but for those absent."""
    feeds = "\n".join(f"        {f} | {str(f == stale).lower()}" for f in profile_feeds() if f not in absent)
    tables = "".join(ROWS.get(t, f"\n        person.{t}\n") for t in profile_tables())
    return f"{PEOPLE}\n        reference.received_feeds\n        feed | is_stale\n{feeds}\n{tables}        =>\n"


def test_without_a_gp_record_health_is_not_known(check):
    check(
        "person.profile",
        drawing()
        + """
        person_id | age_years | ltc_count | has_dementia | dementia_date | has_palliative_care | emergency_admission_count | has_long_term_care | is_care_home_resident | has_ehcp | ed_attendance_count | is_high_intensity_ed | is_homeless
        ann       | 70        | 1         | true         | 2020-01-01    | false               | 0                         | false              | false                 | false    | 0                   | false                | false
        bob       | 40        |           |              |               |                     | 2                         | true               |                       | true     | 5                   | true                 | false
        """,
    )


def test_where_the_programme_is_no_longer_recorded_a_community_team_stands_in(check):
    check(
        "person.profile",
        drawing() + "person_id | is_on_cpa | cpa_date\nann | false | 2024-05-01\nbob | true | 2023-01-01",
    )
    without = (
        drawing("mhsds__cpa") + "person_id | is_on_cpa | cpa_date\nann | true | 2024-05-01\nbob | false | 2023-01-01"
    )
    check("person.profile", without)


@pytest.mark.slow
@pytest.mark.parametrize("feed", profile_feeds())
@pytest.mark.parametrize("how", ["absent", "stale"])
def test_without_a_feed_all_that_rests_on_it_is_not_known_and_nothing_else(check, feed, how):
    given = drawing(feed) if how == "absent" else drawing(stale=feed)
    asked = [fact for fact in FACTS if not fact.of_patients and fact.name != "is_on_cpa"]
    known = {fact.name: fact.otherwise for fact in asked} | {
        "emergency_admission_count": "2",
        "has_long_term_care": "true",
    }
    known |= {"has_ehcp": "true", "ed_attendance_count": "5", "is_high_intensity_ed": "true"}
    header = " | ".join(["person_id", *(fact.name for fact in asked)])
    bob = " | ".join(["bob", *("" if feed in fact.feeds else known[fact.name] for fact in asked)])
    ann = " | ".join(["ann", *("" if feed in fact.feeds else fact.otherwise for fact in asked)])
    check("person.profile", f"{given}{header}\n{ann}\n{bob}")


@pytest.mark.parametrize("feed", ["gp__registrations", "gp__conditions"])
def test_without_the_practices_feeds_no_condition_is_known(check, feed):
    asked = [fact for fact in FACTS if fact.of_patients and feed in fact.feeds]
    header = " | ".join(["person_id", *(fact.name for fact in asked)])
    empty = " | ".join("" for _ in asked)
    check("person.profile", f"{drawing(feed)}{header}\nann | {empty}\nbob | {empty}")
