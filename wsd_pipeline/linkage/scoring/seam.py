"""Step 5 of the borough's cascade: open records against standing people, over the linkage room's tokens.

`score_open` is a `core.Scorer`: it reads two views of records as the cascade keeps them and gives back the pairs
it accepts. Columns a view does not have (sector, former surname) are taken as not known. What a name looks like
(prefix, form, one letter left out) comes from a table of names, so that it is kept and joined once a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.coding import CODE_COLUMNS
from wsd_pipeline.linkage.scoring.engine import run
from wsd_pipeline.linkage.scoring.model import Model
from wsd_pipeline.linkage.scoring.numbering import numbered
from wsd_pipeline.linkage.scoring.settings import Settings
from wsd_pipeline.linkage.scoring.task import Found, Task

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa

# the threshold is the cascade's: with many sources a wrong join spreads, so it is dearer than in a pair of files
BOROUGH = Settings(threshold=0.95, learn_from=100_000)
LEAST_LABELS = 2_000
_NAMES = {
    "f1": "forename",
    "f0": "forename_left_out",
    "s0": "surname",
    "s1": "former_surname",
    "f2": "other_1",
    "s2": "other_2",
}
_MONTH_AND_DAY = {"bmon": "birth_month", "bday": "birth_day"}
_SINGLE = {
    "fp": "forename_phonetic", "sp": "surname_phonetic", "fi": "forename_initial", "dob": "birth_date",
    "byear": "birth_year", "home": "uprn", "pc": "postcode", "sector": "sector", "district": "outward",
    "id1": "nhs", "sex": "sex", "grp": "cluster",
}  # fmt: skip
_LIKENESS = {"f3": "prefix_token", "fk": "form_token"}


def score_open(
    con: duckdb.DuckDBPyConnection,
    left: str,
    everybody: str,
    *,
    names: str | None = None,
    settings: Settings = BOROUGH,
    model: Model | None = None,
) -> pa.Table:
    """Accepted pairs of a record of `left` and a cluster of `everybody`. Grain: record of `left`; ordered by it.

    Columns: rec, cluster, match_weight (bits), match_share (probability, 0–1) and margin_share (how much likelier than
    the runner-up, 0–1). Stops with WSD-220 where a block passes the pair cap.
    """
    found, lefts, people, _ = score(con, left, everybody, names=names, settings=settings, model=model)
    import polars as pl

    accepted = found.pairs.filter("is_accepted")
    made = accepted.select(
        lefts["rec"].gather(accepted["rid_a"]).alias("rec"),
        people["cluster"].gather(accepted["rid_b"]).alias("cluster"),
        match_weight="weight",
        match_share="probability",
        margin_share=1 - (2.0 ** -pl.col("margin").clip(0, 64)),
    )
    return made.sort("rec").to_arrow()


def score(
    con: duckdb.DuckDBPyConnection,
    left: str,
    everybody: str,
    *,
    names: str | None = None,
    settings: Settings = BOROUGH,
    model: Model | None = None,
) -> tuple[Found, pl.DataFrame, pl.DataFrame, Task]:
    """Every pair with a chance, the two views' records in the order of their rids, and what the engine was asked.

    `names`: a relation of `tokens.names`; without it names are near one another only by sound.
    """
    a, b = records_of(con, left), records_of(con, everybody)
    frames, variants = coded([a, b], looks(con, names))
    if not len(a) or not len(b):
        empty = Task(a=frames[0], b=frames[1], variants=variants)
        return Found(_no_pairs(), model or run(empty, settings=settings).model, 0, ()), a, b, empty
    people = one_record_each(frames[1])
    # where nothing is learned none need teach
    same = _teaching(frames[1] if model is None else frames[1].head(0))
    task = Task(
        a=frames[0], b=frames[1], variants=variants, strong_ids=1, b_is_unique=True, people=people, same=same
    )  # fmt: skip
    return run(task, settings=settings, model=model), a, b, task


def _teaching(records: pl.DataFrame) -> pl.DataFrame:
    """Pairs (rid_x, rid_y) of one cluster: of what the number joined, where that is enough.

    Pairs joined by the number say how the rest agrees, whatever rule joined the others.
    """
    import polars as pl

    held = records.select("rid", "grp", "id1")
    numbered = held.filter(pl.col("id1") > 0)
    enough = len(numbered) - numbered["grp"].n_unique() >= LEAST_LABELS
    members = (numbered if enough else held).select("rid", "grp").sort("grp", "rid")
    same = members.with_columns(rid_y=pl.col("rid").shift(-1).over("grp")).drop_nulls("rid_y")
    return same.select(rid_x="rid", rid_y="rid_y")


def one_record_each(records: pl.DataFrame) -> pl.DataFrame:
    """The record of each cluster that says most of who it is: chance agreement is measured among people so known."""
    import polars as pl

    unsaid = pl.sum_horizontal((pl.col("f1", "s0", "dob", "home", "pc") == 0).cast(pl.Int64))
    ranked = records.select("grp", least=unsaid * (1 << 32) + pl.int_range(pl.len()))
    found = ranked.group_by("grp").agg(pl.col("least").min()).sort("grp")
    return records[found["least"] % (1 << 32)]


def records_of(con: duckdb.DuckDBPyConnection, view: str) -> pl.DataFrame:
    """The records of a view in the order of their numbers: a record's place is its rid."""
    found: pl.DataFrame = con.sql(f"from {view} order by rec").pl()
    return found


