"""How people live: bedrooms needed by the standard, homes, and what figures may be broken down by, worked out by hand."""

from __future__ import annotations

import pytest


def test_bedrooms_that_a_household_needs(check):
    """aa: two adults are taken for a couple (1), a young man of 20 and one of 16 share (1), a girl of 12 shares with her
    sister of 5 (1), a boy of 3 has none left over to share with (1): 4. bb: three adults, at most one couple: 2.
    cc: a boy of 10, a boy of 9, a girl of 8: he shares with his brother, she sleeps alone, 2, and their mother 1: 3.
    dd: 20 is not grown: two of 20 of different sexes, 2. ee and ff are communal, and of an age nobody knows. hh: a boy
    of 10 and one of 9 share; of two girls of 9 and 8 neither is left over: 2, and their mother 1: 3. ii: three girls of
    10 to 20 need 2, and the little sister of 4 shares with the third; her brother of 4 sleeps alone, 1: 3.
    jj: a girl of 10 is no small child to share with a boy of 9: 3. kk and ll: a sister of 5 shares with one of 12, a
    brother with a brother: 2 with the mother."""
    check(
        "person.bedroom_needs",
        """
        person.households
        ralf | is_communal | is_oversized | composition
        aa   | false       | false        | two_adults_with_children
        bb   | false       | false        | adults
        cc   | false       | false        | one_adult_with_children
        dd   | false       | false        | two_adults_alike
        ee   | true        | false        | communal
        ff   | false       | false        | unknown
        gg   | false       | true         | adults
        hh   | false       | false        | one_adult_with_children
        ii   | false       | false        | children_alone
        jj   | false       | false        | one_adult_with_children
        kk   | false       | false        | one_adult_with_children
        ll   | false       | false        | one_adult_with_children

        person.demographics
        person_id | ralf | age_years | sex    | is_eligible | is_resident
        a1        | aa   | 45        | male   | true        | true
        a2        | aa   | 21        | female | true        | true
        a3        | aa   | 20        | male   | true        | true
        a4        | aa   | 16        | male   | true        | true
        a5        | aa   | 12        | female | true        | true
        a6        | aa   | 5         | female | true        | true
        a7        | aa   | 3         | male   | true        | true
        a8        | aa   | 30        | male   | false       | true
        a9        | aa   | 30        | male   | true        | false
        b1        | bb   | 70        | male   | true        | true
        b2        | bb   | 44        | male   | true        | true
        b3        | bb   | 40        | female | true        | true
        c1        | cc   | 40        | female | true        | true
        c2        | cc   | 10        | male   | true        | true
        c3        | cc   | 9         | male   | true        | true
        c4        | cc   | 8         | female | true        | true
        d1        | dd   | 20        | male   | true        | true
        d2        | dd   | 20        | female | true        | true
        e1        | ee   | 80        | female | true        | true
        f1        | ff   |           | female | true        | true
        g1        | gg   | 30        | female | true        | true
        h1        | hh   | 30        | female | true        | true
        h2        | hh   | 10        | male   | true        | true
        h3        | hh   | 9         | male   | true        | true
        h4        | hh   | 9         | female | true        | true
        h5        | hh   | 8         | female | true        | true
        i1        | ii   | 20        | female | true        | true
        i2        | ii   | 15        | female | true        | true
        i3        | ii   | 12        | female | true        | true
        i4        | ii   | 4         | female | true        | true
        i5        | ii   | 4         | male   | true        | true
        j1        | jj   | 30        | female | true        | true
        j2        | jj   | 10        | female | true        | true
        j3        | jj   | 9         | male   | true        | true
        k1        | kk   | 30        | female | true        | true
        k2        | kk   | 12        | female | true        | true
        k3        | kk   | 5         | female | true        | true
        l1        | ll   | 30        | female | true        | true
        l2        | ll   | 12        | male   | true        | true
        l3        | ll   | 5         | male   | true        | true
        =>
        ralf | bedroom_need_count
        aa   | 4
        bb   | 2
        cc   | 3
        dd   | 2
        hh   | 3
        ii   | 3
        jj   | 3
        kk   | 2
        ll   | 2
        """,
    )


