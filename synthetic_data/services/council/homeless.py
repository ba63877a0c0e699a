"""Households that are homeless or about to be: cases, the duties owed to them, and where they are put up.

A household put up in the borough lives at the address of the placement; one put up outside it keeps its home here in
every other source, as the real ones keep their doctor and their school. Rough sleepers ask for help too.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world import households as hh
from synthetic_data.world.calendar import year_to
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, Array, Rows, pick_one, pick_share, stream
from synthetic_data.world.state import HALL_HOME, PRIVATE, YEAR, Borough, stable

ASSESSED_YEARLY = 0.021  # of households, in a year
HOUSED_TEMPORARILY = 0.022  # of households, at any time
STAY_YEARS = 3.2
OUT_OF_BOROUGH = 0.47  # of placements
DUTY_SHARE = (0.38, 0.47, 0.0, 0.10, 0.05)  # prevention, relief, main (follows relief), none, ineligible
REASON_SHARE = (0.29, 0.24, 0.11, 0.08, 0.05, 0.03, 0.03, 0.07, 0.10)
DUTY_DAYS = 56
PREVENTION, RELIEF, MAIN, NOT_OWED, INELIGIBLE = range(5)


def begin(state: Borough) -> None:
    """Households in temporary accommodation on the day before the first month, and a year of cases."""
    state.tables["cases"] = Rows(
        house=np.zeros(0, np.int64), lead=np.zeros(0, np.int64), opened=np.zeros(0, np.int32), duty=np.zeros(0,
        np.int8),
        until=np.zeros(0, np.int32), main=np.zeros(0, np.int32), end=np.zeros(0, np.int32), stay=np.zeros(0, np.int32),
        stay_end=np.zeros(0, np.int32), away=np.zeros(0, bool), home=np.zeros(0, np.int32), place=np.zeros(0, np.int32),
        kind=np.zeros(0, np.int8), reason=np.zeros(0, np.int8), result=np.zeros(0, np.int8),
    )  # fmt: skip
    state.tables["case_people"] = Rows(
        person=np.zeros(0, np.int64),
        case=np.zeros(0, np.int64),
        number=np.zeros(0, np.int16),
        role=np.zeros(0, np.int8),
    )
    _house(state, "start", -NEVER)
    _assess(state, "start", year_to(state.today), 365)


def advance(state: Borough, label: str, first: int) -> None:
    """Stays that end, new cases, and as many new stays as keep the number."""
    cases, p = state.tables["cases"], state.people
    rng = stream(state.seed, label, "homeless end")
    over = (cases["stay_end"] == NEVER) & (cases["stay"] != NEVER)
    over &= (rng.random(len(cases)) < 1 / 12 / STAY_YEARS) | (p["left"][cases["lead"]] <= state.today)
    over |= (cases["stay_end"] == NEVER) & (cases["stay"] != NEVER) & (p["death"][cases["lead"]] <= state.today)
    moved = cases["home"] != p["home"][cases["lead"]]
    over |= (cases["stay_end"] == NEVER) & (cases["stay"] != NEVER) & ~cases["away"] & moved
    day = rng.integers(first, state.today + 1, len(cases))
    last = np.minimum(p["left"][cases["lead"]], p["death"][cases["lead"]])
    cases["stay_end"] = np.where(over, np.maximum(np.minimum(day, last), cases["stay"]), cases["stay_end"]).astype(
        np.int32
    )
    cases["end"] = np.where(over & (cases["main"] != NEVER), cases["stay_end"], cases["end"]).astype(np.int32)
    _assess(state, label, first, state.today - first + 1)
    _house(state, label, first)


def _heads(state: Borough) -> tuple[Array, Array, Array]:
    """(eldest adult under 66 of each household or rough sleeper, its size, its children)."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(state.today) & np.isin(p["kind"], (hh.NORMAL, hh.ROUGH)))
    age = state.age(rows, state.today)
    order = np.lexsort((-np.where(age < 66, age, age / 10), p["house"][rows]))
    rows, age = rows[order], age[order]
    first = np.flatnonzero(np.r_[True, np.diff(p["house"][rows]) != 0]) if len(rows) else np.zeros(0, int)
    size = np.diff(np.r_[first, len(rows)])
    young = np.add.reduceat((age < 18).astype(int), first) if len(first) else first
    grown = age[first] >= 18
    return rows[first][grown], size[grown], young[grown]


def _likely(state: Borough, heads: Array, young: Array) -> Array:
    """How readily a household loses its home."""
    p = state.people
    home = p["home"][heads]
    tenure = np.where(home >= 0, state.homes["tenure"][np.maximum(home, 0)], PRIVATE)
    weight = np.where(tenure == PRIVATE, 3.0, 0.6) * np.exp(0.5 * state.deprivation(heads) + 0.3 * p["z"][heads])
    weight = weight * np.where(young > 0, 1.6, 1.0) * np.where(p["kind"][heads] == hh.ROUGH, 25.0, 1.0)
    ill = members(state)[heads][:, [number_of(name) for name in ("MH", "DEP", "LD", "COPD")]].any(axis=1)
    weight = weight * np.where(ill, 3.0, 1.0)
    return weight * (tenure < HALL_HOME) * np.where(state.age(heads, state.today) < 45, 1.5, 0.7)


