"""Rows of two frames that agree in several columns: the columns packed into one key a row, and rows met by it.

A pair of rows is one integer: the place of a's row in its upper half, of b's in its lower. The key of several columns
may be equal, once in very many, where the columns are not: harmless where the pairs are compared afterwards, and
looked at again (`equal`) where they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    Keys = tuple[np.ndarray, np.ndarray]

_ODD = 0x9E3779B97F4A7C15


class Keyed:
    """A frame whose rows have a key for any columns; what a column gives to a key is worked out once."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self._mixed: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def keys(self, columns: Sequence[str], among: np.ndarray | None = None) -> Keys:
        """Places and keys (64 bits, well mixed) of the rows, or those of a mask, in which all the columns are known."""
        import numpy as np

        mixed, known = self._column(columns[0])
        known = _both(known, among)
        for column in columns[1:]:
            values, held = self._column(column)
            mixed = mixed * np.uint64(_ODD) ^ values
            known = _both(known, held)
        if len(columns) > 1:
            mixed = _mix(mixed)
        if known is None:
            return np.arange(len(mixed), dtype=np.int64), mixed
        return np.flatnonzero(known), mixed[known]

    def codes(self, column: str) -> np.ndarray:
        """The codes of a column, 0 where not known."""
        found: np.ndarray = self.frame[column].fill_null(0).to_numpy()
        return found

    def _column(self, name: str) -> tuple[np.ndarray, np.ndarray | None]:
        import numpy as np

        if name not in self._mixed:
            column = self.frame[name]
            known = column.is_not_null().to_numpy() if column.null_count() else None
            self._mixed[name] = (_mix(self.codes(name).astype(np.uint64)), known)
        return self._mixed[name]


def _both(one: np.ndarray | None, other: np.ndarray | None) -> np.ndarray | None:
    return other if one is None else one if other is None else one & other


def _mix(values: np.ndarray) -> np.ndarray:
    """Another number for each number, its upper bits made of all of it."""
    import numpy as np

    mixed: np.ndarray = values * np.uint64(_ODD)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(_ODD)
    return mixed


@dataclass(frozen=True)
class Meeting:
    """Rows that share a key, in groups: of group g, `rows[start[g]:middle[g]]` are a's and `rows[middle[g]:end[g]]` b's.

    Groups with rows of one side only are left out.
    """

    rows: np.ndarray
    start: np.ndarray
    middle: np.ndarray
    end: np.ndarray

    def count(self) -> int:
        """How many pairs share a key."""
        return int((self.middle - self.start) @ (self.end - self.middle))

    def pairs(self) -> np.ndarray:
        """Every pair that shares a key, once each."""
        import numpy as np

        of_a, of_b = self.middle - self.start, self.end - self.middle
        # each row of a in a group, and then each of its partners
        left = _ranges(self.start, of_a)
        partners = np.repeat(of_b, of_a)
        right = _ranges(np.repeat(self.middle, of_a), partners)
        return pair_of(np.repeat(self.rows[left], partners), self.rows[right])

    def couples(self) -> np.ndarray:
        """The pairs whose key is unique on both sides."""
        alone = self.end - self.start == 2
        return pair_of(self.rows[self.start[alone]], self.rows[self.middle[alone]])


def meet(left: Keys, right: Keys) -> Meeting:
    """The rows of the left and of the right that share a key.

    Key, side and place are sorted as one integer: quicker than any table of keys, whose memory is read at random.
    """
    import numpy as np

    (at_a, key_a), (at_b, key_b) = left, right
    width = int(max(at_a.max(initial=0), at_b.max(initial=0), 1)).bit_length()
    low, side = np.uint64((1 << width + 1) - 1), np.uint64(1 << width)
    whole = np.empty(len(at_a) + len(at_b), dtype=np.uint64)
    whole[: len(at_a)] = key_a & ~low | at_a.view(np.uint64)
    whole[len(at_a) :] = key_b & ~low | at_b.view(np.uint64) | side
    whole.sort()
    # where the key or the side changes; a change of the side alone is the middle of a group that has both
    changed = (whole[1:] ^ whole[:-1]) >> np.uint64(width)
    edges = np.flatnonzero(changed) + 1
    bounds = np.concatenate([[0], edges, [len(whole)]])
    middle = np.flatnonzero(changed[edges - 1] == 1) + 1
    rows = (whole & np.uint64((1 << width) - 1)).view(np.int64)
    return Meeting(rows, bounds[middle - 1], bounds[middle], bounds[middle + 1])


def _ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The integers from each start on, so many of each, one after another."""
    import numpy as np

    before = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)


def pair_of(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Each two numbers (places, or rids) as one integer."""
    import numpy as np

    made: np.ndarray = a.astype(np.int64) << 32 | b
    return made


def ends(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of a and the number of b in each pair."""
    return pairs >> 32, pairs & 0xFFFFFFFF


def equal(pairs: np.ndarray, a: Keyed, b: Keyed, columns: Sequence[str]) -> np.ndarray:
    """The pairs whose rows are equal in the columns indeed."""
    for column in columns:
        at_a, at_b = ends(pairs)
        pairs = pairs[a.codes(column)[at_a] == b.codes(column)[at_b]]
    return pairs


def places_of(frame: pl.DataFrame, rids: np.ndarray) -> np.ndarray:
    """The place in a frame of each rid, -1 where it has none."""
    import numpy as np

    held = frame["rid"].to_numpy()
    place = np.full(int(max(held.max(initial=-1), rids.max(initial=-1))) + 1, -1, dtype=np.int64)
    place[held] = np.arange(len(held))
    return place[rids]


def only(frame: pl.DataFrame, rids: pl.Series, *, without: bool = False) -> pl.DataFrame:
    """The rows of a frame whose rids are among (or, `without`, are not among) those given, in the frame's order."""
    import numpy as np

    held = frame["rid"].to_numpy()
    among = np.zeros(int(max(held.max(initial=-1), rids.to_numpy().max(initial=-1))) + 1, dtype=bool)
    among[rids.to_numpy()] = True
    found: pl.DataFrame = frame.filter(among[held] != without)
    return found
