"""The engine: coded records in, linked pairs out. Link two tables or find one person twice in one.

Records are arrays of codes (`coding.CODE_COLUMNS`, and `id1`… for strong identifiers). In order:
deterministic passes; u from frequencies; blocking; levels packed into one integer a pair; EM over patterns;
rivals weighed; links. Nothing depends on the order of rows.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import assign, blocking, em, frequency
from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.comparing import Comparer
from wsd_pipeline.linkage.scoring.levels import comparisons
from wsd_pipeline.linkage.scoring.meeting import ends, pair_of
from wsd_pipeline.linkage.scoring.model import Model, model_of
from wsd_pipeline.linkage.scoring.near import NearNames
from wsd_pipeline.linkage.scoring.passes import Fixed, passes, run_passes
from wsd_pipeline.linkage.scoring.sampling import random_pairs, some
from wsd_pipeline.linkage.scoring.settings import DEFAULTS, Settings
from wsd_pipeline.linkage.scoring.task import Found, Task

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    Both = tuple[Codes, Codes]

SURE_BITS = 64.0
MOST_LISTED = 1 << 24
"""Patterns up to this integer are looked up in a list of all; further ones are searched for."""
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
        self.compared = comparisons(written=task.written, strong_ids=task.strong_ids)
        a = Codes.of(task.a)
        self.everybody = (a, a if task.one_table else Codes.of(task.b))
        self.banded = aside.submit(self._banded)
        self.near = aside.submit(NearNames, task.variants)

    def found(self, trained_on: str, model: Model | None) -> Found:
        task = self.task
        held = frozenset(c for c in self.everybody[0] if all(side[c].any() for side in self.everybody)) - NOT_BLOCKED
        self.fixed = self._fix(held)
        self._lap("passes")
        self.everybody, shares = self.banded.result()
        self.open = self._open()
        self._lap("open")
        chances = self.aside.submit(self._chances)
        rules, candidates = blocking.candidates(
            *self.open, self.settings, task.strong_ids, held, one_table=task.one_table
        )
        self._lap("block")
        self._compare(candidates)
        self._lap("compare")
        fitted, found, levels, unrelated = self._learn(chances, shares, model)
        self._lap("learn")
        pairs = self._assign(fitted, found, levels, unrelated)
        self._lap("assign")
        records = min(len(task.a), len(task.b))
        made = model or model_of(
            fitted, self.compared, shares, trained_on=trained_on, rows=len(task.a) + len(task.b), records=records
        )
        names = tuple(" + ".join(r.columns) for r in rules)
        return Found(pairs, made, len(self.pairs), names, dict(self.seconds), self.compared, fitted)

    def _lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self.clock, 3)
        self.clock = now

    def _banded(self) -> tuple[Both, list[np.ndarray]]:
        """Everybody with frequency bands, and what share of rows has each."""
        sides = frequency.add_bands([self.everybody[0]] if self.task.one_table else list(self.everybody))
        return (sides[0], sides[-1]), [frequency.band_shares(sides, c) for c in self.compared]

    def _fix(self, held: frozenset[str]) -> Fixed:
        """What is linked before anything is scored."""
        task = self.task
        found = passes(task.strong_ids, held) if task.people is None else []
        self.steps = [p.step for p in found]
        return run_passes(*self.everybody, found, unique=task.both_unique, one_table=task.one_table)

    def _open(self) -> Both:
        """The records still open: all but those linked for good."""
        import numpy as np

        made = []
        for side, name, linked in zip(self.everybody, "ab", ends(self.fixed.pairs), strict=True):
            is_open = np.ones(len(side), dtype=np.bool_)
            is_open[linked] = not self._leaves(name)
            made.append(np.flatnonzero(is_open))
        if all(len(places) == len(side) for side, places in zip(self.everybody, made, strict=True)):
            return self.everybody
        with ThreadPoolExecutor(self.settings.threads) as pool:
            a, b = pool.map(Codes.at, self.everybody, made)
        return a, b

    def _leaves(self, side: str) -> bool:
        """Whether a linked record of this side can have no further partner."""
        task = self.task
        return task.both_unique or (
            not task.one_table and (task.b_is_unique if side == "a" else task.a_is_unique) and task.people is None
        )

    def _chances(self) -> list[np.ndarray]:
        """u of each comparison among open records."""
        import numpy as np

        if self.task.u is not None:
            return self.task.u
        (a, b), people = self.open, self.task.people
        within = (self.task.one_table, self.task.a_is_unique, self.task.b_is_unique)
        if people is not None:
            a = b = frequency.add_bands([Codes.of(people)])[0]
            within = (True, False, False)
        if not len(a) or not len(b):
            return [np.full(len(c.levels), 1 / len(c.levels)) for c in self.compared]
        drawn, n = _counted(self._drawn())
        levels = em.unpack(drawn, self.compared)
        return [frequency.chance(c, levels[:, k], n, a, b, within) for k, c in enumerate(self.compared)]

    def _drawn(self) -> np.ndarray:
        """Patterns of random pairs of two people: within the files of one row per person, where there are any."""
        import numpy as np

        task, (a, b) = self.task, self.open
        if task.people is not None:
            people = b.at(np.sort(b.places_of(task.people["rid"].to_numpy())))
            from_ = [(people, people)]
        else:
            from_ = [(a, a)] * (task.a_is_unique and len(a) > 1) + [(b, b)] * (task.b_is_unique and len(b) > 1)
        found = []
        for left, right in from_ or [(a, b)]:
            one, other = (some(side["rid"], self.settings.sample_records) for side in (left, right))
            size = min(self.settings.sample_pairs // max(len(from_), 1), 20 * len(one) * len(other))
            found.append(self._patterns(random_pairs(one, one if left is right else other, size), left, right))
        return np.concatenate(found)

    def _patterns(self, pairs: np.ndarray, left: Codes, right: Codes) -> np.ndarray:
        return Comparer(self.compared, self.near.result(), self.settings.threads).patterns(pairs, left, right)

    def _compare(self, pairs: np.ndarray) -> None:
        """`pairs` and `patterns`: of every pair of two records that are not one or linked already."""
        import numpy as np

        (a, b), task = self.open, self.task
        if task.not_itself is not None:
            pairs = pairs[np.isin(pairs, _at(a, b, *_rids(task.not_itself)), invert=True)]
        if not task.both_unique and task.same is None:
            pairs = pairs[np.isin(pairs, _at(a, b, *self._rids_of(self.everybody, self.fixed.pairs)), invert=True)]
        if task.people is not None:
            at_a, at_b = ends(pairs)
            pairs = pairs[a["grp"].take(at_a) != b["grp"].take(at_b)]
        self.pairs = pairs
        self.patterns = self._patterns(pairs, a, b)

    def _rids_of(self, sides: Both, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b = (side["rid"].take(at) for side, at in zip(sides, ends(pairs), strict=True))
        return a, b

    def _taught(self) -> tuple[np.ndarray, int, Codes, Codes]:
        """Pairs known to be one person, a sample of how many, and of which sides: enough to learn from."""
        left, right = self.everybody
        pairs, rids = self.fixed.pairs, left["rid"].take(ends(self.fixed.pairs)[0])
        if self.task.same is not None:
            rids, others = _rids(self.task.same)
            left, pairs = right, _at(right, right, rids, others)
        return pairs[rids % max(1, len(pairs) // self.settings.learn_from) == 0], len(pairs), left, right

    def _learn(
        self, chances: Future[list[np.ndarray]], shares: list[np.ndarray], model: Model | None
    ) -> tuple[em.Fit, np.ndarray, np.ndarray, float]:
        import numpy as np

        taught, total, left, right = self._taught()
        at_home = self._at_home(right)
        linked, n_linked = _counted(self._patterns(taught, left, right))
        compared, n_compared = _counted(self.patterns)
        found = np.union1d(linked, compared)
        counts, fixed = np.zeros(len(found)), np.zeros(len(found))
        counts[np.searchsorted(found, compared)] = n_compared
        fixed[np.searchsorted(found, linked)] = n_linked * (total / max(len(taught), 1))
        levels, u = em.unpack(found, self.compared), chances.result()
        n_a, n_b = (len(side) for side in self.open)
        unrelated = n_a * (n_a - 1) / 2 if self.task.one_table else float(n_a) * n_b
        start = None if model is None else model.fit_for(self.compared, u, min(len(self.task.a), len(self.task.b)))
        fitted = em.fit(
            levels, counts, fixed,
            compared=self.compared, u=u, shares=shares, unrelated=max(unrelated, 1.0),
            expected=max(0.3 * min(n_a, n_b), 1.0), iterations=self.settings.iterations,
            strength=self.settings.prior_strength, start=start, learn=model is None,
            counted=self.task.same is None, at_home=at_home,
        )  # fmt: skip
        return fitted, found, levels, max(unrelated, 1.0)

    def _at_home(self, records: Codes) -> tuple[np.ndarray, np.ndarray] | None:
        """Levels, and how often they occur, of pairs known to be two people of one home, where any are known."""
        if self.task.apart is None:
            return None
        pairs = _at(records, records, *_rids(self.task.apart))
        found, n = _counted(self._patterns(pairs, records, records))
        return em.unpack(found, self.compared), n

    def _assign(self, fitted: em.Fit, found: np.ndarray, levels: np.ndarray, unrelated: float) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        task, settings, fixed = self.task, self.settings, self.fixed
        a, b, kept = self._kept(fitted, found, levels, unrelated)
        if task.people is not None:
            return assign.against_people(task, settings, fitted.matches, a, b, kept)
        scored = assign.compete(
            a, b, kept["odds"], open_a=len(task.a), open_b=len(task.b),
            expected=fitted.matches - len(fixed), fixed=len(fixed),
            a_is_unique=task.a_is_unique, b_is_unique=task.b_is_unique,
        )  # fmt: skip
        best = assign.best_pairs(scored)
        accepted = best & (scored.probability >= settings.threshold)
        if task.a_is_unique or task.b_is_unique:
            accepted &= scored.margin >= settings.margin
        kept_on = (scored.probability >= settings.keep_from) | accepted
        rid_a, rid_b = self._rids_of(self.everybody, fixed.pairs)
        rid_a, rid_b = np.concatenate([rid_a, a[kept_on]]), np.concatenate([rid_b, b[kept_on]])
        steps = pl.Series([*self.steps, "probabilistic"])
        sure = pl.DataFrame({"step": fixed.steps}).with_columns(
            weight=pl.lit(SURE_BITS), probability=pl.lit(1.0), margin=pl.lit(SURE_BITS),
            is_best=pl.lit(True), is_accepted=pl.lit(True),
        )  # fmt: skip
        pairs = pl.DataFrame(
            {
                "step": np.full(len(a), len(self.steps), dtype=np.uint8), "weight": kept["weight"],
                "probability": scored.probability, "margin": scored.margin, "is_best": best, "is_accepted": accepted,
            }
        ).filter(kept_on)  # fmt: skip
        both = pl.concat([sure, pairs]).with_columns(rid_a=rid_a.astype(np.int32), rid_b=rid_b.astype(np.int32))
        both = both[np.argsort(pair_of(rid_a, rid_b))]
        both = both.with_columns(step=steps.gather(both["step"]))
        return both.select("rid_a", "rid_b", pl.exclude("rid_a", "rid_b"))

    def _kept(
        self, fitted: em.Fit, found: np.ndarray, levels: np.ndarray, unrelated: float
    ) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """The pairs that have a chance (rids of a, rids of b), by rid, and what is known of each by its pattern."""
        import numpy as np

        task = self.task
        is_guarded = task.people is not None or task.twins_apart
        twin = em.twins(levels, self.compared) if is_guarded else np.zeros(len(found), dtype=bool)
        known = {
            "odds": em.prior_odds(levels, fitted, unrelated), "weight": em.weights(levels, fitted),
            "is_twin": twin, "is_named": em.names_agree(levels),
        }  # fmt: skip
        wanted = (known["odds"] > self.settings.keep_from / 10) | twin
        if task.people is None:
            wanted &= ~twin
        which = _place_among(found, self.patterns)
        kept = np.flatnonzero(wanted.take(which))
        a, b = self._rids_of(self.open, self.pairs[kept])
        order = np.argsort(pair_of(a, b))
        which = which[kept[order]]
        return a[order].astype(np.int64), b[order].astype(np.int64), {k: v.take(which) for k, v in known.items()}


def _rids(pairs: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The two columns of rids of a frame of pairs."""
    a, b = (column.to_numpy() for column in pairs.iter_columns())
    return a, b


def _at(a: Codes, b: Codes, rid_a: np.ndarray, rid_b: np.ndarray) -> np.ndarray:
    """Pairs of rids as pairs of places on either side, less those of rows that are not there."""
    at_a, at_b = a.places_of(rid_a), b.places_of(rid_b)
    there = (at_a >= 0) & (at_b >= 0)
    return pair_of(at_a[there], at_b[there])


def _counted(patterns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct patterns, in order, and how many pairs have each."""
    import numpy as np

    found, n = np.unique(patterns, return_counts=True)
    return found, n.astype(float)


def _place_among(found: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """The place of each pattern among those found, which are in order."""
    import numpy as np

    if found.max(initial=0) >= MOST_LISTED:
        return np.searchsorted(found, patterns)
    place = np.zeros(int(found.max(initial=0)) + 1, dtype=np.int32)
    place[found] = np.arange(len(found), dtype=np.int32)
    return place.take(patterns)
