"""What is counted of children, worked out by hand."""

from __future__ import annotations


def test_use_of_hospitals(check):
    """ann's two stays with teeth out count, one of two episodes; not bob's, who was 10, nor one with no caries, nor one
    with no extraction, nor last year's. dan is 18 now: his attendances are not a child's. A planned visit is none."""
    check(
        "person.children_hospital",
        """
        person.demographics
        person_id | age_years
        ann       | 9
        bob       | 11
        cat       | 17
        dan       | 18

        person.records
        person_id | source | record_id
        ann       | apc    | a1
        bob       | apc    | b1
        cat       | apc    | c1

        person.outcomes_hospital
        person_id | metric_id                  | numerator | denominator
        ann       | asthma_admissions_under_19 | 2         | 0
        ann       | readmissions_30_days       | 1         | 1

        person.attendances
        person_id | attendance_key | is_unplanned | arrival_date
        ann       | v1             | true         | 2025-02-01
        ann       | v2             | true         | 2026-01-31
        ann       | v3             | true         | 2025-01-31
        ann       | v4             | false        | 2025-06-01
        cat       | v5             | true         | 2025-06-01
        dan       | v6             | true         | 2025-06-01

        pseudo.apc__episodes
        record_id | row_id | spell_key | admission_date | admission_age_years | diagnosis_01_code | operation_01_code | operation_02_code
        a1        | e1     | s1        | 2025-02-01     | 8                   | K029              | F101              |
        a1        | e2     | s1        | 2025-02-01     | 8                   | K021              | F091              |
        a1        | e3     | s2        | 2026-01-31     | 9                   | K02               | Y80               | F10
        a1        | e4     | s3        | 2025-06-01     | 9                   | K040              | F101              |
        a1        | e5     | s4        | 2025-06-01     | 9                   | K029              | F131              |
        a1        | e6     | s5        | 2025-01-31     | 8                   | K029              | F101              |
        b1        | e7     | s6        | 2025-06-01     | 10                  | K029              | F101              |
        c1        | e8     | s7        | 2026-02-01     | 9                   | K029              | F101              |
        =>
        person_id | metric_id                  | numerator | denominator
        ann       | asthma_admissions_under_19 | 2         | 0
        ann       | dental_extractions_under_10 | 2        | 0
        ann       | ed_attendances_under_18    | 2         | 0
        cat       | ed_attendances_under_18    | 1         | 0
        """,
    )


def test_growth_and_special_needs(check):
    """Measurements and plans are those of the outcomes framework. Of dan on roll nothing is said; eve has a plan at
    college, and is not on roll; ann is on two schools' rolls, and one pupil."""
    check(
        "person.children_school",
        """
        person.circumstances
        person_id | special_needs
        ann       | EHC plan
        bob       | SEN support
        cat       | none
        dan       | unknown
        eve       | EHC plan

        person.records
        source    | record_id | person_id
        education | s1        | ann
        education | s2        | ann
        education | s3        | bob
        education | s4        | cat
        education | s5        | dan
        education | s6        | eve
        csc       | s7        | eve

        pseudo.education__pupils
        record_id | row_id
        s1        | e1
        s2        | e2
        s3        | e3
        s4        | e4
        s5        | e5
        s7        | e6

        person.outcomes_children
        person_id | metric_id             | numerator | denominator
        ann       | obesity_year_6        | 1         | 1
        ann       | excess_weight_year_6  | 1         | 1
        bob       | obesity_reception     | 0         | 1
        dan       | ehcp_within_20_weeks  | 1         | 2
        dan       | booked_within_10_weeks | 1        | 1
        =>
        person_id | metric_id            | numerator | denominator
        ann       | obesity_year_6       | 1         | 1
        ann       | excess_weight_year_6 | 1         | 1
        bob       | obesity_reception    | 0         | 1
        dan       | ehcp_within_20_weeks | 1         | 2
        ann       | sen_support_pupils   | 0         | 1
        ann       | ehc_plan_pupils      | 1         | 1
        bob       | sen_support_pupils   | 1         | 1
        bob       | ehc_plan_pupils      | 0         | 1
        cat       | sen_support_pupils   | 0         | 1
        cat       | ehc_plan_pupils      | 0         | 1
        """,
    )


CARE = """
        person.demographics
        person_id | age_years | sex
        ann       | 17        | female
        bob       | 16        | male
        cat       | 18        | female
        dan       | 24        | male
        eve       | 25        | male
        fay       | 20        | female
        gus       | 15        | male
        hal       | 20        | male

        person.contacts
        person_id | activity_type             | contact_count
        ann       | mental_health_contact     | 3
        bob       | talking_therapies_contact | 1
        cat       | mental_health_contact     | 2
        dan       | community_contact         | 4
        gus       | mental_health_contact     | 0

        person.child_care_profile
        person_id | need_date  | protection_plan_date
        ann       | 2025-05-01 | 2025-06-01
        gus       | 2025-05-01 |
        bob       |            |

        person.circumstances
        person_id | overcrowding
        ann       | overcrowded
        bob       | not overcrowded
        cat       | overcrowded
        gus       | unknown

        person.outcomes_children
        person_id | metric_id             | numerator | denominator
        ann       | looked_after_children | 1         | 0
        gus       | low_income_children   | 1         | 0
        gus       | obesity_year_6        | 1         | 1

        person.records
        person_id | source       | record_id
        bob       | homelessness | b1
        dan       | homelessness | d1
        eve       | homelessness | e1
        fay       | homelessness | f1
        gus       | homelessness | g1
        hal       | homelessness | h1

        pseudo.homelessness__people
        record_id | row_id | accommodation     | application_date | duty_end_date
        b1        | p1     | supported housing | 2025-05-01       |
        e1        | p2     | supported housing | 2025-05-01       |
        f1        | p3     | supported housing | 2025-05-01       |
        g1        | p4     | supported housing | 2025-05-01       |
        h1        | p5     | supported housing | 2025-05-01       | 2026-01-31
        h1        | p6     | council tenant    | 2025-05-01       |

        pseudo.homelessness__placements
        record_id | row_id | accommodation_type | placement_start_date | placement_end_date
        b1        | q1     | hostel             | 2025-05-01           |
        d1        | q2     | hostel             | 2025-05-01           | 2026-02-01
        h1        | q3     | hostel             | 2025-05-01           | 2026-01-31
        h1        | q4     | B&B                | 2025-05-01           |
        =>
        person_id | metric_id                      | numerator | denominator
"""


def test_care_homes_and_mental_health(check):
    """cat is 18: neither her contacts nor her home are a child's. bob is in supported housing and has been in therapy,
    which is not specialist care; he is one man though he is in two lists. eve is too old, gus too young, fay no man;
    hal's duty and stay ended on the day."""
    check(
        "person.children_care",
        CARE
        + """
        ann       | looked_after_children          | 1         | 0
        gus       | low_income_children            | 1         | 0
        ann       | children_in_need               | 1         | 0
        gus       | children_in_need               | 1         | 0
        ann       | child_protection_plans         | 1         | 0
        ann       | children_in_mental_health_care | 1         | 0
        ann       | children_in_overcrowded_homes  | 1         | 1
        bob       | children_in_overcrowded_homes  | 0         | 1
        bob       | supported_young_men_counselled | 1         | 1
        dan       | supported_young_men_counselled | 0         | 1
        """,
    )
