"""The number held out: records whose number is known are scored without it, to see whether they find their person.

Where no truth is known this is the one figure that says how well records without a number are linked. The trial
joins nobody: it is scored apart, with the model and the chances of the month.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.engine import run
from wsd_pipeline.linkage.scoring.task import Found, Task

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from wsd_pipeline.linkage.scoring.model import Model
    from wsd_pipeline.linkage.scoring.settings import Settings

MOST = 4_000
"""Records tried in a month, at most: every so many of those that could be."""


def start(con: duckdb.DuckDBPyConnection) -> None:
    """`held_out` (rec, outcome): empty to begin with."""
    con.execute("create table held_out (rec integer, outcome varchar)")


def hold_out(
    con: duckdb.DuckDBPyConnection, people: pl.DataFrame, task: Task, found: Found, *, settings: Settings, model: Model
) -> None:
    """Fill `held_out`: of each record tried, right (its own person), wrong (another) or missed (nobody).

    Tried are records with a number and a birth date, of people who have another record: there is somebody to find.
    `people` are the rows of `task.b`, each of so many `records` that look the same.
    """
    import polars as pl

    if found.fit is None or task.people is None:
        return
    rows = task.b.sort("rid").with_columns(records=people["records"])
    others = pl.col("records").sum().over("grp") > 1
    could = rows.filter((pl.col("id1") > 0) & (pl.col("dob") > 0) & others)
    tried = could.gather_every(-(-len(could) // MOST) or 1) if len(could) else could
    if tried.is_empty():
        return
    last = int(task.b["grp"].max() or 0)  # type: ignore[arg-type]
    rids = pl.int_range(pl.len(), dtype=pl.Int32)
    left = tried.with_columns(
        rid=rids, own=pl.col("rid"), own_grp=pl.col("grp"), grp=(last + 1 + rids).cast(task.b["grp"].dtype),
        id1=pl.lit(0, dtype=pl.Int32),
    )  # fmt: skip
    itself = left.filter(pl.col("records") == 1).select(rid_a="rid", rid_b="own")
    trial = Task(
        a=left.drop("own", "own_grp", "records"), b=task.b, variants=task.variants, strong_ids=1, b_is_unique=True,
        people=task.people, same=task.same, not_itself=itself, u=found.fit.u,
    )  # fmt: skip
    made = run(trial, settings=settings, model=model).pairs.filter("is_accepted").select("rid_a", "grp")
    outcome = (
        pl.when(pl.col("grp").is_null()).then(pl.lit("missed"))
        .when(pl.col("grp") == pl.col("own_grp")).then(pl.lit("right")).otherwise(pl.lit("wrong"))
    )  # fmt: skip
    judged = left.select(rid_a="rid", own="own", own_grp="own_grp").join(made, on="rid_a", how="left")
    told = judged.select(rec=people["rec"].gather(judged["own"]), outcome=outcome).sort("rec")
    con.register("held_out_rows", told.to_arrow())
    con.execute("insert into held_out select rec, outcome from held_out_rows")
    con.unregister("held_out_rows")


def write_holdout(con: duckdb.DuckDBPyConnection) -> None:
    """Make `out_holdout`, as contracted."""
    con.execute(
        """
        create table out_holdout as
        select n.source, n.record_id, h.outcome from held_out as h join numbered as n using (rec)
        """
    )
