"""A mart by itself: attack what is about to be written where the exact rows are, and withhold more until nothing gives.

Marts put together are `publication`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Measure, Table
from wsd_pipeline.disclosure.attacker import Infeasible
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells, System
from wsd_pipeline.disclosure.folding import group_around, rows_inside
from wsd_pipeline.disclosure.joint import (
    HALVES,
    Part,
    collapsed,
    equations,
    exact_of,
    keys_of,
    parts_of,
    spare_nobody,
    together,
    tops,
)
from wsd_pipeline.disclosure.made import Made
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.remedy import Exposed, Shown, closed
from wsd_pipeline.disclosure.sheet import Sheet
from wsd_pipeline.disclosure.suppression import dimensions, protect_select, published
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Reals = NDArray[np.float64]

Key = tuple[str, ...]
"""The dimensions of a row of a mart, as text."""
FOLDS = 8
"""Groups of a mart that may be given only as a whole."""


@dataclass(frozen=True, kw_only=True)
class Protected:
    """A mart made safe: the SELECT of its rows, over temp tables of the session, and how it was made."""

    select: str
    made: Made


class _Open(Exception):
    """Cells that stay exposed, by their places in the mart, and the Stop that says so."""

    def __init__(self, keys: list[Key], stop: Stop) -> None:
        super().__init__()
        self.keys, self.stop = keys, stop


def protect(con: duckdb.DuckDBPyConnection, table: Table, relation: str, policy: Policy) -> Protected:
    """The protected rows of the exact `relation`, safe against the joint bounds attack.

    Rows inside a withheld cell go. Attacks each count and amount of the mart with what would be left; while a withheld
    cell could be fewer than the policy's number of values, withholds one more cell beside it. Where that does not end,
    a group that is small all over is not broken down: its own figure stays, the rows inside it go. What they were is
    attacked like any other. Makes temp tables in the session. Stops with WSD-620 where neither helps.
    """
    groups: list[Mapping[str, str]] = []
    for _ in range(FOLDS):
        try:
            return _protected(con, table, relation, policy, groups)
        except _Open as left:
            group = group_around(con, table, relation, policy, left.keys, groups)
            if group is None:
                raise left.stop from None
            groups.append(group)
            last = left.stop
    raise last


def _protected(
    con: duckdb.DuckDBPyConnection, table: Table, relation: str, policy: Policy, groups: Sequence[Mapping[str, str]]
) -> Protected:
    """What `protect` gives, with these groups not broken down. Raises _Open where cells stay exposed."""
    dims = dimensions(table, policy)
    within = rows_inside(con, table, relation, policy, groups)
    con.execute(f"create or replace temp table first_protected as {protect_select(_attacked(table), relation, policy)}")
    shown, exact = (Sheet.read(con, table, rows, policy) for rows in ("first_protected", relation))
    families = parts_of(shown, table, policy, Made(not_broken_down={"": within}))
    small: dict[str, set[Key]] = {}
    beside: dict[str, set[Key]] = {}
    for parts in families.values():
        if parts[0].measure.measure is Measure.COUNT:
            for part, keys in zip(parts, collapsed(parts), strict=True):
                small.setdefault(part.measure.name, set()).update(keys)
        for part, more in zip(parts, _beside(parts, exact, policy, set(within)), strict=True):
            beside.setdefault(part.measure.name, set()).update(more)
    made = Made(
        beside=_listed(beside),
        collapsed=_listed({measure: keys - {*within} for measure, keys in small.items()}),
        not_broken_down=_listed(_not_broken_down(families, within)),
    )
    _write(con, "also_withheld", ["measure__", *dims], [[m, *key] for m, keys in made.beside.items() for key in keys])
    _write(con, "left_out", dims, [list(key) for key in sorted(made.left_out())])
    match = " and ".join(f"c.{quoted(d)} = cast(m.{quoted(d)} as varchar)" for d in dims) or "true"
    return Protected(
        select=f"select m.* from ({protect_select(table, relation, policy, also='also_withheld')}) as m"
        f" where not exists (from left_out as c where {match})",
        made=made,
    )


def _listed(found: Mapping[str, set[Key]]) -> dict[str, list[Key]]:
    return {measure: sorted(keys) for measure, keys in sorted(found.items()) if keys}


def _not_broken_down(families: Mapping[str, Sequence[Part]], within: Sequence[Key]) -> dict[str, set[Key]]:
    """The rows inside groups given as a whole, and by measure those of them that are small."""
    inside = set(within)
    found: dict[str, set[Key]] = {"": inside} if inside else {}
    for part in (p for parts in families.values() for p in parts):
        secret = {key for key, is_secret in zip(part.keys, part.cells.secret, strict=True) if is_secret}
        found.setdefault(part.measure.name, set()).update(secret & inside)
    return found


def _write(con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A temp table of texts."""
    con.execute(f"create or replace temp table {name} ({', '.join(f'{quoted(c)} varchar' for c in columns)})")
    if rows:
        con.executemany(f"insert into {name} values ({', '.join(['?'] * len(columns))})", rows)


