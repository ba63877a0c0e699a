"""Those who died in the year before the first month: the register of deaths, and files of the past, need them."""

from __future__ import annotations

import numpy as np

from synthetic_data.world.conditions import number_of
from synthetic_data.world.months import yearly_deaths
from synthetic_data.world.names import own_names
from synthetic_data.world.practice_lists import add_registrations
from synthetic_data.world.rows import NEVER, NONE, Array, pick_share, stream
from synthetic_data.world.state import YEAR, Borough, nhs_numbers

YOUNGEST = 20  # children's deaths are few, and a child that was is missed by more than a register
WITHOUT_GP = 0.03
PALLIATIVE = 0.22


def bury(state: Borough, first: int) -> Array:
    """People who died between the first day and the eve, as many as a year's chances give; returns their rows.

    Each is like somebody of the borough with as much reason to die: age, group, frailty, conditions, kind of home.
    """
    rng = stream(state.seed, "start", "past deaths")
    p, eve = state.people, state.today
    here = np.flatnonzero(state.is_resident(eve))
    here = here[(state.age(here, eve) >= YOUNGEST + 2) & (p["home"][here] >= 0)]
    chance = yearly_deaths(state, here, eve) * (eve - first + 1) / YEAR
    like = here[pick_share(rng, chance, round(chance.sum()))]
    start, count = len(p), len(like)
    death = first + rng.integers(0, eve - first + 1, count)
    birth = p["birth"][like] + rng.integers(-500, 500, count)
    arrived = np.maximum(np.minimum(p["arrived"][like], death - 300 - rng.integers(0, 2000, count)), birth)
    rows = p.add(
        birth=birth, sex=p["sex"][like], eth=p["eth"][like], **own_names(rng, p["eth"][like], p["sex"][like]),
        home=p["home"][like], kind=p["kind"][like], abroad=p["abroad"][like], z=p["z"][like] + 0.3, death=death,
        house=np.arange(count) + int(p["house"].max()) + 1, arrived=arrived, moved=arrived,
        nhs=nhs_numbers(state.seed, np.arange(start, start + count)),
    )  # fmt: skip
    on_list = rows[rng.random(count) >= WITHOUT_GP]
    listed = add_registrations(state, on_list, np.minimum(p["arrived"][on_list] + 60, p["death"][on_list] - 100), rng)
    close_lists(state, rng, listed)
    _remember(state, rng, like, rows)
    return rows


def close_lists(state: Borough, rng: np.random.Generator, died: Array) -> None:
    """End registrations of people who have died: most within two weeks, some after months."""
    r = state.registrations
    lag = np.where(rng.random(len(died)) < 0.8, rng.integers(1, 15, len(died)), rng.integers(15, 90, len(died)))
    r["death_seen"][died] = state.people["death"][r["person"][died]] + lag
    r["end"][died] = r["death_seen"][died]


def _remember(state: Borough, rng: np.random.Generator, like: Array, rows: Array) -> None:
    """Their coded conditions: those of the people they were made after, and palliative care for some."""
    c, p = state.conditions, state.people
    place = np.full(len(p), NONE)
    place[like] = rows
    mine = np.flatnonzero((place[c["person"]] >= 0) & (c["resolved"] == NEVER))
    person = place[c["person"][mine]]
    mine, person = mine[c["onset"][mine] < p["death"][person] - 5], person[c["onset"][mine] < p["death"][person] - 5]
    late = np.maximum(c["onset"][mine], p["birth"][person] + 40)
    c.add(person=person, register=c["register"][mine], onset=late, resolved=np.full(len(mine), NEVER))
    cared = np.setdiff1d(rows[rng.random(len(rows)) < PALLIATIVE], person[c["register"][mine] == number_of("PC")])
    c.add(
        person=cared, register=np.full(len(cared), number_of("PC")), resolved=np.full(len(cared), NEVER),
        onset=np.maximum(p["death"][cared] - 10 - rng.integers(0, 300, len(cared)), p["birth"][cared] + 40),
    )  # fmt: skip
