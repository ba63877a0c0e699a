"""Attacks on what is published, asked and extracted, by their numbers in the list of attacks that block a release.

A7 and A8, by one mart at a time, are in test_attacker.py, A8 over releases in a row in test_series_attacks.py; A11 in
test_disclosure_extracts.py; A12 in test_query.py.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import itertools

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from wsd_pipeline.contracts.core import Column, Privacy, Table
from wsd_pipeline.contracts.measures import Counts, MartTable, bound, count, money, percent, rate
from wsd_pipeline.disclosure import load_policy, protect
from wsd_pipeline.disclosure.extracts import pseudonyms
from wsd_pipeline.disclosure.families import Mart
from wsd_pipeline.disclosure.publication import Agreement, agreed, attack_release, withhold_select
from wsd_pipeline.disclosure.series import Release
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.keys import Keys

pytestmark = pytest.mark.slow

POLICY = load_policy()


def keys(tmp_path, epoch: str = "1") -> Keys:
    return Keys(root=b"r" * 32, deployment="t", folder=tmp_path, epoch=epoch)


def person_ids(n: int, tmp_path) -> pl.Series:
    """As linkage makes them: an HMAC under a key of the vault of an anchor that is itself one."""
    spine = keys(tmp_path).derive("spine|1")
    return pl.Series([hmac.new(spine, f"anchor|{i}".encode(), hashlib.sha256).hexdigest()[:32] for i in range(n)])


def test_a3_nobody_is_found_by_trying_nhs_numbers_even_with_the_projects_key(tmp_path):
    secret = keys(tmp_path).derive("rel|frailty|1|1")
    released = set(pseudonyms(person_ids(1000, tmp_path), secret))
    numbers = pl.Series([f"9990{i:06d}" for i in range(100_000)])
    guesses = [numbers, numbers.str.slice(0, 9), "gp|" + numbers]
    assert not any(released & set(pseudonyms(guess, secret)) for guess in guesses)
    assert not released & {hashlib.sha256(n.encode()).hexdigest()[:32] for n in numbers[:20_000]}


def test_a4_two_projects_share_no_pseudonym_and_no_order(tmp_path):
    ids = person_ids(4000, tmp_path)
    made = [pseudonyms(ids, keys(tmp_path).derive(f"rel|{name}|1|1")) for name in ("frailty", "housing")]
    assert not set(made[0]) & set(made[1])
    assert abs(float(np.corrcoef(*(m.rank().to_numpy() for m in made))[0, 1])) < 0.06


def test_a5_after_rotation_no_pseudonym_stays_and_the_rows_do(tmp_path):
    ids = person_ids(2000, tmp_path)
    old, new = (pseudonyms(ids, keys(tmp_path, e).derive(f"rel|frailty|1|{e}")) for e in ("1", "2"))
    assert not set(old) & set(new) and new.n_unique() == len(ids)


PLACES, AGES = ("NE", "NW", "SE", "SW"), ("0-17", "18-64", "65+")


def mart(name: str, dims: tuple[str, ...], *columns: tuple[Column, ...], counts: tuple[Counts, ...] = ()) -> Table:
    flat = tuple(itertools.chain.from_iterable(columns)) or count("n", "")
    return MartTable(
        key=f"mart.{name}", grain="cell", description="drawn", unique_key=dims,
        columns=(*(Column(name=d, type="VARCHAR", description=d, privacy=Privacy.QUASI) for d in dims), *flat),
        counts={"n": counts} if counts else {},
    )  # fmt: skip


def people(n: int, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)

    def pick(values, p):
        return np.array(values)[rng.choice(len(values), n, p=p)]

    return pl.DataFrame({
        "place": pick(PLACES, [0.4, 0.3, 0.2, 0.1]), "age": pick(AGES, [0.3, 0.6, 0.1]),
        "need": pick(["complex", "healthy", "unknown"], [0.05, 0.9, 0.05]),
    })  # fmt: skip


def cube(frame: pl.DataFrame, dims: tuple[str, ...], masks: list[tuple[str, ...]]) -> pl.DataFrame:
    """The exact mart of these breakdowns: cells that somebody is in."""
    parts = []
    for mask in masks:
        group = frame.group_by(mask).len("n") if mask else frame.select(pl.len().alias("n"))
        parts.append(group.with_columns(pl.lit("all").alias(d) for d in dims if d not in mask).select(*dims, "n"))
    return pl.concat(parts).with_columns(pl.col("n").cast(pl.Int64))


def published(table: Table, exact: pl.DataFrame) -> Mart:
    con = duckdb.connect()
    con.register("exact", exact.to_arrow())
    safe = protect(con, table, "exact", POLICY)
    return Mart(table=table, rows=con.sql(safe.select).to_arrow_table(), made=safe.made)


PEOPLE = Counts(family="people", dimensions=("place", "age", "need"))


def profiles(seed: int) -> dict[str, Mart]:
    """Two marts of the same people: one by place, age and need, one by place and need with the borough's needs."""
    frame = people(900, seed)
    three = mart("three", ("place", "age", "need"), counts=(PEOPLE,))
    two = mart("two", ("place", "need"), counts=(Counts(family="people", dimensions=("place", "need")),))
    masks = [(), ("place",), ("place", "age"), ("place", "age", "need")]
    return {
        three.key: published(three, cube(frame, ("place", "age", "need"), masks)),
        two.key: published(two, cube(frame, ("place", "need"), [("need",), ("place", "need")])),
    }


