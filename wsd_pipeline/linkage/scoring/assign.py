"""From pairs to links: probabilities made to compete, one-to-one where it is declared, a margin over the runner-up.

Where a file has one row per person, a record's possible partners rule each other out, and so do they rule out its
having none. For a pair with odds o: p = z·o / (1 + z·(sum of o over the pairs of either record)), where z accounts
for the share of records that have a partner at all. That share is estimated from the same probabilities, so the
prior calibrates itself at every size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MOST_PARTNERED = 0.98
NO_RIVAL = 64.0


@dataclass(frozen=True)
class Scored:
    """Open pairs that have a chance: records, odds before rivals, probability after, margin in bits."""

    a: np.ndarray
    b: np.ndarray
    odds: np.ndarray
    probability: np.ndarray
    margin: np.ndarray


def compete(
    a: np.ndarray,
    b: np.ndarray,
    odds: np.ndarray,
    *,
    open_a: int,
    open_b: int,
    expected: float,
    fixed: float,
    a_is_unique: bool,
    b_is_unique: bool,
    rescale: bool = True,
    rounds: int = 6,
) -> Scored:
    """Probabilities of open pairs. `expected` is EM's number of open matches, `fixed` the pairs already linked."""
    import numpy as np

    first = fixed + expected
    for _ in range(rounds):
        scale = np.clip((fixed + expected) / max(first, 1e-9), 0.25, 4.0) if rescale else 1.0
        boost = 1.0
        # a record of a is alone with at most one partner when b has one row per person, and the other way about
        if b_is_unique:
            boost /= 1 - min(expected / max(open_a, 1), MOST_PARTNERED)
        if a_is_unique:
            boost /= 1 - min(expected / max(open_b, 1), MOST_PARTNERED)
        o = odds * scale * boost
        rivals = 1.0 + o
        if b_is_unique:
            rivals = rivals + np.bincount(a, weights=o, minlength=open_a)[a] - o
        if a_is_unique:
            rivals = rivals + np.bincount(b, weights=o, minlength=open_b)[b] - o
        p = o / rivals
        expected = float(p.sum())
    return Scored(a, b, odds, p, _margins(a, b, odds))


def _margins(a: np.ndarray, b: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Bits by which a pair's odds beat the best other pair of either of its records (64 where there is none)."""
    import numpy as np

    margin = np.full(len(a), NO_RIVAL)
    rising = np.argsort(odds, kind="stable")
    bits = np.log2(np.maximum(odds, 1e-300))
    for side in (a, b):
        # the last writer of each record is its best pair; without the best ones, the second best
        size = int(side.max(initial=0)) + 1
        best, second = np.full(size, -1), np.full(size, -1)
        best[side[rising]] = rising
        rest = rising[best[side[rising]] != rising]
        second[side[rest]] = rest
        is_best = best[side] == np.arange(len(side))
        rival = np.where(is_best, second[side], best[side])
        margin = np.minimum(margin, np.where(rival < 0, NO_RIVAL, bits - bits[rival]))
    clipped: np.ndarray = np.maximum(margin, -NO_RIVAL)
    return clipped


def best_pairs(scored: Scored, *, a_is_unique: bool, b_is_unique: bool) -> np.ndarray:
    """Which pairs may stand: each the best of its records, on the sides where only one can be true."""
    import numpy as np

    keep = np.ones(len(scored.a), dtype=bool)
    # ties of probability go by record, so that the order of pairs (by record) decides, whatever the order of rows
    rising = np.argsort(scored.probability, kind="stable")
    for side, asked in ((scored.a, b_is_unique), (scored.b, a_is_unique)):
        if asked:
            best = np.full(int(side.max(initial=0)) + 1, -1)
            best[side[rising]] = rising
            keep &= best[side] == np.arange(len(side))
    return keep
