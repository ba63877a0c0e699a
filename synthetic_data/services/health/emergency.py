"""Attendances at emergency departments: on the way into hospital, or for what the day brings, by age and need.

Rates are those of DOMAIN §2.5 and the borough's own; who attends often stays the one who does. The codes in
`tables/complaints.csv` are SNOMED CT as commonly listed; how often each occurs is judgement.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic_data.services.health import hospital as hos
from synthetic_data.services.health import stay_codes
from synthetic_data.world import borough as bor
from synthetic_data.world import households as hh
from synthetic_data.world.conditions import burden
from synthetic_data.world.rows import NONE, Array, Rows, pick_by_row, pick_one, stream
from synthetic_data.world.state import YEAR, Borough

YEARLY_RATE = 400.0  # for 1,000 people, beside those who are admitted through the department (about 55)
_AGES = np.array([0, 1, 5, 15, 25, 45, 65, 75, 85, 100])
_BY_AGE = (1.9, 1.9, 0.9, 0.85, 0.95, 0.8, 0.95, 1.4, 1.9, 2.1)
PROVIDER_SHARE = (0.86, 0.09, 0.05)
DEPARTMENT_SHARE = np.array([[0.68, 0.03, 0.25, 0.04], [0.85, 0.0, 0.15, 0.0], [0.85, 0.1, 0.05, 0.0]])
CATEGORY_SHARE = (0.92, 0.03, 0.02, 0.03)
# Minutes from arrival to departure, by department: median, and spread of the logarithm; the last for those admitted.
MEDIAN, SPREAD = np.array([190, 120, 90, 200, 330]), np.array([0.55, 0.5, 0.5, 0.4, 0.7])
PRICE = np.array([190.0, 120.0, 75.0, 260.0, 330.0])
ADMITTED = 4  # the place of those admitted, in the three above
LONGEST = 1430
ACUITY_SHARE = np.array([[0.01, 0.12, 0.40, 0.40, 0.07], [0.08, 0.37, 0.45, 0.10, 0.0]])  # sent home, admitted


@cache
def complaints() -> pl.DataFrame:
    """What people come with: `tables/complaints.csv`."""
    return pl.read_csv(bor.TABLES / "complaints.csv", schema_overrides={"snomed": pl.String, "diagnosis": pl.String})


def begin(state: Borough) -> None:
    """Departments remember nothing of the stays there have been so far."""
    state.facts["spells_attended"] = len(state.tables["spells"])


def attend(state: Borough, label: str, first: int, last: int) -> None:
    """Add the attendances between two days, and those by which spells began that were not known before."""
    spells = state.tables["spells"]
    seen = int(state.facts.get("spells_attended", 0))  # type: ignore[call-overload]
    state.facts["spells_attended"] = len(spells)
    new = np.arange(seen, len(spells))
    new = new[(spells["kind"][new] == stay_codes.EMERGENCY) & (spells["method"][new] == 0)]
    rng = stream(state.seed, label, "emergency")
    who, day = _walk_in(state, rng, first, last)
    spell = np.r_[new, np.full(len(who), NONE)]
    who, day = np.r_[spells["person"][new], who], np.r_[spells["admitted"][new], day].astype(np.int64)
    kept = _apart(who, day, spell)
    who, day, spell = who[kept], day[kept], spell[kept]
    admitted = spell != NONE
    provider = np.where(admitted, 0, pick_one(rng, np.array(PROVIDER_SHARE), len(who)))
    department = np.where(admitted, 0, pick_by_row(rng, DEPARTMENT_SHARE, provider))
    kind = np.where(admitted, ADMITTED, department)
    stay = np.exp(np.log(MEDIAN[kind]) + SPREAD[kind] * rng.normal(size=len(who)))
    stay = np.clip(stay, 12, LONGEST).astype(np.int64)
    arrival = np.where(admitted, rng.random(len(who)) * (1439 - stay), _minute(rng, len(who))).astype(np.int64)
    columns = {
        "person": who, "day": day, "spell": spell, "provider": provider, "department": department, "minute": arrival,
        "stay": stay, "complaint": _complain(state, rng, who, day),
        "category": np.where(admitted, 0, pick_one(rng, np.array(CATEGORY_SHARE), len(who))),
        "acuity": pick_by_row(rng, ACUITY_SHARE, admitted.astype(int)),
        "ambulance": rng.random(len(who)) < np.where(admitted, 0.6, np.where(state.age(who, day) > 75, 0.45, 0.17)),
        "pence": np.round(PRICE[kind] * np.exp(rng.normal(-0.03, 0.25, len(who))) * 100).astype(np.int64),
        "early": ~admitted & (rng.random(len(who)) < 0.04),
        "drink": (state.age(who, day) > 16) & (rng.random(len(who)) < 0.03),
    }  # fmt: skip
    if "attendances" not in state.tables:
        state.tables["attendances"] = Rows(**columns)
    else:
        state.tables["attendances"].add(**columns)


def _walk_in(state: Borough, rng: np.random.Generator, first: int, last: int) -> tuple[Array, Array]:
    """People and days of attendances that end in nothing more; some people come far more often than others."""
    p = state.people
    rows = np.flatnonzero((p["birth"] < last) & (p["death"] > first) & (p["left"] > first) & (p["arrived"] <= last))
    age = np.maximum(state.age(rows, first), 0)
    weight = np.interp(age, _AGES, _BY_AGE) * np.exp(0.45 * p["z"][rows] + 0.12 * state.deprivation(rows))
    weight *= (1 + 0.18 * np.minimum(burden(state)[rows], 6)) * hos.often(state, rows)
    weight *= np.where(p["kind"][rows] == hh.ROUGH, 5.0, 1.0)
    total = YEARLY_RATE / 1000 * len(rows) * (last - first + 1) / YEAR
    who = np.repeat(rows, rng.poisson(weight * total / max(weight.sum(), 1e-9)))
    day = rng.integers(first, last + 1, len(who))
    there = (day >= p["arrived"][who]) & (day > p["birth"][who]) & (day < p["left"][who]) & (day < p["death"][who])
    return who[there], day[there]


def _apart(who: Array, day: Array, spell: Array) -> Array:
    """Rows in order of person and day, without those within a day of another of the person's; admissions stay."""
    order = np.lexsort((spell == NONE, day, who))
    w, d, free = who[order], day[order], spell[order] == NONE
    near = (w[1:] == w[:-1]) & (d[1:] - d[:-1] <= 1)
    after = np.r_[False, near]
    before_admission = np.r_[near & ~free[1:], False]
    return order[~(free & (after | before_admission))]


def _minute(rng: np.random.Generator, size: int) -> Array:
    """Minutes of the day at which people arrive: few by night, most from ten to eight."""
    hours = np.array([2, 2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 7, 7, 7, 7, 7, 7, 7, 7, 6, 5, 4, 3], float)
    return pick_one(rng, hours, size) * 60 + rng.integers(0, 60, size)


def _complain(state: Borough, rng: np.random.Generator, who: Array, day: Array) -> Array:
    table, age = complaints(), state.age(who, day)
    low, high, weight = (table[name].to_numpy() for name in ("low", "high", "weight"))
    fits = (age[:, None] >= low) & (age[:, None] < high)
    edges = np.cumsum(fits * weight, axis=1)
    return (rng.random(len(who))[:, None] * edges[:, -1:] >= edges).sum(axis=1).clip(0, table.height - 1)
