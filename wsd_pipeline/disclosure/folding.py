"""Groups that are small all over: which one holds cells that nothing else would hide, and which rows are inside it.

The group's own figure stays, protected like any other; the rows inside it go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Measure, Table
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.suppression import dimensions, published

if TYPE_CHECKING:
    import duckdb


def group_around(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    relation: str,
    policy: Policy,
    keys: list[tuple[str, ...]],
    taken: Sequence[Mapping[str, str]] = (),
) -> dict[str, str] | None:
    """The smallest group above the threshold that holds the most of these cells within it; None where there is none.

    None that is, or lies inside, one already `taken`.
    """
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
    for group in taken:
        fixed = np.array([group[d] for d in dims], dtype=object)
        within[((fixed == total) | (groups == fixed)).all(axis=1)] = False
    # everybody together only where no lesser group is left: then nothing of the mart is broken down
    named = (groups != total).sum(axis=1)
    held = np.where(named > 1, within.sum(axis=1), 0)
    if not held.any():
        held = within.sum(axis=1)
    if not held.any():
        return None
    best = min(np.flatnonzero(held == held.max()), key=lambda i: (rows[i][-1], rows[i][:-1]))
    return dict(zip(dims, map(str, rows[best][:-1]), strict=True))


def rows_inside(
    con: duckdb.DuckDBPyConnection, table: Table, relation: str, policy: Policy, groups: Sequence[Mapping[str, str]]
) -> list[tuple[str, ...]]:
    """The rows of a mart inside any of the groups, but for the groups' own, each as its dimensions, in their order."""
    if not groups:
        return []
    texts = {d: f"cast({quoted(d)} as varchar)" for d in dimensions(table, policy)}
    inside = []
    for group in groups:
        same = {d: f"{texts[d]} = {literal(v)}" for d, v in group.items()}
        within = " and ".join(same[d] for d, v in group.items() if v != policy.total) or "true"
        inside.append(f"({within} and not ({' and '.join(same.values())}))")
    where = " or ".join(inside)
    columns = ", ".join([*texts.values(), "true"])
    return [
        tuple(row[:-1])
        for row in con.execute(f"select {columns} from {relation} where {where} order by all").fetchall()
    ]
