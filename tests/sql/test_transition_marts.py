"""Young people on their way to adult services: who is asked about, who has seen them, what is counted, by hand."""

from __future__ import annotations

import pytest

TURNED = """
        person.demographics
        person_id | birth_month
        ann       | 2007-02-01
        bob       | 2007-07-01
        cat       | 2007-01-01
        dan       | 2007-08-01
        eve       | 2007-04-01
        fay       | 2007-04-01
        gus       | 2007-04-01
        hal       | 2007-04-01
        ida       |

        person.records
        source    | record_id | person_id
        education | e1        | ann
        education | e2        | cat
        education | e3        | dan
        csc       | c1        | bob
        csc       | c2        | eve
        csc       | c3        | fay
        csc       | c4        | ida
        mhsds     | m1        | gus
        mhsds     | m2        | hal

        person.conditions
        person_id | condition           | first_date | resolved_date
        ann       | learning_disability | 2010-01-01 |
        bob       | asthma              | 2010-01-01 |
        hal       | learning_disability | 2025-04-01 |

        pseudo.education__ehc_plans
        record_id | row_id | request_date | plan_start_date | plan_end_date
        e1        | p1     | 2015-01-01   | 2015-05-01      |
        e1        | p2     | 2025-01-01   |                 |
        e2        | p3     | 2015-01-01   | 2015-05-01      |
        e3        | p4     | 2015-01-01   | 2015-05-01      |

        pseudo.csc__children
        record_id | row_id | disability_codes
        c2        | d1     | AUT;LD
        c3        | d2     | NONE

        pseudo.csc__looked_after
        record_id | row_id | episode_start_date | episode_end_date | legal_status_code
        c1        | l1     | 2020-01-01         | 2024-07-01       | C2
        c3        | l2     | 2020-01-01         | 2025-03-01       | V4
        c3        | l3     | 2020-01-01         | 2024-03-31       | C2

        pseudo.csc__protection_plans
        record_id | row_id | plan_start_date | plan_end_date
        c3        | t1     | 2025-04-01      |

        pseudo.csc__children_in_need
        record_id | row_id | referral_date | closure_date | primary_need_code | is_no_further_action
        c2        | n1     | 2024-01-01    | 2024-06-01   | N1                | false
        c3        | n2     | 2024-01-01    |              | N1                | false
        c3        | n3     | 2024-01-01    |              | N2                | true

        pseudo.mhsds__referrals
        record_id | row_id | referral_date | discharge_date | rejection_date
        m1        | r1     | 2023-01-01    |                |
        m2        | r2     | 2024-06-01    |                | 2024-07-01
        =>
        person_id | birthday_month | need_count
"""


def test_who_turned_18_with_complex_needs(check):
    """ann has a plan and a register; bob's care ended just within the year before. cat turned 18 too early to be in the
    twelve months, dan too late to be followed for six. eve was in need, with a disability. fay had short breaks, care
    that ended too early, a plan of her birthday, need that is not by disability, and a referral of no action. gus was
    in care of a team; hal's referral was rejected, and his register is of his birthday. Of ida no age is known."""
    check(
        "person.turned_18",
        TURNED
        + """
        ann       | 2025-02-01     | 2
        bob       | 2025-07-01     | 1
        eve       | 2025-04-01     | 1
        gus       | 2025-04-01     | 1
        """,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [("c3        | l2     | 2020-01-01         | 2025-03-01       | V4", "c3 | l2 | 2020-01-01 | 2025-03-01 | C2"),
     ("c3        | l3     | 2020-01-01         | 2024-03-31", "c3 | l3 | 2020-01-01 | 2024-04-01"),
     ("c3        | t1     | 2025-04-01 ", "c3 | t1 | 2025-03-31 "),
     ("c3        | n2     | 2024-01-01    |              | N1", "c3 | n2 | 2024-01-01 | | N2"),
     ("| N2                | true", "| N2                | false"),
     ("c3        | d2     | NONE", "c3 | d2 | MOB")],
)  # fmt: skip
def test_what_makes_fay_one_of_them(check, before, after):
    assert before in TURNED
    check(
        "person.turned_18",
        TURNED.replace(before, after).replace("| need_count", "")
        + "ann | 2025-02-01\nbob | 2025-07-01\neve | 2025-04-01\nfay | 2025-04-01\ngus | 2025-04-01\n",
    )


