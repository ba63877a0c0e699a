"""What homes are called: in the gazetteer one way, by the people who write them down in many.

A flat stands in a block that has a name and a number; a house has a number of its own, some with a letter.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.world.rows import Array
from synthetic_data.world.state import CARE_HOME_HOME, HALL_HOME, Borough, stable

FLAT, TERRACED, SEMI, DETACHED, SHARED, CARE_HOME, HALL = range(7)
DWELLING_SHARE = (0.86, 0.09, 0.02, 0.01, 0.02)  # flats, terraced, semi-detached, detached, in multiple occupation
LETTERED = 0.1  # of houses, divided: FLAT A, 12
NAMES = (
    "ALBERT", "ANCHOR", "ARBOUR", "BALFRON", "BARLEY", "BRUNEL", "CANNON", "CEDAR", "CLARE", "CUTTER", "DOCK",
    "EASTERN", "ELDER", "FERRY", "GLOBE", "HARBOUR", "IRON", "JUBILEE", "KESTREL", "LAUREL", "LIGHTER", "MAPLE",
    "MAST", "NELSON", "ORCHARD", "PILOT", "POPLAR", "QUAY", "ROPE", "SAIL", "SILK", "STEPNEY", "TIDE", "TURNER",
    "VICTORY", "WEAVER", "WHARF", "WILLOW",
)  # fmt: skip
BUILDINGS = [f"{name} {kind}" for name in NAMES for kind in ("HOUSE", "COURT", "POINT")]
COMMUNAL = [f"{name} {kind}" for name in NAMES for kind in ("LODGE", "HALL")]
SHORT = (
    (" HOUSE", " HSE"), (" COURT", " CT"), (" STREET", " ST"), (" ROAD", " RD"), (" LANE", " LN"), (" SQUARE", " SQ"),
    (" GARDENS", " GDNS"), ("FLAT ", "APT "),
)  # fmt: skip
STYLES = (0.44, 0.54, 0.59, 0.73, 0.80, 0.84, 0.93, 1.0)
"""Cumulative shares of the ways of writing, in the order of `written`."""
WRONG_POSTCODE, LETTERS_SWAPPED, NO_UNIT, WRONG_NUMBER = 0.012, 0.02, 0.006, 0.002
POOR = 0.6  # of addresses whose UPRN the supplier could not find: written so that nobody could


def dwelling(state: Borough, at: Array) -> Array:
    """What kind of dwelling each home is, as places in the gazetteer's classes."""
    tenure = state.homes["tenure"][at]
    kind = np.searchsorted(np.cumsum(DWELLING_SHARE), stable(state, "dwelling", at), side="right").clip(0, SHARED)
    return np.select([tenure == CARE_HOME_HOME, tenure == HALL_HOME], [CARE_HOME, HALL], kind)


def block_number(state: Borough, post: Array, area: Array) -> Array:
    """The number in the street of the block at a postcode."""
    return (post * 7 + area) % 180 + 1


def block_name(post: Array) -> pl.Series:
    """The name of the block at a postcode."""
    return pl.Series(BUILDINGS).gather((post % len(BUILDINGS)).astype(np.uint32))


def doors(state: Borough, at: Array) -> pl.DataFrame:
    """What each home is truly called: unit, building, number, street, postcode; empty where it has none."""
    homes, kind = state.homes, dwelling(state, at)
    post, flat = homes["post"][at], homes["flat"][at]
    number = block_number(state, post, homes["area"][at])
    is_flat, is_communal = kind == FLAT, kind >= CARE_HOME
    is_lettered = np.isin(kind, (TERRACED, SEMI)) & (stable(state, "lettered", at) < LETTERED)
    letter = pl.Series(["A", "B", "C"]).gather((flat % 3).astype(np.uint32))
    name = pl.Series(COMMUNAL).gather(((post + flat) % len(COMMUNAL)).astype(np.uint32))
    frame = pl.DataFrame(
        {
            "flat": flat, "letter": letter, "is_flat": is_flat, "is_lettered": is_lettered, "is_communal": is_communal,
            "block": block_name(post), "name": name, "number": np.where(is_flat, number, number + 2 * flat),
            "street": pl.Series(state.street).gather(post.astype(np.uint32)),
            "postcode": pl.Series(list(state.postcode)).gather(post.astype(np.uint32)),
        }
    )  # fmt: skip
    return frame.select(
        pl.when("is_flat").then(pl.col("flat").cast(pl.String)).when("is_lettered").then("letter").alias("unit"),
        pl.when("is_flat").then("block").when("is_communal").then("name").alias("building"),
        pl.col("number").cast(pl.String),
        "street",
        "postcode",
    )


