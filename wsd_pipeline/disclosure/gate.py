"""A mart by itself: attack what is about to be written where the exact rows are, and withhold more until nothing gives.

Marts put together are `publication`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Measure, Table
from wsd_pipeline.disclosure.attacker import Infeasible, attack, propagate
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells, System
from wsd_pipeline.disclosure.folding import group_around, not_broken_down
from wsd_pipeline.disclosure.joint import HALVES, Part, collapsed, equations, exact_of, parts_of, together
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.suppression import dimensions, protect_select, published
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Reals = NDArray[np.float64]

Withheld = dict[str, list[tuple[str, ...]]]
"""By measure, cells (their dimensions as text) of a mart."""
ROUNDS, FOLDS = 40, 8
PATIENCE, FURTHEST = 2, 6
STEPS = 4
"""How many equations away a number to withhold is looked for."""


class Exposed(Exception):
    """Variables that stay exposed whatever else is withheld."""

    def __init__(self, variables: Ints) -> None:
        super().__init__()
        self.variables = variables


class _Open(Exception):
    """Cells that stay exposed, by their places in the mart, and the Stop that says so."""

    def __init__(self, keys: list[tuple[str, ...]], stop: Stop) -> None:
        super().__init__()
        self.keys, self.stop = keys, stop


def protect(con: duckdb.DuckDBPyConnection, table: Table, relation: str, policy: Policy) -> str:
    """A SELECT of the protected rows of the exact `relation`, safe against the joint bounds attack.

    Rows inside a withheld cell go. Attacks each count and amount of the mart with what would be left; while a withheld
    cell could be fewer than the policy's number of values, withholds one more cell beside it. Where that does not end,
    a group that is small all over is not broken down: its own figure stays, the rows inside it go. Makes temp tables
    in the session. Stops with WSD-620 where neither helps.
    """
    for _ in range(FOLDS):
        try:
            return _protected(con, table, relation, policy)
        except _Open as left:
            group = group_around(con, table, relation, policy, left.keys)
            if group is None:
                raise left.stop from None
            relation = f"({not_broken_down(relation, policy, group)})"
            last = left.stop
    raise last


def _protected(con: duckdb.DuckDBPyConnection, table: Table, relation: str, policy: Policy) -> str:
    """What `protect` gives, with nothing folded. Raises _Open where cells stay exposed."""
    names = ", ".join(["measure__ varchar", *_texts(dimensions(table, policy))])
    con.execute(f"create or replace temp table also_withheld ({names})")
    con.execute(f"create or replace temp table first_protected as {protect_select(_attacked(table), relation, policy)}")
    families = parts_of(con, table, "first_protected", policy, {})
    _collapse(con, table, families, policy)
    for parts in families.values():
        exact = [exact_of(con, part, relation, policy) for part in parts]
        try:
            extra = _remedy(parts, exact, policy)
        except Infeasible:  # its contract takes different numbers for one: the gate of the release says so
            extra = [_remedy([part], [numbers], policy)[0] for part, numbers in zip(parts, exact, strict=True)]
        rows = [[part.measure.name, *key] for part, keys in zip(parts, extra, strict=True) for key in keys]
        if rows:
            con.executemany(f"insert into also_withheld values ({', '.join(['?'] * len(rows[0]))})", rows)
    return _kept(table, f"({protect_select(table, relation, policy, also='also_withheld')})", policy)


def _attacked(table: Table) -> Table:
    """The mart without what is made of strata: the attack does not read it, and its SQL is long."""
    strata = [c for c in published(table, Measure.STANDARDISED, Measure.SLOPE, Measure.INTERVAL) if len(c.of) > 2]
    gone = {name for c in strata for name in (c.name, c.status_column)}
    return replace(table, columns=tuple(c for c in table.columns if c.name not in gone))


def _collapse(
    con: duckdb.DuckDBPyConnection, table: Table, families: Mapping[str, Sequence[Part]], policy: Policy
) -> None:
    """The rows inside a withheld cell, as a temp table: nobody is told that they are there."""
    names = _texts(["measure__", *dimensions(table, policy)])
    con.execute(f"create or replace temp table inside__ ({', '.join(names)})")
    for parts in families.values():
        if parts[0].measure.measure is Measure.COUNT:
            for part, keys in zip(parts, collapsed(parts), strict=True):
                if rows := [[part.measure.name, *key] for key in sorted(keys)]:
                    con.executemany(f"insert into inside__ values ({', '.join(['?'] * len(names))})", rows)


def collapsed_rows(con: duckdb.DuckDBPyConnection) -> Withheld:
    """By measure, the cells of the rows that the last `protect` of this session left out: inside a withheld one."""
    return _by_measure(con, "inside__")


def _by_measure(con: duckdb.DuckDBPyConnection, relation: str) -> Withheld:
    out: Withheld = {}
    for measure, *key in con.execute(f"select distinct * from {relation} order by all").fetchall():
        out.setdefault(str(measure), []).append(tuple(map(str, key)))
    return out


def _match(dims: Sequence[str]) -> str:
    return " and ".join(f"c.{quoted(d)} = cast(m.{quoted(d)} as varchar)" for d in dims) or "true"


def _texts(names: Sequence[str]) -> list[str]:
    return [f"{quoted(n)} varchar" for n in names]


def _kept(table: Table, relation: str, policy: Policy) -> str:
    """The rows of a relation that are not collapsed."""
    match = _match(dimensions(table, policy))
    return f"select m.* from {relation} as m where not exists (from inside__ as c where {match})"


def withheld_beside(con: duckdb.DuckDBPyConnection) -> Withheld:
    """By measure, the cells that the last `protect` of this session withheld only to protect others.

    The attacker is taken to know which they are, so this may be kept and shown; the gate of a release needs it.
    """
    return _by_measure(con, "also_withheld")


def _remedy(parts: Sequence[Part], exact: Sequence[Reals], policy: Policy) -> list[list[tuple[str, ...]]]:
    """For each part the further cells to withhold, so that every withheld one stays open enough."""
    import numpy as np

    numbers = np.concatenate(exact)
    known = ~np.isnan(numbers)
    cells = _some(together(parts), known)
    if not cells.secret.any() or (numbers[known] < 0).any():  # amounts below nothing are not about people
        return [[] for _ in parts]
    system = equations(cells, policy, ())
    _same_numbers(system, numbers[known])
    system, start = _with_start(system, numbers[known])
    least = _least(parts[0], system, start, policy)
    is_money = parts[0].measure.measure is Measure.MONEY
    small = -1 if is_money else policy.threshold  # an amount withheld beside another may be of any size
    withheld = _closed(parts, known, system, least, start, small)
    return keys_of(parts, np.flatnonzero(known)[np.isin(system.of_cell, sorted(withheld))])


def _same_numbers(system: System, exact: Reals) -> None:
    """Infeasible where cells that are one by contract differ."""
    import numpy as np

    of_cell = system.of_cell
    least, most = np.full(of_cell.max() + 1, np.inf), np.full(of_cell.max() + 1, -np.inf)
    np.minimum.at(least, of_cell, exact)
    np.maximum.at(most, of_cell, exact)
    if (most[of_cell] > least[of_cell] + 0.001).any():
        raise Infeasible


def keys_of(parts: Sequence[Part], cells: Ints) -> list[list[tuple[str, ...]]]:
    """For each part the places in its mart of those of the family's cells that are its own."""
    import numpy as np

    last = np.cumsum([len(p) for p in parts])
    owner = np.searchsorted(last, cells, side="right")
    return [
        [part.keys[int(i) - int(end) + len(part)] for i in cells[owner == number]]
        for number, (part, end) in enumerate(zip(parts, last, strict=True))
    ]


