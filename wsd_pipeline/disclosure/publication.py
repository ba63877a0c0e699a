"""Marts put together: the joint attack over a release, what it still has to withhold, and the stop where that fails.

Marts are protected one by one; here those that count the same people meet, and the months that flows tie together.
What one mart withholds, all withhold; where the joint attack still finds a cell, more is withheld beside it. Only
published numbers are needed, so this may run wherever the marts are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Measure, Table
from wsd_pipeline.disclosure.attacker import Findings, Infeasible, attack
from wsd_pipeline.disclosure.families import Marts, families_of
from wsd_pipeline.disclosure.further import Found, Further, further, minimum
from wsd_pipeline.disclosure.joint import Part, collapsed, keys_of, spare_nobody
from wsd_pipeline.disclosure.made import Keys
from wsd_pipeline.disclosure.measures import quoted
from wsd_pipeline.disclosure.policy import CONFIDENTIAL, Policy
from wsd_pipeline.disclosure.series import Flows, Numbers, Release, Series, flows_of, series_of
from wsd_pipeline.disclosure.suppression import dimensions, published
from wsd_pipeline.disclosure.tied import Joined, alone, joined
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
    other: what they say does not add up. `covers`, by family of people, is how many releases before it this one was
    attacked with, and `stands` the numbers with which they are all safe, where there are any (`series.Release`).
    """

    further: Mapping[str, Keys]
    large: Mapping[str, Keys]
    dropped: Mapping[str, Keys]
    families: int
    joint: int
    contradictory: tuple[str, ...] = ()
    covers: Mapping[str, int] = field(default_factory=dict)
    stands: Mapping[str, Numbers] = field(default_factory=dict)


EFFORT = 50
"""What the attack on a finished release may cost, against one on the way to it."""


def attack_release(marts: Marts, policy: Policy, earlier: Sequence[Release] = ()) -> list[Exposure]:
    """Every withheld cell of the marts, and of the earlier releases that flows tie to them, that is not safe.

    `earlier` are the releases before, oldest first, without a gap. Infeasible where marts contradict each other: where
    what their contracts say adds up does not.
    """
    found, families = [], families_of(marts, policy)
    series, others = _apart(marts, families)
    for flows in series:
        ways = _ways(flows, families, earlier, policy)
        found += _attacked((partial(joined, months, policy, missing) for months, missing in ways), policy)
    for parts in others.values():
        if any(p.cells.secret.any() for p in parts):
            found += _attacked((partial(alone, parts, policy, missing) for missing in _missing(parts, policy)), policy)
    return found


Way = Callable[[], Joined]
"""Joins cells, or finds that they cannot be what this takes them for: Infeasible."""


def _attacked(ways: Iterable[Way], policy: Policy) -> list[Exposure]:
    """The exposures of what was joined, with all the effort it takes, in the first of the ways that can be."""
    for way in ways:
        try:
            problem = way()
            spare_nobody(problem.system)
            return _exposures(problem, attack(problem.system, minimum(problem.parts, policy), effort=EFFORT), policy)
        except Infeasible:
            continue
    raise Infeasible


def _apart(marts: Marts, families: Mapping[str, Sequence[Part]]) -> tuple[list[list[Flows]], dict[str, Sequence[Part]]]:
    """The families of flows that are attacked with the people they are across, and all families that are neither."""
    series = [flows for across, flows in flows_of(marts).items() if across in families]
    tied = {name for flows in series for f in flows for name in (f.family, f.across)}
    return series, {name: parts for name, parts in families.items() if name not in tied}


def _missing(parts: Iterable[Part], policy: Policy) -> list[Sequence[str]]:
    """Over which dimensions parts may miss some of their whole: as the policy has it; where that fails, over all."""
    return [policy.partial, sorted({d for p in parts for d in p.cells.dimensions})]


