"""Deterministic passes, before anything is scored: agreement so full that scoring could add nothing.

A pass links only where the key is unique on both sides, and never against a strong identifier that differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Pass:
    """One deterministic pass: equal and unique on `keys`, and `also` true of the pair."""

    step: str
    keys: tuple[str, ...]
    also: str = "true"


def passes(strong_ids: int, held: frozenset[str]) -> list[Pass]:
    """The passes in order: strong identifier with date of birth, then names, date of birth and address."""
    same_name = "(a.fp = b.fp or a.sp = b.sp or a.f1 = b.s0 or a.f1 is null or b.f1 is null)"
    agree = " and ".join(f"(a.id{k + 1} <> b.id{k + 1}) is not true" for k in range(strong_ids)) or "true"
    made = [Pass("strong_exact", (f"id{k + 1}", "dob"), same_name) for k in range(strong_ids)]
    made += [
        Pass("names_birth_home", ("f1", "s0", "dob", "home"), agree),
        Pass("names_birth_postcode", ("f1", "s0", "dob", "pc"), agree),
    ]
    return [p for p in made if set(p.keys) <= held]


def run_passes(
    con: duckdb.DuckDBPyConnection, a: str, b: str, found: list[Pass], *, unique: bool, one_table: bool
) -> None:
    """Make table `fixed` (rid_a, rid_b, step): what the passes link. Grain: pair.

    With `unique` (one row per person on both sides) a key must be unique on both, and a linked record leaves
    before the next pass.
    """
    con.execute("create or replace table fixed (rid_a integer, rid_b integer, step utinyint)")
    for number, each in enumerate(found):
        left, right = (_side(name, side, each, leaves=unique and number > 0) for name, side in ((a, "a"), (b, "b")))
        on = " and ".join(f"a.{k} = b.{k}" for k in each.keys)
        keys = ", ".join(f"a.{k}" for k in each.keys)
        order = " where a.rid < b.rid" if one_table else ""
        # a key that makes one pair is unique on both sides; `also` is asked of that pair
        once = f" group by {keys} having count(*) = 1 and bool_and({each.also})" if unique else ""
        made = "min(a.rid), min(b.rid)" if unique else "a.rid, b.rid"
        if not unique:
            order += f" {'and' if order else 'where'} {each.also}"
            if number:
                order += " and not exists (select 1 from fixed f where f.rid_a = a.rid and f.rid_b = b.rid)"
        con.execute(f"insert into fixed select {made}, {number} from {left} a join {right} b on {on}{order}{once}")


def _side(name: str, side: str, each: Pass, *, leaves: bool) -> str:
    needed = ", ".join(sorted({"rid", *each.keys, *re.findall(r"\b[ab]\.(\w+)", each.also)}))
    known = " and ".join(f"{k} is not null" for k in each.keys)
    gone = f" and rid not in (select rid_{side} from fixed)" if leaves else ""
    return f"(select {needed} from {name} where {known}{gone})"
