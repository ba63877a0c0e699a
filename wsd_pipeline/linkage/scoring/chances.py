"""u: how often two people agree by chance, told by exact counts and by random pairs of open records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import em, frequency
from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.sampling import random_pairs, some

if TYPE_CHECKING:
    import numpy as np

    from wsd_pipeline.linkage.scoring.comparing import Comparer
    from wsd_pipeline.linkage.scoring.pairs import Both
    from wsd_pipeline.linkage.scoring.settings import Settings
    from wsd_pipeline.linkage.scoring.task import Task


def chances(task: Task, sides: Both, comparer: Comparer, settings: Settings) -> list[np.ndarray]:
    """u of each comparison among the open records: of each of its levels the share of pairs of two people."""
    import numpy as np

    if task.u is not None:
        return task.u
    (a, b), within = sides, (task.one_table, task.a_is_unique, task.b_is_unique)
    if task.people is not None:
        a = b = frequency.add_bands([Codes.of(task.people)])[0]
        within = (True, False, False)
    if not len(a) or not len(b):
        return [np.full(len(c.levels), 1 / len(c.levels)) for c in comparer.compared]
    drawn, n = np.unique(_drawn(task, sides, comparer, settings), return_counts=True)
    levels = em.unpack(drawn, comparer.compared)
    return [frequency.chance(c, levels[:, k], n, a, b, within) for k, c in enumerate(comparer.compared)]


def _drawn(task: Task, sides: Both, comparer: Comparer, settings: Settings) -> np.ndarray:
    """Patterns of random pairs of two people: within the files of one row per person, where there are any."""
    import numpy as np

    a, b = sides
    if task.people is not None:
        people = b.at(np.sort(b.places_of(task.people["rid"].to_numpy())))
        from_ = [(people, people)]
    else:
        from_ = [(a, a)] * (task.a_is_unique and len(a) > 1) + [(b, b)] * (task.b_is_unique and len(b) > 1)
    found = []
    for left, right in from_ or [sides]:
        one, other = (some(side["rid"], settings.sample_records) for side in (left, right))
        size = min(settings.sample_pairs // max(len(from_), 1), 20 * len(one) * len(other))
        pairs = random_pairs(one, one if left is right else other, size)
        found.append(comparer.patterns(pairs, left, right))
    return np.concatenate(found)
