"""The file of outpatient appointments, those to come among them."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.health.patients import patients, references
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.health.outpatients import (
    BY_PATIENT,
    BY_PROVIDER,
    FEED,
    LATE,
    PROVIDERS,
    SEEN,
    SITES,
    SPECIALTIES,
    TO_COME,
    shown,
)
from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough

CODES = ("5", "6", "3", "7", "2", "4", "0")


def appointments(state: Borough, mess: Mess, label: str, since: int, first: int) -> Feed:
    """`op__appointments`: twelve months, and those made for the month to come; some sent twice."""
    at = shown(state, since)
    row = state.tables[FEED].take(at)
    person, day = row["person"].astype(np.int64), row["day"]
    records, where = np.unique(person * len(PROVIDERS) + row["provider"], return_inverse=True)
    people = records // len(PROVIDERS)
    twice, _ = mess.choose(FEED, "duplicate", at, person, label)
    who = _patients(state, mess, label, records, people)
    future = day > state.today
    kept = np.where(future & ~np.isin(row["kept"], (BY_PATIENT, BY_PROVIDER)), TO_COME, row["kept"])
    attended = np.isin(kept, (SEEN, LATE))
    sent = (np.maximum(np.minimum(day, state.today) + 8, first - 1).astype(np.int64)) * 86_400 + 21_600
    rows = pl.DataFrame(
        {
            "op_ident": pl.select(pl.format("OP{}", references(state, at, 71))).to_series(),
            "provider_code": pick(list(PROVIDERS), row["provider"]),
            "site_code": pick(list(SITES), row["provider"]),
            "appointment_date": dates(day),
            "request_date": dates(row["asked"]),
            "attendance_code": pick(list(CODES), kept),
            "first_attendance_code": pick(["1", "2", "3", "4"], np.where(row["first"], 0, 1) + 2 * (row["medium"] > 0)),
            "main_specialty_code": pick([s[0] for s in SPECIALTIES], row["specialty"]),
            "treatment_specialty_code": pick([s[0] for s in SPECIALTIES], row["specialty"]),
            "referral_source_code": pick(["03", "11"], (~row["first"]).astype(int)),
            "priority_code": pick(["1", "2", "3"], row["urgent"]),
            "outcome_code": pick(["1", "2", "3"], np.where(attended, row["outcome"], -1)),
            "consultation_medium_code": pick(["01", "02", "03"], row["medium"]),
            "cost_gbp": np.where(attended, row["pence"] / 100, 0.0),
            "interchange_time": pl.from_epoch(pl.Series(sent), "s"),
        }
    ).hstack(who.select(pl.all().gather(where)))
    earlier = rows.gather(np.flatnonzero(twice)).with_columns(
        interchange_time=pl.col("interchange_time").dt.offset_by("-5d"), outcome_code=pl.lit(None, pl.String)
    )
    keys = pl.select(pl.format("{}|{}", pick(list(PROVIDERS), records % len(PROVIDERS)), who["local_patient_id"]))
    return Feed(FEED, pl.concat([earlier, rows]), truth_records("op", keys.to_series(), people))


def _patients(state: Borough, mess: Mess, label: str, records: Array, people: Array) -> pl.DataFrame:
    """Who the hospitals say their patients are, an entry for each hospital number."""
    number = references(state, records, 73).alias("local_patient_id")
    return patients(state, mess, FEED, label, "op", people, records).with_columns(number)
