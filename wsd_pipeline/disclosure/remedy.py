"""Which further numbers to withhold, so that nobody can work out the ones that must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wsd_pipeline.disclosure.attacker import Findings, attack, propagate
from wsd_pipeline.disclosure.cells import UNBOUNDED, System

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Reals = NDArray[np.float64]

ROUNDS, FURTHEST = 40, 6
PATIENCE, MORE_PATIENCE = 2, 8
"""How many rounds in turn may help nobody before the next way is taken."""
AT_ONCE = 12
"""Exposed variables whose bounds are traced in one round."""
STEPS = 4
"""How many equations away a number to withhold is looked for."""


class Exposed(Exception):
    """Variables that stay exposed whatever else is withheld."""

    def __init__(self, variables: Ints) -> None:
        super().__init__()
        self.variables = variables


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What may be withheld besides: variables that are shown, their numbers as far as known, and the totals of marts.

    `numbers` has a number for every variable; one that is 0, or not known, helps nobody by being withheld. `totals`
    are what a mart says of everybody, which readers need most.
    """

    variables: frozenset[int]
    numbers: Reals
    totals: frozenset[int] = field(default=frozenset())


def closed(
    system: System,
    least: int | Ints,
    shown: Shown,
    threshold: int,
    *,
    furthest: int = FURTHEST,
    totals: bool = False,
    among: Ints | None = None,
    found: Findings | None = None,
    patient: bool = True,
) -> set[int]:
    """The variables to withhold besides, until no secret one is exposed. Loosens the system's bounds in place.

    One number an equation at a time; where that has helped nobody for some rounds, the numbers that bind the exposed
    (by the duals of the attacker's own programmes); where none does, all that share an equation with the exposed, then
    all a step further out, and so on: little is left to publish there, and less to work it out from. No further than
    `furthest` steps. The totals of marts stay, but where nothing else helps and `totals` lets them
    go. `among` are the secret ones where the others are known to be safe, `found` what the attack found already.
    Raises Exposed where nothing helps; who is not `patient` looks for no duals, which takes long.
    """
    found = found or attack(system, least, among)
    open_to = set(shown.variables - shown.totals)
    withheld: set[int] = set()
    best, idle, steps = _still_open(found), 0, 0
    for _ in range(ROUNDS):
        if not len(found.exposed):
            return withheld
        added = set[int]()
        if idle < PATIENCE:
            added = _neighbours(system, found.exposed, shown.numbers, open_to - withheld)
        elif patient and idle < MORE_PATIENCE:
            added = _binding(system, found.exposed, shown.numbers, open_to - withheld)
        while not added and steps < furthest:
            steps += 1
            added = _all_within(steps, system, found.exposed, shown.numbers, open_to - withheld)
        if not added and totals:
            totals = False
            added = _all_within(max(furthest, 1), system, found.exposed, shown.numbers, set(shown.variables) - withheld)
        if not added:
            break
        withheld |= added
        system.low[list(added)], system.high[list(added)] = threshold + 1, UNBOUNDED
        found = attack(system, least, among=found.exposed)
        reached = _still_open(found)
        idle = 0 if reached < best else idle + 1
        best = min(best, reached)
    raise Exposed(found.exposed)


def _still_open(found: Findings) -> tuple[int, int]:
    """How far there is to go: the exposed variables, then, for as many of them, how narrow they are."""
    return len(found.exposed), -int((found.high - found.low)[found.exposed].sum())


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """Which of several numbers to withhold: a sum if it can be, the smallest, of those that may be and would help."""

    useful: frozenset[int]
    sums: frozenset[int]
    numbers: Reals

    @classmethod
    def of(cls, system: System, numbers: Reals, open_to: set[int]) -> _Choice:
        return cls(
            useful=frozenset(v for v in open_to if not system.secret[v] and numbers[v] > 0),
            sums=frozenset(system.matrix.indices[system.matrix.data < 0].tolist()),
            numbers=numbers,
        )

    def best(self, among: Sequence[int]) -> int | None:
        held = [v for v in among if v in self.useful]
        return min(held, key=lambda v: (v not in self.sums, self.numbers[v], v)) if held else None


def _binding(system: System, exposed: Ints, numbers: Reals, open_to: set[int]) -> set[int]:
    """For each of the first exposed variables one number to withhold, of those that keep it from being larger, or less.

    They are the bounds with a dual price where the variable is as large as it can be.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse.csgraph import connected_components

    free = np.flatnonzero(system.high > system.low)
    matrix = system.matrix.tocsc()[:, free].tocsr()
    total = -(system.matrix @ np.where(system.high > system.low, 0, system.low).astype(float))
    _, part = connected_components(abs(matrix).T @ abs(matrix), directed=False)
    choice = _Choice.of(system, numbers, open_to)
    chosen: set[int] = set()
    for variable in exposed[:AT_ONCE]:
        columns = np.flatnonzero(part == part[np.searchsorted(free, variable)])
        mine = matrix.tocsc()[:, columns].tocsr()
        rows = np.flatnonzero(np.diff(mine.indptr))
        high = system.high[free[columns]].astype(float)
        bounds = np.column_stack([system.low[free[columns]], np.where(high >= UNBOUNDED, np.inf, high)])
        for sign in (-1.0, 1.0):
            cost = np.where(free[columns] == variable, sign, 0.0)
            found = linprog(cost, A_eq=mine[rows], b_eq=total[rows], bounds=bounds, method="highs")
            if found.status != 0:
                continue
            priced = free[columns[(np.abs(found.lower.marginals) + np.abs(found.upper.marginals)) > 1e-7]]
            best = choice.best(priced.tolist())
            if best is not None:
                chosen.add(best)
                break
    return chosen


def _all_within(steps: int, system: System, exposed: Ints, numbers: Reals, open_to: set[int]) -> set[int]:
    """Every number that may be withheld and is no more than so many equations away from an exposed variable."""
    import numpy as np

    matrix, reached = abs(system.matrix), np.zeros(len(system.low), dtype=bool)
    reached[exposed] = True
    for _ in range(steps):
        reached = (matrix.T @ (matrix @ reached.astype(float))) > 0
    return {int(v) for v in np.flatnonzero(reached & ~system.secret & (numbers > 0))} & open_to


def _neighbours(system: System, exposed: Ints, numbers: Reals, open_to: set[int]) -> set[int]:
    """For each exposed variable one number to withhold: in the equation that binds it most, its sum if it can be.

    Where an equation has none, those of its other variables are looked at, and so on. One for each equation at a
    time: what frees one of its cells mostly frees the others.
    """
    low, high = propagate(system, system.low, system.high)
    width = abs(system.matrix) @ (high - low)
    by_row, by_column = system.matrix, system.matrix.tocsc()
    choice = _Choice.of(system, numbers, open_to)
    chosen: set[int] = set()
    served: set[int] = set()
    for variable in exposed:
        looked: set[int] = set()
        beside = [int(variable)]
        for _ in range(STEPS):
            rows = {int(r) for v in beside for r in by_column.indices[by_column.indptr[v] : by_column.indptr[v + 1]]}
            best: int | None = None
            for row in sorted(rows - looked, key=lambda r: (width[r], r)):
                if row in served:
                    break
                held = by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]].tolist()
                best = choice.best(held)
                if best is not None:
                    chosen.add(best)
                    served.add(row)
                    break
            looked |= rows
            if best is not None or looked & served:
                break
            beside = sorted({v for r in rows for v in by_row.indices[by_row.indptr[r] : by_row.indptr[r + 1]].tolist()})
    return chosen
