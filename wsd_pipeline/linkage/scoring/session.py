"""What the engine asks of its DuckDB session: tables from frames, arrays from queries, near names, random pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsd_pipeline.linkage.scoring.levels import Comparison, near_joins, packed_sql
from wsd_pipeline.linkage.scoring.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import polars as pl


def table(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """A table of the session from a frame."""
    con.register("incoming_frame", frame.to_arrow())
    con.execute(f"create or replace table {name} as select * from incoming_frame")
    con.unregister("incoming_frame")


def arrays(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, np.ndarray]:
    """The columns of a query's result."""
    found: Any = con.execute(query).fetchnumpy()
    return dict(found)


def near_names(con: duckdb.DuckDBPyConnection, variants: pl.DataFrame, tables: list[str], columns: list[str]) -> None:
    """Table `near` (k): the packed codes of two different names one edit apart, both among the tables' columns."""
    con.register("incoming", variants.to_arrow())
    union = " union ".join(f"select {c} as code from {t} where {c} is not null" for t in tables for c in columns)
    con.execute(
        f"create or replace temp table spelt as select code, variant from incoming semi join ({union}) using (code)"
    )
    con.execute(
        """create or replace table near as
        select distinct (x.code::bigint << 32) | y.code as k
        from spelt x join spelt y using (variant) where x.code <> y.code"""
    )
    con.unregister("incoming")


def random_patterns(
    con: duckdb.DuckDBPyConnection, drawn: list[tuple[str, str]], compared: tuple[Comparison, ...], settings: Settings
) -> dict[str, np.ndarray]:
    """Columns `pattern` and `n`: the packed levels of random pairs of rows of each two tables (or of one, twice)."""
    import polars as pl

    parts = []
    for number, (left, right) in enumerate(drawn):
        sides = []
        for side, name in zip("ab", (left, right), strict=True):
            rids = some(pl.Series(arrays(con, f"select rid from {name}")["rid"]), settings.sample_records)
            table(con, "wanted", rids.to_frame("rid"))
            con.execute(
                f"create or replace table some_{side}_{number} as select * from {name} semi join wanted using (rid)"
            )
            sides.append(rids)
        size = min(settings.sample_pairs // len(drawn), 20 * len(sides[0]) * len(sides[1]))
        table(con, f"drawn_{number}", random_pairs(sides[0], sides[0] if left == right else sides[1], size))
        parts.append(
            f"select {packed_sql(compared)} as pattern, count(*) as n from drawn_{number} d"
            f" join some_a_{number} a on a.rid = d.ra join some_b_{number} b on b.rid = d.rb"
            f" {near_joins(compared)} group by 1"
        )
    return arrays(con, " union all ".join(parts))


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
    return pl.DataFrame({"ra": picked[0], "rb": picked[1]}).filter(
        pl.lit(left is not right) | (pl.col("ra") != pl.col("rb"))
    )
