"""Mental health: need and contact of each person, and what is made of them, worked out by hand."""

from __future__ import annotations


def test_what_each_person_adds(check):
    """A woman of 50 is expected to have 0.241 of a common mental disorder; each patient 0.0093 of serious mental illness.
    bob is 17: his contacts are nobody's here. cat is on no list: she is expected nothing of, and can be detained."""
    check(
        "person.mental_health_measures",
        """
        person.demographics
        person_id | age_years | sex    | is_eligible
        ann       | 50        | female | true
        bob       | 17        | male   | true
        cat       | 30        | female | true
        dan       | 30        | male   | false

        person.registrations
        person_id
        ann
        bob
        dan

        person.conditions
        person_id | condition              | is_active
        ann       | depression             | true
        ann       | serious_mental_illness | true
        ann       | dementia               | true
        cat       | depression             | false

        person.contacts
        person_id | activity_type             | contact_count
        ann       | talking_therapies_contact | 2
        bob       | mental_health_contact     | 2
        cat       | mental_health_contact     | 1

        person.mental_health_profile
        person_id | cpa_date   | specialist_team_date | detention_date
        ann       | 2025-01-01 | 2025-02-01           |
        cat       |            | 2025-02-01           | 2025-06-01

        person.mental_health_referrals
        person_id | referral_date | team_group
        cat       | 2025-03-01    | crisis
        cat       | 2025-03-02    | community
        ann       | 2025-03-02    | community
        ann       | 2025-01-31    | crisis

        reference.expected_prevalence
        condition              | sex    | age_from_years | age_to_years | prevalence_pct
        common_mental_disorder | female | 45             | 54           | 24.1

        reference.qof_prevalence
        condition              | england_pct
        serious_mental_illness | 0.93
        =>
        person_id | measure                | numerator | denominator
        ann       | seen_of_recorded       | 1.000     | 1.000
        cat       | seen_of_recorded       | 1.000     | 0.000
        ann       | treated                | 1.000     | 1.000
        ann       | detained               | 0.000     | 1.000
        cat       | detained               | 1.000     | 1.000
        ann       | on_cpa                 | 1.000     | 1.000
        cat       | on_cpa                 | 0.000     | 1.000
        ann       | crisis_route           | 0.000     | 1.000
        cat       | crisis_route           | 1.000     | 1.000
        ann       | depression             | 1.000     | 0.241
        ann       | serious_mental_illness | 1.000     | 0.009
        bob       | serious_mental_illness | 0.000     | 0.009
        """,
    )


