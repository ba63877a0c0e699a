"""The joint bounds attack: what anyone could work out of withheld counts from everything published with them.

A withheld count is safe when it could still be any of at least `minimum` whole numbers. To show that it is, one
table in agreement with everything published is enough in which it lies that far from where it lies in another.
Witnesses are looked for near the start first, over many cells at once (HiGHS through scipy), since loosening
nothing but a neighbourhood can only find less than the whole would: a cell called safe is safe. Cells that no
neighbourhood frees are settled over the whole system. Bounds are those of the linear relaxation, rounded inwards
to whole numbers (PRIVACY §4.2, A7); they are exact for tables of two dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsd_pipeline.disclosure.cells import UNBOUNDED, System
from wsd_pipeline.disclosure.exchange import freed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]
    Ints = NDArray[np.int64]

EPSILON = 1e-6
SWEEPS = 30
BREADTHS: tuple[tuple[int, int], ...] = ((60, 1500), (12, 2500), (4, 4000), (1, 4000))
"""Cells settled at once and cells loosened around them, in each pass."""


class Infeasible(Exception):
    """No table agrees with what is published: what was assumed of the withheld cells is wrong, or the marts are."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the attacker got. Every secret variable is safe, but for `exposed` (variable numbers, in order).

    `low` and `high` are the tightest whole-number bounds proved for exposed variables (and the widest shown for
    the others). `unsettled` counts the exposed ones that were not proved narrow but could not be freed either.
    """

    exposed: Ints
    low: Ints
    high: Ints
    unsettled: int = 0


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


def attack(system: System, minimum: int, start: Reals | None = None, among: Ints | None = None) -> Findings:
    """Every secret variable that could be fewer than `minimum` whole numbers. Infeasible where nothing agrees.

    `among` limits the question to some variables: loosening a bound never makes another variable narrower.
    `start` is any table in agreement (the exact one, where it is at hand); without it one is found first.
    The same system gives the same findings.
    """
    import numpy as np

    low, high = propagate(system, system.low, system.high)
    asked = system.secret.copy()
    if among is not None:
        asked[:] = False
        asked[among] = True
    proved = asked & (high - low + 1 < minimum)
    pending = np.flatnonzero(asked & ~proved)
    search = _Search(system, low, high, minimum)
    if len(pending):
        search.begin(start)
        pending = np.setdiff1d(pending, freed(system, low, high, search.point, pending, minimum - 1))
        if start is not None and len(pending):
            search.move_to(search.centre(search.point))
            pending = np.setdiff1d(pending, freed(system, low, high, search.point, pending, minimum - 1))
        for targets, around in BREADTHS:
            for flipped in (False, True):
                pending = search.free(pending, targets, around, flipped)
    unsettled = 0
    exposed = [np.flatnonzero(proved)]
    if len(pending):
        narrow, unsettled = search.settle(pending)
        exposed.append(narrow)
    found = np.sort(np.concatenate(exposed)).astype(np.int64)
    return Findings(exposed=found, low=search.shown_low, high=search.shown_high, unsettled=unsettled)


class _Search:
    """Tables in agreement, and how far apart they have been seen to put each variable."""

    settle_limit = 300_000
    """Variables to settle times variables in the system: beyond, what is pending counts as exposed."""

    def __init__(self, system: System, low: Ints, high: Ints, minimum: int) -> None:
        self.system, self.low, self.high, self.minimum = system, low, high, minimum
        self.by_column = system.matrix.tocsc()
        self.shown_low, self.shown_high = low.copy(), high.copy()

    def begin(self, start: Reals | None) -> None:
        """Take the starting table, or find one."""
        import numpy as np

        if start is None:
            start = self.centre(np.where(self.system.secret, 3, (self.low + self.high) // 2))
        self.seen_low, self.seen_high = start.astype(np.float64), start.astype(np.float64)
        self.move_to(start)

    def move_to(self, point: Reals) -> None:
        """Look on from another table in agreement; what was seen stays seen."""
        import numpy as np

        self.point = point.astype(np.float64)
        self.seen_low, self.seen_high = np.minimum(self.seen_low, point), np.maximum(self.seen_high, point)

    def centre(self, wanted: Reals) -> Reals:
        """A table in agreement with sums as near as can be to the middle of what is published, and parts as wanted.

        There both have room on either side. Infeasible where no table agrees.
        """
        import numpy as np
        from scipy.optimize import linprog
        from scipy.sparse import hstack

        shown = ~self._is_part_only & (self.high < UNBOUNDED)
        middle = np.clip(np.where(shown, (self.low + self.high) // 2, np.rint(wanted)), self.low, self.high)
        matrix = self.by_column
        cost = np.where(shown, 1.0, 0.1)
        room = np.concatenate([self.high - middle, middle - self.low])
        result: Any = linprog(
            np.concatenate([cost, cost]),
            A_eq=hstack([matrix, -matrix]),
            b_eq=-(matrix @ middle),
            bounds=np.column_stack([np.zeros(len(room)), room]),
            method="highs-ds",
        )
        if result.status != 0:
            raise Infeasible
        above, below = np.split(result.x, 2)
        return np.asarray(middle + above - below)

    def free(self, pending: Ints, targets: int, around: int, flipped: bool) -> Ints:
        """Those of `pending` still without two witnesses far enough apart, after one pass near the start."""
        import numpy as np

        left: list[Ints] = []
        chunks = -(-len(pending) // targets)
        for number in range(chunks):
            # side by side they share what surrounds them; later, far apart, they do not stand in each other's way
            chunk = pending[number * targets : (number + 1) * targets] if targets > 20 else pending[number::chunks]
            free = self._neighbourhood(chunk, around)
            position = np.searchsorted(free, chunk)
            low, high = self.low[free].astype(np.float64), self.high[free].astype(np.float64)
            reach = self.minimum - 1
            up = (np.ceil(self.point[chunk]) + reach <= self.high[chunk]) & (self.point[chunk] < 4)
            up = up ^ flipped
            goal_high = np.minimum(self.high[chunk], np.ceil(self.point[chunk] - EPSILON) + reach)
            goal_low = np.maximum(self.low[chunk], np.floor(self.point[chunk] + EPSILON) - reach)
            high[position] = np.where(up, goal_high, high[position])
            low[position] = np.where(up, low[position], goal_low)
            cost = np.zeros(len(free))
            cost[position] = np.where(up, -1.0, 1.0)
            if (found := self._solve(free, cost, (low, high))) is not None:
                self.seen_low[free] = np.minimum(self.seen_low[free], found)
                self.seen_high[free] = np.maximum(self.seen_high[free], found)
            left.append(chunk)
        still = np.concatenate(left) if left else pending
        self.shown_low[still] = np.ceil(self.seen_low[still] - EPSILON)
        self.shown_high[still] = np.floor(self.seen_high[still] + EPSILON)
        return still[self.shown_high[still] - self.shown_low[still] + 1 < self.minimum]

    def settle(self, pending: Ints) -> tuple[Ints, int]:
        """The truly narrow ones of `pending`, each over the whole system; all of them where there are too many."""
        import numpy as np

        if len(pending) * len(self.low) > self.settle_limit:
            return pending, len(pending)
        everything = np.arange(len(self.low))
        narrow = []
        for variable in pending:
            ends = []
            for sign in (1.0, -1.0):
                cost = np.zeros(len(everything))
                cost[variable] = sign
                found = self._solve(everything, cost, None)
                if found is None:
                    raise Infeasible
                self.seen_low, self.seen_high = np.minimum(self.seen_low, found), np.maximum(self.seen_high, found)
                ends.append(found[variable])
            self.shown_low[variable] = np.ceil(ends[0] - EPSILON)
            self.shown_high[variable] = np.floor(ends[1] + EPSILON)
            if self.shown_high[variable] - self.shown_low[variable] + 1 < self.minimum:
                narrow.append(variable)
        return np.array(narrow, dtype=np.int64), 0

    def _neighbourhood(self, chunk: Ints, limit: int) -> Ints:
        """The variables that share most equations with `chunk`, every sum they enter, up to about `limit`."""
        import numpy as np

        matrix, near = self.system.matrix, np.unique(chunk)
        for _ in range(3):
            rows = np.unique(self.by_column[:, near].indices)
            shared = np.bincount(matrix[rows].indices, minlength=len(self.low))
            shared[near] = 0
            shared[~self._is_part_only] *= 1000
            wider = np.flatnonzero(shared)
            room = limit - len(near)
            if not len(wider) or room <= 0:
                break
            best = wider[np.argsort(-shared[wider], kind="stable")][:room]
            near = np.union1d(near, best)
        return near

    @property
    def _is_part_only(self) -> NDArray[np.bool_]:
        """True for a variable that is never a sum of others."""
        import numpy as np

        if not hasattr(self, "_parts"):
            matrix = self.system.matrix.tocoo()
            self._parts = np.ones(len(self.low), dtype=bool)
            self._parts[matrix.col[matrix.data < 0]] = False
        return self._parts

    def _solve(self, free: Ints, cost: Reals, bounds: tuple[Reals, Reals] | None) -> Reals | None:
        """The values of the free variables at least cost, the others kept at the start; None where none agree."""
        import numpy as np
        from scipy.optimize import linprog

        sub = self.by_column[:, free]
        if len(free) == len(self.low):
            target = np.zeros(sub.shape[0])
        else:
            rest = self.point.copy()
            rest[free] = 0.0
            target = -(self.system.matrix @ rest)
        touched = np.unique(sub.indices)
        low, high = bounds if bounds is not None else (self.low[free], self.high[free])
        result: Any = linprog(
            cost,
            A_eq=sub.tocsr()[touched],
            b_eq=target[touched],
            bounds=np.column_stack([low, high]),
            method="highs-ds",
        )
        return result.x if result.status == 0 else None
