"""What the engine asks of its DuckDB session: tables from frames, arrays from queries, near names, levels of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wsd_pipeline.linkage.scoring.levels import Comparison, near_columns, near_joins, packed_sql
from wsd_pipeline.linkage.scoring.meeting import rows

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import polars as pl


BATCH = 122_880
"""Rows handed to a session at a time: it shares out batches between its threads."""


def view(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """A view of the session over a frame, which is not copied."""
    import pyarrow as pa

    held = frame.to_arrow()
    con.register(name, pa.Table.from_batches(held.to_batches(max_chunksize=BATCH), schema=held.schema))


def table(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """A table of the session from a frame."""
    view(con, "incoming_frame", frame)
    con.execute(f"create or replace table {name} as select * from incoming_frame")
    con.unregister("incoming_frame")


def arrays(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, np.ndarray]:
    """The columns of a query's result."""
    found: Any = con.execute(query).fetchnumpy()
    return dict(found)


def near_names(
    variants: pl.DataFrame, frames: Sequence[pl.DataFrame], compared: tuple[Comparison, ...]
) -> pl.DataFrame:
    """Column `k`: the packed codes of two different names one edit apart, both among the frames' names."""
    import numpy as np
    import polars as pl

    held = [frame[column].drop_nulls().to_numpy() for frame in frames for column in near_columns(compared).values()]
    codes = variants["code"].to_numpy()
    named = np.zeros(max(int(c.max(initial=0)) for c in (codes, *held)) + 1, dtype=np.bool_)
    for each in held:
        named[each] = True
    spelt = variants.filter(named[codes]).lazy()
    both = spelt.join(spelt, on="variant", suffix="_y").filter(pl.col("code") != pl.col("code_y"))
    packed = pl.col("code").cast(pl.Int64) * (1 << 32) + pl.col("code_y").cast(pl.Int64)
    found: pl.DataFrame = both.select(k=packed).unique().collect(engine="streaming")
    return found


def patterns(
    con: duckdb.DuckDBPyConnection,
    pairs: pl.DataFrame,
    left: pl.DataFrame,
    right: pl.DataFrame,
    compared: tuple[Comparison, ...],
    variants: pl.DataFrame,
) -> pl.DataFrame:
    """The packed levels of pairs (rid_a, rid_b) of rows of two frames: pattern, n (pairs); ordered by pattern."""
    sides = [rows(frame, pairs[f"rid_{side}"].unique()) for side, frame in (("a", left), ("b", right))]
    held = {"some_a": sides[0], "some_b": sides[1], "asked": pairs, "some_near": near_names(variants, sides, compared)}
    for name, frame in held.items():
        view(con, name, frame)
    found: pl.DataFrame = con.sql(
        f"""select {packed_sql(compared)} as pattern, count(*)::double as n
        from asked join some_a a on a.rid = rid_a join some_b b on b.rid = rid_b {near_joins(compared, "some_near")}
        group by 1 order by 1"""
    ).pl()
    for name in held:
        con.unregister(name)
    return found


def some(rids: pl.Series, most: int) -> pl.Series:
    """At most so many of the rids, in order, the same for the same rids."""
    import numpy as np

    ordered = rids.sort()
    if len(ordered) <= most:
        return ordered
    return ordered.gather(np.sort(np.random.default_rng(3).choice(len(ordered), most, replace=False)))


def random_pairs(left: pl.Series, right: pl.Series, size: int) -> pl.DataFrame:
    """Random pairs of rids, the same for the same rids."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(5)
    picked = [side.gather(rng.integers(0, len(side), size)) for side in (left, right)]
    return pl.DataFrame({"rid_a": picked[0], "rid_b": picked[1]}).filter(
        pl.lit(left is not right) | (pl.col("rid_a") != pl.col("rid_b"))
    )
