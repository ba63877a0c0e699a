"""The joint bounds attack: what anyone could work out of withheld counts from everything published with them.

A withheld count is safe when it could still be any of at least `minimum` whole numbers. To show that it is, two
tables in agreement with everything published are enough in which it lies that far apart. Cells that are too narrow
are mostly found by carrying bounds from row to row; cells that are not are mostly freed by moving each from the
middle of what is possible (`room`). The few left over are freed many at a time by linear programmes (HiGHS through
scipy), and then settled one by one. In a large system only so many are: the rest counts as exposed, so a cell
called safe is safe. Bounds are those of the linear relaxation, rounded inwards to whole numbers (PRIVACY §4.2, A7);
they are exact for tables of two dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsd_pipeline.disclosure.cells import UNBOUNDED, System
from wsd_pipeline.disclosure.room import EPSILON, Room, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

SWEEPS = 30
ROUNDS, IDLE = 60, 10
"""Programmes to free many cells at a time, and how many of them in turn may free none."""
BREADTH, NARROW = 2500, 20
"""Cells loosened in one of them, and how many for each aimed at; the others stay where everything has room."""
SINGLES = 20_000_000
"""Rows times columns of all the programmes that may be spent on settling cells one by one, where more than FEW."""
FEW = 4
PACK = 600
"""Rows of small independent parts that are attacked together."""
SEED = 20_260_101
THREADS = 2
"""Programmes solved at once: HiGHS works outside Python's lock."""


class Infeasible(Exception):
    """No table agrees with what is published: what was assumed of the withheld cells is wrong, or the marts are."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the attacker got. Every secret variable is safe, but for `exposed` (variable numbers, in order).

    `low` and `high` are whole-number bounds proved for every variable, the tightest for the exposed ones that were
    settled. `unsettled` counts those that were not proved narrow but could not be freed either.
    """

    exposed: Ints
    low: Ints
    high: Ints
    unsettled: int


