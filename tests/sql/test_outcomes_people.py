"""What the outcomes framework counts of practice records, children, mental health and air, worked out by hand."""

from __future__ import annotations


def test_when_the_practice_last_did_it(check):
    """A check of 13 months ago is not of the year; smoking in any wording is one check; a second dose at 5 and a half
    is too late to count by the fifth birthday."""
    check(
        "person.practice_checks",
        """
        person.demographics
        person_id | birth_month | is_eligible
        ann       | 1950-01-01  | true
        kit       | 2020-11-01  | true
        lou       | 2020-11-01  | true
        old       | 1950-01-01  | false

        person.registrations
        person_id
        ann
        kit
        lou
        old

        person.records
        source | record_id | person_id
        gp     | ra        | ann
        gp     | rk        | kit
        gp     | rl        | lou

        pseudo.gp__conditions
        record_id | row_id | cluster_id    | event_date | value
        ra        | 1      | BMIVAL_COD    | 2025-02-01 | 27
        ra        | 2      | BP_COD        | 2024-12-31 | 130
        ra        | 3      | LSMOK_COD     | 2025-03-01 |
        ra        | 4      | EXSMOK_COD    | 2025-09-01 |
        ra        | 5      | PAM_COD       | 2024-05-01 | 60
        ra        | 6      | PAM_COD       | 2025-05-01 | 50
        ra        | 7      | NHSHCINV_COD  | 2023-05-01 |
        ra        | 8      | NHSHCDONE_COD | 2021-05-01 |
        ra        | 9      | LARCINJ_COD   | 2025-05-01 |
        ra        | 10     | BP_COD        | 2026-02-01 | 130
        rk        | 11     | MMR2_COD      | 2025-11-20 |
        rl        | 12     | MMR2_COD      | 2025-12-01 |
        =>
        person_id | physical_check_count | health_check_offered_date | health_check_date | contraception_date | activation_score | second_mmr_date
        ann       | 2                    | 2023-05-01                | 2021-05-01        |                    | 50.000           |
        kit       | 0                    |                           |                   |                    |                  | 2025-11-20
        lou       | 0                    |                           |                   |                    |                  |
        """,
    )


def test_practice_metrics(check):
    """Expected numbers are of a survey's rates: a woman of 50 adds 0.241 of a common mental disorder, one of 70 adds
    0.126 and, of dementia, 0.025. ann has all six checks, bob five; cat was offered an NHS Health Check 61 months ago."""
    check(
        "person.outcomes_practice",
        """
        person.demographics
        person_id | sex    | age_years
        ann       | female | 50
        bob       | male   | 30
        cat       | female | 70
        dot       | female | 44
        kit       | male   | 5

        person.practice_checks
        person_id | physical_check_count | health_check_offered_date | health_check_date | contraception_date | social_prescribing_date | activation_score | second_mmr_date | learning_disability_check_date
        ann       | 6                    | 2024-01-01                | 2024-01-01        |                    | 2024-12-01              | 55.2             |                 |
        bob       | 5                    |                           |                   |                    | 2025-02-01              |                  |                 | 2025-02-01
        cat       | 0                    | 2020-12-31                |                   |                    |                         |                  |                 |
        dot       | 0                    | 2025-01-01                | 2020-12-31        | 2025-02-01         |                         | 55.1             |                 |
        kit       | 0                    |                           |                   |                    |                         |                  |                 |

        person.conditions
        person_id | condition              | is_active
        ann       | serious_mental_illness | true
        bob       | serious_mental_illness | true
        bob       | learning_disability    | true
        ann       | depression             | true
        bob       | depression             | false
        cat       | dementia               | true
        ann       | dementia               | true

        person.personalised_profile
        person_id | social_prescribing_date | activation_score
        cat       | 2025-05-01              | 80
        dot       |                         | 90

        reference.expected_prevalence
        condition              | sex    | age_from_years | age_to_years | prevalence_pct
        common_mental_disorder | female | 45             | 54           | 24.1
        common_mental_disorder | female | 65             | 74           | 12.6
        dementia               | female | 70             | 74           | 2.5
        =>
        person_id | metric_id                   | numerator | denominator
        ann       | depression_recorded_share   | 1.000     | 0.241
        cat       | depression_recorded_share   | 0.000     | 0.126
        cat       | dementia_diagnosis          | 1.000     | 0.025
        ann       | smi_physical_check          | 1.000     | 1.000
        bob       | smi_physical_check          | 0.000     | 1.000
        bob       | ld_health_check             | 1.000     | 1.000
        ann       | nhs_health_checks           | 1.000     | 1.000
        dot       | nhs_health_checks           | 0.000     | 1.000
        dot       | larc_per_1000               | 1.000     | 0.000
        kit       | mmr2_by_5                   | 0.000     | 1.000
        bob       | social_prescribing_per_1000 | 1.000     | 0.000
        cat       | social_prescribing_per_1000 | 1.000     | 0.000
        ann       | patient_activation_3_4      | 1.000     | 1.000
        cat       | patient_activation_3_4      | 1.000     | 1.000
        dot       | patient_activation_3_4      | 0.000     | 1.000
        """,
    )


