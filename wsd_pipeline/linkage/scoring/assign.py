"""From pairs to links: probabilities made to compete, one-to-one where it is declared, a margin over the runner-up.

Where a file has one row per person, a record's possible partners rule each other out, and so do they rule out its
having none. For a pair with odds o: p = z·o / (1 + z·(sum of o over the pairs of either record)), where z accounts
for the share of records that have a partner at all. That share is estimated from the same probabilities, so the
prior calibrates itself at every size.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from wsd_pipeline.linkage.scoring.settings import Settings
    from wsd_pipeline.linkage.scoring.task import Task

MOST_PARTNERED = 0.98
NO_RIVAL = 64.0


@dataclass(frozen=True)
class Scored:
    """Open pairs that have a chance: odds before rivals, probability after, margin in bits.

    `sides`: the pairs by record, of each side on which a record has one partner at most.
    """

    odds: np.ndarray
    probability: np.ndarray
    margin: np.ndarray
    sides: tuple[_Rivals, ...]


def compete(
    a: np.ndarray,
    b: np.ndarray,
    odds: np.ndarray,
    *,
    open_a: int,
    open_b: int,
    expected: float,
    fixed: float,
    a_is_unique: bool,
    b_is_unique: bool,
    rescale: bool = True,
    rounds: int = 6,
) -> Scored:
    """Probabilities of open pairs. `expected` is EM's number of open matches, `fixed` the pairs already linked."""
    import numpy as np

    first = fixed + expected
    # a pair and its rivals, before the odds of all are scaled alike
    rivals = odds.copy()
    if b_is_unique:
        rivals += np.bincount(a, weights=odds, minlength=open_a)[a] - odds
    if a_is_unique:
        rivals += np.bincount(b, weights=odds, minlength=open_b)[b] - odds
    for _ in range(rounds):
        scale = np.clip((fixed + expected) / max(first, 1e-9), 0.25, 4.0) if rescale else 1.0
        # a record of a is alone with at most one partner when b has one row per person, and the other way about
        if b_is_unique:
            scale /= 1 - min(expected / max(open_a, 1), MOST_PARTNERED)
        if a_is_unique:
            scale /= 1 - min(expected / max(open_b, 1), MOST_PARTNERED)
        p = odds * scale / (1.0 + scale * rivals)
        expected = float(p.sum())
    asked = [s for s, rules_out in ((a, b_is_unique), (b, a_is_unique)) if rules_out]
    bits = np.log2(np.maximum(odds, 1e-300))
    with ThreadPoolExecutor(2) as pool:
        sides = tuple(pool.map(_Rivals, asked or [a, b]))
        margins: np.ndarray = np.minimum.reduce(list(pool.map(lambda side: side.margins(bits), sides)))
    return Scored(odds, p, margins, sides if asked else ())


class _Rivals:
    """The pairs of each record of one side, brought together."""

    def __init__(self, side: np.ndarray) -> None:
        import numpy as np

        width = max(len(side), 1).bit_length()
        whole = np.sort(side.astype(np.int64) << width | np.arange(len(side)))
        self._order = whole & (1 << width) - 1
        self._starts = np.flatnonzero(np.diff(whole >> width, prepend=-1))
        self._sizes = np.diff(self._starts, append=len(side))

    def margins(self, bits: np.ndarray) -> np.ndarray:
        """Bits by which each pair beats the best other pair of its record (64 where there is none).

        Only pairs that rule each other out are rivals: many records may belong to one person.
        """
        import numpy as np

        if not len(bits):
            return bits
        held = bits.take(self._order)
        top = self._highest(held)
        is_top = held == top
        others = self._highest(np.where(is_top, -np.inf, held))
        tied = np.repeat(np.add.reduceat(is_top, self._starts, dtype=np.int64), self._sizes) > 1
        rival = np.where(is_top & ~tied, others, top)
        return self._back(np.clip(held - rival, -NO_RIVAL, NO_RIVAL))

    def best(self, likely: np.ndarray) -> np.ndarray:
        """Whether each pair is the best of its record; of pairs as likely the last is."""
        import numpy as np

        if not len(likely):
            return np.ones(0, dtype=np.bool_)
        held = likely.take(self._order)
        tops = np.where(held == self._highest(held), self._order, -1)
        return self._back(self._highest(tops) == self._order)

    def _highest(self, values: np.ndarray) -> np.ndarray:
        """Of each pair the highest value of its record's pairs."""
        import numpy as np

        return np.repeat(np.maximum.reduceat(values, self._starts), self._sizes)

    def _back(self, values: np.ndarray) -> np.ndarray:
        """Values of pairs brought together, in the order of the pairs."""
        import numpy as np

        made = np.empty_like(values)
        made[self._order] = values
        return made


