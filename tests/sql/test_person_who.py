"""Who people are: what sources say, which value stands, where they live, which list they are on."""

from __future__ import annotations

from datetime import date

import pytest

NO_RECORDS = """
    pseudo.gp__registrations

    pseudo.apc__episodes

    pseudo.asc__events

    pseudo.education__pupils

    pseudo.ecds__attendances

    pseudo.housing__tenancies
"""


def test_records_of_every_source_in_one_set_of_codes(check):
    check(
        "person.records",
        """
        linked.spine
        source    | record_id | person_id | link_band | is_current | is_one_time
        gp        | g1        | ann       | A         | true       | false
        apc       | h1        | ann       | A         | true       | false
        asc       | c1        | ann       | C         | true       | false
        education | p1        | kit       |           | true       | false
        housing   | t1        | ann       | D         | true       | false
        ecds      | d1        | ann       | A         | true       | false

        pseudo.gp__registrations
        record_id | row_id | birth_month | sex | ethnic_category | death_date | deregistered_date | is_sensitive
        g1        | r1     | 1980-05-01  | 2   | K               |            |                   | true

        pseudo.apc__episodes
        record_id | row_id | birth_month | sex | ethnic_category | admission_date | discharge_date | discharge_method_code
        h1        | e1     | 1980-05-01  | 2   | Z               | 2025-03-01     | 2025-03-04     | 1
        h1        | e2     | 1980-06-01  | 9   | K               | 2025-02-01     | 2025-02-02     | 4

        pseudo.asc__events
        record_id | row_id | birth_month | sex    | ethnicity                               | event_start_date | death_date
        c1        | v1     | 1980-05-01  | Female | ASIAN or Asian British – Bangladeshi    | 2025-06-01       |

        pseudo.ecds__attendances
        record_id | row_id | birth_month | sex | ethnic_category | arrival_date | discharge_destination_code
        d1        | a1     | 1980-05-01  | 2   | 99              | 2025-12-01   | 305398007
        d1        | a2     | 1980-05-01  | 2   | K               | 2025-11-01   | 306689006

        pseudo.education__pupils
        record_id | row_id | birth_month | sex | ethnicity
        p1        | q1     | 2015-09-01  | M   | REFU

        pseudo.housing__tenancies
        record_id | row_id | birth_month | tenancy_end_date
        t1        | u1     | 1980-05-01  | 2025-12-31
        =>
        source    | record_id | person_id | link_band | birth_month | sex    | ethnicity_group | death_date | seen_date  | is_sensitive
        gp        | g1        | ann       | A         | 1980-05-01  | female | Bangladeshi     |            | 2026-01-31 | true
        apc       | h1        | ann       | A         | 1980-05-01  | female | Bangladeshi     | 2025-02-02 | 2025-03-01 | false
        asc       | c1        | ann       | C         | 1980-05-01  | female | Bangladeshi     |            | 2025-06-01 | false
        education | p1        | kit       |           | 2015-09-01  | male   |                 |            | 2026-01-31 | false
        housing   | t1        | ann       | D         | 1980-05-01  |        |                 |            | 2025-12-31 | false
        ecds      | d1        | ann       | A         | 1980-05-01  | female | Bangladeshi     | 2025-12-01 | 2025-12-01 | false
        """,
    )


def test_records_that_are_gone_or_one_time_are_left_out(check):
    check(
        "person.records",
        """
        linked.spine
        source | record_id | person_id | is_current | is_one_time
        gp     | g1        | ann       | false      | false
        gp     | g2        | bob       | true       | true
        """
        + NO_RECORDS.replace(
            "pseudo.gp__registrations\n",
            """pseudo.gp__registrations
        record_id | row_id | birth_month
        g1        | r1     | 1980-05-01
        g2        | r2     | 1980-05-01
""",
        )
        + """
        =>
        record_id | person_id
        """,
    )


@pytest.mark.parametrize("month", ["1900-01-01", "2026-02-01"], ids=["placeholder", "not yet born"])
def test_an_impossible_birth_month_is_not_known(check, month):
    check(
        "person.records",
        """
        linked.spine
        source | record_id | person_id | is_current | is_one_time
        gp     | g1        | ann       | true       | false
        """
        + NO_RECORDS.replace(
            "pseudo.gp__registrations\n",
            f"""pseudo.gp__registrations
        record_id | row_id | birth_month
        g1        | r1     | {month}
""",
        )
        + """
        =>
        person_id | birth_month
        ann       |
        """,
    )


