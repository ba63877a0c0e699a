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
    rounds: int = 6,
) -> Scored:
    """Probabilities of open pairs. `expected` is EM's number of open matches, `fixed` the pairs already linked."""
    import numpy as np

    first = fixed + expected
    for _ in range(rounds):
        scale = np.clip((fixed + expected) / max(first, 1e-9), 0.25, 4.0)
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

    bits = np.log2(np.maximum(odds, 1e-300))
    margin = np.full(len(a), 64.0)
    for side in (a, b):
        order = np.lexsort((-bits, side))
        s, w = side[order], bits[order]
        first = np.ones(len(s), dtype=bool)
        first[1:] = s[1:] != s[:-1]
        starts = np.flatnonzero(first)
        group = np.cumsum(first) - 1
        has_second = np.zeros(len(starts), dtype=bool)
        second = np.full(len(starts), -1e9)
        following = starts + 1
        inside = following < len(s)
        inside[inside] &= s[following[inside]] == s[starts[inside]]
        has_second[inside] = True
        second[inside] = w[following[inside]]
        best = w[starts][group]
        rival = np.where(first, second[group], best)
        beats = np.where(first & ~has_second[group], 64.0, w - rival)
        margin[order] = np.minimum(margin[order], beats)
    return np.clip(margin, -64, 64)


def best_pairs(scored: Scored, *, a_is_unique: bool, b_is_unique: bool) -> np.ndarray:
    """Which pairs may stand: each the best of its records, on the sides where only one can be true."""
    import numpy as np

    keep = np.ones(len(scored.a), dtype=bool)
    rank = np.lexsort((scored.b, scored.a, -scored.probability))
    if b_is_unique:
        keep &= _first_of(scored.a, rank)
    if a_is_unique:
        keep &= _first_of(scored.b, rank)
    return keep


def _first_of(side: np.ndarray, rank: np.ndarray) -> np.ndarray:
    import numpy as np

    _, where = np.unique(side[rank], return_index=True)
    first = np.zeros(len(side), dtype=bool)
    first[rank[where]] = True
    return first
