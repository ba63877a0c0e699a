"""Cohorts with their attrition and near misses, segments under other thresholds, and who moved since last month."""

from __future__ import annotations

from wsd_pipeline.segmentation.cohorts import Cohort, CohortSet, cohorts_sql
from wsd_pipeline.segmentation.expression import condition
from wsd_pipeline.sql import parse_model


def cohort(*criteria: str) -> Cohort:
    columns = {"age_years": "SMALLINT", "ltc_count": "INTEGER", "locality": "VARCHAR"}
    read = [condition(text, columns, {}) for text in criteria]
    asks = frozenset().union(*(asks for _, asks in read))
    return Cohort(id="older", words="", criteria=tuple(sql for sql, _ in read), written=criteria, asks=asks)


def test_members_near_misses_and_how_far_the_others_come(check):
    made = CohortSet(version="1", cohorts=(cohort("age_years >= 65", "ltc_count >= 2", "locality = 'SE'"),))
    check(
        "segment.cohorts",
        """
        person.profile
        person_id | age_years | ltc_count
        member    | 70        | 2
        elsewhere | 70        | 2
        one       | 70        | 1
        far       | 70        | 1
        young     | 40        | 2
        neither   | 40        | 2
        unseen    | 70        |

        person.demographics
        person_id | locality
        member    | SE
        elsewhere | NE
        one       | SE
        far       | NE
        young     | SE
        neither   | NE
        unseen    | SE

        segment.need
        person_id
        member
        elsewhere
        one
        far
        young
        neither
        unseen

        segment.lifecourse
        person_id
        member
        elsewhere
        one
        far
        young
        neither
        unseen
        =>
        person_id | cohort_id | criteria_met_count | is_member | is_near_miss | is_unknown
        member    | older     | 3                  | true      | false        | false
        elsewhere | older     | 2                  | false     | true         | false
        one       | older     | 1                  | false     | true         | false
        far       | older     | 1                  | false     | false        | false
        young     | older     | 0                  | false     | true         | false
        unseen    | older     | 1                  | false     | true         | true
        """,
        known={"segment.cohorts": parse_model("segment.cohorts", cohorts_sql(made))},
    )


def test_cohorts_are_counted_by_place_and_by_how_far(check):
    members = """
        segment.cohorts
        person_id | cohort_id | criteria_met_count | is_member | is_near_miss | is_unknown
        ann       | older     | 2                  | true      | false        | false
        bob       | older     | 1                  | false     | true         | false
        cat       | older     | 0                  | false     | true         | true
    """
    people = """
        person.demographics
        person_id | locality | is_eligible
        ann       | SE       | true
        bob       | SE       | true
        cat       | NE       | true
    """
    check(
        "mart.cohorts",
        f"""{members}
        {people}
        =>
        snapshot_month | cohort_id | locality | person_count | near_miss_count | unknown_count
        2026-01        | older     | SE       | 1            | 1               | 0
        2026-01        | older     | NE       | 0            | 1               | 1
        2026-01        | older     | all      | 1            | 2               | 1
        """,
    )
    check(
        "mart.cohort_attrition",
        f"""{members}
        =>
        snapshot_month | cohort_id | criteria_met_count | person_count
        2026-01        | older     | 1                  | 1
        2026-01        | older     | 2                  | 1
        """,
    )


NOW = """
        segment.lifecourse
        person_id | lifecourse_segment
        ann       | PI
        bob       | LW
        new       | BWGW

        segment.need
        person_id | need_segment
        ann       | complex
        bob       | healthy
        new       | healthy
"""
BEFORE = """
        previous.segment.lifecourse
        person_id | lifecourse_segment
        ann       | LW
        bob       | LW
        gone      | PI

        previous.segment.need
        person_id | need_segment
        ann       | healthy
        bob       | healthy
        gone      | complex
"""


def test_who_moved_came_and_went(check):
    check(
        "mart.segment_transitions",
        NOW
        + BEFORE
        + """
        =>
        snapshot_month | from_lifecourse_segment | from_need_segment | lifecourse_segment | need_segment | person_count
        2026-01        | LW                      | healthy           | PI                 | complex      | 1
        2026-01        | LW                      | healthy           | LW                 | healthy      | 1
        2026-01        | not_here                | not_here          | BWGW               | healthy      | 1
        2026-01        | PI                      | complex           | not_here           | not_here     | 1
        """,
    )


def test_nobody_has_moved_in_the_first_month(check):
    check("mart.segment_transitions", NOW + "=>\nperson_count\n")


def test_other_thresholds_move_people_between_segments(check):
    check(
        "mart.segment_sensitivity",
        """
        segment.alternatives
        person_id | alternative     | lifecourse_segment | need_segment
        ann       | older_age = 55  | PI                 | healthy
        bob       | older_age = 55  | PI                 | healthy
        ann       | many_conditions = 3 | LW             | healthy
        =>
        snapshot_month | alternative         | lifecourse_segment | need_segment | person_count
        2026-01        | older_age = 55      | PI                 | healthy      | 2
        2026-01        | many_conditions = 3 | LW                 | healthy      | 1
        """,
    )
