"""Segments under the rules that are shipped: who is complex and why, healthy only by evidence, one lifecourse each."""

from __future__ import annotations

from datetime import date

import pytest

from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.segment import LIFECOURSE_SEGMENTS, NEED_SEGMENTS

COLUMNS = [c for c in table("person.profile").columns if not c.name.endswith("_date")]
WELL = {c.name: "false" if c.type == "BOOLEAN" else "0" for c in COLUMNS} | {
    "age_years": "40", "sex": "female", "population_basis": "both", "has_health_record": "true",
}  # fmt: skip
UNKNOWN = {c.name: "" for c in COLUMNS if c.type == "BOOLEAN" or c.name.endswith(("_count", "_score"))} | {
    "has_health_record": "false"
}


@pytest.fixture
def check(check):
    """The drawing board; where nothing is said of reasons kept from months before, there are none."""

    def run(key: str, drawing: str, **options: object) -> None:
        nothing_kept = key == "segment.need" and "segment.reasons" not in drawing
        check(key, ("segment.reasons\n" if nothing_kept else "") + drawing, **options)

    return run


def profile(**people: dict[str, str]) -> str:
    """A drawing of person.profile: each person is well but for what is said of them."""
    names = sorted(set(WELL) | {n for person in people.values() for n in person})
    names = ["person_id", *(n for n in names if n != "person_id")]
    rows = [{**WELL, **person, "person_id": name} for name, person in people.items()]
    lines = ["person.profile", " | ".join(names), *(" | ".join(row.get(n, "") for n in names) for row in rows)]
    return "\n".join(lines) + "\n=>\n"


def test_every_reason_that_holds_with_its_date_and_source(check):
    check(
        "segment.reasons",
        profile(
            ann={"age_years": "70", "has_dementia": "true", "dementia_date": "2020-01-01", "has_moderate_frailty": "true", "moderate_frailty_date": "2025-01-01"},
            bob={"has_learning_disability_support": "true", "learning_disability_support_date": "2024-01-01"},
            cat={"has_learning_disability": "true", "learning_disability_date": "2001-01-01", "has_learning_disability_support": "true"},
            dan={"age_years": "10", "has_ehcp": "true", "ehcp_date": "2022-01-01", "has_dementia": "true"},
            eve={"is_care_home_resident": "true", "care_home_date": "2019-01-01"},
            fay={**UNKNOWN, "has_long_term_care": "true", "long_term_care_date": "2023-01-01"},
            gus={},
            hal={"ltc_count": "2", "emergency_admission_count": "1", "ed_attendance_count": "5", "ed_attendance_date": "2026-01-05"},
            ida={"ltc_count": "2", "emergency_admission_count": "2", "emergency_admission_date": "2025-03-04", "ed_attendance_count": "5"},
            ageless={"age_years": "", "has_ehcp": "true", "has_dementia": "true", "dementia_date": "2021-01-01"},
        )
        + """
        person_id | rule_id | evidence_date | evidence_source | rule_version
        ann       | C02     | 2025-01-01    | gp              | 2026.4
        ann       | C03     | 2020-01-01    | gp              | 2026.4
        bob       | C05     | 2024-01-01    | asc             | 2026.4
        cat       | C05     | 2001-01-01    | gp              | 2026.4
        dan       | K01     | 2022-01-01    | education       | 2026.4
        eve       | C06     | 2019-01-01    | gp              | 2026.4
        fay       | C06     | 2023-01-01    | asc             | 2026.4
        hal       | C08     | 2026-01-05    | ecds            | 2026.4
        ida       | C08     | 2025-03-04    | apc             | 2026.4
        ageless   | C03     | 2021-01-01    | gp              | 2026.4
        """,
    )  # fmt: skip


