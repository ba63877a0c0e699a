"""What is counted of the way through hospital and home again, worked out by hand. The snapshot is 31 January 2026."""

from __future__ import annotations

import pytest

PEOPLE = """
        person.demographics
        person_id | birth_month
        ann       | 1950-01-01
        bob       | 1945-01-01
        cat       | 1940-01-01
        dan       | 1961-01-01
        eve       | 1930-01-01
        fay       | 1950-01-01
"""
CARE = """
        person.care_episodes
        person_id | care_type             | start_date
        ann       | reablement            | 2025-06-11
        bob       | reablement            | 2025-06-17
        bob       | long_term_residential | 2025-06-18
        cat       | ongoing_low_level     | 2025-06-12
        eve       | long_term_nursing     | 2025-06-17

        person.records
        source | record_id | person_id
        csds   | rc        | cat
        csds   | ra        | ann
        csds   | rf        | fay

        pseudo.csds__referrals
        record_id | team_type                | referral_date
        rc        | Intermediate care/rehab  | 2025-06-15
        ra        | Intermediate care/rehab  | 2025-06-10
        rf        | District nursing         | 2025-06-12
        rf        | intermediate care, rehab | 2026-02-01
"""


def test_what_began_within_a_week_of_a_discharge(check):
    """ann: reablement the next day goes before intermediate care. bob: reablement on the seventh day, the home on the
    eighth. cat: intermediate care before other support. dan is 64. eve went into a home on the seventh day. fay was in
    hospital five times: she went home, died, was moved, went back to a care home, and left before the year."""
    check(
        "person.older_discharges",
        PEOPLE
        + CARE
        + """
        person.spells
        person_id | spell_key | admission_kind      | discharge_date | bed_days | discharge_method_code | discharge_destination_code
        ann       | s1        | emergency_admission | 2025-06-10     | 7        | 1                     | 19
        bob       | s2        | elective_admission  | 2025-06-10     | 6        |                       |
        cat       | s3        | emergency_admission | 2025-06-10     | 20       | 1                     | 29
        dan       | s4        | emergency_admission | 2025-06-10     | 20       | 1                     | 19
        eve       | s5        | other_admission     | 2025-06-10     | 21       | 1                     | 19
        fay       | s6        | emergency_admission | 2026-01-31     | 14       | 1                     | 19
        fay       | s7        | emergency_admission | 2025-06-10     | 14       | 4                     |
        fay       | s8        | emergency_admission | 2025-06-10     | 14       | 1                     | 51
        fay       | s9        | emergency_admission | 2025-02-01     | 14       | 1                     | 54
        fay       | t0        | emergency_admission | 2025-01-31     | 14       | 1                     | 19
        fay       | t1        | day_case            | 2025-06-10     | 0        | 1                     | 19

        person.stays
        person_id | spell_key | stay_days
        ann       | s1        | 9
        bob       | s2        | 6
        cat       | s3        | 20
        dan       | s4        | 20
        eve       | s5        | 21
        fay       | s6        | 14
        fay       | s7        | 14
        fay       | s8        | 14
        fay       | s9        | 14
        fay       | t0        | 14
        fay       | t1        | 0
        =>
        person_id | spell_key | is_emergency | bed_days | is_to_usual_place | has_prompt_reablement | pathway
        ann       | s1        | true         | 9        | true              | true                  | reablement
        bob       | s2        | false        | 6        | false             | false                 | reablement
        cat       | s3        | true         | 20       | false             | false                 | intermediate_care
        eve       | s5        | false        | 21       | true              | false                 | care_home
        fay       | s6        | true         | 14       | true              | false                 | no_new_care
        fay       | s9        | true         | 14       | false             | false                 | care_home
        """,
    )


