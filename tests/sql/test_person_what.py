"""What people live with and what they use: conditions, spells, social care, activity."""

from __future__ import annotations

from datetime import date

PEOPLE = """
        person.records
        person_id | source | record_id
        ann       | gp     | g1
        ann       | gp     | g2
        bob       | gp     | g3
        ann       | apc    | h1
        ann       | asc    | c1

        person.demographics
        person_id | age_years
        ann       | 66
        bob       | 17
"""


def test_a_condition_stands_until_it_is_resolved_and_some_never_are(check):
    check(
        "person.conditions",
        PEOPLE
        + """
        pseudo.gp__conditions
        record_id | cluster_id  | event_date | resolved_date
        g1        | DEPR_COD    | 2010-01-01 | 2012-01-01
        g1        | CHD_COD     | 2015-01-01 | 2016-01-01
        g1        | HYP_COD     | 2010-01-01 |
        g1        | HYPRES_COD  | 2012-01-01 |
        g2        | HYP_COD     | 2014-01-01 |
        g1        | AFIB_COD    | 2010-01-01 |
        g2        | AFIBRES_COD | 2010-01-01 |
        g1        | DM_COD      | 2010-01-01 |
        g2        | DM_COD      | 2010-01-01 | 2020-01-01
        g1        | EPIL_COD    | 2010-01-01 | 2026-02-01
        =>
        person_id | condition              | first_date | latest_date | resolved_date | is_active | is_long_term
        ann       | depression             | 2010-01-01 | 2010-01-01  | 2012-01-01    | false     | false
        ann       | coronary_heart_disease | 2015-01-01 | 2015-01-01  | 2016-01-01    | true      | true
        ann       | hypertension           | 2010-01-01 | 2014-01-01  | 2012-01-01    | true      | true
        ann       | atrial_fibrillation    | 2010-01-01 | 2010-01-01  | 2010-01-01    | false     | false
        ann       | diabetes               | 2010-01-01 | 2010-01-01  | 2020-01-01    | false     | false
        ann       | epilepsy               | 2010-01-01 | 2010-01-01  |               | true      | true
        """,
    )


def test_a_register_has_its_ages_its_start_and_its_length(check):
    check(
        "person.conditions",
        PEOPLE
        + """
        pseudo.gp__conditions
        record_id | cluster_id    | event_date | value
        g3        | DEPR_COD      | 2024-01-01 |
        g3        | DM_COD        | 2024-01-01 |
        g1        | DEPR_COD      | 2006-03-31 |
        g1        | CAN_COD       | 2020-12-31 |
        g2        | BMI_COD       | 2025-02-01 | 30
        g3        | BMI_COD       | 2025-02-01 | 29.9
        g1        | NDH_COD       | 2026-02-01 |
        =>
        person_id | condition  | is_active | is_long_term
        bob       | depression | false     | false
        bob       | diabetes   | true      | true
        ann       | cancer     | true      | false
        ann       | obesity    | true      | false
        """,
    )


def test_of_degrees_of_frailty_the_latest_stands_for_two_years(check):
    check(
        "person.conditions",
        PEOPLE
        + """
        pseudo.gp__conditions
        record_id | cluster_id    | event_date | value
        g1        | SEVFRAIL_COD  | 2024-06-01 |
        g1        | MODFRAIL_COD  | 2025-06-01 |
        g2        | EFI_COD       | 2025-01-01 | 0.40
        =>
        person_id | condition        | is_active
        ann       | severe_frailty   | false
        ann       | moderate_frailty | true
        """,
    )


def test_the_frailty_index_is_severe_from_thirteen_deficits(check):
    check(
        "person.conditions",
        PEOPLE
        + """
        pseudo.gp__conditions
        record_id | cluster_id | event_date | value
        g1        | EFI_COD    | 2025-01-01 | 0.333
        g2        | EFI_COD    | 2025-02-01 | 0.361
        =>
        person_id | condition        | is_active
        ann       | moderate_frailty | false
        ann       | severe_frailty   | true
        """,
    )