HOLDS = {
    "C01": {"has_palliative_care": "true"},
    "C02": {"age_years": "65", "has_severe_frailty": "true"},
    "C03": {"has_dementia": "true"},
    "C04": {"has_serious_mental_illness": "true"},
    "C05": {"has_learning_disability": "true"},
    "C06": {"has_care_home_placement": "true"},
    "C07": {"ltc_count": "4"},
    "C08": {"ltc_count": "2", "emergency_admission_count": "2"},
    "C08 attendances": {"ltc_count": "2", "ed_attendance_count": "5"},
    "C09": {"has_copd": "true", "copd_admission_count": "2", "ltc_count": "1"},
    "C11": {"age_years": "25", "has_ehcp": "true"},
    "C01 service": {"has_palliative_service": "true"},
    "C04 programme": {"is_on_cpa": "true"},
    "C04 ward": {"has_mental_health_stay": "true"},
    "C10": {"has_personal_health_budget": "true"},
    "C10 care": {"has_continuing_care": "true"},
    "C12": {"is_homeless": "true", "ltc_count": "1"},
    "C12 need": {"is_homeless": "true", "has_homeless_support_need": "true"},
    "K02": {"age_years": "4", "is_looked_after": "true"},
    "K03": {"age_years": "4", "has_protection_plan": "true"},
    "K04": {"age_years": "4", "is_in_need_by_disability": "true"},
    "K06": {"age_years": "15", "has_specialist_mental_health_care": "true"},
    "K09": {"age_years": "2", "has_childrens_nursing": "true"},
    "K01": {"age_years": "18", "has_ehcp": "true"},
    "K05": {"age_years": "18", "ltc_count": "1", "emergency_admission_count": "2"},
    "K07": {"age_years": "0", "has_palliative_care": "true"},
    "K08": {"age_years": "5", "has_learning_disability": "true"},
}
SHORT_OF = {
    "C02": {"age_years": "64", "has_severe_frailty": "true"},
    "C07": {"ltc_count": "3", "cms_partial_score": "2.99"},
    "C08": {"ltc_count": "2", "emergency_admission_count": "1"},
    "C08 attendances": {"ltc_count": "2", "ed_attendance_count": "4"},
    "C08 one condition": {"ltc_count": "1", "emergency_admission_count": "9", "ed_attendance_count": "9"},
    "C09 copd": {"has_copd": "true", "copd_admission_count": "1", "ltc_count": "1"},
    "C09 cancer": {"has_cancer": "true", "ltc_count": "1"},
    "C11": {"age_years": "26", "has_ehcp": "true"},
    "C04 seen": {"has_specialist_mental_health_care": "true"},
    "C12 housed": {"ltc_count": "1", "has_homeless_support_need": "true"},
    "C12 alone": {"is_homeless": "true"},
    "K02 grown": {"is_looked_after": "true"},
    "K03": {"age_years": "18", "has_dementia": "true"},
    "K05": {"age_years": "18", "ltc_count": "1", "emergency_admission_count": "1"},
}


@pytest.mark.parametrize("rule", HOLDS)
def test_each_rule_makes_complex_and_is_named(check, rule):
    tier = "5" if rule[:3] in ("C01", "K07") else "4"
    drawing = (
        profile(ann=HOLDS[rule])
        + f"person_id|need_segment|rule_id|need_tier|unevaluable_rule_count\nann|complex|{rule[:3]}|{tier}|0"
    )
    check("segment.need", drawing)


@pytest.mark.parametrize("rule", SHORT_OF)
def test_just_short_of_a_rule_is_healthy(check, rule):
    check("segment.need", profile(ann=SHORT_OF[rule]) + "person_id|need_segment|rule_id\nann|healthy|")


def test_every_rule_that_can_be_asked_is_tested():
    from wsd_pipeline.segmentation import load_rules

    assert {r.id for r in load_rules().need if r.when} == {rule[:3] for rule in HOLDS}


def test_few_but_heavy_conditions_weigh_as_much(check):
    heavy = {"ltc_count": "2", "cms_partial_score": "3"}
    check("segment.need", profile(ann=heavy) + "person_id|need_segment|rule_id\nann|complex|C07")


def test_the_first_rule_that_holds_is_named(check):
    check(
        "segment.need",
        profile(
            ann={"has_dementia": "true", "ltc_count": "4"}, bob={"has_palliative_care": "true", "has_dementia": "true"}
        )
        + """
        person_id | need_segment | rule_id | need_tier
        ann       | complex      | C03     | 4
        bob       | complex      | C01     | 5
        """,
    )


def test_nobody_is_healthy_without_evidence(check):
    check(
        "segment.need",
        profile(
            known={},
            unlinked=UNKNOWN,
            unlinked_child={**UNKNOWN, "age_years": "7"},
            unlinked_in_care={**UNKNOWN, "has_long_term_care": "true"},
            no_care_feed={"has_long_term_care": "", "has_care_home_placement": "", "has_learning_disability_support": ""},
            young_no_school_feed={"age_years": "30", "has_ehcp": ""},
            at_22_no_school_feed={"age_years": "22", "has_ehcp": ""},
            ageless={"age_years": ""},
        )
        .replace("unlinked_in_care", "incare").replace("young_no_school_feed", "at30").replace("at_22_no_school_feed", "at22").replace("no_care_feed", "nofeed").replace("unlinked_child", "child")
        + """
        person_id | need_segment       | rule_id | need_tier | unevaluable_rule_count
        known     | healthy            |         | 0         | 0
        unlinked  | healthy_unverified |         |           | 10
        child     | healthy_unverified |         |           | 9
        incare    | complex            | C06     | 4         | 9
        nofeed    | healthy_unverified |         |           | 2
        at30      | healthy            |         | 0         | 0
        at22      | healthy_unverified |         |           | 1
        ageless   | healthy            |         | 0         | 0
        """,
    )  # fmt: skip


