"""What the engine is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wsd_pipeline.linkage.scoring.em import Fit
from wsd_pipeline.linkage.scoring.levels import Comparison
from wsd_pipeline.linkage.scoring.model import Model

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@dataclass(frozen=True)
class Found:
    """The result. `pairs`: rid_a, rid_b, step, weight (bits), probability, margin (bits), and whether accepted.

    Holds every pair with a chance, not only accepted ones; ordered by rid_a, rid_b. `fit` is what they were weighed
    with, by comparison of `compared`.
    """

    pairs: pl.DataFrame
    model: Model
    candidates: int
    rules: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    compared: tuple[Comparison, ...] = ()
    fit: Fit | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be linked: frames a and b (the same frame twice for one table) and the near names between them.

    Records against standing people (`people` given): frames hold `grp`, the cluster of each record; pairs of one
    cluster are not made, b may hold many records of a person, and nothing is linked before scoring. `people` are
    rows of b, one a cluster, in which chance agreement is measured; `same` (rid_x, rid_y) are pairs of rows of b
    known to be one person, from which m is learned; `apart` (rid_x, rid_y) are pairs of rows of b known to be two
    people of one home, from which the household's levels are. `not_itself` (rid_a, rid_b): pairs that are one record,
    never compared. `twins_apart`: two of one birth date and home are not joined on other evidence than a forename or a
    strong identifier; always so against standing people. `u`: chance agreement by comparison, where known already.
    """

    a: pl.DataFrame
    b: pl.DataFrame
    variants: pl.DataFrame
    strong_ids: int = 0
    written: bool = False
    one_table: bool = False
    a_is_unique: bool = False
    b_is_unique: bool = False
    twins_apart: bool = False
    people: pl.DataFrame | None = None
    same: pl.DataFrame | None = None
    apart: pl.DataFrame | None = None
    not_itself: pl.DataFrame | None = None
    u: list[np.ndarray] | None = None

    @property
    def both_unique(self) -> bool:
        """Whether a linked record can have no further partner."""
        return self.a_is_unique and self.b_is_unique and not self.one_table
