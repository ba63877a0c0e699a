"""Step 5: what the rules leave, scored by the model that ships with the library; and which pairs a person should see.

The model holds how people's own records agree (`m`) and how those of a household do; how often strangers agree
(`u`) is measured in the borough itself each month. A value not known is no evidence either way.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.linkage import evidence, holdout, waterfall
from wsd_pipeline.linkage.scoring import seam
from wsd_pipeline.linkage.scoring.em import Fit
from wsd_pipeline.linkage.scoring.engine import run
from wsd_pipeline.linkage.scoring.model import Model
from wsd_pipeline.linkage.scoring.task import Task

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    from wsd_pipeline.linkage.aside import Aside
    from wsd_pipeline.linkage.scoring.levels import Comparison

    Connection = duckdb.DuckDBPyConnection

MODEL_FILE = Path(__file__).parent / "models" / "borough.2.json"
SETTINGS = seam.BOROUGH
REVIEW_FROM = 0.5
"""Least probability at which a pair that is not accepted is shown to a person."""
MOST_AT_HOME = 60
"""More records than this at one address are no household's; they teach nothing of households."""


@dataclass(frozen=True, kw_only=True)
class NeutralModel(Model):
    """A model to which a value not known says nothing: as often not known of one person as of two."""

    def fit_for(self, compared: tuple[Comparison, ...], u: list[np.ndarray], records: int) -> Fit:
        """The model's levels given that the value is known, with another body's `u`. Stops with WSD-233 where none."""
        fitted = super().fit_for(compared, u, records)
        return Fit(
            [_unknown_as(of, by_chance) for of, by_chance in zip(fitted.m, u, strict=True)],
            u,
            [_unknown_as(of, by_chance) for of, by_chance in zip(fitted.family, u, strict=True)],
            fitted.matches,
            fitted.households,
        )


def _unknown_as(levels: np.ndarray, by_chance: np.ndarray) -> np.ndarray:
    made: np.ndarray = levels * ((1 - by_chance[0]) / levels[1:].sum())
    made[0] = by_chance[0]
    return made


@lru_cache(maxsize=4)
def load_model(path: Path = MODEL_FILE) -> NeutralModel:
    """The model of a file. Stops with WSD-233 where it is none."""
    return NeutralModel(**Model.load(path).__dict__)


def fingerprint(path: Path = MODEL_FILE) -> str:
    """SHA-256 of everything that decides what step 5 accepts: part of the content key of a month."""
    parts = [hashlib.sha256(path.read_bytes()).hexdigest(), asdict(SETTINGS), REVIEW_FROM]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def score_left(con: Connection, left: str, everybody: str, aside: Aside) -> pa.Table:
    """Likely pairs of a record of `left` and a cluster of `everybody`; those accepted and those for a person.

    Columns: rec, other_rec (the cluster's record most like it), match_weight (bits), match_share (probability, 0–1),
    margin_share (lead over the runner-up, 0–1), is_accepted. A `core.Scorer`. Leaves in the session what is said of
    the scores (`evidence`), what accepted pairs weigh by comparison (`waterfall`), and what became of numbers
    hidden for a trial (`holdout`, aside).
    Ordered by record. Stops with WSD-220 where a block passes the pair cap.
    """
    import polars as pl

    found, lefts, others, task = seam.score(con, left, everybody, names="names", settings=SETTINGS, model=load_model())
    evidence.keep_scores(con, found, task, SETTINGS.threshold, REVIEW_FROM)
    waterfall.keep(con, found, task, lefts, others, SETTINGS)
    aside.start(holdout.hold_out, others, task, found, settings=SETTINGS, model=load_model())
    pairs = found.pairs.filter(pl.col("is_accepted") | (pl.col("is_best") & (pl.col("probability") >= REVIEW_FROM)))
    made = pairs.select(
        lefts["rec"].gather(pairs["rid_a"]).alias("rec"),
        others["rec"].gather(pairs["rid_b"]).alias("other_rec"),
        match_weight="weight",
        match_share="probability",
        margin_share=1 - (2.0 ** -pl.col("margin").clip(0, 64)),
        is_accepted="is_accepted",
    )
    return made.sort("rec").to_arrow()


def train(con: Connection, records: str, *, trained_on: str) -> Model:
    """A model learned from records whose person is known: `records` has `rec`, `cluster` and tokens.

    Every two records of a person teach `m`; every two records of two people of one home teach the household's levels.
    """
    import polars as pl

    frames, variants = seam.coded([seam.records_of(con, records)], seam.looks(con, "names"))
    frame = frames[0]
    members = frame.select("rid", "grp")
    same = members.join(members, on="grp", suffix="_y").filter(pl.col("rid") < pl.col("rid_y")).sort("rid", "rid_y")
    homes = frame.filter(pl.col("home") > 0).select("rid", "grp", "home")
    homes = homes.filter(pl.len().over("home") <= MOST_AT_HOME)
    apart = homes.join(homes, on="home", suffix="_y").filter(
        (pl.col("rid") < pl.col("rid_y")) & (pl.col("grp") != pl.col("grp_y"))
    )
    task = Task(
        a=frame, b=frame, variants=variants, strong_ids=1, b_is_unique=True,
        people=seam.one_record_each(frame),
        same=same.select(rid_x="rid", rid_y="rid_y"),
        apart=apart.select(rid_x="rid", rid_y="rid_y").sort("rid_x", "rid_y"),
    )  # fmt: skip
    return run(task, settings=SETTINGS, trained_on=trained_on).model
