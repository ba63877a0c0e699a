"""How good links are, against a truth: pairwise precision, recall and F1, at the default and at the best threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Quality:
    """Pairwise measures (0–1). `best_f1` is the highest F1 any threshold would have given, at `best_threshold`."""

    accepted: int
    true_pairs: int
    precision: float
    recall: float
    f1: float
    best_f1: float
    best_threshold: float
    expected_precision: float


def quality(pairs: pl.DataFrame, truth: pl.DataFrame) -> Quality:
    """Measures of `pairs` (id_a, id_b, probability, weight, is_best, is_accepted) against true pairs (id_a, id_b)."""
    import numpy as np
    import polars as pl

    marked = pairs.join(truth.with_columns(is_true=pl.lit(1)), on=["id_a", "id_b"], how="left").with_columns(
        pl.col("is_true").fill_null(0)
    )
    accepted = marked.filter("is_accepted")
    right, total = int(accepted["is_true"].sum()), len(truth)
    precision = right / max(len(accepted), 1)
    recall = right / max(total, 1)
    best = marked.filter("is_best").sort("probability", "weight", descending=True)
    hits = np.cumsum(best["is_true"].to_numpy())
    f1 = 2 * hits / (np.arange(1, len(best) + 1) + total) if len(best) else np.zeros(1)
    top = int(np.argmax(f1))
    return Quality(
        accepted=len(accepted),
        true_pairs=total,
        precision=precision,
        recall=recall,
        f1=2 * right / max(len(accepted) + total, 1),
        best_f1=float(f1[top]),
        best_threshold=float(best["probability"][top]) if len(best) else 1.0,
        expected_precision=float(accepted["probability"].mean() or 0.0),  # type: ignore[arg-type]
    )