def test_childrens_metrics(check):
    """140 days are twenty weeks; the 85th centile is excess weight; a z score of 6 is a mistake; 2,499 g is low; a
    booking at 70 days is by ten weeks; the latest feeding recorded counts."""
    check(
        "person.outcomes_children",
        """
        person.records
        source    | record_id | person_id
        ncmp      | n1        | ann
        ncmp      | n2        | bob
        ncmp      | n3        | cat
        education | e1        | ann
        education | e2        | bob
        education | e3        | cat
        csds      | c1        | kit
        births    | b1        | kit
        births    | b2        | lou
        births    | b3        | max
        msds      | m1        | mum
        msds      | m2        | mia

        pseudo.ncmp__measurements
        record_id | year_group | measurement_date | bmi_centile_pct | bmi_z_score
        n1        | 6          | 2025-03-01       | 85              | 1.1
        n2        | R          | 2025-03-01       | 95              | 1.7
        n3        | 6          | 2025-03-01       | 99.9            | 6.0

        pseudo.education__ehc_plans
        record_id | request_date | plan_start_date | has_time_limit_exception
        e1        | 2025-03-01   | 2025-07-19      | false
        e2        | 2025-03-01   | 2025-07-20      |
        e3        | 2025-03-01   | 2025-12-20      | true

        pseudo.csds__contacts
        record_id | row_id | contact_date | breastfeeding_code
        c1        | 1      | 2025-05-01   | 03
        c1        | 2      | 2025-05-09   | 02
        c1        | 3      | 2025-06-09   |

        pseudo.births__registrations
        record_id | registration_date | gestation_weeks | birth_weight_grams
        b1        | 2025-04-01        | 37              | 2499
        b2        | 2025-04-01        | 40              | 2500
        b3        | 2025-04-01        | 36              | 2000

        pseudo.msds__pregnancies
        record_id | booking_date | gestation_at_booking_days
        m1        | 2025-04-01   | 70
        m2        | 2025-04-01   | 71

        person.child_care_profile
        person_id | looked_after_date
        cat       | 2024-01-01
        bob       |

        person.income_profile
        person_id | has_low_income
        ann       | true
        bob       | false
        mum       | true

        person.demographics
        person_id | age_years
        ann       | 11
        bob       | 5
        mum       | 30
        =>
        person_id | metric_id              | numerator | denominator
        ann       | excess_weight_year_6   | 1.000     | 1.000
        ann       | obesity_year_6         | 0.000     | 1.000
        bob       | obesity_reception      | 1.000     | 1.000
        ann       | ehcp_within_20_weeks   | 1.000     | 1.000
        bob       | ehcp_within_20_weeks   | 0.000     | 1.000
        kit       | breastfed_6_to_8_weeks | 1.000     | 1.000
        kit       | low_birth_weight_term  | 1.000     | 1.000
        lou       | low_birth_weight_term  | 0.000     | 1.000
        mum       | booked_within_10_weeks | 1.000     | 1.000
        mia       | booked_within_10_weeks | 0.000     | 1.000
        cat       | looked_after_children  | 1.000     | 0.000
        ann       | low_income_children    | 1.000     | 0.000
        """,
    )


