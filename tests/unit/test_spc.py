"""Control charts against a dull oracle: the same rules, a point at a time, in plain Python."""

from __future__ import annotations

from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import sqlglot

from wsd_pipeline import spc


def charted_all(many: list[list[float]]) -> list[list[tuple]]:
    """Each series' points in order: centre, lower and upper limit, signal."""
    rows = [(place, month, v) for place, values in enumerate(many) for month, v in enumerate(values)][::-1]
    place, month, pct = zip(*rows, strict=True)
    with duckdb.connect() as con:
        con.register("series", pa.table({"place": place, "month": month, "pct": [float(v) for v in pct]}))
        text = spc.signals("series", ["place"], period="month", value="pct")
        made = con.execute(f"select * from ({text}) order by place, period").fetchall()
    return [[row[3:] for row in made if row[0] == place] for place in range(len(many))]


def charted(values: list[float]) -> list[tuple]:
    return charted_all([values])[0]


def by_hand(values: list[float]) -> list[str]:
    """Each point's sign, the first that holds."""
    n, centre = len(values), sum(values) / len(values)
    reach = 2.66 * sum(abs(b - a) for a, b in pairwise(values)) / (n - 1)
    marks: list[set[str]] = [set() for _ in values]
    for i, value in enumerate(values):
        if abs(value - centre) > reach:
            marks[i].add("outside")
    for kind, length, holds in (
        ("shift", 7, lambda part: all(v > centre for v in part) or all(v < centre for v in part)),
        (
            "trend", 6,
            lambda part: all(a < b for a, b in pairwise(part))
            or all(a > b for a, b in pairwise(part)),
        ),
    ):  # fmt: skip
        for start in range(n - length + 1):
            if holds(values[start : start + length]):
                for i in range(start, start + length):
                    marks[i].add(kind)
    for start in range(n - 2):
        for sign in (1, -1):
            far = [i for i in range(start, start + 3) if sign * (values[i] - centre) > reach * 2 / 3]
            if len(far) >= 2:
                for i in far:
                    marks[i].add("near_limit")
    return [next((s for s in spc.SIGNALS if s in m), "") for m in marks]


def test_every_sign_is_where_the_rules_put_it():
    """Two hundred series of few different values, so that every sign and every pair of signs comes up."""
    chance = np.random.default_rng(6)
    many = [
        [
            round(float(v) + 0.37 * (i % 3), 2)
            for i, v in enumerate(np.cumsum(chance.integers(-1, 2, n)) * walk + chance.integers(0, 5, n))
        ]
        for n, walk in zip(chance.integers(12, 30, 200), chance.choice([0, 0, 1], 200), strict=True)
    ]
    found = [[row[-1] for row in rows] for rows in charted_all(many)]
    assert found == [by_hand(values) for values in many]
    assert {sign for signs in found for sign in signs} == {*spc.SIGNALS, ""}


def test_each_sign_alone():
    quiet = [10, 11, 10, 9, 10, 11, 9, 10, 11, 10, 9, 10, 11, 10, 9, 10]
    assert {row[-1] for row in charted(quiet)} == {""}
    assert charted([*quiet, 30])[-1][-1] == "outside"
    shifted = [*quiet[:9], *(v + 1.2 for v in (11, 10, 11, 10.5, 11, 10.2, 11))]
    assert [row[-1] for row in charted(shifted)][-7:] == ["shift"] * 7
    rising = [*quiet, 8.2, 9.1, 10.2, 10.8, 11.4, 12.0]
    assert [row[-1] for row in charted(rising)][-6:] == ["trend"] * 6


def test_limits_are_those_of_the_moving_range():
    centre, low, high, _ = charted([10, 12] * 6)[0]
    assert (centre, low, high) == (11.0, pytest.approx(11 - 2.66 * 2), pytest.approx(11 + 2.66 * 2))


def test_a_short_series_has_no_limits_and_no_signs():
    assert {tuple(row) for row in charted([1, 2, 3, 4, 5, 6, 7, 80, 9, 10, 11])} == {(None, None, None, None)}


def test_false_alarms_are_few():
    """300 series of two years of nothing but chance: one point in a hundred or so is beyond a limit."""
    chance = np.random.default_rng(5)
    with duckdb.connect() as con:
        place, month = np.indices((300, 24))
        drawn = chance.normal(50, 4, size=(300, 24))
        con.register("series", pa.table({"place": place.ravel(), "month": month.ravel(), "pct": drawn.ravel()}))
        text = spc.signals("series", ["place"], period="month", value="pct")
        share = con.execute(f"select avg(case when signal = 'outside' then 1 else 0 end) from ({text})").fetchall()[0][
            0
        ]
    assert 0.001 < share < 0.02


def test_the_text_says_the_same_to_spark():
    text = spc.signals("series", ["place"], period="month", value="pct")
    spark = sqlglot.transpile(text, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)[0]
    assert sqlglot.parse_one(spark, read="spark")
