"""What each comparison weighed when the score joined two records: the parts of a match weight, kept with the pair.

A weight is told as it was when the pair was accepted: how common agreement is by chance is measured anew each month.
How rare the two names are is one part for both, so that no figure is one name's. Levels and bits only, no token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.contracts.linked import COMPARED_BITS
from wsd_pipeline.linkage.scoring import em, frequency
from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.comparing import Comparer
from wsd_pipeline.linkage.scoring.levels import BANDS
from wsd_pipeline.linkage.scoring.near import NearNames
from wsd_pipeline.linkage.scoring.pairs import pairs_at

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import polars as pl

    from wsd_pipeline.linkage.scoring.settings import Settings
    from wsd_pipeline.linkage.scoring.task import Found, Task

NAMES_OF = {"id1": "nhs"}
"""Comparisons whose column has another name than theirs."""


def start(con: duckdb.DuckDBPyConnection) -> None:
    """`weighed` (rec_a, rec_b, prior_bits, and bits of each comparison): empty to begin with."""
    columns = ", ".join(f"{c} decimal(9,3)" for c in ("prior_bits", *COMPARED_BITS))
    con.execute(f"create table weighed (rec_a integer, rec_b integer, {columns})")


def keep(
    con: duckdb.DuckDBPyConnection,
    found: Found,
    task: Task,
    lefts: pl.DataFrame,
    others: pl.DataFrame,
    settings: Settings,
) -> None:
    """Fill `weighed` for the accepted pairs; of a pair scored from both ends, with what the heavier one weighed."""
    import polars as pl

    pairs = found.pairs.filter("is_accepted").select("rid_a", "rid_b", "weight")
    if pairs.is_empty():
        return
    made = parts(found, task, pairs, settings).with_columns(
        weight=pairs["weight"],
        rec_a=lefts["rec"].gather(pairs["rid_a"]),
        rec_b=others["rec"].gather(pairs["rid_b"]),
    )
    ends = pl.col("rec_a", "rec_b")
    once = (
        made.sort("weight", "rec_a", descending=[True, False])
        .with_columns(rec_a=pl.min_horizontal(ends), rec_b=pl.max_horizontal(ends))
        .unique(["rec_a", "rec_b"], keep="first", maintain_order=True)
    )
    con.register("weighed_rows", once.to_arrow())
    con.execute(f"insert into weighed select rec_a, rec_b, prior_bits, {', '.join(COMPARED_BITS)} from weighed_rows")
    con.unregister("weighed_rows")


def parts(found: Found, task: Task, pairs: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Bits of the prior and of each comparison for pairs (rid_a, rid_b), in their order.

    Names weigh here what agreement on any name does; what is left of the match weight is that these are rarer.
    """
    import numpy as np
    import polars as pl

    assert found.fit is not None
    levels = _levels(found, task, pairs, settings)
    made = {}
    for k, comparison in enumerate(found.compared):
        m, u = (np.maximum(of[k], 1e-12) for of in (found.fit.m, found.fit.u))
        bits = np.log2(m / u)
        if comparison.banded:
            bits[1 : 1 + BANDS] = np.log2(m[1 : 1 + BANDS].sum() / u[1 : 1 + BANDS].sum())
        made[f"{NAMES_OF.get(comparison.name, comparison.name)}_bits"] = bits[levels[:, k]]
    prior = np.log2(max(found.fit.matches, 1e-12) / (float(len(task.a)) * len(task.b)))
    return pl.DataFrame(made).with_columns(prior_bits=pl.lit(float(prior)))


def _levels(found: Found, task: Task, pairs: pl.DataFrame, settings: Settings) -> np.ndarray:
    """The level of each comparison (columns) of each pair (rows), as the engine saw them."""
    a, b = frequency.add_bands([Codes.of(task.a), Codes.of(task.b)])
    comparer = Comparer(found.compared, NearNames(task.variants), settings.threads)
    at = pairs_at((a, b), pairs["rid_a"].to_numpy(), pairs["rid_b"].to_numpy())
    return em.unpack(comparer.patterns(at, a, b), found.compared)