HOMES = """
        person.households
        ralf | is_communal | is_oversized | composition | child_count | older_count | is_living_alone_65plus
        aa   | false       | false        | adults      | 1           | 0           | false
        bb   | false       | false        | one_person  | 0           | 1           | true
        cc   | false       | false        | adults      | 0           | 0           | false
        dd   | false       | false        | adults      | 0           | 0           | false
        ee   | false       | false        | adults      | 0           | 0           | false
        ff   | true        | false        | communal    | 0           | 0           | false
        gg   | false       | false        | adults      | 0           | 0           | false

        person.demographics
        person_id | ralf | is_eligible | is_resident
        a1        | aa   | true        | true
        a2        | aa   | true        | true
        a0        | aa   | false       | true
        b1        | bb   | true        | true
        c1        | cc   | true        | true
        d1        | dd   | true        | true
        e1        | ee   | true        | true
        f1        | ff   | true        | true
        g1        | gg   | true        | true

        person.profile
        person_id | has_low_income
        a1        | false
        a2        | true
        b1        | false
        c1        |
        d1        | false
        e1        | false

        person.records
        person_id | source       | record_id
        b1        | homelessness | h1
        c1        | homelessness | h2
        d1        | homelessness | h3

        person.bedroom_needs
        ralf | bedroom_need_count
        aa   | 3
        bb   | 1
        cc   | 2

        pseudo.homelessness__placements
        record_id | row_id | placement_start_date | placement_end_date
        h1        | p1     | 2025-06-01           |
        h2        | p2     | 2025-06-01           | 2026-01-31
        h3        | p3     | 2026-02-01           |

        pseudo.housing__tenancies
        record_id | row_id | ralf | landlord_type    | tenure    | bedroom_count | tenancy_start_date | tenancy_end_date
        t1        | r1     | aa   | LA/THH           | secure    | 2             | 2010-01-01         |
        t2        | r2     | aa   | LA/THH           | secure    | 2             | 2010-01-01         |
        t3        | r3     | bb   | RP               | leasehold | 1             | 2010-01-01         |
        t4        | r4     | cc   | RP               | assured   | 4             | 2010-01-01         |
        t5        | r5     | dd   | RP               | assured   | 4             | 2010-01-01         | 2026-01-31
        t6        | r6     | ee   | private_licensed | assured   |               | 2010-01-01         |

        pseudo.housing__register
        record_id | row_id | ralf | application_date | bedroom_need_count | bedroom_count
        g1        | q1     | cc   | 2025-01-01       | 3                  | 2
        g2        | q2     | bb   | 2025-01-01       | 2                  | 0
        g3        | q3     | aa   | 2026-02-01       | 9                  | 1

        pseudo.benefits__claimants
        record_id | row_id | ralf | has_housing_benefit | claim_start_date
        k1        | s1     | dd   | true                | 2025-01-01
        k2        | s2     | gg   | false               | 2025-01-01
        k3        | s3     | gg   | true                | 2026-02-01

        reference.received_feeds
        feed              | is_stale
        housing__tenancies | {stale}
        =>
        ralf | person_id | bedroom_count | bedroom_need_count | has_low_income | is_temporary | tenure
"""


def test_homes(check):
    """aa is the council's: one of two has a low income. bb is a leaseholder's, and is lodged elsewhere. Of cc the
    lettings service knows better what it needs and has. dd had a tenancy; housing benefit says that it rents. gg has another benefit, and that one from tomorrow."""
    check(
        "person.homes",
        HOMES.format(stale="false")
        + """
        aa   | a1                  | 2             | 3                  | true           | false        | council
        bb   | b1                  | 1             | 1                  | false          | true         | shared or leasehold
        cc   | c1                  | 2             | 3                  |                | false        | housing association
        dd   | d1                  |               |                    | false          | false        | private rent
        ee   | e1                  |               |                    | false          | false        | private rent
        gg   | g1                  |               |                    |                | false        | owner or private rent
        """,
    )


def test_tenure_is_unknown_where_no_tenancies_came(check):
    rows = "".join(f"        {ralf} | unknown\n" for ralf in ("aa", "bb", "cc", "dd", "ee", "gg"))
    check("person.homes", HOMES.format(stale="true").rpartition("ralf |")[0] + "ralf | tenure\n" + rows)


