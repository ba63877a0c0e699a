"""What else of a new release to withhold, so that what is joined gives nothing away, of it or of releases before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.core import Measure
from wsd_pipeline.disclosure.attacker import Infeasible, attack
from wsd_pipeline.disclosure.cells import UNBOUNDED
from wsd_pipeline.disclosure.joint import HALVES, Part, keys_of, spare_nobody, tops
from wsd_pipeline.disclosure.policy import Policy
from wsd_pipeline.disclosure.remedy import Exposed, Shown, closed
from wsd_pipeline.disclosure.series import Numbers
from wsd_pipeline.disclosure.tied import Joined
from wsd_pipeline.disclosure.wall import middle
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

Found = Sequence[Iterable[tuple[str, ...]]]
"""For each part, places in its mart."""


@dataclass(frozen=True, kw_only=True)
class Further:
    """For each of the parts the further cells to withhold, and those of them that are not small themselves.

    `stands`, where there are any: numbers of the last month's people that nothing is given away to who knows them.
    """

    parts: Sequence[Part]
    wanted: Found
    large: Found
    stands: Numbers | None = None


def further(
    problem: Joined, policy: Policy, before: Callable[[], Joined] | None = None, *, wall: bool = False
) -> Further:
    """What else to withhold of the cells that are fresh. Infeasible where the equations cannot hold.

    `before` is the same without the new release: what that gives away already nothing can keep. With `wall`, if it can
    be had, so much that nothing is given away either to who knows how many people are in the cells that flows tie.
    Stops with WSD-620 where nothing helps.
    """
    import numpy as np

    system, of_cell = problem.system, problem.system.of_cell
    secret = problem.secret & problem.fresh
    hidden = secret | (problem.fresh & (problem.low == policy.threshold + 1) & (problem.high >= UNBOUNDED))
    # the others are not available, or left out: nobody reads them
    shown = problem.fresh & ~hidden & (problem.high < UNBOUNDED)
    numbers = np.zeros(len(system.low))
    np.maximum.at(numbers, of_cell, np.where(shown, (problem.low + problem.high) // 2, 0))
    system.secret[np.unique(of_cell[secret])] = True
    spare_nobody(system)
    _loosen(problem, hidden, shown)
    may_go = Shown(
        variables=frozenset(of_cell[shown].tolist()),
        numbers=numbers,
        totals=frozenset(of_cell[tops(problem.parts) & problem.fresh].tolist()),
    )
    least = np.full(len(system.low), minimum(problem.parts, policy), dtype=np.int64)
    chosen, left, stands = _behind_a_wall(problem, least, may_go, policy) if wall else (set[int](), None, None)
    may_go = replace(may_go, variables=may_go.variables - chosen)
    try:
        chosen |= _chosen(problem, least, may_go, policy, before, left)
    except Exposed as open_:
        raise _stop(problem.parts, len(open_.variables)) from None
    wanted = np.isin(of_cell, [*np.unique(of_cell[hidden]), *chosen]) & shown
    large = wanted & ~np.isin(of_cell, np.unique(of_cell[secret]))
    return Further(
        parts=problem.parts,
        wanted=keys_of(problem.parts, np.flatnonzero(wanted)),
        large=keys_of(problem.parts, np.flatnonzero(large)),
        stands=stands,
    )


def _chosen(
    problem: Joined,
    least: Ints,
    may_go: Shown,
    policy: Policy,
    before: Callable[[], Joined] | None,
    left: Ints | None,
) -> set[int]:
    """The variables to withhold besides, until nothing is given away; `left` are those not known to be safe."""
    found = attack(problem.system, least, left)
    if not len(found.exposed):
        return set()
    least[_lost(problem, found.exposed, before, int(least[0]))] = 1
    open_to = found.exposed[least[found.exposed] > 1]
    found = replace(found, exposed=open_to)
    return closed(problem.system, least, may_go, policy.threshold, totals=True, found=found)


def _behind_a_wall(
    problem: Joined, least: Ints, may_go: Shown, policy: Policy
) -> tuple[set[int], Ints | None, Numbers | None]:
    """What to withhold so that who knows the people that flows tie finds nothing, what is left open, and the numbers.

    What is left open is None where all must be looked at: there are no such numbers, or nothing helps against them.
    """
    import numpy as np

    tied = problem.ties[-1]
    variables = np.array(sorted({v for by in tied.values() for v in by.values()}), dtype=np.int64)
    numbers = middle(problem.system, variables) if problem.may_stand else None
    if numbers is None:
        return set(), None, None
    system = replace(problem.system, low=problem.system.low.copy(), high=problem.system.high.copy())
    system.low[variables] = system.high[variables] = numbers
    may_go = replace(may_go, variables=may_go.variables - {*variables.tolist()})
    try:
        found = attack(system, least)
        open_to = np.isin(found.exposed, variables)
        rest = replace(found, exposed=found.exposed[~open_to])
        chosen = closed(system, least, may_go, policy.threshold, furthest=1, found=rest, patient=False)
    except (Infeasible, Exposed):
        return set(), None, None
    problem.system.low[[*chosen]], problem.system.high[[*chosen]] = policy.threshold + 1, UNBOUNDED
    known = dict(zip(variables.tolist(), numbers.tolist(), strict=True))
    stands = {family: {key: known[v] for key, v in by.items()} for family, by in tied.items()}
    return chosen, found.exposed[open_to], None if open_to.any() else stands


def minimum(parts: Sequence[Part], policy: Policy) -> int:
    """How many whole numbers each withheld cell must be able to be, in the units that cells of the parts have."""
    is_money = parts[0].measure.measure is Measure.MONEY
    return policy.minimum_feasible_values * (HALVES if is_money else 1)


def _lost(problem: Joined, exposed: Ints, before: Callable[[], Joined] | None, least: int) -> Ints:
    """Those that were withheld in an earlier release and are given away by the earlier releases themselves."""
    import numpy as np

    of_cell = problem.system.of_cell
    old = np.flatnonzero(problem.secret & ~problem.fresh & np.isin(of_cell, exposed))
    if before is None or not len(old):
        nobody: Ints = np.zeros(0, dtype=np.int64)
        return nobody
    system = before().system
    given = attack(system, least, among=np.unique(system.of_cell[old])).exposed
    lost: Ints = np.unique(of_cell[old[np.isin(system.of_cell[old], given)]])
    return lost


def _loosen(problem: Joined, hidden: Flags, shown: Flags) -> None:
    """Let go of what a mart shows of a number that another withholds: it will be withheld there too."""
    import numpy as np

    system = problem.system
    for variable in np.intersect1d(system.of_cell[hidden], system.of_cell[shown]):
        mine = (system.of_cell == variable) & hidden
        system.low[variable], system.high[variable] = problem.low[mine].max(), problem.high[mine].min()


def _stop(parts: Sequence[Part], left: int) -> Stop:
    return Stop(
        "WSD-620",
        table=", ".join(sorted({p.table.key for p in parts})),
        measure=parts[0].measure.name,
        cells=f"{left:,}",
        dimensions=", ".join(dict.fromkeys(d for p in parts for d in p.cells.dimensions)),
    )
