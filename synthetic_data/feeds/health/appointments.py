"""The file of GP appointments, those to come among them."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, nobody
from synthetic_data.feeds.health.patients import MANY, references
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.health.appointments import BOOKED, BY_PATIENT, FEED, MODES, WHO
from synthetic_data.world.state import Borough

STATUSES = (
    "Finished", "Did Not Attend", "Cancelled by Patient", "Cancelled by Unit", "Patient Walked Out", "Arrived", "Visit",
    "Booked",
)  # fmt: skip


def appointments(state: Borough, since: int) -> Feed:
    """`gp__appointments`: twelve months, and those booked by now for the weeks to come."""
    table, r, p = state.tables[FEED], state.registrations, state.people
    at = np.flatnonzero((table["day"] >= since) & (table["booked"] <= state.today))
    registration, day = table["registration"][at], table["day"][at]
    person = r["person"][registration]
    upto = np.minimum(day, state.today)
    real = (upto >= r["start"][registration]) & (upto < r["end"][registration]) & (upto <= p["death"][person])
    at = at[real & (table["booked"][at] >= p["birth"][person]) & (r["end"][registration] > since)]
    row = table.take(at)
    registration = row["registration"]
    status = np.where((row["day"] > state.today) & (row["status"] != BY_PATIENT), BOOKED, row["status"])
    rows = pl.DataFrame(
        {
            "appointment_ref": references(state, at, 79, MANY),
            "local_patient_id": pl.Series(r["local"][registration]).cast(pl.String),
            "practice_code": pick(state.practices["code"], r["practice"][registration]),
            "appointment_date": dates(row["day"]),
            "booked_date": dates(row["booked"]),
            "status": pick(list(STATUSES), status),
            "mode": pick(list(MODES), row["mode"]),
            "professional_group": pick(list(WHO), row["seen_by"]),
        }
    )
    return Feed(FEED, rows, nobody())