def test_treatment_is_asked_for_only_where_the_extract_has_any(check):
    drawing = """
        pseudo.gp__conditions
        record_id | cluster_id  | event_date
        g1        | AST_COD     | 2010-01-01
        g3        | AST_COD     | 2010-01-01
        g1        | EPIL_COD    | 2010-01-01
        g3        | ASTTRT_COD  | 2025-02-01
        g1        | ASTTRT_COD  | 2025-01-31
        =>
        person_id | condition | is_active
        ann       | asthma    | false
        bob       | asthma    | true
        ann       | epilepsy  | true
        """
    check("person.conditions", PEOPLE + drawing)


def test_a_spell_is_made_of_its_episodes(check):
    check(
        "person.spells",
        """
        person.records
        person_id | source | record_id
        ann       | apc    | h1

        pseudo.apc__episodes
        record_id | row_id | spell_key | episode_order | episode_start_date | admission_date | discharge_date | admission_method_code | patient_class_code | diagnosis_01_code | discharge_method_code | cost_gbp
        h1        | e2     | s1        | 2             | 2025-03-03         | 2025-03-01     | 2025-03-08     | 21                    | 1                  | J189              | 1                     | 0.10
        h1        | e1     | s1        | 1             | 2025-03-01         | 2025-03-01     | 2025-03-08     | 21                    | 1                  | I500              | 1                     | 2600.25
        h1        | e3     | s2        | 1             | 2025-05-01         | 2025-05-01     | 2025-05-01     | 11                    | 2                  | K409              | 1                     |
        h1        | e4     | s3        | 1             | 2026-01-28         | 2026-01-28     |                | 2B                    | 1                  | J441              |                       |
        h1        | e5     | s4        | 1             | 2026-02-01         | 2026-02-01     |                | 21                    | 1                  | J441              |                       |
        h1        | e6     | s5        | 1             | 2025-06-01         | 2025-06-01     | 2025-06-02     | 31                    | 1                  | O80               | 1                     |
        =>
        person_id | spell_key | admission_kind      | admission_date | discharge_date | primary_diagnosis_code | episode_count | bed_days | cost_gbp
        ann       | s1        | emergency_admission | 2025-03-01     | 2025-03-08     | I500                   | 2             | 7        | 2600.35
        ann       | s2        | day_case            | 2025-05-01     | 2025-05-01     | K409                   | 1             | 0        |
        ann       | s3        | emergency_admission | 2026-01-28     |                | J441                   | 1             | 3        |
        ann       | s5        | maternity_admission | 2025-06-01     | 2025-06-02     | O80                    | 1             | 1        |
        """,
    )


def test_a_transfer_goes_on_with_the_stay(check):
    check(
        "person.stays",
        """
        person.spells
        person_id | spell_key | admission_date | discharge_date | admission_method_code | admission_source_code | discharge_destination_code
        ann       | s1        | 2025-03-01     | 2025-03-08     | 21                    | 19                    | 51
        ann       | s2        | 2025-03-09     | 2025-03-20     | 81                    | 51                    | 19
        ann       | s3        | 2025-03-22     | 2025-03-23     | 21                    | 19                    | 19
        ben       | s4        | 2025-03-01     | 2025-03-02     | 21                    | 19                    | 19
        ben       | s5        | 2025-03-04     | 2025-03-05     | 2B                    | 19                    | 19
        ben       | s6        | 2025-03-08     | 2025-03-09     | 81                    | 51                    | 19
        cat       | s7        | 2025-03-01     |                | 21                    | 19                    |
        cat       | s8        | 2025-03-01     | 2025-03-02     | 21                    | 51                    | 19
        =>
        person_id | spell_key | is_transfer | stay_admission_date | stay_days
        ann       | s1        | false       | 2025-03-01          | 7
        ann       | s2        | true        | 2025-03-01          | 19
        ann       | s3        | false       | 2025-03-22          | 1
        ben       | s4        | false       | 2025-03-01          | 1
        ben       | s5        | true        | 2025-03-01          | 4
        ben       | s6        | false       | 2025-03-08          | 1
        cat       | s7        | false       | 2025-03-01          | 336
        cat       | s8        | false       | 2025-03-01          | 1
        """,
    )