def test_the_latest_the_practice_knows_stands_else_what_most_say(check):
    check(
        "person.attributes",
        """
        person.records
        person_id | source    | record_id | birth_month | sex    | ethnicity_group | seen_date
        ann       | gp        | g1        | 1980-05-01  | female | Black           | 2026-01-31
        ann       | gp        | g2        | 1980-05-01  | female | Mixed           | 2026-01-31
        ann       | apc       | h1        | 1980-05-01  | male   | Black           | 2025-01-01
        ann       | asc       | c1        | 1980-05-01  | male   | Black           | 2025-06-01
        bob       | gp        | g3        |             | male   |                 | 2026-01-31
        bob       | apc       | h2        | 1970-01-01  | male   | White Other     | 2025-12-01
        bob       | asc       | c2        | 1970-01-01  | male   | White British   | 2025-06-01
        bob       | education | p2        | 1971-01-01  |        | White British   | 2025-01-01

        pseudo.gp__registrations
        record_id | registered_date
        g1        | 2020-01-01
        g2        | 2024-01-01
        g3        | 2024-01-01
        =>
        person_id | attribute       | value         | source | has_conflict
        ann       | birth_month     | 1980-05-01    | gp     | false
        ann       | sex             | female        | gp     | true
        ann       | ethnicity_group | Mixed         | gp     | true
        bob       | birth_month     | 1970-01-01    | apc    | true
        bob       | sex             | male          | gp     | false
        bob       | ethnicity_group | White British | asc    | true
        """,
    )


def test_addresses_open_or_seen_within_fifteen_months(check):
    check(
        "person.addresses",
        """
        person.records
        person_id | source  | record_id
        ann       | housing | t1
        ann       | housing | t2
        ann       | gp      | g1
        bob       | asc     | c1
        bob       | apc     | h1
        bob       | ecds    | d1
        cat       | asc     | c2

        pseudo.housing__tenancies
        record_id | row_id | lsoa21    | ralf | tenancy_start_date | tenancy_end_date
        t1        | u1     | E01004198 | home | 2020-01-01         |
        t2        | u2     | E01004199 | flat | 2010-01-01         | 2019-12-31

        pseudo.gp__registrations
        record_id | row_id | lsoa21    | registered_date | deregistered_date
        g1        | r1     | E01004200 | 2015-01-01      | 2026-01-31

        pseudo.education__pupils

        pseudo.asc__events
        record_id | row_id | lsoa21    | ralf | event_type | event_start_date | event_end_date
        c1        | v1     | E01004201 | old  | Request    | 2024-12-01       |
        c1        | v2     | E01004202 | new  | Service    | 2023-01-01       |
        c2        | v3     | E01004202 |      | Assessment | 2024-10-31       |

        pseudo.apc__episodes
        record_id | row_id | lsoa21    | admission_date
        h1        | e1     | E01004203 | 2024-11-01
        h1        | e2     | E01004204 | 2024-10-01

        pseudo.ecds__attendances
        record_id | row_id | lsoa21    | ralf | arrival_date
        d1        | a1     | E01004205 | desk | 2025-11-01
        d1        | a2     | E01004206 |      | 2026-02-01
        =>
        person_id | source  | record_id | priority | lsoa21    | ralf | from_date  | seen_date
        ann       | housing | t1        | 1        | E01004198 | home | 2020-01-01 | 2026-01-31
        bob       | asc     | c1        | 4        | E01004202 | new  | 2023-01-01 | 2026-01-31
        bob       | apc     | h1        | 5        | E01004203 |      | 2024-11-01 | 2024-11-01
        bob       | ecds    | d1        | 5        | E01004205 | desk | 2025-11-01 | 2025-11-01
        """,
    )


def test_the_best_address_and_nobody_with_a_sensitive_record(check):
    check(
        "person.residences",
        """
        person.records
        person_id | source | record_id | is_sensitive
        ann       | gp     | g1        | false
        sue       | gp     | g2        | true

        person.addresses
        person_id | source  | record_id | priority | lsoa21    | from_date  | seen_date
        ann       | gp      | g1        | 2        | E01004199 | 2024-01-01 | 2026-01-31
        ann       | housing | t1        | 1        | E01004198 | 2020-01-01 | 2026-01-31
        ann       | housing | t2        | 1        | E01004200 | 2019-01-01 | 2026-01-31
        bob       | apc     | h1        | 5        | E01000001 | 2025-01-01 | 2025-01-01
        sue       | housing | t3        | 1        | E01004198 | 2020-01-01 | 2026-01-31
        =>
        person_id | residence_source | lsoa21    | ward_code | locality | imd_quintile | is_resident | has_residence_conflict
        ann       | housing          | E01004198 | E05009331 | NW       | 1            | true        | true
        bob       | apc              | E01000001 |           |          |              | false       | false
        """,
    )