def _ways(
    flows: Sequence[Flows], families: Mapping[str, Sequence[Part]], earlier: Sequence[Release], policy: Policy
) -> Iterator[tuple[Series, Sequence[str]]]:
    """How a series may be joined, the next where one contradicts itself: with more months whole, then missing some."""
    more = 0
    while (series := series_of(flows, families, earlier, policy, more)).stands is not None:
        yield series, policy.partial
        more += 1
    for missing in _missing((p for month in series.months for p in month.parts), policy):
        yield series, missing


def agreed(marts: Marts, policy: Policy, earlier: Sequence[Release] = ()) -> Agreement:
    """The further cells that a release of all the marts must withhold. Stops with WSD-620 where none will do.

    A family that only one mart counts was attacked when that was made. Cells of one family are one number: withheld in
    one mart, withheld in all. What flows tie is attacked with the releases before (`earlier`: oldest first, without a
    gap), and what those withheld is kept as well, but for what they give away by themselves. Where parts do not add up
    to their whole they are taken to miss some of it; where even that cannot be, nothing holds between them for anybody.
    """
    families = families_of(marts, policy)
    series, others = _apart(marts, families)
    shared = {name: parts for name, parts in others.items() if len({p.table.key for p in parts}) > 1}
    found = {name: _agreed_alone(parts, policy) for name, parts in shared.items()}
    tied = {flows[0].across: _agreed_in_series(flows, families, earlier, policy) for flows in series}
    found |= {across: more for across, (more, _) in tied.items()}
    known = [more for more in found.values() if more is not None]
    return Agreement(
        further=_by_mart((more.parts, more.wanted) for more in known),
        large=_by_mart((more.parts, more.large) for more in known),
        dropped=_by_mart(
            (parts, collapsed(parts)) for parts in families.values() if parts[0].measure.measure is Measure.COUNT
        ),
        families=len(families),
        joint=len(found),
        contradictory=tuple(
            name for name, more in found.items() if more is None or (name in tied and tied[name][1] is None)
        ),
        covers={across: covers for across, (_, covers) in tied.items() if covers is not None},
        stands={across: more.stands for across, (more, _) in tied.items() if more and more.stands},
    )


def _agreed_alone(parts: Sequence[Part], policy: Policy) -> Further | None:
    """What else to withhold of a family by itself; None where its parts contradict each other whatever they miss."""
    for missing in _missing(parts, policy):
        try:
            return further(alone(parts, policy, missing), policy)
        except Infeasible:
            continue
    return None


def _agreed_in_series(
    flows: Sequence[Flows], families: Mapping[str, Sequence[Part]], earlier: Sequence[Release], policy: Policy
) -> tuple[Further | None, int | None]:
    """The same of what flows tie to releases before, and how many of those; None of them where they contradict it."""
    for releases in (earlier, ()):
        for months, missing in _ways(flows, families, releases, policy):
            before = replace(months, months=months.months[:-1]) if len(months.months) > 1 else None
            try:
                more = further(
                    joined(months, policy, missing),
                    policy,
                    partial(joined, before, policy, missing) if before else None,
                    wall=months.is_large,
                )
            except Infeasible:
                continue
            return more, months.covers if releases is earlier else None
    return None, None


def _by_mart(found: Iterable[tuple[Sequence[Part], Found]]) -> dict[str, dict[str, list[tuple[str, ...]]]]:
    """Places in marts by mart and measure."""
    out: dict[str, dict[str, list[tuple[str, ...]]]] = {}
    for parts, places in found:
        for part, keys in zip(parts, places, strict=True):
            if listed := sorted(keys):
                out.setdefault(part.table.key, {}).setdefault(part.measure.name, []).extend(listed)
    return out


def _exposures(problem: Joined, found: Findings, policy: Policy) -> list[Exposure]:
    import numpy as np

    of_cell = problem.system.of_cell
    exposed = np.flatnonzero(np.isin(of_cell, found.exposed) & problem.secret)
    out: list[Exposure] = []
    for part, keys in zip(problem.parts, keys_of(problem.parts, exposed), strict=True):
        for key in keys:
            variable = of_cell[exposed[len(out)]]
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
