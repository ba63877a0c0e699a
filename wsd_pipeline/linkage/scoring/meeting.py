"""Rows of two frames that agree in several columns: the columns packed into one key a row, and frames joined on it.

The key of one column says exactly what it is made of. Those of several may be equal, once in many million files, where
the columns are not: harmless where the pairs are compared afterwards, and looked at again where they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
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
            return np.arange(len(mixed), dtype=np.uint32), mixed
        return np.flatnonzero(known).astype(np.uint32), mixed[known]

    def _column(self, name: str) -> tuple[np.ndarray, np.ndarray | None]:
        import numpy as np

        if name not in self._mixed:
            column = self.frame[name]
            known = column.is_not_null().to_numpy() if column.null_count() else None
            self._mixed[name] = (_mix(column.fill_null(0).to_numpy().astype(np.uint64)), known)
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


def met(left: Keys, right: Keys) -> pl.DataFrame:
    """Every pair of a row of the left and a row of the right that share a key: at_a, at_b, key; in no order."""
    import polars as pl

    a, b = (pl.LazyFrame({f"at_{side}": places, "key": key}) for side, (places, key) in (("a", left), ("b", right)))
    pairs: pl.DataFrame = a.join(b, on="key").select("at_a", "at_b", "key").collect(engine="streaming")
    return pairs


def rids(pairs: pl.DataFrame, a: Keyed, b: Keyed) -> pl.DataFrame:
    """The rids of pairs of places: rid_a, rid_b."""
    import polars as pl

    return pl.DataFrame({"rid_a": a.frame["rid"].gather(pairs["at_a"]), "rid_b": b.frame["rid"].gather(pairs["at_b"])})


def pair_of(pairs: pl.DataFrame) -> pl.Series:
    """The two rids of each pair as one integer, `pair`."""
    import polars as pl

    return pairs.select(pair=pl.col("rid_a").cast(pl.Int64) * (1 << 32) + pl.col("rid_b").cast(pl.Int64))["pair"]


def rows(frame: pl.DataFrame, rids: pl.Series) -> pl.DataFrame:
    """The rows of a frame with the given rids, one for each and in their order."""
    import numpy as np
    import polars as pl

    held = frame["rid"].to_numpy()
    place = np.full(int(held.max(initial=-1)) + 1, -1, dtype=np.int64)
    place[held] = np.arange(len(held))
    found = frame.select(pl.all().gather(place[rids.to_numpy()]))
    return found


def only(frame: pl.DataFrame, rids: pl.Series, *, without: bool = False) -> pl.DataFrame:
    """The rows of a frame whose rids are among (or, `without`, are not among) those given, in the frame's order."""
    import numpy as np

    held = frame["rid"].to_numpy()
    among = np.zeros(int(max(held.max(initial=-1), rids.to_numpy().max(initial=-1))) + 1, dtype=bool)
    among[rids.to_numpy()] = True
    found: pl.DataFrame = frame.filter(among[held] != without)
    return found
