"""A mart of many metrics: each row says its own base and method, and its value and interval follow them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import duckdb
import pytest

from wsd_pipeline.contracts.core import Measure, Published
from wsd_pipeline.contracts.marts.outcomes import OUTCOMES
from wsd_pipeline.contracts.measures import MartTable
from wsd_pipeline.disclosure import load_policy, protect_select

COLUMNS = ("value", "value_status", "ci_low", "ci_low_status", "ci_high", "ci_high_status")


def _row(per: int | None, method: str, numerator: int | None, denominator: int | None) -> dict[str, object]:
    """The protected row of one metric's exact one."""
    exact = {
        "value_per": per,
        "ci_method": f"'{method}'",
        "numerator_count": numerator,
        "denominator_count": denominator,
    }
    later = {c.name for c in OUTCOMES.columns if isinstance(c, Published) and c.measure is not Measure.COUNT}
    later |= {c.status_column for c in OUTCOMES.columns if isinstance(c, Published)}
    columns = [
        f"cast({exact.get(c.name, 'null') if exact.get(c.name, 0) is not None else 'null'} as {c.type}) as {c.name}"
        if c.name in exact or c.name not in OUTCOMES.unique_key
        else f"'all' as {c.name}"
        for c in OUTCOMES.columns
        if c.name not in later
    ]
    con = duckdb.connect()
    con.execute(f"create table exact as select {', '.join(columns)}")
    made = con.execute(protect_select(OUTCOMES, "exact", load_policy()))
    names = [d[0] for d in made.description]
    row = dict(zip(names, made.fetchall()[0], strict=True))
    return {name: row[name] for name in COLUMNS}


def test_a_percentage_has_wilsons_interval_of_the_protected_counts():
    from scipy.stats import binomtest

    row = _row(100, "wilson", 37, 121)  # 35 of 120
    expected = binomtest(35, 120).proportion_ci(method="wilson")
    assert float(row["value"]) == 29.2
    assert (float(row["ci_low"]), float(row["ci_high"])) == (
        round(100 * expected.low, 1),
        round(100 * expected.high, 1),
    )


@pytest.mark.parametrize("per", [1000, 10_000, 100_000])
def test_a_rate_has_byars_interval_to_its_own_base(per):
    """Byar's of 65 events, as in Breslow and Day (1987), table 2.11: 50.17 to 82.85."""
    row = _row(per, "byar", 65, 1000)
    assert float(row["value"]) == 65 * per / 1000
    assert float(row["ci_low"]) == pytest.approx(50.17 * per / 1000, rel=0.001)
    assert float(row["ci_high"]) == pytest.approx(82.85 * per / 1000, rel=0.001)


def test_a_mean_has_no_interval_and_a_count_no_value():
    row = _row(1, "none", 75_000, 10_000)
    assert row["value"] == Decimal("7.5")
    assert (row["ci_low"], row["ci_low_status"], row["ci_high_status"]) == (None, "z", "z")
    row = _row(None, "none", 240, 4000)
    assert (row["value"], row["value_status"], row["ci_low_status"]) == (None, "z", "z")


def test_what_is_not_available_or_withheld_stays_so_whatever_the_method():
    assert _row(100, "wilson", None, None)["value_status"] == "x"
    withheld = _row(100_000, "byar", 5, 4000)
    assert (withheld["value"], withheld["value_status"], withheld["ci_high_status"]) == (None, "c", "c")
    assert _row(None, "none", 5, 4000)["value_status"] == "c"


def test_a_row_may_name_the_base_of_shares_rates_and_intervals_only():
    """A ratio whose base a row names is refused: its rule does not read it."""
    columns = tuple(
        replace(c, measure=Measure.RATIO) if isinstance(c, Published) and c.name == "value" else c
        for c in OUTCOMES.columns
    )
    broken = MartTable(**{**OUTCOMES.__dict__, "columns": columns})
    with pytest.raises(ValueError, match="no disclosure rule covers value"):
        protect_select(broken, "exact", load_policy())