def test_who_has_seen_them_since(check):
    """ann's team of schools does not count, nor what she missed, nor a contact before her birthday; a team nobody has
    listed does. bob asked for care and is a carer; he is to be assessed tomorrow, and his sister's assessment is hers.
    Care that went on over the birthday of eve is seen from its first day. gus began a therapy before it and ended
    after."""
    check(
        "person.adult_services",
        """
        person.turned_18
        person_id | birthday_month
        ann       | 2025-02-01
        bob       | 2025-07-01
        eve       | 2025-04-01
        gus       | 2025-04-01

        person.records
        source            | record_id | person_id
        mhsds             | m1        | ann
        mhsds             | m2        | eve
        asc               | a1        | bob
        asc               | a2        | eve
        asc               | a3        | sis
        talking_therapies | t1        | gus
        talking_therapies | t2        | bob

        pseudo.mhsds__referrals
        record_id | row_id | referral_key | team_type_code
        m1        | r1     | k1           | F01
        m1        | r2     | k2           | A06
        m1        | r3     | k3           | E01
        m2        | r4     | k4           | Z99

        pseudo.mhsds__contacts
        record_id | row_id | referral_key | contact_date | attendance_code
        m1        | c1     | k1           | 2025-03-01   | 5
        m1        | c2     | k2           | 2025-03-02   | 7
        m1        | c3     | k2           | 2025-01-31   | 5
        m1        | c4     | k3           | 2025-05-02   | 5
        m1        | c5     | k3           | 2025-05-01   | 6
        m2        | c6     | k4           | 2025-08-01   | 5

        pseudo.talking_therapies__referrals
        record_id | row_id | referral_date | first_assessment_date | first_treatment_date | last_treatment_date
        t1        | x1     | 2025-01-01    | 2025-02-01            | 2025-03-01           | 2025-04-01
        t2        | x2     | 2025-08-01    |                       |                      |

        pseudo.asc__events
        record_id | row_id | event_type | client_type  | event_start_date | event_end_date
        a1        | e1     | Request    | Service User | 2025-08-01       | 2025-08-01
        a1        | e2     | Assessment | Carer        | 2025-08-01       | 2025-08-01
        a2        | e3     | Service    | Service User | 2024-01-01       |
        a2        | e4     | Assessment | Service User | 2025-06-01       |
        a3        | e5     | Assessment | Service User | 2025-08-01       |
        a1        | e6     | Assessment | Service User | 2026-02-01       |
        =>
        person_id | service             | first_date
        ann       | learning_disability | 2025-05-01
        eve       | mental_health       | 2025-08-01
        eve       | social_care         | 2025-04-01
        gus       | mental_health       | 2025-04-01
        """,
    )


def test_an_assessment_before_the_birthday_is_no_contact_after_it(check):
    """A service is open until it ends; an assessment is of its day, whenever the episode was closed."""
    check(
        "person.adult_services",
        """
        person.turned_18
        person_id | birthday_month
        eve       | 2025-04-01

        person.records
        source | record_id | person_id
        asc    | a2        | eve

        pseudo.mhsds__referrals
        record_id
        pseudo.mhsds__contacts
        record_id
        pseudo.talking_therapies__referrals
        record_id

        pseudo.asc__events
        record_id | row_id | event_type | client_type  | event_start_date | event_end_date
        a2        | e1     | Assessment | Service User | 2025-03-01       | 2025-06-01
        a2        | e2     | Service    | Service User | 2024-01-01       | 2025-03-31
        a2        | e3     | Review     | Service User | 2025-10-31       |
        =>
        person_id | service     | first_date
        eve       | social_care | 2025-10-31
        """,
    )


