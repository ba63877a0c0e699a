"""What is said of a month's linking as a whole: the model's levels, the scores, who could not be linked, alarms.

Counts and figures only, of nobody in particular: what the steward's page of linkage draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring import frequency
from wsd_pipeline.linkage.scoring.codes import Codes

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import polars as pl

    from wsd_pipeline.linkage.scoring.levels import Comparison
    from wsd_pipeline.linkage.scoring.task import Found, Task

SIZES = (1, 2, 3, 5, 8, 12, 20, 30)
"""Records of a person: up to each of these, and more."""
MANY_RECORDS = 30


def start(con: duckdb.DuckDBPyConnection) -> None:
    """`said`: empty to begin with."""
    con.execute(
        "create table said (measure varchar, part varchar, place integer, value varchar, record_count bigint,"
        " figure decimal(18,9))"
    )


def keep_scores(con: duckdb.DuckDBPyConnection, found: Found, task: Task, threshold: float, review_from: float) -> None:
    """Add what the scores say: levels of the model, likely pairs by probability, what people's own records weigh."""
    if found.fit is None:
        return
    con.execute(
        "insert into said values ('threshold', 'accept', 1, 'probability', null, ?),"
        " ('threshold', 'review', 2, 'probability', null, ?)",
        [threshold, review_from],
    )
    for rows in (_levels(found), _scores(found), _own_weights(found, task)):
        con.register("said_rows", rows.to_arrow())
        con.execute("insert into said select measure, part, place, value, record_count, figure from said_rows")
        con.unregister("said_rows")


def _levels(found: Found) -> pl.DataFrame:
    """m, u, the household's share and the weight in bits of each level that a model knows; bands of a name together."""
    import numpy as np

    rows: list[tuple[str, str, int, str, None, float]] = []
    for k, comparison in enumerate(found.compared):
        tables = [found.fit.m[k], found.fit.u[k], found.fit.family[k]] if found.fit else []
        for place, (level, shares) in enumerate(_joined(comparison, tables)):
            if place == 0:
                continue
            m, u, family = shares
            weight = float(np.log2(max(m, 1e-12) / max(u, 1e-12)))
            figures = {"m_share": m, "u_share": u, "household_share": family, "weight_bits": weight}
            rows += [(name, comparison.name, place, level, None, float(x)) for name, x in figures.items()]
    return _frame(rows)


def _joined(comparison: Comparison, tables: list[np.ndarray]) -> list[tuple[str, list[float]]]:
    """The levels in order with their shares; of a banded comparison the bands of agreement as one."""
    from wsd_pipeline.linkage.scoring.levels import BANDS

    levels = list(comparison.levels)
    if not comparison.banded:
        return [(level, [float(t[n]) for t in tables]) for n, level in enumerate(levels)]
    rest = [(level, [float(t[n]) for t in tables]) for n, level in enumerate(levels) if not 1 <= n <= BANDS]
    return [rest[0], ("same", [float(t[1 : 1 + BANDS].sum()) for t in tables]), *rest[1:]]


def _scores(found: Found) -> pl.DataFrame:
    """Likeliest pairs of open records by probability, in twentieths: accepted or not."""
    import polars as pl

    best = found.pairs.filter("is_best").select(
        place=(pl.col("probability") * 20).floor().clip(0, 19).cast(pl.Int32),
        part=pl.when("is_accepted").then(pl.lit("accepted")).otherwise(pl.lit("not accepted")),
    )
    counted = best.group_by("part", "place").agg(record_count=pl.len().cast(pl.Int64)).sort("part", "place")
    return counted.select(
        measure=pl.lit("score"), part="part", place="place",
        value=pl.format("{} to {}", (pl.col("place") / 20).round(2), ((pl.col("place") + 1) / 20).round(2)),
        record_count="record_count", figure=pl.lit(None, dtype=pl.Float64),
    )  # fmt: skip


def _own_weights(found: Found, task: Task) -> pl.DataFrame:
    """What the fullest record of each person would weigh against one just like it, the number left aside: whole bits.

    Who weighs little cannot be linked without a number, whatever is done.
    """
    import numpy as np
    import polars as pl

    if task.people is None or found.fit is None:
        return _frame([])
    people = frequency.add_bands([Codes.of(task.people)])[0]
    home = np.where(people["home"] > 0, 1, np.where(people["pc"] > 0, 2, 0))
    known = {
        "forename": (people["f1"] > 0) * (1 + people["fband"]),
        "surname": (people["s0"] > 0) * (1 + people["sband"]),
        "birth_date": (people["dob"] > 0) * (1 + people["heap"]),
        "sex": (people["sex"] > 0) * 1,
        "address": home,
    }
    bits = np.zeros(len(people))
    for k, comparison in enumerate(found.compared):
        if comparison.name in known:
            weights = np.log2(np.maximum(found.fit.m[k], 1e-12) / np.maximum(found.fit.u[k], 1e-12))
            bits += weights[known[comparison.name]]
    counted = pl.DataFrame({"place": np.floor(bits).astype(np.int32)}).group_by("place").len().sort("place")
    return counted.select(
        measure=pl.lit("own_weight"), part=pl.lit("bits"), place="place", value=pl.col("place").cast(pl.String),
        record_count=pl.col("len").cast(pl.Int64), figure=pl.lit(None, dtype=pl.Float64),
    )  # fmt: skip


def _frame(rows: list[tuple[str, str, int, str, None, float]]) -> pl.DataFrame:
    import polars as pl

    schema = {
        "measure": pl.String, "part": pl.String, "place": pl.Int32, "value": pl.String, "record_count": pl.Int64,
        "figure": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def write_evidence(con: duckdb.DuckDBPyConnection) -> None:
    """Make `out_evidence`: what was said of the scores, how many records people have, and alarms of over-linkage."""
    con.execute(
        """
        create table person_size as
        select r.cluster, count(*) as records, min(r.nhs) != max(r.nhs) as has_two_numbers,
            min(r.birth_date) != max(r.birth_date) as has_two_birthdays, min(r.sex) != max(r.sex) as has_two_sexes
        from rec as r
        where r.is_current
        group by r.cluster
        """
    )
    sizes = " ".join(f"when records <= {size} then {n}" for n, size in enumerate(SIZES))
    words = " ".join(
        f"when {n} then '{low + 1} to {high}'" if high > low + 1 else f"when {n} then '{high}'"
        for n, (low, high) in enumerate(zip((0, *SIZES), SIZES, strict=False))
    )
    con.execute(
        f"""
        create table out_evidence as
        with sized as (select case {sizes} else {len(SIZES)} end as place from person_size),
        alarms as (
            select count(*) filter (where coalesce(has_two_numbers, false)) as numbers,
                count(*) filter (where coalesce(has_two_birthdays, false)) as birthdays,
                count(*) filter (where coalesce(has_two_sexes, false)) as sexes,
                count(*) filter (where records > {MANY_RECORDS}) as sizes
            from person_size
        )
        from said
        union all
        select 'person_size', 'records', place, case place {words} else 'more than {SIZES[-1]}' end, count(*), null
        from sized group by place
        union all
        select 'alarm', a.part, a.place, 'people', a.record_count, null
        from (
            select unnest(['two valid numbers', 'more than one birth date', 'more than one sex',
                'more than {MANY_RECORDS} records']) as part,
                unnest([1, 2, 3, 4]) as place, unnest([numbers, birthdays, sexes, sizes]) as record_count
            from alarms
        ) as a
        """
    )