def test_by_place_and_group_beside_white_british_people(check):
    """The contacts' feed is missing: what rests on it is not available, and not nought."""
    check(
        "mart.mental_health",
        """
        person.demographics
        person_id | locality | ethnicity_group | is_eligible
        ann       | NE       | White British   | true
        bob       | NE       | Black           | true

        person.mental_health_measures
        person_id | measure          | numerator | denominator
        ann       | detained         | 0         | 1
        bob       | detained         | 1         | 1
        ann       | seen_of_recorded | 1         | 1
        ann       | depression       | 1         | 0.6

        reference.received_feeds
        feed               | is_stale
        mhsds__detentions  | false
        gp__registrations  | false
        gp__conditions     | false
        mhsds__contacts    | true
        =>
        measure                | dimension       | dimension_value | ci_method | numerator_count | denominator_count | white_british_numerator_count | white_british_denominator_count
        detained               | all             | all             | wilson    | 1               | 2                 |                               |
        detained               | locality        | NE              | wilson    | 1               | 2                 |                               |
        detained               | ethnicity_group | White British   | wilson    | 0               | 1                 | 0                             | 1
        detained               | ethnicity_group | Black           | wilson    | 1               | 1                 | 0                             | 1
        depression             | all             | all             | none      | 1               | 1                 |                               |
        depression             | locality        | NE              | none      | 1               | 1                 |                               |
        depression             | ethnicity_group | White British   | none      | 1               | 1                 | 1                             | 1
        depression             | ethnicity_group | Black           | none      | 0               | 0                 | 1                             | 1
        dementia               | all             | all             | none      | 0               | 0                 |                               |
        dementia               | locality        | NE              | none      | 0               | 0                 |                               |
        dementia               | ethnicity_group | White British   | none      | 0               | 0                 | 0                             | 0
        dementia               | ethnicity_group | Black           | none      | 0               | 0                 | 0                             | 0
        serious_mental_illness | all             | all             | none      | 0               | 0                 |                               |
        serious_mental_illness | locality        | NE              | none      | 0               | 0                 |                               |
        serious_mental_illness | ethnicity_group | White British   | none      | 0               | 0                 | 0                             | 0
        serious_mental_illness | ethnicity_group | Black           | none      | 0               | 0                 | 0                             | 0
        """
        + "".join(
            f"""
        {measure:<22} | {dimension:<15} | {value:<15} | {method:<9} |                 |                   |                               |
"""
            for measure, method in (
                ("seen_of_recorded", "none"),
                ("treated", "wilson"),
                ("on_cpa", "wilson"),
                ("crisis_route", "wilson"),
            )
            for dimension, value in (
                ("all", "all"),
                ("locality", "NE"),
                ("ethnicity_group", "White British"),
                ("ethnicity_group", "Black"),
            )
        ),
    )


def test_whose_deaths_are_pooled(check):
    """dan died just over, eve just under five years ago; fay was 75; gil has no GP record. ida is 74, jon 18,
    kim 17, lea 34."""
    check(
        "person.mortality",
        """
        person.demographics
        person_id | birth_month | death_date | population_basis | has_health_record
        ann       | 1990-01-01  |            | both             | true
        bob       | 1952-02-01  |            | both             | true
        dan       | 1980-01-01  | 2021-01-31 | resident         | true
        eve       | 1980-01-01  | 2021-02-01 | resident         | true
        fay       | 1950-01-01  | 2025-01-31 | resident         | true
        gil       | 1980-01-01  | 2025-01-31 | resident         | false
        hal       | 1980-01-01  | 2025-01-31 | neither          | true
        ida       | 1951-02-01  |            | both             | true
        jon       | 2008-01-01  |            | both             | true
        kim       | 2008-02-01  |            | both             | true
        lea       | 1991-02-01  |            | both             | true

        person.conditions
        person_id | condition
        eve       | serious_mental_illness
        ann       | depression
        =>
        person_id | age_group | has_serious_mental_illness | has_died
        ann       | 35-44     | false                      | false
        bob       | 65-74     | false                      | false
        eve       | 35-44     | true                       | true
        ida       | 65-74     | false                      | false
        jon       | 18-34     | false                      | false
        lea       | 18-34     | false                      | false
        """,
    )


def _people(smi_deaths: int) -> str:
    rows = [f"d{i} | 35-44 | true | true" for i in range(smi_deaths)]
    rows += [f"o{i} | 65-74 | false | true" for i in range(60)] + ["z | 18-34 | true | false"]
    return "person.mortality\nperson_id | age_group | has_serious_mental_illness | has_died\n" + "\n".join(rows)


def test_sixty_deaths_are_enough(check):
    check(
        "mart.smi_mortality",
        f"""
        {_people(60)}
        =>
        patient_group          | withheld_reason | death_count | person_count
        serious_mental_illness |                 | 60          | 61
        others                 |                 | 60          | 60
        """,
    )


def test_fewer_than_sixty_deaths_say_nothing_of_either_group(check):
    check(
        "mart.smi_mortality",
        f"""
        {_people(59)}
        =>
        patient_group          | withheld_reason                                          | death_count | person_count
        serious_mental_illness | fewer than 60 deaths in five years in one of the groups |             |
        others                 | fewer than 60 deaths in five years in one of the groups |             |
        """,
    )
