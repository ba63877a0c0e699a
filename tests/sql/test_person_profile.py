"""What rules may ask: true, false, or null where it cannot be known."""

from __future__ import annotations


def test_health_profile_has_only_what_stands_and_counts(check):
    check(
        "person.health_profile",
        """
        person.records
        person_id | source | record_id
        ann       | gp     | g1
        ann       | gp     | g2
        bob       | gp     | g3
        cat       | asc    | c1

        pseudo.gp__registrations
        record_id | registered_date | is_carer | is_care_home_resident
        g1        | 2015-01-01      | true     |
        g2        | 2020-01-01      | false    | true
        g3        | 2020-01-01      |          |

        person.conditions
        person_id | condition        | first_date | latest_date | is_active | is_long_term
        ann       | dementia         | 2020-01-01 | 2024-01-01  | true      | true
        ann       | diabetes         | 2021-01-01 | 2021-01-01  | true      | true
        ann       | depression       | 2022-01-01 | 2022-01-01  | false     | false
        ann       | hypertension     | 2019-01-01 | 2019-01-01  | false     | false
        ann       | cancer           | 2010-01-01 | 2010-01-01  | true      | false
        ann       | palliative_care  | 2024-01-01 | 2025-01-01  | true      | false
        =>
        person_id | ltc_count | cms_partial_score | hypertension_date | ltc_date   | dementia_date | palliative_care_date | cancer_date | carer_date | care_home_date
        ann       | 2         | 3.25              |                   | 2021-01-01 | 2020-01-01    | 2025-01-01           |             | 2015-01-01 | 2020-01-01
        bob       | 0         | 0.00              |                   |            |               |                      |             |            |
        """,
    )


def test_service_profile_counts_the_year_and_what_is_open(check):
    check(
        "person.service_profile",
        """
        person.demographics
        person_id
        ann
        bob

        person.records
        person_id | source | record_id
        ann       | asc    | c1

        person.spells
        person_id | admission_kind      | admission_date | primary_diagnosis_code | main_operation_code
        ann       | emergency_admission | 2025-02-01     | J440                   |
        ann       | emergency_admission | 2025-03-01     | S720                   |
        ann       | emergency_admission | 2025-01-31     | J440                   |
        ann       | day_case            | 2025-04-01     | C509                   | X723
        ann       | day_case            | 2025-05-01     | Z080                   |

        person.care_episodes
        person_id | care_type             | activity_type  | start_date | end_date   | is_open
        ann       | long_term_residential | long_term_care | 2020-01-01 |            | true
        ann       | long_term_community   | long_term_care | 2021-01-01 | 2025-06-01 | false
        ann       | carer_direct          | carer_support  | 2025-01-01 | 2025-02-01 | false

        pseudo.asc__events
        record_id | primary_support_reason       | event_start_date
        c1        | Learning disability support  | 2024-01-01
        c1        | Physical Support: Access & mobility only | 2025-01-01
        =>
        person_id | emergency_admission_count | emergency_admission_date | copd_admission_count | cancer_treatment_date | long_term_care_date | care_home_date | carer_support_date | learning_disability_support_date
        ann       | 2                         | 2025-03-01               | 1                    | 2025-04-01            | 2020-01-01          | 2020-01-01     | 2025-01-01         | 2024-01-01
        bob       | 0                         |                          | 0                    |                       |                     |                |                    |
        """,
    )


def test_a_plan_is_in_force_until_it_has_ceased(check):
    check(
        "person.school_profile",
        """
        person.records
        person_id | source    | record_id
        ann       | education | p1
        bob       | education | p2
        cat       | education | p3
        dan       | education | p4
        eve       | education | p5
        fay       | education | p6
        gil       | education | p7

        pseudo.education__ehc_plans
        record_id | plan_start_date | plan_end_date
        p3        | 2026-02-01      |
        p5        | 2023-05-04      |
        p6        | 2023-05-04      | 2026-01-31
        p7        |                 |

        pseudo.education__pupils
        record_id | sen_provision | ehcp_start_date | ehcp_end_date | is_fsm_eligible
        p1        | E             | 2020-01-01      |               | true
        p2        | N             | 2020-01-01      | 2026-01-31    | false
        p3        | K             |                 |               |
        p4        | N             | 2026-01-31      |               | false
        =>
        person_id | has_ehcp | ehcp_date  | has_sen_support | is_fsm_eligible
        ann       | true     | 2020-01-01 | false           | true
        bob       | false    |            | false           | false
        cat       | false    |            | true            | false
        dan       | true     | 2026-01-31 | false           | false
        eve       | true     | 2023-05-04 | false           | false
        """,
    )
