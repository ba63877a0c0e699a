"""The attacker wins on naive publication and loses on ours; its answers equal a dull whole-number oracle's."""

from __future__ import annotations

import itertools

import duckdb
import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from wsd_pipeline.contracts.core import Column, Measure, Privacy, Published, Table
from wsd_pipeline.disclosure import load_policy, protect, protect_select
from wsd_pipeline.disclosure.attacker import Infeasible, attack
from wsd_pipeline.disclosure.cells import Cells, Family
from wsd_pipeline.disclosure.families import Mart
from wsd_pipeline.disclosure.joint import spare_nobody
from wsd_pipeline.disclosure.known import published_cells
from wsd_pipeline.disclosure.lattice import system_of
from wsd_pipeline.disclosure.made import Made
from wsd_pipeline.disclosure.noise import noise_table
from wsd_pipeline.disclosure.publication import Exposure, attack_release, stop_for
from wsd_pipeline.disclosure.sheet import Sheet

pytestmark = pytest.mark.slow

POLICY = load_policy()


def mart(*dims: str, key: str = "mart.drawn") -> Table:
    return Table(
        key=key,
        grain="cell",
        description="drawn",
        unique_key=dims,
        columns=(
            *(Column(name=d, type="VARCHAR", description=d, privacy=Privacy.QUASI) for d in dims),
            Published(
                name="n", type="BIGINT", description="n", privacy=Privacy.NONE, measure=Measure.COUNT, status_column="s"
            ),
            Column(name="s", type="VARCHAR", description="s", privacy=Privacy.NONE),
        ),
    )


def people(n: int, seed: int, **sizes: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        k: np.array([f"{k}{i}" for i in range(v)])[rng.choice(v, n, p=rng.dirichlet(np.full(v, 0.8)))]
        for k, v in sizes.items()
    }


def tabulated(
    con: duckdb.DuckDBPyConnection, table: Table, who: dict[str, np.ndarray], masks: list[tuple[str, ...]]
) -> str:
    """The exact mart: every cell of each breakdown, those of nobody too."""
    columns = ", ".join(f"unnest($v_{k}) as {k}" for k in who)
    con.execute(f"create or replace table people as select {columns}", {f"v_{k}": v.tolist() for k, v in who.items()})
    parts = []
    for mask in masks:
        cells = " cross join ".join(f"(select distinct {d} as v_{d} from people)" for d in mask) or "(select 1)"
        match = " and ".join(f"p.{d} = v_{d}" for d in mask) or "true"
        columns = ", ".join(f"v_{d} as {d}" if d in mask else f"'all' as {d}" for d in table.unique_key)
        group = "group by " + ", ".join(f"v_{d}" for d in mask) if mask else ""
        parts.append(
            f"select {columns}, count(p.{next(iter(who))}) as n from {cells} left join people as p on {match} {group}"
        )
    con.execute("create or replace table exact as " + " union all ".join(parts))
    return "exact"


def all_masks(dims: tuple[str, ...], up_to: int) -> list[tuple[str, ...]]:
    return [m for k in range(up_to + 1) for m in itertools.combinations(dims, k)]


def oracle(system, minimum: int) -> set[int]:
    """Every secret variable with too few whole numbers, by two whole-number programmes each."""
    exposed = set()
    rule = LinearConstraint(system.matrix, 0, 0)
    for variable in np.flatnonzero(system.secret):
        ends = []
        for sign in (1, -1):
            cost = np.zeros(len(system.low))
            cost[variable] = sign
            found = milp(cost, constraints=rule, bounds=Bounds(system.low, system.high), integrality=1)
            ends.append(round(found.x[variable]))
        if ends[1] - ends[0] + 1 < minimum:
            exposed.add(int(variable))
    return exposed


@pytest.mark.parametrize("seed", range(6))
def test_the_attack_finds_what_whole_number_programming_finds(seed):
    con, table = duckdb.connect(), mart("a", "b")
    tabulated(con, table, people(60, seed, a=4, b=4), all_masks(("a", "b"), 2))
    con.execute(f"create table safe as {protect_select(table, 'exact', POLICY)}")
    cells = published_cells(Sheet.read(con, table, "safe", POLICY), table, table.columns[2], POLICY)
    assert set(attack(system_of(cells), 4).exposed.tolist()) == oracle(system_of(cells), 4)


def attacked(con: duckdb.DuckDBPyConnection, table: Table, made: Made, name: str = "safe") -> list[Exposure]:
    """What the release gate says of a protected table."""
    rows = con.table(name).to_arrow_table()
    return attack_release({table.key: Mart(table=table, rows=rows, made=made)}, POLICY)


