"""What is counted of access to services, worked out by hand. The snapshot is 31 January 2026."""

from __future__ import annotations

import pytest

from wsd_pipeline import contracts
from wsd_pipeline.contracts.metrics import Metric, measured, metric_mart
from wsd_pipeline.metrics.models import metrics_sql
from wsd_pipeline.sql import parse_model

NOBODY = {
    "registrations": "pseudo.gp__registrations\nrecord_id",
    "conditions": "pseudo.gp__conditions\nrecord_id",
    "events": "pseudo.asc__events\nrecord_id",
    "records": "person.records\nperson_id",
}


def groups(**drawn: str) -> str:
    """A drawing of `person.access_groups` in which what is not given is empty."""
    return "\n\n".join(({**NOBODY, **drawn}).values())


KNOWN = "has_learning_disability | has_learning_disability_support | has_ehcp | is_in_need_by_disability"


@pytest.mark.parametrize(
    ("age", "facts", "expected"),
    [
        (50, "false | false | false | false", "not recorded"),
        (50, "true | false | false | false", "recorded"),
        (50, "true | | | ", "recorded"),
        (50, "false | true | false | false", "recorded"),
        (10, "false | false | true | false", "recorded"),
        (30, "false | false | true | false", "not recorded"),
        (10, "false | false | false | true", "recorded"),
        (19, "false | false | false | true", "not recorded"),
        (50, " | false | false | false", "unknown"),
        (50, "false | | false | false", "unknown"),
        (10, "false | false | | false", "unknown"),
        (25, "false | false | | false", "unknown"),
        (26, "false | false | | ", "not recorded"),
        (18, "false | false | false | ", "unknown"),
        (19, "false | false | false | ", "not recorded"),
    ],
)
def test_a_disability_is_recorded_not_recorded_or_unknown(check, age, facts, expected):
    """A plan is asked of those up to 25, a child's need of those up to 18; what cannot be asked is unknown."""
    check(
        "person.access_groups",
        f"""
        person.demographics
        person_id | is_eligible
        ann       | true
        bob       | false

        person.profile
        person_id | age_years | {KNOWN}
        ann       | {age}     | {facts}

        {groups()}
        =>
        person_id | disability | interpreter_need
        ann       | {expected} | unknown
        """,
    )


def test_other_signs_of_a_disability(check):
    """ann is housebound, bob's sight is impaired, cat has physical support; dan's hearing is again what it was, eve's
    support was of an earlier year, fay is the carer, and of gus social care says memory."""
    check(
        "person.access_groups",
        "person.demographics\nperson_id | is_eligible\n"
        + "\n".join(f"{who} | true" for who in ("ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal"))
        + f"\n\nperson.profile\nperson_id | age_years | {KNOWN}\n"
        + "\n".join(f"{who} | 50 | false | false | false | false" for who in ("ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal"))
        + "\n\n"
        + groups(
            registrations="pseudo.gp__registrations\nrecord_id | is_housebound | is_interpreter_required\n"
            "ga | true | false\ngb | false | true\ngd | |",
            conditions="pseudo.gp__conditions\nrecord_id | cluster_id | event_date | resolved_date\n"
            "gb | VISIMP_COD | 2026-01-31 |\ngd | HEARIMP_COD | 2010-01-01 | 2026-01-31\nga | DM_COD | 2010-01-01 |\n"
            "gh | AIS_COD | 2026-02-01 |",
            events="pseudo.asc__events\nrecord_id | event_start_date | primary_support_reason | client_type\n"
            "sc | 2025-02-01 | Physical Support: Personal care support | Service User\n"
            "se | 2025-01-31 | Sensory Support: visual | Service User\n"
            "sf | 2025-06-01 | Physical Support: Personal care support | Carer\n"
            "sg | 2025-06-01 | Support with Memory & Cognition | Service User",
            records="person.records\nsource | record_id | person_id\ngp | ga | ann\ngp | gb | bob\ngp | gd | dan\n"
            "gp | gh | hal\nasc | sc | cat\nasc | se | eve\nasc | sf | fay\nasc | sg | gus",
        )
        + """
        =>
        person_id | disability   | interpreter_need
        ann       | recorded     | not recorded
        bob       | recorded     | recorded
        cat       | recorded     | unknown
        dan       | not recorded | unknown
        eve       | not recorded | unknown
        fay       | not recorded | unknown
        gus       | not recorded | unknown
        hal       | not recorded | unknown
        """,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "language"),
    [("ENG", "English"), ("ENB", "English"), ("BEN", "Bengali"), ("BNG", "Bengali"), ("BNGA", "Bengali"), ("BNGC", "Bengali"),
     ("BNGS", "Bengali"), ("SOM", "other"), ("OTH", "other"), ("NOT", "unknown"), ("REF", "unknown"), ("", "unknown")],
)  # fmt: skip
def test_the_language_of_the_latest_registration_that_says(check, code, language):
    check(
        "person.access_groups",
        f"person.demographics\nperson_id | is_eligible\nann | true\n\nperson.profile\nperson_id | age_years | {KNOWN}\n\n"
        + groups(
            registrations="pseudo.gp__registrations\nrecord_id | row_id | registered_date | main_language\n"
            f"ga | 1 | 2024-01-01 | {'POL' if code else ''}\nga | 2 | 2025-01-01 | {code}\nga | 4 | 2025-06-01 | \ngb | 3 | 2026-01-01 | URD",
            records="person.records\nsource | record_id | person_id\ngp | ga | ann\nasc | gb | ann",
        )
        + f"\n=>\nperson_id | main_language\nann | {language}\n",
    )