def test_of_two_open_registrations_the_later_is_where_they_are(check):
    check(
        "person.registrations",
        """
        person.records
        person_id | source | record_id
        ann       | gp     | g1
        ann       | gp     | g2
        bob       | gp     | g3
        cat       | gp     | g4
        dan       | gp     | g5

        pseudo.gp__registrations
        record_id | practice_code | registration_type | registered_date | deregistered_date
        g1        | F84012        | R                 | 2015-01-01      |
        g2        | F84016        | R                 | 2025-06-01      |
        g3        | F84012        | R                 | 2015-01-01      | 2026-01-31
        g4        | F84012        | T                 | 2015-01-01      |
        g5        | A81001        | R                 | 2015-01-01      |

        reference.practices
        practice_code | pcn_code | locality | valid_from | valid_to
        F84012        | N2       | NW       | 2019-07-01 | 2022-11-01
        F84012        | U2       | NW       | 2022-11-01 |
        F84016        | U1       | NW       | 2022-11-01 |
        =>
        person_id | practice_code | pcn_code | registered_date | registration_count
        ann       | F84016        | U1       | 2025-06-01      | 2
        """,
    )


def test_a_retired_practice_code_is_its_successors_from_the_day_after_it_closed(check):
    drawing = """
        person.records
        person_id | source | record_id
        ann       | gp     | g1
        bob       | gp     | g2
        cat       | gp     | g3

        pseudo.gp__registrations
        record_id | practice_code | registration_type | registered_date
        g1        | F84682        | R                 | 2015-01-01
        g2        | F84039        | R                 | 2015-01-01
        g3        | F84702        | R                 | 2015-01-01

        reference.practice_successors
        practice_code | successor_code | closed_date | reason
        F84682        | F84039         | 2022-10-31  | merged
        F84702        |                | 2019-04-30  | list_dispersed

        reference.practices
        practice_code | pcn_code | valid_from | valid_to
        F84039        | N3       | 2019-07-01 | 2022-11-01
        F84682        | N4       | 2019-07-01 | 2022-11-01
        F84039        | U1       | 2022-11-01 |
        =>
        person_id | practice_code | pcn_code
        """
    check(
        "person.registrations",
        drawing + "ann | F84682 | N4\n        bob | F84039 | N3",
        snapshot=date(2022, 10, 31),
    )
    check("person.registrations", drawing + "ann | F84039 | U1\n        bob | F84039 | U1")


def test_the_pcn_is_the_one_of_the_snapshot(check):
    check(
        "person.registrations",
        """
        person.records
        person_id | source | record_id
        ann       | gp     | g1

        pseudo.gp__registrations
        record_id | practice_code | registration_type | registered_date
        g1        | F84012        | R                 | 2015-01-01

        reference.practices
        practice_code | pcn_code | locality | valid_from | valid_to
        F84012        | N2       | NW       | 2019-07-01 | 2022-11-01
        F84012        | U2       | NW       | 2022-11-01 |
        =>
        person_id | pcn_code
        ann       | N2
        """,
        snapshot=date(2022, 10, 31),
    )


def test_registered_is_not_resident_and_the_dead_are_not_eligible(check):
    check(
        "person.demographics",
        """
        person.records
        person_id | source  | record_id | link_band | death_date | is_sensitive
        both      | gp      | g1        | A         |            | false
        both      | housing | t1        | D         |            | false
        reg       | gp      | g2        |           |            | false
        res       | housing | t2        |           |            | false
        away      | apc     | h1        |           |            | false
        dead      | gp      | g3        | A         |            | false
        dead      | apc     | h2        | A         | 2025-12-01 | false
        dead      | deaths  | d1        | A         | 2025-12-03 | false
        secret    | gp      | g4        |           |            | true

        person.attributes
        person_id | attribute       | value       | source | has_conflict
        both      | birth_month     | 2007-01-01  | gp     | true
        both      | sex             | female      | gp     | false
        both      | ethnicity_group | Bangladeshi | gp     | false
        reg       | birth_month     | 2007-02-01  | gp     | false

        person.residences
        person_id | residence_source | lsoa21    | locality | imd_quintile | is_resident | has_residence_conflict
        both      | housing          | E01004198 | NW       | 1            | true        | true
        reg       | gp               | E01000001 |          |              | false       | false
        res       | housing          | E01004198 | NW       | 1            | true        | false
        away      | apc              | E01000001 |          |              | false       | false
        dead      | gp               | E01004198 | NW       | 1            | true        | false

        person.registrations
        person_id | practice_code | pcn_code
        both      | F84012        | U2
        reg       | F84012        | U2
        dead      | F84012        | U2
        secret    | F84012        | U2
        =>
        person_id | age_years | age_band | sex     | ethnicity_group | locality | population_basis | is_alive | death_date | is_eligible | has_health_record | link_band | record_count | has_birth_month_conflict | has_residence_conflict
        both      | 19        | 19-24    | female  | Bangladeshi     | NW       | both             | true     |            | true        | true              | D         | 2            | true                     | true
        reg       | 18        | 12-18    | unknown | Unknown         | outside  | registered       | true     |            | true        | true              |           | 1            | false                    | false
        res       |           | unknown  | unknown | Unknown         | NW       | resident         | true     |            | true        | false             |           | 1            | false                    | false
        away      |           | unknown  | unknown | Unknown         | outside  | neither          | true     |            | false       | false             |           | 1            | false                    | false
        dead      |           | unknown  | unknown | Unknown         | NW       | both             | false    | 2025-12-03 | false       | true              | A         | 3            | false                    | false
        secret    |           | unknown  | unknown | Unknown         | withheld | registered       | true     |            | true        | true              |           | 1            | false                    | false
        """,
    )


