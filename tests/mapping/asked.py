"""Asking for suggestions about a written extract: its drawn values read as the vault would, and its truth compared."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from tests.mapping.draw import rows_of
from tests.mapping.learn import Extract, aliases
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.vault import normalise
from wsd_pipeline.vault.evidence import Shape
from wsd_pipeline.vault.evidence import shapes_of as read_shapes
from wsd_pipeline.vault.suggest import gather, suggest


@dataclass(frozen=True, kw_only=True)
class Score:
    """Of the contract's columns: how many the extract has and were found; and how many were right in all, with those
    it has not and were not suggested."""

    found: int
    supplied: int
    right: int
    columns: int


def in_other_order(extract: Extract) -> Extract:
    """The same headers in an order by chance, address lines kept together: a supplier's order is not the contract's."""
    blocks: list[list[tuple[str, str | None, str]]] = []
    for header in extract.headers:
        is_line = (header[1] or "").startswith("address_line")
        if is_line and blocks and (blocks[-1][-1][1] or "").startswith("address_line"):
            blocks[-1].append(header)
        else:
            blocks.append([header])
    random.Random(extract.name).shuffle(blocks)
    return replace(extract, headers=tuple(header for block in blocks for header in block))


def shapes_of(extract: Extract) -> list[Shape]:
    """The shapes of the extract's drawn values."""
    rows = rows_of(extract)
    names = [f"column_{j}" for j in range(len(extract.headers))]
    drawn = {name: [row[j] or None for row in rows] for j, name in enumerate(names)}
    with duckdb.connect() as con:
        normalise.define(con)
        con.register("drawn", pa.table({"row_number": list(range(1, len(rows) + 1)), **drawn}))
        con.execute("create temp table sample as select * from drawn")
        return read_shapes(con, "sample", names)


def score(extract: Extract, shapes: list[Shape], learned_from: Iterable[Extract]) -> Score:
    """How many columns are suggested rightly with aliases learned from the extracts given."""
    feed = table(f"landed.{extract.feed}")
    assert isinstance(feed, LandedTable)
    headers = [header for header, _, _ in extract.headers]
    said = suggest(feed, gather(feed, headers, shapes, aliases(learned_from)))
    truth = extract.truth
    right = {s.column for s in said if truth.get(s.column) == (None if s.place is None else headers[s.place])}
    return Score(found=len(right & set(truth)), supplied=len(truth), right=len(right), columns=len(said))
