"""Households on the move: away, within the borough and from elsewhere, into homes that stand empty."""

from __future__ import annotations

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world import households as hh
from synthetic_data.world.names import family_names, own_names
from synthetic_data.world.practice_lists import add_registrations, open_registrations
from synthetic_data.world.rows import NONE, Array, pick_one, pick_share
from synthetic_data.world.state import ASSOCIATION, COUNCIL, HALL_HOME, YEAR, Borough, heap_births, nhs_numbers

LEAVE_MONTHLY = 0.0116  # of households, each month; with moves inside the borough, one person in five moves in a year
MOVE_MONTHLY = 0.0096
STAY_ON_LIST = 0.28  # of those who leave, stay on the list for now
LIST_CLEANING = 0.033  # of the gone, each month, taken off
SWITCH_PRACTICE = 0.3  # of households that move inside the borough


def clone_households(state: Borough, rng: np.random.Generator, count: int, today: int, exact: bool = False) -> Array:
    """About (or exactly) `count` new people, in households shaped like those here now; not yet housed or listed.

    A household is up to 300 days older than its model, all of it together, so families stay possible.
    """
    p = state.people
    model = np.flatnonzero(state.is_resident(today) & (p["kind"] == hh.NORMAL) & (p["house"] >= 0))
    houses, place, size = np.unique(p["house"][model], return_inverse=True, return_counts=True)
    recent = np.zeros(len(houses), bool)
    recent[place[(today - p["moved"][model]) < 3 * YEAR]] = True
    key = rng.exponential(size=len(houses)) / np.where(recent, 4.0, 1.0) * size**0.3
    order = np.argsort(key)
    chosen = order[np.cumsum(size[order]) <= count]
    if exact and (short := count - int(size[chosen].sum())):
        single = order[size[order] == 1]
        chosen = np.r_[chosen, np.setdiff1d(single, chosen, assume_unique=True)[:short]]
    rank = np.full(len(houses), -1)
    rank[chosen] = np.arange(len(chosen))
    rows = model[rank[place] >= 0]
    rows = rows[np.argsort(rank[place[rank[place] >= 0]], kind="stable")]
    return _copy(state, rng, rows, today)


def _copy(state: Borough, rng: np.random.Generator, rows: Array, today: int) -> Array:
    p = state.people
    start = len(p)
    position = np.full(start, -1, np.int64)
    position[rows] = np.arange(len(rows)) + start

    def linked(name: str) -> Array:
        old = p[name][rows]
        return np.where(old >= 0, position[np.maximum(old, 0)], -1)

    _, house = np.unique(p["house"][rows], return_inverse=True)
    older = rng.integers(0, 300, int(house.max(initial=-1)) + 1)[house]
    eth, sex = p["eth"][rows], p["sex"][rows]
    birth = (p["birth"][rows] - older).astype(np.int32)
    abroad = p["abroad"][rows] | (rng.random(len(rows)) < 0.25)
    birth = heap_births(rng, birth, abroad & (today - birth > 20 * YEAR) & (p["mother"][rows] < 0), eth)
    new = p.add(
        birth=birth, sex=sex, eth=eth, **own_names(rng, eth, sex), house=house + p["house"].max() + 1, abroad=abroad,
        mother=linked("mother"), father=linked("father"), partner=linked("partner"),
        home=np.full(len(rows), NONE), z=rng.normal(0, 1, len(rows)),
        nhs=nhs_numbers(state.seed, np.arange(start, start + len(rows))),
        moved=np.full(len(rows), today), arrived=np.full(len(rows), today),
    )  # fmt: skip
    family_names(rng, p, new)
    return new


