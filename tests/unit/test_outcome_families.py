"""Counts that several marts publish are one number to the attacker, whatever each mart calls its columns."""

from __future__ import annotations

import duckdb
import pytest

from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import Measure, Published
from wsd_pipeline.contracts.marts.outcomes import OUTCOMES
from wsd_pipeline.disclosure import load_policy
from wsd_pipeline.disclosure.joint import equations, parts_of, together
from wsd_pipeline.disclosure.made import Made
from wsd_pipeline.disclosure.sheet import Sheet


def _rows(con, key: str, name: str, rows: list[dict[str, object]]) -> None:
    """The given rows of a mart as a table, with every other column empty and every status shown."""
    mart = table(key)
    selects = []
    for row in rows:
        made = []
        for column in mart.columns:
            value = row.get(column.name)
            text = "null" if value is None else f"'{value}'"
            if value is None and column.name.endswith("_status"):
                text = "''"
            made.append(f"cast({text} as {column.type}) as {column.name}")
        selects.append("select " + ", ".join(made))
    con.execute(f"create table {name} as {' union all '.join(selects)}")


def test_patients_with_a_condition_are_one_number_in_three_marts():
    con, policy = duckdb.connect(), load_policy()
    _rows(con, "mart.locality_profile", "profile", [
        {"locality": place, "measure": "condition", "category": "copd", "numerator_count": 40}
        for place in ("all", "NE")
    ])  # fmt: skip
    _rows(con, "mart.ltc_prevalence", "prevalence", [
        {"condition": "copd", "locality": place, "pcn_code": "all", "ages": "all", "recorded_count": 40}
        for place in ("all", "NE")
    ])  # fmt: skip
    _rows(con, "mart.pcn_profile", "pcn", [
        {"pcn_code": "all", "measure": "condition", "category": "copd", "numerator_count": 40}
    ])  # fmt: skip
    parts = []
    for key, name in (
        ("mart.locality_profile", "profile"),
        ("mart.ltc_prevalence", "prevalence"),
        ("mart.pcn_profile", "pcn"),
    ):
        parts += parts_of(Sheet.read(con, table(key), name, policy), table(key), policy, Made()).get(
            "patients with", []
        )
    assert [len(p) for p in parts] == [2, 2, 1]
    # rows come in the order of the key: NE before all
    profile_ne, profile_all, ltc_ne, ltc_all, pcn_all = equations(together(parts), policy).of_cell
    assert profile_all == ltc_all == pcn_all and profile_ne == ltc_ne and profile_all != profile_ne


@pytest.mark.parametrize("count", ["numerator_count", "denominator_count"])
def test_every_row_of_the_outcomes_belongs_to_one_family(count):
    """No count is left unwatched, and none is in two families that the attacker would take for two numbers."""
    rows = [
        (metric, base)
        for metric in ("ld_health_check", "readmissions_30_days", "complex_with_support_plan", "falls_admissions_65")
        for base in ("own", "people", "people_65_plus")
    ]
    con = duckdb.connect()
    con.execute("create table rows_of (metric_id varchar, base varchar)")
    con.executemany("insert into rows_of values (?, ?)", rows)
    kept = [con.execute(f"select * from rows_of where {c.where or 'true'}").fetchall() for c in OUTCOMES.counts[count]]
    assert sorted(row for part in kept for row in part) == sorted(rows)


def test_each_count_of_the_new_marts_says_what_it_counts():
    for key in ("ltc_prevalence", "ltc_pairs", "pcn_profile", "mental_health", "outcomes_istatement"):
        mart = table(f"mart.{key}")
        counts = {c.name for c in mart.columns if isinstance(c, Published) and c.measure is Measure.COUNT}
        assert set(mart.counts) == counts, key
