"""Fellegi–Sunter by expectation and maximisation, over distinct patterns of levels and their counts.

Three classes of pair: one person; two people of one household (who share surname and address but not more); and
two unrelated people. `u`, of the unrelated, is known beforehand from frequencies; `m`, the household's levels and
the sizes of the classes are learned. Patterns of pairs already linked count as one person. Method: Fellegi and
Sunter 1969; Winkler 1988; the latent household class after Winkler 1993.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.levels import FORENAME, HOME_POINTS, WRITTEN_ADDRESS, Comparison

if TYPE_CHECKING:
    import numpy as np

HOUSEHOLD_LEARNS = ("surname", "birth_date", "address")


@dataclass(frozen=True)
class Fit:
    """What was learned: per comparison the three distributions over its levels, and how many pairs of each class."""

    m: list[np.ndarray]
    u: list[np.ndarray]
    family: list[np.ndarray]
    matches: float
    households: float


def unpack(patterns: np.ndarray, compared: tuple[Comparison, ...]) -> np.ndarray:
    """The level of each comparison (columns) in each packed pattern (rows)."""
    import numpy as np

    shift, columns = 0, []
    for comparison in compared:
        columns.append((patterns >> shift) & ((1 << comparison.bits) - 1))
        shift += comparison.bits
    return np.stack(columns, axis=1)


def starting(
    compared: tuple[Comparison, ...], u: list[np.ndarray], shares: list[np.ndarray]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """First guesses of `m` and the household class: the comparisons' own; "not known" as often as by chance."""
    import numpy as np

    m, family = [], []
    for comparison, by_chance, share in zip(compared, u, shares, strict=True):
        known = 1 - by_chance[0]
        m.append(np.concatenate([by_chance[:1], known * _spread(comparison.m, comparison, share)]))
        if comparison.family is None:
            family.append(by_chance.copy())
        else:
            family.append(np.concatenate([by_chance[:1], known * _spread(comparison.family, comparison, share)]))
    return m, family


def fit(
    levels: np.ndarray,
    counts: np.ndarray,
    fixed: np.ndarray,
    *,
    compared: tuple[Comparison, ...],
    u: list[np.ndarray],
    shares: list[np.ndarray],
    unrelated: float,
    expected: float,
    iterations: int,
    strength: float,
    start: Fit | None = None,
    learn: bool = True,
    counted: bool = True,
    at_home: tuple[np.ndarray, np.ndarray] | None = None,
) -> Fit:
    """EM over patterns: `counts` of open pairs and of `fixed` (already linked) pairs with those levels.

    `unrelated` is the number of pairs that could have been compared, `expected` a first guess of the matches
    still open. With `learn` false, m and the household's levels stay as in `start`; only class sizes move.
    With `counted` false the fixed pairs alone teach m but are no part of this population: the matches found are
    then divided by the share of m that full agreement, linked before, has not taken away. `at_home` (levels,
    counts) are pairs known to be two people of one home: then the household's levels are theirs. Of address they
    say nothing, having been chosen by it.
    """
    import numpy as np

    m0, family0 = starting(compared, u, shares)
    m, family = (start.m, start.family) if start is not None else (m0, family0)
    linked = float(fixed.sum()) if counted else 0.0
    if not counted and start is None:
        # what is known to be one person teaches; strong identifiers made it known, so of them it says nothing
        m = [
            m0[k] if c.name.startswith("id") else _update(levels[:, k], fixed, m0[k], strength, c, shares[k])
            for k, c in enumerate(compared)
        ]
    if at_home is not None:
        family = [
            family0[k]
            if c.name == "address" or c.name.startswith("id")
            else _update(at_home[0][:, k], at_home[1], family0[k], strength, c, shares[k])
            for k, c in enumerate(compared)
        ]
    matches, households = linked + expected, max(expected * 0.2, 1.0)
    for _ in range(iterations):
        p_match, p_home, p_chance = _densities(levels, m, family, u)
        a, h, r = matches * p_match, households * p_home, unrelated * p_chance
        total = np.maximum(a + h + r, 1e-300)
        is_match, is_home = counts * a / total, counts * h / total
        matches = linked + max(float(is_match.sum()), 1.0) / (1.0 if counted else _left_open(m, compared))
        households = max(float(is_home.sum()), 1e-3)
        if not learn:
            continue
        if counted:
            m = [_update(levels[:, k], fixed + is_match, m0[k], strength, c, shares[k]) for k, c in enumerate(compared)]
        if at_home is None:
            family = [
                _update(levels[:, k], is_home, family0[k], strength * 8, c, shares[k])
                if c.name in HOUSEHOLD_LEARNS
                else family0[k]
                for k, c in enumerate(compared)
            ]
    return Fit(m, u, family, matches, households)


