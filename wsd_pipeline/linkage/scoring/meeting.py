"""Rows of two sides that agree in several columns, met by sorting: the columns packed into one key a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.numbering import ranges
from wsd_pipeline.linkage.scoring.pairs import ends, pair_of

if TYPE_CHECKING:
    import numpy as np

    Columns = Sequence[tuple[str, str]]

_ODD = 0x9E3779B97F4A7C15


class Meeting:
    """Rows that share a key: sorted by key, then side (a before b), then place, all in one integer a row.

    Rows without a key are 0. `equal` takes out pairs whose keys are equal by accident.
    """

    def __init__(self, rows: np.ndarray, width: int, equal: Callable[[np.ndarray], np.ndarray]) -> None:
        self._rows, self._width, self._equal = rows, width, equal

    @cached_property
    def _groups(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each group with rows of both sides where a's rows start, where b's do, and where it ends."""
        import numpy as np

        # where the key or the side changes; a change of the side alone is the middle of a group that has both
        changed = self._rows[1:] ^ self._rows[:-1]
        edges = np.flatnonzero(changed >= self._of_side)
        middle = np.flatnonzero(changed.take(edges) < self._of_key)
        before, after = np.maximum(middle - 1, 0), np.minimum(middle + 1, len(edges) - 1)
        start = np.where(middle > 0, edges.take(before) + 1, 0)
        end = np.where(middle + 1 < len(edges), edges.take(after) + 1, len(self._rows))
        return start, edges.take(middle) + 1, end

    @property
    def _of_side(self) -> np.uint64:
        import numpy as np

        return np.uint64(1 << self._width)

    @property
    def _of_key(self) -> np.uint64:
        import numpy as np

        return np.uint64(2 << self._width)

    def _places(self, at: np.ndarray) -> np.ndarray:
        import numpy as np

        return (self._rows.take(at) & (self._of_side - np.uint64(1))).view(np.int64)

    def count(self) -> int:
        """How many pairs share a key; by accident a few too many, never one too few."""
        start, middle, end = self._groups
        return int((middle - start) @ (end - middle))

    def pairs(self, most: int | None = None) -> np.ndarray:
        """Every pair that is equal in the columns, once each; or those whose key is on no side of more rows than so."""
        import numpy as np

        start, middle, end = self._groups
        if most is not None:
            few = np.maximum(middle - start, end - middle) <= most
            start, middle, end = start[few], middle[few], end[few]
        of_a, of_b = middle - start, end - middle
        # each row of a in a group, and then each of its partners
        left = ranges(start, of_a)
        partners = np.repeat(of_b, of_a)
        right = ranges(np.repeat(middle, of_a), partners)
        return self._equal(pair_of(np.repeat(self._places(left), partners), self._places(right)))

    def couples(self) -> np.ndarray:
        """The pairs equal in the columns whose rows are equal to no other row of the other side."""
        import numpy as np

        changed = self._rows[1:] ^ self._rows[:-1]
        # of each row whether the one before has its key
        same = np.zeros(len(self._rows) + 1, dtype=np.bool_)
        np.less(changed, self._of_key, out=same[1:-1])
        two = same[1:-1] & ~same[:-2] & ~same[2:]
        first = np.flatnonzero(two & (changed >= self._of_side))
        found = self._equal(pair_of(self._places(first), self._places(first + 1)))
        # where two couples share a key by accident their group has two of each; a couple's second row pairs with nobody
        more = (same[1:] | same[:-1]) & (self._rows > 0)
        more[:-1] &= ~two
        pairs = Meeting(self._rows[more], self._width, self._equal).pairs(most=2)
        at_a, at_b = ends(pairs)
        alone = (np.bincount(at_a)[at_a] == 1) & (np.bincount(at_b)[at_b] == 1)
        return np.concatenate([found, pairs[alone]])


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
    for number, (side, rows) in enumerate(((a, whole[: len(a)]), (b, whole[len(a) :]))):
        names = [pair[number] for pair in columns]
        codes = [side[name] for name in names]
        keys = _packed(codes, sizes) if is_exact else _mixed(codes) >> np.uint64(width + 2)
        np.left_shift(keys, np.uint64(width + 1), out=rows)
        first = 1 << 63 | number << width
        rows |= np.arange(first, first + len(side), dtype=np.uint64)
        known = side.known(names, None if among is None else among[number])
        if known is not None:
            rows *= known
    whole.sort()
    return Meeting(whole, width, _as_they_are if is_exact else partial(_equal, a=a, b=b, columns=columns))


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
