"""What `mart.household_determinants` counts of households and housing, worked out by hand."""

from __future__ import annotations


def test_households_and_housing(check):
    """Each of three households is counted once, by its reference person. Of bb no bedrooms are known; cc has just
    enough. dan lives at no known home, eve out of the borough, fay has died. ann's lodging ends tomorrow, bob's today,
    dan's has not begun; gus is in two lists of one stay."""
    check(
        "person.household_measures",
        """
        person.homes
        ralf | person_id | composition             | child_count | is_living_alone_65plus | has_low_income | bedroom_count | bedroom_need_count
        aa   | ann                 | one_adult_with_children | 2           | false                  | true           | 1             | 2
        bb   | bob                 | one_person_65plus       | 0           | true                   | false          |               | 1
        cc   | cat                 | three_ages              | 1           | false                  |                | 3             | 3

        person.demographics
        person_id | ralf | age_years | is_eligible | is_resident
        ann       | aa   | 30        | true        | true
        gus       | aa   | 17        | true        | true
        bob       | bb   | 80        | true        | true
        cat       | cc   | 40        | true        | true
        dan       |      | 18        | true        | true
        eve       | dd   | 18        | true        | false
        fay       | aa   | 70        | false       | true

        person.homelessness_profile
        person_id | duty_date
        dan       | 2025-05-01
        fay       | 2025-05-01
        eve       |

        person.records
        person_id | source       | record_id
        ann       | homelessness | h1
        bob       | homelessness | h2
        dan       | homelessness | h3
        gus       | homelessness | h4
        fay       | homelessness | h5

        pseudo.homelessness__placements
        record_id | row_id | placement_start_date | placement_end_date
        h1        | p1     | 2025-05-01           | 2026-02-01
        h2        | p2     | 2025-05-01           | 2026-01-31
        h3        | p3     | 2026-02-01           |
        h4        | p4     | 2025-05-01           |
        h4        | p5     | 2025-06-01           |
        h5        | p6     | 2025-05-01           |
        =>
        person_id | metric_id                           | numerator | denominator
        ann       | overcrowded_households              | 1         | 1
        cat       | overcrowded_households              | 0         | 1
        ann       | low_income_households               | 1         | 1
        bob       | low_income_households               | 0         | 1
        cat       | low_income_households               | 0         | 1
        ann       | households_with_children            | 1         | 1
        bob       | households_with_children            | 0         | 1
        cat       | households_with_children            | 1         | 1
        ann       | lone_adults_with_children           | 1         | 1
        bob       | lone_adults_with_children           | 0         | 1
        cat       | lone_adults_with_children           | 0         | 1
        ann       | living_alone_65_plus                | 0         | 1
        bob       | living_alone_65_plus                | 1         | 1
        cat       | living_alone_65_plus                | 0         | 1
        ann       | three_generations_together          | 0         | 1
        bob       | three_generations_together          | 0         | 1
        cat       | three_generations_together          | 1         | 1
        ann       | residents_of_known_homes            | 1         | 1
        gus       | residents_of_known_homes            | 1         | 1
        bob       | residents_of_known_homes            | 1         | 1
        cat       | residents_of_known_homes            | 1         | 1
        dan       | residents_of_known_homes            | 0         | 1
        dan       | people_owed_homelessness_duty       | 1         | 0
        ann       | people_in_temporary_accommodation   | 1         | 0
        gus       | people_in_temporary_accommodation   | 1         | 0
        gus       | children_in_temporary_accommodation | 1         | 0
        """,
    )
