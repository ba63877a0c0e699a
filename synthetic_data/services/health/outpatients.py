"""Outpatient appointments: made a month ahead, then kept, missed or cancelled, by need, language and deprivation.

About 1,100 attendances a year for 1,000 people, and an appointment in eight of those due is missed (DOMAIN §6.4).
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.health.when import around, happen, here_on, needs_interpreter
from synthetic_data.world import households as hh
from synthetic_data.world.conditions import burden, members, number_of
from synthetic_data.world.planted import quintile
from synthetic_data.world.rows import Array, Rows, pick_one, stream
from synthetic_data.world.state import Borough

FEED = "op__appointments"
BOOKED_YEARLY = 1.52  # appointments a person, kept or not
DNA = 0.118  # of those neither cancelled nor to come
DNA_BY_QUINTILE = (1.0, 1.12, 1.05, 0.95, 0.85, 0.75)  # no known home, then from the most to the least deprived
INTERPRETER_TIMES, SMI_TIMES, YOUNG_MAN_TIMES = 1.45, 1.5, 1.3
CANCELLED = (0.075, 0.085)  # by or for the patient; by the provider
_AGES = np.array([0, 5, 15, 25, 45, 65, 75, 85, 100])
_BY_AGE = (0.9, 0.7, 0.6, 0.65, 1.1, 2.2, 2.6, 2.2, 1.6)
# Specialty, weight, register that brings people to it, weight for those on it.
SPECIALTIES = (
    ("110", 0.12, "", 0), ("130", 0.10, "", 0), ("330", 0.09, "", 0), ("502", 0.09, "", 0), ("420", 0.06, "", 0),
    ("650", 0.14, "", 0), ("301", 0.06, "", 0), ("100", 0.06, "", 0), ("120", 0.08, "", 0), ("400", 0.05, "EP", 0.8),
    ("320", 0.05, "CHD", 0.6), ("340", 0.03, "COPD", 0.9), ("307", 0.02, "DM", 0.5), ("370", 0.01, "CAN", 2.5),
    ("361", 0.01, "CKD", 0.6), ("410", 0.03, "RA", 2.5),
)  # fmt: skip
PROVIDERS, SITES, PROVIDER_SHARE = ("R1H", "RQX", "RRV"), ("R1H12", "RQXM1", "RRV03"), (0.83, 0.08, 0.09)
SEEN, LATE, MISSED, TOO_LATE, BY_PATIENT, BY_PROVIDER, TO_COME = range(7)


def book(state: Borough, label: str, first: int, last: int) -> None:
    """Add the appointments that fall between two days, made some weeks or months before."""
    rng = stream(state.seed, label, "outpatients")
    rows = around(state, first, last)
    has, age = members(state)[rows], np.maximum(state.age(rows, first), 0)
    weight = np.interp(age, _AGES, _BY_AGE) * (1 + 0.35 * np.minimum(burden(state)[rows], 6))
    weight *= np.exp(0.25 * state.people["z"][rows]) * np.where(has[:, number_of("CAN")], 2.5, 1.0)
    weight *= np.where((state.people["sex"][rows] == 2) & (age > 18) & (age < 45), 1.3, 1.0)
    weight *= np.where(state.people["kind"][rows] == hh.ROUGH, 0.6, 1.0)
    who, day = happen(rng, rows, weight * BOOKED_YEARLY / max(weight.mean(), 1e-9), first, last)
    workday = (day + 3) % 7  # 1 January 1970 was a Thursday
    day = np.where(workday > 4, day + 2 - rng.integers(0, 2, len(day)) * 4, day)
    first_time = rng.random(len(who)) < 0.29
    wait = np.where(first_time, rng.gamma(2.2, 34, len(who)), rng.gamma(2.0, 60, len(who))).astype(np.int64) + 3
    columns = {
        "person": who, "day": day, "asked": np.maximum(day - wait, state.people["birth"][who]),
        "provider": pick_one(rng, np.array(PROVIDER_SHARE), len(who)), "first": first_time,
        "specialty": _specialty(state, rng, who), "medium": pick_one(rng, np.array((0.74, 0.20, 0.06)), len(who)),
        "kept": _kept(state, rng, who, day), "urgent": pick_one(rng, np.array((0.78, 0.15, 0.07)), len(who)),
        "outcome": pick_one(rng, np.array((0.28, 0.42, 0.30)), len(who)),
        "pence": np.round(np.where(first_time, 178, 96) * np.exp(rng.normal(-0.03, 0.25, len(who))) * 100),
    }  # fmt: skip
    small = ("provider", "specialty", "medium", "kept", "urgent", "outcome")
    kinds = {"person": np.int32, "day": np.int32, "asked": np.int32, "first": bool, "pence": np.int32}
    made = {name: np.asarray(v).astype(np.int8 if name in small else kinds[name]) for name, v in columns.items()}
    if FEED not in state.tables:
        state.tables[FEED] = Rows(**made)
    else:
        state.tables[FEED].add(**made)


def _specialty(state: Borough, rng: np.random.Generator, who: Array) -> Array:
    has = members(state)
    edges = np.zeros((len(who), len(SPECIALTIES)), np.float32)
    total = np.zeros(len(who), np.float32)
    for place, (_, weight, register, times) in enumerate(SPECIALTIES):
        total = total + (np.where(has[who, number_of(register)], times, weight) if register else weight)
        edges[:, place] = total
    return (rng.random(len(who))[:, None] * total[:, None] >= edges).sum(axis=1).clip(0, len(SPECIALTIES) - 1)


def _kept(state: Borough, rng: np.random.Generator, who: Array, day: Array) -> Array:
    """What becomes of each appointment, as a place in `CODES`."""
    age, has = state.age(who, day), members(state)
    odds = np.array(DNA_BY_QUINTILE)[quintile(state, who)]
    odds = odds * np.where(needs_interpreter(state, who), INTERPRETER_TIMES, 1.0)
    odds = odds * np.where(has[who, number_of("MH")], SMI_TIMES, 1.0)
    odds = odds * np.where((state.people["sex"][who] == 1) & (age > 16) & (age < 40), YOUNG_MAN_TIMES, 1.0)
    missed = DNA * odds / max(odds.mean() if len(who) else 1.0, 1e-9)
    roll, cancel = rng.random(len(who)), rng.random(len(who))
    due = np.select([roll < missed * 0.96, roll < missed, roll < missed + 0.05], [MISSED, TOO_LATE, LATE], SEEN)
    return np.where(cancel < CANCELLED[0], BY_PATIENT, np.where(cancel < sum(CANCELLED), BY_PROVIDER, due))


def shown(state: Borough, since: int) -> Array:
    """The appointments (their rows) in a file of twelve months: asked for by today, of people then here."""
    table = state.tables[FEED]
    at = np.flatnonzero((table["day"] >= since) & (table["asked"] <= state.today))
    return at[here_on(state, table["person"][at], np.minimum(table["day"][at], state.today))]
