"""Counts of the same people put together: the parts of each family, and the equations that they make.

Marts say what their counts count (`contracts.measures.Counts`); the policy says which dimensions nest or overlap
(`families`) and over which the parts may miss some people (`partial`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Measure, Published, Table
from wsd_pipeline.contracts.measures import Counts
from wsd_pipeline.disclosure.attacker import propagate
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells, Family, System
from wsd_pipeline.disclosure.known import inside, published_cells
from wsd_pipeline.disclosure.lattice import system_of
from wsd_pipeline.disclosure.made import Made
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.sheet import Sheet, families_of_measure
from wsd_pipeline.disclosure.suppression import published

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Reals = NDArray[np.float64]

HALVES = 2
"""Money is attacked in halves of its rounding base, so that a rounded amount has whole bounds."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One measure of one mart, in the rows that belong to one family: its cells, and each one's place in the mart."""

    table: Table
    measure: Published
    counts: Counts
    cells: Cells
    keys: Sequence[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.keys)


def parts_of(sheet: Sheet, table: Table, policy: Policy, made: Made) -> dict[str, list[Part]]:
    """By family, the parts of a protected mart, its left-out rows put back, as it is known from how it was made."""
    found: dict[str, list[Part]] = {}
    beside, within = made.beside, set(made.not_broken_down.get("", ()))
    for measure in published(table, Measure.COUNT, Measure.MONEY):
        is_money = measure.measure is Measure.MONEY
        for counts in families_of_measure(table, measure, policy):
            aside = [*beside.get(measure.name, ())]
            if is_money:
                counts = replace(counts, family=f"{counts.family}: {table.key} {measure.name}")
                # an amount is withheld with its people, and where they are for others' sake it is no secret itself
                aside += beside.get(measure.of[0], ())
            keys = sheet.keys_of(counts)
            if not keys:
                continue
            cells = published_cells(sheet, table, measure, policy, aside, counts)
            if is_money:
                cells = _in_halves(cells, sheet.numbers[measure.name][sheet.held(counts)], policy)
            if within:
                cells = _not_told(cells, [key in within for key in keys])
            part = Part(table=table, measure=measure, counts=counts, cells=cells, keys=keys)
            found.setdefault(counts.family, []).append(part)
    return found


def _not_told(cells: Cells, gone: Sequence[bool]) -> Cells:
    """The cells, where of some it is not even told that anybody is in them, or how few."""
    import numpy as np

    return replace(cells, low=np.where(gone, 0, cells.low), high=np.where(gone, UNBOUNDED, cells.high))


def _in_halves(cells: Cells, value: Reals, policy: Policy) -> Cells:
    """What is known of each amount, in halves of the rounding base. A withheld one may be anything from nothing."""
    import numpy as np

    shown = np.rint(np.nan_to_num(value) * HALVES / policy.money_base).astype(np.int64)
    known = ~np.isnan(value)
    return replace(
        cells,
        low=np.where(known, np.maximum(shown - 1, 0), 0),
        high=np.where(known, shown + 1, UNBOUNDED),
    )


def exact_of(sheet: Sheet, part: Part, policy: Policy) -> Reals:
    """The exact numbers of a part's cells from the exact rows, in the units that its cells have; NaN where none is."""
    values = sheet.numbers[part.measure.name][sheet.held(part.counts)]
    return values * HALVES / policy.money_base if part.measure.measure is Measure.MONEY else values


def together(parts: Sequence[Part]) -> Cells:
    """The cells of all parts of a family, one after another.

    One that is withheld inside another is withheld row and all, so that nobody is known to be in it.
    """
    import numpy as np

    cells = parts[0].cells
    for part in parts[1:]:
        cells = cells.joined(part.cells)
    hidden = inside(cells.codes, cells.secret) & cells.secret
    return replace(cells, low=np.where(hidden, 0, cells.low))


