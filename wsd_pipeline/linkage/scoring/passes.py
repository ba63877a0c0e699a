"""Deterministic passes, before anything is scored: agreement so full that scoring could add nothing.

A pass links only where the key is unique on both sides, and never against a strong identifier that differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.meeting import meet
from wsd_pipeline.linkage.scoring.pairs import ends

if TYPE_CHECKING:
    import numpy as np

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


@dataclass(frozen=True)
class Fixed:
    """What passes link: pairs of places, of each the number of its pass, and the names of the passes."""

    pairs: np.ndarray
    steps: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pairs)


def run_passes(a: Codes, b: Codes, found: list[Pass], *, unique: bool, one_table: bool) -> Fixed:
    """What the passes link, each pair once.

    With `unique` (one row per person on both sides) a key must be unique on both, and a linked record leaves
    before the next pass.
    """
    import numpy as np

    open_a, open_b = np.ones(len(a), dtype=np.bool_), np.ones(len(b), dtype=np.bool_)
    fixed, steps = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint8)
    for number, each in enumerate(found):
        met = meet(a, b, [(k, k) for k in each.keys], (open_a, open_b))
        pairs = met.couples() if unique else met.pairs()
        at_a, at_b = ends(pairs)
        holds = each.also(_rows(a, at_a), _rows(b, at_b))
        if one_table:
            holds &= a["rid"][at_a] < b["rid"][at_b]
        pairs = pairs[holds]
        if unique:
            open_a[at_a[holds]] = False
            open_b[at_b[holds]] = False
        else:
            pairs = np.setdiff1d(pairs, fixed, assume_unique=True)
        fixed = np.concatenate([fixed, pairs])
        steps = np.concatenate([steps, np.full(len(pairs), number, dtype=np.uint8)])
    return Fixed(fixed, steps, tuple(each.step for each in found))


def _rows(side: Codes, places: np.ndarray) -> Rows:
    return lambda column: side[column].take(places)