CIRCUMSTANCES = """
        person.demographics
        person_id | ralf | lsoa21
        ann       | aa   | E01004197
        bob       | bb   | E01004215
        cat       | cc   | E01004224
        dan       |      | E01004225
        eve       | dd   |

        person.profile
        person_id | has_low_income
        ann       | false
        bob       | false
        cat       |
        eve       | true

        person.homes
        ralf | composition | tenure  | has_low_income | bedroom_count | bedroom_need_count
        aa   | adults      | council | true           | 2             | 3
        bb   | one_person  | unknown | false          | 1             | 1
        cc   | adults      | council |                | 2             |
        dd   | adults      | council | true           |               | 1

        person.records
        person_id | source    | record_id
        ann       | education | s1
        bob       | education | s2
        cat       | education | s3
        dan       | education | s4

        person.school_profile
        person_id | has_ehcp
        ann       | true
        bob       | false
        cat       | false
        dan       | false

        pseudo.education__pupils
        record_id | row_id | sen_provision | is_fsm_eligible | sen_primary_type | ehcp_start_date
        s1        | e1     | K             | true            | ASD              | 2025-01-01
        s2        | e2     | K             | false           |                  |
        s3        | e3     | N             |                 | SLCN             |
        s4        | e4     |               | false           |                  |

        pseudo.area__context
        row_id | lsoa_code | lsoa_vintage | year | damp_and_mould_complaint_count
        w1     | E01004197 | 2021         | 2024 | 20
        w2     | E01004197 | 2021         | 2025 | 6
        w3     | E01004215 | 2021         | 2025 | 7
        w4     | E01004224 | 2021         | 2025 | 12
        w5     | E01004225 | 2011         | 2025 | 12
        =>
"""


def test_circumstances(check):
    """ann has a plan though the roll says support; her own claim is none, her household's is. cat's income is not known,
    nor how many rooms she needs. dan is on roll with nothing said of his needs; eve is not."""
    check(
        "person.circumstances",
        CIRCUMSTANCES
        + """
        person_id | tenure  | household_composition | overcrowding     | household_income | free_school_meals    | special_needs | primary_need | damp_complaints
        ann       | council | adults                | overcrowded      | low income       | free school meals    | EHC plan      | ASD          | under 7
        bob       | unknown | one_person            | not overcrowded  | not low income   | no free school meals | SEN support   | unknown      | 7 to 11
        cat       | council | adults                | unknown          | unknown          | unknown              | none          | none         | 12 or more
        dan       | unknown | unknown               | unknown          | unknown          | no free school meals | unknown       | unknown      | unknown
        eve       | council | adults                | unknown          | low income       | unknown              | unknown       | unknown      | unknown
        """,
    )


@pytest.mark.parametrize(("count", "band"), [(0, "under 7"), (6, "under 7"), (11, "7 to 11"), (12, "12 or more")])
def test_bands_of_complaints(check, count, band):
    drawn = CIRCUMSTANCES.replace("2021         | 2025 | 7\n", f"2021         | 2025 | {count}\n")
    found = {"ann": "under 7", "bob": band, "cat": "12 or more", "dan": "unknown", "eve": "unknown"}
    rows = "".join(f"        {person} | {value}\n" for person, value in found.items())
    check("person.circumstances", drawn + "        person_id | damp_complaints\n" + rows)


def test_whether_anybody_smokes_at_home(check):
    """ann lives with a smoker, bob with nobody that smokes; of cat's brother no practice knows. dan has died and eve has
    moved away: neither says anything of a home. fay's home is none of a household."""
    check(
        "person.home_smoking",
        """
        person.demographics
        person_id | ralf | is_eligible | is_resident
        ann       | aa   | true        | true
        ann2      | aa   | true        | true
        ann3      | aa   | true        | true
        bob       | bb   | true        | true
        dan       | bb   | false       | true
        eve       | bb   | true        | false
        cat       | cc   | true        | true
        cat2      | cc   | true        | true
        fay       | ff   | true        | true

        person.homes
        ralf
        aa
        bb
        cc

        person.profile
        person_id | is_current_smoker
        ann       | false
        ann2      | true
        ann3      |
        bob       | false
        dan       | true
        eve       | true
        cat       | false
        cat2      |
        fay       | true
        =>
        person_id | smoking_at_home
        ann       | smoker
        ann2      | smoker
        ann3      | smoker
        bob       | no smoker
        cat       | unknown
        cat2      | unknown
        """,
    )
