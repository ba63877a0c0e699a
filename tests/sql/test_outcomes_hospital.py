"""What the outcomes framework counts of hospital care and of social care, worked out by hand."""

from __future__ import annotations


def test_admissions_are_grouped_by_their_diagnoses_and_the_age_at_admission(check):
    """ann's fall needs injury first and fall anywhere; cat is too young for an avoidable admission, dan for a fall;
    eve's self-harm stands second; fay's asthma stands second and is not counted; gil was admitted too long ago."""
    check(
        "person.admission_groups",
        """
        person.records
        source | record_id | person_id
        apc    | ra        | ann
        apc    | rb        | bob
        apc    | rc        | cat
        apc    | rd        | dan
        apc    | re        | eve
        apc    | rf        | fay
        apc    | rg        | gil

        person.spells
        person_id | spell_key | admission_kind      | admission_date | primary_diagnosis_code
        ann       | s1        | emergency_admission | 2025-11-03     | S720
        bob       | s2        | emergency_admission | 2025-12-01     | J441
        cat       | s3        | emergency_admission | 2025-12-01     | J459
        dan       | s4        | emergency_admission | 2025-12-01     | S720
        eve       | s5        | emergency_admission | 2026-01-02     | T391
        fay       | s6        | emergency_admission | 2026-01-02     | J22
        gil       | s7        | emergency_admission | 2024-12-31     | J441
        bob       | s8        | elective_admission  | 2025-12-09     | J441

        pseudo.apc__episodes
        record_id | spell_key | admission_date | admission_age_years | diagnosis_01_code | diagnosis_02_code | diagnosis_20_code
        ra        | s1        | 2025-11-03     | 66                  | S720              |                   | W190
        ra        | s1        | 2025-11-03     | 66                  | I10               |                   |
        rb        | s2        | 2025-12-01     | 50                  | J441              | I10               |
        rc        | s3        | 2025-12-01     | 18                  | J459              |                   |
        rd        | s4        | 2025-12-01     | 64                  | S720              | W190              |
        re        | s5        | 2026-01-02     | 30                  | T391              | X60               |
        rf        | s6        | 2026-01-02     | 8                   | J22               | J459              |
        rg        | s7        | 2024-12-31     | 50                  | J441              |                   |
        rb        | s8        | 2025-12-09     | 50                  | J441              |                   |
        =>
        person_id | spell_key | diagnosis_group
        ann       | s1        | falls
        bob       | s2        | avoidable
        cat       | s3        | asthma_wheeze
        eve       | s5        | self_harm
        """,
    )


def test_hospital_metrics(check):
    """ann: home on the 5th, back as an emergency on the 30th day: a readmission; her second stay is too recent to be
    followed for 30 days. bob: back on the 31st day; one of his stays ends in another hospital. cat died. dan is 17."""
    check(
        "person.outcomes_hospital",
        """
        person.demographics
        person_id | birth_month
        ann       | 1950-01-01
        bob       | 1960-01-01
        cat       | 1960-01-01
        dan       | 2008-01-01

        person.spells
        person_id | spell_key | admission_kind      | admission_date | discharge_date | discharge_method_code | discharge_destination_code
        ann       | s1        | elective_admission  | 2025-12-01     | 2025-12-05     | 1                     | 19
        ann       | s2        | emergency_admission | 2026-01-04     | 2026-01-08     | 1                     | 54
        bob       | s3        | emergency_admission | 2025-10-01     | 2025-10-05     | 1                     | 19
        bob       | s4        | emergency_admission | 2025-11-05     | 2025-11-06     | 1                     | 51
        cat       | s5        | emergency_admission | 2025-11-05     | 2025-11-06     | 4                     | 79
        dan       | s6        | emergency_admission | 2025-11-05     | 2025-11-06     | 1                     | 19
        bob       | s7        | day_case            | 2025-11-20     | 2025-11-20     | 1                     | 19

        person.admission_groups
        person_id | spell_key | diagnosis_group
        ann       | s2        | falls
        bob       | s3        | avoidable
        bob       | s4        | avoidable
        dan       | s6        | dental_caries

        person.attendances
        person_id | arrival_date | is_unplanned | is_over_4_hours
        ann       | 2025-06-01   | true         | true
        ann       | 2025-06-02   | true         | false
        ann       | 2025-06-03   | true         |
        ann       | 2025-06-04   | false        | false
        ann       | 2025-01-31   | true         | false

        person.outpatients
        person_id | appointment_date | is_missed | is_attended
        bob       | 2025-06-01       | true      | false
        bob       | 2025-06-02       | false     | true
        bob       | 2025-06-03       | false     | true
        bob       | 2025-06-04       | false     | false
        =>
        person_id | metric_id               | numerator | denominator
        ann       | falls_admissions_65     | 1.000     | 0.000
        ann       | non_elective_admissions | 1.000     | 0.000
        ann       | discharge_usual_place   | 1.000     | 2.000
        ann       | readmissions_30_days    | 1.000     | 1.000
        ann       | ed_within_4_hours       | 1.000     | 2.000
        bob       | avoidable_admissions    | 2.000     | 0.000
        bob       | non_elective_admissions | 2.000     | 0.000
        bob       | discharge_usual_place   | 1.000     | 1.000
        bob       | readmissions_30_days    | 0.000     | 1.000
        bob       | outpatient_dna          | 1.000     | 3.000
        cat       | non_elective_admissions | 1.000     | 0.000
        dan       | non_elective_admissions | 1.000     | 0.000
        dan       | readmissions_30_days    | 0.000     | 1.000
        """,
    )


