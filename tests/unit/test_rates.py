"""Rates and their uncertainty against oracles: SciPy, published worked examples, a second reckoning, simulation."""

from __future__ import annotations

import itertools

import duckdb
import numpy as np
import pytest
import sqlglot
from scipy import stats

from wsd_pipeline import rates, sql

ESP = "reference.european_standard_population"


@pytest.fixture(scope="module")
def con():
    found = duckdb.connect()
    sql.attach_reference(found, [ESP])
    yield found
    found.close()


def value(con, expression: str, **columns: object) -> float | None:
    named = ", ".join(f"? as {name}" for name in columns)
    return con.execute(f"select {expression} from (select {named})", list(columns.values())).fetchall()[0][0]


def limits(con, interval: rates.Interval, **columns: object) -> tuple[float, float]:
    return value(con, interval.low, **columns), value(con, interval.high, **columns)


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.00, 16.11), (1, 29, 0.61, 17.18)],
)
def test_wilson_gives_newcombe_s_published_intervals(con, numerator, denominator, low, high):
    found = limits(con, rates.wilson("a", "b"), a=numerator, b=denominator)
    assert [round(v, 2) for v in found] == pytest.approx([low, high], abs=0.011)


def test_wilson_agrees_with_scipy_everywhere(con):
    for n, k in itertools.product((1, 2, 7, 20, 1_000, 330_000), (0, 1, 2, 5, 20, 500, 1_000)):
        if k <= n:
            known = stats.binomtest(k, n).proportion_ci(method="wilson")
            assert limits(con, rates.wilson("a", "b"), a=k, b=n) == pytest.approx(
                (100 * known.low, 100 * known.high), abs=1e-9
            )


def test_where_there_is_nobody_there_is_no_figure(con):
    for interval in (rates.wilson("a", "b"), rates.rate_limits("a", "b")):
        assert limits(con, interval, a=0, b=0) == (None, None)
        assert limits(con, interval, a=None, b=None) == (None, None)
    assert value(con, rates.proportion("a", "b"), a=0, b=0) is None


def test_a_numerator_rounded_above_its_denominator_is_all_of_them(con):
    assert limits(con, rates.wilson("a", "b"), a=25, b=23) == limits(con, rates.wilson("a", "b"), a=23, b=23)


def test_small_counts_have_scipy_s_exact_limits(con):
    for count in range(10):
        low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
        known = low, stats.chi2.ppf(0.975, 2 * (count + 1)) / 2
        assert limits(con, rates.count_limits("c"), c=count) == pytest.approx(known, abs=1e-9)


@pytest.mark.parametrize("count", [10, 11, 25, 100, 5_000])
def test_byar_s_limits_are_within_a_fifth_of_a_percent_of_the_exact(con, count):
    known = stats.chi2.ppf(0.025, 2 * count) / 2, stats.chi2.ppf(0.975, 2 * (count + 1)) / 2
    found = limits(con, rates.count_limits("c"), c=count)
    assert found == pytest.approx(known, rel=0.002)
    byar = count * (1 - 1 / (9 * count) - rates.Z95 / (3 * count**0.5)) ** 3
    assert found[0] == pytest.approx(byar, rel=1e-12)


def test_a_rate_s_limits_are_its_count_s_over_the_people(con):
    low, high = limits(con, rates.count_limits("c"), c=65)
    assert limits(con, rates.rate_limits("c", "p"), c=65, p=13_000) == pytest.approx((low / 0.13, high / 0.13))
    assert value(con, rates.rate("c", "p"), c=65, p=13_000) == 500.0


@pytest.mark.parametrize(
    ("is_high_good", "words"),
    [(True, "better similar worse"), (False, "worse similar better"), (None, "higher similar lower")],
)
def test_a_value_is_better_only_when_its_whole_interval_is(con, is_high_good, words):
    text = rates.comparison(rates.Interval(low="a", high="b"), "c", is_high_good=is_high_good)
    found = [value(con, text, a=a, b=b, c=10) for a, b in ((10.1, 12), (10, 12), (8, 9.9))]
    assert " ".join(found) == words
    assert value(con, text, a=8, b=9, c=None) is value(con, text, a=None, b=None, c=9) is None


BANDS = [*(f"{low}-{low + 4}" for low in range(0, 90, 5)), "90+"]
WEIGHTS = np.array([5, 5.5, 5.5, 5.5, 6, 6, 6.5, 7, 7, 7, 7, 6.5, 6, 5.5, 5, 4, 2.5, 1.5, 1]) / 100
PEOPLE = np.array([20, 21, 20, 19, 32, 52, 48, 36, 26, 19, 14, 11, 8, 6, 4.5, 3, 2, 1, 0.5]) * 900


def standardised(con, events: np.ndarray, people: np.ndarray = PEOPLE, order: np.ndarray | None = None) -> tuple:
    con.execute("create or replace temp table given (place varchar, band varchar, events integer, people integer)")
    rows = list(zip(BANDS, events, people, strict=True))
    rows = [rows[i] for i in order] if order is not None else rows
    con.executemany("insert into given values ('x', ?, ?, ?)", [(b, int(e), int(p)) for b, e, p in rows])
    text = rates.standardised("given", ["place"], age_band="band", events="events", population="people")
    return con.execute(text).fetchall()[0][3:]


def by_hand(events: np.ndarray) -> tuple[float, float, float]:
    """The technical guidance's formulae, in NumPy."""
    rate = (WEIGHTS * events / PEOPLE).sum()
    variance = (WEIGHTS**2 * events / PEOPLE**2).sum()
    total = events.sum()
    low = total * (1 - 1 / (9 * total) - rates.Z95 / (3 * total**0.5)) ** 3
    high = (total + 1) * (1 - 1 / (9 * (total + 1)) + rates.Z95 / (3 * (total + 1) ** 0.5)) ** 3
    width = (variance / total) ** 0.5
    return tuple(1e5 * v for v in (rate, rate + width * (low - total), rate + width * (high - total)))


