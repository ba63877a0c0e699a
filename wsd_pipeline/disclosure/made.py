"""How a protected mart was made: what was withheld only for others' sake, and which rows are left out of it.

It is kept in the lake and never published: that a row was left out says that somebody is in it, and few. Whoever
attacks a mart puts the rows back, withheld, so that the attack is never weaker than what a reader can do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.core import Table
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, NOT_AVAILABLE, Policy
from wsd_pipeline.disclosure.suppression import dimensions, published

if TYPE_CHECKING:
    import duckdb

Keys = Mapping[str, Sequence[tuple[str, ...]]]
"""By measure, cells (their dimensions as text) of a mart."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """By measure, cells of a mart, each as its dimensions.

    beside           withheld only to protect others: above the threshold
    collapsed        small, inside a withheld cell: their rows are left out
    not_broken_down  small, inside a group given only as a whole; under "" all cells inside it: their rows are left out
    """

    beside: Keys = field(default_factory=dict)
    collapsed: Keys = field(default_factory=dict)
    not_broken_down: Keys = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Made:
        """As `facts` wrote it; what is missing is empty."""
        given = {f.name: facts.get(f.name, {}) for f in fields(cls)}
        return cls(**{name: {m: [tuple(k) for k in keys] for m, keys in by.items()} for name, by in given.items()})

    def facts(self) -> dict[str, Any]:
        """It as JSON can hold it."""
        return {f.name: {m: [list(k) for k in keys] for m, keys in getattr(self, f.name).items()} for f in fields(self)}

    def further(self, beside: Keys, collapsed: Keys) -> Made:
        """As it is once a release has withheld more cells, and left out more rows."""

        def both(mine: Keys, more: Keys) -> Keys:
            return {m: sorted({*mine.get(m, ()), *more.get(m, ())}) for m in sorted({*mine, *more})}

        return Made(
            beside=both(self.beside, beside),
            collapsed=both(self.collapsed, collapsed),
            not_broken_down=self.not_broken_down,
        )

    def left_out(self) -> dict[tuple[str, ...], set[str]]:
        """The rows that are left out, each with the measures that are small in it."""
        rows: dict[tuple[str, ...], set[str]] = {}
        for keys in (self.collapsed, self.not_broken_down):
            for measure, found in keys.items():
                for key in found:
                    rows.setdefault(tuple(key), set()).add(measure)
        return rows


def put_back(con: duckdb.DuckDBPyConnection, table: Table, relation: str, made: Made, policy: Policy) -> str:
    """A temp table of the mart with the rows that were left out: the small withheld, of the rest nothing known."""
    import pyarrow as pa

    con.execute(f"create or replace temp table whole_mart as from {relation}")
    inside = made.left_out()
    if not inside:
        return "whole_mart"
    measures, dims = published(table), dimensions(table, policy)
    labels = {k: "" for k in table.unique_key if k not in dims}
    names = [*dims, *labels, *(c.status_column for c in measures)]
    rows = [
        [*key, *labels.values(), *(CONFIDENTIAL if c.name in held else NOT_AVAILABLE for c in measures)]
        for key, held in sorted(inside.items())
    ]
    con.register("put_back", pa.table({n: [row[i] for row in rows] for i, n in enumerate(names)}))
    values = ", ".join(f"cast({quoted(n)} as {table.column(n).type})" for n in names)
    con.execute(f"insert into whole_mart ({', '.join(map(quoted, names))}) select {values} from put_back")
    con.unregister("put_back")
    return "whole_mart"
