"""Who is in whose care at the snapshot: mental health, community, maternity, children's and personalised care, homelessness, income."""

from __future__ import annotations


def test_a_referral_with_the_contacts_that_were_attended(check):
    check(
        "person.mental_health_referrals",
        """
        person.records
        person_id | source | record_id
        ann       | mhsds  | m1

        pseudo.mhsds__referrals
        record_id | row_id | referral_key | team_type_code | referral_date | rejection_date | discharge_date
        m1        | r1     | k1           | A06            | 2024-01-01    |                |
        m1        | r2     | k2           | F01            | 2025-01-01    |                | 2026-01-31
        m1        | r3     | k3           | A06            | 2025-01-01    | 2025-01-09     |
        m1        | r4     | k4           | Q99            | 2025-01-01    |                | 2026-02-01
        m1        | r5     | k5           | A06            | 2026-02-01    |                |

        pseudo.mhsds__contacts
        referral_key | contact_date | attendance_code
        k1           | 2025-02-01   | 5
        k1           | 2025-01-31   | 5
        k1           | 2025-06-01   | 6
        k1           | 2025-07-01   | 3
        k1           | 2026-02-01   | 5
        k4           | 2025-07-01   | 2
        =>
        person_id | referral_id | is_cpa_fallback | is_specialist | is_open | discharge_date | first_contact_date | last_contact_date | contact_count
        ann       | r1          | true            | true          | true    |                | 2025-01-31         | 2025-06-01        | 2
        ann       | r2          | false           | false         | false   | 2026-01-31     |                    |                   | 0
        ann       | r3          | true            | true          | false   |                |                    |                   | 0
        ann       | r4          | false           | true          | true    |                |                    |                   | 0
        """,
    )


def test_what_stands_of_mental_health_care(check):
    check(
        "person.mental_health_profile",
        """
        person.records
        person_id | source | record_id
        ann       | mhsds  | m1
        bob       | mhsds  | m2
        cat       | mhsds  | m3

        pseudo.mhsds__cpa
        record_id | cpa_start_date | cpa_end_date
        m1        | 2024-01-01     |
        m2        | 2024-01-01     | 2026-01-31
        m3        | 2026-02-01     |

        person.mental_health_referrals
        person_id | referral_id | referral_date | is_cpa_fallback | is_specialist | is_open | contact_count
        ann       | r1          | 2024-02-01    | true            | true          | true    | 2
        bob       | r2          | 2024-03-01    | true            | true          | true    | 1
        cat       | r3          | 2024-04-01    | true            | true          | false   | 9

        pseudo.mhsds__ward_stays
        record_id | spell_start_date | spell_end_date
        m1        | 2023-12-01       | 2024-02-01
        m2        | 2023-12-01       | 2024-01-31
        m3        | 2025-12-01       |

        pseudo.mhsds__detentions
        record_id | legal_status_code | detention_start_date
        m1        | 01                | 2025-12-01
        m2        | 02                | 2025-12-01
        m3        | 03                | 2025-01-31
        =>
        person_id | cpa_date   | community_team_date | specialist_team_date | ward_date  | detention_date | contact_count
        ann       | 2024-01-01 | 2024-02-01          | 2024-02-01           | 2024-02-01 |                | 2
        bob       |            |                     | 2024-03-01           |            | 2025-12-01     | 1
        cat       |            |                     |                      | 2026-01-31 |                | 9
        """,
    )


def test_on_whose_caseload_by_team(check):
    check(
        "person.community_profile",
        """
        person.records
        person_id | source | record_id
        ann       | csds   | c1
        kit       | csds   | c2
        bob       | csds   | c3

        pseudo.csds__referrals
        record_id | team_type                                      | referral_date | discharge_date
        c1        | palliative                                     | 2025-06-01    |
        c1        | District Nursing                               | 2025-05-01    | 2026-02-01
        c1        | Podiatry                                       | 2025-04-01    | 2026-01-31
        c2        | Children's community nursing (asthma & wheeze) | 2025-03-01    |
        c3        | Continence                                     | 2026-02-01    |
        =>
        person_id | palliative_service_date | childrens_nursing_date | district_nursing_date | other_team_date
        ann       | 2025-06-01              |                        | 2025-05-01            |
        kit       |                         | 2025-03-01             |                       |
        """,
    )


def test_a_pregnancy_is_counted_from_its_start_to_56_days_after_delivery(check):
    check(
        "person.maternity_profile",
        """
        person.records
        person_id | source | record_id
        ann       | msds   | m1
        bea       | msds   | m2
        cat       | msds   | m3
        dot       | msds   | m4
        eve       | msds   | m5
        fay       | msds   | m6
        gil       | msds   | m7

        pseudo.msds__babies
        pregnancy_key | gestation_days
        p2            | 270

        pseudo.msds__pregnancies
        record_id | row_id | pregnancy_key | booking_date | gestation_at_booking_days | expected_date | delivery_date | discharge_date
        m1        | a      | p1            | 2025-11-01   | 70                        | 2026-06-01    |               |
        m2        | b      | p2            | 2025-06-01   |                           |               | 2025-12-06    | 2025-12-20
        m3        | c      | p3            | 2025-06-01   |                           |               | 2025-12-05    |
        m4        | d      | p4            | 2025-11-01   | 70                        |               |               | 2025-12-01
        m5        | e      | p5            | 2025-06-01   | 70                        |               |               |
        m6        | f      | p6            | 2025-06-01   | 60                        |               |               |
        m7        | g      | p7            | 2026-02-01   | 60                        |               |               |
        =>
        person_id | maternity_date | pregnancy_start_date | delivery_date
        ann       | 2025-11-01     | 2025-08-25           |
        bea       | 2025-06-01     | 2025-03-11           | 2025-12-06
        fay       | 2025-06-01     | 2025-04-02           |
        """,
    )


