"""What the files of health services share: how patients are known, references, and the months of submissions."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.identity import ethnicity, identity, stale_home
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.health.when import usual_registration
from synthetic_data.world.rows import Array, scattered
from synthetic_data.world.state import Borough

FEW, MANY = 9_999_991, 999_999_937  # primes above the number of references of a kind
NO_PRACTICE = "V81997"


def postcodes(state: Borough, home: Array) -> pl.Series:
    """Postcodes of homes; of no fixed abode where the home is negative."""
    code = pl.Series(list(state.postcode)).gather(state.homes["post"][np.maximum(home, 0)].astype(np.uint32))
    return pl.select(pl.when(pl.Series(home >= 0)).then(code).otherwise(pl.lit("ZZ99 3VZ"))).to_series()


def practice_codes(state: Borough, who: Array) -> pl.Series:
    """The practice each person is registered with, or the code for none."""
    row = usual_registration(state)[who]
    codes = [*list(state.practices["code"]), NO_PRACTICE]
    return pick(codes, np.where(row < 0, len(codes) - 1, state.registrations["practice"][np.maximum(row, 0)]))


def references(state: Borough, number: Array, salt: int, prime: int = FEW) -> pl.Series:
    """References as text: unique, stable, saying nothing of order."""
    return pl.Series(scattered(number, prime, state.seed + salt, 1)).cast(pl.String)


def person_references(state: Borough, source: str, who: Array) -> pl.Series:
    """How a national data set names people: the same in all its tables."""
    salt = {"mhsds": 41, "csds": 43, "msds": 47, "talking_therapies": 53}[source]
    return pl.select(pl.format("{}{}", pl.lit(source[0].upper()), references(state, who, salt))).to_series()


def patients(
    state: Borough, mess: Mess, feed: str, label: str, source: str, who: Array, records: Array | None = None
) -> pl.DataFrame:
    """What a feed's file says of who its patients are, an entry for each of `who` (or of its records of them)."""
    records = who if records is None else records
    baby = np.where(state.age(who, state.today) < 0.5, 6.0, 1.0)
    known = pl.DataFrame(
        {
            "sex": pick(["1", "2"], state.people["sex"][who] - 1),
            "ethnic_category": ethnicity(state, "nhs", source, who, ["Z", "99"]),
            "postcode": postcodes(state, stale_home(state, source, who, 60)),
            "practice_code": practice_codes(state, who),
        }
    )
    return known.hstack(identity(state, mess, feed, label, records, who, weight=baby))


def month_number(day: Array | int) -> Array:
    """UniqMonthID of the month a day is in: April 1900 is 1."""
    return np.asarray(day).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 838


def month_end(number: Array) -> pl.Series:
    """The last day of months given by their UniqMonthID."""
    return dates(((np.asarray(number) - 837).astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) - 1)


def sent_before(rows: pl.DataFrame, twice: Array, **changed: pl.Expr) -> pl.DataFrame:
    """Some of the rows as they stood in the submission a month earlier, to be sent beside the rows themselves."""
    earlier = rows.gather(np.flatnonzero(twice)).with_columns(pl.col("submission_month_number") - 1, **changed)
    if "period_end_date" in rows.columns:
        earlier = earlier.with_columns(pl.col("period_end_date").dt.offset_by("-1mo").dt.month_end())
    return pl.concat([earlier, rows])


def known_by(day: Array, today: int) -> pl.Series:
    """Days as dates, empty where they have not come."""
    return dates(np.asarray(day), today)
