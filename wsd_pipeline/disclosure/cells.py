"""Cells of a published count, what is known of each, and the system of equations they make together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

UNBOUNDED = 1 << 40
"""Above any count of people: the upper bound of a number about which nothing is published."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """Columns that divide people by the same thing, coarse to fine: ward and LSOA; nested age bands.

    `up[column][value]` is the value or values of the next coarser column that contain it: one in a nesting; more
    where the coarser column's groups overlap (`overlapping`: registered and resident), and then only the finest
    column adds up to everybody.
    """

    name: str
    columns: tuple[str, ...]
    up: Mapping[str, Mapping[str, tuple[str, ...]]]
    overlapping: bool = False


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Cells of one measure, and what is known of each count.

    `codes[i, d]` is 0 where cell i totals over dimension d, else 1 + the place of its value in `values[d]`. The
    exact count of cell i is an integer from `low[i]` to `high[i]`; `secret[i]` says that it was withheld.
    """

    dimensions: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Ints
    low: Ints
    high: Ints
    secret: Flags

    def __len__(self) -> int:
        return len(self.low)

    def key(self, i: int, total: str = "all") -> tuple[str, ...]:
        """The dimensions of cell i as text."""
        return tuple(total if c == 0 else self.values[d][c - 1] for d, c in enumerate(self.codes[i]))

    @classmethod
    def drawn(
        cls,
        dimensions: Sequence[str],
        keys: Sequence[Sequence[str]],
        low: Any,
        high: Any,
        secret: Any,
        total: str = "all",
    ) -> Cells:
        """The cells of keys written as text."""
        import numpy as np

        columns, values = [], []
        for d in range(len(dimensions)):
            text = np.array([key[d] for key in keys], dtype=object).astype(str)
            known = np.unique(text[text != total])
            columns.append(np.where(text == total, 0, np.searchsorted(known, text) + 1))
            values.append(tuple(str(v) for v in known))
        return cls(
            dimensions=tuple(dimensions),
            values=tuple(values),
            codes=np.column_stack(columns).astype(np.int64) if columns else np.zeros((len(keys), 0), dtype=np.int64),
            low=np.asarray(low, dtype=np.int64),
            high=np.asarray(high, dtype=np.int64),
            secret=np.asarray(secret, dtype=bool),
        )

    def joined(self, other: Cells) -> Cells:
        """The cells of both; a dimension one of them lacks is totalled over there."""
        import numpy as np

        dims = (*self.dimensions, *(d for d in other.dimensions if d not in self.dimensions))
        values, columns = [], []
        for name in dims:
            held = [dict(zip(c.dimensions, c.values, strict=True)).get(name, ()) for c in (self, other)]
            known = tuple(sorted({*held[0], *held[1]}))
            values.append(known)
            parts = []
            for cells, mine in zip((self, other), held, strict=True):
                place = np.array([0, *(known.index(v) + 1 for v in mine)], dtype=np.int64)
                has = name in cells.dimensions
                parts.append(
                    place[cells.codes[:, cells.dimensions.index(name)]] if has else np.zeros(len(cells), np.int64)
                )
            columns.append(np.concatenate(parts))
        return Cells(
            dimensions=dims,
            values=tuple(values),
            codes=np.array(columns, dtype=np.int64).T.reshape(len(self) + len(other), len(dims)),
            low=np.concatenate([self.low, other.low]),
            high=np.concatenate([self.high, other.high]),
            secret=np.concatenate([self.secret, other.secret]),
        )


@dataclass(frozen=True, kw_only=True)
class System:
    """`matrix @ x = 0` with integers `low <= x <= high`. Variable `of_cell[i]` is the count of cell i.

    `kind[r]` numbers the pair of breakdowns that row r adds up, finer into coarser.
    """

    matrix: Any
    low: Ints
    high: Ints
    secret: Flags
    of_cell: Ints
    kind: Ints
