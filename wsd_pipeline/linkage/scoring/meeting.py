"""Rows of two frames that agree in several columns, met by sorting: the columns packed into one key a row.

A pair of rows is one integer: the place of a's row in its upper half, of b's in its lower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    Columns = Sequence[tuple[str, str]]

_ODD = 0x9E3779B97F4A7C15


class Keyed:
    """A frame whose columns of codes are read once: 0 where not known."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self._read: dict[str, tuple[np.ndarray, np.ndarray | None, int]] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def codes(self, column: str) -> np.ndarray:
        """The codes of a column."""
        return self._column(column)[0]

    def known(self, columns: Sequence[str], among: np.ndarray | None) -> np.ndarray | None:
        """Which rows, or those of a mask, are known in all the columns; none where all are."""
        found = among
        for column in columns:
            known = self._column(column)[1]
            found = known if found is None else found if known is None else found & known
        return found

    def most(self, column: str) -> int:
        """The highest code of a column."""
        return self._column(column)[2]

    def _column(self, name: str) -> tuple[np.ndarray, np.ndarray | None, int]:
        import numpy as np

        if name not in self._read:
            column = self.frame[name]
            codes = column.fill_null(0).to_numpy().astype(np.uint64)
            known = column.is_not_null().to_numpy() if column.null_count() else None
            self._read[name] = (codes, known, int(codes.max(initial=0)))
        return self._read[name]


@dataclass(frozen=True)
class Meeting:
    """Rows that share a key, in groups. Those of a are from `start` to `middle`, those of b from there to `end`.

    Groups with rows of one side only are left out. `equal` takes out pairs whose keys are equal by accident.
    """

    rows: np.ndarray
    start: np.ndarray
    middle: np.ndarray
    end: np.ndarray
    equal: Callable[[np.ndarray], np.ndarray]

    def count(self) -> int:
        """How many pairs share a key; by accident a few too many, never one too few."""
        return int((self.middle - self.start) @ (self.end - self.middle))

    def pairs(self, groups: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Every pair that is equal in the columns, once each; or those of some groups."""
        import numpy as np

        start, middle, end = self.start[groups], self.middle[groups], self.end[groups]
        of_a, of_b = middle - start, end - middle
        # each row of a in a group, and then each of its partners
        left = _ranges(start, of_a)
        partners = np.repeat(of_b, of_a)
        right = _ranges(np.repeat(middle, of_a), partners)
        return self.equal(pair_of(np.repeat(self.rows[left], partners), self.rows[right]))

    def couples(self) -> np.ndarray:
        """The pairs equal in the columns whose rows are equal to no other row of the other side."""
        import numpy as np

        # where two couples share a key by accident their group has two of each
        pairs = self.pairs(np.maximum(self.middle - self.start, self.end - self.middle) <= 2)
        at_a, at_b = ends(pairs)
        alone = (np.bincount(at_a)[at_a] == 1) & (np.bincount(at_b)[at_b] == 1)
        found: np.ndarray = pairs[alone]
        return found


def meet(
    a: Keyed, b: Keyed, columns: Columns, among: tuple[np.ndarray | None, np.ndarray | None] = (None, None)
) -> Meeting:
    """The rows of a and b, or those of masks, known and equal in each two columns (of a, of b).

    Key, side and place are sorted as one integer: quicker than a table of keys, whose memory is read at random.
    """
    import numpy as np

    width = max(len(a), len(b)).bit_length()
    sizes = [max(a.most(x), b.most(y)) + 1 for x, y in columns]
    # what fits is packed as it is; what does not is mixed, and looked at again
    is_exact = float(np.prod(sizes, dtype=np.float64)) < 2.0 ** (62 - width)
    whole = np.empty(len(a) + len(b), dtype=np.uint64)

    def fill(number: int) -> None:
        keyed, rows = (b, whole[len(a) :]) if number else (a, whole[: len(a)])
        names = [pair[number] for pair in columns]
        codes = [keyed.codes(name) for name in names]
        keys = _packed(codes, sizes) if is_exact else _mixed(codes) >> np.uint64(width + 2)
        np.left_shift(keys, np.uint64(width + 1), out=rows)
        rows |= np.arange(len(keyed), dtype=np.uint64)
        rows |= np.uint64(1 << 63 | number << width)
        known = keyed.known(names, among[number])
        if known is not None:
            rows *= known  # rows without a key become 0, a group of one side alone

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, range(2)))
    whole.sort()
    # where the key or the side changes; a change of the side alone is the middle of a group that has both
    changed = (whole[1:] ^ whole[:-1]) >> np.uint64(width)
    edges = np.flatnonzero(changed) + 1
    bounds = np.concatenate([[0], edges, [len(whole)]])
    middle = np.flatnonzero(changed[edges - 1] == 1) + 1
    places = (whole & np.uint64((1 << width) - 1)).view(np.int64)
    equal = _as_they_are if is_exact else partial(_equal, a=a, b=b, columns=columns)
    return Meeting(places, bounds[middle - 1], bounds[middle], bounds[middle + 1], equal)


def _packed(codes: list[np.ndarray], sizes: list[int]) -> np.ndarray:
    """Codes as one number each, by the sizes of their columns: equal where all are."""
    import numpy as np

    made = codes[0]
    for column, size in zip(codes[1:], sizes[1:], strict=True):
        made = made * np.uint64(size) + column
    return made


def _mixed(codes: list[np.ndarray]) -> np.ndarray:
    """Codes as one number each, its upper bits made of all of theirs: equal where they are, seldom elsewhere."""
    import numpy as np

    made = np.zeros(len(codes[0]), dtype=np.uint64)
    for column in codes:
        made ^= column
        made *= np.uint64(_ODD)
        made ^= made >> np.uint64(29)
    made *= np.uint64(_ODD)
    return made


def _as_they_are(pairs: np.ndarray) -> np.ndarray:
    return pairs


def _equal(pairs: np.ndarray, a: Keyed, b: Keyed, columns: Columns) -> np.ndarray:
    for x, y in columns:
        at_a, at_b = ends(pairs)
        pairs = pairs[a.codes(x).take(at_a) == b.codes(y).take(at_b)]
    return pairs


def _ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The integers from each start on, so many of each, one after another."""
    import numpy as np

    before = np.cumsum(lengths) - lengths
    made: np.ndarray = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    return made


def pair_of(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Each two numbers (places, or rids) as one integer."""
    import numpy as np

    made: np.ndarray = a.astype(np.int64) << 32 | b
    return made


def ends(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of a and the number of b in each pair."""
    return pairs >> 32, pairs & 0xFFFFFFFF


def places_of(frame: pl.DataFrame, rids: np.ndarray) -> np.ndarray:
    """The place in a frame of each rid, -1 where it has none."""
    import numpy as np

    held = frame["rid"].to_numpy()
    place = np.full(int(max(held.max(initial=-1), rids.max(initial=-1))) + 1, -1, dtype=np.int64)
    place[held] = np.arange(len(held))
    found: np.ndarray = place[rids]
    return found


def only(frame: pl.DataFrame, rids: pl.Series, *, without: bool = False) -> pl.DataFrame:
    """The rows of a frame whose rids are among (or, `without`, are not among) those given, in the frame's order."""
    import numpy as np

    held = frame["rid"].to_numpy()
    among = np.zeros(int(max(held.max(initial=-1), rids.to_numpy().max(initial=-1))) + 1, dtype=bool)
    among[rids.to_numpy()] = True
    found: pl.DataFrame = frame.filter(among[held] != without)
    return found
