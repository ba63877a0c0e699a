"""Marts of long-term conditions and of PCNs, worked out by hand."""

from __future__ import annotations

REFERENCE = """
        reference.conditions
        condition | is_counted | minimum_age_years
        copd      | true       | 0
        dementia  | true       | 0
        obesity   | false      | 18

        reference.qof_prevalence
        condition | borough_pct | england_pct | age_from_years | age_to_years
        dementia  | 0.28        | 0.78        | 0              | 130
        obesity   | 6.96        | 10.52       | 18             | 130

        reference.expected_prevalence
        condition | sex    | age_from_years | age_to_years | prevalence_pct
        dementia  | female | 65             | 69           | 60.0
        dementia  | female | 70             | 130          | 80.0
        dementia  | male   | 65             | 130          | 10.0
"""


def test_recorded_and_expected_by_place(check):
    """cat's age is not known: she is a patient, and of no register with an age. dan has no GP record, eve is not eligible.
    bob's copd stands but does not count: of a condition that can count, what counts is recorded. Two that count
    are multimorbidity. Expected dementia: 0.6 and 0.8 make 1.4, so 1; in NE 0.6, so 1."""
    check(
        "mart.ltc_prevalence",
        f"""
        person.demographics
        person_id | age_years | sex    | locality | pcn_code | is_eligible | has_health_record
        ann       | 66        | female | NE       | U1       | true        | true
        bob       | 17        | male   | SE       |          | true        | true
        cat       |           | female | NE       | U1       | true        | true
        fay       | 70        | female | SE       | U1       | true        | true
        dan       | 70        | male   | SE       | U1       | true        | false
        eve       | 70        | male   | SE       | U1       | false       | true

        person.conditions
        person_id | condition | is_active | is_long_term
        ann       | dementia  | true      | true
        ann       | copd      | true      | true
        ann       | obesity   | true      | false
        bob       | copd      | true      | false
        fay       | copd      | false     | false
        dan       | copd      | true      | true
        eve       | copd      | true      | true
        {REFERENCE}
        =>
        condition      | locality | pcn_code | ages | recorded_count | denominator_count | expected_count | england_2019_20_pct
        copd           | all      | all      | all  | 1              | 4                 |                |
        copd           | NE       | all      | all  | 1              | 2                 |                |
        copd           | SE       | all      | all  | 0              | 2                 |                |
        copd           | all      | U1       | all  | 1              | 3                 |                |
        copd           | all      | none     | all  | 0              | 1                 |                |
        dementia       | all      | all      | all  | 1              | 4                 | 1              | 0.78
        dementia       | NE       | all      | all  | 1              | 2                 | 1              | 0.78
        dementia       | SE       | all      | all  | 0              | 2                 | 1              | 0.78
        dementia       | all      | U1       | all  | 1              | 3                 | 1              | 0.78
        dementia       | all      | none     | all  | 0              | 1                 |                | 0.78
        obesity        | all      | all      | 18+  | 1              | 2                 |                | 10.52
        obesity        | NE       | all      | 18+  | 1              | 1                 |                | 10.52
        obesity        | SE       | all      | 18+  | 0              | 1                 |                | 10.52
        obesity        | all      | U1       | 18+  | 1              | 2                 |                | 10.52
        multimorbidity | all      | all      | all  | 1              | 4                 |                |
        multimorbidity | NE       | all      | all  | 1              | 2                 |                |
        multimorbidity | SE       | all      | all  | 0              | 2                 |                |
        multimorbidity | all      | U1       | all  | 1              | 3                 |                |
        multimorbidity | all      | none     | all  | 0              | 1                 |                |
        """,
    )


def test_every_pair_of_conditions_that_count_once(check):
    check(
        "mart.ltc_pairs",
        f"""
        person.demographics
        person_id | age_years | is_eligible | has_health_record
        ann       | 66        | true        | true
        bob       | 64        | true        | true
        cat       |           | true        | true
        dan       | 66        | true        | false

        person.conditions
        person_id | condition | is_long_term
        ann       | dementia  | true
        ann       | copd      | true
        bob       | copd      | true
        bob       | dementia  | false
        cat       | copd      | true
        cat       | dementia  | true
        dan       | copd      | true
        dan       | dementia  | true
        {REFERENCE.split("reference.qof")[0]}
        =>
        condition | other_condition | age_group | both_count | condition_count | other_condition_count | patient_count
        copd      | dementia        | all       | 1          | 2               | 1                     | 2
        copd      | dementia        | 65+       | 1          | 1               | 1                     | 1
        copd      | dementia        | 0-64      | 0          | 1               | 0                     | 1
        """,
    )


def test_a_pcn_at_a_glance(check):
    """As the locality profile, for whoever is on the lists; those on none are a row of their own."""
    check(
        "mart.pcn_profile",
        """
        person.demographics
        person_id | age_band | imd_quintile | pcn_code | is_eligible | has_health_record
        ann       | 65-74    | 1            | U1       | true        | true
        bob       | 65-74    |              |          | true        | false
        eve       | 65-74    | 1            | U1       | false       | true

        segment.lifecourse
        person_id | lifecourse_segment
        ann       | PI
        bob       | PI
        eve       | PI

        segment.need
        person_id | need_segment
        ann       | complex
        bob       | healthy_unverified
        eve       | complex

        person.conditions
        person_id | condition | is_long_term
        ann       | copd      | true
        ann       | obesity   | false

        person.activity
        person_id | activity_type       | event_count
        ann       | ed_attendance       | 3
        bob       | emergency_admission | 2
        bob       | day_case            | 9
        =>
        pcn_code | measure             | category           | numerator_count | denominator_count
        U1       | age_band            | 65-74              | 1               | 1
        U1       | lifecourse_segment  | PI                 | 1               | 1
        U1       | need_segment        | complex            | 1               | 1
        U1       | imd_quintile        | 1                  | 1               | 1
        U1       | condition           | copd               | 1               | 1
        U1       | ed_attendance       | all                | 3               | 1
        none     | age_band            | 65-74              | 1               | 1
        none     | lifecourse_segment  | PI                 | 1               | 1
        none     | need_segment        | healthy_unverified | 1               | 1
        none     | imd_quintile        | unknown            | 1               | 1
        none     | emergency_admission | all                | 2               | 1
        all      | age_band            | 65-74              | 2               | 2
        all      | lifecourse_segment  | PI                 | 2               | 2
        all      | need_segment        | complex            | 1               | 2
        all      | need_segment        | healthy_unverified | 1               | 2
        all      | imd_quintile        | 1                  | 1               | 2
        all      | imd_quintile        | unknown            | 1               | 2
        all      | condition           | copd               | 1               | 1
        all      | ed_attendance       | all                | 3               | 2
        all      | emergency_admission | all                | 2               | 2
        """,
    )
