"""What is published, exact: each breakdown adds up to the same people, each measure counts what it says."""

from __future__ import annotations


def test_every_breakdown_counts_everybody_once(check):
    check(
        "mart.segment_summary",
        """
        person.demographics
        person_id | locality | pcn_code | age_band | sex    | ethnicity_group | imd_quintile | is_eligible
        ann       | NE       | U1       | 65-74    | female | Black           | 1            | true
        bob       | NE       |          | 65-74    | male   | Black           |              | true
        cat       | SE       | U1       | 0-4      | female | Mixed           | 2            | true
        dan       | SE       | U1       | 0-4      | female | Mixed           | 2            | false

        segment.lifecourse
        person_id | lifecourse_segment
        ann       | PI
        bob       | PI
        cat       | BWGW
        dan       | BWGW

        segment.need
        person_id | need_segment
        ann       | complex
        bob       | healthy
        cat       | healthy
        dan       | healthy

        reference.breakdowns
        breakdown  | by_lifecourse_segment | by_need_segment | by_locality | by_pcn_code | by_age_band | by_sex | by_ethnicity_group | by_imd_quintile
        borough    | false                 | false           | false       | false       | false       | false  | false              | false
        lifecourse | true                  | false           | false       | false       | false       | false  | false              | false
        full       | true                  | true            | true        | true        | true        | true   | true               | true
        =>
        snapshot_month | breakdown  | lifecourse_segment | need_segment | locality | pcn_code | age_band | sex    | ethnicity_group | imd_quintile | person_count
        2026-01        | borough    | all                | all          | all      | all      | all      | all    | all             | all          | 3
        2026-01        | lifecourse | PI                 | all          | all      | all      | all      | all    | all             | all          | 2
        2026-01        | lifecourse | BWGW               | all          | all      | all      | all      | all    | all             | all          | 1
        2026-01        | full       | PI                 | complex      | NE       | U1       | 65-74    | female | Black           | 1            | 1
        2026-01        | full       | PI                 | healthy      | NE       | none     | 65-74    | male   | Black           | unknown      | 1
        2026-01        | full       | BWGW               | healthy      | SE       | U1       | 0-4      | female | Mixed           | 2            | 1
        """,
    )


LINKED = """
        linked.spine
        source    | record_id | person_id | step      | link_band | is_current
        gp        | g1        | ann       | nhs_exact | A         | true
        apc       | h1        | ann       | nhs_exact | A         | true
        education | p1        | kit       | local     |           | true
        education | p2        | ann       | residence | D         | true
        education | p3        | lee       | one_time  |           | true
        education | p4        | old       | residence | D         | false

        person.demographics
        person_id | age_band | sex    | ethnicity_group | locality | imd_quintile
        ann       | 65-74    | female | Black           | NE       | 1
        kit       | 0-4      | male   | Mixed           | SE       |
"""


def test_links_are_counted_by_source_and_group(check, request):
    from wsd_pipeline.build import models
    from wsd_pipeline.sql import parse_model

    whole = models()["mart.linkage_quality"].text
    narrowed = (
        f"select * from ({whole}) where source = 'education' and group_type in ('all', 'sex', 'step', 'link_band')"
    )
    check(
        "mart.linkage_quality",
        LINKED
        + """
        linked.accuracy
        =>
        measure          | source    | group_type | group_value | numerator_count | denominator_count
        linked           | education | all        | all         | 1               | 3
        linked           | education | sex        | female      | 1               | 1
        linked           | education | sex        | male        | 0               | 1
        linked           | education | sex        | unknown     | 0               | 1
        linked_to_health | education | all        | all         | 1               | 3
        linked_to_health | education | sex        | female      | 1               | 1
        linked_to_health | education | sex        | male        | 0               | 1
        linked_to_health | education | sex        | unknown     | 0               | 1
        link_step        | education | step       | local       | 1               | 3
        link_step        | education | step       | one_time    | 1               | 3
        link_step        | education | step       | residence   | 1               | 3
        link_band        | education | link_band  | none        | 2               | 3
        link_band        | education | link_band  | D           | 1               | 3
        """,
        known={"mart.linkage_quality": parse_model("mart.linkage_quality", narrowed)},
    )


