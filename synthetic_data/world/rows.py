"""The two plain tools everything here rests on: columns that grow together, and streams of chance.

Nothing in this module knows about people.
"""

from __future__ import annotations

import zlib

import numpy as np

NEVER = np.int32(2**31 - 1)  # a date that has not come
NONE = np.int32(-1)  # no such row

Array = np.ndarray


def stream(seed: int, *names: object) -> np.random.Generator:
    """A generator of its own for each purpose: the same seed and names give the same numbers, whatever ran before."""
    words = [zlib.crc32(str(name).encode()) for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


class Rows:
    """Columns of equal length. Rows are only ever added at the end, so a row's place is its number for ever."""

    def __init__(self, **columns: Array) -> None:
        self._columns = dict(columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()))) if self._columns else 0

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def __setitem__(self, name: str, values: Array) -> None:
        self._columns[name] = values

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self._columns)

    def add(self, **columns: Array) -> Array:
        """Add rows; a column not given is filled with its type's empty value. Returns the new rows' numbers."""
        start = len(self)
        count = len(next(iter(columns.values())))
        unknown = set(columns) - set(self._columns)
        if unknown:
            raise KeyError(f"no such columns: {sorted(unknown)}")
        for name, old in self._columns.items():
            new = columns.get(name)
            if new is None:
                new = np.full(count, EMPTY.get(name, 0), dtype=old.dtype)
            self._columns[name] = np.concatenate([old, np.asarray(new, dtype=old.dtype)])
        return np.arange(start, start + count)

    def take(self, rows: Array) -> Rows:
        """A copy of some rows."""
        return Rows(**{name: values[rows] for name, values in self._columns.items()})


EMPTY: dict[str, object] = {
    "mother": NONE, "father": NONE, "partner": NONE, "death": NEVER, "left": NEVER, "end": NEVER,
    "home_before": NONE, "practice": NONE, "pregnancy": NONE,
}  # fmt: skip


def rank_within(cell: Array, key: Array) -> Array:
    """Each row's place, from 0, in its cell when the cell is sorted by `key`."""
    order = np.lexsort((key, cell))
    sorted_cell = cell[order]
    first = np.r_[True, sorted_cell[1:] != sorted_cell[:-1]] if len(cell) else np.zeros(0, bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(cell)), 0))
    rank = np.empty(len(cell), np.int64)
    rank[order] = np.arange(len(cell)) - starts
    return rank


def pick_share(rng: np.random.Generator, chance: Array, count: int | None = None) -> Array:
    """Choose rows with the given chances, exactly `count` of them (the rounded sum of chances where not given).

    Systematic sampling in random order: each row's chance is met exactly, and so is the number chosen.
    """
    if len(chance) == 0:
        return np.zeros(0, np.int64)
    chance = fit_chances(chance, count) if count is not None else np.clip(chance, 0, 1)
    order = rng.permutation(len(chance))
    steps = np.floor(np.cumsum(chance[order]) + (0.5 if count is not None else rng.random()) + 1e-9)
    taken = np.diff(np.r_[0.0, steps]) > 0
    return np.sort(order[taken])


def fit_chances(weight: Array, count: int) -> Array:
    """Chances in proportion to `weight`, at most 1 each, that add up to `count` (or to all that can be chosen)."""
    weight = np.asarray(weight, float)
    able = int((weight > 0).sum())
    if count >= able:
        return (weight > 0).astype(float)
    if count <= 0:
        return np.zeros(len(weight))
    full = np.zeros(len(weight), bool)
    while True:  # each round fills some to 1 and shares what is left over the others; it ends when none is over
        scale = (count - full.sum()) / weight[~full].sum()
        over = ~full & (weight * scale > 1)
        if not over.any():
            return np.where(full, 1.0, weight * scale)
        full |= over


def pick_one(rng: np.random.Generator, weights: Array, size: int) -> Array:
    """`size` draws from a list with the given weights, as places in the list."""
    edges = np.cumsum(np.asarray(weights, float))
    return np.searchsorted(edges, rng.random(size) * edges[-1], side="right").clip(0, len(edges) - 1)


def pick_by_row(rng: np.random.Generator, table: Array, row: Array) -> Array:
    """One draw for each entry of `row`, from the weights in that row of `table`."""
    edges = np.cumsum(table, axis=1)
    edges = edges / edges[:, -1:]
    point = rng.random(len(row))
    out = np.zeros(len(row), np.int64)
    for column in range(table.shape[1] - 1):
        out += point >= edges[row, column]
    return out


def scattered(number: Array, prime: int, seed: int, low: int = 0) -> Array:
    """A one-to-one scramble of 0 ≤ number < prime: references that are unique, stable and say nothing of order."""
    factor = int(stream(seed, "scatter", prime).integers(prime // 3, prime // 2))
    return (np.asarray(number, np.int64) * factor + 12345) % prime + low
