"""Lists that come beside the feeds: the postcode directory, and NHS numbers that were replaced."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.postcode_directory import directory
from synthetic_data.world import closures
from synthetic_data.world.closures import former_number
from synthetic_data.world.state import Borough
from wsd_pipeline.settings import Project


def write_reference(project: Project, state: Borough) -> None:
    """`inbox/_reference/`: the postcode directory, and NHS numbers that replaced others."""
    folder = project.inbox / "_reference"
    folder.mkdir(parents=True, exist_ok=True)
    directory(state).write_csv(folder / "postcodes.csv")
    rows = np.arange(len(state.people))
    old = former_number(state, rows)
    merged = rows[old > 0]
    replaced = pl.DataFrame(
        {
            "old_nhs_number": pl.Series(old[merged]).cast(pl.String),
            "new_nhs_number": pl.Series(state.people["nhs"][merged]).cast(pl.String),
            "reason": ["merged"] * len(merged),
        },
        schema_overrides={"reason": pl.String},
    )
    both = pl.concat([replaced, closures.listed(state)])
    both.sort("old_nhs_number").write_csv(folder / "nhs_supersessions.csv")