def _least(part: Part, system: System, start: Reals, policy: Policy) -> Ints:
    """How many whole numbers each variable must be able to be."""
    import numpy as np

    if part.measure.measure is Measure.MONEY:
        least = np.ceil(float(policy.money_width) * start) + 1
        wide: Ints = np.maximum(least, HALVES * policy.minimum_feasible_values).astype(np.int64)
        return wide
    return np.full(len(system.low), policy.minimum_feasible_values, dtype=np.int64)


def closed(system: System, least: int | Ints, start: Reals, threshold: int, *, furthest: int = FURTHEST) -> set[int]:
    """The variables to withhold besides, until no secret one is exposed. Loosens the system's bounds in place.

    One number an equation at a time; where that has helped nobody for PATIENCE rounds, all that share an equation with
    the exposed, then all a step further out, and so on: little is left to publish there, and less to work it out from.
    No further than `furthest` steps. Raises Exposed where nothing helps.
    """
    exposed = attack(system, least).exposed
    cells = {int(v) for v in system.of_cell}
    withheld: set[int] = set()
    fewest, idle, steps = len(exposed), 0, 0
    for _ in range(ROUNDS):
        if not len(exposed):
            return withheld
        added = set() if idle >= PATIENCE else _neighbours(system, exposed, start, withheld, cells)
        while not added and steps < furthest:
            steps += 1
            added = _all_within(steps, system, exposed, start, withheld, cells)
        if not added:
            break
        withheld |= added
        system.low[list(added)], system.high[list(added)] = threshold + 1, UNBOUNDED
        exposed = attack(system, least, among=exposed).exposed
        idle = 0 if len(exposed) < fewest else idle + 1
        fewest = min(fewest, len(exposed))
    raise Exposed(exposed)


