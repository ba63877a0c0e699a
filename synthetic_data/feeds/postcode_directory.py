"""The postcode directory of the invented borough, shaped as the ONS's: postcodes in use, ended, and used again.

Every postcode that a home has is in it. One in sixty of them has ended by now, though records still hold it; one in
ninety was another street's long ago; and some that ended long since are nobody's.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.series import blanked, pick
from synthetic_data.world import borough as bor
from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough

ENDED_EVERY, REUSED_EVERY, NOBODYS_EVERY = 60, 90, 12
BOROUGH, ENGLAND = "E09000030", "E92000001"


def directory(state: Borough) -> pl.DataFrame:
    """Rows of `reference.postcodes`, by postcode and the month it was introduced."""
    homes = state.homes
    area = np.full(len(state.postcode), -1)
    area[homes["post"]] = homes["area"]
    used, unused = np.flatnonzero(area >= 0), np.flatnonzero(area < 0)
    ended, again = used[used % ENDED_EVERY == 7], used[used % REUSED_EVERY == 11]
    gone = unused[unused % NOBODYS_EVERY == 0]
    elsewhere = (area[again] + 40) % len(bor.place().lsoa)
    now = _rows(state, used, area[used], "198001", "202511", np.isin(used, ended))
    first = _rows(state, again, elsewhere, "197201", "197912", np.ones(len(again), bool))
    nobodys = _rows(state, gone, gone % len(bor.place().lsoa), "198001", "200406", np.ones(len(gone), bool))
    return pl.concat([now, first, nobodys]).sort("pcds", "dointr")


def _rows(state: Borough, post: Array, area: Array, began: str, ended: str, is_ended: Array) -> pl.DataFrame:
    where, outside = bor.place(), area >= len(bor.place().lsoa)
    older = bor.reference("lsoa11_lsoa21").sort("lsoa21", "lsoa11").unique("lsoa21", keep="first", maintain_order=True)
    lsoa21 = pick(state.area, area)
    lsoa11 = pl.DataFrame({"lsoa21": lsoa21}).join(
        older.select("lsoa21", "lsoa11"), on="lsoa21", how="left", maintain_order="left"
    )["lsoa11"]
    inside = np.where(outside, 0, area)
    return pl.DataFrame(
        {
            "pcds": pl.Series(list(state.postcode[post]), dtype=pl.String),
            "lsoa21": lsoa21,
            "dointr": pl.Series([began] * len(post), dtype=pl.String),
            "doterm": blanked(pl.Series([ended] * len(post), dtype=pl.String), ~is_ended),
            "lsoa11": lsoa11,
            "ward_code": blanked(pick(where.wards, where.ward[inside]), outside),
            "lad_code": blanked(pl.Series([BOROUGH] * len(post), dtype=pl.String), outside),
            "country_code": pl.Series([ENGLAND] * len(post), dtype=pl.String),
        }
    )