def _assess(state: Borough, label: str, first: int, days: int) -> None:
    """Cases that come in over some days, with the duty found and its end; none of them housed here."""
    heads, size, young = _heads(state)
    rng = stream(state.seed, label, "homeless")
    held = np.isin(state.people["house"][heads], state.tables["cases"]["house"])
    count = round(ASSESSED_YEARLY * len(heads) * days / 365)
    at = pick_share(rng, _likely(state, heads, young) * ~held, count)
    opened = first + (rng.random(len(at)) * days).astype(int)
    there = opened > np.maximum(state.people["arrived"][heads[at]], state.people["birth"][heads[at]] + int(18 * YEAR))
    there &= opened <= state.today
    at, opened = at[there], opened[there]
    duty = np.array([PREVENTION, RELIEF, MAIN, NOT_OWED, INELIGIBLE])[pick_one(rng, DUTY_SHARE, len(at))]
    _open(state, rng, heads[at], size[at], young[at], opened, duty, np.full(len(at), NEVER), np.full(len(at), False))


def _house(state: Borough, label: str, first: int) -> None:
    """Households now put up, until the share is met: those here moved into where they are when the stay began."""
    cases, p = state.tables["cases"], state.people
    heads, size, young = _heads(state)
    rng = stream(state.seed, label, "temporary")
    live = (cases["stay"] != NEVER) & (cases["stay_end"] == NEVER)
    count = round(HOUSED_TEMPORARILY * len(heads)) - int(live.sum())
    free = ~np.isin(p["house"][heads], cases["house"]) & (p["home"][heads] >= 0)
    tenure = np.where(p["home"][heads] >= 0, state.homes["tenure"][np.maximum(p["home"][heads], 0)], 9)
    at = pick_share(
        rng, _likely(state, heads, young) * free * (tenure == PRIVATE) * np.where(young > 0, 4.0, 1.0), max(count, 0)
    )
    who = heads[at]
    away = rng.random(len(at)) < OUT_OF_BOROUGH
    long = state.today - (rng.exponential(STAY_YEARS, len(at)) * YEAR).astype(int)
    lately = state.today - (rng.random(len(at)) * (state.today - max(first, 0) + 1)).astype(int)
    since = long if first == -NEVER else lately
    grown = np.maximum(p["arrived"][who], p["birth"][who] + int(18 * YEAR)) + 60
    stay = np.where(away, np.maximum(since, grown), np.maximum(p["moved"][who], grown))
    kept = stay < state.today
    at, stay, away = at[kept], stay[kept], away[kept]
    opened = stay - rng.integers(2, 50, len(at))
    _open(state, rng, heads[at], size[at], young[at], opened, np.full(len(at), RELIEF), stay, away)


def _open(
    state: Borough, rng: np.random.Generator, lead: Array, size: Array, young: Array, opened: Array, duty: Array,
    stay: Array, away: Array,
) -> None:  # fmt: skip
    """Cases with their duties and people; a household that is put up is owed the main duty once relief has ended."""
    cases, p, n = state.tables["cases"], state.people, len(lead)
    housed = stay != NEVER
    length = np.where(housed | (rng.random(n) < 0.4), DUTY_DAYS, rng.integers(5, 150, n))
    until = np.where(duty >= NOT_OWED, opened + 3, opened + length)
    main = np.where(housed, until + 5, NEVER)
    couple = p["partner"][lead] >= 0
    female = p["sex"][lead] == 2
    kind = np.select([young > 0, size == 1], [np.where(couple, 3, np.where(female, 5, 4)), np.where(female, 1, 0)],
                     np.where(couple & (size == 2), 2, np.where(size > 2, 6, 7)))  # fmt: skip
    beyond = np.flatnonzero(state.homes["area"] >= len(bor.place().lsoa))
    number = cases.add(
        house=p["house"][lead], lead=lead, opened=opened, duty=duty, until=until, main=main, end=np.full(n, NEVER),
        stay=stay, stay_end=np.full(n, NEVER), away=away, home=p["home"][lead],
        place=np.where(away, beyond[rng.integers(0, len(beyond), n)], p["home"][lead]), kind=kind,
        reason=pick_one(rng, REASON_SHARE, n), result=pick_one(rng, (0.35, 0.2, 0.1, 0.1, 0.1, 0.15), n),
    )  # fmt: skip
    _people(state, number, lead)


def _people(state: Borough, number: Array, lead: Array) -> None:
    """The applicant, the partner, and those who live with them when the case is opened."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(state.today) & np.isin(p["house"], p["house"][lead]))
    order = np.argsort(p["house"][lead])
    at = order[np.searchsorted(p["house"][lead][order], p["house"][rows])]
    head = lead[at]
    role = np.select([rows == head, p["partner"][head] == rows, state.age(rows, state.today) < 19], [0, 1, 2], 3)
    placed = np.lexsort((rows, role, at))
    rows, at, role = rows[placed], at[placed], role[placed]
    first = np.r_[True, np.diff(at) != 0] if len(at) else np.zeros(0, bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(at)), 0)) if len(at) else np.zeros(0, int)
    place = np.arange(len(at)) - starts + 1
    early = place <= 12
    state.tables["case_people"].add(person=rows[early], case=number[at[early]], number=place[early], role=role[early])


def needs(state: Borough, lead: Array) -> Array:
    """case × support need (of the H-CLIC list): from conditions, age and where the applicant has slept."""
    has, age, p = members(state)[lead], state.age(lead, state.today), state.people
    roll = stable(state, "support", lead)
    return np.stack(
        [
            has[:, number_of("DEP")] | has[:, number_of("MH")] | (roll < 0.13), roll % 0.1 < 0.018,
            (roll * 7) % 1 < 0.14, (roll * 13) % 1 < 0.065,
            (roll * 17) % 1 < 0.05, (roll * 19) % 1 < 0.08, p["kind"][lead] == hh.ROUGH,
            (age < 25) & ((roll * 23) % 1 < 0.1), has[:, number_of("LD")], (age < 21) & (p["sex"][lead] == 2), age > 70,
            (roll * 29) % 1 < 0.08,
        ],
        axis=1,
    )  # fmt: skip
