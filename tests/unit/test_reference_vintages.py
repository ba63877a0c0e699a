"""The dated and the comparing reference tables: whole, agreeing with each other, and with what they were read from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from wsd_pipeline import sql
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.landed.mental_health import COMMUNITY_TEAMS
from wsd_pipeline.contracts.places import FIRST_NEW_LSOA21, WITHDRAWN_LSOA11
from wsd_pipeline.contracts.reference import Origin, ReferenceTable
from wsd_pipeline.contracts.segment import BRIDGES_TO_HEALTH, NWL_SEGMENTS

SHIPPED = sorted(k for k, t in tables().items() if isinstance(t, ReferenceTable) and t.origin is Origin.SHIPPED)


@pytest.fixture(scope="module")
def ask():
    con = duckdb.connect()
    sql.attach_reference(con, SHIPPED)

    def query(text: str, *bound: object) -> list[tuple]:
        return con.execute(text, list(bound)).fetchall()

    yield query
    con.close()


def test_every_lsoa_of_2021_comes_whole_from_those_of_2011(ask):
    assert ask("select count(distinct lsoa11), count(distinct lsoa21) from reference.lsoa11_lsoa21") == [(144, 169)]
    assert ask("select change_type, count(*) from reference.lsoa11_lsoa21 group by 1 order by 1") == [
        ("merged", 4), ("split", 48), ("unchanged", 119),
    ]  # fmt: skip
    assert ask("select lsoa21 from reference.lsoa11_lsoa21 group by 1 having sum(lsoa21_share) != 1") == []
    assert ask("select count(*) from reference.lsoa11_lsoa21 where change_type = 'unchanged' and lsoa11 != lsoa21") == [
        (0,)
    ]
    listed = "select lsoa21, unnest(string_split(lsoa11_codes, '|')) as lsoa11 from reference.lsoa21"
    assert ask(f"({listed}) except (select lsoa21, lsoa11 from reference.lsoa11_lsoa21)") == []


def test_withdrawn_codes_are_those_of_2011_that_are_no_longer_there(ask):
    gone = (
        "select distinct lsoa11 from reference.lsoa11_lsoa21 where lsoa11 not in (select lsoa21 from reference.lsoa21)"
    )
    assert {code for (code,) in ask(gone)} == set(WITHDRAWN_LSOA11)
    new = ask("select lsoa21 from reference.lsoa21 where lsoa21 not in (select lsoa11 from reference.lsoa11_lsoa21)")
    assert len(new) == 50 and all(code >= FIRST_NEW_LSOA21 for (code,) in new)


def test_the_deprivation_of_2019_goes_to_lsoa21_through_the_lookup(ask):
    carried = ask(
        """select count(*) filter (where round(decile) != imd2019_decile) from (
            select lsoa21, sum(lsoa21_share * lookup.imd2019_decile) as decile,
                any_value(areas.imd2019_decile) as imd2019_decile
            from reference.lsoa11_lsoa21 as lookup join reference.lsoa21 as areas using (lsoa21) group by lsoa21)"""
    )
    assert carried == [(0,)]


def test_wards_have_one_name_at_a_time_and_today_s_is_the_one_in_use(ask):
    at = "select ward_code, ward_name from reference.ward_names where valid_from <= ? and coalesce(valid_to > ?, true)"
    for day in (date(2015, 1, 1), date(2022, 5, 5), date(2026, 1, 31)):
        names = ask(at, day, day)
        assert len(names) == len({code for code, _ in names}) == 20
    before = dict(ask(at, date(2015, 1, 1), date(2015, 1, 1)))
    assert (before["E05009317"], before["E05009331"]) == ("Bethnal Green", "St Peter's")
    assert sorted(ask(at, date(2026, 1, 31), date(2026, 1, 31))) == sorted(
        ask("select ward_code, ward_name from reference.wards")
    )


def test_networks_three_and_four_are_one_from_november_2022(ask):
    pcns = """select distinct after.pcn_code from reference.practices as before
        join reference.practices as after using (practice_code)
        where before.pcn_code in ('N3', 'N4') and after.valid_from = date '2022-11-01'"""
    assert ask(pcns) == [("U37286",)]
    for day, count in ((date(2022, 10, 31), 8), (date(2022, 11, 1), 7)):
        found = ask(
            "select count(distinct pcn_code) from reference.practices"
            " where valid_from <= ? and coalesce(valid_to > ?, true)", day, day,
        )  # fmt: skip
        assert found == [(count,)]


def test_no_closed_practice_is_still_listed_and_every_successor_is(ask):
    current = "select practice_code from reference.practices where valid_to is null"
    assert ask(f"select * from reference.practice_successors where practice_code in ({current})") == []
    assert ask(f"select * from reference.practice_successors where successor_code not in ({current})") == []
    lost = """select distinct practice_code from reference.practices where practice_code not in (
        select practice_code from reference.practices where valid_to is null)"""
    assert ask(f"({lost}) except (select practice_code from reference.practice_successors)") == []
    assert ask(
        "select successor_code, closed_date, is_inferred from reference.practice_successors"
        " where practice_code = 'F84702'"
    ) == [(None, date(2019, 4, 30), False)]


def test_age_bands_follow_on_and_cover_every_age(ask):
    for key, kind in (("european_standard_population", "''"), ("expected_prevalence", "concat(condition, sex)")):
        gaps = ask(
            f"""select count(*) from (
                select age_from_years, lag(age_to_years) over (partition by {kind} order by age_from_years) as before
                from reference.{key}) where age_from_years != before + 1"""
        )
        assert gaps == [(0,)]
        assert ask(f"select distinct max(age_to_years) over (partition by {kind}) from reference.{key}") == [(130,)]


def test_the_standard_population_is_a_hundred_thousand(ask):
    assert ask("select count(*), sum(standard_population) from reference.european_standard_population") == [
        (19, 100_000)
    ]


def test_the_score_s_weights_are_those_the_conditions_carry(ask):
    assert ask("select count(*), sum(cms_weight) from reference.cms_weights") == [(20, Decimal("16.33"))]
    carried = "select condition, cms_weight from reference.conditions where cms_weight is not null"
    listed = "select condition, cms_weight from reference.cms_weights where condition is not null"
    assert ask(f"({carried}) except ({listed})") == ask(f"({listed}) except ({carried})") == []


def test_prevalence_is_count_over_denominator_of_a_known_condition(ask):
    wrong = (
        "select qof_register from reference.qof_prevalence"
        " where abs(100.0 * borough_count / denominator_count - borough_pct) > 0.02"
    )
    assert ask(wrong) == []
    assert (
        ask(
            "select condition from reference.qof_prevalence"
            " where condition not in (select condition from reference.conditions)"
        )
        == []
    )


def test_the_founding_documents_shares(ask):
    figures = {name: float(value) for name, value in ask("select figure, value from reference.founding_figures")}
    depression = figures["depression_recorded"] / figures["common_mental_disorder_estimated"]
    payments = figures["direct_payment_clients"] / figures["asc_clients"]
    assert (round(100 * depression, 1), round(100 * payments, 1)) == (45.9, 13.3)


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("J459", "asthma"), ("J440", "copd"), ("I500", "congestive_heart_failure"),
        ("I110", "congestive_heart_failure"),
        ("I119", "hypertension"), ("E117", "diabetes_complications"), ("E119", None), ("B181", "chronic_hepatitis_b"),
        ("B182", None), ("F019", "dementia"), ("I209", "angina"), ("I210", None), ("D500", None), ("J189", None),
    ],
)  # fmt: skip
def test_a_diagnosis_is_of_one_avoidable_condition_or_none(ask, code, group):
    found = ask("select condition_group from reference.acsc_codes where starts_with(?, icd10_prefix)", code)
    assert found == ([] if group is None else [(group,)])


@pytest.mark.parametrize(
    ("code", "group", "is_in"),
    [
        ("W19", "falls_cause", True), ("W20", "falls_cause", False), ("S720", "falls_injury", True),
        ("T98", "falls_injury", True), ("X599", "self_harm", False), ("X60", "self_harm", True),
        ("X849", "self_harm", True),
        ("X85", "self_harm", False),
        ("X85", "assault", True), ("Y09", "assault", True), ("Y10", "assault", False), ("R062", "asthma_wheeze", True),
        ("J210", "asthma_wheeze", False),
    ],
)  # fmt: skip
def test_groups_of_diagnoses_begin_and_end_where_their_definitions_do(ask, code, group, is_in):
    found = ask(
        "select count(*) from reference.diagnosis_groups where diagnosis_group = ? and starts_with(?, icd10_prefix)",
        group, code,
    )  # fmt: skip
    assert found == [(int(is_in),)]


def restricted(ask, system: str, code: str) -> str | None:
    found = ask(
        "select category from reference.restricted_codes where code_system = ?"
        " and case when is_whole_code then code_prefix = ? else starts_with(?, code_prefix) end", system, code, code,
    )  # fmt: skip
    assert len(found) <= 1
    return found[0][0] if found else None


@pytest.mark.parametrize(
    ("system", "code", "category"),
    [
        ("icd10", "A549", "sexually_transmitted_infection"), ("icd10", "A490", None), ("icd10", "A650", None),
        ("icd10", "O049", "termination_of_pregnancy"), ("icd10", "O039", None),
        ("icd10", "Z312", "assisted_conception"),
        ("icd10", "Z310", None), ("icd10", "F640", "gender_recognition"),
        ("icd10", "B20", "sexually_transmitted_infection"),
        ("icd10", "B19", None), ("opcs4", "Q131", "assisted_conception"), ("opcs4", "Q111", None),
        ("treatment_function", "360", "sexually_transmitted_infection"), ("treatment_function", "3601", None),
        ("snomed", "57797005", "termination_of_pregnancy"), ("snomed", "577970051", None),
        ("cluster", "CHLAMTEST_COD", "sexually_transmitted_infection"), ("cluster", "LARC_COD", None),
    ],
)  # fmt: skip
def test_what_the_law_restricts_and_its_neighbours(ask, system, code, category):
    assert restricted(ask, system, code) == category


def test_nothing_the_project_itself_lists_is_restricted(ask):
    for system, key, column in (
        ("snomed", "condition_clusters", "snomed_code"), ("cluster", "condition_clusters", "cluster_id"),
        ("icd10", "acsc_codes", "icd10_prefix"), ("icd10", "diagnosis_groups", "icd10_prefix"),
    ):  # fmt: skip
        for (code,) in ask(f"select distinct {column} from reference.{key}"):
            assert restricted(ask, system, code) is None, f"{key}.{column}"


def test_snomed_concepts_carry_a_right_check_digit(ask):
    """Verhoeff: a digit mistyped in a concept would be noticed here."""
    turn = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)

    def product(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else (a + b) % 5 + 5
        return (a - b) % 5 + 5 if b < 5 else (a - b) % 5

    for (code,) in ask("select code_prefix from reference.restricted_codes where code_system = 'snomed'"):
        check = 0
        for place, digit in enumerate(map(int, reversed(code))):
            for _ in range(place % 8):
                digit = turn[digit]
            check = product(check, digit)
        assert check == 0


def test_the_teams_that_stand_in_for_cpa_are_the_contract_s(ask):
    teams = ask("select team_type_code from reference.mental_health_teams where is_cpa_fallback order by 1")
    assert tuple(code for (code,) in teams) == tuple(sorted(COMMUNITY_TEAMS))


def test_other_systems_segments_are_in_the_order_that_people_are_put_in_them(ask):
    for key, segments in (("bridges_to_health", BRIDGES_TO_HEALTH), ("nwl_segments", NWL_SEGMENTS)):
        rows = ask(f"select segment_order, segment from reference.{key} order by 1")
        assert rows == list(enumerate(segments, start=1))
    healthy = ask("select age_from_years, age_to_years from reference.nwl_segments where need = 'none' order by 1")
    assert healthy == [(0, 12), (13, 17), (18, 64), (65, 130)]