def test_access_to_general_practice(check):
    """ann came twice and missed one; what was cancelled or is to come counts for nothing. bob has no appointment at all.
    cat, offered a check 61 months ago, is not asked of it; dan is on no list."""
    check(
        "person.access_practice",
        """
        person.demographics
        person_id | age_years | is_eligible
        ann       | 65        | true
        bob       | 64        | true
        cat       | 74        | true
        dan       | 70        | true
        eve       | 75        | true

        person.registrations
        person_id
        ann
        bob
        cat
        eve

        person.records
        source | record_id | person_id
        gp     | a         | ann
        gp     | d         | dan
        gp     | e         | eve

        pseudo.gp__appointments
        record_id | appointment_date | status
        a         | 2025-02-01       | Finished
        a         | 2025-03-01       | In Progress
        a         | 2025-04-01       | Did not attend
        a         | 2025-05-01       | Cancelled by Patient
        a         | 2025-01-31       | Finished
        a         | 2026-02-01       | Booked
        d         | 2025-04-01       | Finished
        e         | 2025-04-01       | Cancelled by Unit

        pseudo.gp__conditions
        record_id | cluster_id | event_date
        a         | FLUVAC_COD | 2025-11-01
        e         | FLUVAC_COD | 2025-01-31

        person.practice_checks
        person_id | health_check_offered_date | health_check_date
        ann       | 2021-02-01                | 2021-02-01
        bob       | 2022-01-01                | 2020-12-31
        cat       | 2020-12-31                | 2020-12-31
        eve       | 2025-01-01                | 2025-01-01
        =>
        person_id | metric_id             | numerator | denominator
        ann       | practice_appointments | 2         | 1
        bob       | practice_appointments | 0         | 1
        cat       | practice_appointments | 0         | 1
        eve       | practice_appointments | 0         | 1
        ann       | practice_dna          | 1         | 3
        ann       | flu_vaccination_65    | 1         | 1
        cat       | flu_vaccination_65    | 0         | 1
        eve       | flu_vaccination_65    | 0         | 1
        ann       | nhs_health_checks     | 1         | 1
        bob       | nhs_health_checks     | 0         | 1
        """,
    )


STATUSES = (
    ("Arrived", 1, 0), ("In Progress", 1, 0), ("Finished", 1, 0), ("Visit", 1, 0), ("Waiting", 1, 0),
    ("Patient Walked Out", 1, 0), ("Did Not Attend", 0, 1), ("No Access Visit", 0, 0), ("Blocked", 0, 0),
)  # fmt: skip


