"""Deterministic passes, before anything is scored: agreement so full that scoring could add nothing.

A pass links only where the key is unique on both sides, and never against a strong identifier that differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.meeting import Keyed, met, rids

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Pass:
    """One deterministic pass: equal on `keys`, and `also` true of the pair's rows, which bear _a or _b.

    `needed` are the columns that `also` reads.
    """

    step: str
    keys: tuple[str, ...]
    needed: tuple[str, ...]
    also: Callable[[], pl.Expr]


def passes(strong_ids: int, held: frozenset[str]) -> list[Pass]:
    """The passes in order: strong identifier with date of birth, then names, date of birth and address."""
    ids = tuple(f"id{k + 1}" for k in range(strong_ids))
    made = [Pass("strong_exact", (one, "dob"), ("fp", "sp", "f1", "s0"), _name_agrees) for one in ids]
    made += [
        Pass("names_birth_home", ("f1", "s0", "dob", "home"), ids, lambda: _ids_agree(ids)),
        Pass("names_birth_postcode", ("f1", "s0", "dob", "pc"), ids, lambda: _ids_agree(ids)),
    ]
    return [p for p in made if set(p.keys) <= held]


def _name_agrees() -> pl.Expr:
    """A name sounds the same, or forename and surname are swapped, or there is no forename to ask."""
    import polars as pl

    def same(left: str, right: str) -> pl.Expr:
        return pl.col(f"{left}_a") == pl.col(f"{right}_b")

    unknown = pl.col("f1_a").is_null() | pl.col("f1_b").is_null()
    return same("fp", "fp") | same("sp", "sp") | same("f1", "s0") | unknown


def _ids_agree(ids: tuple[str, ...]) -> pl.Expr:
    """No strong identifier is known of both and different."""
    import polars as pl

    differ = [(pl.col(f"{k}_a") != pl.col(f"{k}_b")).fill_null(value=False) for k in ids]
    return ~pl.any_horizontal(pl.lit(value=False), *differ)


def run_passes(a: pl.DataFrame, b: pl.DataFrame, found: list[Pass], *, unique: bool, one_table: bool) -> pl.DataFrame:
    """What the passes link: rid_a, rid_b, step (the number of the pass). Grain: pair; ordered by it.

    With `unique` (one row per person on both sides) a key must be unique on both, and a linked record leaves
    before the next pass.
    """
    import numpy as np
    import polars as pl

    left, right = Keyed(a), Keyed(b)
    open_a, open_b = np.ones(len(a), dtype=np.bool_), np.ones(len(b), dtype=np.bool_)
    fixed = pl.DataFrame(schema={"at_a": pl.UInt32, "at_b": pl.UInt32, "step": pl.UInt8})
    for number, each in enumerate(found):
        pairs = met(left.keys(each.keys, open_a), right.keys(each.keys, open_b))
        if one_table:
            pairs = pairs.filter(rids(pairs, left, right).select(pl.col("rid_a") < pl.col("rid_b")).to_series())
        if unique:  # a key that makes one pair is unique on both sides
            pairs = pairs.filter(pl.col("key").is_unique())
        pairs = _asked(pairs.select("at_a", "at_b"), left, right, each)
        if unique:
            open_a[pairs["at_a"].to_numpy()] = False
            open_b[pairs["at_b"].to_numpy()] = False
        else:
            pairs = pairs.join(fixed, on=["at_a", "at_b"], how="anti")
        fixed = pl.concat([fixed, pairs.with_columns(step=pl.lit(number, dtype=pl.UInt8))])
    return rids(fixed, left, right).with_columns(fixed["step"]).sort("rid_a", "rid_b")


def _asked(pairs: pl.DataFrame, a: Keyed, b: Keyed, each: Pass) -> pl.DataFrame:
    """The pairs whose rows are equal in the keys indeed, and of which `also` is true."""
    import polars as pl

    columns = list(dict.fromkeys((*each.keys, *each.needed)))
    sides = [
        side.frame.select(pl.col(c).gather(pairs[f"at_{name}"]).alias(f"{c}_{name}") for c in columns)
        for name, side in (("a", a), ("b", b))
    ]
    equal = pl.all_horizontal(pl.col(f"{k}_a") == pl.col(f"{k}_b") for k in each.keys)
    return pl.concat([pairs, *sides], how="horizontal").filter(equal & each.also()).select("at_a", "at_b")
