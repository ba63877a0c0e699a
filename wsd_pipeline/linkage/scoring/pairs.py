"""A pair of records as one integer: the place of a's row in its upper half, of b's in its lower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.codes import Codes

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    Both = tuple[Codes, Codes]


def pair_of(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Each two numbers (places, or rids) as one integer."""
    import numpy as np

    made: np.ndarray = a.astype(np.int64) << 32 | b
    return made


def ends(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of a and the number of b in each pair."""
    return pairs >> 32, pairs & 0xFFFFFFFF


def rids_of(sides: Both, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rids of the rows of each pair."""
    a, b = (side["rid"].take(at) for side, at in zip(sides, ends(pairs), strict=True))
    return a, b


def pairs_at(sides: Both, rid_a: np.ndarray, rid_b: np.ndarray) -> np.ndarray:
    """The pairs of rows with these rids, less those of which one is not there."""
    at_a, at_b = (side.places_of(rids) for side, rids in zip(sides, (rid_a, rid_b), strict=True))
    there = (at_a >= 0) & (at_b >= 0)
    return pair_of(at_a[there], at_b[there])


def rids_in(frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The two columns of a frame of pairs of rids."""
    a, b = (column.to_numpy() for column in frame.iter_columns())
    return a, b