def test_short_breaks_are_not_being_looked_after_and_disability_is_n2_or_recorded(check):
    check(
        "person.child_care_profile",
        """
        person.records
        person_id | source | record_id
        ann       | csc    | c1
        bob       | csc    | c2
        cat       | csc    | c3
        dan       | csc    | c4

        pseudo.csc__children
        record_id | disability_codes
        c1        | NONE
        c2        | AUT;LD
        c3        |

        pseudo.csc__looked_after
        record_id | episode_start_date | episode_end_date | legal_status_code
        c1        | 2025-01-01         |                  | C2
        c2        | 2025-01-01         |                  | V4
        c3        | 2024-01-01         | 2026-01-31       | E1

        pseudo.csc__protection_plans
        record_id | plan_start_date | plan_end_date
        c1        | 2025-02-01      | 2025-03-01
        c3        | 2025-02-01      |

        pseudo.csc__children_in_need
        record_id | referral_date | closure_date | primary_need_code | is_no_further_action
        c1        | 2025-04-01    |              | N1                | false
        c2        | 2025-05-01    |              | N4                |
        c3        | 2025-06-01    |              | N2                | true
        c4        | 2025-07-01    | 2026-02-01   | N2                | false

        pseudo.csc__early_help
        record_id | start_date | end_date
        c4        | 2025-01-01 |
        =>
        person_id | looked_after_date | protection_plan_date | need_date  | disability_need_date | early_help_date
        ann       | 2025-01-01        |                      | 2025-04-01 |                      |
        bob       |                   |                      | 2025-05-01 | 2025-05-01           |
        cat       |                   | 2025-02-01           |            |                      |
        dan       |                   |                      | 2025-07-01 | 2025-07-01           | 2025-01-01
        """,
    )


def test_homeless_is_owed_relief_or_the_main_duty_or_sleeping_rough(check):
    check(
        "person.homelessness_profile",
        """
        person.records
        person_id | source       | record_id
        ann       | homelessness | h1
        bob       | homelessness | h2
        cat       | homelessness | h3
        dan       | homelessness | h4
        eve       | homelessness | h5

        pseudo.homelessness__people
        record_id | application_date | assessment_date | duty       | duty_end_date | accommodation  | support_needs
        h1        | 2025-06-01       | 2025-06-09      | main       |               | no fixed abode | drug dependency;other
        h2        | 2025-06-01       | 2025-06-09      | prevention |               | living with family | mental health problem
        h3        | 2025-06-01       |                 | prevention | 2026-02-01    | rough sleeping | old age
        h4        | 2025-06-01       | 2025-06-09      | relief     | 2026-01-31    | rough sleeping | other
        h5        | 2025-06-01       | 2025-06-09      | none       |               | rough sleeping | other
        =>
        person_id | duty_date  | homeless_date | support_need_date | rough_sleeping_date
        ann       | 2025-06-09 | 2025-06-09    | 2025-06-09        |
        bob       | 2025-06-09 |               |                   |
        cat       | 2025-06-01 | 2025-06-01    |                   | 2025-06-01
        """,
    )


def test_budgets_that_are_open_and_what_the_year_gave(check):
    check(
        "person.personalised_profile",
        """
        person.records
        person_id | source            | record_id
        ann       | personalised_care | p1
        bob       | personalised_care | p2

        pseudo.personalised_care__products
        record_id | row_id | product                     | cohort    | start_date | end_date   | activation_score
        p1        | a      | PHB notional                | CHC adult | 2023-01-01 |            |
        p1        | b      | direct payment ASC          |           | 2023-01-01 | 2026-01-31 |
        p1        | c      | PAM                         |           | 2024-06-01 |            | 40.0
        p1        | d      | PAM                         |           | 2025-06-01 |            | 56.3
        p2        | e      | social prescribing referral |           | 2025-02-01 |            |
        p2        | f      | PCSP                        |           | 2025-01-31 |            |
        =>
        person_id | health_budget_date | continuing_care_date | direct_payment_date | social_prescribing_date | plan_date | activation_score
        ann       | 2023-01-01         | 2023-01-01           |                     |                         |           | 56.3
        bob       |                    |                      |                     | 2025-02-01              |           |
        """,
    )


def test_a_low_income_is_known_by_what_is_paid_not_by_how_much(check):
    check(
        "person.income_profile",
        """
        person.records
        person_id | source   | record_id
        ann       | benefits | b1
        bob       | benefits | b2
        cat       | benefits | b3

        pseudo.benefits__claimants
        record_id | claim_start_date | has_housing_benefit | has_council_tax_reduction | has_free_school_meals
        b1        | 2020-01-01       | false               | true                      |
        b2        | 2020-01-01       | false               |                           | false
        b3        | 2026-02-01       | true                | true                      | true
        =>
        person_id | has_low_income
        ann       | true
        bob       | false
        """,
    )
