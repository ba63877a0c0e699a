"""The shipped reference facts: typed, keyed, and agreeing with one another and with the code lists."""

from __future__ import annotations

import csv
import itertools
from datetime import date

import duckdb
import pytest

from wsd_pipeline import sql
from wsd_pipeline.contracts import fields, table, tables
from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.landed.social_care import SERVICE_TYPES
from wsd_pipeline.contracts.people import ACTIVITY_TYPES, CARE_TYPES
from wsd_pipeline.contracts.reference import SUMMARY_DIMENSIONS, Origin, ReferenceTable

SHIPPED = sorted(k for k, t in tables().items() if isinstance(t, ReferenceTable) and t.origin is Origin.SHIPPED)


@pytest.fixture(scope="module")
def con():
    found = duckdb.connect()
    sql.attach_reference(found, SHIPPED)
    for macro in sql.macros():
        found.execute(macro)
    yield found
    found.close()


@pytest.mark.parametrize("key", SHIPPED)
def test_each_file_is_its_contract(con, key):
    shape = table(key)
    with sql.reference_path(key).open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == [c.name for c in shape.columns]
    rows = con.execute(f"select count(*), count(distinct ({', '.join(shape.unique_key)})) from {key}").fetchall()[0]
    assert rows[0] == rows[1] > 0
    for column in shape.columns:
        if column.required:
            assert con.execute(f"select count(*) from {key} where {column.name} is null").fetchall() == [(0,)]
        for check in column.checks:
            assert con.execute(f"select count(*) from {key} where {check.failing(column.name)}").fetchall() == [(0,)]


def test_no_file_without_a_contract():
    folder = sql.reference_path("reference.wards").parent
    assert sorted(f"reference.{p.stem}" for p in folder.glob("*.csv")) == SHIPPED


@pytest.mark.parametrize(
    ("code_list", "codes"), [("nhs", fields.NHS_ETHNIC_CATEGORIES), ("dfe", fields.DFE_ETHNICITIES)]
)
def test_every_ethnicity_code_has_a_group(con, code_list, codes):
    found = con.execute("select code from reference.ethnicities where code_list = ?", [code_list]).fetchall()
    assert {code for (code,) in found} == set(codes)


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("R", "Other Asian"),
        ("CHNE", "Other Asian"),
        ("K", "Bangladeshi"),
        ("ABAN", "Bangladeshi"),
        ("B", "White Other"),
        ("Z", "Unknown"),
    ],
)
def test_groups_of_the_codes_that_are_easy_to_get_wrong(con, code, group):
    assert con.execute("select ethnicity_group from reference.ethnicities where code = ?", [code]).fetchall() == [
        (group,)
    ]


def test_labels_stay_apart_when_case_and_punctuation_go(con):
    for key, kept, label in (("ethnicities", "code_list", "code"), ("care_services", "activity_type", "service_type")):
        pair = f"count(distinct concat({kept}, ' ', plain_label({label})))"
        both = con.execute(f"select count(*), {pair} from reference.{key}").fetchall()[0]
        assert both[0] == both[1]


def test_clusters_and_conditions_agree(con):
    orphans = con.execute(
        "select condition from reference.condition_clusters where condition not in"
        " (select condition from reference.conditions)"
    ).fetchall()
    undiagnosed = con.execute(
        "select condition from reference.conditions where condition not in"
        " (select condition from reference.condition_clusters where role = 'diagnosis')"
    ).fetchall()
    unresolvable = con.execute(
        "select condition from reference.condition_clusters join reference.conditions using (condition)"
        " where role = 'resolution' and not is_resolvable"
    ).fetchall()
    assert orphans == undiagnosed == unresolvable == []
    assert con.execute("select count(*) from reference.conditions where is_counted").fetchall() == [(16,)]


def test_every_service_type_is_known(con):
    assert {s for (s,) in con.execute("select service_type from reference.care_services").fetchall()} == set(
        SERVICE_TYPES
    )
    for care, activity in con.execute("select care_type, activity_type from reference.care_services").fetchall():
        assert care in CARE_TYPES and activity in ACTIVITY_TYPES


def test_the_catalogue_names_every_dimension_and_no_breakdown_twice(con):
    shape = table("reference.breakdowns")
    assert [c.name for c in shape.columns[2:]] == [f"by_{d}" for d in SUMMARY_DIMENSIONS]
    flags = ", ".join(f"by_{d}" for d in SUMMARY_DIMENSIONS)
    both = con.execute(f"select count(*), count(distinct ({flags})) from reference.breakdowns").fetchall()[0]
    assert both[0] == both[1]
    assert tuple(table("mart.segment_summary").unique_key[2:]) == SUMMARY_DIMENSIONS


def test_practices_are_in_one_pcn_at_a_time(con):
    overlaps = con.execute(
        """
        select count(*)
        from reference.practices as a
        join reference.practices as b on a.practice_code = b.practice_code and a.valid_from < b.valid_from
        where coalesce(a.valid_to, date '9999-12-31') > b.valid_from
        """
    ).fetchall()
    assert overlaps == [(0,)]


def age_by_hand(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def test_macros_count_years_months_and_days_as_by_hand(con):
    days = [date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)]
    births = [date(2007, 1, 1), date(2007, 2, 1), date(2007, 3, 1), date(1960, 2, 1), date(2024, 2, 1)]
    for born, day in itertools.product(births, days):
        age, months = con.execute(
            "select age_on(?::date, ?::date), months_since(?::date, ?::date)", [born, day, born, day]
        ).fetchall()[0]
        assert age == age_by_hand(born, day)
        assert months == (day.year - born.year) * 12 + day.month - born.month
    assert con.execute("select year_start(date '2024-02-29'), year_start(date '2026-01-31')").fetchall() == [
        (date(2023, 3, 1), date(2025, 2, 1))
    ]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-01-01", "2026-01-01", 1),
        ("2026-01-01", None, 31),
        ("2025-12-01", "2026-01-01", 1),
        ("2025-12-01", "2025-12-31", 0),
        ("2026-02-01", None, 0),
        ("2025-01-01", "2027-01-01", 31),
        ("2026-01-31", "2026-01-31", 1),
    ],
)
def test_days_within_a_month(con, start, end, days):
    found = con.execute(
        "select days_within(?::date, ?::date, date '2026-01-01', date '2026-01-31')", [start, end]
    ).fetchall()
    assert found == [(days,)]


@pytest.mark.parametrize(
    ("age", "band"),
    [(None, "unknown"), (0, "0-4"), (18, "12-18"), (19, "19-24"), (64, "50-64"), (65, "65-74"), (85, "85+")],
)
def test_age_bands_never_straddle_a_segment(con, age, band):
    assert con.execute("select age_band(?::smallint)", [age]).fetchall() == [(band,)]
    listed = next(c for c in table("person.demographics").column("age_band").checks if isinstance(c, OneOf))
    assert band in listed.values
