"""The release gate and its remedy: attack what is about to be published, and withhold more until nothing gives.

`protect` runs where the exact rows are, so a mart passes by construction. `attack_release` knows only what is
published, joins the marts that share a measure, and says which cells to coarsen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.core import Measure, Published, Table
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells, Family, System
from wsd_pipeline.disclosure.known import published_cells
from wsd_pipeline.disclosure.lattice import system_of
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.suppression import dimensions, protect_select, published
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Reals = NDArray[np.float64]

ROUNDS = 60


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A withheld cell that is not safe: its mart, measure and place, and how many whole numbers it could be."""

    table: str
    measure: str
    cell: tuple[str, ...]
    feasible: int


def protect(con: duckdb.DuckDBPyConnection, table: Table, relation: str, policy: Policy) -> str:
    """A SELECT of the protected rows of the exact `relation`, safe against the joint bounds attack.

    Attacks each count of the mart with what `protect_select` would publish; while a withheld cell could be fewer
    than the policy's number of values, withholds one more cell beside it. Makes temp tables in the session. Stops
    with WSD-620 where that does not end.
    """
    names = ", ".join(f'"{d}" varchar' for d in dimensions(table, policy))
    con.execute(f"create or replace temp table also_withheld (measure__ varchar, {names})")
    con.execute(f"create or replace temp table first_protected as {protect_select(table, relation, policy)}")
    for count in published(table, Measure.COUNT):
        extra = _remedy(con, table, count, relation, policy)
        marks = ", ".join(["?"] * (1 + len(dimensions(table, policy))))
        if extra:
            con.executemany(f"insert into also_withheld values ({marks})", [[count.name, *key] for key in extra])
    return protect_select(table, relation, policy, also="also_withheld")


def withheld_beside(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, ...]]]:
    """By measure, the cells that the last `protect` of this session withheld only to protect others.

    The attacker is taken to know which they are, so this may be kept and shown; `attack_release` needs it.
    """
    out: dict[str, list[tuple[str, ...]]] = {}
    for measure, *key in con.execute("select * from also_withheld order by all").fetchall():
        out.setdefault(str(measure), []).append(tuple(map(str, key)))
    return out


def _remedy(
    con: duckdb.DuckDBPyConnection, table: Table, count: Published, relation: str, policy: Policy
) -> list[tuple[str, ...]]:
    """The further cells to withhold, so that every withheld one keeps enough values."""
    import numpy as np

    from wsd_pipeline.disclosure.attacker import attack

    cells = published_cells(con, table, count, "first_protected", policy)
    if not cells.secret.any():
        return []
    exact = np.array(_column(con, table, relation, count.name, policy), dtype=np.float64)
    known = ~np.isnan(exact)
    system, start = _with_start(system_of(_some(cells, known), alternatives=policy.alternatives), exact[known])
    cells = _some(cells, known)
    exposed = attack(system, policy.minimum_feasible_values).exposed
    withheld: set[int] = set()
    cell_of = {int(v): i for i, v in enumerate(system.of_cell)}
    for _ in range(ROUNDS):
        if not len(exposed):
            return [cells.key(cell_of[v], policy.total) for v in sorted(withheld)]
        added = _neighbours(system, exposed, start, withheld, set(cell_of))
        if not added:
            break
        withheld |= added
        system.low[list(added)], system.high[list(added)] = policy.threshold + 1, UNBOUNDED
        exposed = attack(system, policy.minimum_feasible_values, among=exposed).exposed
    raise Stop(
        "WSD-620", table=table.key, measure=count.name, cells=f"{len(exposed):,}", dimensions="any of its breakdowns"
    )


def _neighbours(system: System, exposed: Ints, start: Reals, withheld: set[int], cells: set[int]) -> set[int]:
    """For each exposed variable one shown count to withhold: in the equation that binds it most, its sum if it can be.

    One for each equation at a time: what frees one of its cells mostly frees the others.
    """
    import numpy as np

    from wsd_pipeline.disclosure.attacker import propagate

    low, high = propagate(system, system.low, system.high)
    width = abs(system.matrix) @ (high - low)
    by_row, by_column = system.matrix, system.matrix.tocsc()
    is_sum = np.zeros(len(low), dtype=bool)
    is_sum[by_row.tocoo().col[by_row.tocoo().data < 0]] = True
    chosen: set[int] = set()
    served: set[int] = set()
    for variable in exposed:
        rows = by_column.indices[by_column.indptr[variable] : by_column.indptr[variable + 1]]
        for row in sorted(rows.tolist(), key=lambda r: (width[r], r)):
            if row in served:
                break
            beside = by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]].tolist()
            open_ = [v for v in beside if v in cells and v not in withheld and not system.secret[v] and start[v] > 0]
            if open_:
                chosen.add(min(open_, key=lambda v: (not is_sum[v], start[v], v)))
                served.add(row)
                break
    return chosen


def _column(
    con: duckdb.DuckDBPyConnection, table: Table, relation: str, name: str, policy: Policy
) -> list[float | None]:
    order = ", ".join(f'cast("{d}" as varchar)' for d in table.unique_key)
    rows: Any = con.execute(f'select cast("{name}" as double) as v from {relation} order by {order}').fetchnumpy()
    import numpy as np

    return list(np.ma.filled(rows["v"].astype(float), np.nan))