def test_a_standardised_rate_is_the_guidance_s_formula(con):
    events = np.random.default_rng(1).poisson(PEOPLE * np.linspace(0.0005, 0.02, 19))
    assert standardised(con, events) == pytest.approx(by_hand(events), rel=1e-9)


def test_one_rate_at_every_age_is_its_own_standardised_rate(con):
    assert standardised(con, PEOPLE / 50, PEOPLE * 2)[0] == pytest.approx(1_000.0, rel=1e-9)


def test_the_order_of_rows_changes_no_bit(con):
    chance = np.random.default_rng(2)
    events = chance.poisson(PEOPLE * 0.01)
    assert len({standardised(con, events, order=chance.permutation(19)) for _ in range(20)}) == 1


def test_fewer_than_ten_events_or_a_band_without_people_have_no_standardised_rate(con):
    nine = np.zeros(19)
    nine[10] = 9
    assert standardised(con, nine) == (None, None, None)
    ten = np.where(nine > 0, 10, 0)
    assert None not in standardised(con, ten)
    assert standardised(con, ten, np.where(np.arange(19) == 18, 0, PEOPLE)) == (None, None, None)


def test_standardised_intervals_cover_the_truth(con):
    """1,500 simulated places of about 30 events: 95 % intervals cover the planted rate 93–97 % of the time."""
    true = PEOPLE * np.linspace(0.00002, 0.0006, 19)
    planted = 1e5 * (WEIGHTS * true / PEOPLE).sum()
    drawn = np.random.default_rng(3).poisson(true, size=(1_500, 19))
    place, band = np.indices(drawn.shape)
    table = {
        "place": place.ravel(),
        "band": np.array(BANDS)[band.ravel()],
        "events": drawn.ravel(),
        "people": PEOPLE[band.ravel()],
    }
    import pyarrow as pa

    con.register("simulated", pa.table(table))
    text = rates.standardised("simulated", ["place"], age_band="band", events="events", population="people")
    rows = con.execute(f"select rate_low, rate_high from ({text}) where rate_low is not null").fetchall()
    covered = np.mean([low <= planted <= high for low, high in rows])
    assert len(rows) > 1_490 and 0.93 <= covered <= 0.97


FIFTHS = [(1, 90, 20_000), (2, 60, 18_000), (3, 55, 21_000), (4, 35, 19_000), (5, 22, 15_000)]


def inequality(con, rows: list[tuple]) -> tuple:
    con.execute(
        "create or replace temp table steps_given (place varchar, quintile smallint, events integer, people integer)"
    )
    con.executemany("insert into steps_given values ('x', ?, ?, ?)", rows)
    text = rates.slope("steps_given", ["place"], order="quintile", events="events", population="people")
    return con.execute(text).fetchall()[0][1:]


def fitted(rows: list[tuple]) -> tuple[float, float]:
    """Weighted least squares by NumPy: the slope and the intercept."""
    _, events, people = (np.array(c, float) for c in zip(*rows[::-1], strict=True))
    position = (np.cumsum(people) - people / 2) / people.sum()
    gradient, start = np.polyfit(position, events / people, 1, w=np.sqrt(people))
    return gradient, start


def test_the_slope_is_weighted_least_squares(con):
    found = inequality(con, FIFTHS)
    gradient, start = fitted(FIFTHS)
    assert found[0] == pytest.approx(1e5 * gradient, rel=1e-6) and gradient > 0, "more where deprivation is greater"
    assert found[3] == pytest.approx((start + gradient) / start, rel=1e-6)
    assert inequality(con, FIFTHS[::-1]) == found


def test_the_slope_s_interval_is_that_of_simulation(con):
    _, events, people = (np.array(c, float) for c in zip(*FIFTHS, strict=True))
    drawn = np.random.default_rng(4).poisson(events, size=(20_000, 5))
    position = ((np.cumsum(people[::-1]) - people[::-1] / 2) / people.sum())[::-1]
    away = people * (position - (people * position).sum() / people.sum())
    slopes = 1e5 * (drawn / people @ away) / (away * position).sum()
    _, low, high, _ = inequality(con, FIFTHS)
    assert (low, high) == pytest.approx(np.quantile(slopes, [0.025, 0.975]), abs=12)


def test_no_difference_is_no_slope_and_a_ratio_of_one(con):
    slope, low, high, ratio = inequality(con, [(i, 50, 10_000) for i in range(1, 6)])
    assert slope == pytest.approx(0, abs=1e-6) and low < 0 < high and ratio == pytest.approx(1)


def test_too_few_steps_or_an_empty_one_have_no_slope(con):
    assert inequality(con, FIFTHS[:2])[0] is None
    assert inequality(con, [*FIFTHS[:4], (5, 0, 0)])[0] is None


def test_the_text_says_the_same_to_spark():
    texts = [
        f"select {e} as v from x.y"
        for i in (rates.wilson("a", "b"), rates.rate_limits("a", "b"))
        for e in (i.low, i.high, rates.comparison(i, "c", is_high_good=True))
    ]
    texts.append(rates.standardised("y", ["g"], age_band="band", events="e", population="p"))
    texts.append(rates.slope("y", ["g"], order="q", events="e", population="p"))
    for text in texts:
        spark = sqlglot.transpile(text, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)[0]
        assert sqlglot.parse_one(spark, read="spark")
