"""Opt-outs as they are received: the practices' flag, and the national and local lists the vault is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.series import dates
from synthetic_data.world.calendar import day
from synthetic_data.world.opt_outs import BEGAN, flagged, local, national
from synthetic_data.world.rows import NEVER, Array
from synthetic_data.world.state import Borough
from wsd_pipeline.contracts.reference.opt_outs import LOCAL, NATIONAL, TYPE_1
from wsd_pipeline.settings import Project, snapshot_date


def flag(state: Borough, feeds: list[Feed]) -> list[Feed]:
    """The feeds, with the practice's flag in the registrations."""
    return [_flagged(state, feed) if feed.table == "gp__registrations" else feed for feed in feeds]


def _flagged(state: Borough, feed: Feed) -> Feed:
    keys = feed.records.filter(pl.col("true_person").is_in(flagged(state).tolist()))["person_key"]
    key = pl.concat_str("practice_code", "local_patient_id", separator="|")
    mark = pl.when(key.is_in(keys.implode())).then(pl.lit("Y")).otherwise(pl.lit("N"))
    return Feed(feed.table, feed.rows.with_columns(has_type1_optout=mark), feed.records)


def write_lists(project: Project, state: Borough, months: Sequence[str]) -> None:
    """`inbox/_reference/`: the national and the local list; and who has opted out as of each month, as truth."""
    folder = project.inbox / "_reference"
    people, start, end = national(state)
    _list(state, people, start, end).write_csv(folder / "national_opt_outs.csv")
    dissent = local(state)
    _list(state, dissent, np.full(len(dissent), BEGAN), np.full(len(dissent), NEVER)).write_csv(
        folder / "local_opt_outs.csv"
    )
    for month in months:
        on = day(snapshot_date(month))
        parts = {NATIONAL: people[(start <= on) & (end > on)], LOCAL: dissent, TYPE_1: flagged(state)}
        truth = [
            pl.DataFrame({"true_person": who.astype(np.int64)}).with_columns(opt_out=pl.lit(kind))
            for kind, who in parts.items()
        ]
        pl.concat(truth).write_parquet(project.inbox / "_truth" / month / "opt_outs.parquet", statistics=False)


def _list(state: Borough, people: Array, start: Array, end: Array) -> pl.DataFrame:
    numbers = pl.Series(state.people["nhs"][people]).cast(pl.String)
    days = {"effective_from": dates(start), "withdrawn_on": dates(end)}
    return pl.DataFrame({"nhs_number": numbers, **days}).sort("nhs_number")