CARE_THAT_BEGINS = (
    ("long_term_residential", "care_home"), ("long_term_nursing", "care_home"), ("reablement", "reablement"),
    ("long_term_community", "care_at_home"), ("ongoing_low_level", "care_at_home"), ("other_short_term", "care_at_home"),
    ("carer_direct", "no_new_care"),
)  # fmt: skip
DESTINATIONS = (
    ("19", "", "no_new_care"), ("54", "", "care_home"), ("65", "", "care_home"), ("85", "", "care_home"),
    ("51", "", None), ("52", "", None), ("79", "", None), ("19", "5", None), ("88", "", "no_new_care"),
)  # fmt: skip


@pytest.mark.parametrize(("care", "pathway"), CARE_THAT_BEGINS)
@pytest.mark.parametrize("day", ["2025-06-10", "2025-06-12", "2025-06-17", "2025-06-09", "2025-06-18"])
def test_each_kind_of_care_is_of_a_pathway(check, care, pathway, day):
    """From the day of discharge to the seventh; prompt is reablement on the day or the next. A referral of another
    source, or to come, is none."""
    within = "2025-06-10" <= day <= "2025-06-17"
    prompt = care == "reablement" and day == "2025-06-10"
    check(
        "person.older_discharges",
        f"""
        person.demographics
        person_id | birth_month
        ann       | 1960-06-01

        person.care_episodes
        person_id | care_type             | start_date
        ann       | {care}                | {day}
        ann       | long_term_residential | 2024-01-01
        ann       | carer_direct          | 2025-06-12

        person.records
        source | record_id | person_id
        gp     | r         | ann

        pseudo.csds__referrals
        record_id | team_type               | referral_date
        r         | Intermediate care/rehab | 2025-06-12

        person.spells
        person_id | spell_key | admission_kind      | discharge_date | bed_days | discharge_destination_code
        ann       | s1        | emergency_admission | 2025-06-10     | 1        | 19

        person.stays
        person_id | spell_key | stay_days
        ann       | s1        | 1
        =>
        person_id | has_prompt_reablement | pathway
        ann       | {str(prompt).lower()} | {pathway if within else "no_new_care"}
        """,
    )


@pytest.mark.parametrize(("destination", "method", "pathway"), DESTINATIONS)
@pytest.mark.parametrize("born", ["1960-06-01", "1960-07-01"], ids=["65", "64"])
def test_where_somebody_went(check, destination, method, pathway, born):
    """Whoever died or went to another hospital was not discharged, nor was anybody of 64. A referral on the snapshot
    itself is known."""
    made = f"ann | {pathway}" if pathway and born == "1960-06-01" else ""
    check(
        "person.older_discharges",
        f"""
        person.demographics
        person_id | birth_month
        ann       | {born}

        person.care_episodes
        person_id | care_type | start_date

        person.records
        source | record_id | person_id

        pseudo.csds__referrals
        record_id | team_type | referral_date

        person.spells
        person_id | spell_key | admission_kind     | discharge_date | bed_days | discharge_method_code | discharge_destination_code
        ann       | s1        | elective_admission | 2025-06-10     | 1        | {method}              | {destination}

        person.stays
        person_id | spell_key | stay_days
        ann       | s1        | 1
        =>
        person_id | pathway
        {made}
        """,
    )


def test_a_referral_of_the_snapshot_is_known_and_one_to_come_is_not(check):
    check(
        "person.older_discharges",
        """
        person.demographics
        person_id | birth_month
        ann       | 1940-06-01
        bob       | 1940-06-01

        person.care_episodes
        person_id | care_type | start_date

        person.records
        source | record_id | person_id
        csds   | ra        | ann
        csds   | rb        | bob

        pseudo.csds__referrals
        record_id | team_type               | referral_date
        ra        | Intermediate care/rehab | 2026-01-31
        rb        | Intermediate care/rehab | 2026-02-01

        person.spells
        person_id | spell_key | admission_kind     | discharge_date | bed_days
        ann       | s1        | elective_admission | 2026-01-30     | 1
        bob       | s2        | elective_admission | 2026-01-30     | 1

        person.stays
        person_id | spell_key | stay_days
        ann       | s1        | 1
        bob       | s2        | 1
        =>
        person_id | pathway
        ann       | intermediate_care
        bob       | no_new_care
        """,
    )


