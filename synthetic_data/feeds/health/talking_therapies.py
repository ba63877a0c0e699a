"""The file of NHS Talking Therapies: referrals with the first and last scores of each course."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.health.patients import (
    month_end,
    month_number,
    patients,
    person_references,
    references,
    sent_before,
)
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.health.talking_therapies import COMPLAINTS, FEED, outcomes
from synthetic_data.services.health.when import end_of_time_here
from synthetic_data.world.rows import NEVER, Array
from synthetic_data.world.state import Borough

SOURCE, PROVIDER = "talking_therapies", "RWK"


def referrals(state: Borough, mess: Mess, label: str, since: int) -> Feed:
    """`talking_therapies__referrals`: open in the last twelve months, as far as each has come."""
    table = state.tables[FEED]
    stop = np.minimum(table["closed"], end_of_time_here(state, table["person"]))
    at = np.flatnonzero((table["asked"] <= state.today) & (stop >= since) & (table["asked"] < stop))
    row, stop = table.take(at), stop[at]
    today = np.minimum(stop, state.today)
    closed = np.where(stop <= state.today, stop, NEVER)
    assessed, treated = row["seen"] <= today, row["begun"] <= today
    held = np.where(treated, np.minimum(1 + (today - row["begun"]) // 9, row["contacts"]), 0)
    ended = treated & (closed < NEVER)
    facts = outcomes(row, ended & (held >= 2))
    people, where = np.unique(row["person"], return_inverse=True)
    who = patients(state, mess, FEED, label, SOURCE, people)
    month = month_number(today)
    latest = np.where(treated, np.minimum(row["begun"] + (held - 1) * 9, today), NEVER)
    rows = pl.DataFrame(
        {
            "referral_ref": pl.select(pl.format("TT{}", references(state, at, 127))).to_series(),
            "person_ref": person_references(state, SOURCE, row["person"]),
            "provider_code": pl.Series([PROVIDER] * len(at), dtype=pl.String),
            "submission_month_number": month,
            "period_end_date": month_end(month),
            "referral_date": dates(row["asked"]),
            "referral_source_code": pick(["A1", "B1"], row["itself"].astype(int)),
            "presenting_complaint_code": pick(list(COMPLAINTS), np.where(assessed, row["complaint"], -1)),
            "first_assessment_date": dates(np.where(assessed, row["seen"], NEVER)),
            "last_assessment_date": dates(np.where(assessed, row["seen"], NEVER)),
            "first_treatment_date": dates(np.where(treated, row["begun"], NEVER)),
            "last_treatment_date": dates(latest),
            "treatment_contact_count": held,
            "phq9_first_score": _given(row["phq"], assessed),
            "phq9_last_score": _given(row["last_phq"], ended),
            "gad7_first_score": _given(row["gad"], assessed),
            "gad7_last_score": _given(row["last_gad"], ended),
            **{name: pick(["false", "true"], np.where(closed < NEVER, f.astype(int), -1)) for name, f in facts.items()},
            "discharge_date": dates(closed),
        }
    ).hstack(who.select(pl.all().gather(where)))
    twice, _ = mess.choose(FEED, "duplicate", at, row["person"], label)
    rows = sent_before(rows, twice, discharge_date=pl.lit(None, pl.Date), has_recovered=pl.lit(None, pl.String))
    return Feed(FEED, rows, truth_records(SOURCE, person_references(state, SOURCE, people), people))


def _given(score: Array, where: Array) -> pl.Series:
    return pl.select(pl.when(pl.Series(where)).then(pl.Series(score.astype(np.int64))).otherwise(None)).to_series()