def test_care_metrics(check):
    """ann: new in residential care at 75. bob moved from residential to nursing care, cat came back within a year,
    dan is 60: none is a new permanent admission. eve pays for her care herself, fay had short-term help only."""
    check(
        "person.outcomes_care",
        """
        person.demographics
        person_id | birth_month | age_years
        ann       | 1950-01-01  | 76
        bob       | 1950-01-01  | 76
        cat       | 1940-01-01  | 86
        dan       | 1965-01-01  | 61
        eve       | 1980-01-01  | 46
        fay       | 1980-01-01  | 46
        gil       | 1990-01-01  | 36

        person.care_episodes
        person_id | care_type             | activity_type   | start_date | end_date   | is_open | is_direct_payment
        ann       | long_term_residential | long_term_care  | 2025-10-01 |            | true    | false
        bob       | long_term_residential | long_term_care  | 2024-01-01 | 2025-05-01 | false   | false
        bob       | long_term_nursing     | long_term_care  | 2025-05-01 |            | true    | false
        cat       | long_term_nursing     | long_term_care  | 2024-01-01 | 2024-08-01 | false   | false
        cat       | long_term_nursing     | long_term_care  | 2025-07-01 |            | true    | false
        dan       | long_term_nursing     | long_term_care  | 2025-07-01 |            | true    | false
        eve       | long_term_community   | long_term_care  | 2023-07-01 |            | true    | true
        fay       | reablement            | reablement      | 2025-07-01 | 2025-08-01 | false   | false
        gil       | long_term_community   | long_term_care  | 2023-07-01 |            | true    | false

        person.personalised_profile
        person_id | health_budget_date
        eve       | 2025-01-01
        fay       |

        person.service_profile
        person_id | learning_disability_support_date | long_term_care_date
        gil       | 2025-03-01                       | 2023-07-01
        eve       | 2025-03-01                       | 2023-07-01
        dan       |                                  | 2025-07-01

        person.records
        source | record_id | person_id
        asc    | rg        | gil
        asc    | re        | eve

        pseudo.asc__events
        record_id | row_id | event_start_date | accommodation_status
        rg        | 1      | 2024-03-01       | Night shelter / emergency hostel
        rg        | 2      | 2025-03-01       | Tenant - PRIVATE landlord
        rg        | 3      | 2025-06-01       | Unknown
        re        | 4      | 2026-02-01       | Tenant
        =>
        person_id | metric_id                   | numerator | denominator
        ann       | residential_admissions_65   | 1.000     | 0.000
        eve       | direct_payments             | 1.000     | 1.000
        gil       | direct_payments             | 0.000     | 1.000
        ann       | direct_payments_all_clients | 0.000     | 1.000
        bob       | direct_payments_all_clients | 0.000     | 1.000
        cat       | direct_payments_all_clients | 0.000     | 1.000
        dan       | direct_payments_all_clients | 0.000     | 1.000
        eve       | direct_payments_all_clients | 1.000     | 1.000
        fay       | direct_payments_all_clients | 0.000     | 1.000
        gil       | direct_payments_all_clients | 0.000     | 1.000
        eve       | phb_per_100000              | 1.000     | 0.000
        gil       | settled_accommodation       | 1.000     | 1.000
        eve       | settled_accommodation       | 0.000     | 1.000
        """,
    )