def test_precision_and_recall_from_pairs(check):
    from wsd_pipeline.build import models
    from wsd_pipeline.sql import parse_model

    whole = models()["mart.linkage_quality"].text
    narrowed = f"select * from ({whole}) where measure in ('precision', 'recall')"
    check(
        "mart.linkage_quality",
        LINKED
        + """
        linked.accuracy
        group_type      | group_value | true_positive_count | false_positive_count | false_negative_count
        all             | all         | 90                  | 1                    | 10
        ethnicity_group | Black       | 40                  | 0                    | 8
        =>
        snapshot_month | measure   | source | group_type      | group_value | numerator_count | denominator_count
        2026-01        | precision | all    | all             | all         | 90              | 91
        2026-01        | recall    | all    | all             | all         | 90              | 100
        2026-01        | precision | all    | ethnicity_group | Black       | 40              | 40
        2026-01        | recall    | all    | ethnicity_group | Black       | 40              | 48
        """,
        known={"mart.linkage_quality": parse_model("mart.linkage_quality", narrowed)},
    )


def test_people_exactly_found_and_numbers_held_out(check):
    check(
        "mart.linkage_accuracy",
        """
        linked.spine
        source    | record_id | person_id
        gp        | g1        | ann
        education | p1        | kit
        education | p2        | ann

        person.demographics
        person_id | ethnicity_group
        ann       | Black
        kit       | Mixed

        linked.accuracy
        group_type | group_value | true_positive_count | false_positive_count | false_negative_count | true_person_count | found_person_count | exact_person_count
        all        | all         | 90                  | 1                    | 10                   | 50                | 55                 | 45

        linked.holdout
        source    | record_id | outcome
        gp        | g1        | right
        education | p1        | missed
        education | p2        | wrong
        =>
        snapshot_month | measure          | source    | group_type      | group_value | numerator_count | denominator_count
        2026-01        | f1               | all       | all             | all         | 180             | 191
        2026-01        | person_precision | all       | all             | all         | 45              | 55
        2026-01        | person_recall    | all       | all             | all         | 45              | 50
        2026-01        | held_out_found   | all       | all             | all         | 1               | 3
        2026-01        | held_out_right   | all       | all             | all         | 1               | 2
        2026-01        | held_out_found   | gp        | all             | all         | 1               | 1
        2026-01        | held_out_right   | gp        | all             | all         | 1               | 1
        2026-01        | held_out_found   | gp        | ethnicity_group | Black       | 1               | 1
        2026-01        | held_out_right   | gp        | ethnicity_group | Black       | 1               | 1
        2026-01        | held_out_found   | education | all             | all         | 0               | 2
        2026-01        | held_out_right   | education | all             | all         | 0               | 1
        2026-01        | held_out_found   | all       | ethnicity_group | Black       | 1               | 2
        2026-01        | held_out_right   | all       | ethnicity_group | Black       | 1               | 2
        2026-01        | held_out_found   | all       | ethnicity_group | Mixed       | 0               | 1
        2026-01        | held_out_right   | all       | ethnicity_group | Mixed       | 0               | 0
        2026-01        | held_out_found   | education | ethnicity_group | Black       | 0               | 1
        2026-01        | held_out_right   | education | ethnicity_group | Black       | 0               | 1
        2026-01        | held_out_found   | education | ethnicity_group | Mixed       | 0               | 1
        2026-01        | held_out_right   | education | ethnicity_group | Mixed       | 0               | 0
        """,
    )


PLACES = """
        person.demographics
        person_id | locality | age_band | imd_quintile | has_health_record | is_eligible
        ann       | NE       | 65-74    | 1            | true              | true
        bob       | NE       | 65-74    |              | false             | true
        cat       | SE       | 0-4      | 2            | true              | true
        dan       | SE       | 0-4      | 2            | true              | false

        segment.lifecourse
        person_id | lifecourse_segment
        ann       | PI
        bob       | PI
        cat       | BWGW

        segment.need
        person_id | need_segment
        ann       | complex
        bob       | healthy_unverified
        cat       | healthy

        person.conditions
        person_id | condition | is_long_term
        ann       | dementia  | true
        ann       | diabetes  | false
        cat       | asthma    | true
        dan       | asthma    | true

        person.activity
        person_id | activity_type       | event_count
        ann       | emergency_admission | 3
        ann       | ed_attendance       | 5
        cat       | ed_attendance       | 1
        cat       | reablement          | 1

        person.households
        ralf | locality | is_communal | is_oversized | older_count | is_living_alone_65plus
        h1   | NE       | false       | false        | 1           | true
        h2   | NE       | false       | false        | 2           | false
        h3   | SE       | true        | false        | 9           | false
        h4   | SE       | false       | true         | 30          | false
        h5   | SE       | false       | false        | 0           | false
"""


