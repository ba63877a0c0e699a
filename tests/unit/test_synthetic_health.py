"""The invented health services: near the rates they are meant to have, and following on from what came before."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pytest

from synthetic_data import generate
from synthetic_data.checks import received, report
from synthetic_data.feeds.health.patients import month_end, month_number
from synthetic_data.services.health import registrars, talking_therapies
from synthetic_data.services.health.gp_checks import CODES
from synthetic_data.world.closures import CLOSED
from synthetic_data.world.rows import Rows
from wsd_pipeline.contracts import codes
from wsd_pipeline.contracts.clusters import CLUSTERS, LARC, SMI_CHECKS, SMOKING
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow
MONTHS = ("2026-01", "2026-02")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(root=tmp_path_factory.mktemp("health"), name="test", mode=Mode.SYNTHETIC)
    generate(made, people=8_000, months=MONTHS, seed=21)
    return made


@pytest.fixture(scope="module")
def facts(project: Project) -> dict:
    told = received.truth_folder(project, MONTHS[1]) / "facts.json"
    return json.loads(told.read_text(encoding="utf-8"))["planted"]


@pytest.fixture(scope="module")
def con(project: Project) -> duckdb.DuckDBPyConnection:
    session = received.open_month(project, MONTHS[1])
    earlier = received.feed(project, MONTHS[0], "gp__conditions")
    session.register("earlier_frame", earlier.to_arrow())
    session.execute("create table earlier as select * from earlier_frame")
    return session


def one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[float, ...]:
    return tuple(float(v or 0) for v in con.execute(query).fetchall()[0])


def test_appointments_are_as_many_as_in_the_borough(con: duckdb.DuckDBPyConnection) -> None:
    people, gp, attended, missed, due = one(
        con,
        "select (select count(*) from people where is_registered),"
        " (select count(*) from gp__appointments where appointment_date <= snapshot() and status not like 'Canc%'),"
        " (select count(*) from op__appointments where attendance_code in ('5', '6')),"
        " (select count(*) from op__appointments where attendance_code in ('3', '7')),"
        " (select count(*) from op__appointments where attendance_code in ('3', '5', '6', '7'))",
    )
    assert 4.1 < gp / people < 4.9
    assert 950 < 1000 * attended / people < 1250
    assert 0.105 < missed / due < 0.135


def test_interpreters_and_poverty_go_with_missed_appointments(con: duckdb.DuckDBPyConnection) -> None:
    rate = "count(*) filter (attendance_code in ('3', '7')) / count(*) filter (attendance_code in ('3', '5', '6', '7'))"
    speaks = dict(
        con.execute(
            f"select g.needs, {rate} from op__appointments join (select true_person,"
            " max(is_interpreter_required) = 'true' as needs from gp__registrations group by 1) g"
            " using (true_person) group by 1"
        ).fetchall()
    )
    assert speaks[True] > 1.15 * speaks[False]
    poor, rich = one(
        con,
        f"select (select {rate} from op__appointments join people using (true_person) where imd_quintile <= 2),"
        f" (select {rate} from op__appointments join people using (true_person) where imd_quintile >= 4)",
    )
    assert poor > rich


def test_every_birth_was_booked_and_every_death_is_registered_once(con: duckdb.DuckDBPyConnection) -> None:
    born, unbooked = one(
        con,
        "select count(*), count(*) filter (b.true_person is null) from births__registrations r"
        " left join (select distinct true_person from msds__babies) b using (true_person)"
        " where r.birth_date between snapshot() - 300 and snapshot() - 60",
    )
    assert born > 20 and unbooked <= 0.1 * born
    deaths, people = one(con, "select count(*), count(distinct true_person) from deaths__registrations")
    assert deaths == people > 20
    months = one(con, "select count(distinct date_trunc('month', death_date)) from deaths__registrations")[0]
    assert months >= 11


def test_deaths_wait_for_inquests_and_follow_illness(con: duckdb.DuckDBPyConnection) -> None:
    median, longest = one(
        con,
        "select median(registration_date - death_date), max(registration_date - death_date) from deaths__registrations",
    )
    assert 3 <= median <= 12 < longest
    cancer, others = one(
        con,
        "with ill as (select distinct true_person from gp__conditions where cluster_id = 'CAN_COD') select"
        " avg((left(underlying_cause_code, 1) = 'C')::int) filter (true_person in (select true_person from ill)),"
        " avg((left(underlying_cause_code, 1) = 'C')::int) filter (true_person not in (select true_person from ill))"
        " from deaths__registrations",
    )
    assert cancer > 2 * others


def test_need_brings_people_to_services(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "create or replace temp table smi as select distinct true_person from gp__conditions"
        " where cluster_id = 'MH_COD' and resolved_date is null"
    )
    ill, well = one(
        con,
        "with seen as (select distinct true_person from mhsds__referrals where team_type_code in ('A02', 'A06')) select"
        " (select avg((s.true_person is not null)::int) from smi left join seen s using (true_person)),"
        " (select avg((s.true_person is not null)::int) from people left join seen s using (true_person)"
        " where age_years >= 18)",
    )
    assert ill > 5 * well > 0
    cpa = one(con, "select avg((true_person in (select true_person from smi))::int) from mhsds__cpa")[0]
    assert cpa > 0.7  # a personality disorder or a severe depression may bring it too
    young = one(
        con, "select max(age_years) from mhsds__referrals join people using (true_person) where team_type_code = 'F01'"
    )
    assert young[0] <= 19
    nursed = one(
        con,
        "select median(age_years) from csds__referrals join people using (true_person)"
        " where team_type = 'District nursing'",
    )
    assert nursed[0] > 60


def test_talking_therapies_reach_one_adult_in_forty_and_half_recover(con: duckdb.DuckDBPyConnection) -> None:
    referred, adults, recovered, could = one(
        con,
        "select (select count(*) from talking_therapies__referrals where referral_date > snapshot() - 365),"
        " (select count(*) from people where is_resident and age_years >= 18),"
        " (select count(*) from talking_therapies__referrals where has_recovered = 'true'),"
        " (select count(*) from talking_therapies__referrals where has_completed_treatment = 'true'"
        " and is_not_caseness = 'false')",
    )
    assert 0.02 < referred / adults < 0.035
    assert 0.35 < recovered / could < 0.7


def test_recovery_is_from_caseness_to_below_both_thresholds() -> None:
    scores = Rows(
        phq=np.array([15, 9, 15, 12], np.int8), gad=np.array([14, 7, 14, 5], np.int8),
        last_phq=np.array([6, 2, 6, 9], np.int8), last_gad=np.array([5, 2, 8, 5], np.int8),
    )  # fmt: skip
    flags = talking_therapies.outcomes(scores, np.array([True, True, True, True]))
    assert flags["is_not_caseness"].tolist() == [False, True, False, False]
    assert flags["has_recovered"].tolist() == [True, False, False, True]
    assert flags["has_reliably_improved"].tolist() == [True, True, True, False]
    assert not any(talking_therapies.outcomes(scores, np.zeros(4, bool))["has_recovered"])


def test_what_practices_check_is_done_for_most_and_not_for_all(con: duckdb.DuckDBPyConnection) -> None:
    smoking = ", ".join(f"'{name}'" for name in SMOKING)
    six = ", ".join(f"'{name}'" for name in (*SMI_CHECKS, *SMOKING))
    full = one(
        con,
        f"with done as (select true_person, count(distinct case when cluster_id in ({smoking}) then 'smoking'"
        f" else cluster_id end) as n from gp__conditions where cluster_id in ({six}) and event_date > snapshot() - 365"
        " group by 1), smi as (select distinct true_person from gp__conditions join people using (true_person)"
        " where cluster_id = 'MH_COD' and resolved_date is null and death_date is null and is_registered)"
        " select avg((coalesce(n, 0) = 6)::int) from smi left join done using (true_person)",
    )[0]
    assert 0.3 < full < 0.7
    offered, done = one(
        con,
        "select count(distinct true_person) filter (cluster_id = 'NHSHCINV_COD'),"
        " count(distinct true_person) filter (cluster_id = 'NHSHCDONE_COD') from gp__conditions",
    )
    assert 0.35 < done / offered < 0.55
    larc, women = one(
        con,
        f"select count(distinct true_person) filter (cluster_id in ({', '.join(repr(m) for m in LARC)})),"
        " (select count(*) from people where is_registered and sex = 'female' and age_years between 15 and 44)"
        " from gp__conditions",
    )
    assert 0.05 < larc / women < 0.14


def test_what_was_done_stays_done_in_the_next_months_file(con: duckdb.DuckDBPyConnection) -> None:
    lost, all_there_was = one(
        con,
        "select count(*) filter (n.person_key is null), count(*) from (select * from earlier"
        " where event_date > snapshot() - 300 and cluster_id in ('IFCCHBAM_COD', 'NHSHCDONE_COD', 'MMR1_COD')) e"
        " left join (select distinct person_key, cluster_id, event_date from gp__conditions) n"
        " using (person_key, cluster_id, event_date)",
    )
    assert all_there_was > 100 and lost <= 0.02 * all_there_was


def test_every_code_recorded_is_of_a_cluster_and_of_the_form_of_a_code(con: duckdb.DuckDBPyConnection) -> None:
    assert set(CODES) <= set(CLUSTERS)
    shape = codes.snomed()
    assert not con.execute(f"select count(*) from gp__conditions where {shape.failing('snomed_code')}").fetchall()[0][0]
    used = {name for (name,) in con.execute("select distinct cluster_id from gp__conditions").fetchall()}
    assert used <= set(CLUSTERS) and len(used) > 45
    for name, unit in con.execute(
        "select distinct cluster_id, unit from gp__conditions where unit is not null"
    ).fetchall():
        assert CLUSTERS[name].unit == unit


def test_submissions_are_numbered_from_april_1900() -> None:
    days = np.array(["1900-04-17", "2018-04-01", "2026-01-31"], "datetime64[D]").astype(np.int64)
    assert month_number(days).tolist() == [1, 1417, 1510]
    assert [str(d) for d in month_end(np.array([1510, 1511]))] == ["2026-01-31", "2026-02-28"]


def test_twins_weigh_less_and_the_same_in_every_file(con: duckdb.DuckDBPyConnection) -> None:
    differing, both = one(
        con,
        "select count(*) filter (r.birth_weight_grams <> b.birth_weight_grams), count(*) from births__registrations r"
        " join msds__babies b using (true_person)",
    )
    assert both > 20 and differing == 0
    assert len(registrars.causes()) > 20


def test_mistakes_are_as_frequent_as_their_parameters_in_every_health_feed(con: duckdb.DuckDBPyConnection) -> None:
    repeats, keys = report.count_defects(con, "mhsds__contacts", "duplicate")
    assert repeats == round(0.01 * keys)
    missing, people = report.count_defects(con, "msds__babies", "nhs_missing")
    assert missing == round(0.06 * people) > 0


def test_planted_differences_in_access_are_found_in_the_files(con: duckdb.DuckDBPyConnection, facts: dict) -> None:
    missed = facts["missed_appointments"]
    due, not_kept = one(
        con,
        "select count(*) filter (attendance_code in ('3', '5', '6', '7')),"
        " count(*) filter (attendance_code in ('3', '7')) from"
        " (select distinct on (op_ident) * from op__appointments)",
    )
    assert due == missed["with_interpreter"]["due"] + missed["without"]["due"]
    assert not_kept == missed["with_interpreter"]["missed"] + missed["without"]["missed"]
    referred = dict(
        con.execute(
            "select ethnicity_group, count(distinct p.true_person) from talking_therapies__referrals t"
            f" join people p on p.true_person = t.true_person % {CLOSED}"  # under a closed number it is the same body
            " where referral_date > snapshot() - 365 group by 1"
        ).fetchall()
    )
    told = {name: counts["referred"] for name, counts in facts["talking_therapies_access"]["groups"].items()}
    assert referred == {name: count for name, count in told.items() if count}
    groups = facts["contraception_access"]["groups"]
    share = {name: counts["with_method"] / counts["women_15_to_44"] for name, counts in groups.items()}
    assert share["Bangladeshi"] < 0.8 * share["White British"]


def test_weights_of_three_years_go_both_ways(con: duckdb.DuckDBPyConnection) -> None:
    """Of people with a learning disability, so that weight before and after a budget can be asked about."""
    people, down, up = one(
        con,
        "select count(*), count(*) filter (where last_bmi < first_bmi), count(*) filter (where last_bmi > first_bmi)"
        " from ("
        " select arg_min(value, event_date) as first_bmi, arg_max(value, event_date) as last_bmi"
        " from gp__conditions where cluster_id = 'BMIVAL_COD'"
        " and local_patient_id in (select local_patient_id from gp__conditions where cluster_id = 'LD_COD')"
        " group by practice_code, local_patient_id having max(event_date) - min(event_date) > 300)",
    )
    assert people >= 10 and down >= 2 and up >= 2