def _pathways(feeds: str, expected: str) -> str:
    return f"""
        person.older_discharges
        person_id | pathway     | bed_days
        ann       | reablement  | 4
        ann       | no_new_care | 10
        bob       | no_new_care | 3
        eve       | no_new_care | 9

        person.demographics
        person_id | locality | population_basis
        ann       | NE       | both
        bob       | SW       | resident
        eve       | SW       | neither

        reference.received_feeds
        feed              | is_stale
        {feeds}
        =>
        pathway           | dimension | dimension_value | discharge_count | all_discharge_count
        {expected}
        """


def test_pathways_by_place(check):
    """Three discharges, two with no new care: 17 nights in all. A pathway that nobody took is there with none."""
    counted = {("reablement", "all"): 1, ("no_new_care", "all"): 2, ("all", "all"): 3, ("reablement", "NE"): 1,
               ("no_new_care", "NE"): 1, ("all", "NE"): 2, ("no_new_care", "SW"): 1, ("all", "SW"): 1}  # fmt: skip
    rows = [
        f"{pathway} | {'all' if place == 'all' else 'locality'} | {place} | {counted.get((pathway, place), 0)} | "
        f"{counted[('all', place)]}"
        for pathway in ("all", "care_at_home", "care_home", "intermediate_care", "no_new_care", "reablement")
        for place in ("all", "NE", "SW")
    ]
    feeds = "apc__episodes | false\n asc__events | false\n csds__referrals | false"
    check("mart.discharge_pathways", _pathways(feeds, "\n".join(rows)))


@pytest.mark.parametrize("feeds", ["apc__episodes | false\n asc__events | false",
                                   "apc__episodes | false\n asc__events | false\n csds__referrals | true"], ids=["absent", "stale"])  # fmt: skip
def test_pathways_are_not_available_without_all_three_feeds(check, feeds):
    rows = [
        f"{pathway} | {'all' if place == 'all' else 'locality'} | {place} | |"
        for pathway in ("all", "care_at_home", "care_home", "intermediate_care", "no_new_care", "reablement")
        for place in ("all", "NE", "SW")
    ]
    check("mart.discharge_pathways", _pathways(feeds, "\n".join(rows)))


def test_nights_of_a_pathway_are_those_of_its_stays():
    """`nights` is what the mean is made of: 4 of reablement, 13 of two without, 17 of all."""
    import duckdb

    from wsd_pipeline.sql import load_model

    con = duckdb.connect()
    con.execute("create schema person; create schema reference")
    con.execute("create table person.older_discharges as from (values (1, 'reablement', 4), (1, 'no_new_care', 10), (2, 'no_new_care', 3)) t(person_id, pathway, bed_days)")  # fmt: skip
    con.execute("create table person.demographics as from (values (1, 'NE', 'both'), (2, 'SW', 'both')) t(person_id, locality, population_basis)")  # fmt: skip
    con.execute("create table reference.received_feeds as from (values ('apc__episodes', false), ('asc__events', false), ('csds__referrals', false)) t(feed, is_stale)")  # fmt: skip
    con.execute(f"create table made as {load_model('mart.discharge_pathways').text}", {"month": "2026-01"})
    got = con.execute("select pathway, nights from made where dimension = 'all' and nights > 0 order by all").fetchall()
    con.close()
    assert got == [("all", 17), ("no_new_care", 13), ("reablement", 4)]


