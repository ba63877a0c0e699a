"""The council's gazetteer: every home of the borough, what it is part of, and addresses nobody lives at.

A feed of places: no person stands behind a row. It comes in the first month and then every other one.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.world import addresses as names
from synthetic_data.world import borough as bor
from synthetic_data.world.rows import Array, pick_one, scattered, stream
from synthetic_data.world.state import ASSOCIATION, COUNCIL, Borough, stable

FEED = "llpg__addresses"
CLASSES = ("RD06", "RD04", "RD03", "RD02", "RH02", "RI01", "RI02", "PP", "CR08", "CO01", "CH03", "RD06", "RD06")
FLAT, CARE_HOME, HALL, SHELL, SHOP, OFFICE, HOTEL, BUILT_SOON, PULLED_DOWN = 0, 5, 6, 7, 8, 9, 10, 11, 12
RENAMED = 0.04  # of blocks: known by another name too
LANDLORDS = ("LBTH", "RP01", "RP02", "RP03", "RP04", "RP05")
FIRST_SHELL, FIRST_OTHER = 5_000_000, 7_000_000  # UPRNs of homes begin at six million
EARLIEST, LATEST = np.datetime64("1975-01-01").astype(int), np.datetime64("2024-12-31").astype(int)


def is_due(month: str, first_month: str) -> bool:
    """Whether an extract comes in this month: a six-weekly feed misses every other month's end."""
    return month == first_month or int(month[5:]) % 2 == 1


def addresses(state: Borough) -> Feed:
    """`llpg__addresses`: homes, communal homes, shells of buildings, shops, and homes of the past and the future."""
    homes, inside = state.homes, len(bor.place().lsoa)
    at = np.flatnonzero(homes["area"] < inside)
    posts = np.unique(homes["post"][at])
    area_of = np.zeros(len(state.postcode), np.int64)
    area_of[homes["post"][at]] = homes["area"][at]
    tenure = homes["tenure"][at]
    lived = names.dwelling(state, at)
    landlord = np.select([tenure == COUNCIL, tenure == ASSOCIATION], [0, 1 + at % 5], -1)
    in_block = lived == FLAT
    blocks = np.intersect1d(posts, homes["post"][at[in_block]])
    rng = stream(state.seed, "gazetteer")
    others = posts[rng.random(len(posts)) < 0.5]
    other = np.array([SHOP, OFFICE, HOTEL, BUILT_SOON, PULLED_DOWN])[
        pick_one(rng, np.array([0.5, 0.25, 0.02, 0.08, 0.15]), len(others))
    ]
    shell_of = FIRST_SHELL + scattered(np.arange(len(state.postcode)), 999_983, state.seed + 41)
    number = FIRST_OTHER + scattered(np.arange(len(others)), 999_983, state.seed + 43)
    post = np.r_[homes["post"][at], blocks, others]
    kind = np.r_[lived, np.full(len(blocks), SHELL), other]
    uprn = np.r_[homes["uprn"][at], shell_of[blocks], number]
    parent = np.r_[np.where(in_block, shell_of[homes["post"][at]], -1), np.full(len(blocks) + len(others), -1)]
    doors = pl.concat(
        [names.doors(state, at), _others(state, np.r_[blocks, others], area_of, len(blocks), other > HOTEL)]
    )
    owner = np.r_[landlord, np.full(len(blocks) + len(others), -1)]
    rows = _described(state, doors, area_of[post], kind, uprn, parent, owner)
    renamed = stable(state, "renamed", post) < RENAMED
    rows = pl.concat([rows, _renamed(rows, post, renamed & (kind == FLAT))]).sort("uprn", "logical_status_code")
    nobody = pl.DataFrame(schema={"source": pl.String, "person_key": pl.String, "true_person": pl.Int64})
    return Feed(FEED, rows, nobody)


def _others(state: Borough, post: Array, area_of: Array, blocks: int, is_flat: Array) -> pl.DataFrame:
    """Names of the shells of `blocks` buildings, then of places at the same number that are nobody's home."""
    is_block = np.arange(len(post)) < blocks
    has_flat = np.r_[np.zeros(blocks, bool), is_flat]
    return pl.DataFrame(
        {
            "unit": blanked(pl.Series(["0"] * len(post), dtype=pl.String), ~has_flat),
            "building": blanked(names.block_name(post), ~is_block),
            "number": pl.Series(names.block_number(state, post, area_of[post])).cast(pl.String),
            "street": pl.Series(state.street).gather(post.astype(np.uint32)),
            "postcode": pl.Series(list(state.postcode)).gather(post.astype(np.uint32)),
        }
    )


def _renamed(rows: pl.DataFrame, post: Array, at: Array) -> pl.DataFrame:
    """Other names (status 3) of flats whose block has one: the same UPRN, another name of the building."""
    name = pl.Series([f"OLD {name} WORKS" for name in names.NAMES]).gather((post % len(names.NAMES)).astype(np.uint32))
    return rows.with_columns(logical_status_code=pl.lit("3"), paon=name).filter(pl.Series(at))


def _described(
    state: Borough, doors: pl.DataFrame, area: Array, kind: Array, uprn: Array, parent: Array, owner: Array
) -> pl.DataFrame:
    where = bor.place()
    roll = stable(state, "built", uprn)
    built = (EARLIEST + roll * (LATEST - EARLIEST)).astype(np.int64)
    until = day_of_demolition(built, roll)
    soon, gone = kind == BUILT_SOON, kind == PULLED_DOWN
    rows = pl.DataFrame(
        {
            "uprn": pl.Series(uprn).cast(pl.String).str.zfill(12),
            "parent_uprn": blanked(pl.Series(parent).cast(pl.String).str.zfill(12), parent < 0),
            "property_class_code": pick(list(CLASSES), kind),
            "logical_status_code": pick(["1", "6", "8"], np.select([soon, gone], [1, 2], 0)),
            "saon": doors.select("FLAT " + pl.col("unit")).to_series(),
            "paon": doors.select(pl.concat_str("building", "number", separator=" ", ignore_nulls=True)).to_series(),
            "street": doors["street"],
            "town": pl.Series(["LONDON"] * len(area)),
            "postcode": doors["postcode"],
            "lsoa21": pick(where.lsoa, area),
            "ward_code": pick(where.wards, where.ward[area]),
            "start_date": dates(np.where(soon, LATEST, built)),
            "end_date": blanked(dates(until), ~gone),
            "council_tax_ref": blanked(
                pl.select(pl.format("CT{}", pl.Series(uprn))).to_series(), (kind >= CARE_HOME) | (roll < 0.02)
            ),
            "landlord_code": pick(list(LANDLORDS), owner),
        }
    )
    return rows


def day_of_demolition(built: Array, roll: Array) -> Array:
    """The last day of a building that is gone: some years after it was built, before the first month of any run."""
    return np.minimum(built + 365 + (roll * 3_650).astype(np.int64), LATEST)
