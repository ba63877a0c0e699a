"""Random tables, and what pycanon says of how anonymous they are: run with pycanon to write `anonymity.json` anew."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

PATH = Path(__file__).with_name("anonymity.json")
TABLES = 40


def drawn(number: int) -> dict[str, list[str]]:
    """The columns of a table: one to four quasi-identifiers (q0 …), and what is sensitive; the same wherever drawn."""
    rng = random.Random(number)

    def whole(low: int, high: int) -> int:
        return low + int(rng.random() * (high - low + 1))

    def column(name: str, rows: int, values: int, skew: float) -> list[str]:
        return [f"{name} {int(values * rng.random() ** skew)}" for _ in range(rows)]

    rows = whole(1, 500)
    quasi = {f"q{i}": column(f"q{i}", rows, whole(1, 4), 1.5) for i in range(whole(1, 4))}
    return {**quasi, "sensitive": column("s", rows, whole(1, 6), 2.0)}


def quasi_of(table: dict[str, list[str]]) -> list[str]:
    """The names of its quasi-identifiers."""
    return [name for name in table if name != "sensitive"]


def hash_of(table: dict[str, list[str]]) -> str:
    """SHA-256 of the table as JSON."""
    return hashlib.sha256(json.dumps(table).encode()).hexdigest()


def write() -> None:
    """Ask pycanon of every table, and write down what it says and which versions said it."""
    import platform
    from importlib.metadata import version

    import pandas as pd
    from pycanon import anonymity

    said = []
    for number in range(TABLES):
        table = drawn(number)
        frame, quasi = pd.DataFrame(table), quasi_of(table)
        k, ell = anonymity.k_anonymity(frame, quasi), anonymity.l_diversity(frame, quasi, ["sensitive"])
        said.append({"table": number, "sha256": hash_of(table), "k": int(k), "l": int(ell)})
    by = {name: version(name) for name in ("pycanon", "numpy", "pandas")} | {"python": platform.python_version()}
    PATH.write_text(json.dumps({"by": by, "said": said}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
