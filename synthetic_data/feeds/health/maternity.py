"""The maternity files: pregnancies from booking to discharge, and the babies born of them."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.health.patients import (
    known_by,
    month_end,
    month_number,
    patients,
    person_references,
    references,
    sent_before,
)
from synthetic_data.feeds.identity import ethnicity, identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.health.registrars import birth_facts, smokes
from synthetic_data.services.health.when import end_of_time_here
from synthetic_data.world.pregnancies import TERM
from synthetic_data.world.rows import NEVER, NONE, Array
from synthetic_data.world.state import Borough, stable

PREGNANCIES, BABIES = "msds__pregnancies", "msds__babies"
PROVIDER = "R1H"
FED_BY_MOTHER, FED_OTHERWISE = "01", "03"
LOST, MOVED = "05", "02"  # reasons of discharge (local)


def pregnancies(state: Borough, mess: Mess, label: str, since: int) -> Feed:
    """`msds__pregnancies`: those booked, and not over for more than twelve months."""
    p, table = state.people, state.tables["pregnancies"]
    mother = table["person"]
    gone = end_of_time_here(state, mother)
    ended = np.minimum(np.minimum(table["delivery"], table["lost"]), gone)
    shown = (table["booked"] <= state.today) & (table["booked"] < ended) & (ended >= since)
    at = np.flatnonzero(shown & (table["booked"] >= p["arrived"][mother]))
    mother, ended, row = mother[at], ended[at], {name: table[name][at] for name in table.names}
    born = (row["delivery"] <= state.today) & (row["delivery"] == ended)
    after = row["delivery"] + 10 + (stable(state, "discharged", at) * 18).astype(np.int64)
    discharged = np.where(born, after, np.where(ended <= state.today, ended, NEVER))
    changed = np.where(discharged <= state.today, discharged, state.today)
    month = month_number(np.maximum(changed, since))
    mothers, where = np.unique(mother, return_inverse=True)
    who = patients(state, mess, PREGNANCIES, label, "msds", mothers).drop("sex")
    roll = stable(state, "labour", at)
    smoking = np.where(smokes(state, mother), 1, (roll * 97 % 1 < 0.14) * 2)
    early = row["begun"] + TERM - ended > 20
    method = np.searchsorted([0.55, 0.68, 0.82], roll + early * 0.1)
    rows = pl.DataFrame(
        {
            "pregnancy_ref": pl.select(pl.format("P{}", references(state, at, 67))).to_series(),
            "person_ref": person_references(state, "msds", mother),
            "provider_code": pl.Series([PROVIDER] * len(at), dtype=pl.String),
            "submission_month_number": month,
            "period_end_date": month_end(month),
            "booking_date": dates(row["booked"]),
            "gestation_at_booking_days": row["booked"] - row["begun"],
            "expected_date": dates(row["begun"] + TERM),
            "previous_live_births_count": _children_before(state, mother, row["begun"]),
            "smoking_status_code": pick(["03", "01", "02"], smoking),
            "alcohol_units_count": np.where(stable(state, "units", mother) < 0.03, 4, 0),
            "has_complex_social_factors": pick(["N", "Y"], (_hardship(state, mother) > 0.93).astype(int)),
            "support_status_code": pick(["Y", "N", "Z"], np.searchsorted([0.9, 0.95], stable(state, "support", at))),
            "employment_status_code": pick(
                ["01", "02", "05", "03"], np.searchsorted([0.55, 0.63, 0.95], _hardship(state, mother))
            ),
            "labour_onset_date": dates(np.where(born, row["delivery"] - (roll < 0.4), NEVER)),
            "delivery_date": dates(np.where(born, row["delivery"], NEVER)),
            "delivery_method_code": pick(["0", "3", "7", "8"], np.where(born, method, -1)),
            "discharge_date": known_by(discharged, state.today),
            "discharge_reason_code": pick(
                [LOST, MOVED], np.where(born | (ended > state.today), -1, (row["lost"] != ended).astype(int))
            ),
        }
    ).hstack(who.select(pl.all().gather(where)))
    twice, _ = mess.choose(PREGNANCIES, "duplicate", at, mother, label)
    empty = {name: pl.lit(None, pl.Date) for name in ("labour_onset_date", "delivery_date", "discharge_date")}
    rows = sent_before(rows, twice, **empty, discharge_reason_code=pl.lit(None, pl.String))
    return Feed(PREGNANCIES, rows, truth_records("msds", person_references(state, "msds", mothers), mothers))


def _children_before(state: Borough, mother: Array, day: Array) -> Array:
    """Children each mother had before a day, among those known."""
    p = state.people
    child = np.flatnonzero(p["mother"] >= 0)
    span = np.int64(100_000)
    key = np.sort(p["mother"][child].astype(np.int64) * span + p["birth"][child] + 40_000)
    low = np.searchsorted(key, mother.astype(np.int64) * span)
    return np.searchsorted(key, mother.astype(np.int64) * span + day + 40_000) - low


def _hardship(state: Borough, who: Array) -> Array:
    """A number in 0–1 for each person, higher where people are poorer."""
    return np.clip(stable(state, "hardship", who) + 0.06 * state.deprivation(who), 0, 1)


def babies(state: Borough, mess: Mess, label: str, since: int) -> Feed:
    """`msds__babies`: babies born of booked pregnancies in twelve months."""
    p, table = state.people, state.tables["pregnancies"]
    rows = np.flatnonzero((p["pregnancy"] != NONE) & (p["birth"] >= since) & (p["birth"] <= state.today))
    booked = table["booked"][p["pregnancy"][rows]]
    rows = rows[(booked < p["birth"][rows]) & (booked >= p["arrived"][p["mother"][rows]])]
    facts = birth_facts(state, rows)
    month = month_number(np.minimum(p["birth"][rows] + 20, state.today))
    fed = stable(state, "first feed", rows) < np.where(p["abroad"][p["mother"][rows]], 0.9, 0.76)
    died = p["death"][rows] < p["birth"][rows] + 28
    frame = pl.DataFrame(
        {
            "person_ref": person_references(state, "msds", rows),
            "pregnancy_ref": pl.select(pl.format("P{}", references(state, p["pregnancy"][rows], 67))).to_series(),
            "provider_code": pl.Series([PROVIDER] * len(rows), dtype=pl.String),
            "submission_month_number": month,
            "period_end_date": month_end(month),
            "sex": pick(["1", "2"], p["sex"][rows] - 1),
            "ethnic_category": ethnicity(state, "nhs", "msds", rows, ["Z", "99"]),
            "birth_weight_grams": facts["grams"],
            "gestation_days": facts["days"],
            "outcome_code": pl.Series(["01"] * len(rows), dtype=pl.String),
            "first_feed_code": pick([FED_OTHERWISE, FED_BY_MOTHER], fed.astype(int)),
            "death_date": known_by(np.where(died, p["death"][rows], NEVER), state.today),
        }
    ).hstack(identity(state, mess, BABIES, label, rows, rows))
    twice, _ = mess.choose(BABIES, "duplicate", rows, rows, label)
    frame = sent_before(frame, twice, first_feed_code=pl.lit(None, pl.String))
    return Feed(BABIES, frame, truth_records("msds", person_references(state, "msds", rows), rows))