def collapsed(parts: Sequence[Part]) -> list[set[tuple[str, ...]]]:
    """For each part the places of rows that must go: withheld cells inside a withheld one of the same family.

    That a row is there says that somebody is in it; so many under one of seven at most, and each would be known.
    """
    import numpy as np

    cells = together(parts)
    return [
        {part.keys[int(i)] for i in np.flatnonzero(gone)}
        for part, gone in zip(
            parts, np.split(inside(cells.codes, cells.secret) & cells.secret, ends(parts)), strict=True
        )
    ]


def tops(parts: Sequence[Part]) -> NDArray[np.bool_]:
    """Which of the cells of all parts is the total of its part: totalled over more than any other."""
    import numpy as np

    found = []
    for part in parts:
        totalled = (part.cells.codes == 0).sum(axis=1)
        most = totalled == totalled.max()
        found.append(most if most.sum() == 1 else np.zeros(len(part), dtype=bool))
    return np.concatenate(found)


def keys_of(parts: Sequence[Part], cells: Ints) -> list[list[tuple[str, ...]]]:
    """For each part the places in its mart of those of the family's cells that are its own."""
    import numpy as np

    last = np.cumsum([len(p) for p in parts])
    owner = np.searchsorted(last, cells, side="right")
    return [
        [part.keys[int(i) - int(end) + len(part)] for i in cells[owner == number]]
        for number, (part, end) in enumerate(zip(parts, last, strict=True))
    ]


def ends(parts: Sequence[Part]) -> Ints:
    """Where each part but the last ends among the cells of all."""
    import numpy as np

    last: Ints = np.cumsum([len(p) for p in parts])[:-1]
    return last


def equations(cells: Cells, policy: Policy, partial: Iterable[str] | None = None) -> System:
    """Everything that the cells of a family say of each other, with what the policy knows of their dimensions."""
    families = [f for f in policy.families if sum(c in cells.dimensions for c in f.columns) > 1 or _overlaps(f, cells)]
    ranges = [_ranges(d, values) for d, values in zip(cells.dimensions, cells.values, strict=True)]
    families += [f for f in ranges if f is not None and not any(f.name in g.columns for g in families)]
    missing = policy.partial if partial is None else partial
    return system_of(cells, families, missing, policy.alternatives)


def spare_nobody(system: System) -> None:
    """Take from the secret variables, in place, those that are 0 for everybody to see: inside a 0 that is published."""
    import numpy as np

    if (system.low < 0).any():
        return
    is_none = (system.low == 0) & (system.high == 0)
    _, high = propagate(system, np.zeros_like(system.low), np.where(is_none, 0, UNBOUNDED))
    system.secret[(high == 0) & (system.low == 0)] = False


def _overlaps(family: Family, cells: Cells) -> bool:
    return family.overlapping and any(c in cells.dimensions for c in family.columns)


_RANGE = re.compile(r"(\d+)(?:-(\d+)|\+)")


def _ranges(dimension: str, values: Sequence[str]) -> Family | None:
    """The family of a dimension whose values are ranges (0-17, 65+) of which some overlap; None otherwise."""
    found = {v: m for v in values if (m := _RANGE.fullmatch(v))}
    if len(found) < 2:
        return None
    ends = {v: (int(m[1]), int(m[2]) if m[2] else 1000) for v, m in found.items()}
    spans = sorted(ends.values())
    if all(a[1] < b[0] for a, b in pairwise(spans)):
        return None
    edges = sorted({e for low, high in spans for e in (low, high + 1)})
    atoms: dict[str, tuple[str, ...]] = {v: (v,) for v in values if v not in ends}
    for low, high in pairwise(edges):
        inside = tuple(sorted(v for v, (first, last) in ends.items() if first <= low and high - 1 <= last))
        if inside:
            atoms[f"{low}-{high - 1} exactly"] = inside
    atom = f"{dimension} exactly"
    return Family(name=dimension, columns=(dimension, atom), up={atom: atoms}, overlapping=True)
