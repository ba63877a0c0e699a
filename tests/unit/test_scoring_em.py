"""EM over patterns: against a dull loop over pairs, and against recordlinkage's weights where both can speak."""

from __future__ import annotations

import math

import numpy as np
import pytest

from wsd_pipeline.linkage.scoring import em
from wsd_pipeline.linkage.scoring.levels import Comparison


def agree(name: str, m: float = 0.9, family: tuple[float, float] | None = None) -> Comparison:
    levels = ("not known", "same", "different")
    return Comparison(name, levels, (name,), lambda a, b, near: np.zeros(0), (m, 1 - m), family, 2)


COMPARED = tuple(agree(n) for n in ("x", "y", "z", "w"))
SHARES = [np.ones(1)] * 4


def pairs(rng: np.random.Generator, m: list[float], u: list[float], matches: int, others: int) -> np.ndarray:
    """Levels (1 same, 2 different) of pairs drawn with these chances of agreement."""
    made = [np.where(rng.random((size, 4)) < p, 1, 2) for size, p in ((matches, m), (others, u))]
    return np.concatenate(made)


def dull(
    levels: np.ndarray, u: list[float], m: list[float], iterations: int, matches: float
) -> tuple[list[float], float]:
    """The same EM, a pair at a time, no prior, no households."""
    total = len(levels)
    for _ in range(iterations):
        weight, agreed = 0.0, [0.0] * 4
        for row in levels.tolist():
            p = matches * math.prod(mk if v == 1 else 1 - mk for mk, v in zip(m, row, strict=True))
            q = total * math.prod(uk if v == 1 else 1 - uk for uk, v in zip(u, row, strict=True))
            share = p / (p + q)
            weight += share
            agreed = [a + share * (v == 1) for a, v in zip(agreed, row, strict=True)]
        m, matches = [a / weight for a in agreed], weight
    return m, matches


@pytest.mark.slow
def test_em_over_patterns_is_em_over_pairs() -> None:
    levels = pairs(np.random.default_rng(1), [0.95, 0.9, 0.85, 0.97], [0.02, 0.1, 0.05, 0.3], 300, 3000)
    patterns, counts = np.unique(levels, axis=0, return_counts=True)
    u = [np.array([1e-9, k, 1 - k]) for k in (0.02, 0.1, 0.05, 0.3)]
    fitted = em.fit(
        patterns, counts.astype(float), np.zeros(len(counts)), compared=COMPARED, u=u, shares=SHARES,
        unrelated=float(len(levels)), expected=400.0, iterations=40, strength=1e-9,
    )  # fmt: skip
    m, matches = dull(levels, [0.02, 0.1, 0.05, 0.3], [0.9] * 4, 40, 400.0)
    assert fitted.matches == pytest.approx(matches, rel=0.02)
    assert [t[1] for t in fitted.m] == pytest.approx(m, rel=0.02)


def test_linked_pairs_teach_m() -> None:
    levels = np.array([[1, 1, 1, 1], [2, 1, 1, 1]])
    u = [np.array([1e-9, 0.1, 0.9])] * 4
    fitted = em.fit(
        levels, np.zeros(2), np.array([70.0, 30.0]), compared=COMPARED, u=u, shares=SHARES, unrelated=1e6,
        expected=1.0, iterations=5, strength=1e-6,
    )  # fmt: skip
    assert fitted.m[0][1] == pytest.approx(0.7, abs=0.02)


def test_weight_is_log2_of_m_over_u_as_in_recordlinkage() -> None:
    import pandas as pd
    import recordlinkage

    levels = pairs(np.random.default_rng(2), [0.95, 0.9, 0.9, 0.97], [0.05, 0.1, 0.05, 0.1], 500, 2000)
    index = pd.MultiIndex.from_arrays([range(len(levels)), range(len(levels))])
    ecm = recordlinkage.ECMClassifier()
    ecm.fit(pd.DataFrame((levels == 1).astype(int), columns=list("xyzw"), index=index))
    m = [np.array([1e-12, ecm.m_probs[c][1], ecm.m_probs[c][0]]) for c in "xyzw"]
    u = [np.array([1e-12, ecm.u_probs[c][1], ecm.u_probs[c][0]]) for c in "xyzw"]
    bits = em.weights(np.array([[1, 1, 2, 1]]), em.Fit(m, u, u, 1.0, 0.0))
    expected = [ecm.log_weights["x"][1], ecm.log_weights["y"][1], ecm.log_weights["z"][0], ecm.log_weights["w"][1]]
    assert bits[0] * math.log(2) == pytest.approx(sum(expected), rel=1e-6)


def test_households_do_not_pass_for_people() -> None:
    compared = (
        agree("surname", 0.95, (0.9, 0.1)), agree("address", 0.9, (0.95, 0.05)),
        agree("forename"), agree("birth_date"),
    )  # fmt: skip
    rng = np.random.default_rng(4)
    people = pairs(rng, [0.97, 0.9, 0.95, 0.97], [0] * 4, 400, 0)
    family = pairs(rng, [0.92, 0.99, 0.01, 0.002], [0] * 4, 600, 0)
    levels = np.concatenate([people, family, pairs(rng, [0] * 4, [0.001, 0.001, 0.01, 0.0005], 0, 4000)])
    patterns, counts = np.unique(levels, axis=0, return_counts=True)
    u = [np.array([1e-9, k, 1 - k]) for k in (0.001, 0.0001, 0.01, 0.0005)]
    fitted = em.fit(
        patterns, counts.astype(float), np.zeros(len(counts)), compared=compared, u=u, shares=SHARES,
        unrelated=1e7, expected=400.0, iterations=60, strength=5.0,
    )  # fmt: skip
    one_home, one_person = em.prior_odds(np.array([[1, 1, 2, 2], [1, 1, 1, 1]]), fitted, 1e7)
    assert fitted.households == pytest.approx(600, rel=0.2)
    assert one_home < 0.05
    assert one_person > 20


def test_levels_survive_packing() -> None:
    packed = np.array([1 | 2 << 2 | 0 << 4 | 2 << 6])
    assert em.unpack(packed, COMPARED).tolist() == [[1, 2, 0, 2]]
