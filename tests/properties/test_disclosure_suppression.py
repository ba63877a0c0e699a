"""On random tables the SQL agrees with a dull oracle, cell for cell, whatever the order of the rows."""

from __future__ import annotations

import itertools
import random

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from wsd_pipeline.contracts.core import Column, Measure, Privacy, Published, Table
from wsd_pipeline.disclosure import load_policy, protect_select

DIMENSIONS = ("a", "b", "c")
TABLE = Table(
    key="mart.random",
    grain="cell",
    description="random",
    unique_key=DIMENSIONS,
    columns=(
        *(Column(name=d, type="VARCHAR", description=d, privacy=Privacy.QUASI) for d in DIMENSIONS),
        Published(
            name="n", type="INTEGER", description="n", privacy=Privacy.PAYLOAD, measure=Measure.COUNT, status_column="s"
        ),
        Column(name="s", type="VARCHAR", description="s", privacy=Privacy.NONE),
    ),
)

CON = duckdb.connect()
people = st.lists(st.tuples(*[st.sampled_from("xyz")] * 3), min_size=0, max_size=120)
masks = st.sets(st.sampled_from(list(itertools.product([True, False], repeat=3))), min_size=1)


def tabulate(rows: list[tuple[str, ...]], kept: set[tuple[bool, ...]]) -> dict[tuple[str, ...], int]:
    cells = {}
    for mask in kept:
        for cell in itertools.product(*("xyz" if m else ["all"] for m in mask)):
            cells[cell] = sum(all(c in ("all", v) for c, v in zip(cell, row, strict=True)) for row in rows)
    return cells


def dull(cells: dict[tuple[str, ...], int]) -> dict[tuple[str, ...], tuple[int | None, str]]:
    def above(cell):
        return [p for p in cells if all(q in ("all", v) for q, v in zip(p, cell, strict=True))]

    inside = {c for c in cells if any(1 <= cells[p] <= 7 for p in above(c))}
    zeros = {c for c in cells if cells[c] == 0 and c not in inside}
    out: dict[tuple[str, ...], tuple[int | None, str]] = {}
    for cell, n in cells.items():
        hidden = cell in inside and not any(p in zeros for p in above(cell))
        out[cell] = (None, "c") if hidden else (5 * ((n + 2) // 5), "")
    return out


@settings(max_examples=40, deadline=None)
@given(people, masks, st.integers(0, 99))
def test_the_select_is_what_the_oracle_says(rows, kept, seed):
    cells = tabulate(rows, kept)
    shuffled = list(cells.items())
    random.Random(seed).shuffle(shuffled)
    drawn = ", ".join(str((*cell, n)) for cell, n in shuffled)
    relation = f"(values {drawn}) as t (a, b, c, n)"
    found = CON.execute(protect_select(TABLE, relation, load_policy())).fetchall()
    assert {r[:3]: r[3:] for r in found} == dull(cells)
    assert not [r for r in found if r[3] is not None and 1 <= r[3] <= 7]
