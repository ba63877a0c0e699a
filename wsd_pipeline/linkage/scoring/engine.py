"""The engine: coded records in, linked pairs out. Link two tables or find one person twice in one.

Records are arrays of codes (`coding.CODE_COLUMNS`, and `id1`… for strong identifiers). In order:
deterministic passes; u from frequencies; blocking; levels packed into one integer a pair; EM over patterns;
rivals weighed; links. Nothing depends on the order of rows.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import blocking, frequency, linking
from wsd_pipeline.linkage.scoring.chances import chances
from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.comparing import Candidates, Comparer
from wsd_pipeline.linkage.scoring.learning import learn
from wsd_pipeline.linkage.scoring.levels import comparisons
from wsd_pipeline.linkage.scoring.model import Model, model_of
from wsd_pipeline.linkage.scoring.near import NearNames
from wsd_pipeline.linkage.scoring.pairs import ends, pairs_at, rids_in, rids_of
from wsd_pipeline.linkage.scoring.passes import Fixed, passes, run_passes
from wsd_pipeline.linkage.scoring.settings import DEFAULTS, Settings
from wsd_pipeline.linkage.scoring.task import Found, Task

if TYPE_CHECKING:
    import numpy as np

    from wsd_pipeline.linkage.scoring.pairs import Both

NOT_BLOCKED = frozenset({"rid"})


def run(task: Task, *, settings: Settings = DEFAULTS, trained_on: str = "", model: Model | None = None) -> Found:
    """Link the task's records. With a `model`, its m and household levels are used and nothing is learned but sizes."""
    with ThreadPoolExecutor(1) as aside:
        return _Run(task, settings, aside).found(trained_on, model)


class _Run:
    """One run: its records, and the time each stage took. What can wait goes `aside`, to another thread."""

    def __init__(self, task: Task, settings: Settings, aside: ThreadPoolExecutor) -> None:
        self.task, self.settings, self.aside = task, settings, aside
        self.seconds: dict[str, float] = {}
        self.clock = time.perf_counter()
        a = Codes.of(task.a)
        self.everybody = (a, a if task.one_table else Codes.of(task.b))

    def found(self, trained_on: str, model: Model | None) -> Found:
        task, settings = self.task, self.settings
        compared = comparisons(written=task.written, strong_ids=task.strong_ids)
        banded, near = self.aside.submit(self._banded), self.aside.submit(NearNames, task.variants)
        held = frozenset(c for c in self.everybody[0] if all(side[c].any() for side in self.everybody)) - NOT_BLOCKED
        fixed = self._fix(held)
        self._lap("passes")
        self.everybody = banded.result()
        shares = [frequency.band_shares(self._sides(), c) for c in compared]
        still_open = self._open(fixed)
        comparer = Comparer(compared, near.result(), settings.threads)
        self._lap("open")
        u = self.aside.submit(chances, task, still_open, comparer, settings)
        rules, pairs = blocking.candidates(*still_open, settings, task.strong_ids, held, one_table=task.one_table)
        self._lap("block")
        pairs = self._not_known(pairs, still_open, fixed)
        candidates = Candidates(still_open, pairs, comparer.patterns(pairs, *still_open))
        self._lap("compare")
        learned = learn(
            task, settings, comparer, candidates,
            everybody=self.everybody, fixed=fixed.pairs, u=u.result(), shares=shares, model=model,
        )  # fmt: skip
        self._lap("learn")
        made = linking.scored(task, settings, learned, candidates, fixed=len(fixed))
        made = linking.with_fixed(made, self.everybody, fixed) if task.people is None else made
        self._lap("assign")
        rows, records = len(task.a) + len(task.b), min(len(task.a), len(task.b))
        model = model or model_of(learned.fit, compared, shares, trained_on=trained_on, rows=rows, records=records)
        names = tuple(" + ".join(r.columns) for r in rules)
        return Found(made, model, len(pairs), names, dict(self.seconds), compared, learned.fit)

    def _lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self.clock, 3)
        self.clock = now

    def _sides(self) -> list[Codes]:
        """The tables: one, or two."""
        return list(self.everybody[:1] if self.task.one_table else self.everybody)

    def _banded(self) -> Both:
        """Everybody with frequency bands."""
        sides = frequency.add_bands(self._sides())
        return sides[0], sides[-1]

    def _fix(self, held: frozenset[str]) -> Fixed:
        """What is linked before anything is scored."""
        task = self.task
        found = passes(task.strong_ids, held) if task.people is None else []
        return run_passes(*self.everybody, found, unique=task.both_unique, one_table=task.one_table)

    def _open(self, fixed: Fixed) -> Both:
        """The records still open: all but those linked for good."""
        import numpy as np

        places = []
        for side, name, linked in zip(self.everybody, "ab", ends(fixed.pairs), strict=True):
            is_open = np.ones(len(side), dtype=np.bool_)
            is_open[linked] = not self._leaves(name)
            places.append(np.flatnonzero(is_open))
        if all(len(at) == len(side) for side, at in zip(self.everybody, places, strict=True)):
            return self.everybody
        with ThreadPoolExecutor(self.settings.threads) as pool:
            a, b = pool.map(Codes.at, self.everybody, places)
        return a, b

    def _leaves(self, side: str) -> bool:
        """Whether a linked record of this side can have no further partner."""
        task = self.task
        return task.both_unique or (
            not task.one_table and (task.b_is_unique if side == "a" else task.a_is_unique) and task.people is None
        )

    def _not_known(self, pairs: np.ndarray, still_open: Both, fixed: Fixed) -> np.ndarray:
        """Pairs of two records that are not one, nor linked already, nor of one cluster."""
        import numpy as np

        task = self.task
        if task.not_itself is not None:
            pairs = pairs[np.isin(pairs, pairs_at(still_open, *rids_in(task.not_itself)), invert=True)]
        if not task.both_unique and task.same is None:
            linked = pairs_at(still_open, *rids_of(self.everybody, fixed.pairs))
            pairs = pairs[np.isin(pairs, linked, invert=True)]
        if task.people is not None:
            of_a, of_b = (side["grp"].take(at) for side, at in zip(still_open, ends(pairs), strict=True))
            pairs = pairs[of_a != of_b]
        return pairs
