"""Groups that are small all over: which one holds cells that nothing else would hide, and a mart without its inside.

The group's own figure stays, protected like any other; the rows inside it go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Measure, Table
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.suppression import dimensions, published

if TYPE_CHECKING:
    import duckdb


def group_around(
    con: duckdb.DuckDBPyConnection, table: Table, relation: str, policy: Policy, keys: list[tuple[str, ...]]
) -> dict[str, str] | None:
    """The smallest group above the threshold that holds the most of these cells within it; None where there is none."""
    import numpy as np

    dims, total = dimensions(table, policy), policy.total
    counts = list(published(table, Measure.COUNT))
    if not counts or not keys:
        return None
    texts = ", ".join(f"cast({quoted(d)} as varchar)" for d in dims)
    number = quoted(counts[0].name)
    rows = con.execute(
        f"select {texts}, {number} from {relation} where {number} > {policy.threshold} order by all"
    ).fetchall()
    if not rows:
        return None
    groups, cells = np.array([r[:-1] for r in rows], dtype=object), np.array(keys, dtype=object)
    within = np.ones((len(groups), len(cells)), dtype=bool)
    for i in range(len(dims)):
        within &= (groups[:, i, None] == total) | (groups[:, i, None] == cells[None, :, i])
    within &= ~(groups[:, None, :] == cells[None, :, :]).all(axis=2)
    # everybody together only where no lesser group is left: then nothing of the mart is broken down
    named = (groups != total).sum(axis=1)
    held = np.where(named > 1, within.sum(axis=1), 0)
    if not held.any():
        held = within.sum(axis=1)
    if not held.any():
        return None
    best = min(np.flatnonzero(held == held.max()), key=lambda i: (rows[i][-1], rows[i][:-1]))
    return dict(zip(dims, map(str, rows[best][:-1]), strict=True))


def not_broken_down(relation: str, policy: Policy, group: Mapping[str, str]) -> str:
    """The rows of a relation without those inside a group."""
    fixed = {d: v for d, v in group.items() if v != policy.total}
    inside = " and ".join(f"cast(r.{quoted(d)} as varchar) = {literal(v)}" for d, v in fixed.items())
    itself = " and ".join(f"cast(r.{quoted(d)} as varchar) = {literal(v)}" for d, v in group.items())
    return f"select r.* from {relation} as r where not ({inside}) or ({itself})"