def test_stretches_of_care_join_over_a_day_and_no_more(check):
    check(
        "person.care_episodes",
        """
        person.records
        person_id | source | record_id
        ann       | asc    | c1
        ann       | asc    | c2

        pseudo.asc__events
        record_id | row_id | event_type | service_type                    | delivery_mechanism | event_start_date | event_end_date
        c1        | v1     | Service    | Short Term Support: ST-Max      |                    | 2025-01-01       | 2025-01-31
        c2        | v2     | Service    | Short term support - ST Max     |                    | 2025-02-01       | 2025-02-10
        c1        | v3     | Service    | Short Term Support: ST-Max      |                    | 2025-01-10       | 2025-01-12
        c1        | v4     | Service    | Short Term Support: ST-Max      |                    | 2025-02-12       | 2025-02-20
        c1        | v5     | Service    | Long Term Support: Community    | Direct Payment     | 2025-02-21       |
        c1        | v6     | Service    | Long Term Support: Nursing Care |                    | 2025-03-01       | 2026-02-15
        c1        | v7     | Service    | Long Term Support: Prison       |                    | 2025-03-10       | 2025-03-01
        c1        | v8     | Assessment |                                 |                    | 2025-03-01       | 2025-03-02
        c1        | v9     | Service    | Long Term Support: Community    |                    | 2026-02-01       |
        =>
        person_id | care_type           | activity_type  | start_date | end_date   | is_open | is_direct_payment | service_count
        ann       | reablement          | reablement     | 2025-01-01 | 2025-02-10 | false   | false             | 3
        ann       | reablement          | reablement     | 2025-02-12 | 2025-02-20 | false   | false             | 1
        ann       | long_term_community | long_term_care | 2025-02-21 |            | true    | true              | 1
        ann       | long_term_nursing   | long_term_care | 2025-03-01 |            | true    | false             | 1
        ann       | long_term_prison    | long_term_care | 2025-03-10 | 2025-03-10 | false   | false             | 1
        """,
    )


def test_activity_of_twelve_calendar_months_with_its_cost(check):
    check(
        "person.activity",
        """
        person.records
        person_id | source | record_id
        ann       | asc    | c1
        bob       | apc    | c1

        person.spells
        person_id | admission_kind      | admission_date | bed_days | cost_gbp
        ann       | emergency_admission | 2025-01-31     | 3        | 2600.00
        ann       | emergency_admission | 2025-02-01     | 4        | 2600.10
        ann       | emergency_admission | 2026-01-31     | 0        |
        ann       | birth               | 2025-05-01     | 1        |

        person.attendances
        person_id | arrival_date | cost_gbp
        ann       | 2025-01-31   | 150.00
        ann       | 2025-02-01   | 150.00
        ann       | 2025-06-01   |

        person.care_episodes
        person_id | care_type           | activity_type  | start_date | end_date
        ann       | long_term_community | long_term_care | 2024-01-01 | 2025-02-10
        ann       | reablement          | reablement     | 2026-01-30 |
        ann       | long_term_nursing   | long_term_care | 2024-01-01 | 2025-01-31

        person.outpatients
        person_id | appointment_date | is_attended | is_first | cost_gbp
        ann       | 2025-02-01       | true        | true     | 200.00
        ann       | 2025-02-01       | false       | true     | 200.00
        ann       | 2025-01-31       | true        | true     | 200.00
        ann       | 2025-03-01       | true        | false    |

        person.contacts
        person_id | activity_type         | contact_count | last_date
        ann       | mental_health_bed_day | 3             | 2025-06-01
        ann       | community_contact     | 2             | 2025-06-02

        pseudo.asc__events
        record_id | event_type | event_start_date
        c1        | Review     | 2025-02-01
        c1        | Review     | 2025-01-31
        c1        | Service    | 2025-03-01

        reference.unit_costs
        activity            | unit  | cost_gbp
        emergency_admission | event | 1000.00
        long_term_community | day   | 62.00
        reablement          | day   | 160.00
        care_review         | event | 45.00
        ed_attendance       | event | 190.00
        outpatient_follow_up | event | 110.00
        mental_health_bed_day | day | 564.00
        community_contact   | event | 84.00
        =>
        person_id | activity_type       | event_count | last_date  | day_count | cost_gbp
        ann       | emergency_admission | 2           | 2026-01-31 | 4         | 3600.10
        ann       | birth               | 1           | 2025-05-01 | 1         | 0.00
        ann       | long_term_care      | 1           | 2024-01-01 | 10        | 620.00
        ann       | reablement          | 1           | 2026-01-30 | 2         | 320.00
        ann       | care_review         | 1           | 2025-02-01 | 0         | 45.00
        ann       | ed_attendance       | 2           | 2025-06-01 | 0         | 340.00
        ann       | outpatient_first    | 1           | 2025-02-01 | 0         | 200.00
        ann       | outpatient_follow_up | 1          | 2025-03-01 | 0         | 110.00
        ann       | mental_health_bed_day | 3         | 2025-06-01 | 3         | 1692.00
        ann       | community_contact   | 2           | 2025-06-02 | 0         | 168.00
        """,
    )


