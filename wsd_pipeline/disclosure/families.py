"""Marts put together by what they count: the parts of each family."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from wsd_pipeline.contracts.core import Table
from wsd_pipeline.contracts.measures import MartTable
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


def families_of(marts: Marts, policy: Policy, only: Collection[str] = ()) -> dict[str, list[Part]]:
    """By family, the parts of every mart, in order; with `only`, of the marts that count one of these families."""
    import duckdb

    con = duckdb.connect()
    con.execute("set async_threads = 0")
    found: dict[str, list[Part]] = {}
    for _, mart in sorted(marts.items()):
        if only and not _counted_in(mart.table) & {*only}:
            continue
        con.register("mart_rows", mart.rows)
        whole = put_back(con, mart.table, "mart_rows", mart.made, policy)
        for family, parts in parts_of(
            Sheet.read(con, mart.table, whole, policy), mart.table, policy, mart.made
        ).items():
            found.setdefault(family, []).extend(parts)
        con.unregister("mart_rows")
    con.close()
    return found


def _counted_in(table: Table) -> set[str]:
    """The families that a mart's contract declares its counts to be of."""
    return {c.family for counts in table.counts.values() for c in counts} if isinstance(table, MartTable) else set()