HOMES = """
        reference.lsoa21
        lsoa21    | locality
        E01004198 | NW

        pseudo.llpg__addresses
        row_id | ralf   | property_class_code | logical_status_code | lsoa21    | start_date | end_date
        r1     | one    | RD06                | 1                   | E01004198 | 1980-01-01 |
        r2     | two    | RD04                | 1                   | E01004198 |            |
        r3     | many   | RH02                | 1                   | E01004198 |            |
        r4     | care   | RI01                | 1                   | E01004198 |            |
        r5     | hall   | RI02                | 1                   | E01004198 |            |
        r6     | hotel  | CH03                | 1                   | E01004198 |            |
        r7     | shell  | PP                  | 1                   | E01004198 |            |
        r8     | gone   | RD06                | 8                   | E01004198 | 1980-01-01 | 2001-01-01
        r9     | soon   | RD06                | 6                   | E01004198 | 2027-01-01 |
        s1     | two    | RD06                | 3                   | E01004198 |            |
        s2     | closed | RD06                | 1                   | E01004198 |            | 2026-01-30
        s3     |        | RD06                | 1                   | E01004198 |            |
        s4     | past   | RD06                | 8                   | E01004198 | 1980-01-01 |
"""


def drawn_residents(**homes: tuple[int | None, ...]) -> str:
    """A drawing of person.demographics: the ages of those who live in each home."""
    lines = ["person.demographics", "person_id | ralf | age_years | is_eligible | is_resident"]
    for home, ages in homes.items():
        lines += [f"{home}{i:02d} | {home} | {'' if a is None else a} | true | true" for i, a in enumerate(ages)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("ages", "composition", "is_alone", "is_older_alone", "is_multigenerational"),
    [
        ((64,), "one_person", True, False, False),
        ((65,), "one_person_65plus", True, True, False),
        ((17,), "children_alone", True, False, False),
        ((30, 45), "two_adults_alike", False, False, False),
        ((30, 46), "two_adults_apart", False, False, False),
        ((18, 40, 41), "adults", False, False, False),
        ((17, 40), "one_adult_with_children", False, False, False),
        ((0, 17, 40, 70), "three_ages", False, False, True),
        ((17, 70), "one_adult_with_children", False, False, False),
        ((5, 40, 41), "two_adults_with_children", False, False, False),
        ((5, 20, 40, 41), "adults_with_children", False, False, False),
        ((5, 40, None), "unknown", False, False, False),
        (tuple([30] * 20), "adults", False, False, False),
        (tuple([30] * 21), "unknown", False, False, False),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_ages_tell_of_a_household(check, ages, composition, is_alone, is_older_alone, is_multigenerational):
    flags = " | ".join(str(f).lower() for f in (is_alone, is_older_alone, is_multigenerational, len(ages) > 20))
    check(
        "person.households",
        HOMES
        + drawn_residents(one=ages)
        + f"""=>
        ralf | lsoa21    | locality | person_count | composition   | is_living_alone | is_living_alone_65plus | is_multigenerational | is_oversized
        one  | E01004198 | NW       | {len(ages)}  | {composition} | {flags}
        """,
    )


def test_households_are_in_standing_homes_and_communal_homes_apart(check):
    where = dict.fromkeys(("two", "care", "hall", "hotel", "shell", "gone", "soon", "closed", "past", "nowhere"), (70,))
    elsewhere = "left | two | 40 | false | true\naway | two | 40 | true | false\nlost | | 40 | true | true\n"
    check(
        "person.households",
        HOMES
        + drawn_residents(**where)
        + elsewhere
        + """=>
        ralf  | is_communal | communal_type | person_count | older_count | composition       | is_living_alone_65plus
        two   | false       |               | 1            | 1           | one_person_65plus | true
        care  | true        | care_home     | 1            | 1           | communal          | false
        hall  | true        | hall          | 1            | 1           | communal          | false
        hotel | true        | other         | 1            | 1           | communal          | false
        """,
    )