def test_metrics_of_mental_health_and_deaths(check):
    check(
        "person.outcomes_services",
        """
        person.demographics
        person_id | age_years
        ann       | 40
        bob       | 17
        cat       | 40
        dan       | 70

        person.records
        source            | record_id | person_id
        talking_therapies | t1        | ann
        talking_therapies | t2        | cat
        mhsds             | m1        | ann
        mhsds             | m2        | dan
        deaths            | d1        | dan

        person.contacts
        person_id | activity_type             | contact_count
        ann       | mental_health_contact     | 3
        ann       | talking_therapies_contact | 1
        bob       | mental_health_contact     | 1
        dan       | community_contact         | 9

        person.conditions
        person_id | condition  | is_active
        ann       | depression | true
        cat       | depression | true
        dan       | depression | false

        pseudo.talking_therapies__referrals
        record_id | discharge_date | has_completed_treatment | is_not_caseness | has_recovered
        t1        | 2025-09-01     | true                    | false           | true
        t2        | 2025-09-01     | true                    | true            | false
        t2        | 2025-10-01     | true                    |                 | false
        t2        | 2025-11-01     | false                   | false           | false

        pseudo.mhsds__people
        record_id | employment_status_code
        m1        | 01
        m2        | 08

        person.mental_health_profile
        person_id | specialist_team_date
        ann       | 2025-05-01
        dan       | 2025-05-01

        pseudo.deaths__registrations
        record_id | registration_date | death_place_type
        d1        | 2025-12-01        | care home
        =>
        person_id | metric_id                    | numerator | denominator
        ann       | mental_health_access         | 1.000     | 1.000
        cat       | mental_health_access         | 0.000     | 1.000
        ann       | talking_therapies_recovery   | 1.000     | 1.000
        cat       | talking_therapies_recovery   | 0.000     | 1.000
        ann       | paid_employment_mental_health | 1.000    | 1.000
        dan       | deaths_at_usual_residence    | 1.000     | 1.000
        """,
    )


def test_air_is_that_of_todays_areas_in_their_latest_year(check):
    """E01004197 is of 2011 only: nobody lives there; bob's area has an older year and a row of 2011 under its code."""
    check(
        "person.outcomes_place",
        """
        person.demographics
        person_id | lsoa21    | is_resident | is_eligible
        ann       | E01004198 | true        | true
        bob       | E01004199 | true        | true
        cat       | E01004199 | false       | true
        dan       |           | true        | true

        pseudo.area__context
        lsoa_code | lsoa_vintage | year | pm25_ugm3 | no2_ugm3
        E01004198 | 2021         | 2024 | 5.00      | 20
        E01004199 | 2021         | 2023 | 9.00      | 30
        E01004199 | 2021         | 2024 | 7.50      | 25
        E01004199 | 2011         | 2025 | 99.00     | 99
        E01004197 | 2011         | 2024 | 50.00     | 50
        =>
        person_id | metric_id                | numerator | denominator
        ann       | pm25_population_weighted | 5.000     | 1.000
        ann       | no2_population_weighted  | 20.000    | 1.000
        ann       | pm25_above_who_guideline | 0.000     | 1.000
        bob       | pm25_population_weighted | 7.500     | 1.000
        bob       | no2_population_weighted  | 25.000    | 1.000
        bob       | pm25_above_who_guideline | 1.000     | 1.000
        """,
    )
