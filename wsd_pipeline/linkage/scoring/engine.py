"""The engine: coded records in, linked pairs out. Link two tables or find one person twice in one.

Records are relations of integer codes (`coding.CODE_COLUMNS`, and `id1`… for strong identifiers). In order:
deterministic passes; u from frequencies; blocking; levels packed into one integer a pair; EM over patterns;
rivals weighed; links. Nothing depends on the order of rows.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import assign, blocking, em, frequency
from wsd_pipeline.linkage.scoring.comparing import patterns, patterns_of_rids
from wsd_pipeline.linkage.scoring.levels import comparisons
from wsd_pipeline.linkage.scoring.meeting import Keyed, ends, only, pair_of, places_of
from wsd_pipeline.linkage.scoring.model import Model, model_of
from wsd_pipeline.linkage.scoring.near import NearNames
from wsd_pipeline.linkage.scoring.passes import passes, run_passes
from wsd_pipeline.linkage.scoring.sampling import random_pairs, some
from wsd_pipeline.linkage.scoring.settings import DEFAULTS, Settings
from wsd_pipeline.linkage.scoring.task import Found, Task

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

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
        self.compared = comparisons(written=task.written, strong_ids=task.strong_ids)
        self.banded = aside.submit(self._banded)
        self.near = aside.submit(NearNames, task.variants)
        self.seconds: dict[str, float] = {}
        self.clock = time.perf_counter()

    def found(self, trained_on: str, model: Model | None) -> Found:
        task = self.task
        frames = [task.a] if task.one_table else [task.a, task.b]
        held = frozenset(c for c in frames[0].columns if all(f[c].null_count() < len(f) for f in frames)) - NOT_BLOCKED
        self.fixed = self._fix(frames, held)
        self._lap("passes")
        everybody, shares = self.banded.result()
        frames = self._open(everybody)
        self._lap("open")
        chances = self.aside.submit(self._chances, frames)
        rules, candidates = blocking.candidates(
            Keyed(frames[0]), Keyed(frames[-1]), self.settings, task.strong_ids, held, one_table=task.one_table
        )
        self._lap("block")
        self._compare(candidates, frames)
        self._lap("compare")
        fitted, found, levels, unrelated = self._learn(everybody, frames, chances, shares, model)
        self._lap("learn")
        pairs = self._assign(frames, fitted, found, levels, unrelated)
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

    def _banded(self) -> tuple[list[pl.DataFrame], list[np.ndarray]]:
        """The frames with frequency bands, and what share of rows has each."""
        task = self.task
        frames = frequency.add_bands([task.a] if task.one_table else [task.a, task.b])
        return frames, [frequency.band_shares(frames, c) for c in self.compared]

    def _fix(self, frames: list[pl.DataFrame], held: frozenset[str]) -> pl.DataFrame:
        """What is linked before anything is scored: rid_a, rid_b, step."""
        task = self.task
        found = passes(task.strong_ids, held) if task.people is None else []
        self.steps = [p.step for p in found]
        return run_passes(frames[0], frames[-1], found, unique=task.both_unique, one_table=task.one_table)

    def _open(self, frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
        """The records still open: all but those linked for good."""
        return [
            only(frame, self.fixed[f"rid_{side}"], without=True) if self._leaves(side) else frame
            for side, frame in zip("ab", frames, strict=False)
        ]

    def _leaves(self, side: str) -> bool:
        """Whether a linked record of this side can have no further partner."""
        task = self.task
        return task.both_unique or (
            not task.one_table and (task.b_is_unique if side == "a" else task.a_is_unique) and task.people is None
        )

    def _chances(self, frames: list[pl.DataFrame]) -> list[np.ndarray]:
        """u of each comparison among open records."""
        import numpy as np

        if self.task.u is not None:
            return self.task.u
        a, b = frames[0], frames[-1]
        within = (self.task.one_table, self.task.a_is_unique, self.task.b_is_unique)
        if self.task.people is not None:
            a, b = self.task.people, self.task.people
            within = (True, False, False)
        if not len(a) or not len(b):
            return [np.full(len(c.levels), 1 / len(c.levels)) for c in self.compared]
        drawn, n = _counted(self._drawn(frames))
        levels = em.unpack(drawn, self.compared)
        return [frequency.chance(c, levels[:, k], n, a, b, within) for k, c in enumerate(self.compared)]

    def _drawn(self, frames: list[pl.DataFrame]) -> np.ndarray:
        """Patterns of random pairs of two people: within the files of one row per person, where there are any."""
        import numpy as np

        task, a, b = self.task, frames[0], frames[-1]
        if task.people is not None:
            people = only(b, task.people["rid"])
            from_ = [(people, people)]
        else:
            from_ = [(a, a)] * (task.a_is_unique and len(a) > 1) + [(b, b)] * (task.b_is_unique and len(b) > 1)
        found = []
        for left, right in from_ or [(a, b)]:
            one, other = (some(f["rid"], self.settings.sample_records) for f in (left, right))
            size = min(self.settings.sample_pairs // max(len(from_), 1), 20 * len(one) * len(other))
            pairs = random_pairs(one, one if left is right else other, size)
            found.append(self._patterns(pairs, left, right))
        return np.concatenate(found)

    def _patterns(self, pairs: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> np.ndarray:
        return patterns_of_rids(pairs, left, right, self.compared, self.near.result(), self.settings.threads)

    def _compare(self, pairs: np.ndarray, frames: list[pl.DataFrame]) -> None:
        """`pairs` and `patterns`: of every pair of two records that are not one or linked already."""
        import numpy as np

        a, b, task = frames[0], frames[-1], self.task
        for known in (task.not_itself, None if task.both_unique or task.same is not None else self.fixed):
            if known is not None:
                at_a, at_b = (places_of(f, known[r].to_numpy()) for f, r in ((a, "rid_a"), (b, "rid_b")))
                there = (at_a >= 0) & (at_b >= 0)
                pairs = pairs[np.isin(pairs, pair_of(at_a[there], at_b[there]), invert=True)]
        if task.people is not None:
            at_a, at_b = ends(pairs)
            pairs = pairs[a["grp"].to_numpy().take(at_a) != b["grp"].to_numpy().take(at_b)]
        self.pairs = pairs
        self.patterns = patterns(pairs, a, b, self.compared, self.near.result(), self.settings.threads)

    def _learn(
        self,
        everybody: list[pl.DataFrame],
        frames: list[pl.DataFrame],
        chances: Future[list[np.ndarray]],
        shares: list[np.ndarray],
        model: Model | None,
    ) -> tuple[em.Fit, np.ndarray, np.ndarray, float]:
        import numpy as np
        import polars as pl

        same, left, right = self.fixed, everybody[0], everybody[-1]
        if self.task.same is not None:
            same, left = self.task.same.select(rid_a="rid_x", rid_b="rid_y"), right
        at_home = self._at_home(right)
        # a sample of what is linked already is enough to learn from; it counts for all
        total = len(same)
        taught = same.filter(pl.col("rid_a") % max(1, total // self.settings.learn_from) == 0)
        linked, n_linked = _counted(self._patterns(taught, left, right))
        compared, n_compared = _counted(self.patterns)
        found = np.union1d(linked, compared)
        counts, fixed = np.zeros(len(found)), np.zeros(len(found))
        counts[np.searchsorted(found, compared)] = n_compared
        fixed[np.searchsorted(found, linked)] = n_linked * (total / max(len(taught), 1))
        levels, u = em.unpack(found, self.compared), chances.result()
        n_a, n_b = len(frames[0]), len(frames[-1])
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

    def _at_home(self, records: pl.DataFrame) -> tuple[np.ndarray, np.ndarray] | None:
        """Levels, and how often they occur, of pairs known to be two people of one home, where any are known."""
        if self.task.apart is None:
            return None
        found, n = _counted(self._patterns(self.task.apart.select(rid_a="rid_x", rid_b="rid_y"), records, records))
        return em.unpack(found, self.compared), n

    def _assign(
        self, frames: list[pl.DataFrame], fitted: em.Fit, found: np.ndarray, levels: np.ndarray, unrelated: float
    ) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        task, settings, fixed = self.task, self.settings, self.fixed
        a, b, kept = self._kept(frames, fitted, found, levels, unrelated)
        if task.people is not None:
            return assign.against_people(task, settings, fitted.matches, a, b, kept)
        scored = assign.compete(
            a, b, kept["odds"], open_a=len(task.a), open_b=len(task.b),
            expected=fitted.matches - len(fixed), fixed=len(fixed),
            a_is_unique=task.a_is_unique, b_is_unique=task.b_is_unique,
        )  # fmt: skip
        best = assign.best_pairs(scored, a_is_unique=task.a_is_unique, b_is_unique=task.b_is_unique)
        accepted = best & (scored.probability >= settings.threshold)
        if task.a_is_unique or task.b_is_unique:
            accepted &= scored.margin >= settings.margin
        pairs = pl.DataFrame(
            {
                "rid_a": a.astype(np.int32), "rid_b": b.astype(np.int32),
                "weight": kept["weight"],
                "probability": scored.probability, "margin": scored.margin,
                "is_best": best, "is_accepted": accepted,
            }
        ).filter((pl.col("probability") >= settings.keep_from) | pl.col("is_accepted"))  # fmt: skip
        pairs = pairs.select("rid_a", "rid_b", pl.lit("probabilistic").alias("step"), pl.exclude("rid_a", "rid_b"))
        names = pl.Series(self.steps or [""])
        sure = fixed.select(
            "rid_a", "rid_b", names.gather(fixed["step"]).alias("step"),
            weight=pl.lit(SURE_BITS), probability=pl.lit(1.0), margin=pl.lit(SURE_BITS),
            is_best=pl.lit(True), is_accepted=pl.lit(True),
        )  # fmt: skip
        both = pl.concat([sure, pairs])
        return both[np.argsort(pair_of(both["rid_a"].to_numpy(), both["rid_b"].to_numpy()))]

    def _kept(
        self, frames: list[pl.DataFrame], fitted: em.Fit, found: np.ndarray, levels: np.ndarray, unrelated: float
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
        a, b = (f["rid"].to_numpy()[at] for f, at in zip((frames[0], frames[-1]), ends(self.pairs[kept]), strict=True))
        order = np.argsort(pair_of(a, b))
        which = which[kept[order]]
        return a[order].astype(np.int64), b[order].astype(np.int64), {k: v.take(which) for k, v in known.items()}


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
