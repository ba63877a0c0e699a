"""The engine: coded records in, linked pairs out. Link two tables or find one person twice in one.

Records are relations of integer codes (`coding.CODE_COLUMNS`, and `id1`… for strong identifiers). In order:
deterministic passes; u from frequencies; blocking; levels packed into one integer a pair; EM over patterns;
rivals weighed; links. Nothing depends on the order of rows.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import assign, blocking, em, frequency
from wsd_pipeline.linkage.scoring.levels import comparisons, near_joins, packed_sql
from wsd_pipeline.linkage.scoring.meeting import Keyed, only, pair_of
from wsd_pipeline.linkage.scoring.model import Model, model_of
from wsd_pipeline.linkage.scoring.passes import passes, run_passes
from wsd_pipeline.linkage.scoring.session import arrays, near_names, patterns, random_pairs, some, table, view
from wsd_pipeline.linkage.scoring.settings import DEFAULTS, Settings
from wsd_pipeline.linkage.scoring.task import Found, Task
from wsd_pipeline.sql import connect

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import polars as pl

SURE_BITS = 64.0
NOT_BLOCKED = frozenset({"rid"})


def run(task: Task, *, settings: Settings = DEFAULTS, trained_on: str = "", model: Model | None = None) -> Found:
    """Link the task's records. With a `model`, its m and household levels are used and nothing is learned but sizes."""
    with TemporaryDirectory(prefix="wsd-scoring-") as folder:
        con = connect(Path(folder), threads=settings.threads, memory_limit=settings.memory_limit)
        try:
            return _Run(con, task, settings).found(trained_on, model)
        finally:
            con.close()


