"""Who is admitted to hospital and when: by need, again within a month, for births and in the last illness."""

from __future__ import annotations

import numpy as np

from synthetic_data.services.health.spells import add_spells, no_spells
from synthetic_data.services.health.stay_codes import BIRTH, DAYCASE, DELIVERY, ELECTIVE, EMERGENCY
from synthetic_data.world import households as hh
from synthetic_data.world import planted
from synthetic_data.world.conditions import burden, members, number_of
from synthetic_data.world.rows import NEVER, NONE, Array, stream
from synthetic_data.world.state import YEAR, Borough, stable

# Spells a year for 1,000 people (DOMAIN §6.4 for emergencies), and relative rates by age.
YEARLY_RATE = {EMERGENCY: 75.0, ELECTIVE: 18.0, DAYCASE: 62.0}
_AGES = np.array([0, 1, 5, 15, 25, 45, 65, 75, 85, 100])
_BY_AGE = {
    EMERGENCY: (2.6, 1.6, 0.5, 0.45, 0.55, 0.9, 2.2, 3.8, 6.5, 8.0),
    ELECTIVE: (0.1, 0.4, 0.5, 0.5, 0.7, 1.5, 3.0, 3.5, 2.0, 0.5),
    DAYCASE: (0.0, 0.3, 0.6, 0.4, 0.6, 1.5, 3.2, 3.6, 2.0, 0.6),
}
BACK_AGAIN = 0.075  # of emergency stays of people with no condition: another within thirty days
DIES_IN_HOSPITAL = 0.48
Part = tuple[Array, Array, Array]  # people, days of admission, kinds


def admit(state: Borough, label: str, first: int, last: int) -> Array:
    """Add the spells that begin between two days; returns their rows."""
    p = state.people
    if "spells" not in state.tables:
        state.tables["spells"] = no_spells()
        p["out"] = np.full(len(p), -NEVER)
    rng = stream(state.seed, label, "hospital")
    here = (p["birth"] < last) & (p["death"] > first) & (p["left"] > first) & (p["arrived"] <= last)
    rows = np.flatnonzero(here)
    conditions = np.minimum(burden(state)[rows], 6)
    parts = [_wanted(state, rng, rows, kind, first, last, conditions) for kind in YEARLY_RATE]
    parts += _births(state, rng, first, last)
    children, dying = _asthma(state, rng, rows, first, last), _last_illness(state, rng, first, last)
    parts += [children, dying]
    who, when, kind = (np.concatenate([part[i] for part in parts]) for i in range(3))
    asthma, final = (
        np.concatenate([np.full(len(part[0]), part is one) for part in parts]) for one in (children, dying)
    )
    ends = np.where(final, p["death"][who], NONE)  # a last illness ends with the death
    spells = add_spells(state, rng, who, when, kind, asthma=asthma, ends=ends)
    who, when = _back_again(state, first, last)
    return np.r_[spells, add_spells(state, rng, who, when, np.full(len(who), EMERGENCY))]


def _back_again(state: Borough, first: int, last: int) -> tuple[Array, Array]:
    """People who are back between two days, within thirty days of going home from an emergency stay, and on which day.

    Whether and when is a stay's own, so that it does not matter in which month one asks.
    """
    spells, p = state.tables["spells"], state.people
    rows = np.flatnonzero(
        (spells["kind"] == EMERGENCY) & (spells["discharged"] >= first - 30) & (spells["discharged"] < last)
    )
    who = spells["person"][rows]
    chance = BACK_AGAIN * (1 + 0.25 * np.minimum(burden(state)[who], 4))
    chance *= np.where(state.age(who, first) > 75, 1.3, 1.0)
    rows = rows[(stable(state, "back again", rows) < chance) & (p["home_on"][who] < first - 30)]
    day = spells["discharged"][rows] + 2 + (stable(state, "back again on", rows) ** 1.5 * 28).astype(np.int64)
    due = (day >= first) & (day <= last)
    return spells["person"][rows[due]], day[due]


def admit_over(state: Borough, rng: np.random.Generator, who: Array, day: Array) -> None:
    """An emergency stay that covers a given day."""
    ends = day + rng.integers(1, 12, len(who))
    add_spells(state, rng, who, day - rng.integers(1, 10, len(who)), np.full(len(who), EMERGENCY), ends=ends)


