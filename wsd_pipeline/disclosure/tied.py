"""Months tied into one system: the people of each, the flows between each two, and that what they share is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.disclosure.attacker import propagate
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells, System
from wsd_pipeline.disclosure.joint import Part, equations, together
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.series import Flows, Key, Month, Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

Variables = Mapping[Key, int]


@dataclass(kw_only=True)
class Joined:
    """The cells of several parts, one after another, and their system: variable `of_cell[i]` is the number of cell i.

    `fresh` are the cells of what is about to be released: only they can be withheld further. `ties`, month by month and
    by family of flows, are the variables of the people that flows come from or go to. `may_stand` says that a mart
    gives all of the last month's, as finely as flows do.
    """

    parts: Sequence[Part]
    low: Ints
    high: Ints
    secret: Flags
    fresh: Flags
    system: System
    ties: Sequence[Mapping[str, Variables]] = ()
    may_stand: bool = False


def alone(parts: Sequence[Part], policy: Policy, partial: Sequence[str]) -> Joined:
    """The parts of a family that nothing ties to other months."""
    import numpy as np

    cells = together(parts)
    return Joined(
        parts=parts,
        low=cells.low,
        high=cells.high,
        secret=cells.secret,
        fresh=np.ones(len(cells), dtype=bool),
        system=equations(cells, policy, partial),
    )


Tie = tuple[Sequence[str], Sequence[Key]]
"""Dimensions, and cells broken down by them alone."""


@dataclass(frozen=True, kw_only=True)
class _Block:
    """One family in one month: its cells, their system, which variables are theirs, and those of each tie."""

    cells: Cells
    system: System
    told: Flags
    ties: Sequence[Variables]

    @classmethod
    def of(cls, parts: Sequence[Part], ties: Sequence[Tie], policy: Policy, partial: Sequence[str]) -> _Block:
        """The block of parts, with a variable for each cell of the ties, also where nothing is published of it."""
        import numpy as np

        cells = together(parts)
        every = cells
        for dimensions, keys in ties:
            free = np.full(len(keys), UNBOUNDED)
            every = every.joined(Cells.drawn(dimensions, keys, 0 * free, free, free > 0))
        system = equations(every, policy, partial)
        told = np.zeros(len(system.low), dtype=bool)
        told[system.of_cell[: len(cells)]] = True
        system.secret[~told] = False  # of a cell that only ties nothing was withheld
        variables, first = [], len(cells)
        for _, keys in ties:
            variables.append(dict(zip(keys, system.of_cell[first : first + len(keys)].tolist(), strict=True)))
            first += len(keys)
        return cls(cells=cells, system=system, told=told, ties=variables)


def joined(series: Series, policy: Policy, partial: Sequence[str] | None = None) -> Joined:
    """The system of a series; with `partial`, as if parts missed some of their whole over these dimensions."""
    builder = _Builder(series, policy, partial)
    for number in range(len(series.months)):
        builder.add(number)
    return builder.built()


class _Builder:
    """Adds month after month: its people, the flows into it, and which of their variables are one."""

    def __init__(self, series: Series, policy: Policy, partial: Sequence[str] | None) -> None:
        self.series, self.policy, self.partial = series, policy, policy.partial if partial is None else partial
        self.blocks: list[_Block] = []
        self.first: list[int] = []
        self.same: list[tuple[int, int]] = []
        self.bounds: list[tuple[int, int, int]] = []
        self.people: list[dict[str, tuple[list[str], Variables]]] = []

    def add(self, number: int) -> None:
        """Add a month, tied to the one before it."""
        months, flows = self.series.months, self.series.flows
        month, following = months[number], months[number + 1] if number + 1 < len(months) else None
        ties = [_tied(f, month, following) for f in flows]
        first = self._put(_Block.of(month.people, ties, self.policy, self.partial))
        now: dict[str, tuple[list[str], Variables]] = {
            f.family: (tie[0], {key: first + v for key, v in variables.items()})
            for f, tie, variables in zip(flows, ties, self.blocks[-1].ties, strict=True)
        }
        come = self.people[-1] if self.people else {}
        for f in sorted(flows, key=lambda f: f.family):
            if f.family in month.flows:
                self._add_flows(f, month.flows[f.family], now[f.family], come.get(f.family))
        self.people.append(now)

    def _add_flows(
        self,
        flows: Flows,
        parts: Sequence[Part],
        to: tuple[list[str], Variables],
        come: tuple[list[str], Variables] | None,
    ) -> None:
        """Add flows into a month, to the cells `to` of its people, from the cells `come` of those before."""
        known = {} if come else self._before(flows)
        dimensions, keys = come or ([*flows.dimensions], dict.fromkeys(known, 0))
        ties: list[Tie] = [(to[0], [*to[1]]), ([f"before {d}" for d in dimensions], [*keys])]
        first = self._put(_Block.of(parts, ties, self.policy, self.partial))
        into, out = self.blocks[-1].ties
        self.same += [(first + v, to[1][key]) for key, v in into.items()]
        self.same += [(first + v, keys[key]) for key, v in out.items() if come]
        self.bounds += [(first + out[key], *bounds) for key, bounds in known.items()]

    def _before(self, flows: Flows) -> dict[Key, tuple[int, int]]:
        """From where to where the numbers are of the cells of the month before the first that is joined whole."""
        if self.series.stands is not None:
            return {key: (n, n) for key, n in self.series.stands.get(flows.family, {}).items()}
        if self.series.last is None:
            return {}
        dimensions, keys = _tied(flows, self.series.last, None)
        block = _Block.of(self.series.last.people, [(dimensions, keys)], self.policy, self.partial)
        low, high = propagate(block.system, block.system.low, block.system.high)
        if len(dimensions) < len(flows.dimensions):
            return {}
        return {key: (int(low[v]), int(high[v])) for key, v in block.ties[0].items()}

    def _put(self, block: _Block) -> int:
        """Add a block; the number of its first variable."""
        self.first.append(self.first[-1] + len(self.blocks[-1].system.low) if self.blocks else 0)
        self.blocks.append(block)
        return self.first[-1]

    def built(self) -> Joined:
        """Everything added, as one."""
        import numpy as np

        cells = [b.cells for b in self.blocks]
        low, high, secret = (np.concatenate([getattr(c, n) for c in cells]) for n in ("low", "high", "secret"))
        system, column = self._one()
        return Joined(
            parts=[p for month in self.series.months for p in month.parts],
            low=low,
            high=high,
            secret=secret,
            fresh=np.arange(len(low)) >= len(low) - self.series.months[-1].cells,
            system=system,
            ties=[
                {
                    family: {key: int(column[v]) for key, v in variables.items()}
                    for family, (_, variables) in tied.items()
                }
                for tied in self.people
            ],
            may_stand=all(_are_given(f, self.series.months[-1]) for f in self.series.flows),
        )

    def _one(self) -> tuple[System, Ints]:
        """One system, and for each variable of the blocks the one that it has become."""
        import numpy as np
        from scipy.sparse import block_diag, csr_matrix

        systems = [b.system for b in self.blocks]
        column: Ints = np.arange(sum(len(s.low) for s in systems))
        for of_flows, of_people in self.same:
            column[of_flows] = of_people
        kept, column = np.unique(column, return_inverse=True)
        size, column = len(kept), column.ravel()
        choose = csr_matrix((np.ones(len(column)), (np.arange(len(column)), column)), shape=(len(column), size))
        low, high = np.zeros(size, np.int64), np.full(size, UNBOUNDED, np.int64)
        np.maximum.at(low, column, np.concatenate([s.low for s in systems]))
        np.minimum.at(high, column, np.concatenate([s.high for s in systems]))
        for variable, least, most in self.bounds:
            at = column[variable]
            low[at], high[at] = max(low[at], least), min(high[at], most)
        told, secret = (np.concatenate(each) for each in ([b.told for b in self.blocks], [s.secret for s in systems]))
        shown = np.zeros(size, dtype=bool)
        shown[column[told & ~secret]] = True
        withheld = np.zeros(size, dtype=bool)
        withheld[column[told & secret]] = True
        kinds = np.cumsum([0, *(int(s.kind.max(initial=-1)) + 1 for s in systems)])
        system = System(
            matrix=(block_diag([s.matrix for s in systems], format="csr") @ choose).tocsr(),
            low=low,
            high=high,
            secret=withheld & ~shown,
            of_cell=np.concatenate(
                [
                    column[first + b.system.of_cell[: len(b.cells)]]
                    for first, b in zip(self.first, self.blocks, strict=True)
                ]
            ),
            kind=np.concatenate([s.kind + k for s, k in zip(systems, kinds, strict=False)]),
        )
        return system, column


def _tied(flows: Flows, month: Month, following: Month | None) -> tuple[list[str], list[Key]]:
    """The cells of people that flows come from or go to, by what of their dimensions people are broken down by.

    Those that a mart gives, where one gives them; else all that flows name. A value that no mart of people has (who
    was not here) is none of them.
    """
    cells = together(month.people)
    dimensions = [d for d in flows.dimensions if d in cells.dimensions]
    given = _cells_by(cells, dimensions, others=False)
    if given or not dimensions:
        return dimensions, sorted(given)
    known = [set(cells.values[cells.dimensions.index(d)]) for d in dimensions]
    found = set[Key]()
    for held, prefix in ((month, ""), (following, "before ")):
        if held and flows.family in held.flows:
            found |= _cells_by(together(held.flows[flows.family]), [f"{prefix}{d}" for d in dimensions], others=True)
    return dimensions, sorted(k for k in found if all(v in values for v, values in zip(k, known, strict=True)))


def _are_given(flows: Flows, month: Month) -> bool:
    """Whether a mart of people gives the cells that flows come from or go to."""
    return bool(_cells_by(together(month.people), flows.dimensions, others=False))


def _cells_by(cells: Cells, dimensions: Sequence[str], *, others: bool) -> set[Key]:
    """What cells are in these dimensions, of those with a value in all; with `others`, whatever else divides them."""
    if not dimensions or not set(dimensions) <= set(cells.dimensions):
        return set()
    places = [cells.dimensions.index(d) for d in dimensions]
    rest = [i for i in range(len(cells.dimensions)) if i not in places]
    mine = (cells.codes[:, places] > 0).all(axis=1)
    if not others:
        mine &= (cells.codes[:, rest] == 0).all(axis=1)
    rows = cells.codes[mine][:, places].tolist()
    return {tuple(cells.values[d][c - 1] for d, c in zip(places, row, strict=True)) for row in rows}