def _some(cells: Cells, kept: NDArray[np.bool_]) -> Cells:
    return Cells(
        dimensions=cells.dimensions,
        values=cells.values,
        codes=cells.codes[kept],
        low=cells.low[kept],
        high=cells.high[kept],
        secret=cells.secret[kept],
    )


def _with_start(system: System, exact: Reals) -> tuple[System, Reals]:
    """The system with the exact table as its start; equations that do not hold exactly are loosened.

    Where parts miss some of their whole a further part is added; where they overlap the equation is dropped.
    """
    import numpy as np
    from scipy.sparse import csr_matrix, hstack

    matrix = system.matrix
    start = np.full(matrix.shape[1], -1.0)
    start[system.of_cell] = exact
    for number in np.unique(system.kind):
        rows = matrix[system.kind == number].tocoo()
        parts = np.bincount(rows.row[rows.data > 0], weights=start[rows.col[rows.data > 0]], minlength=rows.shape[0])
        whole = rows.col[rows.data < 0]
        made = start[whole] < 0
        start[whole[made]] = parts[rows.row[rows.data < 0]][made]
    short = -(matrix @ start)
    overlapping = np.unique(system.kind[short < -0.5])
    missing = np.isin(system.kind, np.unique(system.kind[short > 0.5]))
    kept = ~np.isin(system.kind, overlapping)
    slack = np.flatnonzero(missing & kept)
    further = csr_matrix((np.ones(len(slack)), (slack, np.arange(len(slack)))), shape=(matrix.shape[0], len(slack)))
    zeros = np.zeros(len(slack), dtype=np.int64)
    loosened = System(
        matrix=hstack([matrix, further]).tocsr()[kept],
        low=np.concatenate([system.low, zeros]),
        high=np.concatenate([system.high, zeros + UNBOUNDED]),
        secret=np.concatenate([system.secret, zeros.astype(bool)]),
        of_cell=system.of_cell,
        kind=system.kind[kept],
    )
    return loosened, np.concatenate([start, short[slack]])


def attack_release(
    marts: Mapping[str, tuple[Table, Any]],
    policy: Policy,
    families: Sequence[Family] = (),
    shared: Iterable[tuple[tuple[str, str], ...]] = (),
    partial: Iterable[str] = (),
    beside: Mapping[str, Mapping[str, Iterable[tuple[str, ...]]]] | None = None,
) -> list[Exposure]:
    """Every withheld cell of the protected marts (contract and Arrow table by key) that is not safe.

    `shared` names groups of (mart, measure) that count the same people, to be attacked together; every other
    count is attacked alone. `beside` has, by mart and measure, what `withheld_beside` gave when it was made; other
    withheld cells are taken to be small. Infeasible where the marts contradict each other.
    """
    import duckdb

    con = duckdb.connect()
    groups = [tuple(g) for g in shared]
    taken = {pair for g in groups for pair in g}
    for key, (table, _) in sorted(marts.items()):
        groups += [((key, c.name),) for c in published(table, Measure.COUNT) if (key, c.name) not in taken]
    out: list[Exposure] = []
    for group in groups:
        parts = []
        for key, measure in group:
            table, rows = marts[key]
            con.register("mart_rows", rows)
            column = next(c for c in published(table, Measure.COUNT) if c.name == measure)
            known = (beside or {}).get(key, {}).get(measure, ())
            parts.append((key, measure, published_cells(con, table, column, "mart_rows", policy, known)))
            con.unregister("mart_rows")
        out += _attack_group(parts, policy, families, frozenset(partial))
    con.close()
    return out


def _attack_group(
    parts: list[tuple[str, str, Cells]], policy: Policy, families: Sequence[Family], partial: frozenset[str]
) -> list[Exposure]:
    import numpy as np

    from wsd_pipeline.disclosure.attacker import attack

    cells = parts[0][2]
    for _, _, more in parts[1:]:
        cells = cells.joined(more)
    if not cells.secret.any():
        return []
    system = system_of(cells, families, partial, policy.alternatives)
    found = attack(system, policy.minimum_feasible_values)
    owner = np.repeat(np.arange(len(parts)), [len(c) for _, _, c in parts])
    exposed = np.flatnonzero(np.isin(system.of_cell, found.exposed) & cells.secret)
    return [
        Exposure(
            table=parts[owner[i]][0],
            measure=parts[owner[i]][1],
            cell=cells.key(int(i), policy.total),
            feasible=int(found.high[system.of_cell[i]] - found.low[system.of_cell[i]] + 1),
        )
        for i in exposed
    ]


def stop_for(exposures: Sequence[Exposure]) -> Stop | None:
    """The stop that exposures call for (WSD-620): how many cells, and which dimensions they are broken down by."""
    if not exposures:
        return None
    worst = exposures[0]
    return Stop(
        "WSD-620",
        table=worst.table,
        measure=worst.measure,
        cells=f"{len(exposures):,}",
        dimensions="its finest breakdowns",
    )
