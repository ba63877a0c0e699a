"""Practice lists: who registers where, who is on a list, and how late lists hear of newcomers and the dead."""

from __future__ import annotations

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world.rows import NEVER, Array, Rows, pick_share, scattered
from synthetic_data.world.state import Borough

NO_GP = 0.05  # residents on no list
IN_LOCALITY = 0.8  # choose a practice of their own locality


def add_registrations(state: Borough, rows: Array, start: Array | None, rng: np.random.Generator) -> Array:
    """Put people on a practice's list, families on one list; `start` None means some weeks after they came."""
    p, practices = state.people, state.practices
    home = p["home"][rows]
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], 0)
    names = np.unique(practices["locality"])
    inside = area < len(bor.place().lsoa)
    locality = np.searchsorted(names, bor.place().locality[np.where(inside, area, 0)])
    table = np.array(
        [
            practices["size"] * np.where(practices["locality"] == name, 1.0, (1 - IN_LOCALITY) / IN_LOCALITY / 3)
            for name in names
        ]
    )
    edges = np.cumsum(table, axis=1)
    edges /= edges[:, -1:]
    point = (scattered(p["house"][rows], 999_983, state.seed) + 0.5) / 999_983
    apart = rng.random(len(rows)) < 0.06  # a few go elsewhere than their family
    point = np.where(apart, rng.random(len(rows)), point)
    practice = (point[:, None] >= edges[locality]).sum(axis=1).clip(0, len(practices) - 1)
    if start is None:
        lag = rng.exponential(45, len(rows)).astype(int) + 3
        start = np.minimum(np.maximum(p["arrived"][rows], p["birth"][rows]) + lag, state.today)
        start = np.where(p["left"][rows] < state.today, np.minimum(start, p["left"][rows]), start)
    number = np.arange(len(rows)) + (len(state.registrations) if state.registrations.names else 0)
    new = {
        "person": rows.astype(np.int64), "practice": practice.astype(np.int16),
        "local": scattered(number, 9_999_991, state.seed, 1), "start": np.asarray(start, np.int32),
        "end": np.full(len(rows), NEVER), "extra": np.zeros(len(rows), bool), "death_seen": np.full(len(rows), NEVER),
    }  # fmt: skip
    if not state.registrations.names:
        state.registrations = Rows(**new)
        return np.arange(len(rows))
    return state.registrations.add(**new)


def open_registrations(state: Borough, on: int) -> Array:
    """Registrations (their rows) that are open on the day."""
    r = state.registrations
    return np.flatnonzero((r["start"] <= on) & (r["end"] > on))


def listed(state: Borough, on: int) -> Array:
    """True for people with an open registration on the day."""
    out = np.zeros(len(state.people), bool)
    out[state.registrations["person"][open_registrations(state, on)]] = True
    return out


def keep_lists(state: Borough, rng: np.random.Generator, first: int, last: int, days: int) -> None:
    """Newcomers and babies join lists until one resident in twenty has no GP; the dead come off, some late."""
    p, r = state.people, state.registrations
    on = listed(state, last)
    resident = state.is_resident(last)
    off = np.flatnonzero(resident & ~on)
    keen = np.where(state.age(off, last) < 1, 30.0, 1.0) * np.where((last - p["arrived"][off]) < 120, 6.0, 1.0)
    joining = off[pick_share(rng, keen, max(0, len(off) - round(NO_GP * resident.sum())))]
    earliest = np.maximum(np.maximum(p["arrived"][joining], p["birth"][joining]), first)
    start = earliest + (rng.random(len(joining)) * np.maximum(1, last + 1 - earliest)).astype(int)
    add_registrations(state, joining, np.minimum(start, last), rng)
    died = np.flatnonzero(
        (p["death"][r["person"]] <= last) & (r["death_seen"] == NEVER) & (r["end"] > p["death"][r["person"]])
    )
    lag = np.where(rng.random(len(died)) < 0.8, rng.integers(1, 15, len(died)), rng.integers(15, 90, len(died)))
    r["death_seen"][died] = p["death"][r["person"][died]] + lag
    r["end"][died] = r["death_seen"][died]
