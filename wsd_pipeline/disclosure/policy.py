"""The disclosure policy: limits a steward may tighten, read from YAML, never looser than the floor written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from wsd_pipeline.disclosure.cells import Family

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
POLICY_FILE = Path(__file__).resolve().parent.parent / "config" / "disclosure.yaml"

CONFIDENTIAL, NOT_AVAILABLE, NOT_APPLICABLE, SHOWN = "c", "x", "z", ""
"""Statuses of a published cell (GSS symbols [c], [x], [z]); the empty string where the number is shown."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What may be published, and how exactly.

    Counts from 1 to `threshold` are withheld, the others go to the nearest `base` (people). Percentages (0–100)
    need a protected denominator of `minimum_denominator` people, or more where the row is broken down by a
    dimension of `minimum_denominator_by`. Money goes to the nearest `money_base` pounds, and is withheld where
    one contributor makes more than `dominance_one` (a share) of it, or the two largest more than `dominance_two`; what
    else is published must leave it open by `money_width` (a share) of it. A statistic of a fitted model needs
    `model_minimum` people. `families` are dimensions that nest or
    overlap; over those of `partial` the parts may miss some people. `months_joined` releases before a new one are
    attacked with it where flows tie them.
    """

    version: int
    threshold: int = 7
    base: int = 5
    minimum_feasible_values: int = 4
    percentage_decimals: int = 1
    minimum_denominator: int = 20
    minimum_denominator_by: Mapping[str, int] = field(default_factory=dict)
    money_base: int = 1000
    dominance_one: Decimal = Decimal("0.5")
    dominance_two: Decimal = Decimal("0.85")
    total: str = "all"
    labels: tuple[str, ...] = ("breakdown",)
    alternatives: tuple[str, ...] = ("group_type",)
    families: tuple[Family, ...] = ()
    partial: tuple[str, ...] = ()
    money_width: Decimal = Decimal("0.2")
    model_minimum: int = 200
    months_joined: int = 12

    def __post_init__(self) -> None:
        loose = [
            name
            for name, kept in {
                "counts.threshold": self.threshold >= 7,
                "counts.base": self.base >= 5,
                "counts.minimum_feasible_values": self.minimum_feasible_values >= 4,
                "percentages.decimals": 0 <= self.percentage_decimals <= 1,
                "percentages.minimum_denominator": self.minimum_denominator >= 20,
                "money.base": self.money_base >= 1000,
                "money.dominance_one": 0 < self.dominance_one <= Decimal("0.5"),
                "money.width": self.money_width >= Decimal("0.2"),
                "models.minimum_people": self.model_minimum >= 200,
                "months_joined": self.months_joined >= 12,
                "money.dominance_two": 0 < self.dominance_two <= Decimal("0.85"),
            }.items()
            if not kept
        ]
        if loose:
            raise ValueError(f"disclosure policy is looser than the agreed floor: {', '.join(loose)}")

    @property
    def half(self) -> int:
        """The furthest a rounded count may lie from the exact one."""
        return self.base // 2


@lru_cache(maxsize=8)
def load_policy(path: Path = POLICY_FILE) -> Policy:
    """The policy of a YAML file. ValueError where it is looser than the floor; KeyError where a part is missing."""
    import yaml

    raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    counts, percent, money, dims = (raw[k] for k in ("counts", "percentages", "money", "dimensions"))
    return Policy(
        version=int(raw["version"]),
        threshold=int(counts["threshold"]),
        base=int(counts["base"]),
        minimum_feasible_values=int(counts["minimum_feasible_values"]),
        percentage_decimals=int(percent["decimals"]),
        minimum_denominator=int(percent["minimum_denominator"]),
        minimum_denominator_by={str(k): int(v) for k, v in percent["minimum_denominator_by"].items()},
        money_base=int(money["base"]),
        dominance_one=Decimal(str(money["dominance_one"])),
        dominance_two=Decimal(str(money["dominance_two"])),
        total=str(dims["total"]),
        labels=tuple(dims["labels"]),
        alternatives=tuple(dims["alternatives"]),
        families=tuple(_family(name, given) for name, given in sorted(raw["families"].items())),
        partial=tuple(raw["partial"]),
        money_width=Decimal(str(money["width"])),
        model_minimum=int(raw["models"]["minimum_people"]),
        months_joined=int(raw["months_joined"]),
    )


def _family(name: str, given: Mapping[str, Any]) -> Family:
    """A family of the policy: its values' nesting as written there, or as a reference table has it."""
    columns = tuple(given["columns"])
    if "from" not in given:
        up = {c: {k: tuple(v) for k, v in inside.items()} for c, inside in given["up"].items()}
        return Family(name=name, columns=columns, up=up, overlapping=bool(given.get("overlapping")))
    import csv

    with (REFERENCE / f"{given['from']}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    nested = {fine: {row[fine]: (row[coarse],) for row in rows} for coarse, fine in pairwise(columns)}
    return Family(name=name, columns=columns, up=nested)
