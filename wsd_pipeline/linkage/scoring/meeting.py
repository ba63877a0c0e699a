"""Rows of two sides that agree in several columns, met by sorting: the columns packed into one key a row.

A pair of rows is one integer: the place of a's row in its upper half, of b's in its lower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.codes import Codes

if TYPE_CHECKING:
    import numpy as np

    Columns = Sequence[tuple[str, str]]

_ODD = 0x9E3779B97F4A7C15


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


def meet(a: Codes, b: Codes, columns: Columns, among: tuple[np.ndarray, np.ndarray] | None = None) -> Meeting:
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
        side, rows = (b, whole[len(a) :]) if number else (a, whole[: len(a)])
        names = [pair[number] for pair in columns]
        codes = [side[name] for name in names]
        keys = _packed(codes, sizes) if is_exact else _mixed(codes) >> np.uint64(width + 2)
        np.left_shift(keys, np.uint64(width + 1), out=rows)
        rows |= np.arange(len(side), dtype=np.uint64)
        rows |= np.uint64(1 << 63 | number << width)
        known = side.known(names)
        # rows without a key become 0, a group of one side alone
        rows *= known if among is None else known & among[number]

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

    made = codes[0].astype(np.uint64)
    for column, size in zip(codes[1:], sizes[1:], strict=True):
        made *= np.uint64(size)
        made += column
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


def _equal(pairs: np.ndarray, a: Codes, b: Codes, columns: Columns) -> np.ndarray:
    for x, y in columns:
        at_a, at_b = ends(pairs)
        pairs = pairs[a[x].take(at_a) == b[y].take(at_b)]
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