def test_stays_of_weeks_and_reablement(check):
    """Of eight stays one is of 21 nights, two of 14 or more, three of 7 or more, five of 4 or more, seven of 2 or more:
    the median is from 4 to under 7 nights. Reablement was offered after two, but
    only ann's was home from an emergency. dan was 65 on the day, cat is 65 today and was 64."""
    check(
        "person.flow_older",
        """
        person.demographics
        person_id | birth_month
        ann       | 1950-01-01
        cat       | 1960-12-01
        dan       | 1960-02-01

        person.spells
        person_id | admission_kind      | admission_date
        ann       | emergency_admission | 2025-02-01
        ann       | emergency_admission | 2025-06-01
        ann       | emergency_admission | 2025-01-31
        ann       | elective_admission  | 2025-06-01
        cat       | emergency_admission | 2025-11-30
        dan       | emergency_admission | 2025-02-01

        person.older_discharges
        person_id | is_emergency | is_to_usual_place | has_prompt_reablement | bed_days
        ann       | true         | true              | true                  | 6
        cat       | false        | false             | false                 | 4
        cat       | false        | false             | false                 | 3
        cat       | false        | false             | false                 | 2
        cat       | false        | false             | false                 | 1
        ann       | true         | true              | false                 | 7
        ann       | true         | false             | false                 | 14
        dan       | false        | true              | true                  | 21
        =>
        person_id | metric_id                     | numerator | denominator
        ann       | non_elective_admissions_65    | 2         | 0
        dan       | non_elective_admissions_65    | 1         | 0
        ann       | stays_2_days_65               | 3         | 3
        cat       | stays_2_days_65               | 3         | 4
        dan       | stays_2_days_65               | 1         | 1
        ann       | stays_4_days_65               | 3         | 3
        cat       | stays_4_days_65               | 1         | 4
        dan       | stays_4_days_65               | 1         | 1
        cat       | stays_7_days_65               | 0         | 4
        cat       | stays_14_days_65              | 0         | 4
        cat       | stays_21_days_65              | 0         | 4
        cat       | reablement_after_discharge_65 | 0         | 4
        ann       | stays_7_days_65               | 2         | 3
        dan       | stays_7_days_65               | 1         | 1
        ann       | stays_14_days_65              | 1         | 3
        dan       | stays_14_days_65              | 1         | 1
        ann       | stays_21_days_65              | 0         | 3
        dan       | stays_21_days_65              | 1         | 1
        ann       | reablement_after_discharge_65 | 1         | 3
        dan       | reablement_after_discharge_65 | 1         | 1
        ann       | reablement_offered_65         | 1         | 2
        """,
    )


def test_urgent_care(check):
    """Of ann's six attendances one is planned, one is for same-day care, one is of an earlier year. Of the three others
    one is at an urgent treatment centre; two are major or urgent treatment with time and acuity told, and of those one
    was minor, in hours and not admitted. A complaint that is not listed is other; none is none."""
    check(
        "person.flow_urgent",
        """
        person.attendances
        person_id | arrival_date | department_type  | is_unplanned | is_admitted | is_in_hours | is_minor | has_begun_treatment | chief_complaint_code
        ann       | 2025-02-01   | major            | true         | false       | true        | true     | true                | 29857009
        ann       | 2025-02-02   | urgent_treatment | true         | true        | true        | true     | false               | 1234567
        ann       | 2025-02-03   | walk_in          | true         | false       | true        | true     | true                |
        ann       | 2025-02-04   | major            | false        | false       | true        | true     | true                | 29857009
        ann       | 2025-02-05   | same_day         | true         | false       | true        | true     | true                | 29857009
        ann       | 2025-01-31   | major            | true         | false       | true        | true     | true                | 29857009
        bob       | 2025-02-01   | major            | true         | false       | true        |          | true                | 80313002
        bob       | 2025-02-01   | major            | true         | false       | true        | false    | true                | 29857009
        bob       | 2025-02-01   | major            | true         | false       | false       | true     | true                | 82271004
        =>
        person_id | metric_id              | numerator | denominator
        ann       | urgent_treatment_share | 1         | 3
        bob       | urgent_treatment_share | 0         | 3
        ann       | in_hours_minor_share   | 1         | 2
        bob       | in_hours_minor_share   | 0         | 2
        ann       | treatment_not_begun    | 1         | 2
        bob       | treatment_not_begun    | 0         | 3
        ann       | complaint_chest        | 1         | 0
        ann       | complaint_other        | 1         | 0
        bob       | complaint_chest        | 2         | 0
        bob       | complaint_injury       | 1         | 0
        """,
    )