def written(state: Borough, at: Array, writer: Array, feed: str, is_lost: Array) -> pl.DataFrame:
    """Address lines and postcode as a feed has them, each `writer` in a way of their own, with slips.

    Where `is_lost`, most leave out what would say which home it is.
    """
    frame = doors(state, at)
    said, slip = stable(state, f"{feed} way of writing", writer), stable(state, f"{feed} slip", writer)
    poor = is_lost & (stable(state, f"{feed} poor", writer) < POOR)
    post = state.homes["post"][at]
    area_of = np.full(len(state.postcode), -1)
    area_of[state.homes["post"]] = state.homes["area"]
    next_to = np.where(area_of[post - 1] == area_of[post], post - 1, post)
    beside = pl.Series(list(state.postcode)).gather(next_to.astype(np.uint32))
    edges = np.cumsum([WRONG_POSTCODE, LETTERS_SWAPPED, NO_UNIT, WRONG_NUMBER])
    frame = frame.with_columns(
        way=pl.Series(np.searchsorted(STYLES, said, side="right").clip(0, len(STYLES) - 1)),
        slip=pl.Series(np.searchsorted(edges, slip, side="right")),
        poor=pl.Series(poor),
        beside=beside,
    )
    street = pl.col("street")
    swapped = pl.concat_str(street.str.slice(0, 2), street.str.slice(3, 1), street.str.slice(2, 1), street.str.slice(4))
    number = pl.when(pl.col("slip") == 3).then(pl.concat_str("number", pl.lit("9"))).otherwise("number")
    frame = frame.with_columns(
        street=pl.when(pl.col("slip") == 1).then(swapped).otherwise(street),
        number=pl.when("poor").then(None).otherwise(number),
        unit=pl.when(pl.col("poor") | (pl.col("slip") == 2)).then(None).otherwise("unit"),
        building=pl.when("poor").then(None).otherwise("building"),
        postcode=pl.when(pl.col("slip") == 0).then("beside").otherwise("postcode"),
    )
    return _lines(frame).with_columns(frame["postcode"])


def _lines(frame: pl.DataFrame) -> pl.DataFrame:
    unit, building = pl.col("unit"), pl.col("building")
    flat = pl.when(unit.is_not_null()).then(pl.concat_str(pl.lit("FLAT "), unit))
    road = pl.concat_str("number", "street", separator=" ", ignore_nulls=True)
    named = unit.is_not_null() & building.is_not_null()
    lettered = unit.is_not_null() & building.is_null()
    full = pl.concat_list(flat, building, road, pl.lit("LONDON"))
    ways = (
        full,
        pl.when(named)
        .then(pl.concat_list(pl.concat_str(unit, pl.lit(" "), building), road, pl.lit("LONDON")))
        .otherwise(full),
        pl.when(named).then(pl.concat_list(pl.concat_str(unit, pl.lit("/"), road), pl.lit("LONDON"))).otherwise(full),
        pl.concat_list(flat, road, pl.lit("LONDON")),
        pl.when(named).then(pl.concat_list(pl.concat_str(flat, pl.lit(" "), building))).otherwise(full),
        pl.concat_list(road, flat),
        pl.when(lettered)
        .then(pl.concat_list(pl.concat_str("number", unit, pl.lit(" "), "street"), pl.lit("LONDON")))
        .otherwise(full),
        full,
    )
    chosen = pl.when(pl.col("way") == 0).then(ways[0])
    for place, way in enumerate(ways[1:], 1):
        chosen = chosen.when(pl.col("way") == place).then(way)
    text = pl.col("lines").list.drop_nulls().list.join("|")
    short = text.str.replace_many([a for a, _ in SHORT], [b for _, b in SHORT])
    frame = frame.with_columns(lines=chosen).with_columns(
        text=pl.when(pl.col("way") == 6).then(short)
        .when(pl.col("way") == 7).then(text.str.to_titlecase().str.replace_all("|", ", ", literal=True)).otherwise(text)
    )  # fmt: skip
    parts = pl.col("text").str.split("|")
    return frame.select(parts.list.get(i, null_on_oob=True).alias(f"address_line_{i + 1}") for i in range(4))
