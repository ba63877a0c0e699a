"""Which of a file's columns is which of a contract's: header and values weighed together, each column used once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.vault.evidence import Shape, evidence
from wsd_pipeline.vault.headers import Aliases, likeness

if TYPE_CHECKING:
    import duckdb

EVIDENCE_WEIGHT = 0.35
LEAST_LIKENESS = 0.4
"""A pair whose header and values together come to less is no suggestion: the column is taken as not supplied."""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A column of the contract, the place of the file's column that seems to be it (from 0), and how surely, 0–1."""

    column: str
    place: int | None
    confidence: float


def suggest(
    con: duckdb.DuckDBPyConnection,
    feed: LandedTable,
    headers: Sequence[str],
    shapes: Sequence[Shape],
    aliases: Aliases,
    relation: str = "sample",
) -> list[Suggestion]:
    """A suggestion for each of the contract's columns; `relation` has the file's columns as column_0, column_1 …

    The best assignment as a whole: no column of the file is suggested twice.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    columns = feed.landed_columns
    worth = np.array(likeness(feed, headers, aliases), dtype=float).reshape(len(columns), len(headers))
    for i, column in enumerate(columns):
        for j, shape in enumerate(shapes):
            worth[i, j] += EVIDENCE_WEIGHT * evidence(con, relation, f"column_{j}", shape, column)
    none = np.full((len(columns), len(columns)), LEAST_LIKENESS)
    chosen = dict(zip(*linear_sum_assignment(np.hstack([worth, none]), maximize=True), strict=True))
    out = []
    for i, column in enumerate(columns):
        j = int(chosen[i])
        if j >= len(headers):
            out.append(Suggestion(column=column.name, place=None, confidence=0.0))
            continue
        out.append(Suggestion(column=column.name, place=j, confidence=_confidence(worth, i, j)))
    return out


def _confidence(worth: object, i: int, j: int) -> float:
    """Half what the pair is worth, half by how much it beats what else either could have been paired with."""
    import numpy as np

    matrix = np.asarray(worth)
    pair = float(matrix[i, j])
    others = np.concatenate([np.delete(matrix[i], j), np.delete(matrix[:, j], i), [0.0]])
    lead = pair - max(float(others.max()), 0.0)
    return round(min(1.0, max(0.0, 0.5 * pair / (1 + EVIDENCE_WEIGHT) + 0.5 * min(1.0, max(0.0, 2 * lead)))), 2)
