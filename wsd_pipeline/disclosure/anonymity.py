"""How alone a row is: k-anonymity and ℓ-diversity over quasi-identifiers, by grouping (oracle in tests: pycanon)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def smallest_class(frame: pl.DataFrame, quasi: Sequence[str]) -> int:
    """k: the rows of the smallest group that share every quasi-identifier; 0 for no rows."""
    return int(frame.group_by(quasi).len()["len"].min() or 0) if quasi and len(frame) else len(frame)  # type: ignore[arg-type]


def rows_in_small_classes(frame: pl.DataFrame, quasi: Sequence[str], k: int) -> int:
    """How many rows share their quasi-identifiers with fewer than `k` rows, themselves included."""
    import polars as pl

    if not quasi:
        return len(frame) if len(frame) < k else 0
    sizes = frame.group_by(quasi).len()["len"]
    return int(sizes.filter(sizes < k).cast(pl.Int64).sum())


def diversity(frame: pl.DataFrame, quasi: Sequence[str], sensitive: str) -> int:
    """ℓ: the fewest distinct values of the sensitive column in any group; 0 for no rows."""
    import polars as pl

    if not len(frame):
        return 0
    if not quasi:
        return frame[sensitive].n_unique()
    return int(frame.group_by(quasi).agg(pl.col(sensitive).n_unique())[sensitive].min() or 0)  # type: ignore[arg-type]


def dominated_rows(frame: pl.DataFrame, quasi: Sequence[str], sensitive: str) -> int:
    """Rows of groups where all but at most two people have one sensitive value: who is in it gives it away."""
    import polars as pl

    groups = (
        frame.group_by([*quasi, sensitive])
        .len("most")
        .group_by(quasi)
        .agg(pl.col("most").max(), pl.col("most").sum().alias("n"))
    )
    return int(groups.filter(pl.col("most") >= pl.col("n") - 2)["n"].sum())


def uniques_with(frame: pl.DataFrame, quasi: Sequence[str], extra: Sequence[str]) -> Mapping[str, int]:
    """For each further column, the rows that would be alone if it were known too."""
    return {name: rows_in_small_classes(frame, [*quasi, name], 2) for name in extra}
