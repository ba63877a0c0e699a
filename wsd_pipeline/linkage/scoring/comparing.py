"""The levels of many pairs: the rows of both sides brought together, a slice of pairs at a time, on every core.

What is read of a record lies together in memory, for pairs meet rows at random: one look for a row, not one a column.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.levels import UNKNOWN, Comparison, Side, packed
from wsd_pipeline.linkage.scoring.pairs import ends, pair_of

if TYPE_CHECKING:
    import numpy as np

    from wsd_pipeline.linkage.scoring.near import NearNames
    from wsd_pipeline.linkage.scoring.pairs import Both

SLICE = 1 << 17
"""Pairs compared at a time."""
WIDTH = 4
"""Bytes of a code."""
TURNED = 1 << 14
"""Rows whose columns are turned to rows, or back, at a time: so many stay near the processor."""


class Rows:
    """What comparisons read of a side's rows; `unknown` stands for what is not known."""

    def __init__(self, side: Codes, columns: tuple[str, ...], unknown: int) -> None:
        import numpy as np

        if any(side[c].itemsize > WIDTH for c in columns):
            raise TypeError("tokens are compared by their codes")
        self._columns = columns
        self._block = np.empty((len(side), len(columns)), dtype=np.int32)
        for start in range(0, len(side), TURNED):
            some = np.array([side[c][start : start + TURNED] for c in columns]).view(np.int32)
            if unknown:
                some[some == 0] = unknown
            self._block[start : start + TURNED] = some.T

    def side(self, places: np.ndarray) -> Side:
        """The rows at some places."""
        import numpy as np

        block = np.empty((len(self._columns), len(places)), dtype=np.int32)
        for start in range(0, len(places), TURNED):
            some = places[start : start + TURNED]
            block[:, start : start + TURNED] = self._block.take(some, axis=0).T
        return Side(dict(zip(self._columns, block, strict=True)))


@dataclass(frozen=True)
class Candidates:
    """The pairs that were compared, the open records of both sides they are of, and the pattern of each."""

    sides: Both
    pairs: np.ndarray
    patterns: np.ndarray


@dataclass(frozen=True)
class Comparer:
    """Compares pairs of records by some comparisons, `near` saying whose names are near."""

    compared: tuple[Comparison, ...]
    near: NearNames
    threads: int

    def patterns(self, pairs: np.ndarray, a: Codes, b: Codes) -> np.ndarray:
        """The packed levels of each pair of places on two sides (see `pairs`)."""
        import numpy as np

        if 2 * len(pairs) < len(a) + len(b):
            pairs, a, b = _those(pairs, a, b)
        columns = tuple(dict.fromkeys(c for comparison in self.compared for c in comparison.columns))
        made = np.empty(len(pairs), dtype=np.int32)
        with ThreadPoolExecutor(self.threads) as pool:
            left, right = pool.map(Rows, (a, b), (columns, columns), UNKNOWN)

            def compare(start: int) -> None:
                at_a, at_b = ends(pairs[start : start + SLICE])
                levels = packed(self.compared, left.side(at_a), right.side(at_b), self.near)
                made[start : start + SLICE] = levels

            list(pool.map(compare, range(0, len(pairs), SLICE)))
        return made


def _those(pairs: np.ndarray, a: Codes, b: Codes) -> tuple[np.ndarray, Codes, Codes]:
    """The rows some pairs have, and the pairs in their places."""
    import numpy as np

    (at_a, of_a), (at_b, of_b) = (np.unique(at, return_inverse=True) for at in ends(pairs))
    return pair_of(of_a, of_b), a.at(at_a), b.at(at_b)
