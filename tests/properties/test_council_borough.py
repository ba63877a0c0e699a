"""The council's invented feeds judged on their files: rates as published, planted facts found, feeds that agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from synthetic_data import generate
from synthetic_data.checks import received
from synthetic_data.services.council.childrens_lists import KINDS
from synthetic_data.world.state import YEAR
from wsd_pipeline.settings import Mode, Project

MONTH, PEOPLE = "2026-01", 20_000
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(root=tmp_path_factory.mktemp("council"), name="test", mode=Mode.SYNTHETIC)
    generate(project, people=PEOPLE, months=[MONTH], seed=7)
    return project


@pytest.fixture(scope="module")
def con(borough: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    session = received.open_month(borough, MONTH)
    yield session
    session.close()


@pytest.fixture(scope="module")
def facts(borough: Project) -> dict[str, dict[str, float]]:
    path = received.truth_folder(borough, MONTH) / "facts.json"
    return json.loads(path.read_text())["planted"]  # type: ignore[no-any-return]


def one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[float, ...]:
    return tuple(float(v or 0) for v in con.execute(query).fetchall()[0])


OPEN = {
    "help": "csc__early_help where end_date is null",
    "need": "csc__children_in_need where closure_date is null and true_person is not null",
    "plan": "csc__protection_plans where plan_end_date is null",
    "care": "csc__looked_after where episode_end_date is null and legal_status_code not in ('V3', 'V4')",
    "break": "csc__looked_after where episode_end_date is null and legal_status_code in ('V3', 'V4')",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.table)
def test_as_many_children_have_each_kind_of_help_as_the_rate_says(con, kind) -> None:
    (children,) = one(con, f"select count(*) from people where is_resident and age_years < {18 - 40 / YEAR}")
    (found,) = one(con, f"select count(distinct true_person) from {OPEN[kind.table]}")
    assert found == pytest.approx(kind.rate / 10_000 * children, rel=0.12, abs=3)


def test_the_poorest_children_are_in_need_most(con) -> None:
    rates = [
        one(
            con,
            "select count(distinct n.true_person) / count(distinct p.true_person) from people p"
            " left join csc__children_in_need n on n.true_person = p.true_person"
            f" where p.is_resident and p.age_years < 18 and p.imd_quintile {which}",
        )[0]
        for which in ("= 1", "> 2")
    ]
    assert rates[0] > 1.3 * rates[1]


def test_year_6_obesity_is_as_planted_and_worse_where_it_is_poorer(con, facts) -> None:
    told = facts["year_6_obesity"]
    measured, obese = one(
        con,
        "with once as (select distinct on (measurement_ref) * from ncmp__measurements where year_group = '6')"
        " select count(*), count(*) filter (bmi_centile_pct::double >= 95 and abs(bmi_z_score::double) <= 5) from once",
    )
    assert measured == told["measured"] > 100
    assert abs(obese - told["obese"]) <= 3  # figures beyond belief are not counted
    assert told["obese"] / measured == pytest.approx(told["planted_share"], abs=0.01)
    by = {q: v["obese"] / max(v["measured"], 1) for q, v in told["by_quintile"].items()}
    assert by["1"] > by["3"]


def test_bmi_follows_from_height_and_weight_and_has_its_centile(con) -> None:
    wrong, rows = one(
        con,
        "select count(*) filter (abs(weight_kg::double / (height_cm::double / 100) ** 2 - bmi::double) > 0.06),"
        " count(*) from ncmp__measurements",
    )
    assert wrong == 0 and rows > 300
    (disordered,) = one(
        con,
        "select count(*) from ncmp__measurements a join ncmp__measurements b"
        " on a.bmi_z_score::double < b.bmi_z_score::double and a.bmi_centile_pct::double > b.bmi_centile_pct::double",
    )
    assert disordered == 0


def test_plans_on_time_are_found_in_the_return(con, facts) -> None:
    issued, soon = one(
        con,
        "with plans as (select distinct upn, request_date, plan_start_date from education__ehc_plans"
        " where has_time_limit_exception = '0' and plan_start_date between date '2025-02-01' and snapshot())"
        " select count(*), count(*) filter (plan_start_date - request_date <= 140) from plans",
    )
    assert (issued, soon) == (facts["plans_on_time"]["issued"], facts["plans_on_time"]["within_twenty_weeks"])


def test_every_pupil_with_a_plan_in_the_census_is_in_the_return(con) -> None:
    (missing, pupils) = one(
        con,
        "select count(*) filter (upn not in (select upn from education__ehc_plans where plan_start_date is not null)),"
        " count(*) from education__pupils where sen_provision = 'E'",
    )
    assert missing == 0 and pupils > 60


def test_one_client_in_seven_has_a_direct_payment_by_component_or_mechanism(con, facts) -> None:
    told = facts["direct_payments"]
    clients, paid = one(
        con,
        "select count(distinct true_person), count(distinct true_person) filter (service_component = 'Direct Payment'"
        " or delivery_mechanism = 'Direct Payment') from asc__events"
        " where event_type = 'Service' and client_type = 'Service User'"
        " and coalesce(event_end_date, snapshot()) >= date_trunc('month', snapshot()) - interval 11 month",
    )
    assert (clients, paid) == (told["clients"], told["with_direct_payment"])
    assert paid / clients == pytest.approx(told["planted_share"], abs=3 * (0.13 * 0.87 / clients) ** 0.5)
    (by_component,) = one(
        con,
        "select count(distinct true_person) from asc__events where service_component = 'Direct Payment'"
        " and client_type = 'Service User'",
    )
    assert 0 < by_component < paid


def test_what_is_spent_on_adaptations_is_found_by_landlord(con, facts) -> None:
    told = facts["adaptation_spending"]
    pounds, provider = one(
        con,
        "with once as (select distinct on (adaptation_ref) * from housing__adaptations"
        " where completion_date between date '2025-02-01' and snapshot())"
        " select sum(cost_gbp::double), sum(cost_gbp::double) filter (landlord_type = 'RP') from once",
    )
    assert (pounds, provider) == (told["pounds"], told["provider_pounds"])


def test_one_household_in_six_lacks_a_bedroom(borough) -> None:
    from synthetic_data.services.council.housing_need import households
    from synthetic_data.world.people import start

    _, _, _, lacking = households(start(7, PEOPLE, 20_454))
    assert (lacking > 0).mean() == pytest.approx(0.16, abs=0.02)


def test_the_single_person_discount_is_nearly_always_where_one_adult_lives(con) -> None:
    right, all_ = one(
        con,
        "with adults as (select uprn, count(*) as n from people where is_resident and age_years >= 18 group by uprn)"
        " select count(*) filter (n = 1), count(*) from council_tax__accounts c"
        " left join adults a on a.uprn = ltrim(c.uprn, '0') where discount = 'SPD25'",
    )
    assert 0.95 < right / all_ < 1


def test_half_of_temporary_accommodation_is_outside_the_borough(con) -> None:
    away, all_ = one(
        con,
        "select count(distinct case_ref) filter (is_out_of_borough = 'Y'), count(distinct case_ref)"
        " from homelessness__placements where placement_end_date is null",
    )
    assert all_ > 80
    assert 0.35 < away / all_ < 0.62


def test_free_school_meals_of_a_claim_are_those_of_its_pupils(con) -> None:
    (wrong,) = one(
        con,
        "select count(*) from benefits__claimants b join education__pupils e using (true_person)"
        " where e.is_fsm_eligible = 'true' and b.has_free_school_meals = 'N'",
    )
    assert wrong == 0


def test_unborn_children_are_expected_and_stand_for_nobody(con) -> None:
    rows, named, late = one(
        con,
        "select count(*), count(true_person), count(*) filter (expected_birth_date < snapshot() - 14)"
        " from csc__children where birth_date is null and expected_birth_date is not null",
    )
    assert rows >= 1 and named == 0 and late == 0


def test_folder_of_files(borough: Project) -> None:
    """Those that do not come each month come in the first."""
    for name in ("ncmp__measurements", "homelessness__people", "personalised_care__products"):
        assert len(list((Path(borough.inbox) / name).glob("*.csv"))) == 1, name
