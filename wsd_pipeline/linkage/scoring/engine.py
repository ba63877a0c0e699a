"""The engine: coded records in, linked pairs out. Link two tables or find one person twice in one.

Records are relations of integer codes (`coding.CODE_COLUMNS`, and `id1`… for strong identifiers). In order:
deterministic passes; u from frequencies; blocking; levels packed into one integer a pair; EM over patterns;
rivals weighed; links. Nothing depends on the order of rows.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import assign, blocking, em, frequency
from wsd_pipeline.linkage.scoring.levels import comparisons, near_joins, packed_sql
from wsd_pipeline.linkage.scoring.model import Model, model_of
from wsd_pipeline.linkage.scoring.passes import passes, run_passes
from wsd_pipeline.linkage.scoring.session import arrays, near_names, random_patterns, table
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
        self._load(frames)
        self._lap("load")
        self._fix(held)
        self._lap("passes")
        frames = self._open(frames)
        self._name_neighbours(held)
        self._lap("near")
        u = self._chances(frames)
        self._lap("chance")
        rules = blocking.choose(frames[0], frames[-1], self.settings, task.strong_ids, held)
        self._lap("choose")
        self._compare(rules)
        self._lap("compare")
        fitted, patterns, levels, unrelated = self._learn(frames, u, shares, model)
        self._lap("learn")
        pairs = self._assign(frames, fitted, patterns, levels, unrelated)
        self._lap("assign")
        records = min(len(task.a), len(task.b))
        made = model or model_of(
            fitted, self.compared, shares, trained_on=trained_on, rows=len(task.a) + len(task.b), records=records
        )
        names = tuple(" + ".join(r.keys) for r in rules)
        return Found(pairs, made, self.candidates, names, dict(self.seconds), self.compared, fitted)

    @property
    def b(self) -> str:
        return "open_a" if self.task.one_table else "open_b"

    def _lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self.clock, 3)
        self.clock = now

    def _load(self, frames: list[pl.DataFrame]) -> None:
        for name, frame in zip(("all_a", "all_b"), frames, strict=False):
            table(self.con, name, frame)

    def _fix(self, held: frozenset[str]) -> None:
        task = self.task
        b = "all_a" if task.one_table else "all_b"
        found = passes(task.strong_ids, held) if task.people is None else []
        self.steps = [p.step for p in found]
        run_passes(self.con, "all_a", b, found, unique=task.both_unique, one_table=task.one_table)

    def _open(self, frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
        """The records still open: all but those linked for good. Their frames, in the order of tables a, b."""
        import numpy as np

        opened = []
        for side, frame in zip("ab", frames, strict=False):
            if self._leaves(side):
                is_open = np.ones(len(frame), dtype=bool)
                is_open[arrays(self.con, f"select rid_{side} as r from fixed")["r"]] = False
                frame = frame.filter(is_open[frame["rid"].to_numpy()])
                table(self.con, f"open_{side}", frame)
            else:
                self.con.execute(f"create or replace view open_{side} as select * from all_{side}")
            opened.append(frame)
        return opened

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
        rows = self._random_patterns(a, b)
        levels = em.unpack(rows["pattern"].astype(np.int64), self.compared)
        return [frequency.chance(c, levels[:, k], rows["n"], a, b, within) for k, c in enumerate(self.compared)]

    def _random_patterns(self, a: pl.DataFrame, b: pl.DataFrame) -> dict[str, np.ndarray]:
        """Patterns of random pairs of two people: within the files of one row per person, where there are any."""
        task = self.task
        if task.people is not None:
            table(self.con, "wanted", task.people.select("rid"))
            self.con.execute("create or replace table people as select * from open_b semi join wanted using (rid)")
            drawn = [("people", "people")]
        else:
            drawn = [("open_a", "open_a")] * (task.a_is_unique and len(a) > 1)
            drawn += [("open_b", "open_b")] * (task.b_is_unique and len(b) > 1)
        return random_patterns(self.con, drawn or [("open_a", self.b)], self.compared, self.settings)

    def _name_neighbours(self, held: frozenset[str]) -> None:
        columns = ["f1", "s0"] + [c for c in ("street", "town") if self.task.written and c in held]
        near_names(self.con, self.task.variants, list(dict.fromkeys(("open_a", self.b))), columns)

    def _compare(self, rules: list[blocking.Rule]) -> None:
        """Table `compared` (pair, pattern): every candidate pair once."""
        if not rules:
            self.con.execute("create or replace table compared (pair bigint, pattern bigint)")
            self.candidates = 0
            return
        select = "(a.rid::bigint << 32) | b.rid as pair"
        pairs = blocking.pairs_sql(rules, "open_a", self.b, select, one_table=self.task.one_table)
        self.con.execute(f"create or replace table candidate as {pairs}")
        self._lap("pairs")
        self.con.execute(
            f"""create or replace table compared as
            select pair, {packed_sql(self.compared)} as pattern
            from candidate join open_a a on a.rid = (pair >> 32)::integer
            join {self.b} b on b.rid = (pair & 4294967295)::integer
            {near_joins(self.compared)}
            {"where a.grp <> b.grp" if self.task.people is not None else ""}"""
        )
        self.con.execute("drop table candidate")
        if self.task.not_itself is not None:
            table(self.con, "itself", self.task.not_itself)
            self.con.execute(
                "delete from compared where pair in (select (rid_a::bigint << 32) | rid_b::bigint from itself)"
            )
        self.candidates = int(self.con.execute("select count(*) from compared").fetchall()[0][0])

    def _learn(
        self, frames: list[pl.DataFrame], u: list[np.ndarray], shares: list[np.ndarray], model: Model | None
    ) -> tuple[em.Fit, np.ndarray, np.ndarray, float]:
        import numpy as np

        b = "all_a" if self.task.one_table else "all_b"
        # a sample of what is linked already is enough to learn from; it counts for all
        source, left_of = "fixed", "all_a"
        if self.task.same is not None:
            table(self.con, "same", self.task.same)
            source, left_of = "(select rid_x as rid_a, rid_y as rid_b from same)", "all_b"
        at_home = self._at_home()
        total = int(self.con.execute(f"select count(*) from {source}").fetchall()[0][0])
        every = max(1, total // self.settings.learn_from)
        self.con.execute(
            f"create or replace table taught as select rid_a, rid_b from {source} where rid_a % {every} = 0"
        )
        for side, name in (("a", left_of), ("b", b)):
            self.con.execute(
                f"create or replace table some_{side} as"
                f" select * from {name} where rid in (select rid_{side} from taught)"
            )
        self.con.execute(
            f"""create or replace table linked as
            select {packed_sql(self.compared)} as pattern
            from taught join some_a a on a.rid = rid_a join some_b b on b.rid = rid_b {near_joins(self.compared)}"""
        )
        if not self.task.both_unique and self.task.same is None:
            self.con.execute("delete from compared where pair in (select (rid_a::bigint << 32) | rid_b from fixed)")
        rows = arrays(
            self.con,
            """select pattern, sum(n)::double as n, sum(f)::double as f from (
                select pattern, count(*) as n, 0 as f from compared group by 1
                union all select pattern, 0, count(*) from linked group by 1)
            group by 1 order by 1""",
        )
        sampled = float(rows["f"].sum())
        rows["f"] = rows["f"] * (total / max(sampled, 1.0))
        patterns = rows["pattern"].astype(np.int64)
        levels = em.unpack(patterns, self.compared)
        left, right = len(frames[0]), len(frames[-1])
        unrelated = left * (left - 1) / 2 if self.task.one_table else float(left) * right
        start = None if model is None else model.fit_for(self.compared, u, min(len(self.task.a), len(self.task.b)))
        fitted = em.fit(
            levels, rows["n"], rows["f"],
            compared=self.compared, u=u, shares=shares, unrelated=max(unrelated, 1.0),
            expected=max(0.3 * min(left, right), 1.0), iterations=self.settings.iterations,
            strength=self.settings.prior_strength, start=start, learn=model is None,
            counted=self.task.same is None, at_home=at_home,
        )  # fmt: skip
        return fitted, patterns, levels, max(unrelated, 1.0)

    def _at_home(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Levels, and how often they occur, of pairs known to be two people of one home, where any are known."""
        import numpy as np

        if self.task.apart is None:
            return None
        table(self.con, "apart", self.task.apart)
        rows = arrays(
            self.con,
            f"""select {packed_sql(self.compared)} as pattern, count(*)::double as n
            from apart join all_b a on a.rid = rid_x join all_b b on b.rid = rid_y {near_joins(self.compared)}
            group by 1 order by 1""",
        )
        return em.unpack(rows["pattern"].astype(np.int64), self.compared), rows["n"]

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
        fixed = self.con.sql("select rid_a, rid_b, step from fixed").pl()
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
                "step": np.full(len(a), "probabilistic"), "weight": kept["weight"],
                "probability": scored.probability, "margin": scored.margin,
                "is_best": best, "is_accepted": accepted,
            }
        ).filter((pl.col("probability") >= settings.keep_from) | pl.col("is_accepted"))  # fmt: skip
        names = pl.Series(self.steps or [""])
        sure = fixed.select(
            "rid_a", "rid_b", names.gather(fixed["step"]).alias("step"),
            weight=pl.lit(SURE_BITS), probability=pl.lit(1.0), margin=pl.lit(SURE_BITS),
            is_best=pl.lit(True), is_accepted=pl.lit(True),
        )  # fmt: skip
        both: pl.DataFrame = pl.concat([sure, pairs]).sort("rid_a", "rid_b")
        return both
