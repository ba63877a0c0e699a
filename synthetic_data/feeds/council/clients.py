"""How the council's files know people: postcode and UPRN, national words for a group, references, rows sent twice."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, nobody, truth_records
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import blanked, pick
from synthetic_data.world import borough as bor
from synthetic_data.world.rows import Array, scattered
from synthetic_data.world.state import Borough, stable

PRIME = 9_999_991
DFE_WORDS = {"BSOM": "BAFR", "ARAB": "OOTH"}  # groups that are finer here than the national list
NO_ABODE = "ZZ99 3VZ"


def place(
    state: Borough, mess: Mess | None, feed: str, label: str, records: Array, person: Array, home: Array
) -> tuple[pl.Series, pl.Series]:
    """Postcode and UPRN of homes as a feed holds them; the pseudo-postcode, and no UPRN, where the home is negative."""
    fixed, at = home >= 0, np.maximum(home, 0)
    missing = np.zeros(len(home), bool)
    if mess is not None:
        missing, _ = mess.choose(feed, "uprn_missing", records, person, label, allowed=fixed)
    code = pl.Series(list(state.postcode)).gather(state.homes["post"][at].astype(np.uint32))
    code = pl.select(pl.when(pl.Series(fixed)).then(code).otherwise(pl.lit(NO_ABODE))).to_series()
    return code, blanked(pl.Series(state.homes["uprn"][at]).cast(pl.String), missing | ~fixed)


def dfe_ethnicity(state: Borough, person: Array, source: str, unknown: float) -> pl.Series:
    """The national code of each person's group, not obtained for some."""
    words = [DFE_WORDS.get(c, c) for c in bor.ethnicities()["dfe"]]
    known = pick(words, state.people["eth"][person])
    blank = pl.Series(stable(state, source, person) < unknown)
    return pl.select(pl.when(blank).then(pl.lit("NOBT")).otherwise(known)).to_series()


def own_ref(state: Borough, prefix: str, at: Array, salt: int) -> pl.Series:
    """References that are unique, stable and say nothing of order."""
    number = pl.Series(scattered(at, PRIME, state.seed + salt, 1)).cast(pl.String)
    return pl.select(pl.format(prefix + "{}", number.str.zfill(7))).to_series()


def sent(
    state: Borough,
    mess: Mess,
    feed: str,
    label: str,
    rows: pl.DataFrame,
    records: Array,
    person: Array,
    source: str = "",
    key: tuple[str, ...] = (),
) -> Feed:
    """The rows in no order, some of them sent twice; `source` and `key` where the feed brings its people's records."""
    known = nobody()
    if source:
        parts = [pl.col(name).cast(pl.String) for name in key]
        known = truth_records(source, rows.select(pl.concat_str(parts, separator="|")).to_series(), person)
    twice, _ = mess.choose(feed, "duplicate", records, person, label)
    order = np.argsort(scattered(np.arange(len(records)), PRIME, state.seed + 61))
    return Feed(feed, rows.gather(np.r_[order, np.flatnonzero(twice)]), known)
