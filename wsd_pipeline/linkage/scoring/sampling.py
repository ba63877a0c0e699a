"""Some of many records, and random pairs of them: the same for the same rids, whatever the order of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.pairs import pair_of

if TYPE_CHECKING:
    import numpy as np


def some(rids: np.ndarray, most: int) -> np.ndarray:
    """The places of at most so many of the rids, in the order of the rids."""
    import numpy as np

    order = np.argsort(rids)
    if len(order) <= most:
        return order
    return order[np.sort(np.random.default_rng(3).choice(len(order), most, replace=False))]


def random_pairs(left: np.ndarray, right: np.ndarray, size: int) -> np.ndarray:
    """Random pairs (see `pairs`) of places on either side, none with itself where both sides are the same."""
    import numpy as np

    rng = np.random.default_rng(5)
    one, other = (side[rng.integers(0, len(side), size)] for side in (left, right))
    pairs = pair_of(one, other)
    return pairs[one != other] if left is right else pairs
