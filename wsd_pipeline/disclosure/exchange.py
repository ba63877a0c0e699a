"""Witnesses without a solver: small exchanges of people between cells that every published sum hides.

Raise one withheld cell by one person and lower another: sums that hold both do not move, and those that hold one
of them move by one, which rounding hides where there is room. Or raise two cells and lower the two that complete
the rectangle: no sum moves. A cell that such exchanges can move far enough is safe, in whole numbers. Thousands
are tried at once; what they do not free is left to the solver. Choices are drawn from a fixed seed, so the same
system gives the same answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from wsd_pipeline.disclosure.cells import System

    Reals = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

ROUNDS = 240
WINDOWS = (40, 300, 2000, 10_000)
"""How far along the table, in its order, partners are drawn from, in turn."""
SEED = 20_260_101
EPSILON = 1e-6


def freed(system: System, low: Ints, high: Ints, point: Reals, pending: Ints, reach: int) -> Ints:
    """Those of `pending` that exchanges around the table `point` move by `reach` people, up or down."""
    import numpy as np

    if not len(pending) or reach < 1:
        return pending
    pending = pending[np.abs(point[pending] - np.round(point[pending])) < EPSILON]
    found = [np.zeros(0, np.int64)]
    for leaves, rows in _alike(system):
        here = pending[np.isin(pending, leaves)]
        if len(here) and rows.shape[1] > 1:
            found.append(_Table(system, low, high, point, leaves, rows).move(here, reach))
    return np.sort(np.concatenate(found))


def _alike(system: System) -> list[tuple[Ints, Ints]]:
    """Variables that are sums of nothing, in groups that enter the same kinds of row; with those rows in order."""
    import numpy as np

    matrix = system.matrix.tocoo()
    leaf = np.ones(system.matrix.shape[1], dtype=bool)
    leaf[matrix.col[matrix.data < 0]] = False
    part = leaf[matrix.col]
    column, row = matrix.col[part].astype(np.int64), matrix.row[part].astype(np.int64)
    order = np.lexsort((system.kind[row], column))
    column, row = column[order], row[order]
    leaves, first, size = np.unique(column, return_index=True, return_counts=True)
    groups = []
    for count in np.unique(size):
        start = first[size == count]
        rows = row[start[:, None] + np.arange(count)]
        kinds, which = np.unique(system.kind[rows], axis=0, return_inverse=True)
        groups += [
            (leaves[size == count][which.ravel() == k], rows[which.ravel() == k])
            for k in range(len(kinds))
            if len(np.unique(kinds[k])) == count
        ]
    return groups


class _Table:
    """Leaves of one breakdown, each known by the rows it enters, and the room each has to move."""

    def __init__(self, system: System, low: Ints, high: Ints, point: Reals, leaves: Ints, rows: Ints) -> None:
        import numpy as np

        self.np = np
        self.leaves, self.rows = leaves, rows
        self.up = np.floor(high[leaves] - point[leaves] + EPSILON).astype(np.int64)
        self.down = np.floor(point[leaves] - low[leaves] + EPSILON).astype(np.int64)
        self.mix: Ints = np.random.default_rng(SEED).integers(1, 1 << 40, size=(rows.shape[1],), dtype=np.int64)
        self.hash: Ints = (rows * self.mix).sum(axis=1)
        self.order = np.argsort(self.hash, kind="stable")
        self.sorted_hash = self.hash[self.order]
        self._sums(system, low, high, point)

    def _sums(self, system: System, low: Ints, high: Ints, point: Reals) -> None:
        """How far each row's sum may move, and a number for the rows that the sum enters in its turn.

        A sum that is also made up in another way cannot move alone.
        """
        np = self.np
        matrix = system.matrix.tocoo()
        column, row, made = matrix.col.astype(np.int64), matrix.row.astype(np.int64), matrix.data < 0
        whole = np.full(system.matrix.shape[0], -1, dtype=np.int64)
        whole[row[made]] = column[made]
        once = np.bincount(column[made], minlength=system.matrix.shape[1])[whole] == 1
        self.row_up = np.where(once, np.floor(high[whole] - point[whole] + EPSILON), 0).astype(np.int64)
        self.row_down = np.where(once, np.floor(point[whole] - low[whole] + EPSILON), 0).astype(np.int64)
        weight = np.random.default_rng(SEED + 1).integers(1, 1 << 40, size=system.matrix.shape[0], dtype=np.int64)
        entered = np.zeros(system.matrix.shape[1], dtype=np.int64)
        with np.errstate(over="ignore"):
            np.add.at(entered, column[~made], weight[row[~made]])
        self.above = entered[whole]

    def _find(self, leaf: Ints, way: Ints, row: Ints) -> Ints:
        """The leaf with the same rows as `leaf` but `row` in its place `way`, or -1."""
        np = self.np
        with np.errstate(over="ignore"):
            wanted = self.hash[leaf] + self.mix[way] * (row - self.rows[leaf, way])
        place = np.minimum(np.searchsorted(self.sorted_hash, wanted), len(self.hash) - 1)
        found: Ints = np.where(self.sorted_hash[place] == wanted, self.order[place], -1)
        hit = np.flatnonzero(found >= 0)
        same = self.rows[found[hit]] == self.rows[leaf[hit]]
        same[np.arange(len(hit)), way[hit]] = self.rows[found[hit], way[hit]] == row[hit]
        found[hit[~same.all(axis=1)]] = -1
        return found

    def move(self, pending: Ints, reach: int) -> Ints:
        """Those of `pending` moved by `reach`, up and down together, each witness built up one person at a time."""
        np = self.np
        rng = np.random.default_rng(SEED)
        mine = np.searchsorted(self.leaves, pending)
        gained = np.zeros(len(mine), np.int64)
        for sign in (1, -1):
            room = np.minimum((self.up if sign > 0 else self.down)[mine], reach - gained)
            moves = _Moves(self, sign, reach, mine, room)
            moves.run(rng)
            gained += moves.made
        freed: Ints = self.leaves[np.unique(mine[gained >= reach])]
        return freed


class _Moves:
    """Witnesses in the making: one for each active leaf, all moved the same way, one person at a time."""

    def __init__(self, table: _Table, sign: int, reach: int, leaves: Ints, goal: Ints) -> None:
        import numpy as np

        self.np, self.table = np, table
        self.gains, self.loses = (table.up, table.down)[::sign]
        self.row_gains, self.row_loses = (table.row_up, table.row_down)[::sign]
        self.givers = np.flatnonzero(self.loses >= 1)
        self.by_way = [self.givers[np.argsort(rows, kind="stable")] for rows in table.rows[self.givers].T]
        self.made = np.zeros(len(leaves), np.int64)
        self.place = np.flatnonzero(goal > 0)
        self.active, self.goal = leaves[self.place], goal[self.place]
        self.steps = np.zeros(len(self.active), np.int64)
        self.moved = np.zeros((len(self.active), table.rows.shape[1]), dtype=np.int64)
        self.touched = np.full((len(self.active), 3 * reach), -1, dtype=np.int64)

    def run(self, rng: np.random.Generator) -> None:
        """Try until all have reached their goal or the rounds are over; `made` says how far each leaf came."""
        np = self.np
        count, ways = self.table.rows.shape
        for attempt in range(ROUNDS):
            if not len(self.active) or not len(self.givers):
                break
            if attempt % 2:
                self._give(attempt // 2 % ways, rng.random(len(self.active)))
            else:
                window = max(2, min(count, WINDOWS[attempt // 2 % len(WINDOWS)]))
                other = (self.active + rng.integers(-window, window + 1, len(self.active))) % count
                self._line(rng.integers(0, ways, len(self.active)), other)
            self.made[self.place] = self.steps
            open_ = np.flatnonzero(self.steps < self.goal)
            for name in ("place", "active", "goal", "steps", "moved", "touched"):
                setattr(self, name, getattr(self, name)[open_])

    def _give(self, way: int, draw: Reals) -> None:
        """A step each with a giver drawn from those in the same row of that way."""
        np, rows, order = self.np, self.table.rows, self.by_way[way]
        held = rows[order, way]
        first = np.searchsorted(held, rows[self.active, way], side="left")
        count = np.searchsorted(held, rows[self.active, way], side="right") - first
        giver = order[np.minimum(first + (draw * count).astype(np.int64), len(order) - 1)]
        each = np.flatnonzero((count > 0) & (giver != self.active) & self._fresh(giver))
        each = each[self._hidden(each, giver[each])]
        self._take(each, giver[each])

    def _line(self, way: Ints, other: Ints) -> None:
        """A step each with the cell that differs from it only as `other` does in one way, or with a rectangle."""
        np, table = self.np, self.table
        from_row, to_row = table.rows[self.active, way], table.rows[other, way]
        giver = table._find(self.active, way, to_row)
        each = np.flatnonzero((giver >= 0) & (from_row != to_row) & (self.loses[giver] >= 1) & self._fresh(giver))
        way, other, giver, from_row = way[each], other[each], giver[each], from_row[each]
        hidden = self._hidden(each, giver)
        self._take(each[hidden], giver[hidden])
        each, way, other, giver, from_row = (a[~hidden] for a in (each, way, other, giver, from_row))
        second = table._find(other, way, from_row)
        turns = (second >= 0) & (second != self.active[each]) & (other != self.active[each]) & (other != giver)
        turns &= (self.gains[other] >= 1) & (self.loses[second] >= 1)
        turns &= self._fresh(second, each) & self._fresh(other, each)
        self._take(each[turns], giver[turns], other[turns], second[turns])

    def _hidden(self, each: Ints, giver: Ints) -> Flags:
        """Whether rounding hides the sums that would move: each has room, beside what was moved before."""
        rows, table = self.table.rows, self.table
        mine, theirs = rows[self.active[each]], rows[giver]
        fine = (self.row_gains[mine] > self.moved[each]) & (self.row_loses[theirs] >= 1)
        fine &= table.above[mine] == table.above[theirs]
        for earlier in self.touched[each].T:
            fine &= (earlier < 0)[:, None] | (rows[earlier] != theirs)
        hidden: Flags = (fine | (mine == theirs)).all(axis=1)
        return hidden

    def _take(self, each: Ints, giver: Ints, other: Ints | None = None, second: Ints | None = None) -> None:
        """Write the step into the witness. Without a rectangle, the sums that differ have moved."""
        slot = 3 * self.steps[each]
        self.touched[each, slot] = giver
        if other is not None and second is not None:
            self.touched[each, slot + 1], self.touched[each, slot + 2] = other, second
        else:
            self.moved[each] += self.table.rows[self.active[each]] != self.table.rows[giver]
        self.steps[each] += 1

    def _fresh(self, leaf: Ints, each: Ints | None = None) -> Flags:
        """Whether the leaf plays no part yet in the witness of each active one."""
        touched = self.touched if each is None else self.touched[each]
        fresh: Flags = ~(touched == leaf[:, None]).any(axis=1)
        return fresh
