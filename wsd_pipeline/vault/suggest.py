"""Which of a file's columns is which of a contract's: header and values weighed together, each column used once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.vault.evidence import Shape, evidence
from wsd_pipeline.vault.headers import Aliases, likeness, words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

ADDRESS_WORDS = frozenset(
    {
        "address", "line", "house", "home", "flat", "building", "street", "road", "village", "locality", "district",
        "town", "city", "county", "area", "premises", "room", "block",
    }
)  # fmt: skip
"""What the parts of an address are called; a supplier writes them one after the other, whatever they are called."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each kind of evidence counts beside the words of the header (0–1).

    A pair that comes to less than `least` is no suggestion: the column is taken as not supplied. A required column is
    in every file, so that much less will do. They were set before any extract was measured (tests/mapping).
    """

    values: float = 0.35
    neighbour: float = 0.1
    least: float = 0.4
    required: float = 0.2


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A column of the contract, the place of the file's column that seems to be it (from 0), and how surely, 0–1."""

    column: str
    place: int | None
    confidence: float


@dataclass(frozen=True)
class Evidence:
    """For each of the contract's columns (rows) and the file's (columns): likeness of header, and fit of values."""

    words: Matrix
    values: Matrix


def gather(feed: LandedTable, headers: Sequence[str], shapes: Sequence[Shape], aliases: Aliases) -> Evidence:
    """All that is known of each pair of columns."""
    import numpy as np

    columns = feed.landed_columns
    words = np.array(likeness(feed, headers, aliases), dtype=float).reshape(len(columns), len(headers))
    _place_address(feed, headers, words)
    values = np.array([[evidence(shape, column) for shape in shapes] for column in columns], dtype=float)
    return Evidence(words, values.reshape(words.shape))


def _place_address(feed: LandedTable, headers: Sequence[str], words: Matrix) -> None:
    """Where a contract has numbered address lines, the file's parts of an address are taken for them in their order."""
    lines = [i for i, c in enumerate(feed.landed_columns) if c.name.startswith("address_line_")]
    if not lines:
        return
    parts = [j for j, h in enumerate(headers) if set(words_of(h)) & ADDRESS_WORDS and not _is_other(h)]
    runs: list[list[int]] = []
    for j in parts:
        if runs and j == runs[-1][-1] + 1:
            runs[-1].append(j)
        else:
            runs.append([j])
    longest = max(runs, key=len, default=[])
    if len(longest) > 1:
        words[lines, :] = 0.0
        for i, j in zip(lines, longest, strict=False):
            words[i, j] = 1.0


def _is_other(header: str) -> bool:
    """Whether a header that speaks of an address is of something else about it."""
    return bool({"email", "postcode", "telephone", "tel", "phone", "date", "uprn", "type"} & set(words_of(header)))


def suggest(feed: LandedTable, known: Evidence, weights: Weights | None = None) -> list[Suggestion]:
    """A suggestion for each of the contract's columns.

    The best assignment as a whole: no column of the file is suggested twice. It is made twice: the second time, columns
    that are neighbours in contract and file both count for each other, as suppliers keep a specification's order.
    """
    import numpy as np

    weights = weights or Weights()
    worth = known.words + weights.values * known.values
    chosen = _assigned(feed, worth, weights)
    beside = np.zeros_like(worth)
    for i, j in chosen.items():
        for step in (-1, 1):
            if 0 <= i + step < worth.shape[0] and 0 <= j + step < worth.shape[1]:
                beside[i + step, j + step] += 1
    worth = worth + weights.neighbour * beside
    chosen = _assigned(feed, worth, weights)
    return [
        Suggestion(
            column=column.name,
            place=chosen.get(i),
            confidence=_confidence(worth, i, chosen[i], weights) if i in chosen else 0.0,
        )
        for i, column in enumerate(feed.landed_columns)
    ]


def _assigned(feed: LandedTable, worth: Matrix, weights: Weights) -> dict[int, int]:
    """The file's column of each of the contract's that has one: together of the greatest worth."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    least = [weights.least - weights.required * column.required for column in feed.landed_columns]
    none = np.repeat(np.array(least)[:, None], len(least), axis=1)
    rows, places = linear_sum_assignment(np.hstack([worth, none]), maximize=True)
    return {int(i): int(j) for i, j in zip(rows, places, strict=True) if j < worth.shape[1]}


def _confidence(worth: Matrix, i: int, j: int, weights: Weights) -> float:
    """Half what the pair is worth, half by how much it beats what else either could have been paired with."""
    import numpy as np

    pair = float(worth[i, j])
    others = np.concatenate([np.delete(worth[i], j), np.delete(worth[:, j], i), [0.0]])
    lead = pair - max(float(others.max()), 0.0)
    most = 1 + weights.values + 2 * weights.neighbour
    return round(min(1.0, max(0.0, 0.5 * pair / most + 0.5 * min(1.0, max(0.0, 2 * lead)))), 2)
