"""Who has said no: national and local opt-outs as the lists the vault is given, and a few flagged by their practice.

About one in twenty, more in some places than in others and whole households more than by chance, as opt-outs are. Who
opts out, and when, is fixed by the seed: later months only reach further dates. The rows of such people stay in the
extracts, as they do in life; it is the vault that must take them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from synthetic_data import borough as bor
from synthetic_data.feeds import Feed, dates
from synthetic_data.rows import NEVER, Array, stream
from synthetic_data.state import Borough, day
from wsd_pipeline.contracts.opt_outs import LOCAL, NATIONAL, TYPE_1
from wsd_pipeline.settings import Project, snapshot_date

NATIONAL_SHARE = 0.055  # of everybody, by the end of 2028; about 5 in 100 in 2026 (DOMAIN §4.4)
BY_LOCALITY = {"NE": 0.6, "NW": 1.5, "SE": 1.1, "SW": 0.8}
OF_HOUSEHOLD = 0.6  # how much of the leaning is the household's
LOCAL_SHARE = 0.002
TYPE_1_SHARE = 0.0005  # flagged, and yet sent: a practice system that does not leave them out
WITHDRAWN_SHARE = 0.04
BEGAN, SURGE_OVER, LAST = (day(date(*d)) for d in ((2018, 5, 25), (2021, 12, 31), (2028, 12, 31)))


def _odds(state: Borough) -> Array:
    """How likely each person is to have opted out: by where they live."""
    where, home = bor.place(), state.people["home"]
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], -1)
    inside = (area >= 0) & (area < len(where.lsoa))
    leaning = np.array([BY_LOCALITY[name] for name in where.locality])
    return NATIONAL_SHARE * np.where(inside, leaning[np.where(inside, area, 0)], 1.0)


def national(state: Borough) -> tuple[Array, Array, Array]:
    """People who opt out at some time, the first day of it, and the day they withdraw it (NEVER where they do not)."""
    rng, count = stream(state.seed, "opt outs"), len(state.people)
    chance = rng.standard_normal((count, 6))
    house = state.people["house"]
    shared = stream(state.seed, "opt outs of households").standard_normal(int(house.max(initial=0)) + 2)
    lean = np.sqrt(OF_HOUSEHOLD) * shared[house] + np.sqrt(1 - OF_HOUSEHOLD) * chance[:, 0]
    opted = np.flatnonzero(_uniform(lean) < _odds(state))
    early = _uniform(chance[opted, 1]) < 0.85
    when = _uniform(chance[opted, 2])
    start = np.where(early, BEGAN + when * (SURGE_OVER - BEGAN), SURGE_OVER + when * (LAST - SURGE_OVER)).astype(int)
    start = np.maximum(start, state.people["birth"][opted] + 30)
    ended = _uniform(chance[opted, 3]) < WITHDRAWN_SHARE
    end = np.where(ended, start + 365 + (_uniform(chance[opted, 4]) * 1500).astype(int), NEVER)
    return opted, start, end


def _uniform(normal: Array) -> Array:
    """Standard normal values as uniform ones (Abramowitz and Stegun 7.1.26, right to seven places)."""
    x = np.abs(normal) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    error = 1 - poly * np.exp(-x * x)
    return np.where(normal < 0, (1 - error) / 2, (1 + error) / 2)


def local(state: Borough) -> Array:
    """People with a dissent recorded locally."""
    return np.flatnonzero(stream(state.seed, "local opt outs").random(len(state.people)) < LOCAL_SHARE)


def flagged(state: Borough) -> Array:
    """People whose practice has recorded a Type 1 opt-out and sends them all the same."""
    return np.flatnonzero(stream(state.seed, "type 1").random(len(state.people)) < TYPE_1_SHARE)


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
