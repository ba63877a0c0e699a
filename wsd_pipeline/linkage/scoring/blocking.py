"""Which pairs are compared: blocking rules in families, each family from loose to tight.

The number of pairs a rule makes is counted from its keys' frequencies before any pair is made. Of each family the
loosest variant within the budget is taken, so small files are searched widely and large ones tightly by the same
defaults. Where even the tightest variant passes the cap the run stops, its usual cause named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.meeting import Keyed, met, pair_of, rids
from wsd_pipeline.linkage.scoring.settings import Settings
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import polars as pl

    from wsd_pipeline.linkage.scoring.meeting import Keys

MOST_BUCKET_BITS = 22


@dataclass(frozen=True)
class Rule:
    """Pairs equal in each of these columns. One written `x=y` compares column x of a with column y of b."""

    columns: tuple[str, ...]

    def sides(self) -> list[tuple[str, str]]:
        """The column of a and the column of b that each compares."""
        return [(k.partition("=")[0], k.partition("=")[2] or k) for k in self.columns]

    def keys(self, a: Keyed, b: Keyed) -> tuple[Keys, Keys]:
        """The rule's key of each row of a and of b that has one."""
        return a.keys([x for x, _ in self.sides()]), b.keys([y for _, y in self.sides()])


@dataclass(frozen=True)
class Family:
    """Variants of one idea, loosest first; each a tuple of rules taken together. `cause` is named when they trip."""

    cause: str
    variants: tuple[tuple[Rule, ...], ...]


def _rules(*keys: str) -> tuple[Rule, ...]:
    return tuple(Rule(tuple(k.split())) for k in keys)


FAMILIES = (
    Family("date of birth", (
        _rules("dob"),
        _rules("dob sector", "dob fi", "dob sp", "dob f1=s0", "dob s0=f1"),
        _rules("dob pc", "dob fp", "dob sp", "dob f1=s0", "dob s0=f1"),
        _rules("dob pc", "dob f1", "dob s0"),
    )),
    Family("address", (_rules("home"), _rules("home fi", "home byear"), _rules("home fp", "home byear bmon"))),
    Family("postcode", (
        _rules("pc"),
        _rules("pc fp", "pc sp byear", "pc byear bmon", "pc byear bday", "pc bmon bday"),
        _rules("pc f1 byear", "pc f1 s0", "pc byear bmon", "pc byear bday"),
    )),
    Family("name", (
        _rules("fp", "sp"),
        _rules("fp sp", "f1=s0 s0=f1", "sp byear", "fp byear"),
        _rules("fp sp", "f1=s0 s0=f1"),
        _rules("fp sp byear", "fp sp bmon bday", "f1=s0 s0=f1 byear"),
        _rules("f1 s0 byear", "f1 s0 bmon bday", "f1=s0 s0=f1 dob"),
    )),
)  # fmt: skip


def choose(a: Keyed, b: Keyed, settings: Settings, strong_ids: int, held: frozenset[str]) -> list[Rule]:
    """The rules for open records `a` and `b`, given the columns they hold values in. Stops with WSD-220 at the cap."""
    budget = max(settings.least_pairs, 2 * settings.pairs_per_record * min(len(a), len(b)))
    chosen = [Rule((f"id{k + 1}",)) for k in range(strong_ids)]
    for family in FAMILIES:
        usable = [v for v in (tuple(r for r in v if _columns(r) <= held) for v in family.variants) if v]
        for number, variant in enumerate(usable, start=1):
            last = number == len(usable)
            pairs = count_pairs(a, b, variant, stop_at=None if last else budget)
            if last and pairs > settings.pair_cap:
                raise Stop("WSD-220", pairs=pairs, limit=settings.pair_cap, source=family.cause)
            if pairs <= budget or last:
                chosen += [r for r in variant if r not in chosen]
                break
    return chosen


def count_pairs(a: Keyed, b: Keyed, rules: tuple[Rule, ...], stop_at: int | None = None) -> int:
    """How many pairs the rules make, each rule counted by itself; counting ends once past `stop_at`."""
    import numpy as np

    # keys are counted in buckets, two for a row: a few pairs too many, never one too few
    bits = min((2 * max(len(a), len(b), 64)).bit_length(), MOST_BUCKET_BITS)
    total = 0
    for rule in rules:
        left, right = (
            np.bincount((key >> np.uint64(64 - bits)).view(np.int64), minlength=1 << bits) for _, key in rule.keys(a, b)
        )
        total += int(left @ right)
        if stop_at is not None and total > stop_at:
            break
    return total


def candidates(rules: list[Rule], a: Keyed, b: Keyed, *, one_table: bool) -> pl.Series:
    """Every pair some rule makes, each once: `pair`, the rid of a in its upper half and the rid of b in its lower."""
    import polars as pl

    made = [pair_of(rids(met(*rule.keys(a, b)), a, b)) for rule in rules]
    pairs = pl.concat(made or [pl.Series("pair", [], dtype=pl.Int64)]).unique()
    if one_table:
        pairs = pairs.filter((pairs // (1 << 32)) < (pairs % (1 << 32)))
    return pairs


def _columns(rule: Rule) -> frozenset[str]:
    return frozenset(c for side in rule.sides() for c in side)
