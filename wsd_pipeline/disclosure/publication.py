"""Marts put together: the joint attack over a release, what it still has to withhold, and the stop where that fails.

Marts are protected one by one; here those that count the same people meet, and the months that flows tie together.
What one mart withholds, all withhold; where the joint attack still finds a cell, more is withheld beside it. Only
published numbers are needed, so this may run wherever the marts are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Measure, Table
from wsd_pipeline.disclosure.attacker import Findings, Infeasible, attack
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells, System
from wsd_pipeline.disclosure.families import Marts, families_of
from wsd_pipeline.disclosure.joint import HALVES, Part, collapsed, equations, keys_of, spare_nobody, together, tops
from wsd_pipeline.disclosure.made import Keys
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, Policy
from wsd_pipeline.disclosure.remedy import Exposed, Shown, closed
from wsd_pipeline.disclosure.suppression import dimensions, published
from wsd_pipeline.messages import Stop


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A withheld cell that is not safe: its mart, measure and place, and how many whole numbers it could be."""

    table: str
    measure: str
    cell: tuple[str, ...]
    feasible: int
    broken_down_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What a release needs: by mart the further cells to withhold, those of them that are not small, and rows to drop.

    Beside it how many families of counts there are, how many of them several marts share, and which contradict each
    other: what they say does not add up.
    """

    further: Mapping[str, Keys]
    large: Mapping[str, Keys]
    dropped: Mapping[str, Keys]
    families: int
    joint: int
    contradictory: tuple[str, ...] = ()


EFFORT = 50
"""What the attack on a finished release may cost, against one on the way to it."""


def attack_release(marts: Marts, policy: Policy, earlier: Marts | None = None) -> list[Exposure]:
    """Every withheld cell of the marts, put together, that is not safe.

    Infeasible where marts contradict each other: where what their contracts say adds up does not.
    """
    found = []
    for parts in families_of(marts, policy, earlier).values():
        if any(p.cells.secret.any() for p in parts):
            found += _attacked(parts, policy)
    return found


def _attacked(parts: Sequence[Part], policy: Policy) -> list[Exposure]:
    """The exposures of one family, with all the effort it takes; parts that do not add up are taken to miss some."""
    cells = together(parts)
    for partial in (policy.partial, cells.dimensions):
        try:
            system = equations(cells, policy, partial)
            spare_nobody(system)
            return _exposures(parts, system, attack(system, _minimum(parts, policy), effort=EFFORT), policy)
        except Infeasible:
            continue
    raise Infeasible


def agreed(marts: Marts, policy: Policy, earlier: Marts | None = None) -> Agreement:
    """The further cells that a release of all the marts must withhold. Stops with WSD-620 where none will do.

    A family that only one mart counts was attacked when that was made. Cells of one family are one number: withheld in
    one mart, withheld in all. Where parts do not add up to their whole
    they are taken to miss some of it; where even that cannot be, nothing holds between the marts for anybody.
    """
    families = families_of(marts, policy, earlier)
    shared = {name: parts for name, parts in families.items() if len({p.table.key for p in parts}) > 1}
    found = {name: _together_safe(parts, policy) for name, parts in shared.items()}
    known = {name: keys for name, keys in found.items() if keys is not None}
    return Agreement(
        further=_by_mart((shared[name], keys[0]) for name, keys in known.items()),
        large=_by_mart((shared[name], keys[1]) for name, keys in known.items()),
        dropped=_by_mart(
            (parts, collapsed(parts)) for parts in families.values() if parts[0].measure.measure is Measure.COUNT
        ),
        families=len(families),
        joint=len(shared),
        contradictory=tuple(name for name, keys in found.items() if keys is None),
    )


Found = Sequence[Iterable[tuple[str, ...]]]
"""For each part of a family, places in its mart."""


def _by_mart(found: Iterable[tuple[Sequence[Part], Found]]) -> dict[str, dict[str, list[tuple[str, ...]]]]:
    """Places in marts by mart and measure."""
    out: dict[str, dict[str, list[tuple[str, ...]]]] = {}
    for parts, places in found:
        for part, keys in zip(parts, places, strict=True):
            if listed := sorted(keys):
                out.setdefault(part.table.key, {}).setdefault(part.measure.name, []).extend(listed)
    return out


def _together_safe(parts: Sequence[Part], policy: Policy) -> tuple[Found, Found] | None:
    """For each part of a family the further cells to withhold, and those of them that are not small themselves.

    None where the parts contradict each other whatever they miss.
    """
    cells = together(parts)
    for partial in (policy.partial, cells.dimensions):
        try:
            return _further(parts, cells, policy, partial)
        except Infeasible:
            continue
    return None


def _further(parts: Sequence[Part], cells: Cells, policy: Policy, partial: Sequence[str]) -> tuple[Found, Found]:
    """The same where the parts miss some of the whole over `partial`. Infeasible where the equations cannot hold."""
    import numpy as np

    hidden = cells.secret | ((cells.low == policy.threshold + 1) & (cells.high >= UNBOUNDED))
    if not hidden.any():
        return [[] for _ in parts], [[] for _ in parts]
    shown = ~hidden & (cells.high < UNBOUNDED)  # the others are not available, or left out: nobody reads them
    system = equations(cells, policy, partial)
    numbers = np.zeros(len(system.low))
    np.maximum.at(numbers, system.of_cell, np.where(shown, (cells.low + cells.high) // 2, 0))
    system.secret[np.unique(system.of_cell[cells.secret])] = True
    spare_nobody(system)
    _loosen(system, cells, hidden, shown)
    may_go = Shown(
        variables=frozenset(system.of_cell[shown].tolist()),
        numbers=numbers,
        totals=frozenset(system.of_cell[tops(parts)].tolist()),
    )
    try:
        chosen = closed(system, _minimum(parts, policy), may_go, policy.threshold, totals=True)
    except Exposed as left:
        raise _stop(parts, len(left.variables)) from None
    small = np.unique(system.of_cell[cells.secret])
    wanted = np.isin(system.of_cell, [*np.unique(system.of_cell[hidden]), *chosen]) & shown
    large = wanted & ~np.isin(system.of_cell, small)
    return keys_of(parts, np.flatnonzero(wanted)), keys_of(parts, np.flatnonzero(large))


def _loosen(system: System, cells: Cells, hidden: Any, shown: Any) -> None:
    """Let go of what a mart shows of a number that another withholds: it will be withheld there too."""
    import numpy as np

    both = np.intersect1d(system.of_cell[hidden], system.of_cell[shown])
    for variable in both:
        mine = (system.of_cell == variable) & hidden
        system.low[variable], system.high[variable] = cells.low[mine].max(), cells.high[mine].min()


def _minimum(parts: Sequence[Part], policy: Policy) -> int:
    is_money = parts[0].measure.measure is Measure.MONEY
    return policy.minimum_feasible_values * (HALVES if is_money else 1)


def _exposures(parts: Sequence[Part], system: System, found: Findings, policy: Policy) -> list[Exposure]:
    import numpy as np

    cells = together(parts)
    exposed = np.flatnonzero(np.isin(system.of_cell, found.exposed) & cells.secret)
    out: list[Exposure] = []
    for part, keys in zip(parts, keys_of(parts, exposed), strict=True):
        for key in keys:
            variable = system.of_cell[exposed[len(out)]]
            out.append(
                Exposure(
                    table=part.table.key,
                    measure=part.measure.name,
                    cell=key,
                    feasible=int(found.high[variable] - found.low[variable] + 1),
                    broken_down_by=_broken_down(part.table, key, policy),
                )
            )
    return out


def _broken_down(table: Table, key: Sequence[str], policy: Policy) -> tuple[str, ...]:
    named = zip(dimensions(table, policy), key, strict=True)
    return tuple(d for d, value in named if value != policy.total and d != "snapshot_month")


def stop_for(exposures: Sequence[Exposure]) -> Stop | None:
    """The stop that exposures call for (WSD-620): how many cells, and the breakdown that most of them are of."""
    if not exposures:
        return None
    (table, measure, broken_down), _ = Counter(
        (e.table, e.measure, e.broken_down_by) for e in sorted(exposures, key=lambda e: (e.table, e.measure, e.cell))
    ).most_common(1)[0]
    return Stop(
        "WSD-620",
        table=table,
        measure=measure,
        cells=f"{len(exposures):,}",
        dimensions=" by ".join(broken_down) or "its total",
    )


def _stop(parts: Sequence[Part], left: int) -> Stop:
    return Stop(
        "WSD-620",
        table=", ".join(sorted({p.table.key for p in parts})),
        measure=parts[0].measure.name,
        cells=f"{left:,}",
        dimensions=", ".join(together(parts).dimensions),
    )


def withhold_select(table: Table, relation: str, further: Keys, dropped: Keys, policy: Policy) -> str:
    """A SELECT of a protected mart with further cells withheld, and every measure made of them; without some rows."""
    dims = dimensions(table, policy)
    joins, hidden, where = [], dict[str, str](), ""
    if gone := sorted({key for keys in dropped.values() for key in keys}):
        rows = ", ".join("(" + ", ".join(literal(v) for v in key) + ")" for key in gone)
        where = f" where ({', '.join(f'cast(m.{quoted(d)} as varchar)' for d in dims)}) not in ({rows})"
    for number, (measure, keys) in enumerate(sorted(further.items())):
        rows = ", ".join("(" + ", ".join([*(literal(v) for v in key), "true"]) + ")" for key in sorted(set(keys)))
        names = ", ".join([*(f"k{i}" for i in range(len(dims))), "is_hidden"])
        match = " and ".join(f"w{number}.k{i} = cast(m.{quoted(d)} as varchar)" for i, d in enumerate(dims)) or "true"
        joins.append(f" left join (values {rows}) as w{number} ({names}) on {match}")
        hidden[measure] = f"w{number}.is_hidden"
    made: dict[str, str] = {}
    for column in published(table):
        causes = [hidden[name] for name in (column.name, *column.of) if name in hidden]
        if causes:
            is_hidden = " or ".join(f"coalesce({c}, false)" for c in causes)
            kept = quoted(column.status_column, "m")
            made[column.name] = f"case when not ({is_hidden}) then m.{quoted(column.name)} end"
            made[column.status_column] = (
                f"case when ({is_hidden}) and {kept} = '' then '{CONFIDENTIAL}' else {kept} end"
            )
    columns = ", ".join(
        f"cast({made.get(c.name, quoted(c.name, 'm'))} as {c.type}) as {quoted(c.name)}" for c in table.columns
    )
    order = ", ".join(quoted(k, "m") for k in table.unique_key)
    return f"select {columns} from {relation} as m{''.join(joins)}{where} order by {order}"