def prior_odds(levels: np.ndarray, fitted: Fit, unrelated: float) -> np.ndarray:
    """Odds that a pair of each pattern is one person, before anything is known of its rivals."""
    import numpy as np

    p_match, p_home, p_chance = _densities(levels, fitted.m, fitted.family, fitted.u)
    other = fitted.households * p_home + unrelated * p_chance
    odds: np.ndarray = fitted.matches * p_match / np.maximum(other, 1e-300)
    return odds


def weights(levels: np.ndarray, fitted: Fit) -> np.ndarray:
    """Match weight of each pattern in bits: log2 of m over u, all comparisons together."""
    import numpy as np

    p_match, _, p_chance = _densities(levels, fitted.m, fitted.family, fitted.u)
    bits: np.ndarray = np.log2(np.maximum(p_match, 1e-300) / np.maximum(p_chance, 1e-300))
    return bits


def twins(levels: np.ndarray, compared: tuple[Comparison, ...]) -> np.ndarray:
    """Which patterns may be twins: one birth date and one home or postcode, forenames known and different.

    A guard, not a weight: without a strong identifier that agrees, no other evidence can tell twins apart. A written
    address is one home from as many points as street and number, or street and postcode, make.
    """
    import numpy as np

    where = {c.name: levels[:, k] for k, c in enumerate(compared)}
    at_home = (
        where["address"] >= 1 + HOME_POINTS if WRITTEN_ADDRESS in compared else np.isin(where["address"], (1, 2, 3))
    )
    found = np.isin(where["birth_date"], (1, 2)) & at_home
    found &= where["forename"] == FORENAME.levels.index("different")
    for name, level in where.items():
        if name.startswith("id"):
            found &= level != 1
    made: np.ndarray = found
    return made


def names_agree(levels: np.ndarray) -> np.ndarray:
    """Which patterns have forenames that are known and not different."""
    import numpy as np

    made: np.ndarray = ~np.isin(levels[:, 0], (0, FORENAME.levels.index("different")))
    return made


def _left_open(m: list[np.ndarray], compared: tuple[Comparison, ...]) -> float:
    """Share of true matches that do not agree in full on names, date of birth and home or postcode."""
    full = 1.0
    for table, comparison in zip(m, compared, strict=True):
        if comparison.name in ("forename", "surname"):
            full *= float(table[1:9].sum())
        elif comparison.name == "birth_date":
            full *= float(table[1:3].sum())
        elif comparison.name == "address":
            full *= float(table[1:4].sum())
    return max(1.0 - full, 0.02)


def _densities(
    levels: np.ndarray, m: list[np.ndarray], family: list[np.ndarray], u: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    import numpy as np

    made = [np.ones(len(levels)) for _ in range(3)]
    for k in range(levels.shape[1]):
        for product, tables in zip(made, (m, family, u), strict=True):
            product *= tables[k][levels[:, k]]
    return made[0], made[1], made[2]


def _update(
    level: np.ndarray, weight: np.ndarray, prior: np.ndarray, strength: float, comparison: Comparison, share: np.ndarray
) -> np.ndarray:
    import numpy as np

    found = np.bincount(level, weights=weight, minlength=len(prior)) + strength * prior
    if comparison.banded:
        found[1 : 1 + len(share)] = found[1 : 1 + len(share)].sum() * share
    made: np.ndarray = np.maximum(found / found.sum(), 1e-9)
    return made


def _spread(given: tuple[float, ...], comparison: Comparison, share: np.ndarray) -> np.ndarray:
    import numpy as np

    values = np.array(given, dtype=float)
    if comparison.banded:
        values = np.concatenate([values[0] * share, values[1:]])
    made: np.ndarray = values / values.sum()
    return made
