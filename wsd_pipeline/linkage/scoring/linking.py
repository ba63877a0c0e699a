"""From scored pairs to links: those with a chance compete, and what was linked before is told beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import assign, em
from wsd_pipeline.linkage.scoring.pairs import pair_of, rids_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from wsd_pipeline.linkage.scoring.comparing import Candidates
    from wsd_pipeline.linkage.scoring.learning import Learned
    from wsd_pipeline.linkage.scoring.pairs import Both
    from wsd_pipeline.linkage.scoring.passes import Fixed
    from wsd_pipeline.linkage.scoring.settings import Settings
    from wsd_pipeline.linkage.scoring.task import Task

SURE_BITS = 64.0


def scored(task: Task, settings: Settings, learned: Learned, candidates: Candidates, *, fixed: int) -> pl.DataFrame:
    """The pairs that have a chance, as `task.Found` has them (without a step, but for people); ordered by rids.

    `fixed`: how many pairs are linked already.
    """
    import numpy as np
    import polars as pl

    a, b, kept = _kept(task, settings, learned, candidates)
    if task.people is not None:
        return assign.against_people(task, settings, learned.fit.matches, a, b, kept)
    made = assign.compete(
        a, b, kept["odds"], open_a=len(task.a), open_b=len(task.b),
        expected=learned.fit.matches - fixed, fixed=fixed,
        a_is_unique=task.a_is_unique, b_is_unique=task.b_is_unique,
    )  # fmt: skip
    best = assign.best_pairs(made)
    accepted = best & (made.probability >= settings.threshold)
    if task.a_is_unique or task.b_is_unique:
        accepted &= made.margin >= settings.margin
    frame = pl.DataFrame(
        {
            "rid_a": a.astype(np.int32), "rid_b": b.astype(np.int32), "weight": kept["weight"],
            "probability": made.probability, "margin": made.margin, "is_best": best, "is_accepted": accepted,
        }
    )  # fmt: skip
    return frame.filter((made.probability >= settings.keep_from) | accepted)


def with_fixed(found: pl.DataFrame, everybody: Both, fixed: Fixed) -> pl.DataFrame:
    """Scored pairs and those linked before anything was scored, which are sure; ordered by rids."""
    import numpy as np
    import polars as pl

    rid_a, rid_b = rids_of(everybody, fixed.pairs)
    sure = pl.DataFrame({"rid_a": rid_a.astype(np.int32), "rid_b": rid_b.astype(np.int32)}).with_columns(
        weight=pl.lit(SURE_BITS), probability=pl.lit(1.0), margin=pl.lit(SURE_BITS),
        is_best=pl.lit(True), is_accepted=pl.lit(True), step=fixed.steps,
    )  # fmt: skip
    both = pl.concat([sure, found.with_columns(step=pl.lit(len(fixed.names), dtype=pl.UInt8))], rechunk=True)
    both = both[np.argsort(pair_of(both["rid_a"].to_numpy(), both["rid_b"].to_numpy()))]
    step = pl.Series([*fixed.names, "probabilistic"]).gather(both["step"]).alias("step")
    return both.select("rid_a", "rid_b", step, pl.exclude("rid_a", "rid_b", "step"))


def _kept(
    task: Task, settings: Settings, learned: Learned, candidates: Candidates
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """The pairs that have a chance (rids of a, rids of b), by rid, and what is known of each by its pattern."""
    import numpy as np

    levels = learned.levels
    is_guarded = task.people is not None or task.twins_apart
    twin = em.twins(levels, learned.compared) if is_guarded else np.zeros(len(levels), dtype=np.bool_)
    known = {
        "odds": em.prior_odds(levels, learned.fit, learned.unrelated), "weight": em.weights(levels, learned.fit),
        "is_twin": twin, "is_named": em.names_agree(levels),
    }  # fmt: skip
    wanted = (known["odds"] > settings.keep_from / 10) | twin
    if task.people is None:
        wanted &= ~twin
    which = learned.places(candidates.patterns)
    kept = np.flatnonzero(wanted.take(which))
    a, b = rids_of(candidates.sides, candidates.pairs.take(kept))
    order = np.argsort(pair_of(a, b))
    which = which[kept[order]]
    return a[order].astype(np.int64), b[order].astype(np.int64), {k: v.take(which) for k, v in known.items()}