def best_pairs(scored: Scored) -> np.ndarray:
    """Which pairs may stand: each the best of its records, on the sides where only one can be true.

    Ties of probability go to the last of the pairs, which are by record, so whatever the order of rows.
    """
    import numpy as np

    with ThreadPoolExecutor(2) as pool:
        best = pool.map(lambda side: side.best(scored.probability), scored.sides)
        kept: np.ndarray = np.logical_and.reduce([np.ones(len(scored.odds), dtype=np.bool_), *best])
    return kept


def without_friends(pairs: pl.DataFrame, own: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """The pairs (rid_a, grp, odds …) less those with a cluster that is itself surely one with the record's best one.

    Two clusters that are one person, seen twice before they are joined, would else rule each other out. Only a
    direct pair of the two makes them one: a namesake in the family may be like the record, but not like the other.
    `own`: the cluster of each record (rid_a, own). The pairs are in the order of record, cluster.
    """
    import polars as pl

    both = pl.col("x", "y")
    ends = [pl.min_horizontal(both).alias("low"), pl.max_horizontal(both).alias("high")]
    sure = (
        pairs.filter(pl.col("odds") / (1 + pl.col("odds")) >= threshold).join(own, on="rid_a")
        .select(x="own", y="grp").select(ends).unique()
    )  # fmt: skip
    best = pairs.sort("rid_a", "odds", "grp", descending=[False, True, False]).unique("rid_a", keep="first")
    friends = (
        pairs.select("rid_a", y="grp").join(best.select("rid_a", x="grp"), on="rid_a")
        .filter(pl.col("x") != pl.col("y")).with_columns(ends)
        .join(sure, on=["low", "high"], how="semi").select("rid_a", grp="y")
    )  # fmt: skip
    return pairs.join(friends, on=["rid_a", "grp"], how="anti", maintain_order="left")


def against_people(
    task: Task, settings: Settings, expected: float, a: np.ndarray, b: np.ndarray, kept: dict[str, np.ndarray]
) -> pl.DataFrame:
    """Open record and cluster, by the likeliest of the cluster's records; clusters are rivals for the record.

    `kept`: of pairs (rids `a`, `b`) the odds, weight, whether they may be twins and whether forenames agree.
    `expected` is EM's number of matches. A pair that may be twins keeps the whole cluster out, unless another record
    of it bears the forename: a record without a name would hide whose cluster it is.
    """
    import polars as pl

    groups = task.b.select(rid_b="rid", grp="grp")
    pairs = without_friends(
        pl.DataFrame({"rid_a": a, "rid_b": b, **{k: kept[k] for k in ("odds", "weight", "is_twin", "is_named")}})
        .with_columns(pl.col("rid_a", "rid_b").cast(pl.Int32))
        .join(groups, on="rid_b")
        .filter(~pl.col("is_twin").any().over("rid_a", "grp") | pl.col("is_named").any().over("rid_a", "grp"))
        .filter(~pl.col("is_twin"))
        .sort("rid_a", "grp", "odds", "rid_b", descending=[False, False, True, False])
        .unique(["rid_a", "grp"], keep="first", maintain_order=True),
        task.a.select(rid_a="rid", own="grp"),
        settings.threshold,
    )
    scored = compete(
        pairs["rid_a"].to_numpy(), pairs["grp"].to_numpy(), pairs["odds"].to_numpy(),
        open_a=len(task.a), open_b=int(groups["grp"].to_numpy().max(initial=0)) + 1,
        expected=min(expected, 0.5 * len(task.a)), fixed=0.0,
        a_is_unique=False, b_is_unique=True, rescale=False,
    )  # fmt: skip
    best = best_pairs(scored)
    accepted = best & (scored.probability >= settings.threshold) & (scored.margin >= settings.margin)
    return pairs.select(
        "rid_a", "rid_b", "grp", pl.lit("probabilistic").alias("step"), "weight",
        pl.Series("probability", scored.probability), pl.Series("margin", scored.margin),
        pl.Series("is_best", best), pl.Series("is_accepted", accepted),
    ).sort("rid_a", "grp")  # fmt: skip