class _Run:
    """One run: its connection, its records, and the time each stage took."""

    def __init__(self, con: duckdb.DuckDBPyConnection, task: Task, settings: Settings) -> None:
        self.con, self.task, self.settings = con, task, settings
        self.compared = comparisons(written=task.written, strong_ids=task.strong_ids)
        self.seconds: dict[str, float] = {}
        self.clock = time.perf_counter()
        # build sides as written: the optimiser guesses that pairs are few and would build hash tables of them
        con.execute("set disabled_optimizers = 'build_side_probe_side'")

    def found(self, trained_on: str, model: Model | None) -> Found:
        task = self.task
        frames = [task.a] if task.one_table else [task.a, task.b]
        frames = frequency.add_bands(frames)
        shares = [frequency.band_shares(frames, c) for c in self.compared]
        held = frozenset(c for c in frames[0].columns if all(f[c].null_count() < len(f) for f in frames)) - NOT_BLOCKED
        self._lap("bands")
        everybody, self.fixed = frames, self._fix(frames, held)
        self._lap("passes")
        frames = self._open(frames)
        self._lap("load")
        table(self.con, "near", near_names(task.variants, frames, self.compared))
        self._lap("near")
        rules, candidates, u = self._blocked(frames, held)
        self._lap("block")
        self._compare(candidates)
        self._lap("compare")
        fitted, found, levels, unrelated = self._learn(everybody, frames, u, shares, model)
        self._lap("learn")
        pairs = self._assign(frames, fitted, found, levels, unrelated)
        self._lap("assign")
        records = min(len(task.a), len(task.b))
        made = model or model_of(
            fitted, self.compared, shares, trained_on=trained_on, rows=len(task.a) + len(task.b), records=records
        )
        names = tuple(" + ".join(r.columns) for r in rules)
        return Found(pairs, made, self.candidates, names, dict(self.seconds), self.compared, fitted)

    @property
    def b(self) -> str:
        return "open_a" if self.task.one_table else "open_b"

    def _lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self.clock, 3)
        self.clock = now

    def _fix(self, frames: list[pl.DataFrame], held: frozenset[str]) -> pl.DataFrame:
        """What is linked before anything is scored: rid_a, rid_b, step."""
        task = self.task
        found = passes(task.strong_ids, held) if task.people is None else []
        self.steps = [p.step for p in found]
        return run_passes(frames[0], frames[-1], found, unique=task.both_unique, one_table=task.one_table)

    def _open(self, frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
        """The records still open: all but those linked for good. Their frames, in the order of tables a, b."""
        opened = []
        for side, frame in zip("ab", frames, strict=False):
            left = only(frame, self.fixed[f"rid_{side}"], without=True) if self._leaves(side) else frame
            table(self.con, f"open_{side}", left)
            opened.append(left)
        return opened

    def _leaves(self, side: str) -> bool:
        """Whether a linked record of this side can have no further partner."""
        task = self.task
        return task.both_unique or (
            not task.one_table and (task.b_is_unique if side == "a" else task.a_is_unique) and task.people is None
        )

    def _blocked(
        self, frames: list[pl.DataFrame], held: frozenset[str]
    ) -> tuple[list[blocking.Rule], pl.Series, list[np.ndarray]]:
        """The blocking rules, the pairs they make, and u: blocking needs no session, and chance little else."""
        a, b = Keyed(frames[0]), Keyed(frames[-1])
        with ThreadPoolExecutor(1) as aside:
            chances = aside.submit(self._chances, frames)
            rules = blocking.choose(a, b, self.settings, self.task.strong_ids, held)
            return rules, blocking.candidates(rules, a, b, one_table=self.task.one_table), chances.result()

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
        drawn = self._drawn(frames)
        levels = em.unpack(drawn["pattern"].to_numpy(), self.compared)
        n = drawn["n"].to_numpy()
        return [frequency.chance(c, levels[:, k], n, a, b, within) for k, c in enumerate(self.compared)]

    def _drawn(self, frames: list[pl.DataFrame]) -> pl.DataFrame:
        """Patterns of random pairs of two people: within the files of one row per person, where there are any."""
        import polars as pl

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
        return pl.concat(found)

    def _patterns(self, pairs: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
        return patterns(self.con, pairs, left, right, self.compared, self.task.variants)

    def _compare(self, pairs: pl.Series) -> None:
        """Table `compared` (pair, pattern): every pair of two records that are not one or linked already."""
        if self.task.not_itself is not None:
            itself = pair_of(self.task.not_itself.select("rid_a", "rid_b"))
            pairs = pairs.filter(~pairs.is_in(itself.implode()))
        if not self.task.both_unique and self.task.same is None:
            pairs = pairs.filter(~pairs.is_in(pair_of(self.fixed).implode()))
        view(self.con, "candidate", pairs.to_frame())
        # not `a.grp <> b.grp`: that may be taken for a join, of every record with every other, before pairs are met
        self.con.execute(
            f"""create or replace table compared as
            select pair, {packed_sql(self.compared)} as pattern
            from candidate join open_a a on a.rid = (pair >> 32)::integer
            join {self.b} b on b.rid = (pair & 4294967295)::integer
            {near_joins(self.compared)}
            {"where a.grp - b.grp <> 0" if self.task.people is not None else ""}"""
        )
        self.con.unregister("candidate")
        self.candidates = int(self.con.execute("select count(*) from compared").fetchall()[0][0])

    def _learn(
        self,
        everybody: list[pl.DataFrame],
        frames: list[pl.DataFrame],
        u: list[np.ndarray],
        shares: list[np.ndarray],
        model: Model | None,
    ) -> tuple[em.Fit, np.ndarray, np.ndarray, float]:
        import polars as pl

        same, left, right = self.fixed, everybody[0], everybody[-1]
        if self.task.same is not None:
            same, left = self.task.same.select(rid_a="rid_x", rid_b="rid_y"), right
        at_home = self._at_home(right)
        # a sample of what is linked already is enough to learn from; it counts for all
        total = len(same)
        taught = same.filter(pl.col("rid_a") % max(1, total // self.settings.learn_from) == 0)
        linked = self._patterns(taught, left, right).select("pattern", f=pl.col("n") * (total / max(len(taught), 1)))
        counted = (
            self.con.sql("select pattern, count(*)::double as n from compared group by 1").pl()
            .join(linked, on="pattern", how="full", coalesce=True).fill_null(0).sort("pattern")
        )  # fmt: skip
        found = counted["pattern"].to_numpy()
        levels = em.unpack(found, self.compared)
        n_a, n_b = len(frames[0]), len(frames[-1])
        unrelated = n_a * (n_a - 1) / 2 if self.task.one_table else float(n_a) * n_b
        start = None if model is None else model.fit_for(self.compared, u, min(len(self.task.a), len(self.task.b)))
        fitted = em.fit(
            levels, counted["n"].to_numpy(), counted["f"].to_numpy(),
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
        found = self._patterns(self.task.apart.select(rid_a="rid_x", rid_b="rid_y"), records, records)
        return em.unpack(found["pattern"].to_numpy(), self.compared), found["n"].to_numpy()

    def _assign(
        self, frames: list[pl.DataFrame], fitted: em.Fit, patterns: np.ndarray, levels: np.ndarray, unrelated: float
    ) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        task, settings = self.task, self.settings
        odds, bits = em.prior_odds(levels, fitted, unrelated), em.weights(levels, fitted)
        is_guarded = task.people is not None or task.twins_apart
        twin = em.twins(levels, self.compared) if is_guarded else np.zeros(len(patterns), dtype=bool)
        table = pl.DataFrame(
            {"pattern": patterns, "odds": odds, "weight": bits, "is_twin": twin, "is_named": em.names_agree(levels)}
        )
        self.con.register("incoming", table.to_arrow())
        kept = arrays(
            self.con,
            f"""select pair, odds, weight, is_twin, is_named from compared join incoming using (pattern)
            where odds > {settings.keep_from / 10} or is_twin order by pair""",
        )
        fixed = self.fixed
        self.con.unregister("incoming")
        if task.people is None and is_guarded:
            kept = {name: values[~kept["is_twin"]] for name, values in kept.items()}
        a, b = (kept["pair"] >> 32).astype(np.int64), (kept["pair"] & 0xFFFFFFFF).astype(np.int64)
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
        both: pl.DataFrame = pl.concat([sure, pairs]).sort("rid_a", "rid_b")
        return both
