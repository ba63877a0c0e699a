"""Marts put together: the joint attack over a release, what it still has to withhold, and the stop where that fails.

Marts are protected one by one; here those that count the same people meet, and the months that flows tie together.
What one mart withholds, all withhold; where the joint attack still finds a cell, more is withheld beside it. Only
published numbers are needed, so this may run wherever the marts are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Measure, Table
from wsd_pipeline.disclosure.attacker import Findings, Infeasible, attack
from wsd_pipeline.disclosure.cells import UNBOUNDED, Cells, System
from wsd_pipeline.disclosure.gate import Exposed, Withheld, closed, keys_of
from wsd_pipeline.disclosure.joint import HALVES, Part, collapsed, equations, parts_of, together
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, NOT_AVAILABLE, Policy
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
class Made:
    """How a mart was made: by measure, the cells withheld only to protect others, and those inside withheld cells.

    The rows of the latter are left out of it. The attacker is taken to know both.
    """

    beside: Mapping[str, Sequence[tuple[str, ...]]] = field(default_factory=dict)
    collapsed: Mapping[str, Sequence[tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Made:
        """As the facts of a mart's pointer have it."""
        named = (facts.get(name, {}) for name in ("withheld_beside", "collapsed"))
        beside, collapsed = ({m: [tuple(k) for k in keys] for m, keys in by.items()} for by in named)
        return cls(beside=beside, collapsed=collapsed)

    def further(self, beside: Withheld, collapsed: Withheld) -> Made:
        """As it is once a release has withheld more cells, and dropped more rows."""

        def both(mine: Mapping[str, Sequence[tuple[str, ...]]], more: Withheld) -> Withheld:
            return {m: sorted({*mine.get(m, ()), *more.get(m, ())}) for m in sorted({*mine, *more})}

        return Made(beside=both(self.beside, beside), collapsed=both(self.collapsed, collapsed))


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What a release needs: by mart the further cells to withhold, those of them that are not small, and rows to drop.

    Beside it how many families of counts there are, how many of them several marts share, and which contradict each
    other: what they say does not add up.
    """

    further: Mapping[str, Withheld]
    large: Mapping[str, Withheld]
    dropped: Mapping[str, Withheld]
    families: int
    joint: int
    contradictory: tuple[str, ...] = ()


EFFORT = 50
"""What the attack on a finished release may cost, against one on the way to it."""
Marts = Mapping[str, tuple[Table, Any]]
"""By key, the contract of a mart and its protected rows: an Arrow table, or anything DuckDB can register."""


def families_of(
    marts: Marts, policy: Policy, made_with: Mapping[str, Made] | None = None, earlier: Marts | None = None
) -> dict[str, list[Part]]:
    """By family, the parts of every mart, in order. `made_with`: by mart, how it was made.

    `earlier` are the marts of the month before: those that count what flows of this month come from join the flows.
    """
    import duckdb

    con = duckdb.connect()
    con.execute("set async_threads = 0")
    found: dict[str, list[Part]] = {}
    for key, (table, rows) in sorted(marts.items()):
        made = (made_with or {}).get(key, Made())
        con.register("mart_rows", rows)
        _put_back(con, table, made.collapsed, policy)
        for family, parts in parts_of(con, table, "whole_mart", policy, made.beside).items():
            found.setdefault(family, []).extend(parts)
        con.unregister("mart_rows")
    before = families_of(earlier, policy) if earlier else {}
    for parts in list(found.values()):
        for flows in [p for p in parts if p.counts.across and p.counts.before]:
            parts += _margins(flows, found.get(str(flows.counts.across), []), before)
    con.close()
    return found


def _put_back(con: Any, table: Table, collapsed: Mapping[str, Sequence[tuple[str, ...]]], policy: Policy) -> None:
    """The mart with the rows that were left out of it: what was inside is withheld, of the rest nothing is known."""
    con.execute("create or replace temp table whole_mart as from mart_rows")
    measures = published(table)
    inside: dict[tuple[str, ...], set[str]] = {}
    for measure, keys in collapsed.items():
        for key in keys:
            inside.setdefault(tuple(key), set()).add(measure)
    if not inside:
        return
    dims = dimensions(table, policy)
    labels = {k: "" for k in table.unique_key if k not in dims}
    names = [*dims, *labels, *(c.status_column for c in measures)]
    rows = [
        [*key, *labels.values(), *(CONFIDENTIAL if c.name in held else NOT_AVAILABLE for c in measures)]
        for key, held in sorted(inside.items())
    ]
    import pyarrow as pa

    con.register("put_back", pa.table({n: [row[i] for row in rows] for i, n in enumerate(names)}))
    values = ", ".join(f"cast({quoted(n)} as {table.column(n).type})" for n in names)
    con.execute(f"insert into whole_mart ({', '.join(map(quoted, names))}) select {values} from put_back")
    con.unregister("put_back")


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


def attack_release(
    marts: Marts, policy: Policy, made_with: Mapping[str, Made] | None = None, earlier: Marts | None = None
) -> list[Exposure]:
    """Every withheld cell of the marts, put together, that is not safe.

    Infeasible where marts contradict each other: where what their contracts say adds up does not.
    """
    found = []
    for parts in families_of(marts, policy, made_with, earlier).values():
        if any(p.cells.secret.any() for p in parts):
            found += _attacked(parts, policy)
    return found


def _attacked(parts: Sequence[Part], policy: Policy) -> list[Exposure]:
    """The exposures of one family, with all the effort it takes; parts that do not add up are taken to miss some."""
    cells = together(parts)
    for partial in (policy.partial, cells.dimensions):
        try:
            system = equations(cells, policy, partial)
            return _exposures(parts, system, attack(system, _minimum(parts, policy), effort=EFFORT), policy)
        except Infeasible:
            continue
    raise Infeasible


def agreed(
    marts: Marts, policy: Policy, made_with: Mapping[str, Made] | None = None, earlier: Marts | None = None
) -> Agreement:
    """The further cells that a release of all the marts must withhold. Stops with WSD-620 where none will do.

    A family that only one mart counts was attacked when that was made. Cells of one family are one number: withheld in
    one mart, withheld in all. Where parts do not add up to their whole
    they are taken to miss some of it; where even that cannot be, nothing holds between the marts for anybody.
    """
    further: dict[str, Withheld] = {}
    large: dict[str, Withheld] = {}
    families = families_of(marts, policy, made_with, earlier)
    dropped = _dropped(families)
    contradictory = []
    for name, parts in families.items():
        if len({p.table.key for p in parts}) == 1:
            continue
        cells = together(parts)
        for partial in (policy.partial, cells.dimensions):
            try:
                chosen, spared = _further(parts, cells, policy, partial)
                break
            except Infeasible:
                chosen, spared = [[] for _ in parts], [[] for _ in parts]
        else:
            contradictory.append(name)
        for part, keys in zip(parts, chosen, strict=True):
            if keys:
                further.setdefault(part.table.key, {}).setdefault(part.measure.name, []).extend(keys)
        for part, keys in zip(parts, spared, strict=True):
            if keys:
                large.setdefault(part.table.key, {}).setdefault(part.measure.name, []).extend(keys)
    joint = sum(len({p.table.key for p in parts}) > 1 for parts in families.values())
    return Agreement(
        further=further,
        large=large,
        dropped=dropped,
        families=len(families),
        joint=joint,
        contradictory=tuple(contradictory),
    )


def _dropped(families: Mapping[str, Sequence[Part]]) -> dict[str, Withheld]:
    """By mart and measure, the cells inside one that another mart of the family withholds: their rows go."""
    gone: dict[str, Withheld] = {}
    for parts in families.values():
        if parts[0].measure.measure is Measure.COUNT:
            for part, keys in zip(parts, collapsed(parts), strict=True):
                if keys:
                    gone.setdefault(part.table.key, {}).setdefault(part.measure.name, []).extend(sorted(keys))
    return gone


def _further(
    parts: Sequence[Part], cells: Cells, policy: Policy, partial: Sequence[str]
) -> tuple[list[list[tuple[str, ...]]], list[list[tuple[str, ...]]]]:
    """For each part of a family the further cells to withhold, and those of them that are not small themselves.

    Infeasible where the equations cannot hold.
    """
    import numpy as np

    hidden = cells.secret | ((cells.low == policy.threshold + 1) & (cells.high >= UNBOUNDED))
    if not hidden.any():
        return [[] for _ in parts], [[] for _ in parts]
    system = equations(cells, policy, partial)
    start = np.zeros(len(system.low))
    np.maximum.at(start, system.of_cell, np.where(hidden, 0, (cells.low + cells.high) // 2))
    system.secret[np.unique(system.of_cell[cells.secret])] = True
    _loosen(system, cells, hidden)
    try:
        chosen = closed(system, _minimum(parts, policy), start, policy.threshold)
    except Exposed as left:
        raise _stop(parts, len(left.variables)) from None
    small = np.unique(system.of_cell[cells.secret])
    wanted = np.isin(system.of_cell, [*np.unique(system.of_cell[hidden]), *chosen]) & ~hidden
    large = wanted & ~np.isin(system.of_cell, small)
    return keys_of(parts, np.flatnonzero(wanted)), keys_of(parts, np.flatnonzero(large))


def _loosen(system: System, cells: Cells, hidden: Any) -> None:
    """Let go of what a mart shows of a number that another withholds: it will be withheld there too."""
    import numpy as np

    both = np.intersect1d(system.of_cell[hidden], system.of_cell[~hidden])
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


def withhold_select(table: Table, relation: str, further: Withheld, dropped: Withheld, policy: Policy) -> str:
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
