"""GP appointments: made on the day or weeks ahead, with whom, how, and whether they were kept; by age and need."""

from __future__ import annotations

import numpy as np

from synthetic_data.services.health.when import happen, usual_registration
from synthetic_data.world import households as hh
from synthetic_data.world.conditions import burden, members, number_of
from synthetic_data.world.rows import Rows, pick_one, stream
from synthetic_data.world.state import Borough

FEED = "gp__appointments"
YEARLY = 5.25  # with those cancelled
_AGES = np.array([0, 1, 5, 15, 25, 45, 65, 75, 85, 100])
_BY_AGE = (1.6, 1.3, 0.6, 0.6, 0.85, 1.05, 1.5, 1.9, 2.1, 2.0)
FINISHED, MISSED, BY_PATIENT, BY_UNIT, WALKED_OUT, ARRIVED, VISIT, BOOKED = range(8)
STATUS_SHARE = (0.847, 0.046, 0.06, 0.02, 0.004, 0.023)
MODES, MODE_SHARE = (
    ("Face-to-Face", "Telephone", "Video/Online", "Home Visit", "Unknown"),
    (0.63, 0.29, 0.05, 0.0, 0.03),
)
HOME_VISIT = 3
WHO, WHO_SHARE = ("GP", "Other Practice staff", "Unknown"), (0.46, 0.50, 0.04)
# Days from booking to the appointment, and how often: a fifth wait longer than a fortnight.
LEADS, LEAD_SHARE = np.array([0, 1, 2, 8, 15, 22, 45]), (0.43, 0.07, 0.19, 0.13, 0.09, 0.09)


def book(state: Borough, label: str, first: int, last: int) -> None:
    """Add the appointments that fall between two days, of people then on a list."""
    rng = stream(state.seed, label, "gp appointments")
    r, p = state.registrations, state.people
    usual = usual_registration(state, last)
    rows = np.flatnonzero((usual >= 0) & (p["birth"] < last) & (p["death"] > first))
    rows = rows[r["end"][usual[rows]] > first]
    has, age = members(state)[rows], np.maximum(state.age(rows, first), 0)
    weight = np.interp(age, _AGES, _BY_AGE) * (1 + 0.4 * np.minimum(burden(state)[rows], 6))
    weight *= np.where((p["sex"][rows] == 2) & (age > 16) & (age < 50), 1.45, 1.0)
    weight *= np.exp(0.2 * p["z"][rows] + 0.06 * state.deprivation(rows))
    weight *= np.where(has[:, number_of("LD")] | has[:, number_of("MH")], 1.4, 1.0)
    weight *= np.where(p["outside"][rows] | (p["left"][rows] < first), 0.15, 1.0)  # ghosts of the list seldom come
    who, day = happen(rng, rows, weight * YEARLY / max(weight.mean(), 1e-9), first, last)
    day = np.minimum(np.where((day + 3) % 7 > 4, day - 2, day), last)
    housebound = (state.age(who, day) > 75) & ((p["z"][who] > 1.0) | (p["kind"][who] == hh.CARE_HOME))
    home = housebound & (rng.random(len(who)) < 0.3)
    mode = np.where(home, HOME_VISIT, pick_one(rng, np.array(MODE_SHARE), len(who)))
    status = pick_one(rng, np.array(STATUS_SHARE), len(who))
    lead = pick_one(rng, np.array(LEAD_SHARE), len(who))
    wait = LEADS[lead] + (rng.random(len(who)) * np.diff(LEADS)[lead]).astype(int)
    columns = {
        "registration": usual[who].astype(np.int32), "day": day.astype(np.int32),
        "booked": (day - wait).astype(np.int32),
        "status": np.where(home & (status == FINISHED), VISIT, status).astype(np.int8), "mode": mode.astype(np.int8),
        "seen_by": pick_one(rng, np.array(WHO_SHARE), len(who)).astype(np.int8),
    }  # fmt: skip
    if FEED not in state.tables:
        state.tables[FEED] = Rows(**columns)
    else:
        state.tables[FEED].add(**columns)
