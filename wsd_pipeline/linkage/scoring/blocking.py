"""Which pairs are compared: blocking rules in families, each family from loose to tight.

How many pairs a rule makes is known before any pair is made. Of each family the loosest variant within the budget
is taken, so small files are searched widely and large ones tightly by the same defaults. Where even the tightest
variant passes the cap the run stops, its usual cause named.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.meeting import Meeting, meet
from wsd_pipeline.linkage.scoring.pairs import ends
from wsd_pipeline.linkage.scoring.settings import Settings
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Rule:
    """Pairs equal in each of these columns. One written `x=y` compares column x of a with column y of b."""

    columns: tuple[str, ...]

    def sides(self) -> list[tuple[str, str]]:
        """The column of a and the column of b that each compares."""
        return [(k.partition("=")[0], k.partition("=")[2] or k) for k in self.columns]

    def meeting(self, a: Codes, b: Codes) -> Meeting:
        """The rows of a and of b that the rule brings together."""
        return meet(a, b, self.sides())


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


def candidates(
    a: Codes, b: Codes, settings: Settings, strong_ids: int, held: frozenset[str], *, one_table: bool
) -> tuple[list[Rule], np.ndarray]:
    """The rules for open records `a` and `b`, given the columns they hold values in, and every pair some rule makes.

    Each pair of places once, in order (see `pairs`). Stops with WSD-220 at the cap.
    """
    strong = [Family("strong identifier", (_rules(f"id{k + 1}"),)) for k in range(strong_ids)]
    with ThreadPoolExecutor(settings.threads) as pool:
        found = list(pool.map(lambda family: _search(family, a, b, settings, held), (*strong, *FAMILIES)))
    pairs = once([made for _, made in found], a["rid"] if one_table else None)
    return [rule for variant, _ in found for rule in variant], pairs


def once(made: list[np.ndarray], rid: np.ndarray | None) -> np.ndarray:
    """Each pair of several lists once, in order.

    Of two rows of one table, whose rids are given, once too, and none of a row with itself.
    """
    import numpy as np

    pairs: np.ndarray = np.concatenate([np.empty(0, dtype=np.int64), *made])
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    if rid is not None:
        at_a, at_b = ends(pairs)
        pairs = pairs[rid[at_a] < rid[at_b]]
    return pairs


def _search(
    family: Family, a: Codes, b: Codes, settings: Settings, held: frozenset[str]
) -> tuple[tuple[Rule, ...], np.ndarray]:
    """The loosest variant within the budget, or else the tightest, and the pairs its rules make."""
    import numpy as np

    met: dict[Rule, Meeting] = {}
    budget = max(settings.least_pairs, 2 * settings.pairs_per_record * min(len(a), len(b)))
    usable = [v for v in (tuple(r for r in v if _columns(r) <= held) for v in family.variants) if v]
    for variant in usable:
        most = settings.pair_cap if variant is usable[-1] else budget
        met = {rule: met[rule] for rule in variant if rule in met}
        pairs = 0
        for rule in variant:
            pairs += _agreeing(rule, a, b) if len(rule.columns) == 1 else _met(rule, a, b, met).count()
            if pairs > most:
                break
        if pairs <= most:
            return variant, np.concatenate([_met(rule, a, b, met).pairs() for rule in variant])
    if usable:
        raise Stop("WSD-220", pairs=pairs, limit=settings.pair_cap, source=family.cause)
    return (), np.empty(0, dtype=np.int64)


def _met(rule: Rule, a: Codes, b: Codes, met: dict[Rule, Meeting]) -> Meeting:
    if rule not in met:
        met[rule] = rule.meeting(a, b)
    return met[rule]


def _agreeing(rule: Rule, a: Codes, b: Codes) -> int:
    """How many pairs a rule of one column makes: told by counts, before any row is met."""
    import numpy as np

    ((x, y),) = rule.sides()
    size = max(a.most(x), b.most(y)) + 1
    return int(np.bincount(a[x], minlength=size)[1:] @ np.bincount(b[y], minlength=size)[1:])


def _columns(rule: Rule) -> frozenset[str]:
    return frozenset(c for side in rule.sides() for c in side)