@pytest.mark.parametrize(("status", "attended", "missed"), STATUSES)
@pytest.mark.parametrize(("age", "offered", "done", "check_row"), [
    (40, "2021-02-01", "2021-02-01", "1"), (39, "2021-02-01", "2021-02-01", ""), (75, "2025-01-01", "", ""),
    (74, "2021-02-01", "2021-01-31", "0"), (50, "2021-01-31", "2021-02-01", ""),
])  # fmt: skip
def test_each_status_and_each_edge_of_a_check(check, status, attended, missed, age, offered, done, check_row):
    rows = [f"ann | practice_appointments | {attended} | 1"]
    rows += ["ann | practice_dna | " + f"{missed} | 1"] * (attended + missed)
    rows += ["ann | flu_vaccination_65 | 0 | 1"] * (age >= 65)
    rows += [f"ann | nhs_health_checks | {check_row} | 1"] * bool(check_row)
    made = "\n".join(rows)
    check(
        "person.access_practice",
        f"""
        person.demographics
        person_id | age_years | is_eligible
        ann       | {age}     | true

        person.registrations
        person_id
        ann

        person.records
        source | record_id | person_id
        gp     | a         | ann

        pseudo.gp__appointments
        record_id | appointment_date | status
        a         | 2026-01-31       | {status}

        pseudo.gp__conditions
        record_id | cluster_id | event_date

        person.practice_checks
        person_id | health_check_offered_date | health_check_date
        ann       | {offered}                 | {done}
        =>
        person_id | metric_id | numerator | denominator
        {made}
        """,
    )


@pytest.mark.parametrize(
    ("delivered", "given", "expected"),
    [
        ("2025-12-06", "2026-01-31", "1"), ("2025-12-07", "2026-01-31", None), ("2025-06-01", "2025-07-27", "1"),
        ("2025-06-01", "2025-07-28", "0"), ("2025-06-01", "2025-05-31", "0"), ("2024-12-07", "2024-12-07", "1"),
        ("2024-12-06", "2025-01-01", None),
    ],
)  # fmt: skip
def test_eight_weeks_after_a_birth(check, delivered, given, expected):
    """Births of the twelve months that ended 56 days ago; what was recorded from the day to the 56th after it."""
    made = "" if expected is None else f"ann | contraception_after_birth | {expected} | 1"
    check(
        "person.access_contraception",
        f"""
        person.demographics
        person_id | age_years | sex    | is_eligible
        ann       | 46        | female | true

        person.registrations
        person_id
        ann

        person.records
        source | record_id | person_id
        gp     | g         | ann
        msds   | m         | ann

        pseudo.gp__conditions
        record_id | cluster_id     | event_date
        g         | CONTRAPILL_COD | {given}
        g         | DM_COD         | {delivered}

        pseudo.msds__pregnancies
        record_id | delivery_date
        m         | {delivered}
        =>
        person_id | metric_id | numerator | denominator
        {made}
        """,
    )


def test_access_to_hospital(check):
    """Same-day care, what was planned, elective stays and appointments that were cancelled are not in it."""
    check(
        "person.access_hospital",
        """
        person.spells
        person_id | admission_kind      | admission_date
        ann       | emergency_admission | 2025-02-01
        ann       | emergency_admission | 2025-01-31
        ann       | elective_admission  | 2025-02-01

        person.attendances
        person_id | arrival_date | is_unplanned | department_type
        ann       | 2025-02-01   | true         | walk_in
        ann       | 2025-02-02   | true         | major
        ann       | 2025-02-01   | true         | same_day
        ann       | 2025-02-01   | false        | major
        ann       | 2025-01-31   | true         | major

        person.outpatients
        person_id | appointment_date | is_missed | is_attended
        ann       | 2025-02-01       | true      | false
        ann       | 2025-03-01       | false     | true
        ann       | 2025-03-02       | false     | false
        ann       | 2025-01-31       | true      | false
        =>
        person_id | metric_id               | numerator | denominator
        ann       | unplanned_attendances   | 2         | 0
        ann       | non_elective_admissions | 1         | 0
        ann       | outpatient_dna          | 1         | 2
        """,
    )