def released(marts: dict[str, Mart]) -> dict[str, Mart]:
    """The marts as a release has them."""
    agreement = agreed(marts, POLICY)
    assert not agreement.contradictory
    return withheld(marts, agreement)


def withheld(marts: dict[str, Mart], agreement: Agreement) -> dict[str, Mart]:
    """The marts once what was agreed is withheld."""
    con, out = duckdb.connect(), {}
    for key, mart_ in marts.items():
        con.register("rows", mart_.rows)
        further, dropped = agreement.further.get(key, {}), agreement.dropped.get(key, {})
        rows = con.sql(withhold_select(mart_.table, "rows", further, dropped, POLICY)).to_arrow_table()
        out[key] = Mart(table=mart_.table, rows=rows, made=mart_.made.further(agreement.large.get(key, {}), dropped))
        con.unregister("rows")
    return out


def test_a7_marts_that_are_safe_alone_are_not_together_until_they_agree():
    together = []
    for seed in range(2):
        marts = profiles(seed)
        for key in marts:
            assert attack_release({key: marts[key]}, POLICY) == []
        together.append(len(attack_release(marts, POLICY)))
        assert attack_release(released(marts), POLICY) == []
    assert sum(together) > 0  # the joint attack won before they agreed


def test_identical_cells_are_identical_in_every_mart():
    for seed in range(2):
        out = released(profiles(seed))
        three, two = (pl.from_arrow(out[f"mart.{k}"].rows) for k in ("three", "two"))
        whole = three.filter((pl.col("age") == "all") & (pl.col("need") == "all")).select("place", "n", "n_status")
        both = whole.join(two.filter(pl.col("need") == "all"), on="place", how="inner")
        assert (both["n"].fill_null(-1) == both["n_right"].fill_null(-1)).all()