def test_twelve_months_to_the_end_of_february(check):
    check(
        "person.activity",
        """
        person.records

        person.spells
        person_id | admission_kind      | admission_date | bed_days | cost_gbp
        ann       | emergency_admission | 2023-02-28     | 1        | 1.00
        ann       | emergency_admission | 2023-03-01     | 1        | 1.00
        ann       | emergency_admission | 2024-02-29     | 0        | 1.00

        person.attendances

        person.care_episodes

        person.outpatients

        person.contacts

        pseudo.asc__events
        =>
        person_id | event_count
        ann       | 2
        """,
        snapshot=date(2024, 2, 29),
    )


def test_an_attendance_is_timed_and_its_department_named(check):
    check(
        "person.attendances",
        """
        person.records
        person_id | source | record_id
        ann       | ecds   | e1
        bob       | gp     | e1

        pseudo.ecds__attendances
        record_id | attendance_key | arrival_date | arrival_time        | departure_time      | department_type_code | attendance_category_code | discharge_destination_code | cost_gbp
        e1        | a1             | 2026-01-05   | 2026-01-05 22:00:00 | 2026-01-06 02:00:00 | 01                   | 1                        | 306706006                  | 300.50
        e1        | a2             | 2026-01-07   | 2026-01-07 10:00:00 | 2026-01-07 14:01:00 | 03                   | 4                        | 306689006                  |
        e1        | a3             | 2026-01-09   | 2026-01-09 10:00:00 | 2026-01-09 22:01:00 |                      |                          |                            |
        e1        | a4             | 2026-01-11   | 2026-01-11 10:00:00 |                     | 05                   | 2                        |                            |
        e1        | a5             | 2026-02-01   | 2026-02-01 10:00:00 |                     | 01                   | 1                        |                            |
        =>
        person_id | attendance_key | arrival_date | department_type  | is_unplanned | is_admitted | is_over_4_hours | is_over_12_hours | cost_gbp
        ann       | a1             | 2026-01-05   | major            | true         | true        | false           | false            | 300.50
        ann       | a2             | 2026-01-07   | urgent_treatment | false        | false       | true            | false            |
        ann       | a3             | 2026-01-09   | unknown          | true         | false       | true            | true             |
        ann       | a4             | 2026-01-11   | same_day         | true         | false       |                 |                  |
        """,
    )


