"""What a benchmark's figures must be, as lines of a table: the figure found, the one asked for, and the verdict."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMES_SPLINK = {"300k": 6, "1000k": 10, "3000k": 15}
MOST_GIB = {"1000k": 1.5, "3000k": 4}
MOST_FLOORS = {"1000k": 5}
LEAST_F1 = {"febrl4": {"f1": 0.997}, "febrl4-names": {"f1": 0.985, "best_f1": 0.989}}
FEBRL4_TOKEN_LOSS = 0.002
MOST_BELOW_BEST = 0.001
"""How far F1 at the default threshold may lie below the best there is, where Splink runs beside (300k)."""


@dataclass(frozen=True)
class Row:
    """A line of the table: what was measured, and whether it is what it must be (None: nothing is asked of it)."""

    measure: str
    found: str
    must: str = ""
    is_reached: bool | None = None

    @property
    def verdict(self) -> str:
        """In a word."""
        return {None: "", True: "reached", False: "falls short"}[self.is_reached]


def at_least(measure: str, value: float, least: float, digits: int = 4, note: str = "", unit: str = "") -> Row:
    """A figure that must not be below another."""
    return Row(measure, f"{value:.{digits}f}{unit}{note}", f"≥ {least:.{digits}f}{unit}", value >= least)


def at_most(measure: str, value: float, most: float, unit: str, note: str = "") -> Row:
    """A figure that must not be above another."""
    return Row(measure, f"{value:.2f} {unit}{note}", f"≤ {most:g} {unit}", value <= most)


def of_files(rows: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """What is asked of the engine on pairs of files, for each data set and each peer among the rows."""
    sets: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        sets.setdefault(row["data"], {})[row["tool"]] = row
    for data, tools in sets.items():
        if "engine" in tools:
            yield from _beside_peers(data, tools)
            yield from _alone(data, tools["engine"])


def _beside_peers(data: str, tools: dict[str, dict[str, Any]]) -> Iterator[Row]:
    """The engine against Splink, the floor and itself in clear text, where each was run and something is asked."""
    own, splink, floor, clear = (tools.get(name) for name in ("engine", "splink", "floor", "clear text"))
    assert own is not None
    if splink and data in TIMES_SPLINK:
        note = f" ({splink['total']} s against {own['total']} s; by processor {splink['cpu'] / own['cpu']:.1f})"
        yield at_least(f"{data}: Splink's time", splink["total"] / own["total"], TIMES_SPLINK[data], 1, note, " times")
    if splink and data == "300k":
        yield at_least("300k: best F1, Splink's to reach", own["best_f1"], splink["best_f1"], 5)
        below = own["f1"] - own["best_f1"]
        yield at_least("300k: F1 at the default less the best", below, -MOST_BELOW_BEST, 5)
    if floor and data in MOST_FLOORS:
        note = " (reading both files and one hash join)"
        yield at_most(f"{data}: time", own["total"] / floor["total"], MOST_FLOORS[data], "floors", note)
    if clear and data in LEAST_F1:
        yield at_least(f"{data}: tokens less clear text", own["f1"] - clear["f1"], -FEBRL4_TOKEN_LOSS)


def _alone(data: str, own: dict[str, Any]) -> Iterator[Row]:
    """What is asked of the engine whoever ran beside it."""
    if data in MOST_GIB:
        yield at_most(f"{data}: peak memory", own["peak_gib"], MOST_GIB[data], "GiB")
    names = {"f1": "F1 at the default threshold", "best_f1": "F1 at the best threshold"}
    for column, least in LEAST_F1.get(data, {}).items():
        yield at_least(f"{data}: {names[column]}", own[column], least, 5)


def say(measured: Iterable[Row]) -> list[Row]:
    """The lines, each printed as soon as it is measured."""
    rows = []
    for row in measured:
        rows.append(row)
        print(f"{row.measure:<55} {row.found:<58} {row.must:>12}  {row.verdict}", flush=True)
    return rows


def write(rows: list[Row], path: Path) -> None:
    """The table as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["measure", "found", "must", "verdict"])
        writer.writerows([r.measure, r.found, r.must, r.verdict] for r in rows)
