"""Which pairs are compared: blocking rules in families, each family from loose to tight.

The number of pairs a rule makes is counted from its keys' frequencies before any pair is made. Of each family the
loosest variant within the budget is taken, so small files are searched widely and large ones tightly by the same
defaults. Where even the tightest variant passes the cap the run stops, its usual cause named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.settings import Settings
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


BUCKET_BITS = 22
BUCKETS = 1 << BUCKET_BITS


@dataclass(frozen=True)
class Rule:
    """Pairs equal in each of these keys. A key `x=y` compares column x of a with column y of b."""

    keys: tuple[str, ...]

    def sides(self) -> list[tuple[str, str]]:
        """The column of a and the column of b of each key."""
        return [(k.partition("=")[0], k.partition("=")[2] or k) for k in self.keys]

    def condition(self) -> str:
        """The rule as SQL over `a` and `b`."""
        return " and ".join(f"a.{x} = b.{y}" for x, y in self.sides())


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


def choose(a: pl.DataFrame, b: pl.DataFrame, settings: Settings, strong_ids: int, held: frozenset[str]) -> list[Rule]:
    """The rules for open records `a` and `b`, given the columns they hold values in. Stops with WSD-220 at the cap."""
    budget = max(settings.least_pairs, settings.pairs_per_record * (len(a) + len(b)))
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


def count_pairs(a: pl.DataFrame, b: pl.DataFrame, rules: tuple[Rule, ...], stop_at: int | None = None) -> int:
    """How many pairs the rules make, each rule counted by itself; counting ends once past `stop_at`."""
    import numpy as np

    total = 0
    for rule in rules:
        # keys are counted in buckets: a few pairs too many, never one too few
        left, right = (
            np.bincount(_keys(frame, columns), minlength=BUCKETS)
            for frame, columns in ((a, [x for x, _ in rule.sides()]), (b, [y for _, y in rule.sides()]))
        )
        total += int(left @ right)
        if stop_at is not None and total > stop_at:
            break
    return total


def _keys(frame: pl.DataFrame, columns: list[str]) -> np.ndarray:
    """The bucket of the rule's key of each row that has one: the same where the columns are the same."""
    import numpy as np

    known = frame.select(columns).drop_nulls()
    mixed = np.zeros(len(known), dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ known[column].to_numpy().astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)


def pairs_sql(rules: list[Rule], a: str, b: str, select: str, *, one_table: bool) -> str:
    """Every pair some rule makes, each once: a pair belongs to the first rule that makes it."""
    parts = []
    for number, rule in enumerate(rules):
        earlier = "".join(f" and ({r.condition()}) is not true" for r in rules[:number])
        order = " and a.rid < b.rid" if one_table else ""
        parts.append(f"select {select} from {a} a join {b} b on {rule.condition()} where true{order}{earlier}")
    return "\nunion all\n".join(parts)


def _columns(rule: Rule) -> frozenset[str]:
    return frozenset(c for side in rule.sides() for c in side)