def test_tiers(check):
    check(
        "segment.need",
        profile(
            three={"ltc_count": "3"},
            two={"ltc_count": "2"},
            one={"ltc_count": "1"},
            pressure={"ltc_count": "1", "has_hypertension": "true"},
            smoker={"is_current_smoker": "true"},
            carer={"has_carer_support": "true"},
            none={},
            school={"age_years": "8", "is_fsm_eligible": "true"},
            child={"age_years": "8", "is_fsm_eligible": ""},
            poor={**UNKNOWN, "age_years": "8", "is_fsm_eligible": "true"},
        )
        + """
        person_id | need_tier
        three     | 3
        two       | 3
        one       | 2
        pressure  | 1
        smoker    | 1
        carer     | 1
        none      | 0
        school    | 1
        child     |
        poor      |
        """,
    )


def test_lifecourse_is_the_first_that_holds(check):
    check(
        "segment.lifecourse",
        """
        person.profile
        person_id | age_years
        a0        | 0
        a18       | 18
        a18c      | 18
        a19       | 19
        a19c      | 19
        a64       | 64
        a64u      | 64
        a65       | 65
        a65c      | 65
        ageless   |
        agelessc  |

        segment.need
        person_id | need_segment
        a0        | healthy
        a18       | healthy
        a18c      | complex
        a19       | healthy
        a19c      | complex
        a64       | healthy
        a64u      | healthy_unverified
        a65       | healthy
        a65c      | complex
        ageless   | healthy
        agelessc  | complex
        =>
        person_id | lifecourse_segment | rule_id | rule_version
        a0        | BWGW               | L1      | 2026.4
        a18       | BWGW               | L1      | 2026.4
        a18c      | BWGW               | L1      | 2026.4
        a19       | LW                 | L5      | 2026.4
        a19c      | PI                 | L4      | 2026.4
        a64       | LW                 | L5      | 2026.4
        a64u      | LW                 | L5      | 2026.4
        a65       | PI                 | L3      | 2026.4
        a65c      | PI                 | L3      | 2026.4
        ageless   | age_unknown        | L0      | 2026.4
        agelessc  | age_unknown        | L0      | 2026.4
        """,
    )


def test_segments_part_the_population_and_keep_their_structural_zeros(check, tmp_path):
    """Every combination of what rules ask, three-valued: one segment each, and none where there can be none."""
    import duckdb

    from wsd_pipeline import sql
    from wsd_pipeline.segmentation import generated_models

    con = duckdb.connect()
    sql.attach_empty(con, {"person.profile": table("person.profile")})
    ages = [None, 0, 18, 19, 25, 26, 64, 65, 90]
    three = [True, False, None]
    counts = [None, 0, 1, 2, 4]
    people = len(ages) * len(three) ** 3 * len(counts) ** 2
    con.execute(
        "create table drawn as select row_number() over ()::varchar as n, *"
        " from (select unnest($ages)::smallint as age), (select unnest($three) as a), (select unnest($three) as b),"
        " (select unnest($three) as c), (select unnest($counts) as ltc), (select unnest($counts) as adm)",
        {"ages": ages, "three": three, "counts": counts},
    )
    flags = {c.name: "false" for c in COLUMNS if c.type == "BOOLEAN"}
    flags |= {"has_dementia": "a", "has_ehcp": "b", "has_long_term_care": "c", "has_severe_frailty": "a"}
    names = ", ".join(flags)
    con.execute(
        f"insert into person.profile (person_id, age_years, ltc_count, cms_partial_score, emergency_admission_count, copd_admission_count, ed_attendance_count, {names})"
        f" select md5(n)::uuid, age, ltc, ltc, adm, 0, adm, {', '.join(flags.values())} from drawn"
    )
    con.execute("attach ':memory:' as previous")
    sql.attach_empty(con, {"segment.reasons": table("segment.reasons")}, "previous.")
    con.execute("create schema segment")
    for macro in sql.macros():
        con.execute(macro)
    for key in ("segment.reasons", "segment.need", "segment.lifecourse"):
        model = generated_models()[key]
        con.execute(f"create table {key} as {model.text}", {p: date(2026, 1, 31) for p in model.parameters} or None)
    assert con.execute("select count(*), count(distinct person_id) from segment.need").fetchall() == [(people, people)]
    assert con.execute("select count(*), count(distinct person_id) from segment.lifecourse").fetchall() == [
        (people, people)
    ]
    found = {
        (life, need): n
        for life, need, n in con.execute(
            "select lifecourse_segment, need_segment, count(*) from segment.lifecourse join segment.need using (person_id) group by all"
        ).fetchall()
    }
    assert sum(found.values()) == people
    assert {life for life, _ in found} == set(LIFECOURSE_SEGMENTS) and {need for _, need in found} == set(NEED_SEGMENTS)
    assert ("LW", "complex") not in found
    ages_of = con.execute(
        "select lifecourse_segment, min(age_years), max(age_years) from segment.lifecourse join person.profile using (person_id) group by all order by all"
    ).fetchall()
    assert ages_of == [("BWGW", 0, 18), ("LW", 19, 64), ("PI", 19, 90), ("age_unknown", None, None)]
    assert con.execute(
        "select count(*) from segment.need left join (select person_id, count(*) as n from segment.reasons group by person_id) using (person_id)"
        " where (need_segment = 'complex') != (coalesce(n, 0) > 0)"
    ).fetchall() == [(0,)]
    for rule in (*table("segment.need").rules, *table("segment.lifecourse").rules):
        if rule.limit == 0:
            at = "segment.need" if rule in table("segment.need").rules else "segment.lifecourse"
            assert con.execute(f"select count(*) from {at} where {rule.failing}").fetchall() == [(0,)], rule.name


