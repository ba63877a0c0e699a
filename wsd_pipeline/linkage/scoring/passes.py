"""Deterministic passes, before anything is scored: agreement so full that scoring could add nothing.

A pass links only where the key is unique on both sides, and never against a strong identifier that differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.meeting import Keyed, ends, meet, pair_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    Rows = Callable[[str], np.ndarray]


@dataclass(frozen=True)
class Pass:
    """One deterministic pass: equal on `keys`, and `also` true of both sides' codes by column (0: not known)."""

    step: str
    keys: tuple[str, ...]
    also: Callable[[Rows, Rows], np.ndarray]


def passes(strong_ids: int, held: frozenset[str]) -> list[Pass]:
    """The passes in order: strong identifier with date of birth, then names, date of birth and address."""
    ids = tuple(f"id{k + 1}" for k in range(strong_ids))
    made = [Pass("strong_exact", (one, "dob"), _name_agrees) for one in ids]
    made += [
        Pass("names_birth_home", ("f1", "s0", "dob", "home"), lambda a, b: _ids_agree(ids, a, b)),
        Pass("names_birth_postcode", ("f1", "s0", "dob", "pc"), lambda a, b: _ids_agree(ids, a, b)),
    ]
    return [p for p in made if set(p.keys) <= held]


def _name_agrees(a: Rows, b: Rows) -> np.ndarray:
    """A name sounds the same, or forename and surname are swapped, or there is no forename to ask."""
    found: np.ndarray = (a("f1") == 0) | (b("f1") == 0)
    for left, right in (("fp", "fp"), ("sp", "sp"), ("f1", "s0")):
        one = a(left)
        found |= (one == b(right)) & (one > 0)
    return found


def _ids_agree(ids: tuple[str, ...], a: Rows, b: Rows) -> np.ndarray:
    """No strong identifier is known of both and different."""
    found = a("dob") > 0  # true of all: it is a key
    for each in ids:
        one, other = a(each), b(each)
        found &= (one == other) | (one == 0) | (other == 0)
    return found


def run_passes(a: pl.DataFrame, b: pl.DataFrame, found: list[Pass], *, unique: bool, one_table: bool) -> pl.DataFrame:
    """What the passes link: rid_a, rid_b, step (the number of the pass). Grain: pair; ordered by it.

    With `unique` (one row per person on both sides) a key must be unique on both, and a linked record leaves
    before the next pass.
    """
    import numpy as np
    import polars as pl

    left, right = Keyed(a), Keyed(b)
    rid_a, rid_b = a["rid"].to_numpy(), b["rid"].to_numpy()
    open_a, open_b = np.ones(len(a), dtype=np.bool_), np.ones(len(b), dtype=np.bool_)
    fixed, steps = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint8)
    for number, each in enumerate(found):
        met = meet(left, right, [(k, k) for k in each.keys], (open_a, open_b))
        pairs = met.couples() if unique else met.pairs()
        at_a, at_b = ends(pairs)
        holds = each.also(_rows(left, at_a), _rows(right, at_b))
        if one_table:
            holds &= rid_a[at_a] < rid_b[at_b]
        pairs, at_a, at_b = pairs[holds], at_a[holds], at_b[holds]
        if unique:
            open_a[at_a] = False
            open_b[at_b] = False
        else:
            pairs = np.setdiff1d(pairs, fixed, assume_unique=True)
        fixed = np.concatenate([fixed, pairs])
        steps = np.concatenate([steps, np.full(len(pairs), number, dtype=np.uint8)])
    at_a, at_b = ends(fixed)
    made = pl.DataFrame({"rid_a": rid_a[at_a], "rid_b": rid_b[at_b], "step": steps})
    return made[np.argsort(pair_of(rid_a[at_a], rid_b[at_b]))]


def _rows(side: Keyed, places: np.ndarray) -> Rows:
    return lambda column: side.codes(column).take(places)