def test_a8_flows_between_months_do_not_give_a_months_counts_back():
    """Withheld flows between segments whose counts of both months are known are found once months are put together."""
    segments = Counts(family="people", dimensions=("segment",))
    flows = Counts(
        family="flows", dimensions=("to_segment",), rename={"to_segment": "segment"}, across="people",
        before={"from_segment": "segment"},
    )  # fmt: skip
    month, moves = (
        mart("month", ("segment",), counts=(segments,)),
        mart("moves", ("from_segment", "to_segment"), counts=(flows,)),
    )

    def shown(table: Table, drawn: str) -> Mart:
        lines = [line.split() for line in drawn.split(";")]
        names = [*table.unique_key, "n", "n_status"]
        data = {c: [line[i] for line in lines] for i, c in enumerate(table.unique_key)}
        n = [None if line[-1] == "c" else int(line[-1]) for line in lines]
        frame = pl.DataFrame(
            {**data, "n": n, "n_status": ["c" if v is None else "" for v in n]}, schema_overrides={"n": pl.Int64}
        )
        return Mart(table=table, rows=frame.select(names).to_arrow())

    now = {
        month.key: shown(month, "A 10; B 20"),
        moves.key: shown(moves, "A A 10; A B c; B A c; B B 15"),
    }
    before = {month.key: shown(month, "A 20; B 15")}
    assert attack_release(now, POLICY) == []
    assert attack_release(now, POLICY, [Release(marts=before)])


def test_a7_a_withheld_amount_cannot_be_had_from_the_others():
    spent = mart("cost", ("place",), count("n", ""), money("cost_gbp", "", "n", "largest_gbp"))
    exact = pl.DataFrame({
        "place": ["all", "A", "B", "C", "D"], "n": [400, 100, 100, 100, 100],
        "cost_gbp": [400_000, 90_000, 110_000, 120_000, 80_000], "largest_gbp": [60_000, 5_000, 60_000, 5_000, 4_000],
    })  # fmt: skip
    safe = published(spent, exact)
    shown = dict(pl.from_arrow(safe.rows).select("place", "cost_gbp").iter_rows())
    # B is dominated by one; were all others shown with the total, it would be known to within a few thousand
    assert shown["B"] is None and sum(v is None for v in shown.values()) == 2
    assert attack_release({spent.key: safe}, POLICY) == []


def test_a9_rates_intervals_and_shares_of_protected_counts_have_many_exact_counts_behind_them():
    table = mart(
        "shares", ("place",), count("n", ""), count("d", ""), percent("p", "", "n", "d"), rate("r", "", "n", "d", 1000),
        bound("low", "", "lower", "wilson", "n", "d"), bound("high", "", "upper", "byar", "n", "d"),
    )  # fmt: skip
    grid = [(f"{n}/{d}", n, d) for n in range(0, 60) for d in range(60, 400, 7)]
    rows = published(table, pl.DataFrame(grid, schema=["place", "n", "d"], orient="row")).rows
    frame = pl.from_arrow(rows).with_columns(pl.col("place").str.split("/").list.first().alias("true_n"))
    shown = frame.filter(pl.col("p").is_not_null() & pl.col("n").is_between(1, 55))
    behind = shown.group_by("n", "d", "p", "r", "low", "high").agg(pl.col("true_n").n_unique().alias("open"))
    assert len(behind) > 100 and behind["open"].min() >= 4
    assert frame.filter(pl.col("n").is_null())[
        ["p", "r", "low", "high"]
    ].null_count().sum_horizontal().item() == 4 * len(frame.filter(pl.col("n").is_null()))


VALUES = {"place": PLACES, "age": AGES, "need": ("complex", "healthy", "unknown"), "sex": ("female", "male")}


CELLS = list(itertools.product(*VALUES.values()))
Equations = dict[tuple[bool, ...], tuple[float, float]]


