"""The rows of a mart read once, for all the families that its measures belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.core import Measure, Published, Table
from wsd_pipeline.contracts.measures import Counts, MartTable
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, Policy
from wsd_pipeline.disclosure.suppression import dimensions, published

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def counted(table: Table, count: Published, policy: Policy) -> tuple[Counts, ...]:
    """What a count of a mart counts: as its contract says, or all of its key as dimensions of a family of its own."""
    declared = table.counts.get(count.name, ()) if isinstance(table, MartTable) else ()
    return declared or (Counts(family=f"{table.key}.{count.name}", dimensions=dimensions(table, policy)),)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The rows of a mart, exact or protected, read once: in the order of its whole key as text.

    `keys` are the dimensions of each row as text; `columns` the key's columns as text, nothing as ""; `numbers` the
    counts and amounts, NaN where there is none; `hidden` where each is withheld; `rows` those of each condition.
    """

    keys: tuple[tuple[str, ...], ...]
    columns: Mapping[str, NDArray[np.object_]]
    numbers: Mapping[str, Reals]
    hidden: Mapping[str, Flags]
    rows: Mapping[str, Flags]

    @classmethod
    def read(cls, con: duckdb.DuckDBPyConnection, table: Table, relation: str, policy: Policy) -> Sheet:
        """The sheet of a relation with the mart's columns; status columns may be missing, then nothing is withheld."""
        import numpy as np

        measures = published(table, Measure.COUNT, Measure.MONEY)
        told = {row[0] for row in con.execute(f"describe select * from {relation}").fetchall()}
        asked = [c for c in measures if c.name in told]
        texts = {key: f"cast({quoted(key)} as varchar)" for key in table.unique_key}
        where = sorted({c.where or "true" for m in measures for c in counted(table, _people(table, m), policy)})
        select = [f"{text} as k{i}" for i, text in enumerate(texts.values())]
        select += [f"cast({quoted(c.name)} as double) as n{i}" for i, c in enumerate(asked)]
        select += [
            f"{quoted(c.status_column)} = '{CONFIDENTIAL}' as c{i}"
            for i, c in enumerate(asked)
            if c.status_column in told
        ]
        select += [f"coalesce(({condition}), false) as w{i}" for i, condition in enumerate(where)]
        got: Any = con.execute(
            f"select {', '.join(select)} from {relation} order by {', '.join(texts.values())}"
        ).fetchnumpy()
        size = len(got["k0"])

        def flags(name: str) -> Flags:
            return np.ma.filled(got[name], False).astype(bool) if name in got else np.zeros(size, dtype=bool)

        keys = {key: _objects(got[f"k{i}"]) for i, key in enumerate(texts)}
        dims = [keys[d] for d in dimensions(table, policy)]
        return cls(
            keys=tuple(zip(*dims, strict=True)) if dims else ((),) * size,
            columns={key: np.array(["" if v is None else v for v in column], object) for key, column in keys.items()},
            numbers={c.name: np.ma.filled(got[f"n{i}"].astype(float), np.nan) for i, c in enumerate(asked)},
            hidden={c.name: flags(f"c{i}") for i, c in enumerate(asked)},
            rows={condition: flags(f"w{i}") for i, condition in enumerate(where)},
        )

    def held(self, counts: Counts) -> Flags:
        """Which rows belong to a family."""
        return self.rows[counts.where or "true"]

    def keys_of(self, counts: Counts) -> list[tuple[str, ...]]:
        """The dimensions of the rows that belong to a family."""
        return [key for key, mine in zip(self.keys, self.held(counts), strict=True) if mine]


def _objects(column: Any) -> NDArray[np.object_]:
    """A column of texts, None where there is none."""
    import numpy as np

    texts: NDArray[np.object_] = np.ma.filled(column.astype(object), None) if np.ma.isMA(column) else column
    return texts.astype(object)


def _people(table: Table, measure: Published) -> Published:
    """The count that says whom a measure is of: the measure itself, or an amount's people where no contract says."""
    declared = isinstance(table, MartTable) and measure.name in table.counts
    found = table.column(measure.of[0]) if measure.measure is Measure.MONEY and not declared else measure
    assert isinstance(found, Published)
    return found


def families_of_measure(table: Table, measure: Published, policy: Policy) -> tuple[Counts, ...]:
    """The families that a count or an amount belongs to."""
    return counted(table, _people(table, measure), policy)