def test_every_complaint_group_has_its_metric(check):
    """One attendance with a complaint of each group of the reference table gives one metric each."""
    from wsd_pipeline.contracts.marts.flow import FLOW_BCF
    from wsd_pipeline.contracts.reference.codes import COMPLAINTS

    ours = {m.id for m in FLOW_BCF.metrics if m.id.startswith("complaint_")}
    assert ours == {f"complaint_{name}" for name in (*COMPLAINTS, "other")}
    listed = "\n".join(f"{100_000 + i} | {name}" for i, name in enumerate(COMPLAINTS))
    came = "\n".join(
        f"ann | 2025-03-01 | walk_in | true | false | true | {100_000 + i}" for i, _ in enumerate(COMPLAINTS)
    )
    made = "\n".join(f"ann | complaint_{name} | 1 | 0" for name in COMPLAINTS)
    check(
        "person.flow_urgent",
        f"""
        reference.complaint_groups
        snomed_code | complaint_group
        {listed}

        person.attendances
        person_id | arrival_date | department_type | is_unplanned | is_admitted | has_begun_treatment | chief_complaint_code
        {came}
        =>
        person_id | metric_id | numerator | denominator
        ann | urgent_treatment_share | 0 | {len(COMPLAINTS)}
        {made}
        """,
    )


@pytest.mark.parametrize(
    ("arrival", "is_in_hours"),
    [
        ("2026-01-05 08:00:00", "true"), ("2026-01-05 07:59:00", "false"), ("2026-01-09 18:29:00", "true"),
        ("2026-01-09 18:30:00", "false"), ("2026-01-10 12:00:00", "false"), ("2026-01-11 12:00:00", "false"),
    ],
    ids=["opening", "before", "late on friday", "closing", "saturday", "sunday"],
)  # fmt: skip
def test_hours_in_which_a_practice_is_open(check, arrival, is_in_hours):
    check(
        "person.attendances",
        f"""
        person.records
        person_id | source | record_id
        ann       | ecds   | e1

        pseudo.ecds__attendances
        record_id | attendance_key | arrival_date   | arrival_time | acuity_code      | treatment_time
        e1        | a1             | {arrival[:10]} | {arrival}    | 1077251000000100 | {arrival}
        =>
        person_id | is_in_hours   | is_minor | has_begun_treatment
        ann       | {is_in_hours} | true     | true
        """,
    )


def test_an_attendance_of_unknown_hour_or_acuity_is_neither(check):
    check(
        "person.attendances",
        """
        person.records
        person_id | source | record_id
        ann       | ecds   | e1

        pseudo.ecds__attendances
        record_id | attendance_key | arrival_date | arrival_time        | acuity_code
        e1        | a1             | 2026-01-05   |                     |
        e1        | a2             | 2026-01-05   | 2026-01-05 12:00:00 | 1064901000000103
        =>
        person_id | is_in_hours | is_minor | has_begun_treatment
        ann       |             |          | false
        ann       | true        | false    | false
        """,
    )


def test_what_the_outcomes_framework_counts_is_carried(check):
    check(
        "person.flow_carried",
        """
        person.outcomes_hospital
        person_id | metric_id               | numerator | denominator
        ann       | non_elective_admissions | 2         | 0
        ann       | readmissions_30_days    | 1         | 3
        ann       | discharge_usual_place   | 1         | 1
        ann       | outpatient_dna          | 1         | 1

        person.outcomes_reablement
        person_id | metric_id                   | numerator | denominator
        ann       | reablement_91_days          | 1         | 1
        ann       | reablement_91_days_all_year | 1         | 2

        person.outcomes_care
        person_id | metric_id                | numerator | denominator
        ann       | residential_admissions_65 | 1        | 0
        ann       | direct_payments          | 1         | 1
        =>
        person_id | metric_id                   | numerator | denominator
        ann       | non_elective_admissions     | 2         | 0
        ann       | readmissions_30_days        | 1         | 3
        ann       | discharge_usual_place       | 1         | 1
        ann       | reablement_91_days          | 1         | 1
        ann       | reablement_91_days_all_year | 1         | 2
        ann       | residential_admissions_65   | 1         | 0
        """,
    )