LATELY = """
        previous.segment.reasons
        person_id | rule_id | evidence_date | evidence_source | last_held_date | rule_version
        kept      | C08     | 2025-09-01    | apc             | 2025-10-31     | 2026.1
        late      | C08     | 2025-08-01    | apc             | 2025-09-30     | 2026.1
        again     | C08     | 2025-09-01    | apc             | 2025-12-31     | 2026.1
        cured     | C03     | 2020-01-01    | gp              | 2025-12-31     | 2026.1
        young     | K05     | 2025-09-01    | apc             | 2025-12-31     | 2026.1
        gone      | C08     | 2025-09-01    | apc             | 2025-12-31     | 2026.1
"""


def test_a_rule_of_use_is_kept_for_three_months_and_no_other(check):
    check(
        "segment.reasons",
        LATELY
        + profile(
            kept={"ltc_count": "2"},
            late={"ltc_count": "2"},
            again={"ltc_count": "2", "emergency_admission_count": "2", "emergency_admission_date": "2026-01-04"},
            cured={},
            young={"age_years": "9", "ltc_count": "1"},
        )
        + """
        person_id | rule_id | evidence_date | evidence_source | last_held_date | rule_version
        kept      | C08     | 2025-09-01    | apc             | 2025-10-31     | 2026.4
        again     | C08     | 2026-01-04    | apc             | 2026-01-31     | 2026.4
        young     | K05     | 2025-09-01    | apc             | 2025-12-31     | 2026.4
        """,
    )


def test_who_is_kept_is_complex_by_that_rule(check):
    kept = "segment.reasons\nperson_id|rule_id|last_held_date\nann|C08|2025-12-31\nbob|C08|2026-01-31\n"
    people = profile(ann={"ltc_count": "2"}, bob={"ltc_count": "2"})
    check("segment.need", kept + people + "person_id|need_segment|rule_id|need_tier\nann|complex|C08|4\nbob|healthy||3")


def test_the_segments_of_other_systems_are_the_first_that_holds(check):
    people = profile(
        dying={"has_palliative_service": "true", "has_dementia": "true"},
        frail={"age_years": "70", "has_moderate_frailty": "true", "ltc_count": "3"},
        spry={"age_years": "64", "has_moderate_frailty": "true", "ltc_count": "3", "has_cancer": "true"},
        baby={"age_years": "0"},
        mother={"has_maternity_care": "true"},
        acute={"has_recent_emergency_admission": "true"},
        street={"is_homeless": "true", "ltc_count": "1"},
        well={},
        unseen=UNKNOWN,
    )
    needs = "segment.need\nperson_id|need_segment\n" + "".join(
        f"{n}|healthy\n" for n in ("dying", "frail", "spry", "baby", "mother", "acute", "street", "well", "unseen")
    )
    check(
        "segment.groupings",
        needs
        + people
        + """
        person_id | bridges_to_health    | nwl_segment
        dying     | end_of_life          | advanced_dementia
        frail     | frailty_dementia     | ltc_older
        spry      | long_term_conditions | cancer_adult
        baby      | maternal_infant      | healthy_child
        mother    | maternal_infant      | healthy_adult
        acute     | acutely_ill          | healthy_adult
        street    | long_term_conditions | homeless
        well      | healthy              | healthy_adult
        unseen    |                      |
        """,
    )