def test_high_intensity_is_five_unplanned_at_major_or_urgent_treatment(check):
    often = [
        f"{who} | 2025-{3 + i:02d}-01 | true | {kind}"
        for who, kind in (("ann", "major"), ("bob", "walk_in"))
        for i in range(5)
    ]
    check(
        "person.emergency_profile",
        """
        person.attendances
        person_id | arrival_date | is_unplanned | department_type
        """
        + "\n".join(often)
        + """
        cat | 2025-03-01 | true  | urgent_treatment
        cat | 2025-03-02 | false | major
        cat | 2025-03-03 | true  | same_day
        cat | 2025-01-31 | true  | major
        dan | 2025-01-31 | true  | major
        =>
        person_id | ed_attendance_count | ed_attendance_date | is_high_intensity_ed
        ann       | 5                   | 2025-07-01         | true
        bob       | 5                   | 2025-07-01         | false
        cat       | 1                   | 2025-03-01         | false
        """,
    )


def test_an_appointment_is_kept_missed_or_neither(check):
    check(
        "person.outpatients",
        """
        person.records
        person_id | source | record_id
        ann       | op     | o1

        pseudo.op__appointments
        record_id | row_id | appointment_date | attendance_code | first_attendance_code
        o1        | a      | 2025-06-01       | 5               | 1
        o1        | b      | 2025-06-02       | 6               | 4
        o1        | c      | 2025-06-03       | 3               | 2
        o1        | d      | 2025-06-04       | 7               | 3
        o1        | e      | 2025-06-05       | 2               | 1
        o1        | f      | 2025-06-06       | 4               | 1
        o1        | g      | 2026-02-01       | 0               | 1
        o1        | h      | 2025-06-07       |                 |
        =>
        person_id | appointment_id | is_attended | is_missed | is_first | is_remote
        ann       | a              | true        | false     | true     | false
        ann       | b              | true        | false     | false    | true
        ann       | c              | false       | true      | false    | false
        ann       | d              | false       | true      | true     | true
        ann       | e              | false       | false     | true     | false
        ann       | f              | false       | false     | true     | false
        ann       | h              | false       | false     | false    | false
        """,
    )


def test_contacts_are_those_that_took_place_in_the_year(check):
    check(
        "person.contacts",
        """
        person.records
        person_id | source            | record_id
        ann       | gp                | g1
        ann       | mhsds             | m1
        ann       | csds              | c1
        ann       | talking_therapies | t1

        pseudo.gp__appointments
        record_id | appointment_date | status         | mode
        g1        | 2025-02-01       | Finished       | Face-to-Face
        g1        | 2025-03-01       | Patient Walked Out | Home Visit
        g1        | 2025-04-01       | Did Not Attend | Face-to-Face
        g1        | 2025-04-02       | Arrived        | Telephone
        g1        | 2025-01-31       | Finished       | Telephone
        g1        | 2026-02-01       | Booked         | Telephone

        pseudo.mhsds__contacts
        record_id | contact_date | attendance_code
        m1        | 2025-05-01   | 5
        m1        | 2025-05-02   | 3

        pseudo.mhsds__ward_stays
        record_id | ward_start_date | ward_end_date
        m1        | 2025-01-01      | 2025-02-10
        m1        | 2024-01-01      | 2024-02-10

        pseudo.csds__contacts
        record_id | contact_date | attendance_code
        c1        | 2025-05-01   | 6
        c1        | 2025-05-02   | 4

        pseudo.talking_therapies__referrals
        record_id | referral_date | last_treatment_date | treatment_contact_count
        t1        | 2024-12-01    | 2025-03-01          | 6
        t1        | 2025-12-01    |                     | 0
        =>
        person_id | activity_type               | contact_count | last_date
        ann       | gp_appointment_face_to_face | 2             | 2025-03-01
        ann       | gp_appointment_remote       | 1             | 2025-04-02
        ann       | mental_health_contact       | 1             | 2025-05-01
        ann       | mental_health_bed_day       | 10            | 2025-01-01
        ann       | community_contact           | 1             | 2025-05-01
        ann       | talking_therapies_contact   | 6             | 2025-03-01
        """,
    )
