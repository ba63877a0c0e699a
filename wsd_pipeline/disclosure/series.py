"""Releases in a row: the months of people that flows tie together, and how far back they are joined.

Flows between two months say how many were in each segment before and after; both months' own counts say it too. What
flows narrow in one month they narrow, through that month, in the next: so months are attacked together (`tied`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wsd_pipeline.contracts.measures import MartTable
from wsd_pipeline.disclosure.families import Marts, families_of
from wsd_pipeline.disclosure.joint import Part
from wsd_pipeline.disclosure.policy import Policy

OPEN = 3_000
"""Cells of months that are joined whole; the new one always is."""

Key = tuple[str, ...]
Numbers = Mapping[str, Mapping[Key, int]]
"""By family of flows, a number for each cell of people that they come from or go to."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release as later ones need it: its marts, and numbers with which everything up to it was proved safe.

    `stands`, by family of people: whoever knew that those in the cells that flows tie are so many would still find
    nothing that was withheld in it, or in the `covers` releases before it. The numbers agree with all that is
    published; they are not the true ones.
    """

    marts: Marts
    stands: Mapping[str, Numbers] = field(default_factory=dict)
    covers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Flows:
    """A family of flows: the family that they are across, and the dimensions of it that they come from and go to."""

    family: str
    across: str
    dimensions: tuple[str, ...]


def flows_of(marts: Marts) -> dict[str, list[Flows]]:
    """By the family that they are across, the families of flows that the marts' contracts declare."""
    declared = [
        Flows(
            family=c.family,
            across=c.across,
            dimensions=tuple(d for d in c.before.values() if d in {c.rename.get(e, e) for e in c.dimensions}),
        )
        for mart in marts.values()
        if isinstance(mart.table, MartTable)
        for counts in mart.table.counts.values()
        for c in counts
        if c.across and c.before
    ]
    most = {f.family: f for f in sorted(declared, key=lambda f: (len(f.dimensions), f.dimensions))}
    found: dict[str, list[Flows]] = {}
    for _, flows in sorted(most.items()):
        found.setdefault(flows.across, []).append(flows)
    return found


@dataclass(frozen=True, kw_only=True)
class Month:
    """The parts of one release: those that count people, and by family those that count flows into the month."""

    people: Sequence[Part]
    flows: Mapping[str, Sequence[Part]]

    @classmethod
    def of(cls, flows: Sequence[Flows], parts: Mapping[str, Sequence[Part]]) -> Month:
        """The month of a release's families."""
        held = {f.family: parts[f.family] for f in flows if f.family in parts}
        return cls(people=parts.get(flows[0].across, ()), flows=held)

    @property
    def parts(self) -> list[Part]:
        """All of them: people first, then flows by their family."""
        return [*self.people, *(p for _, parts in sorted(self.flows.items()) for p in parts)]

    @property
    def cells(self) -> int:
        """How many cells they have."""
        return sum(map(len, self.parts))


@dataclass(frozen=True, kw_only=True)
class Series:
    """Months in a row, oldest first, the new one last.

    Before them stands nothing, or a month that is not joined whole: `last`, of which only its own counts are known, or
    one with the numbers that everything up to it was proved safe with (`stands`). `covers` is how many releases before
    the new one are safe where the system of these months is.
    """

    flows: Sequence[Flows]
    months: Sequence[Month]
    covers: int
    last: Month | None = None
    stands: Numbers | None = None

    @property
    def is_large(self) -> bool:
        """Whether the new month by itself has more cells than are joined whole with a later one."""
        return self.months[-1].cells > OPEN


def series_of(
    flows: Sequence[Flows],
    now: Mapping[str, Sequence[Part]],
    earlier: Sequence[Release],
    policy: Policy,
    more: int = 0,
) -> Series:
    """The new release with those before it: as many as the policy joins and OPEN cells hold.

    Of those beyond that stand at numbers, `more` are joined whole nevertheless.

    `now` are the families of the new one; `earlier` are oldest first, without a gap. Nothing is tied across a month
    that publishes no flows.
    """
    months, across = [Month.of(flows, now)], flows[0].across
    for release in [*earlier][::-1][: policy.months_joined]:
        if not months[0].flows:
            break
        month = Month.of(flows, families_of(release.marts, policy, {across, *(f.family for f in flows)}))
        if not month.people:
            break
        cells, stands = sum(m.cells for m in [month, *months]), release.stands.get(across)
        if stands is not None and cells > OPEN:
            if not more:
                covers = len(months) + release.covers.get(across, 0)
                return Series(flows=flows, months=months, covers=covers, stands=stands)
            more -= 1
        elif cells > OPEN:
            return Series(flows=flows, months=months, covers=len(months) - 1, last=month)
        months.insert(0, month)
    return Series(flows=flows, months=months, covers=len(months) - 1)