def _attacked(table: Table) -> Table:
    """The mart without what is made of strata: the attack does not read it, and its SQL is long."""
    strata = [c for c in published(table, Measure.STANDARDISED, Measure.SLOPE, Measure.INTERVAL) if len(c.of) > 2]
    gone = {name for c in strata for name in (c.name, c.status_column)}
    return replace(table, columns=tuple(c for c in table.columns if c.name not in gone))


def _beside(parts: Sequence[Part], rows: Sheet, policy: Policy, within: set[Key]) -> list[list[Key]]:
    """For each part of a family the further cells to withhold; `rows` are the exact ones."""
    exact = [exact_of(rows, part, policy) for part in parts]
    try:
        return _remedy(parts, exact, policy, within)
    except Infeasible:  # its contract takes different numbers for one: the gate of the release says so
        alone = zip(parts, exact, strict=True)
        return [_remedy([part], [numbers], policy, within)[0] for part, numbers in alone]


def _remedy(parts: Sequence[Part], exact: Sequence[Reals], policy: Policy, within: set[Key]) -> list[list[Key]]:
    """The same from the cells' exact numbers. _Open, with the places of the exposed cells, where nothing helps."""
    import numpy as np

    numbers = np.concatenate(exact)
    known = ~np.isnan(numbers)
    cells = _some(together(parts), known)
    if not cells.secret.any() or (numbers[known] < 0).any():  # amounts below nothing are not about people
        return [[] for _ in parts]
    system = equations(cells, policy, ())
    spare_nobody(system)
    _same_numbers(system, numbers[known])
    system, start = _with_start(system, numbers[known])
    least = _least(parts[0], system, start, policy)
    is_money = parts[0].measure.measure is Measure.MONEY
    threshold = -1 if is_money else policy.threshold  # an amount withheld beside another may be of any size
    gone = np.array([key in within for part in parts for key in part.keys], dtype=bool)[known]
    top = system.of_cell[tops(parts)[known]]
    shown = Shown(variables=frozenset(system.of_cell[~gone].tolist()), numbers=start, totals=frozenset(top.tolist()))
    try:
        withheld = closed(system, least, shown, threshold, furthest=0)  # a group given whole says more than that
    except Exposed as left:
        cells_left = np.flatnonzero(known)[np.isin(system.of_cell, left.variables)]
        keys = [key for part in keys_of(parts, cells_left) for key in part]
        raise _Open(keys, _stop(parts, len(left.variables))) from None
    return keys_of(parts, np.flatnonzero(known)[np.isin(system.of_cell, sorted(withheld)) & ~gone])


def _same_numbers(system: System, exact: Reals) -> None:
    """Infeasible where cells that are one by contract differ."""
    import numpy as np

    of_cell = system.of_cell
    least, most = np.full(of_cell.max() + 1, np.inf), np.full(of_cell.max() + 1, -np.inf)
    np.minimum.at(least, of_cell, exact)
    np.maximum.at(most, of_cell, exact)
    if (most[of_cell] > least[of_cell] + 0.001).any():
        raise Infeasible


def _least(part: Part, system: System, start: Reals, policy: Policy) -> Ints:
    """How many whole numbers each variable must be able to be."""
    import numpy as np

    if part.measure.measure is Measure.MONEY:
        least = np.ceil(float(policy.money_width) * start) + 1
        wide: Ints = np.maximum(least, HALVES * policy.minimum_feasible_values).astype(np.int64)
        return wide
    return np.full(len(system.low), policy.minimum_feasible_values, dtype=np.int64)


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