def test_contraception(check):
    """ann's implant is of the year, bea's pill on the 56th day after her child, of cat's two children one only is old
    enough to be followed, and nothing was recorded in time; dee is 45, eve has had an injection: any method, not a
    long-acting one of those that count."""
    check(
        "person.access_contraception",
        """
        person.demographics
        person_id | age_years | sex    | is_eligible
        ann       | 15        | female | true
        bea       | 44        | female | true
        cat       | 30        | female | true
        dee       | 45        | female | true
        eve       | 30        | female | true
        fay       | 30        | female | true
        guy       | 30        | male   | true

        person.registrations
        person_id
        ann
        bea
        cat
        dee
        eve
        guy

        person.records
        source | record_id | person_id
        gp     | a         | ann
        gp     | b         | bea
        gp     | c         | cat
        gp     | d         | dee
        gp     | e         | eve
        gp     | f         | fay
        msds   | mb        | bea
        msds   | mc        | cat
        msds   | md        | dee
        msds   | mf        | fay

        pseudo.gp__conditions
        record_id | cluster_id    | event_date
        a         | LARCIMP_COD   | 2025-02-01
        b         | CONTRAPILL_COD | 2025-01-31
        c         | LARCIUS_COD   | 2025-08-01
        d         | LARCIUD_COD   | 2025-05-01
        e         | LARCINJ_COD   | 2025-05-01
        f         | LARCIMP_COD   | 2025-05-01

        pseudo.msds__pregnancies
        record_id | delivery_date
        mb        | 2024-12-07
        mb        | 2024-12-06
        mc        | 2025-06-05
        mc        | 2025-12-07
        md        | 2025-05-01
        mf        | 2025-05-01
        =>
        person_id | metric_id                | numerator | denominator
        ann       | contraception_recorded   | 1         | 1
        bea       | contraception_recorded   | 0         | 1
        cat       | contraception_recorded   | 1         | 1
        eve       | contraception_recorded   | 1         | 1
        ann       | larc_per_1000            | 1         | 0
        cat       | larc_per_1000            | 1         | 0
        bea       | contraception_after_birth | 1        | 1
        cat       | contraception_after_birth | 0        | 1
        dee       | contraception_after_birth | 1        | 1
        """,
    )


GP = ("gp__registrations",)
MART = metric_mart(
    "mart.drawn", grain="metric", description="Drawn.", version="7", sources=("person.drawn",), compared={"locality": "NE"},
    metrics=(
        Metric(id="seen_in_time", words="a ÷ b", unit="percent", feeds=GP, by=("locality", "pcn_code")),
        Metric(id="people_seen", words="a ÷ b", unit="per_1000", feeds=GP, population="people"),
        Metric(id="stays_of_weeks", words="a ÷ b", unit="percent", feeds=("apc__episodes",)),
    ),
)  # fmt: skip


def test_a_group_is_set_beside_the_one_it_is_compared_with(check, monkeypatch):
    """SE's two in four beside NE's one in two: the row has all four numbers. Nothing is compared in the rows of all, of
    a dimension that is not declared, or of a feed that did not come. Who is on no list is of no network."""
    source = measured("person.drawn", "what is drawn")
    there = {**contracts.tables(), MART.key: MART, source.key: source}
    monkeypatch.setattr(contracts, "tables", lambda: there)
    check(
        MART.key,
        """
        person.demographics
        person_id | age_years | sex    | locality | pcn_code | is_eligible | population_basis
        ann       | 10        | female | NE       | PCN1     | true        | both
        bob       | 17        | male   | SE       |          | true        | resident

        person.drawn
        person_id | metric_id      | numerator | denominator
        ann       | seen_in_time   | 1         | 2
        bob       | seen_in_time   | 2         | 4
        bob       | people_seen    | 3         | 0
        ann       | stays_of_weeks | 1         | 1

        reference.received_feeds
        feed              | is_stale
        gp__registrations | false
        =>
        metric_id      | dimension | dimension_value | numerator_count | denominator_count | reference_numerator_count | reference_denominator_count
        seen_in_time   | all       | all             | 3               | 6                 |                           |
        seen_in_time   | locality  | NE              | 1               | 2                 | 1                         | 2
        seen_in_time   | locality  | SE              | 2               | 4                 | 1                         | 2
        seen_in_time   | pcn_code  | PCN1            | 1               | 2                 |                           |
        seen_in_time   | pcn_code  | none            | 2               | 4                 |                           |
        people_seen    | all       | all             | 3               | 2                 |                           |
        people_seen    | locality  | NE              | 0               | 1                 | 0                         | 1
        people_seen    | locality  | SE              | 3               | 1                 | 0                         | 1
        stays_of_weeks | all       | all             |                 |                   |                           |
        stays_of_weeks | locality  | NE              |                 |                   |                           |
        stays_of_weeks | locality  | SE              |                 |                   |                           |
        """,
        known={MART.key: parse_model(MART.key, metrics_sql(MART))},
    )