def _households_of(state: Borough, on: int) -> tuple[Array, Array, Array]:
    """(residents in ordinary households, their household's place in the list, the households)."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(on) & (p["kind"] == hh.NORMAL) & (p["home"] >= 0))
    houses, place = np.unique(p["house"][rows], return_inverse=True)
    return rows, place, houses


def _restless(state: Borough, rows: Array, place: Array, houses: Array) -> Array:
    """How readily each household moves: private tenants five times as readily as others."""
    tenure = np.zeros(len(houses), int)
    tenure[place] = state.homes["tenure"][state.people["home"][rows]]
    return np.where(tenure == 1, 5.0, 1.0)


def leave(state: Borough, rng: np.random.Generator, first: int, days: int) -> Array:
    """Some households leave the borough; most come off the list, some linger on it."""
    p, r = state.people, state.registrations
    rows, place, houses = _households_of(state, state.today)
    go, wish = np.zeros(len(houses), bool), _restless(state, rows, place, houses)
    wish[place[p["safe_until"][rows] >= first]] = 0
    go[pick_share(rng, wish, round(LEAVE_MONTHLY * len(houses)))] = True
    when = first + rng.integers(0, days, len(houses))
    out = rows[go[place]]
    p["left"][out] = np.maximum(when[place[go[place]]], np.maximum(p["arrived"][out], p["birth"][out]) + 1)
    open_now = open_registrations(state, state.today)
    gone_now = np.isin(r["person"][open_now], out)
    closing = open_now[gone_now & (rng.random(len(open_now)) > STAY_ON_LIST)]
    r["end"][closing] = np.minimum(p["left"][r["person"][closing]] + rng.integers(0, 20, len(closing)), state.today)
    lingering = open_now[(p["left"][r["person"][open_now]] < first) & ~p["outside"][r["person"][open_now]]]
    cleaned = lingering[rng.random(len(lingering)) < LIST_CLEANING]
    r["end"][cleaned] = first + rng.integers(0, days, len(cleaned))
    _note_vacancies(state)
    return out


def _note_vacancies(state: Borough) -> None:
    homes = state.homes
    lived_in = np.zeros(len(homes), bool)
    here = state.people["home"][state.is_resident(state.today)]
    lived_in[here[here >= 0]] = True
    homes["vacant"] = ~lived_in & (homes["area"] < len(bor.place().lsoa)) & (homes["tenure"] < HALL_HOME)


def _find_homes(state: Borough, rng: np.random.Generator, tenure: Array) -> Array:
    """A vacant home for each wanted tenure, of that tenure while there are any, each used once."""
    homes = state.homes
    vacant = np.flatnonzero(homes["vacant"])
    vacant = vacant[rng.permutation(len(vacant))]
    out = np.full(len(tenure), NONE, np.int64)
    social = np.isin(homes["tenure"][vacant], (COUNCIL, ASSOCIATION))
    for wanted, of in (
        (np.isin(tenure, (COUNCIL, ASSOCIATION)), social),
        (~np.isin(tenure, (COUNCIL, ASSOCIATION)), ~social),
    ):
        rows, pool = np.flatnonzero(wanted), vacant[of]
        n = min(len(rows), len(pool))
        out[rows[:n]] = pool[:n]
    rest = np.flatnonzero(out < 0)
    pool = np.setdiff1d(vacant, out, assume_unique=False)
    out[rest[: len(pool)]] = pool[: len(rest)]
    homes["vacant"][out[out >= 0]] = False
    return out


def move(state: Borough, rng: np.random.Generator, first: int, days: int) -> None:
    """Some households move inside the borough; a third of them change practice."""
    p, r = state.people, state.registrations
    rows, place, houses = _households_of(state, state.today)
    go = np.sort(pick_share(rng, _restless(state, rows, place, houses), round(MOVE_MONTHLY * len(houses))))
    tenure = np.zeros(len(houses), int)
    tenure[place] = state.homes["tenure"][p["home"][rows]]
    new_home = np.full(len(houses), NONE, np.int64)
    new_home[go] = _find_homes(state, rng, tenure[go])
    when = first + rng.integers(0, days, len(houses))
    moving = new_home[place] >= 0
    who, at = rows[moving], place[moving]
    p["home_before"][who] = p["home"][who]
    p["home"][who] = new_home[at]
    p["moved"][who] = np.maximum(when[at], p["birth"][who])
    switch = rng.random(len(houses)) < SWITCH_PRACTICE
    changing = np.zeros(len(p), bool)
    changing[who[switch[at]]] = True
    old = open_registrations(state, state.today)
    old = old[changing[r["person"][old]] & ~r["extra"][old]]
    person = r["person"][old]
    r["end"][old] = np.minimum(np.maximum(p["moved"][person] + 5, r["start"][old] + 1), state.today)
    add_registrations(state, person, r["end"][old], rng)
    _note_vacancies(state)


def arrive(state: Borough, rng: np.random.Generator, count: int, first: int, days: int) -> None:
    """New households come from elsewhere, most into private lets."""
    p = state.people
    rows = clone_households(state, rng, count, first - 1)
    if len(rows) == 0:
        return
    houses, place = np.unique(p["house"][rows], return_inverse=True)
    homes = _find_homes(state, rng, pick_one(rng, (0.15, 0.75, 0.04, 0.06), len(houses)))
    p["home"][rows] = homes[place]
    p["kind"][rows[homes[place] < 0]] = hh.ROUGH
    when = first + rng.integers(0, days, len(houses))
    p["arrived"][rows] = p["moved"][rows] = when[place]
