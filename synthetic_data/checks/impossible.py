"""What cannot be: each a query that counts cases in a month's files and truth. In a sound borough every count is 0.

Dates of birth and death are the true ones, so that a mistyped date in a file is a defect and not an impossibility.
The queries are in `tables/impossible.sql`; they read what `received.open_month` opens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from synthetic_data.world.borough import TABLES

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Impossibility:
    """Something that cannot be, in words, and the query that counts it."""

    name: str
    words: str
    query: str


@cache
def impossibilities() -> tuple[Impossibility, ...]:
    """All of them, in the file's order."""
    text = (TABLES / "impossible.sql").read_text(encoding="utf-8")
    blocks = re.findall(r"^-- (\w+): (.+)\n(select [^;]+);", text, flags=re.MULTILINE)
    return tuple(Impossibility(name, words, query) for name, words, query in blocks)


def count_impossibilities(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Cases of each impossibility in a month opened by `received.open_month`."""
    return {rule.name: int(con.execute(rule.query).fetchall()[0][0]) for rule in impossibilities()}