def test_the_number_compared_with_is_that_of_its_own_row():
    """The attacker is told so: same family, fixed to the group, in the rows of its dimension."""
    own = {c.family for c in MART.counts["numerator_count"]}
    beside = MART.counts["reference_numerator_count"]
    assert {c.family for c in beside} == own and len(beside) == len(MART.counts["numerator_count"])
    assert all(c.fixed == {"locality": "NE"} and not c.named for c in beside)
    assert all(str(c.where).endswith("and dimension = 'locality'") for c in beside)
    assert {c.family for c in MART.counts["reference_denominator_count"]} >= {"people"}


def test_a_dimension_that_is_compared_is_used():
    with pytest.raises(ValueError, match="compared that is not used"):
        metric_mart(
            "mart.x", grain="g", description="d", version="1", sources=(), compared={"tenure": "council"},
            metrics=(Metric(id="a_b", words="x ÷ y", unit="percent", feeds=GP),),
        )  # fmt: skip


STRATA = """
create schema person; create schema reference;
create table person.demographics as from (values
    (1, 17, true, 'both', 'Black', 1), (2, 18, true, 'both', 'Black', 1), (3, 39, true, 'both', 'Mixed', 1),
    (4, 40, true, 'both', 'Mixed', null), (5, 64, true, 'both', 'Mixed', 2), (6, 65, true, 'both', 'Mixed', 2),
    (7, 74, true, 'both', 'Mixed', 2), (8, 75, false, 'registered', 'Mixed', 2), (9, null, true, 'both', 'Mixed', 2),
    (10, 75, true, 'both', 'Mixed', 2), (11, 20, false, 'neither', 'Mixed', 2)
) t(person_id, age_years, is_eligible, population_basis, ethnicity_group, imd_quintile);
create table person.access_groups as from (values (1, 'recorded'), (2, 'not recorded')) t(person_id, disability);
create table person.access_hospital as from (values
    (1, 'non_elective_admissions', 3, 0), (8, 'non_elective_admissions', 2, 0), (9, 'non_elective_admissions', 5, 0),
    (11, 'non_elective_admissions', 7, 0), (4, 'unplanned_attendances', 4, 0), (4, 'outpatient_dna', 1, 2)
) t(person_id, metric_id, numerator, denominator);
create table person.access_practice as from (values
    (2, 'practice_appointments', 6, 1), (3, 'practice_appointments', 0, 1), (3, 'practice_dna', 1, 1)
) t(person_id, metric_id, numerator, denominator);
"""


def _strata(feeds: tuple[tuple[str, str], ...], where: str) -> list[tuple]:
    import duckdb

    from wsd_pipeline.sql import load_model

    con = duckdb.connect()
    con.execute(STRATA)
    con.execute("create table reference.received_feeds (feed varchar, is_stale boolean)")
    con.executemany("insert into reference.received_feeds values (?, ?)", [list(f) for f in feeds])
    con.execute(f"create table made as {load_model('mart.access_standardised').text}", {"month": "2026-01"})
    names = [f"{what}_{i}" for what in ("events", "people") for i in range(1, 6)]
    rows = con.execute(f"select numerator_count, {', '.join(names)} from made where {where}").fetchall()
    con.close()
    return rows


ALL_FEEDS = tuple((f, "false") for f in ("apc__episodes", "ecds__attendances", "gp__appointments", "gp__registrations"))


