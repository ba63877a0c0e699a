"""The invented borough judged on files and truth: mistakes counted, impossibilities none, months that follow on."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from synthetic_data import ErrorRates, generate
from synthetic_data.checks import received, report
from synthetic_data.checks.impossible import count_impossibilities, impossibilities
from synthetic_data.feeds.feed import contract
from synthetic_data.feeds.mess import DEFAULTS
from wsd_pipeline.settings import Mode, Project

MONTHS = ("2026-01", "2026-02")


def a_project(root: Path) -> Project:
    return Project(root=root, name="test", mode=Mode.SYNTHETIC)


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = a_project(tmp_path_factory.mktemp("borough"))
    generate(project, people=20_000, months=MONTHS, seed=7)
    return project


@pytest.fixture(scope="module", params=MONTHS)
def opened(request: pytest.FixtureRequest, borough: Project):
    con = received.open_month(borough, request.param)
    yield borough, request.param, con
    con.close()


def test_every_mistake_is_as_frequent_as_its_parameter(opened):
    project, month, con = opened
    path = received.truth_folder(project, month) / "defects.json"
    lines = list(report.defect_lines(con, path))
    came = json.loads(path.read_text())
    monthly = {feed for feed in DEFAULTS if contract(feed).cadence in ("monthly", "termly")}
    assert came.keys() == DEFAULTS.keys() if month == MONTHS[0] else monthly <= came.keys()
    assert {line.item for line in lines} == {f"{feed} {d}" for feed in came for d in DEFAULTS[feed]}
    assert [line.item for line in lines if not line.passed] == []


def test_what_was_counted_is_what_was_done(opened):
    project, month, con = opened
    told = json.loads((received.truth_folder(project, month) / "defects.json").read_text())
    for feed, named in told.items():
        for defect, facts in named.items():
            found, eligible = report.count_defects(con, feed, defect)
            assert (found, eligible) == (facts["injected"], facts["eligible"]), f"{feed} {defect}"
            parameter = DEFAULTS[feed][defect]
            assert facts["parameter"] == pytest.approx(parameter)


def test_nothing_impossible_happens(opened):
    _, _, con = opened
    assert {name: n for name, n in count_impossibilities(con).items() if n} == {}


ONE = "(select min(true_person) from people where {})"
BREAKS = {
    "unknown_person": "update records set true_person = -5 where true_person = (select min(true_person) from records)",
    "row_without_record": "update apc__episodes set true_person = null",
    "event_before_birth": "update people set birth_date = date '2030-01-01'",
    "event_after_death": "update people set death_date = date '1990-01-01'",
    "event_in_future": "update gp__registrations set registered_date = date '2031-01-01'",
    "born_in_future": "update people set birth_date = date '2030-01-01'",
    "too_old": "update people set age_years = 130",
    "death_before_birth": "update people set death_date = birth_date - 1",
    "resident_who_is_gone": "update people set left_date = snapshot() - 1",
    "arrived_before_birth": "update people set arrived_date = birth_date - 1",
    "young_mother": "update people set mother = partner where partner is not null",
    "male_mother": "update people set sex = 'male'",
    "young_father": "update people set father = partner where partner is not null",
    "close_siblings": "update people set birth_date = birth_date - (true_person % 9)::int * 100",
    "twins_of_one_name": "update people set birth_date = date '2015-05-05', forename = 'SAM' where mother is not null",
    "one_sided_couple": "update people set partner = true_person - 1 where partner is not null",
    "child_partner": "update people set age_years = 12",
    "child_alone": "update people set is_resident = false where age_years >= 16",
    "huge_household": "update people set household = 1",
    "divided_household": "update people set household = 1",
    "shared_home": "update people set uprn = '1'",
    "homes_in_two_areas": "update people set uprn = '1'",
    "postcode_in_two_areas": "update people set postcode = 'E1 1AA'",
    "shared_nhs_number": "update people set nhs_number = '9990000018'",
    "real_nhs_number": "update asc__events set nhs_number = '9434765919'",
    "invalid_true_number": "update people set nhs_number = '9990000019'",
    "registration_backwards": "update gp__registrations set deregistered_date = registered_date - 1",
    "three_lists": "update gp__registrations set true_person = 1, deregistered_date = null",
    "resolved_before_onset": "update gp__conditions set resolved_date = event_date - 1",
    "discharge_before_admission": "update apc__episodes set discharge_date = admission_date - 1",
    "two_beds": "update apc__episodes set admission_date = date '2025-12-01', discharge_date = date '2025-12-20'",
    "stay_beyond_death": "update people set death_date = date '2000-01-01'",
    "died_in_hospital_alive": "update apc__episodes set discharge_method_code = '4'",
    "male_delivery": "update apc__episodes set admission_method_code = '31'",
    "late_birth": "update apc__episodes set admission_method_code = '82'",
    "child_client": "update people set birth_date = snapshot() - 100",
    "carer_of_self": "update asc__events set cared_for_ref = person_ref",
    "care_backwards": "update asc__events set event_end_date = event_start_date - 1",
    "child_tenant": "update housing__tenancies set tenancy_start_date = date '1950-01-01'",
    "two_tenancies": "update housing__tenancies set true_person = 1, tenancy_end_date = null",
    "tenancy_backwards": "update housing__tenancies set tenancy_end_date = tenancy_start_date - 1",
    "pupil_of_wrong_age": "update people set age_years = 40",
    "shared_upn": "update education__pupils set upn = 'A'",
    "plan_backwards": "update education__pupils set ehcp_start_date = ehcp_request_date - 1",
    "attendance_backwards": "update ecds__attendances set departure_time = '2000-01-01 00:00:00'",
    "attendance_in_bed": "update apc__episodes set admission_date = '2025-01-01', discharge_date = '2026-01-01'",
    "two_departments": "update ecds__attendances set departure_time = '2030-01-01 00:00:00'",
    "admitted_nowhere": "update ecds__attendances set discharge_destination_code = '306706006'",
    "home_not_in_gazetteer": "update llpg__addresses set logical_status_code = '8'",
    "part_of_nothing": "update llpg__addresses set parent_uprn = '1'",
    "male_pregnancy": "update people set sex = 'male'",
    "booked_after_birth": "update msds__pregnancies set booking_date = delivery_date + 1",
    "baby_of_nobody": "update msds__babies set pregnancy_ref = 'P0'",
    "birth_not_registered_as_it_was": "update births__registrations set sex = '3'",
    "living_dead": "update people set death_date = null",
    "unregistered_death": "delete from deaths__registrations",
    "died_in_hospital_elsewhere": "update deaths__registrations set death_place_type = 'home'",
    "booked_in_retrospect": "update gp__appointments set booked_date = appointment_date + 1",
    "seen_tomorrow": "update gp__appointments set status = 'Finished'",
    "seen_without_referral": "update csds__contacts set referral_ref = 'SR0'",
    "service_backwards": "update mhsds__cpa set cpa_end_date = cpa_start_date - 1",
    "detained_nowhere": "delete from mhsds__ward_stays",
    "two_wards": "update mhsds__ward_stays set true_person = 1, ward_end_date = null",
    "child_in_adult_therapy": "update people set birth_date = snapshot() - 1000",
    "therapy_out_of_order": "update talking_therapies__referrals set first_assessment_date = referral_date - 1",
    "measured_unmeasurable": "update gp__conditions set value = '12' where cluster_id = 'BMI30_COD'",
    "grown_child": "update csc__early_help set start_date = snapshot() + 19 * 365",
    "help_backwards": "update csc__protection_plans set plan_end_date = plan_start_date - 1",
    "two_placements": (
        "insert into csc__looked_after by name select *  replace (episode_start_date + 1 as episode_start_date)"
        " from csc__looked_after where episode_end_date is null"
    ),
    "born_and_expected": "update csc__children set expected_birth_date = birth_date",
    "adopted_and_here": "update csc__children set is_adopted = 'Y'",
    "return_against_census": "update education__ehc_plans set plan_start_date = plan_start_date - 1",
    "plan_out_of_order": "update education__ehc_plans set request_outcome_date = request_date - 1",
    "measured_at_wrong_age": "update ncmp__measurements set year_group = 'R'",
    "child_applicant": "update homelessness__people set relationship = 'main applicant'",
    "housed_before_asking": "update homelessness__placements set placement_start_date = date '1990-01-01'",
    "two_stays": "update homelessness__placements set true_person = 1",
    "home_of_far_away": "update homelessness__placements set is_out_of_borough = 'Y'",
    "two_applications": "update housing__register set true_person = 1",
    "adaptation_out_of_order": "update housing__adaptations set approval_date = referral_date - 1",
    "wrong_cap": "update housing__adaptations set is_cap_exceeded = 'Y'",
    "two_accounts": "update council_tax__accounts set uprn = '1'",
    "lonely_crowd": "update people set is_resident = false",
    "two_claims": "update benefits__claimants set true_person = 1",
    "child_claimant": "update benefits__claimants set claim_role = 'claimant'",
    "payment_without_care": "update asc__events set event_type = 'Request'",
    "level_not_of_score": "update personalised_care__products set activation_level = 5 where activation_level > 0",
    "area_missing": "delete from area__context where lsoa_code = 'E01004198'",
    "published_before_its_time": "update outcomes__comparators set period_end = snapshot() + 1",
}


@pytest.mark.parametrize("rule", impossibilities(), ids=lambda rule: rule.name)
def test_each_impossibility_would_be_noticed(borough, shaken, rule):
    shaken.execute("begin")
    try:
        shaken.execute(BREAKS[rule.name])
        assert shaken.execute(rule.query).fetchall()[0][0] > 0
    finally:
        shaken.execute("rollback")


@pytest.fixture(scope="module")
def shaken(borough):
    con = received.open_month(borough, MONTHS[0])
    yield con
    con.close()


def test_people_wards_and_registers_are_as_published(borough):
    lines = report.report(borough, MONTHS[1])
    assert len([line for line in lines if line.section == "register"]) >= 21
    assert len([line for line in lines if line.section == "ward"]) == 20
    assert [f"{line.section} {line.item}" for line in lines if not line.passed] == []


def test_months_follow_on(borough):
    before, after = (received.feed(borough, m, "gp__registrations") for m in MONTHS)
    kept = before.join(after, on="person_key", suffix="_after")
    assert kept.height > 0.99 * before.height
    for column in ("surname", "forename", "birth_date", "registered_date", "nhs_number", "sex"):
        assert kept.filter(pl.col(column).ne_missing(pl.col(f"{column}_after"))).height == 0, column
    new = after.join(before, on="person_key", how="anti")
    assert new.filter(pl.col("registered_date") < pl.date(2026, 2, 1)).height == 0
    assert after["deregistered_date"].is_not_null().sum() > before["deregistered_date"].is_not_null().sum()
    people = [received.truth(borough, m, "people") for m in MONTHS]
    assert people[1].filter(pl.col("age_years") == 0, pl.col("arrived_date") >= pl.date(2026, 2, 1)).height > 5
    assert people[1]["death_date"].is_not_null().sum() > people[0]["death_date"].is_not_null().sum()
    moved = people[1].filter(pl.col("moved_date") >= pl.date(2026, 2, 1), pl.col("arrived_date") < pl.date(2026, 2, 1))
    assert moved.height > 50


def test_events_are_kept_and_only_added_to(borough):
    for table, key in (
        ("apc__episodes", "apc_ident"), ("ecds__attendances", "attendance_ident"), ("gp__conditions", "event_date"),
    ):  # fmt: skip
        before, after = (received.feed(borough, m, table) for m in MONTHS)
        assert after.height > 0.98 * before.height, table
        assert after[key].null_count() == 0
    spring = pl.col("discharge_date") >= pl.date(2025, 4, 1)
    before, after = (received.feed(borough, m, "apc__episodes").filter(spring) for m in MONTHS)
    columns = ["apc_ident", "person_key", "admission_date", "discharge_date", "diagnosis_01_code"]
    assert before.select(columns).unique().join(after.select(columns).unique(), on=columns, how="anti").height == 0


def test_planted_facts_can_be_found_in_the_files(opened):
    project, month, con = opened
    facts = json.loads((received.truth_folder(project, month) / "facts.json").read_text())["planted"]
    eligible, home = con.execute("""
        with offers as (
            select distinct s.true_person, s.discharge_date + 91 as day
            from apc__episodes s
            join people p using (true_person)
            join asc__events a on a.true_person = s.true_person
            where s.admission_method_code like '2%' and s.discharge_destination_code = '19'
                and datediff('day', p.birth_date, s.discharge_date) >= 65 * 365.25
                and a.service_type = 'Short Term Support: ST-Max'
                and a.event_start_date between s.discharge_date and s.discharge_date + 1
                and s.discharge_date + 91 <= snapshot()
                and s.discharge_date >= date_trunc('month', snapshot()) - interval 11 month
        )
        select count(*), count(*) filter (
            coalesce(p.death_date > o.day, true)
            and not exists (select 1 from spells s where s.true_person = o.true_person
                and s.admission_date <= o.day and s.discharge_date >= o.day)
            and not exists (select 1 from asc__events a where a.true_person = o.true_person
                and a.service_type in ('Long Term Support: Residential Care', 'Long Term Support: Nursing Care')
                and a.event_start_date <= o.day and coalesce(a.event_end_date >= o.day, true))
        )
        from offers o join people p using (true_person)
    """).fetchall()[0]
    assert eligible == facts["reablement_91_days"]["eligible"] > 15
    assert abs(home - facts["reablement_91_days"]["home"]) <= 1  # a stay that has not ended is not in the file
    children, admissions = con.execute("""
        select (select count(*) from people where is_resident and age_years < 19),
            count(distinct spell_id) filter (datediff('day', p.birth_date, e.admission_date) < 19 * 365.25)
        from apc__episodes e join people p using (true_person) where diagnosis_01_code in ('J459', 'J46X', 'R062')
            and discharge_date >= date_trunc('month', snapshot()) - interval 11 month
    """).fetchall()[0]
    asthma = facts["asthma_cluster"]
    assert children == asthma["children_in_ward"] + asthma["children_elsewhere"]
    assert admissions == asthma["admissions_in_ward"] + asthma["admissions_elsewhere"]


def test_a_gap_can_be_planted_between_groups(tmp_path):
    project = a_project(tmp_path)
    rates = ErrorRates().changed("gp__registrations", name_variant={"Bangladeshi": 0.20, "": 0.02})
    generate(project, people=5_000, months=["2026-01"], seed=3, errors=rates)
    con = received.open_month(project, "2026-01")
    for group, rate in (("Bangladeshi", 0.20), ("White British", 0.02)):
        found, eligible = report.count_defects(con, "gp__registrations", "name_variant", group)
        assert found == pytest.approx(rate * eligible, rel=0.1, abs=6), group
    con.close()


def test_suppliers_can_be_faultless(tmp_path):
    project = a_project(tmp_path)
    generate(project, people=1_000, months=["2026-01"], seed=3, errors=ErrorRates.none())
    con = received.open_month(project, "2026-01")
    for feed, rates in DEFAULTS.items():
        for defect in rates:
            assert report.count_defects(con, feed, defect)[0] == 0, f"{feed} {defect}"
    con.close()
