"""NHS Talking Therapies: referrals, assessments, courses of treatment and what came of them.

About one adult in forty is referred in a year; half of those who complete treatment recover (published for England).
Some groups are referred less often than their need: a planted gap in access.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.health.when import around, happen
from synthetic_data.world import borough as bor
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.planted import TALKING_BY_GROUP
from synthetic_data.world.rows import NEVER, Array, Rows, pick_one, stream
from synthetic_data.world.state import Borough

FEED = "talking_therapies__referrals"
YEARLY = 0.033  # referrals an adult, were no group referred less than its need
NEVER_ASSESSED, ASSESSED_ONLY = 0.26, 0.22  # of referrals; the others have treatment
COMPLAINTS, COMPLAINT_SHARE = ("F329", "F411", "F418", "F431", "F409", "F429"), (0.34, 0.30, 0.18, 0.07, 0.07, 0.04)
CASE_PHQ, CASE_GAD = 10, 8  # at or above either: caseness
RELIABLE_PHQ, RELIABLE_GAD = 6, 4


def refer(state: Borough, label: str, first: int, last: int) -> None:
    """Referrals received between two days, with all that will follow unless the person dies or leaves."""
    rng = stream(state.seed, label, "talking therapies")
    rows = around(state, first, last)
    age, has = state.age(rows, first), members(state)[rows]
    rows, age, has = rows[age >= 17], age[age >= 17], has[age >= 17]
    weight = np.interp(age, [17, 22, 35, 55, 70, 85], [1.0, 1.3, 1.2, 0.9, 0.4, 0.15])
    weight *= np.where(has[:, number_of("DEP")], 5.0, 1.0) * np.where(state.people["sex"][rows] == 2, 1.6, 1.0)
    need = weight / max(weight.mean() if len(weight) else 1.0, 1e-9) * YEARLY
    access = np.array([TALKING_BY_GROUP.get(g, TALKING_BY_GROUP[""]) for g in bor.ethnicities()["group"]])
    who, day = happen(rng, rows, need * access[state.people["eth"][rows]], first, last)
    who, once = np.unique(who, return_index=True)
    day = day[once]
    if FEED in state.tables:
        table = state.tables[FEED]
        fresh = ~np.isin(who, table["person"][table["closed"] > first])
        who, day = who[fresh], day[fresh]
    made = _course(rng, day, len(who))
    columns = {"person": who, "asked": day.astype(np.int32), **made}
    if FEED not in state.tables:
        state.tables[FEED] = Rows(**columns)
    else:
        state.tables[FEED].add(**columns)


def _course(rng: np.random.Generator, day: Array, n: int) -> dict[str, Array]:
    """Days of assessment, treatment and end; number of contacts; first and last scores."""
    roll = rng.random(n)
    assessed, treated = roll >= NEVER_ASSESSED, roll >= NEVER_ASSESSED + ASSESSED_ONLY
    seen = day + rng.integers(4, 40, n)
    begun = seen + rng.integers(10, 110, n)
    contacts = np.where(treated, 1 + rng.geometric(0.17, n).clip(1, 24), 0)
    until = begun + (contacts - 1) * 9 + rng.integers(0, 7, n)
    closed = np.where(treated, until + 8, np.where(assessed, seen + 12, day + 30))
    phq, gad = np.clip(np.round(rng.normal(15, 5.5, n)), 0, 27), np.clip(np.round(rng.normal(13.5, 4.5, n)), 0, 21)
    gain = np.clip(rng.normal(0.42, 0.33, n) + 0.012 * contacts, -0.4, 0.95)
    last_phq = np.clip(np.round(phq * (1 - gain) + rng.normal(0, 1.2, n)), 0, 27)
    last_gad = np.clip(np.round(gad * (1 - gain) + rng.normal(0, 1.2, n)), 0, 21)
    return {
        "seen": np.where(assessed, seen, NEVER).astype(np.int32),
        "begun": np.where(treated, begun, NEVER).astype(np.int32),
        "until": np.where(treated, until, NEVER).astype(np.int32), "closed": closed.astype(np.int32),
        "contacts": contacts.astype(np.int16), "phq": phq.astype(np.int8), "gad": gad.astype(np.int8),
        "last_phq": last_phq.astype(np.int8), "last_gad": last_gad.astype(np.int8),
        "complaint": pick_one(rng, np.array(COMPLAINT_SHARE), n).astype(np.int8), "itself": rng.random(n) < 0.68,
    }  # fmt: skip


def outcomes(row: Rows, completed: Array) -> dict[str, Array]:
    """The national flags, from the scores and whether treatment was completed (two contacts or more, discharged)."""
    case = (row["phq"] >= CASE_PHQ) | (row["gad"] >= CASE_GAD)
    well = (row["last_phq"] < CASE_PHQ) & (row["last_gad"] < CASE_GAD)
    phq, gad = row["phq"].astype(int) - row["last_phq"], row["gad"].astype(int) - row["last_gad"]
    better = ((phq >= RELIABLE_PHQ) & (gad > -RELIABLE_GAD)) | ((gad >= RELIABLE_GAD) & (phq > -RELIABLE_PHQ))
    return {
        "has_completed_treatment": completed, "is_not_caseness": ~case, "has_recovered": completed & case & well,
        "has_reliably_improved": completed & better,
    }  # fmt: skip
