"""The records of one side as arrays of codes, which is how the engine reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


class Codes:
    """Columns of codes, as unsigned arrays all as long: 0 where a code is not known. `rid` numbers the rows."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self._columns = columns
        self._most: dict[str, int] = {}
        self._knows: dict[str, np.ndarray | None] = {}

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Codes:
        """The integer columns of a frame; null and 0 are both not known."""
        columns = {c.name: c.fill_null(0).to_numpy() for c in frame.iter_columns()}
        return cls({name: c.view(f"u{c.dtype.itemsize}") for name, c in columns.items()})

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __getitem__(self, column: str) -> np.ndarray:
        return self._columns[column]

    def most(self, column: str) -> int:
        """The highest code of a column: 0 where none is known."""
        if column not in self._most:
            self._most[column] = int(self[column].max(initial=0))
        return self._most[column]

    def known(self, columns: Iterable[str], among: np.ndarray | None = None) -> np.ndarray | None:
        """Which rows, or those of a mask, are known in all the columns; none where all are."""
        found = among
        for column in columns:
            known = self._known(column)
            found = known if found is None else found if known is None else found & known
        return found

    def _known(self, column: str) -> np.ndarray | None:
        if column not in self._knows:
            known = self[column] != 0
            self._knows[column] = None if known.all() else known
        return self._knows[column]

    def at(self, places: np.ndarray) -> Codes:
        """The rows at some places, in that order."""
        return Codes({name: column.take(places) for name, column in self._columns.items()})

    def having(self, **columns: np.ndarray) -> Codes:
        """These rows with further columns."""
        return Codes({**self._columns, **columns})

    def places_of(self, rids: np.ndarray) -> np.ndarray:
        """The place of each rid, -1 where it has none."""
        import numpy as np

        held = self["rid"]
        place = np.full(int(max(held.max(initial=0), rids.max(initial=0))) + 1, -1, dtype=np.int64)
        place[held] = np.arange(len(held))
        found: np.ndarray = place[rids]
        return found
