"""A month passing: deaths, children left alone, births; and in their order moves and what lists make of it."""

from __future__ import annotations

import numpy as np

from synthetic_data.world import households as hh
from synthetic_data.world import pregnancies
from synthetic_data.world.moves import arrive, leave, move
from synthetic_data.world.names import family_names, own_names
from synthetic_data.world.practice_lists import keep_lists
from synthetic_data.world.rows import NEVER, Array, stream
from synthetic_data.world.state import Borough, nhs_numbers

GROWTH_MONTHLY = 0.0005


def pass_month(state: Borough, month: str, first: int, last: int) -> None:
    """Move everything on to the last day of the month; `first` and `last` are its days."""
    days = last - first + 1

    def chance(name: str) -> np.random.Generator:
        return stream(state.seed, month, name)

    state.today = last
    _deaths(state, chance("deaths"), first, days)
    _rehome_orphans(state, last)
    left = leave(state, chance("leave"), first, days)
    move(state, chance("move"), first, days)
    born = _births(state, chance("births"), first, last)
    died = int(((state.people["death"] >= first) & (state.people["death"] <= last)).sum())
    wanted = len(left) + died - len(born) + round(GROWTH_MONTHLY * state.is_resident(last).sum())
    arrive(state, chance("arrive"), max(0, wanted), first, days)
    keep_lists(state, chance("lists"), first, last, days)


def yearly_deaths(state: Borough, rows: Array, on: int) -> Array:
    """Deaths a year that people of this age, frailty, deprivation and kind of home are to expect."""
    p = state.people
    age = state.age(rows, on)
    yearly = np.exp(-10.65 + 0.096 * age) + np.where(age < 1, 0.0035, 0.0001)
    frailty = np.exp(0.55 * p["z"][rows] - 0.15 + 0.12 * state.deprivation(rows))
    return yearly * frailty * np.where(p["kind"][rows] == hh.CARE_HOME, 3.0, 1.0)  # type: ignore[no-any-return]


def _deaths(state: Borough, rng: np.random.Generator, first: int, days: int) -> None:
    p = state.people
    rows = np.flatnonzero(state.is_alive(first - 1))
    spared = (p["safe_until"][rows] >= first + days) | (p["death"][rows] != NEVER)
    dead = rows[(rng.random(len(rows)) < np.minimum(0.5, yearly_deaths(state, rows, first) / 12)) & ~spared]
    p["death"][dead] = first + rng.integers(0, days, len(dead))
    p["death"][dead] = np.maximum(p["death"][dead], p["birth"][dead] + 1)


def _rehome_orphans(state: Borough, last: int) -> None:
    """Children whose last adult died are taken in by kin elsewhere, out of the borough."""
    p = state.people
    here = np.flatnonzero(state.is_resident(last) & (p["kind"] == hh.NORMAL))
    grown = np.zeros(int(p["house"].max()) + 1, bool)
    grown[p["house"][here[state.age(here, last) >= 16]]] = True
    alone = here[~grown[p["house"][here]]]
    p["left"][alone] = np.maximum(last, p["birth"][alone] + 1)


def _births(state: Borough, rng: np.random.Generator, first: int, last: int) -> Array:
    """The babies of the pregnancies that end in the month, of mothers still here; some are twins."""
    p = state.people
    due = pregnancies.due(state, first, last)
    twins = rng.random(len(due)) < 0.016
    due = np.r_[due, due[twins]]
    mother, birth = (state.tables["pregnancies"][name][due] for name in ("person", "delivery"))
    father = p["partner"][mother]
    father = np.where((father >= 0) & (p["left"][father] > birth), father, -1)
    eth = np.where((father >= 0) & (rng.random(len(mother)) < 0.4), p["eth"][np.maximum(father, 0)], p["eth"][mother])
    sex = 1 + (rng.random(len(mother)) < 0.488)
    start = len(p)
    new = p.add(
        birth=birth,
        pregnancy=due,
        sex=sex,
        eth=eth,
        **own_names(rng, eth, sex),
        mother=mother,
        father=father,
        house=p["house"][mother],
        home=p["home"][mother],
        moved=birth,
        arrived=birth,
        z=rng.normal(0, 1, len(mother)),
        nhs=nhs_numbers(state.seed, np.arange(start, start + len(mother))),
    )
    family_names(rng, p, new)
    return new