def looks(con: duckdb.DuckDBPyConnection, names: str | None) -> pl.DataFrame:
    """The rows of a relation of `tokens.names`, or none."""
    import polars as pl

    if names is None:
        schema = {"name_token": pl.UInt64, "prefix_token": pl.UInt64, "form_token": pl.UInt64}
        return pl.DataFrame(schema={**schema, "variant_tokens": pl.List(pl.UInt64)})
    found: pl.DataFrame = con.sql(f"from {names}").pl()
    return found


def coded(records: list[pl.DataFrame], names: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Integer codes of tokens, 0 where not known, and the variants (code, variant) of names.

    One numbering for names, one for month and day, one for each other kind.
    """
    import polars as pl

    made: list[list[pl.Series]] = [[] for _ in records]
    like, variants = pl.DataFrame(), pl.DataFrame()
    for kind in (_NAMES, _MONTH_AND_DAY, *({k: v} for k, v in _SINGLE.items())):
        columns = [[_column(v, name) for name in kind.values()] for v in records]
        numbers, codes = _numbering([c for side in columns for c in side])
        for n, side in enumerate(made):
            side += [c.alias(name) for name, c in zip(kind, codes[n * len(kind) :], strict=False)]
        if kind is _NAMES:
            like, variants = _likeness(numbers, names)
    frames = []
    for view, side in zip(records, made, strict=True):
        heap = _column(view, "is_heaped", pl.Boolean).cast(pl.Int32).alias("heap")
        frame = pl.DataFrame([*side, heap]).with_row_index("rid").with_columns(pl.col("rid").cast(pl.Int32))
        frame = frame.join(like, left_on="f1", right_on="code", how="left", maintain_order="left").fill_null(0)
        unwritten = (pl.lit(0, dtype=pl.Int32).alias(c) for c in CODE_COLUMNS if c not in frame.columns)
        frames.append(frame.with_columns(unwritten))
    return frames, variants


def _likeness(numbers: pl.DataFrame, names: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of each numbered name the codes of its prefix and form; and its variants, one row each."""
    import polars as pl

    named = numbers.join(names, left_on="v", right_on="name_token")
    like = named.select("code", *(pl.col(v).rank("dense").cast(pl.Int32).alias(k) for k, v in _LIKENESS.items()))
    variants = named.select("code", variant="variant_tokens").explode("variant", empty_as_null=True).drop_nulls()
    return like, variants.sort("code", "variant")


def _column(records: pl.DataFrame, name: str, type: pl.DataType | type[pl.DataType] | None = None) -> pl.Series:
    import polars as pl

    if name in records.columns:
        return records[name]
    return pl.Series(name, [None], dtype=type or pl.UInt64).new_from_index(0, len(records))


def _numbering(columns: list[pl.Series]) -> tuple[pl.DataFrame, list[pl.Series]]:
    """The distinct tokens (v) of some columns with their codes, and the codes of each column."""
    import numpy as np
    import polars as pl

    tokens = pl.concat([pl.Series([0], dtype=pl.UInt64), *(c.cast(pl.UInt64).fill_null(0) for c in columns)])
    first, number = numbered(tokens.to_numpy())  # 0, which is not known, comes first
    known = pl.DataFrame({"code": np.arange(len(first), dtype=np.int32), "v": tokens.gather(first)})[1:]
    return known, [pl.Series(codes) for codes in np.split(number[1:], np.cumsum([len(c) for c in columns])[:-1])]


def _no_pairs() -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        schema={
            "rid_a": pl.Int32, "rid_b": pl.Int32, "grp": pl.Int32, "step": pl.String, "weight": pl.Float64,
            "probability": pl.Float64, "margin": pl.Float64, "is_best": pl.Boolean, "is_accepted": pl.Boolean,
        }
    )  # fmt: skip
