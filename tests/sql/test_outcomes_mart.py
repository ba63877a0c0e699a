"""`mart.outcomes_istatement` of a framework of five metrics: counted, divided, carried through, or not available."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsd_pipeline.outcomes import load_framework
from wsd_pipeline.outcomes.models import outcomes_sql
from wsd_pipeline.sql import parse_model

KEY = "mart.outcomes_istatement"
FIVE = (
    "readmissions_30_days", "falls_admissions_65", "outpatient_dna", "confidence_and_trust_gpps", "waits_over_78_weeks",
    "complex_with_support_plan",
)  # fmt: skip
EMPTY = "".join(
    f"""
        person.outcomes_{name}
        person_id | metric_id | numerator | denominator
"""
    for name in ("reablement", "care", "support", "practice", "children", "services", "place")
)
DRAWN = f"""
        person.demographics
        person_id | age_years | sex    | locality | ethnicity_group | imd_quintile | is_eligible | population_basis
        ann       | 70        | female | NE       | Black           | 1            | true        | both
        bob       | 80        | male   | SE       | Black           |              | true        | resident
        cat       | 40        | female | NE       | Mixed           | 1            | true        | registered
        dan       | 75        | male   | NE       | Mixed           | 1            | false       | resident
        eve       | 75        | male   | NE       | Mixed           | 1            | false       | neither

        person.outcomes_hospital
        person_id | metric_id            | numerator | denominator
        ann       | readmissions_30_days | 1         | 3
        dan       | readmissions_30_days | 0         | 2
        eve       | readmissions_30_days | 5         | 5
        bob       | falls_admissions_65  | 2         | 0
        dan       | falls_admissions_65  | 1         | 0
        ann       | outpatient_dna       | 1         | 4
{EMPTY}
        person.personalised_profile
        person_id | plan_date
        ann       | 2025-11-01
        bob       |

        segment.need
        person_id | need_segment
        ann       | complex
        bob       | complex
        cat       | healthy

        reference.received_feeds
        feed                        | is_stale
        apc__episodes               | false
        op__appointments            | true
        personalised_care__products | false

        pseudo.survey__results
        survey_code | wave   | question_key         | geo_code  | group_type | value_pct | ci_low_pct | ci_high_pct | base_count | is_series_break
        GPPS        | 2024   | confidence_and_trust | E09000030 | all        | 89.0      | 88.0       | 90.0        | 900        | true
        GPPS        | 2025   | confidence_and_trust | E09000030 | all        | 88.2      | 86.5       | 89.5        | 2060       | false
        GPPS        | 2025   | confidence_and_trust | E09000030 | ethnicity  | 70.0      | 60.0       | 80.0        | 100        | false
        GPPS        | 2025   | confidence_and_trust | E12000007 | all        | 90.6      | 90.0       | 91.0        | 9000       | false
        GPPS        | 2025   | confidence_and_trust | E92000001 | all        | 92.3      | 92.0       | 92.5        | 90000      | false
        GPPS        | 2027   | confidence_and_trust | E09000030 | all        | 10.0      | 9.0        | 11.0        | 1          | false

        pseudo.outcomes__targets
        metric_id            | period_start | period_end | geo_code  | value  | value_unit | aim
        falls_admissions_65  | 2025-04-01   | 2026-03-31 | E09000030 | 2250   | per_100000 | plan
        falls_admissions_65  | 2025-04-01   | 2026-03-31 | E09000030 | 1000   | per_100000 | ambition
        readmissions_30_days | 2024-04-01   | 2025-03-31 | E09000030 | 12.5   | percent    | target

        pseudo.outcomes__comparators
        metric_id            | period_end | geo_code  | value | value_unit
        readmissions_30_days | 2024-03-31 | E92000001 | 15.0  | percent
        readmissions_30_days | 2025-03-31 | E92000001 | 14.8  | percent
        readmissions_30_days | 2025-03-31 | E12000007 | 13.9  | percent
        readmissions_30_days | 2026-03-31 | E92000001 | 1.0   | percent
        falls_admissions_65  | 2025-03-31 | E92000001 | 19.84 | per_1000
        =>
"""


@pytest.fixture(scope="module")
def model():
    whole = load_framework()
    few = replace(whole, metrics=tuple(m for m in whole.metrics if m.id in FIVE))
    return {KEY: parse_model(KEY, outcomes_sql(few))}


def test_what_is_counted(check, model):
    """dan died in the year: his stays count, he is no longer divided by. eve was nobody's. A stale feed counts nothing."""
    check(
        KEY,
        DRAWN
        + """
        metric_id                 | base           | dimension       | dimension_value | numerator_count | denominator_count
        readmissions_30_days      | own            | all             | all             | 1               | 5
        readmissions_30_days      | own            | locality        | NE              | 1               | 5
        falls_admissions_65       | people_65_plus | all             | all             | 3               | 2
        falls_admissions_65       | people_65_plus | locality        | NE              | 1               | 1
        falls_admissions_65       | people_65_plus | locality        | SE              | 2               | 1
        outpatient_dna            | own            | all             | all             |                 |
        outpatient_dna            | own            | locality        | NE              |                 |
        outpatient_dna            | own            | ethnicity_group | Black           |                 |
        outpatient_dna            | own            | imd_quintile    | 1               |                 |
        complex_with_support_plan | own            | all             | all             | 1               | 2
        complex_with_support_plan | own            | locality        | NE              | 1               | 1
        complex_with_support_plan | own            | locality        | SE              | 0               | 1
        confidence_and_trust_gpps | own            | all             | all             |                 |
        waits_over_78_weeks       | own            | all             | all             |                 |
        """,
        known=model,
    )


