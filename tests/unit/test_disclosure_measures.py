"""Rates, means, intervals and slopes come from protected counts, equal to the textbook's, or are withheld."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pytest

from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.measures import (
    Counts,
    MartTable,
    bound,
    count,
    fit,
    mean,
    money,
    percent,
    rate,
    ratio,
    slope,
    standardised,
)
from wsd_pipeline.disclosure import load_policy, protect_select

EVENTS, PEOPLE = count("events_count", "e"), count("people_count", "p")


def shown(columns: tuple[Column, ...], **exact: object) -> dict[str, object]:
    """The protected row of one exact one."""
    table = MartTable(
        key="mart.drawn", grain="row", description="drawn", unique_key=("place",),
        columns=(Column(name="place", type="VARCHAR", description="", privacy=Privacy.QUASI), *columns),
    )  # fmt: skip
    con = duckdb.connect()
    values = ", ".join(f"{'null' if v is None else v} as {k}" for k, v in {"place": "'A'", **exact}.items())
    con.execute(f"create table exact as select {values}")
    got = con.execute(protect_select(table, "exact", load_policy()))
    names = [d[0] for d in got.description]
    return dict(zip(names, got.fetchall()[0], strict=True))


def test_a_rate_is_of_the_protected_counts():
    row = shown(
        (*EVENTS, *PEOPLE, *rate("r", "", "events_count", "people_count", 1000)), events_count=38, people_count=998
    )
    assert float(row["r"]) == 40.0 and row["r_status"] == ""
    row = shown((*EVENTS, *PEOPLE, *rate("r", "", "events_count", "people_count")), events_count=6, people_count=998)
    assert (row["r"], row["r_status"], row["events_count_status"]) == (None, "c", "c")


def test_wilsons_interval_equals_scipys_over_the_protected_counts():
    from scipy.stats import binomtest

    ends = [bound(s, "", s, "wilson", "events_count", "people_count") for s in ("lower", "upper")]
    row = shown((*EVENTS, *PEOPLE, *ends[0], *ends[1]), events_count=37, people_count=121)
    expected = binomtest(35, 120).proportion_ci(method="wilson")
    assert float(row["lower"]) == round(100 * expected.low, 1) and float(row["upper"]) == round(100 * expected.high, 1)


def byar(events: float, side: str) -> float:
    n, sign = (events, -1) if side == "lower" else (events + 1, 1)
    return n * (1 - 1 / (9 * n) + sign * 1.959964 / (3 * math.sqrt(n))) ** 3 if n else 0.0


@pytest.mark.parametrize("side", ["lower", "upper"])
def test_byars_interval_is_near_the_exact_one(side):
    from scipy.stats import chi2

    columns = (*EVENTS, *PEOPLE, *bound("b", "", side, "byar", "events_count", "people_count", per=1000))
    row = shown(columns, events_count=41, people_count=1002)
    assert float(row["b"]) == round(1000 * byar(40, side) / 1000, 1)
    exact = chi2.ppf(0.025, 80) / 2 if side == "lower" else chi2.ppf(0.975, 82) / 2
    assert abs(float(row["b"]) - exact) < 0.15


STRATA = ("n1", "d1", "n2", "d2", "n3", "d3")
EXACT = {"n1": 41, "d1": 1002, "n2": 3, "d2": 500, "n3": 99, "d3": 252}
PROTECTED = np.array([[40, 1000], [4, 500], [100, 250]], dtype=float)


def test_a_standardised_rate_and_its_interval_are_of_protected_strata():
    weights = (5.0, 3.0, 2.0)
    ends = [bound(s, "", s, "dobson", *STRATA, per=100_000, weights=weights) for s in ("lower", "upper")]
    row = shown((*standardised("dsr", "", weights, *STRATA), *ends[0], *ends[1]), **EXACT)
    n, d = PROTECTED.T
    w = np.array(weights) / 10
    expected = (w * n / d).sum()
    spread = math.sqrt((w**2 * n / d**2).sum() / n.sum())
    assert float(row["dsr"]) == round(100_000 * expected, 1)
    for side in ("lower", "upper"):
        assert float(row[side]) == round(100_000 * (expected + spread * (byar(n.sum(), side) - n.sum())), 1)


def test_the_slope_index_is_the_weighted_regressions():
    row = shown((*slope("sii", "", "sii", *STRATA), *slope("rii", "", "rii", *STRATA)), **EXACT)
    n, d = PROTECTED.T
    middle = (np.cumsum(d) - d / 2) / d.sum()
    gradient, level = np.polyfit(middle, n / d, 1, w=np.sqrt(d))
    assert float(row["sii"]) == pytest.approx(-100 * gradient, abs=0.051)
    assert float(row["rii"]) == pytest.approx(level / (level + gradient), abs=0.0051)


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"n1": 2, "n2": 0, "n3": 1}, "c"), ({"d2": 12}, "c"), ({"n3": None}, "x"), ({"d1": 0, "d2": 0, "d3": 0}, "z")],
    ids=["few events", "few people", "missing", "nobody"],
)
def test_a_slope_of_too_few_is_withheld(changed, status):
    row = shown(slope("sii", "", "sii", *STRATA), **EXACT | changed)
    assert (row["sii"], row["sii_status"]) == (None, status)


def test_a_mean_is_of_a_protected_sum():
    columns = (*PEOPLE, *mean("stay", "", "bed_days", "people_count"))
    assert float(shown(columns, people_count=41, bed_days=322)["stay"]) == 8.0
    assert shown(columns, people_count=41, bed_days=6)["stay_status"] == "c"
    assert shown(columns, people_count=12, bed_days=322)["stay_status"] == "c"


def test_a_ratio_of_rates_needs_all_four_counts():
    four = ("events_count", "people_count", "a_count", "b_count")
    columns = (*EVENTS, *PEOPLE, *count("a_count", ""), *count("b_count", ""), *ratio("ratio", "", *four))
    exact = {"events_count": 40, "people_count": 100, "a_count": 20, "b_count": 200}
    assert float(shown(columns, **exact)["ratio"]) == 4.0
    assert shown(columns, **exact | {"a_count": 3})["ratio_status"] == "c"
    assert shown(columns, **exact | {"a_count": 0})["ratio_status"] == "z"


def test_none_or_all_of_a_small_group_is_not_told():
    columns = (*EVENTS, *PEOPLE, *percent("pct", "", "events_count", "people_count"))
    for events, people, status in ((0, 15, "c"), (15, 15, "c"), (10, 15, ""), (0, 40, ""), (40, 40, "")):
        assert shown(columns, events_count=events, people_count=people)["events_count_status"] == status


def test_a_contract_that_makes_no_sense_is_refused():
    for broken in (
        rate("r", "", "events_count", "nobody_count"),
        bound("b", "", "middle", "wilson", "events_count", "people_count"),
        bound("b", "", "lower", "guess", "events_count", "people_count"),
        standardised("s", "", (1.0,), *STRATA),
        money("m", "", "nobody_count", "largest"),
    ):
        with pytest.raises(ValueError, match="no disclosure rule"):
            shown((*EVENTS, *PEOPLE, *broken), events_count=10, people_count=10)
    with pytest.raises(ValueError, match="not of its key"):
        MartTable(
            key="mart.drawn", grain="", description="", unique_key=(), columns=EVENTS,
            counts={"events_count": (Counts(family="people", dimensions=("place",)),)},
        )  # fmt: skip


HEADS = (
    *PEOPLE,
    *money("m_gbp", "", "people_count", "largest"),
    *mean("head_gbp", "", "m_gbp", "people_count", decimals=0),
)


def test_money_for_each_person_is_of_the_published_pounds_and_people():
    row = shown(HEADS, people_count=998, m_gbp=123_499, largest=900)
    assert (float(row["m_gbp"]), float(row["head_gbp"]), row["head_gbp_status"]) == (123_000.0, 123.0, "")
    assert round(123_499 / 998) == 124, "the exact one would be another"


def test_money_for_each_person_is_withheld_with_the_money_or_the_people():
    dominated = shown(HEADS, people_count=998, m_gbp=123_499, largest=100_000)
    assert (dominated["m_gbp_status"], dominated["head_gbp"], dominated["head_gbp_status"]) == ("c", None, "c")
    few = shown(HEADS, people_count=14, m_gbp=123_499, largest=900)
    assert (few["m_gbp_status"], few["head_gbp_status"]) == ("", "c")
    assert shown(HEADS, people_count=998, m_gbp=None, largest=None)["head_gbp_status"] == "x"
    assert shown(HEADS, people_count=0, m_gbp=0, largest=0)["head_gbp_status"] == "z"


def test_money_for_each_person_is_withheld_with_money_withheld_beside_another():
    table = MartTable(
        key="mart.drawn", grain="row", description="drawn", unique_key=("place",),
        columns=(Column(name="place", type="VARCHAR", description="", privacy=Privacy.QUASI), *HEADS),
    )  # fmt: skip
    con = duckdb.connect()
    con.execute("create table exact as select 'A' as place, 998 as people_count, 123499 as m_gbp, 900 as largest")
    con.execute("create table beside as select 'm_gbp' as measure__, 'A' as place")
    text = protect_select(table, "exact", load_policy(), also="beside")
    got = con.execute(f"select m_gbp_status, head_gbp, head_gbp_status from ({text})").fetchall()
    assert got == [("c", None, "c")]


@pytest.mark.parametrize(
    ("people", "value", "expected"),
    [(1000, 12.345, (12.3, "")), (195, 12.345, (None, "c")), (6, 12.345, (None, "c")), (1000, None, (None, "x"))],
)
def test_what_a_model_explains_is_of_many_people_or_withheld(people, value, expected):
    row = shown((*PEOPLE, *fit("r2", "", "explained", "people_count")), people_count=people, explained=value)
    assert (row["r2"] if row["r2"] is None else float(row["r2"]), row["r2_status"]) == expected