def test_what_is_counted_of_them(check):
    """ann is seen on the last day of the seven months that hold six whole ones, bob a day too late. cat is 13, fay 26;
    gus turns 18 in February, hal in January next year, ida a month later; jo has turned 18 this month."""
    check(
        "segment.transition_measures",
        """
        person.demographics
        person_id | age_years | birth_month
        cat       | 13        | 2012-06-01
        dan       | 25        | 2000-06-01
        fay       | 26        | 1999-06-01
        gus       | 17        | 2008-02-01
        hal       | 17        | 2009-01-01
        ida       | 16        | 2009-02-01
        jo        | 18        | 2008-01-01
        kit       | 17        | 2008-06-01

        segment.need
        person_id | need_segment
        cat       | complex
        dan       | healthy
        fay       | complex
        gus       | complex
        hal       | complex
        ida       | healthy
        jo        | healthy
        kit       | healthy

        person.school_profile
        person_id | has_ehcp
        dan       | true
        hal       | true
        ida       | false

        person.records
        source | record_id | person_id
        asc    | a1        | gus
        asc    | a2        | hal
        asc    | a3        | dan

        pseudo.asc__events
        record_id | row_id | event_start_date | client_type
        a1        | e1     | 2025-12-01       | Service User
        a1        | e2     | 2025-12-02       | Service User
        a2        | e3     | 2026-02-01       | Service User
        a2        | e4     | 2025-02-01       | Carer
        a3        | e5     | 2025-02-01       | Service User

        person.turned_18
        person_id | birthday_month
        ann       | 2025-02-01
        bob       | 2025-02-01
        eve       | 2025-02-01

        person.adult_services
        person_id | service             | first_date
        ann       | mental_health       | 2025-10-01
        ann       | social_care         | 2025-08-31
        ann       | learning_disability | 2025-02-01
        bob       | mental_health       | 2025-09-01
        =>
        person_id | metric_id                     | numerator | denominator
        dan       | complex_at_14_to_25           | 1         | 1
        gus       | complex_at_14_to_25           | 1         | 1
        hal       | complex_at_14_to_25           | 1         | 1
        ida       | complex_at_14_to_25           | 0         | 1
        jo        | complex_at_14_to_25           | 0         | 1
        kit       | complex_at_14_to_25           | 0         | 1
        kit       | complex_turning_18            | 0         | 1
        gus       | complex_turning_18            | 1         | 1
        hal       | complex_turning_18            | 1         | 1
        gus       | known_to_adult_care_before_18 | 1         | 1
        hal       | known_to_adult_care_before_18 | 0         | 1
        ann       | seen_within_six_months        | 1         | 1
        ann       | seen_later                    | 0         | 1
        ann       | lost_to_follow_up             | 0         | 1
        ann       | seen_by_mental_health         | 0         | 1
        ann       | seen_by_social_care           | 1         | 1
        ann       | seen_by_learning_disability   | 1         | 1
        bob       | seen_within_six_months        | 0         | 1
        bob       | seen_later                    | 1         | 1
        bob       | lost_to_follow_up             | 0         | 1
        bob       | seen_by_mental_health         | 0         | 1
        bob       | seen_by_social_care           | 0         | 1
        bob       | seen_by_learning_disability   | 0         | 1
        eve       | seen_within_six_months        | 0         | 1
        eve       | seen_later                    | 0         | 1
        eve       | lost_to_follow_up             | 1         | 1
        eve       | seen_by_mental_health         | 0         | 1
        eve       | seen_by_social_care           | 0         | 1
        eve       | seen_by_learning_disability   | 0         | 1
        """,
    )
