"""Published cells as one system of equations: every total that any two tables have in common.

A table of counts is broken down by some dimensions; two tables that share dimensions share the totals over the
rest, published or not. The system has a variable for each cell, published or implied, and a row for each cell
that is the sum of finer ones. Whoever holds the tables can write it down; so does the attacker.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells, Family, System

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def system_of(
    cells: Cells, families: Sequence[Family] = (), partial: Iterable[str] = (), alternatives: Iterable[str] = ()
) -> System:
    """Everything the cells say of each other.

    Over a dimension of `partial` the parts may miss some people. Each value of one of `alternatives` is a way of
    dividing everybody: the cells of one value add up to the total, not those of all values together.
    """
    return _Builder(cells, families, frozenset(partial), frozenset(alternatives)).build()


Mask = tuple[int, ...]


class _Builder:
    """Codes the values of each family, closes the set of breakdowns under what they share, and adds up."""

    def __init__(
        self, cells: Cells, families: Sequence[Family], partial: frozenset[str], alternatives: frozenset[str]
    ) -> None:
        import numpy as np

        self.np, self.cells, self.partial, self.alternatives = np, cells, partial, alternatives
        used = [f for f in families if any(c in cells.dimensions for c in f.columns)]
        taken = {c for f in used for c in f.columns}
        self.families = used + [Family(name=d, columns=(d,), up={}) for d in cells.dimensions if d not in taken]
        self.families = self.families or [Family(name="", columns=("",), up={})]  # one number, not broken down
        self.values = [[self._vocabulary(f, level) for level in range(len(f.columns))] for f in self.families]
        self.sizes = [max(len(v) for v in values) + 1 for values in self.values]
        self.keys: dict[Mask, Ints] = {}
        self.variables: dict[Mask, Ints] = {}
        self.low, self.high = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.secret = np.zeros(0, bool)

    def _vocabulary(self, family: Family, level: int) -> tuple[str, ...]:
        """Every value of the family's column: those in the cells, and those that finer ones lead up to."""
        dims = self.cells.dimensions
        column = family.columns[level]
        found = set(self.cells.values[dims.index(column)]) if column in dims else set()
        if level + 1 < len(family.columns):
            above, finer = family.up.get(family.columns[level + 1], {}), self._vocabulary(family, level + 1)
            # a value that no coarser one is known to contain ("unknown") stays itself
            found |= {w for inside in above.values() for w in inside} | (set(finer) - set(above))
        found |= set(family.up.get(column, {}))
        return tuple(sorted(found))

    def build(self) -> System:
        from scipy.sparse import csr_matrix

        np = self.np
        of_cell = self._place()
        for mask in self._closure(set(self.keys)) - set(self.keys):
            self.keys[mask], self.variables[mask] = np.zeros(0, np.int64), np.zeros(0, np.int64)
        pairs = [
            (fine, coarse) for fine in sorted(self.keys, key=lambda m: (-sum(m), m)) for coarse in self._covered(fine)
        ]
        parts = [self._parts(fine, coarse) for fine, coarse in pairs]
        row, column, sign, kind = [], [], [], []
        rows = 0
        for number, ((fine, coarse), (part, key, way)) in enumerate(zip(pairs, parts, strict=True)):
            sums, place = np.unique(np.column_stack([key, way]), axis=0, return_inverse=True)
            inside, place = sums[:, 0], place.ravel()
            whole = self.variables[coarse][np.searchsorted(self.keys[coarse], inside)]
            complete = self._complete(fine, coarse)
            row += [rows + place, rows + np.arange(len(inside))]
            column += [part, whole]
            sign += [np.ones(len(part)), -np.ones(len(inside))]
            if complete:
                empty = self.variables[coarse][~np.isin(self.keys[coarse], inside)]
                self.high[empty] = np.where(self.low[empty] == 0, 0, self.high[empty])
            else:
                row.append(rows + np.arange(len(inside)))
                column.append(self._new(len(inside)))
                sign.append(np.ones(len(inside)))
            kind.append(np.full(len(inside), number))
            rows += len(inside)

        def join(pieces: list[Any], kind: type) -> Any:
            return np.concatenate(pieces) if pieces else np.zeros(0, kind)

        matrix = csr_matrix((join(sign, float), (join(row, int), join(column, int))), shape=(rows, len(self.low)))
        return System(
            matrix=matrix, low=self.low, high=self.high, secret=self.secret, of_cell=of_cell, kind=join(kind, int)
        )

    def _new(self, count: int) -> Ints:
        """Variables for that many counts of which nothing is published."""
        np = self.np
        first = len(self.low)
        self.low = np.concatenate([self.low, np.zeros(count, np.int64)])
        self.high = np.concatenate([self.high, np.full(count, UNBOUNDED, np.int64)])
        self.secret = np.concatenate([self.secret, np.zeros(count, bool)])
        made: Ints = np.arange(first, first + count)
        return made

    def _place(self) -> Ints:
        """The variable of each published cell; cells published twice are one variable, with what both say."""
        np, cells = self.np, self.cells
        levels, codes = [], []
        for f, family in enumerate(self.families):
            level, code = np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64)
            for number, column in enumerate(family.columns):
                if column in cells.dimensions:
                    d = cells.dimensions.index(column)
                    vocabulary = np.array(self.values[f][number], dtype=object)
                    place = {v: i + 1 for i, v in enumerate(vocabulary)}
                    coded = np.array([0, *(place[v] for v in cells.values[d])], dtype=np.int64)[cells.codes[:, d]]
                    level, code = np.where(coded > 0, number + 1, level), np.where(coded > 0, coded, code)
            levels.append(level)
            codes.append(code)
        masks, which = np.unique(np.column_stack(levels), axis=0, return_inverse=True)
        keys = self._packed(np.column_stack(codes))
        of_cell: Ints = np.zeros(len(cells), np.int64)
        for number, mask in enumerate(masks):
            here = np.flatnonzero(which.ravel() == number)
            known, place = np.unique(keys[here], return_inverse=True)
            variables = self._new(len(known))
            of_cell[here] = variables[place]
            self.secret[variables] = True
            np.maximum.at(self.low, of_cell[here], cells.low[here])
            np.minimum.at(self.high, of_cell[here], cells.high[here])
            np.logical_and.at(self.secret, of_cell[here], cells.secret[here])
            self.keys[tuple(int(m) for m in mask)] = known
            self.variables[tuple(int(m) for m in mask)] = variables
        return of_cell

    def _packed(self, codes: Ints) -> Ints:
        """The codes of each row as one number. OverflowError where they do not fit."""
        np = self.np
        if math.prod(self.sizes) >= 1 << 62:
            raise OverflowError("too many dimensions to join at once")
        key: Ints = np.zeros(len(codes), np.int64)
        for f, size in enumerate(self.sizes):
            key = key * size + codes[:, f]
        return key

    def _unpacked(self, key: Ints) -> list[Ints]:
        codes = []
        for size in reversed(self.sizes):
            codes.append(key % size)
            key = key // size
        return codes[::-1]

    def _under(self, f: int, coarse: int, fine: int) -> bool:
        """Whether the finer level of the family adds up to the coarser one."""
        if coarse == fine:
            return True
        if self.families[f].overlapping and coarse == 0:
            return fine == len(self.families[f].columns)
        return coarse < fine

    def _is_under(self, coarse: Mask, fine: Mask) -> bool:
        return all(self._under(f, c, x) for f, (c, x) in enumerate(zip(coarse, fine, strict=True)))

    def _closure(self, masks: set[Mask]) -> set[Mask]:
        """The breakdowns and all that any two have in common; overlapping groups bring their finest parts."""
        for mask in list(masks):
            pairs = zip(self.families, mask, strict=True)
            masks.add(tuple(len(fam.columns) if fam.overlapping and level else level for fam, level in pairs))
        while True:
            met = set()
            for a, b in itertools.combinations(sorted(masks), 2):
                meet = tuple(min(x, y) for x, y in zip(a, b, strict=True))
                if self._is_under(meet, a) and self._is_under(meet, b):
                    met.add(meet)
            if met <= masks:
                return masks
            masks |= met

    def _covered(self, fine: Mask) -> list[Mask]:
        """The breakdowns next below: coarser, with none between."""
        below = [m for m in self.keys if m != fine and self._is_under(m, fine)]
        return sorted(m for m in below if not any(m != o and self._is_under(m, o) for o in below))

    def _complete(self, fine: Mask, coarse: Mask) -> bool:
        """Whether the finer cells hold everybody of the coarser."""
        steps = zip(self.families, coarse, fine, strict=True)
        return not any(set(family.columns[c:x]) & self.partial for family, c, x in steps)

    def _parts(self, fine: Mask, coarse: Mask) -> tuple[Ints, Ints, Ints]:
        """The finer variables, the key of the coarser cell each is part of, and in which alternative way.

        Coarser cells that nobody published are made.
        """
        np = self.np
        part = self.variables[fine]
        codes = self._unpacked(self.keys[fine])
        way = np.zeros(len(part), np.int64)
        for f, (x, c) in enumerate(zip(fine, coarse, strict=True)):
            if x == c:
                continue
            if self.alternatives.intersection(self.families[f].columns):
                way = way * self.sizes[f] + codes[f]
            if c == 0:
                codes[f] = np.zeros_like(codes[f])
                continue
            here, above = self._up(f, x, c)
            order = np.argsort(here, kind="stable")
            first, last = (np.searchsorted(here[order], codes[f], side=side) for side in ("left", "right"))
            repeat = last - first
            offset = np.arange(repeat.sum()) - np.repeat(np.cumsum(repeat) - repeat, repeat)
            codes = [np.repeat(column, repeat) for column in codes]
            codes[f] = above[order][np.repeat(first, repeat) + offset]
            part, way = np.repeat(part, repeat), np.repeat(way, repeat)
        key = self._packed(np.column_stack(codes))
        unknown = np.setdiff1d(key, self.keys[coarse])
        if len(unknown):
            keys = np.concatenate([self.keys[coarse], unknown])
            variables = np.concatenate([self.variables[coarse], self._new(len(unknown))])
            order = np.argsort(keys, kind="stable")
            self.keys[coarse], self.variables[coarse] = keys[order], variables[order]
        return part, key, way

    def _up(self, f: int, fine: int, coarse: int) -> tuple[Ints, Ints]:
        """Pairs of codes: each finer value and every coarser value that contains it."""
        family, values = self.families[f], self.values[f]
        held = {v: {v} for v in values[fine - 1]}
        for level in range(fine, coarse, -1):
            above = family.up[family.columns[level - 1]]
            held = {v: {w for u in inside for w in above.get(u, (u,))} for v, inside in held.items()}
        place = {v: i + 1 for i, v in enumerate(values[coarse - 1])}
        pairs = [(i + 1, place[w]) for i, v in enumerate(values[fine - 1]) for w in sorted(held[v])]
        here, up = zip(*pairs, strict=True) if pairs else ((), ())
        return self.np.array(here, dtype=self.np.int64), self.np.array(up, dtype=self.np.int64)
