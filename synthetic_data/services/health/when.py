"""When something happens to people, and where they live and which practice they have then."""

from __future__ import annotations

import numpy as np

from synthetic_data.world.borough import ethnicities
from synthetic_data.world.rows import Array
from synthetic_data.world.state import YEAR, Borough, stable


def happen(rng: np.random.Generator, rows: Array, yearly: Array, first: int, last: int) -> tuple[Array, Array]:
    """People, in order, and days of what happens to each of `rows` so many times a year, between two days.

    So many events in all, each to a person drawn by their share: the same as a number for each, and far quicker.
    """
    edges = np.cumsum(np.maximum(yearly, 0) * (last - first + 1) / YEAR)
    if not len(edges) or edges[-1] <= 0:
        return rows[:0], np.zeros(0, np.int64)
    count = int(rng.poisson(edges[-1]))
    at = np.searchsorted(edges, np.sort(rng.random(count)) * edges[-1], side="right")
    return rows[np.minimum(at, len(rows) - 1)], rng.integers(first, last + 1, count)


def around(state: Borough, first: int, last: int) -> Array:
    """People who are here on some day between two days."""
    p = state.people
    return np.flatnonzero((p["birth"] < last) & (p["death"] > first) & (p["left"] > first) & (p["arrived"] <= last))


def here_on(state: Borough, who: Array, day: Array) -> Array:
    """True where the person is born, has come, has not left and is not dead on the day."""
    p = state.people
    return (day >= p["arrived"][who]) & (day >= p["birth"][who]) & (day < p["left"][who]) & (day <= p["death"][who])


def end_of_time_here(state: Borough, who: Array) -> Array:
    """The day a person died or left; nothing of a service goes on after it."""
    return np.minimum(state.people["death"][who], state.people["left"][who])


def home_on(state: Borough, who: Array, day: Array) -> Array:
    """The home a person had on a day, as far back as their last move."""
    p = state.people
    return np.where((p["moved"][who] > day) & (p["home_before"][who] >= 0), p["home_before"][who], p["home"][who])


def usual_registration(state: Borough, on: int | None = None) -> Array:
    """Each person's latest registration that has begun by the day (today), not counting second ones; −1 for none."""
    r = state.registrations
    at = np.flatnonzero((r["start"] <= (state.today if on is None else on)) & ~r["extra"])
    out = np.full(len(state.people), -1)
    out[r["person"][at]] = at
    return out


def needs_interpreter(state: Borough, who: Array) -> Array:
    """True for those for whom the practice has recorded that they need an interpreter."""
    speaks = np.array(ethnicities()["language"].to_list()) != "ENG"
    p = state.people
    return p["abroad"][who] & (stable(state, "interpreter", who) < 0.18) & speaks[p["eth"][who]]  # type: ignore[no-any-return]
