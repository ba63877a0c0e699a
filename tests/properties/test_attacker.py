"""The quick attack on random tables finds exactly what two programmes for every cell find, and protecting ends it."""

from __future__ import annotations

import itertools

import duckdb
import numpy as np
import pytest
from scipy.optimize import linprog

from wsd_pipeline.contracts.core import Column, Measure, Privacy, Published, Table
from wsd_pipeline.disclosure import load_policy, protect_select
from wsd_pipeline.disclosure.attacker import attack, propagate
from wsd_pipeline.disclosure.cells import System
from wsd_pipeline.disclosure.joint import equations
from wsd_pipeline.disclosure.known import published_cells
from wsd_pipeline.disclosure.sheet import Sheet

pytestmark = pytest.mark.slow

POLICY = load_policy()


def table(*dims: str) -> Table:
    count = Published(
        name="n", type="BIGINT", description="n", privacy=Privacy.NONE, measure=Measure.COUNT, status_column="s"
    )
    return Table(
        key="mart.drawn", grain="cell", description="drawn", unique_key=dims,
        columns=(
            *(Column(name=d, type="VARCHAR", description=d, privacy=Privacy.QUASI) for d in dims), count,
            Column(name="s", type="VARCHAR", description="s", privacy=Privacy.NONE),
        ),
    )  # fmt: skip


def drawn(seed: int) -> System:
    """The equations of a random mart of two to four dimensions, with a random choice of its breakdowns."""
    rng = np.random.default_rng(seed)
    dims = tuple("abcd"[: rng.integers(2, 5)])
    who = np.column_stack([rng.choice(k, 150, p=rng.dirichlet(np.full(k, 0.7))) for k in rng.integers(2, 6, len(dims))])
    masks = [m for k in range(len(dims) + 1) for m in itertools.combinations(range(len(dims)), k)]
    chosen = [m for m in masks if len(m) in (0, len(dims)) or rng.random() < 0.6]
    cells: dict[tuple[str, ...], int] = {}
    for mask in chosen:
        for person in who:
            key = tuple(str(v) if d in mask else "all" for d, v in enumerate(person))
            cells[key] = cells.get(key, 0) + 1
    con = duckdb.connect()
    con.execute(f"create table exact ({', '.join(f'{d} varchar' for d in dims)}, n bigint)")
    con.executemany(
        f"insert into exact values ({', '.join('?' * (len(dims) + 1))})", [[*k, n] for k, n in cells.items()]
    )
    mart = table(*dims)
    con.execute(f"create table safe as {protect_select(mart, 'exact', POLICY)}")
    sheet = Sheet.read(con, mart, "safe", POLICY)
    return equations(published_cells(sheet, mart, mart.columns[len(dims)], POLICY), POLICY)  # type: ignore[arg-type]


def settled(system: System, minimum: int) -> set[int]:
    """Every secret variable with too few whole numbers, by two programmes each and nothing clever."""
    low, high = propagate(system, system.low, system.high)
    exposed = set()
    for variable in np.flatnonzero(system.secret):
        cost = np.zeros(len(low))
        cost[variable] = 1.0
        ends = [
            linprog(
                sign * cost,
                A_eq=system.matrix,
                b_eq=np.zeros(system.matrix.shape[0]),
                bounds=np.column_stack([low, high]),
            ).x[variable]
            for sign in (1, -1)
        ]
        if np.floor(ends[1] + 1e-6) - np.ceil(ends[0] - 1e-6) + 1 < minimum:
            exposed.add(int(variable))
    return exposed


@pytest.mark.parametrize("seed", range(5))
def test_quick_and_slow_agree(seed):
    system = drawn(seed)
    found = attack(system, 4)
    assert set(found.exposed.tolist()) == settled(system, 4) and found.unsettled == 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(5, 200))
def test_quick_and_slow_agree_many_times(seed):
    test_quick_and_slow_agree(seed)


@pytest.mark.parametrize("seed", range(3))
def test_who_asks_of_some_cells_only_gets_the_same_of_them(seed):
    system = drawn(seed)
    every = set(attack(system, 4).exposed.tolist())
    some = np.flatnonzero(system.secret)[::2]
    assert set(attack(system, 4, among=some).exposed.tolist()) == every & set(some.tolist())


def test_each_variable_may_need_a_width_of_its_own():
    system = drawn(1)
    least = np.full(len(system.low), 1)
    assert not len(attack(system, least).exposed)
    least[np.flatnonzero(system.secret)[0]] = 1000
    assert len(attack(system, least).exposed) == 1