def test_a_locality_in_figures_and_the_borough_beside_it(check):
    from wsd_pipeline.build import models
    from wsd_pipeline.sql import parse_model

    whole = models()["mart.locality_profile"].text
    narrowed = f"select * from ({whole}) where locality in ('NE', 'all')"
    check(
        "mart.locality_profile",
        PLACES
        + """=>
        snapshot_month | locality | measure             | category           | numerator_count | denominator_count
        2026-01        | NE       | age_band            | 65-74              | 2               | 2
        2026-01        | all      | age_band            | 65-74              | 2               | 3
        2026-01        | all      | age_band            | 0-4                | 1               | 3
        2026-01        | NE       | imd_quintile        | 1                  | 1               | 2
        2026-01        | NE       | imd_quintile        | unknown            | 1               | 2
        2026-01        | all      | imd_quintile        | 1                  | 1               | 3
        2026-01        | all      | imd_quintile        | 2                  | 1               | 3
        2026-01        | all      | imd_quintile        | unknown            | 1               | 3
        2026-01        | NE       | lifecourse_segment  | PI                 | 2               | 2
        2026-01        | all      | lifecourse_segment  | PI                 | 2               | 3
        2026-01        | all      | lifecourse_segment  | BWGW               | 1               | 3
        2026-01        | NE       | need_segment        | complex            | 1               | 2
        2026-01        | NE       | need_segment        | healthy_unverified | 1               | 2
        2026-01        | all      | need_segment        | complex            | 1               | 3
        2026-01        | all      | need_segment        | healthy            | 1               | 3
        2026-01        | all      | need_segment        | healthy_unverified | 1               | 3
        2026-01        | NE       | condition           | dementia           | 1               | 1
        2026-01        | all      | condition           | dementia           | 1               | 2
        2026-01        | all      | condition           | asthma             | 1               | 2
        2026-01        | NE       | emergency_admission | all                | 3               | 2
        2026-01        | all      | emergency_admission | all                | 3               | 3
        2026-01        | NE       | ed_attendance       | all                | 5               | 2
        2026-01        | all      | ed_attendance       | all                | 6               | 3
        2026-01        | NE       | living_alone_65plus | all                | 1               | 3
        2026-01        | all      | living_alone_65plus | all                | 1               | 3
        """,
        known={"mart.locality_profile": parse_model("mart.locality_profile", narrowed)},
    )


def test_each_feed_with_its_rows_its_freshness_and_its_checks(check):
    from wsd_pipeline.contracts import table
    from wsd_pipeline.sql import parse_model
    from wsd_pipeline.statements import data_quality_sql

    feeds = [table(f"landed.{name}") for name in ("apc__episodes", "education__pupils", "housing__tenancies")]
    check(
        "mart.data_quality",
        """
        reference.received_feeds
        feed              | source    | received_month | quarantined_count | resubmitted_count | checks_run | checks_touched | checks_warned
        apc__episodes     | apc       | 2026-01        | 1                 | 2                 | 60         | 3              | 1
        education__pupils | education | 2025-11        | 0                 | 0                 | 20         | 0              | 0

        reference.removed_rows
        feed          | reason                       | row_count
        apc__episodes | national_opt_out             | 3
        apc__episodes | local_opt_out                | 1
        apc__episodes | restricted_code_unidentified | 2

        pseudo.apc__episodes
        row_id | admission_date
        e1     | 2025-11-04
        e2     | 2026-02-01

        pseudo.education__pupils
        row_id
        p1

        pseudo.housing__tenancies
        =>
        snapshot_month | feed              | source    | is_supplied | received_month | months_behind | latest_event_month | row_count | quarantined_count | resubmitted_count | opted_out_count | restricted_count | checks_run | checks_touched | checks_warned
        2026-01        | apc__episodes     | apc       | true        | 2026-01        | 0             | 2025-11-01         | 2         | 1                 | 2                 | 4               | 2                | 60         | 3              | 1
        2026-01        | education__pupils | education | true        | 2025-11        | 2             |                    | 1         | 0                 | 0                 | 0               | 0                | 20         | 0              | 0
        2026-01        | housing__tenancies | housing  | false       |                |               |                    |           |                   |                   |                 |                  | 0          | 0              | 0
        """,
        known={"mart.data_quality": parse_model("mart.data_quality", data_quality_sql(feeds))},
    )