def test_what_is_carried_through_and_compared_with(check, model):
    """The latest wave by the snapshot; a plan before an ambition, this year's only; the latest published comparator in
    the metric's own unit."""
    few = {
        KEY: parse_model(
            KEY, model[KEY].text + "where figures.dimension = 'all'"
        )
    }  # fmt: skip
    check(
        KEY,
        DRAWN
        + """
        metric_id                 | value_per | ci_method | wave | publisher_value | publisher_base_count | target_value | target_kind | london_value | england_value | has_series_break | period_start | coverage
        readmissions_30_days      | 100       | wilson    |      |                 |                      |              |             | 13.900       | 14.800        | false            | 2025-02-01   | proxy
        falls_admissions_65       | 100000    | byar      |      |                 |                      | 2250.000     | plan        |              |               | false            | 2025-02-01   | proxy
        outpatient_dna            | 100       | wilson    |      |                 |                      |              |             |              |               | false            | 2025-02-01   | proxy
        complex_with_support_plan | 100       | wilson    |      |                 |                      |              |             |              |               | false            | 2025-02-01   | proxy
        confidence_and_trust_gpps | 100       | none      | 2025 | 88.200          | 2060                 |              |             | 90.600       | 92.300        | false            |              | measured
        waits_over_78_weeks       |           | none      |      |                 |                      |              |             |              |               | false            |              | no_measure_yet
        """,
        known=few,
    )


def test_a_series_break_is_said_where_the_period_runs_across_it(check, model):
    """On the last day of March 2024 the twelve months, and the latest wave, run across the new series of 2024."""
    from datetime import date

    few = {KEY: parse_model(KEY, model[KEY].text + "where figures.dimension = 'all' and kind = 'survey'")}
    drawn = DRAWN.replace("2025   | confidence", "2023   | confidence")
    check(
        KEY,
        drawn
        + """
        metric_id                 | wave | publisher_value | has_series_break
        confidence_and_trust_gpps | 2024 | 89.000          | true
        """,
        snapshot=date(2024, 3, 31),
        known=few,
    )


STANDARDISED = """
        person.demographics
        person_id | birth_month | age_years | locality | is_eligible | population_basis
        ann       | 1950-01-01  | 76        | NE       | true        | both
        bob       | 1959-06-01  | 66        | SE       | true        | resident
        cat       | 1960-06-01  | 65        | SE       | false       | resident
        dan       | 2007-01-01  | 19        | SE       | true        | resident
        eve       | 1950-01-01  | 76        | NE       | true        | neither

        person.admission_groups
        person_id | spell_key | admission_date | diagnosis_group
        ann       | s1        | 2025-03-01     | falls
        ann       | s2        | 2025-12-31     | falls
        cat       | s3        | 2025-07-01     | falls
        eve       | s4        | 2025-07-01     | falls
        ann       | s5        | 2025-07-01     | dental_caries
"""


def test_admissions_of_each_standard_band(check):
    """ann was 75 at both falls; cat fell at 65 and has died since; eve was nobody's. What is divided by is who is here."""
    check(
        "mart.outcomes_standardised",
        STANDARDISED
        + """
        reference.received_feeds
        feed          | is_stale
        apc__episodes | false
        =>
        metric_id            | dimension | dimension_value | numerator_count
        falls_admissions_65  | all       | all             | 3
        falls_admissions_65  | locality  | NE              | 2
        falls_admissions_65  | locality  | SE              | 1
        avoidable_admissions | all       | all             | 0
        avoidable_admissions | locality  | NE              | 0
        avoidable_admissions | locality  | SE              | 0
        assault_admissions   | all       | all             | 0
        assault_admissions   | locality  | NE              | 0
        assault_admissions   | locality  | SE              | 0
        self_harm_admissions | all       | all             | 0
        self_harm_admissions | locality  | NE              | 0
        self_harm_admissions | locality  | SE              | 0
        """,
    )


def test_no_admissions_are_counted_of_a_feed_that_is_missing(check):
    rows = [
        f"        {metric} | {dimension} | {value} |"
        for metric in ("falls_admissions_65", "avoidable_admissions", "assault_admissions", "self_harm_admissions")
        for dimension, value in (("all", "all"), ("locality", "NE"), ("locality", "SE"))
    ]
    check(
        "mart.outcomes_standardised",
        STANDARDISED
        + "\n        reference.received_feeds\n        feed | is_stale\n        apc__episodes | true\n=>\n"
        + "        metric_id | dimension | dimension_value | numerator_count\n"
        + "\n".join(rows),
    )


def test_the_strata_are_those_of_the_standard_population(tmp_path):
    """Each band's events and people under its own number, in the order of the weights."""
    import re

    from wsd_pipeline import sql
    from wsd_pipeline.contracts.marts.outcomes import STANDARD_BANDS

    con = sql.connect(tmp_path / "spill", threads=1, memory_limit="1GB")
    sql.attach_reference(con, ["reference.european_standard_population"])
    found = con.execute(
        "select age_band, standard_population from reference.european_standard_population order by age_from_years"
    ).fetchall()
    con.close()
    assert tuple(n for _, n in found) == STANDARD_BANDS
    text = sql.load_model("mart.outcomes_standardised").text
    for kind in ("events", "people"):
        bands = re.findall(rf"sum\({kind}\) filter \(where band = '([^']+)'\) as {kind}_(\d+)", text)
        assert bands == [(band, str(number)) for number, (band, _) in enumerate(found, 1)]