def _wanted(
    state: Borough, rng: np.random.Generator, rows: Array, kind: int, first: int, last: int, conditions: Array
) -> Part:
    p = state.people
    age = np.maximum(state.age(rows, first), 0)
    weight = np.interp(age, _AGES, _BY_AGE[kind]) * np.exp(0.5 * p["z"][rows] - 0.125)
    weight *= 1 + (0.6 if kind == EMERGENCY else 0.3) * conditions
    if kind == EMERGENCY:
        weight *= often(state, rows)
        weight *= np.where(p["kind"][rows] == hh.ROUGH, 4.0, 1.0)
        weight = _sloped(state, rows, weight)
    total = YEARLY_RATE[kind] / 1000 * len(rows) * (last - first + 1) / YEAR
    count = rng.poisson(weight * total / max(weight.sum(), 1e-9))
    who = np.repeat(rows, count)
    return who, rng.integers(first, last + 1, len(who)), np.full(len(who), kind)


def often(state: Borough, rows: Array) -> Array:
    """How much more often than others of their kind each person comes in an emergency, about 1 on average.

    A few come again and again: a long tail, so that about one stay in seven follows another within thirty days.
    """
    return 0.25 + 0.75 * (-np.log(1 - stable(state, "emergency", rows))) ** 1.6 / 1.4296  # type: ignore[no-any-return]


def _sloped(state: Borough, rows: Array, weight: Array) -> Array:
    """Weights scaled so that rates by IMD quintile stand to each other as planted."""
    fifth = planted.quintile(state, rows)
    mean = np.bincount(fifth, weight, minlength=6) / np.maximum(np.bincount(fifth, minlength=6), 1)
    wanted = np.r_[1.3, planted.EMERGENCY_BY_QUINTILE]
    return weight * (wanted / np.where(mean > 0, mean, 1.0))[fifth]  # type: ignore[no-any-return]


def _asthma(state: Borough, rng: np.random.Generator, rows: Array, first: int, last: int) -> Part:
    """Children with asthma or wheeze, several times as often in one ward; no other child is given these diagnoses."""
    age = state.age(rows, first)
    children = rows[(age >= 1) & (age < 18)]
    asthmatic = members(state)[children, number_of("AST")]
    there = planted.in_asthma_ward(state, children)
    risk = np.where(asthmatic, 8.0, 1.0)
    for part in (there, ~there):  # the same mean on both sides, so the ratio is the planted one
        risk[part] /= max(risk[part].mean() if part.any() else 1.0, 1e-9)
    yearly = planted.ASTHMA_BASE / 1000 * np.where(there, planted.ASTHMA_TIMES, 1.0) * risk
    who = np.repeat(children, rng.poisson(yearly * (last - first + 1) / YEAR))
    return who, rng.integers(first, last + 1, len(who)), np.full(len(who), EMERGENCY)


def _births(state: Borough, rng: np.random.Generator, first: int, last: int) -> list[Part]:
    p = state.people
    babies = np.flatnonzero(
        (p["birth"] >= first) & (p["birth"] <= last) & (p["arrived"] == p["birth"]) & (p["mother"] >= 0)
    )
    babies = babies[rng.random(len(babies)) < 0.97]
    mothers, at = np.unique(p["mother"][babies], return_index=True)
    day = p["birth"][babies]
    return [
        (babies, day, np.full(len(babies), BIRTH)),
        (mothers, day[at] - (rng.random(len(at)) < 0.4), np.full(len(at), DELIVERY)),
    ]


def _last_illness(state: Borough, rng: np.random.Generator, first: int, last: int) -> Part:
    p = state.people
    dying = np.flatnonzero(
        (p["death"] >= first) & (p["death"] <= last) & (p["left"] > p["death"]) & (p["arrived"] < first)
    )
    dying = dying[rng.random(len(dying)) < DIES_IN_HOSPITAL]
    day = np.maximum(p["death"][dying] - rng.integers(0, 14, len(dying)), np.maximum(first, p["birth"][dying]))
    return dying, day, np.full(len(dying), EMERGENCY)