def propagate(system: System, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Bounds tightened row by row until nothing moves: each sum bounds its parts and the parts their sum."""
    import numpy as np

    matrix = system.matrix.tocoo()
    row, column, sign = matrix.row, matrix.col, matrix.data > 0
    rows = system.matrix.shape[0]
    low, high = low.astype(np.float64), high.astype(np.float64)
    for _ in range(SWEEPS):
        least = np.where(sign, low[column], -high[column])
        most = np.where(sign, high[column], -low[column])
        floor = np.bincount(row, weights=least, minlength=rows)
        ceiling = np.bincount(row, weights=most, minlength=rows)
        # a x = 0: this term is minus the sum of the others
        up, down = -(floor[row] - least), -(ceiling[row] - most)
        new_high, new_low = high.copy(), low.copy()
        np.minimum.at(new_high, column, np.where(sign, up, -down))
        np.maximum.at(new_low, column, np.where(sign, down, -up))
        if np.array_equal(new_high, high) and np.array_equal(new_low, low):
            break
        low, high = new_low, new_high
    if (low > high + EPSILON).any():
        raise Infeasible
    return low.astype(np.int64), high.astype(np.int64)


def attack(system: System, minimum: int | Ints, among: Ints | None = None, effort: int = 1) -> Findings:
    """Every secret variable that could be fewer than `minimum` whole numbers. Infeasible where nothing agrees.

    `minimum` may differ from variable to variable. `among` limits the question to some variables: loosening a bound
    never makes another variable narrower. `effort` multiplies the programmes that may be solved before a cell that
    could be neither freed nor proved narrow counts as exposed. The same system gives the same findings.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    low, high = propagate(system, system.low, system.high)
    least = np.broadcast_to(np.asarray(minimum, dtype=np.int64), low.shape)
    asked = system.secret.copy()
    if among is not None:
        asked[:] = False
        asked[among] = True
    proved = asked & (high - low + 1 < least)
    exposed, unsettled = [np.flatnonzero(proved)], 0
    with threadpool_limits(1, "blas"):  # matrices are small: threads would only wait for each other
        for part in _parts(system, low, high, least, asked & ~proved):
            part.effort = effort
            narrow, open_ = part.settle()
            exposed.append(part.variables[narrow])
            unsettled += open_
            low[part.variables[narrow]] = np.ceil(part.low[narrow] - EPSILON)
            high[part.variables[narrow]] = np.floor(part.high[narrow] + EPSILON)
    found = np.sort(np.concatenate(exposed)).astype(np.int64)
    return Findings(exposed=found, low=low, high=high, unsettled=unsettled)


def _parts(system: System, low: Ints, high: Ints, least: Ints, pending: Flags) -> Iterator[_Part]:
    """What the system falls into once known variables are put in, where anything is pending; small parts together."""
    import numpy as np
    from scipy.sparse import bmat
    from scipy.sparse.csgraph import connected_components

    free = np.flatnonzero(high > low)
    known = np.where(high > low, 0, low).astype(np.float64)
    matrix, total = system.matrix.tocsc()[:, free].tocsr(), -(system.matrix @ known)
    graph = bmat([[None, abs(matrix).T], [abs(matrix), None]])
    _, part = connected_components(graph, directed=False)
    part, row_part = part[: len(free)], part[len(free) :]
    held = np.flatnonzero(np.diff(matrix.indptr))
    wanted = np.isin(part, np.unique(row_part[held])) & np.isin(part, np.unique(part[pending[free]]))
    rows_of = np.bincount(row_part[held], minlength=max(part.max(initial=-1), row_part.max(initial=-1)) + 1)
    pack, filled, number = np.full(len(rows_of), -1), 0, 0
    for each in np.unique(part[wanted]):
        if filled and filled + rows_of[each] > PACK:
            filled, number = 0, number + 1
        pack[each], filled = number, filled + int(rows_of[each])
    for this in range(number + 1 if wanted.any() else 0):
        columns = np.flatnonzero(pack[part] == this)
        rows = held[pack[row_part[held]] == this]
        variables = free[columns]
        highest = float(high[variables][high[variables] < UNBOUNDED].sum()) + 1000
        yield _Part(
            variables=variables,
            matrix=matrix[rows][:, columns],
            total=total[rows],
            low=low[variables].astype(np.float64),
            high=np.minimum(high[variables].astype(np.float64), highest),
            least=least[variables],
            asked=np.flatnonzero(pending[variables]),
            member=part[columns],
        )


@dataclass(kw_only=True)
class _Part:
    """A part of a system that no equation ties to the rest, without its known variables."""

    variables: Ints
    matrix: Any
    total: Reals
    low: Reals
    high: Reals
    least: Ints
    asked: Ints
    member: Ints
    effort: int = 1

    def settle(self) -> tuple[Ints, int]:
        """Which of its variables are narrow, and how many of those only because settling them took too long."""
        import numpy as np

        room = Room(self.matrix, self.total, self.low, self.high)
        left = self.asked
        if room.centre():
            point = room.point
            left = room.narrow(left, self.least[left])
        elif len(apart := np.unique(self.member)) > 1:
            return self._settle_each(apart)
        else:
            point = self._solve(0 * self.low, self.low, self.high)
        if len(left):
            left = self._free_together(left, point)
        return self._one_by_one(left)

    def _settle_each(self, apart: Ints) -> tuple[Ints, int]:
        """The same, one independent piece at a time: one of them has no room at all."""
        import numpy as np

        found, unsettled = [np.zeros(0, dtype=np.int64)], 0
        for each in apart:
            columns = np.flatnonzero(self.member == each)
            rows = np.unique(self.matrix.tocsc()[:, columns].indices)
            piece = _Part(
                variables=columns,
                matrix=self.matrix[rows][:, columns],
                total=self.total[rows],
                low=self.low[columns],
                high=self.high[columns],
                least=self.least[columns],
                asked=np.flatnonzero(np.isin(columns, self.asked)),
                member=self.member[columns],
                effort=self.effort,
            )
            if len(piece.asked):
                narrow, open_ = piece.settle()
                found.append(columns[narrow])
                unsettled += open_
                self.low[columns], self.high[columns] = piece.low, piece.high
        return np.concatenate(found), unsettled

    def _free_together(self, left: Ints, point: Reals) -> Ints:
        """Those still without two tables far enough apart, after programmes that push all of them at once.

        Each is pushed no further than it needs, so that room is left for the others: up or down by lot and by as
        much, and the other way in the next, or cells of one sum would only stand in each other's way.
        """
        import numpy as np

        rng = np.random.default_rng(SEED)
        seen_low, seen_high = point.copy(), point.copy()
        up_last = np.zeros(len(self.low), dtype=bool)
        idle = 0
        for attempt in range(ROUNDS * self.effort):
            aim = left if len(left) > FEW else left[[attempt // 2 % len(left)]]
            reach = self.least[aim] - 1
            highest = np.ceil(seen_low[aim] - EPSILON) + reach
            lowest = np.floor(seen_high[aim] + EPSILON) - reach
            up = ~up_last[aim] if attempt % 2 else rng.random(len(aim)) < 0.5
            up_last[aim] = up
            low, high, cost = self.low.copy(), self.high.copy(), np.zeros(len(self.low))
            cost[aim] = np.where(up, -1.0, 1.0) * (0.2 + rng.random(len(aim)))
            high[aim] = np.where(up, np.clip(highest, seen_high[aim], high[aim]), high[aim])
            low[aim] = np.where(up, low[aim], np.clip(lowest, low[aim], seen_low[aim]))
            free = self._around(aim, rng, NARROW * len(aim) if idle < IDLE // 2 else BREADTH)
            low[~free] = high[~free] = point[~free]
            found = self._solve(cost, low, high)
            seen_low, seen_high = np.minimum(seen_low, found), np.maximum(seen_high, found)
            still = left[whole(seen_low[left], seen_high[left]) < self.least[left]]
            idle = 0 if len(still) < len(left) else idle + 1
            left = still
            if not len(left) or idle == IDLE:
                break
        return left

    def _around(self, cells: Ints, rng: np.random.Generator, breadth: int) -> Flags:
        """The cells, what shares small rows with them, every sum, and others drawn from the rest."""
        import numpy as np

        breadth = min(max(breadth, BREADTH // 4), BREADTH)
        if len(self.low) <= breadth:
            return np.ones(len(self.low), dtype=bool)
        rows = np.unique(self.matrix.tocsc()[:, cells].indices)
        rows = rows[np.diff(self.matrix.indptr)[rows] <= 60]
        free = np.zeros(len(self.low), dtype=bool)
        free[self.matrix[rows].indices] = True
        free[self.matrix.indices[self.matrix.data < 0]] = True
        free[cells] = True
        others = np.flatnonzero(~free)
        free[rng.choice(others, min(len(others), max(breadth - int(free.sum()), breadth // 5)), replace=False)] = True
        return free

    def _one_by_one(self, left: Ints) -> tuple[Ints, int]:
        """The truly narrow ones, with their bounds; those beyond the allowance as well, and their number."""
        import numpy as np

        allowed = max(
            self.effort * SINGLES // (self.matrix.shape[0] * self.matrix.shape[1]), FEW if len(left) <= FEW else 0
        )
        ends, low, high = [], self.low.copy(), self.high.copy()
        for variable in left[:allowed]:
            for sign in (1.0, -1.0):
                cost = np.zeros(len(low))
                cost[variable] = sign
                ends.append((cost, low, high))
        narrow = []
        found = self._solve_each(ends)
        for variable, lowest, highest in zip(left[:allowed], found, found, strict=False):
            self.low[variable], self.high[variable] = lowest[variable], highest[variable]
            if whole(lowest[variable], highest[variable]) < self.least[variable]:
                narrow.append(variable)
        unsettled = left[allowed:]
        return np.concatenate([np.array(narrow, dtype=np.int64), unsettled]), len(unsettled)

    def _solve_each(self, programmes: Sequence[tuple[Reals, Reals, Reals]]) -> Iterator[Reals]:
        """The tables of least cost of several programmes, in their order, two at a time."""
        with ThreadPoolExecutor(THREADS) as threads:
            yield from threads.map(lambda p: self._solve(*p), programmes)

    def _solve(self, cost: Reals, low: Reals, high: Reals) -> Reals:
        """A table of least cost. Infeasible where there is none."""
        import numpy as np
        from scipy.optimize import linprog

        found: Reals = low.astype(np.float64)
        free = np.flatnonzero(high > low)
        fixed = np.where(high > low, 0.0, low)
        bounds = np.column_stack([low[free], high[free]])
        total = self.total - self.matrix @ fixed
        result: Any = linprog(cost[free], A_eq=self.matrix[:, free], b_eq=total, bounds=bounds, method="highs-ipm")
        if result.status != 0:
            raise Infeasible
        found[free] = result.x
        return found
