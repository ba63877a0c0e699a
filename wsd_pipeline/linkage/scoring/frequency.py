"""How often values agree by chance: u from frequency tables where agreement is exact, from random pairs elsewhere.

Also the frequency bands of names: eight bands, each four times rarer than the one before, so that agreement on a
rare name weighs more without any look-up at scoring time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.levels import BANDS, Comparison

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

BAND_COLUMNS = {"f1": "fband", "s0": "sband"}


def add_bands(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """The frames with `fband` and `sband`: 0 for names borne by more than 1 in 64 rows, to 7 for the rarest."""
    import numpy as np
    import polars as pl

    made = list(frames)
    for column, band in BAND_COLUMNS.items():
        codes = [f[column].fill_null(0).to_numpy() for f in frames]
        counts = np.bincount(np.concatenate(codes)).astype(float)
        counts[0] = 0
        share = np.maximum(counts / max(counts.sum(), 1.0), 1e-12)
        bands = np.clip(np.floor((-np.log2(share) - 4) / 2), 0, BANDS - 1).astype(np.int32)
        made = [f.with_columns(pl.Series(band, bands[c])) for f, c in zip(made, codes, strict=True)]
    return made


def band_shares(frames: list[pl.DataFrame], comparison: Comparison) -> np.ndarray:
    """Share of rows (name known) in each band: how a true match's exact agreement spreads over the bands."""
    import numpy as np

    if not comparison.banded or comparison.exact is None:
        return np.ones(1)
    counts = np.zeros(BANDS)
    for frame in frames:
        known = frame.filter(frame[comparison.exact].is_not_null())[BAND_COLUMNS[comparison.exact]]
        counts += np.bincount(known.to_numpy(), minlength=BANDS)
    shares: np.ndarray = (counts + 1e-6) / (counts + 1e-6).sum()
    return shares


def chance(
    comparison: Comparison, levels: np.ndarray, a: pl.DataFrame, b: pl.DataFrame, *, one_table: bool
) -> np.ndarray:
    """u of each level of one comparison: `levels` are those of random pairs; exact ones are replaced by exact sums."""
    import numpy as np

    size = len(comparison.levels)
    u = (np.bincount(levels, minlength=size) + 0.25) / (len(levels) + 0.25 * size)
    if comparison.exact is not None:
        column = comparison.exact
        if comparison.banded:
            exact = _agreement_by(a, b, column, BAND_COLUMNS[column], one_table)
            u[1 : 1 + BANDS] = exact
        elif column == "dob":
            u[1:3] = _agreement_by(a, b, column, "heap", one_table)[:2]
        else:
            u[1] = _agreement_by(a, b, column, None, one_table)[0]
    u = np.maximum(u, 1e-10)
    made: np.ndarray = u / u.sum()
    return made


def _agreement_by(a: pl.DataFrame, b: pl.DataFrame, column: str, band: str | None, one_table: bool) -> np.ndarray:
    """Probability that a random pair agrees on `column`, by band of the value."""
    import numpy as np
    import polars as pl

    keys = [column] if band is None else [column, band]
    left = a.lazy().drop_nulls(column).group_by(keys).agg(n=pl.len().cast(pl.Float64))
    right = b.lazy().drop_nulls(column).group_by(column).agg(k=pl.len().cast(pl.Float64))
    both = left.join(right, on=column).with_columns(
        pairs=pl.col("n") * (pl.col("k") - 1) / 2 if one_table else pl.col("n") * pl.col("k")
    )
    total = len(a) * (len(a) - 1) / 2 if one_table else float(len(a)) * len(b)
    found = both.group_by(pl.col(band) if band else pl.lit(0).alias("band")).agg(pl.col("pairs").sum()).collect()
    sums = np.zeros(BANDS if band is not None else 1)
    sums[found[:, 0].to_numpy()] = found["pairs"].to_numpy()
    made: np.ndarray = (sums + 0.01) / max(total, 1.0)
    return made