def _closed(
    parts: Sequence[Part], known: NDArray[np.bool_], system: System, least: Ints, start: Reals, threshold: int
) -> set[int]:
    """The same for the parts of a mart; _Open, with the places of the exposed cells, where nothing helps."""
    import numpy as np

    try:
        return closed(system, least, start, threshold, furthest=0)  # a group given whole says more than that
    except Exposed as left:
        cells = np.flatnonzero(known)[np.isin(system.of_cell, left.variables)]
        keys = [key for part in keys_of(parts, cells) for key in part]
        raise _Open(keys, _stop(parts, len(left.variables))) from None


def _all_within(
    steps: int, system: System, exposed: Ints, start: Reals, withheld: set[int], cells: set[int]
) -> set[int]:
    """Every shown number that is no more than so many equations away from an exposed variable."""
    import numpy as np

    matrix, reached = abs(system.matrix), np.zeros(len(system.low), dtype=bool)
    reached[exposed] = True
    for _ in range(steps):
        reached = (matrix.T @ (matrix @ reached.astype(float))) > 0
    shown = reached & ~system.secret & (start > 0)
    return {int(v) for v in np.flatnonzero(shown)} & (cells - withheld)


def _neighbours(system: System, exposed: Ints, start: Reals, withheld: set[int], cells: set[int]) -> set[int]:
    """For each exposed variable one shown number to withhold: in the equation that binds it most, its sum if it can be.

    Where an equation has none, those of its other variables are looked at, and so on. One for each equation at a
    time: what frees one of its cells mostly frees the others.
    """
    import numpy as np

    low, high = propagate(system, system.low, system.high)
    width = abs(system.matrix) @ (high - low)
    by_row, by_column = system.matrix, system.matrix.tocsc()
    is_sum = np.zeros(len(low), dtype=bool)
    is_sum[by_row.tocoo().col[by_row.tocoo().data < 0]] = True
    chosen: set[int] = set()
    served: set[int] = set()
    for variable in exposed:
        looked: set[int] = set()
        beside = [int(variable)]
        for _ in range(STEPS):
            rows = {int(r) for v in beside for r in by_column.indices[by_column.indptr[v] : by_column.indptr[v + 1]]}
            found: list[int] = []
            for row in sorted(rows - looked, key=lambda r: (width[r], r)):
                if row in served:
                    break
                held = by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]].tolist()
                found = [v for v in held if v in cells and v not in withheld and not system.secret[v] and start[v] > 0]
                if found:
                    chosen.add(min(found, key=lambda v: (not is_sum[v], start[v], v)))
                    served.add(row)
                    break
            looked |= rows
            if found or looked & served:
                break
            beside = sorted({v for r in rows for v in by_row.indices[by_row.indptr[r] : by_row.indptr[r + 1]].tolist()})
    return chosen


def _stop(parts: Sequence[Part], exposed: int) -> Stop:
    part = parts[0]
    return Stop(
        "WSD-620",
        table=", ".join(sorted({p.table.key for p in parts})),
        measure=part.measure.name,
        cells=f"{exposed:,}",
        dimensions="any of its breakdowns",
    )


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
    """The system with the exact table beside it; equations that do not hold exactly are loosened.

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
