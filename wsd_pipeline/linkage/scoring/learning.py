"""What a run learns from its pairs: those known to be one person, and all that were compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import em
from wsd_pipeline.linkage.scoring.pairs import pairs_at, rids_in, rids_of

if TYPE_CHECKING:
    import numpy as np

    from wsd_pipeline.linkage.scoring.codes import Codes
    from wsd_pipeline.linkage.scoring.comparing import Candidates, Comparer
    from wsd_pipeline.linkage.scoring.levels import Comparison
    from wsd_pipeline.linkage.scoring.model import Model
    from wsd_pipeline.linkage.scoring.pairs import Both
    from wsd_pipeline.linkage.scoring.settings import Settings
    from wsd_pipeline.linkage.scoring.task import Task

MOST_LISTED = 1 << 24
"""Patterns up to this integer are looked up in a list of all; further ones are searched for."""


@dataclass(frozen=True)
class Learned:
    """What was learned: the fit, by comparison of `compared`; the patterns `found`, in order; the `levels` of each.

    `unrelated` is how many pairs could have been compared.
    """

    compared: tuple[Comparison, ...]
    fit: em.Fit
    found: np.ndarray
    levels: np.ndarray
    unrelated: float

    def places(self, patterns: np.ndarray) -> np.ndarray:
        """The place of each pattern among those found."""
        import numpy as np

        most = int(self.found.max(initial=0))
        if most >= MOST_LISTED:
            return np.searchsorted(self.found, patterns)
        place = np.zeros(most + 1, dtype=np.int32)
        place[self.found] = np.arange(len(self.found), dtype=np.int32)
        return place.take(patterns)


def learn(
    task: Task,
    settings: Settings,
    comparer: Comparer,
    candidates: Candidates,
    *,
    everybody: Both,
    fixed: np.ndarray,
    u: list[np.ndarray],
    shares: list[np.ndarray],
    model: Model | None,
) -> Learned:
    """What EM makes of the candidates' patterns, and of those of the `fixed` pairs of everybody, linked already.

    With a `model` nothing is learned but how many pairs are of each class.
    """
    import numpy as np

    compared = comparer.compared
    taught, total, sides = _taught(task, settings, everybody, fixed)
    linked, n_linked = np.unique(comparer.patterns(taught, *sides), return_counts=True)
    seen, n_seen = np.unique(candidates.patterns, return_counts=True)
    found = np.union1d(linked, seen)
    counts, known = np.zeros(len(found)), np.zeros(len(found))
    counts[np.searchsorted(found, seen)] = n_seen
    known[np.searchsorted(found, linked)] = n_linked * (total / max(len(taught), 1))
    n_a, n_b = (len(side) for side in candidates.sides)
    unrelated = max(n_a * (n_a - 1) / 2 if task.one_table else float(n_a) * n_b, 1.0)
    levels = em.unpack(found, compared)
    fit = em.fit(
        levels, counts, known,
        compared=compared, u=u, shares=shares, unrelated=unrelated,
        expected=max(0.3 * min(n_a, n_b), 1.0), iterations=settings.iterations, strength=settings.prior_strength,
        start=None if model is None else model.fit_for(compared, u, min(len(task.a), len(task.b))),
        learn=model is None, counted=task.same is None, at_home=_at_home(task, everybody[1], comparer),
    )  # fmt: skip
    return Learned(compared, fit, found, levels, unrelated)


def _taught(task: Task, settings: Settings, everybody: Both, fixed: np.ndarray) -> tuple[np.ndarray, int, Both]:
    """A sample of the pairs known to be one person, which is enough to learn from; how many there are; their sides."""
    rids = rids_of(everybody, fixed)[0]
    if task.same is not None:
        everybody = (everybody[1], everybody[1])
        rids, others = rids_in(task.same)
        fixed = pairs_at(everybody, rids, others)
    return fixed[rids % max(1, len(fixed) // settings.learn_from) == 0], len(fixed), everybody


def _at_home(task: Task, records: Codes, comparer: Comparer) -> tuple[np.ndarray, np.ndarray] | None:
    """Levels, and how often they occur, of pairs known to be two people of one home, where any are known."""
    import numpy as np

    if task.apart is None:
        return None
    pairs = pairs_at((records, records), *rids_in(task.apart))
    found, n = np.unique(comparer.patterns(pairs, records, records), return_counts=True)
    return em.unpack(found, comparer.compared), n.astype(float)
