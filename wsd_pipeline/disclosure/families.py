"""Marts put together by what they count: the parts of each family, and the months that flows tie together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wsd_pipeline.contracts.core import Table
from wsd_pipeline.disclosure.joint import Part, parts_of
from wsd_pipeline.disclosure.made import Made, put_back
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.sheet import Sheet


@dataclass(frozen=True, kw_only=True)
class Mart:
    """A protected mart: its contract, its rows (an Arrow table, or anything DuckDB can register), how it was made."""

    table: Table
    rows: Any
    made: Made = field(default_factory=Made)


Marts = Mapping[str, Mart]
"""By the key of the mart."""


def families_of(marts: Marts, policy: Policy, earlier: Marts | None = None) -> dict[str, list[Part]]:
    """By family, the parts of every mart, in order.

    `earlier` are the marts of the month before: those that count what flows of this month come from join the flows.
    """
    import duckdb

    con = duckdb.connect()
    con.execute("set async_threads = 0")
    found: dict[str, list[Part]] = {}
    for _, mart in sorted(marts.items()):
        con.register("mart_rows", mart.rows)
        whole = put_back(con, mart.table, "mart_rows", mart.made, policy)
        for family, parts in parts_of(
            Sheet.read(con, mart.table, whole, policy), mart.table, policy, mart.made
        ).items():
            found.setdefault(family, []).extend(parts)
        con.unregister("mart_rows")
    before = families_of(earlier, policy) if earlier else {}
    for parts in list(found.values()):
        for flows in [p for p in parts if p.counts.across and p.counts.before]:
            parts += _margins(flows, found.get(str(flows.counts.across), []), before)
    con.close()
    return found


def _margins(flows: Part, now: Sequence[Part], before: Mapping[str, Sequence[Part]]) -> list[Part]:
    """Counts of people by what flows run from and to, as cells of the flows: theirs is no number for a flow's total."""
    ends = {d: d for d in (flows.counts.rename.get(c, c) for c in flows.counts.dimensions)}
    starts = {d: f"before {d}" for d in flows.counts.before.values()}
    pairs = [(now, {d: d for d in ends if d in starts}), (before.get(str(flows.counts.across), ()), starts)]
    return [m for parts, names in pairs for p in parts if (m := _renamed(p, names)) is not None]


def _renamed(part: Part, names: Mapping[str, str]) -> Part | None:
    """The cells of a part that are broken down by the dimensions of `names` and no others, under their new names."""
    import numpy as np

    cells = part.cells
    kept = [i for i, d in enumerate(cells.dimensions) if d in names]
    others = [i for i in range(len(cells.dimensions)) if i not in kept]
    mine = (cells.codes[:, kept] > 0).any(axis=1) & (cells.codes[:, others] == 0).all(axis=1)
    if not mine.any():
        return None
    place = np.flatnonzero(mine)
    taken = replace(
        cells,
        dimensions=tuple(names[cells.dimensions[i]] for i in kept),
        values=tuple(cells.values[i] for i in kept),
        codes=cells.codes[place][:, kept],
        low=cells.low[place],
        high=cells.high[place],
        secret=np.zeros(len(place), dtype=bool),
    )
    return replace(part, cells=taken, keys=[part.keys[int(i)] for i in place])