def naive(con: duckdb.DuckDBPyConnection, table: Table, exact_margins_only: bool = False) -> Cells:
    """What is known where 1 to 7 is withheld and the rest (or the totals only) is exact."""
    rows = con.execute("select * from exact order by all").fetchall()
    keys = [r[:-1] for r in rows]
    n = np.array([r[-1] for r in rows])
    secret = (n >= 1) & (n <= 7)
    low, high = np.where(secret, 1, n), np.where(secret, 7, n)
    if exact_margins_only:
        total = np.array(["all" in key for key in keys])
        low = np.where(secret, 1, np.where(total | (n == 0), n, np.maximum(8, 5 * ((n + 2) // 5) - 2)))
        high = np.where(secret, 7, np.where(total | (n == 0), n, 5 * ((n + 2) // 5) + 2))
    return Cells.drawn(table.unique_key, keys, low, high, secret)


def test_the_attacker_wins_on_suppression_alone_and_on_exact_totals_and_loses_on_ours():
    con, table = duckdb.connect(), mart("area", "age", "segment")
    tabulated(con, table, people(600, 4, area=5, age=4, segment=3), all_masks(("area", "age", "segment"), 3))
    assert len(attack(system_of(naive(con, table)), 4).exposed) > 5
    assert len(attack(system_of(naive(con, table, exact_margins_only=True)), 4).exposed) > 5
    safe = protect(con, table, "exact", POLICY)
    con.execute(f"create table safe as {safe.select}")
    assert attacked(con, table, safe.made) == []


@pytest.mark.parametrize("seed", range(3))
def test_what_protect_gives_passes_by_construction_and_shows_no_small_number(seed):
    con, table = duckdb.connect(), mart("a", "b", "c")
    tabulated(con, table, people(200, seed, a=4, b=3, c=3), [(), ("a",), ("a", "b"), ("a", "c"), ("b", "c")])
    exact = con.execute("select n from exact order by all").fetchall()
    safe = protect(con, table, "exact", POLICY)
    con.execute(f"create table safe as {safe.select}")
    con.execute(f"create table again as {protect(con, table, 'exact', POLICY).select}")
    rows = con.execute("select * from safe order by all").fetchall()
    assert rows == con.execute("select * from again order by all").fetchall()
    assert len(rows) == len(exact) and not [r for r in rows if r[3] is not None and 0 < r[3] < 10]
    assert attacked(con, table, safe.made) == []


def test_percentages_beside_a_withheld_count_give_it_back_unless_they_are_withheld_too():
    unique = sum(
        len([k for k in range(1, 8) if round(100 * k / d, 1) == round(100 * n / d, 1)]) == 1
        for n in range(1, 8)
        for d in range(30, 400, 10)
    )
    assert unique == 7 * 37  # naive: the numerator is known every time
    con = duckdb.connect()
    columns = (
        *mart("a").columns,
        *(
            Published(
                name=name,
                type=kind,
                description=name,
                privacy=Privacy.NONE,
                measure=m,
                status_column=f"{name}_s",
                of=of,
            )
            for name, kind, m, of in (
                ("d", "BIGINT", Measure.COUNT, ()),
                ("p", "DECIMAL(5,1)", Measure.PERCENT, ("n", "d")),
            )
        ),
        *(Column(name=f"{x}_s", type="VARCHAR", description=x, privacy=Privacy.NONE) for x in "dp"),
    )
    table = Table(key="mart.pct", grain="cell", description="", unique_key=("a",), columns=columns)
    con.execute(
        "create table exact as select 'a' || n || '_' || d as a, n, d, 0 as p"
        " from range(0, 58) as t (n), range(30, 400, 10) as u (d)"
    )
    con.execute(f"create table safe as {protect_select(table, 'exact', POLICY)}")
    open_to = con.execute(
        "select min(c) from (select s.p, s.d, count(distinct e.n) as c from safe as s join exact as e using (a)"
        " where s.p is not null and s.n > 0 group by s.p, s.d)"
    ).fetchall()[0][0]
    assert open_to >= 4
    assert con.execute("select count(*) from safe where p is not null and n is null").fetchall() == [(0,)]


def test_noise_redrawn_each_month_is_averaged_away_and_ours_is_not():
    rng, table = np.random.default_rng(1), noise_table(b"k" * 32, 2)
    redrawn = np.round(np.mean([40 + rng.choice(table[40], 2000) for _ in range(12)], axis=0))
    assert (redrawn == 40).mean() > 0.5
    kept = np.array([40 + table[40, key] for key in rng.integers(0, 256, 2000)])
    assert (np.round(np.mean([kept] * 12, axis=0)) == 40).mean() < 0.25


def cells(dims: tuple[str, ...], drawn: str) -> Cells:
    """Cells as `key … low high`, withheld where marked c."""
    rows = [line.split() for line in drawn.strip().splitlines()]
    return Cells.drawn(
        dims,
        [r[: len(dims)] for r in rows],
        [int(r[-3]) for r in rows],
        [int(r[-2]) for r in rows],
        [r[-1] == "c" for r in rows],
    )


def test_all_less_a_subgroup_is_attacked_with_all_as_one_system():
    whole = cells(("area",), "A 51 51 -")
    without = cells(("area", "opted_out"), "A no 45 45 -\nA yes 1 7 c")
    system = system_of(whole.joined(without))
    assert len(attack(system, 4).exposed) == 1
    rounded = cells(("area",), "A 48 52 -").joined(cells(("area", "opted_out"), "A no 43 47 -\nA yes 1 7 c"))
    assert len(attack(system_of(rounded), 4).exposed) == 0


def test_nested_age_bands_share_their_totals():
    ages = Family(
        name="age",
        columns=("wide", "narrow"),
        up={"narrow": {"0-17": ("0-19",), "18-19": ("0-19",), "20-64": ("20+",)}},
    )
    wide = cells(("wide",), "0-19 20 20 -\n20+ 30 60 -")
    narrow = cells(("narrow",), "0-17 15 15 -\n18-19 1 7 c\n20-64 30 60 -")
    assert len(attack(system_of(wide.joined(narrow)), 4).exposed) == 0
    assert len(attack(system_of(wide.joined(narrow), [ages]), 4).exposed) == 1


def test_registered_and_resident_overlap_through_their_atoms():
    basis = Family(
        name="basis",
        columns=("basis", "atom"),
        up={
            "atom": {
                "both": ("registered", "resident"),
                "only_registered": ("registered",),
                "only_resident": ("resident",),
            }
        },
        overlapping=True,
    )
    published = cells(("basis",), "all 100 100 -\nregistered 97 97 -\nresident 96 96 -")
    asked = published.joined(cells(("atom",), "only_resident 1 7 c\nonly_registered 0 99 -\nboth 80 100 -"))
    assert len(attack(system_of(asked, [basis]), 4).exposed) == 1
    with pytest.raises(Infeasible):
        attack(system_of(asked), 4)


def test_each_way_of_dividing_everybody_adds_up_by_itself():
    asked = cells(("by", "group"), "all all 20 20 -\nsex f 15 15 -\nsex m 1 7 c\nage old 10 10 -\nage young 10 10 -")
    assert len(attack(system_of(asked, alternatives=["by"]), 4).exposed) == 1


def test_parts_that_miss_some_people_bound_their_whole_from_below_only():
    asked = cells(("pcn",), "all 20 20 -\nP1 15 15 -\nP2 1 7 c")
    assert len(attack(system_of(asked), 4).exposed) == 1
    assert len(attack(system_of(asked, partial=["pcn"]), 4).exposed) == 0


def test_one_number_that_several_metrics_divide_by_is_one_number():
    """Counts that nothing breaks down are the same cell: shown in one place, it cannot be withheld in another."""
    once = Cells.drawn((), [()], [1], [7], [True])
    assert len(attack(system_of(once), 4).exposed) == 0
    twice = once.joined(Cells.drawn((), [()], [3], [5], [True]))
    system = system_of(twice)
    assert list(system.of_cell) == [0, 0] and (int(system.low[0]), int(system.high[0])) == (3, 5)
    assert len(attack(system, 4).exposed) == 1


def test_a_withheld_cell_inside_a_published_nothing_is_no_secret():
    asked = cells(("a", "b"), "all all 20 30 -\nx all 0 0 -\nx y 0 7 c\nz all 1 7 c\nw all 20 30 -")
    system = system_of(asked)
    assert len(attack(system, 4).exposed) == 1
    spare_nobody(system)
    assert system.secret.sum() == 1 and len(attack(system, 4).exposed) == 0


def test_marts_that_contradict_each_other_are_noticed():
    with pytest.raises(Infeasible):
        attack(system_of(cells(("a",), "all 50 50 -\nx 10 10 -\ny 1 7 c")), 4)


def test_the_gate_says_which_cells_and_stops_the_release():
    con, table = duckdb.connect(), mart("a")
    withheld = ", ".join(f"('w{i}', null, 'c')" for i in range(12))
    con.execute(f"create table bad as select * from (values ('all', 25, ''), ('x', 10, ''), {withheld}) t (a, n, s)")
    assert attacked(con, table, Made(), "bad") == []
    con.execute("update bad set n = 20 where a = 'all'")
    found = attacked(con, table, Made(), "bad")
    assert {e.cell for e in found} == {(f"w{i}",) for i in range(12)} and all(e.feasible == 3 for e in found)
    assert stop_for(found).code == "WSD-620" and stop_for([]) is None