def test_strata_of_what_is_standardised_for_age():
    """`mart.access_standardised`: bands end at 17, 39, 64 and 74. Who has died is in no people but used what they used;
    who is of no known age is in no stratum, and their use is in the count. Appointments are of
    patients alone. Where the feed is there, an age at which there is nobody counts none."""
    stays = _strata(ALL_FEEDS, "metric_id = 'non_elective_admissions' and dimension = 'all'")
    assert stays == [(10, 3, 0, 0, 0, 2, 1, 2, 2, 2, 1)]
    seen = _strata(ALL_FEEDS, "metric_id = 'practice_appointments' and dimension = 'all'")
    assert seen == [(6, 0, 6, 0, 0, 0, 0, 2, 0, 0, 0)]
    black = _strata(ALL_FEEDS, "metric_id = 'unplanned_attendances' and dimension_value = 'Black'")
    assert black == [(0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0)]
    poorest = _strata(ALL_FEEDS, "metric_id = 'unplanned_attendances' and dimension = 'imd_quintile' and dimension_value = 'unknown'")  # fmt: skip
    assert poorest == [(4, 0, 0, 4, 0, 0, 0, 0, 1, 0, 0)]
    disabled = _strata(ALL_FEEDS, "metric_id = 'non_elective_admissions' and dimension_value = 'recorded'")
    assert disabled == [(3, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("feeds", "metric"),
    [
        ((("apc__episodes", "false"),), "unplanned_attendances"),
        ((("gp__registrations", "false"),), "practice_appointments"),
        ((("gp__appointments", "false"),), "practice_appointments"),
        ((("apc__episodes", "true"), ("ecds__attendances", "false")), "non_elective_admissions"),
    ],
)
def test_what_is_standardised_rests_on_its_feed(feeds, metric):
    rows = _strata(feeds, f"metric_id = '{metric}' and dimension = 'all'")
    assert rows and all(value is None for row in rows for value in row)


def _protected(table, exact: dict[str, object]) -> dict[str, object]:
    """One row of a mart as it is published, from its exact numbers."""
    import duckdb

    from wsd_pipeline.contracts.core import Measure, Published
    from wsd_pipeline.disclosure import load_policy, protect_select

    measures = [c for c in table.columns if isinstance(c, Published)]
    later = {c.name for c in measures if c.measure is not Measure.COUNT} | {c.status_column for c in measures}
    keys = dict.fromkeys(table.unique_key, "'all'")
    made = [
        f"cast({({**keys, **exact}).get(c.name, 'null')} as {c.type}) as {c.name}"
        for c in table.columns
        if c.name not in later
    ]
    strata = {n for c in measures for n in c.of} - {c.name for c in table.columns}
    made += [f"cast({exact[n]} as bigint) as {n}" for n in sorted(strata)]
    con = duckdb.connect()
    con.execute(f"create table exact as select {', '.join(made)}")
    got = con.execute(protect_select(table, "exact", load_policy()))
    row = dict(zip([d[0] for d in got.description], got.fetchall()[0], strict=True))
    con.close()
    return row


def test_a_rate_standardised_by_hand():
    """20, 40, 60, 80 and 100 admissions of 1,000 people at each age: 0.02 × 193 + 0.04 × 277 + 0.06 × 335 + 0.08 × 105
    + 0.1 × 90 = 52.44 for 1,000. A young group with the same rates at each age has the same figure, though 30 of its
    1,000 people and not 60 were admitted."""
    from wsd_pipeline.contracts.marts.access import STANDARDISED, WEIGHTS

    assert sum(WEIGHTS) == 100_000
    even = {f"events_{i}": 20 * i for i in range(1, 6)} | {f"people_{i}": 1000 for i in range(1, 6)}
    young = {f"people_{i}": n for i, n in enumerate((4000, 4000, 1000, 500, 500), 1)}
    young |= {f"events_{i}": 20 * i * young[f"people_{i}"] // 1000 for i in range(1, 6)}
    found = [
        _protected(STANDARDISED, {"dimension_value": "'x'", "numerator_count": 300, **strata})
        for strata in (even, young)
    ]
    assert [float(row["value_per_1000"]) for row in found] == [52.4, 52.4]
    assert all(row["ci_low_per_1000"] < 52.4 < row["ci_high_per_1000"] for row in found)


def test_a_ratio_by_hand():
    """30 of 100 beside 60 of 300: 0.3 by 0.2 is 1.5. The counts are the protected ones."""
    from wsd_pipeline.contracts.marts.access import ACCESS

    exact = {"value_per": 100, "ci_method": "'wilson'", "dimension_value": "'x'", "numerator_count": 31, "denominator_count": 99,
             "reference_numerator_count": 60, "reference_denominator_count": 300}  # fmt: skip
    row = _protected(ACCESS, exact)
    assert float(row["value"]) == 30.0 and float(row["ratio_to_reference"]) == 1.5
    small = _protected(ACCESS, exact | {"reference_numerator_count": 5})
    assert small["ratio_to_reference"] is None and small["ratio_to_reference_status"] == "c"
