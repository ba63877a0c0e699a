"""The levels of many pairs: the rows of both sides brought together, a slice of pairs at a time, on every core.

What is read of a record lies together in memory, for pairs meet rows at random: one look for a row, not one a column.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.levels import UNKNOWN, Comparison, Side, packed
from wsd_pipeline.linkage.scoring.meeting import ends, pair_of, places_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from wsd_pipeline.linkage.scoring.near import NearNames

SLICE = 1 << 17
"""Pairs compared at a time."""
TURNED = 1 << 14
"""Rows whose columns are laid apart at a time: so many stay near the processor."""


class Rows:
    """What comparisons read of a frame's rows; `unknown` stands for what is not known."""

    def __init__(self, frame: pl.DataFrame, compared: tuple[Comparison, ...], unknown: int) -> None:
        import polars as pl

        columns = list(dict.fromkeys(c for comparison in compared for c in comparison.columns))
        self._wide = [c for c in columns if frame.schema[c] == pl.UInt64]
        self._narrow = [c for c in columns if c not in self._wide]
        narrow = frame.select(pl.col(self._narrow).cast(pl.Int32).fill_null(unknown))
        self._block = narrow.to_numpy(order="c", writable=False)
        # a token loses its last bit, so that what is not known can be a number no token is
        wide = frame.select((pl.col(self._wide) // 2).cast(pl.Int64).fill_null(unknown))
        self._tokens = {c: wide[c].to_numpy() for c in self._wide}

    def side(self, places: np.ndarray) -> Side:
        """The rows at some places."""
        import numpy as np

        block = np.empty((len(self._narrow), len(places)), dtype=np.int32)
        for start in range(0, len(places), TURNED):
            some = places[start : start + TURNED]
            block[:, start : start + TURNED] = self._block.take(some, axis=0).T
        codes = dict(zip(self._narrow, block, strict=True))
        return Side({**codes, **{c: tokens.take(places) for c, tokens in self._tokens.items()}})


def patterns(
    pairs: np.ndarray,
    a: pl.DataFrame,
    b: pl.DataFrame,
    compared: tuple[Comparison, ...],
    near: NearNames,
    threads: int,
) -> np.ndarray:
    """The packed levels of each pair of places in two frames (see `meeting`)."""
    import numpy as np

    left, right = (Rows(frame, compared, unknown) for frame, unknown in zip((a, b), UNKNOWN, strict=True))
    made = np.empty(len(pairs), dtype=np.int32)

    def compare(start: int) -> None:
        at_a, at_b = ends(pairs[start : start + SLICE])
        made[start : start + SLICE] = packed(compared, left.side(at_a), right.side(at_b), near)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(compare, range(0, len(pairs), SLICE)))
    return made


def patterns_of_rids(
    pairs: pl.DataFrame,
    a: pl.DataFrame,
    b: pl.DataFrame,
    compared: tuple[Comparison, ...],
    near: NearNames,
    threads: int,
) -> np.ndarray:
    """The packed levels of each pair of rids (rid_a, rid_b) of rows of two frames: for few of many rows."""
    import numpy as np

    rows, at = [], []
    for frame, side in ((a, "rid_a"), (b, "rid_b")):
        rids, place = np.unique(pairs[side].to_numpy(), return_inverse=True)
        rows.append(frame[places_of(frame, rids)])
        at.append(place)
    return patterns(pair_of(*at), rows[0], rows[1], compared, near, threads)