def test_ninety_one_days_after_hospital_and_reablement(check):
    """On the last day of January the autumn that can be followed is that of 2024. ann is at home; bob back in hospital
    on the day; cat in a care home; dan dead on the 91st day; eve was 64; fay's reablement began two days after; gil went
    to another hospital; hal's is intermediate care, and he died on the 92nd day; ivy came home in January 2025, and her
    last day in a nursing home was the 91st; jo came home too late to be followed."""
    check(
        "person.outcomes_reablement",
        """
        person.demographics
        person_id | birth_month | death_date
        ann       | 1950-01-01  |
        bob       | 1950-01-01  |
        cat       | 1950-01-01  |
        dan       | 1950-01-01  | 2025-01-31
        eve       | 1959-12-01  |
        fay       | 1950-01-01  |
        gil       | 1950-01-01  |
        hal       | 1950-01-01  | 2025-02-01
        ivy       | 1950-01-01  |
        jo        | 1950-01-01  |

        person.spells
        person_id | spell_key | admission_kind      | admission_date | discharge_date | discharge_method_code | discharge_destination_code
        ann       | a         | emergency_admission | 2024-09-01     | 2024-10-01     | 1                     | 19
        ann       | a2        | emergency_admission | 2024-12-01     | 2024-12-31     | 1                     | 54
        bob       | b         | emergency_admission | 2024-10-20     | 2024-11-01     | 1                     | 19
        bob       | b2        | emergency_admission | 2025-01-31     | 2025-02-05     | 1                     | 54
        cat       | c         | elective_admission  | 2024-10-20     | 2024-11-01     | 1                     | 19
        dan       | d         | emergency_admission | 2024-10-20     | 2024-11-01     | 1                     | 19
        eve       | e         | emergency_admission | 2024-10-20     | 2024-11-01     | 1                     | 19
        fay       | f         | emergency_admission | 2024-10-20     | 2024-11-01     | 1                     | 19
        gil       | g         | emergency_admission | 2024-10-20     | 2024-11-01     | 1                     | 51
        hal       | h         | emergency_admission | 2024-10-20     | 2024-11-01     | 1                     | 19
        ivy       | i         | emergency_admission | 2024-12-20     | 2025-01-02     | 1                     |
        jo        | j         | emergency_admission | 2025-10-20     | 2025-11-02     | 1                     | 19

        person.care_episodes
        person_id | care_type             | start_date | end_date
        ann       | reablement            | 2024-10-01 | 2024-11-10
        bob       | reablement            | 2024-11-02 | 2024-12-10
        cat       | reablement            | 2024-11-01 | 2024-12-10
        cat       | long_term_residential | 2024-12-20 |
        dan       | reablement            | 2024-11-01 | 2024-12-10
        eve       | reablement            | 2024-11-01 | 2024-12-10
        fay       | reablement            | 2024-11-03 | 2024-12-10
        gil       | reablement            | 2024-11-01 | 2024-12-10
        ivy       | reablement            | 2025-01-02 | 2025-02-10
        ivy       | long_term_nursing     | 2025-02-11 | 2025-04-03
        jo        | reablement            | 2025-11-02 | 2025-12-10

        person.records
        source | record_id | person_id
        csds   | rh        | hal

        pseudo.csds__referrals
        record_id | team_type                | referral_date
        rh        | Intermediate care/rehab  | 2024-11-02
        =>
        person_id | metric_id                   | numerator | denominator
        ann       | reablement_91_days          | 1.000     | 1.000
        bob       | reablement_91_days          | 0.000     | 1.000
        cat       | reablement_91_days          | 0.000     | 1.000
        dan       | reablement_91_days          | 0.000     | 1.000
        hal       | reablement_91_days          | 1.000     | 1.000
        ivy       | reablement_91_days_all_year | 0.000     | 1.000
        """,
    )
