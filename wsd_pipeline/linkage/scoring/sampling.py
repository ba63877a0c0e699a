"""Some of many records, and random pairs of them: the same for the same rids, whatever the order of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def some(rids: pl.Series, most: int) -> pl.Series:
    """At most so many of the rids, in order, the same for the same rids."""
    import numpy as np

    ordered = rids.sort()
    if len(ordered) <= most:
        return ordered
    return ordered.gather(np.sort(np.random.default_rng(3).choice(len(ordered), most, replace=False)))


def random_pairs(left: pl.Series, right: pl.Series, size: int) -> pl.DataFrame:
    """Random pairs of rids, the same for the same rids."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(5)
    picked = [side.gather(rng.integers(0, len(side), size)) for side in (left, right)]
    return pl.DataFrame({"rid_a": picked[0], "rid_b": picked[1]}).filter(
        pl.lit(left is not right) | (pl.col("rid_a") != pl.col("rid_b"))
    )