def walked(tmp_path, steps: int, seed: int = 3, noise_sd: float | None = None) -> int:
    """The fewest values left open of any cell of 1 to 7 of 1,500 people, after a walk of so many allowed questions.

    The attacker takes every answer for what it bounds: the sum of the cells it is of, within the rounding and four and
    a half standard deviations of the noise of that many cells (false less than once in a hundred thousand times).
    """
    from wsd_pipeline.disclosure.asking import People
    from wsd_pipeline.disclosure.ledger import Ledger
    from wsd_pipeline.disclosure.prepared import Coded
    from wsd_pipeline.disclosure.questions import Dimension, load_registry
    from wsd_pipeline.settings import Mode, Project

    rng, made = np.random.default_rng(seed), load_registry()
    names = {d: Dimension(name=d, table="t", column=d) for d in VALUES}
    registry = dataclasses.replace(made, dimensions=names, noise_sd=made.noise_sd if noise_sd is None else noise_sd)
    frame = people(1500, seed).with_columns(
        sex=pl.Series(rng.choice(VALUES["sex"], 1500)), person_id=pl.Series([str(i) for i in range(1500)])
    )
    asked = People(Coded.of(frame, b"s" * 32, registry), b"s" * 32, registry, POLICY)
    ledger = Ledger(Project(root=tmp_path, name="t", mode=Mode.SYNTHETIC), "2026-01", "walker")
    equations: Equations = {}
    for _ in range(steps):
        learn(equations, asked, ledger, rng)
    exact = {tuple(c[:-1]): c[-1] for c in frame.group_by(*names).len().iter_rows()}
    return fewest_open(equations, np.array([exact.get(c, 0) for c in CELLS], dtype=float))


def learn(equations: Equations, asked, ledger, rng: np.random.Generator) -> None:
    """Ask one question at random; narrow what is known of each sum of cells that its answer is of, the total's too."""
    by = [str(d) for d in rng.permutation(list(VALUES))[: rng.integers(0, 3)]]
    kept = {d: {str(v) for v in rng.permutation(vs)[: rng.integers(1, len(vs) + 1)]} for d, vs in VALUES.items()}
    over = [d for d, vs in VALUES.items() if len(kept[d]) < len(vs)]
    where = " and ".join(f"{d} in ({', '.join(repr(v) for v in sorted(kept[d]))})" for d in over)
    try:
        answer = asked.count(ledger, by, where or None)
    except Stop as stop:
        assert stop.code in ("WSD-610", "WSD-613")
        return
    told = [(dict(zip(by, row, strict=False)), row[-2], answer.noise_sd) for row in answer.rows]
    for values, shown, sd in [*told, ({}, answer.total, answer.total_noise_sd)]:
        mine = tuple(
            all(v in kept[d] and values.get(d, v) == v for d, v in zip(VALUES, cell, strict=True)) for cell in CELLS
        )
        slack = 4.5 * sd + 2.5
        low, high = (0.0, slack + POLICY.threshold) if shown is None else (shown - slack, shown + slack)
        before = equations.get(mine, (0.0, np.inf))
        equations[mine] = (max(before[0], low), min(before[1], high))


def fewest_open(equations: Equations, truth: np.ndarray) -> int:
    """The fewest whole numbers that any true cell of 1 to 7 may still be, all equations holding together."""
    matrix = np.array(list(equations), dtype=float)
    low, high = np.array(list(equations.values())).T
    assert ((matrix @ truth >= low - 1e-9) & (matrix @ truth <= high + 1e-9)).all()
    both, bounds, left = np.vstack([matrix, -matrix]), np.concatenate([high, -low]), []
    for cell in np.flatnonzero((truth >= 1) & (truth <= 7)):
        cost = np.zeros(len(truth))
        cost[cell] = 1.0
        most, least = (linprog(s * cost, A_ub=both, b_ub=bounds, method="highs").x[cell] for s in (-1, 1))
        left.append(int(np.floor(most + 1e-6) - np.ceil(least - 1e-6) + 1))
    return min(left)


def test_a10_a_walk_of_allowed_questions_leaves_every_small_cell_open(tmp_path):
    assert walked(tmp_path, 150) >= 4


def test_a10_the_same_walk_closes_in_on_small_cells_where_counts_are_only_withheld_and_rounded(tmp_path):
    assert walked(tmp_path, 600, noise_sd=0.0) < 4


@pytest.mark.exhaustive
def test_a10_a_walk_of_ten_thousand_questions_leaves_every_small_cell_open(tmp_path):
    assert walked(tmp_path, 10_000) >= 4
