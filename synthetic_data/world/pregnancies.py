"""Pregnancies, begun nine months before the births they end in, so that booking, care and birth follow each other.

A birth of the borough is the end of a pregnancy begun here. Women who move away in between, and pregnancies lost after
booking, are why more begin than end in a birth here.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world import households as hh
from synthetic_data.world.rows import NEVER, NONE, Array, Rows, pick_share, stream
from synthetic_data.world.state import YEAR, Borough

BIRTHS_YEARLY = 0.0139  # of residents
BEGUN_FOR_EACH_BIRTH = 1.10  # a woman in ten moves away before the birth, or the pregnancy is lost
LOST = 0.03  # of pregnancies, after eleven weeks
TERM = 280  # days from the last period
SPACING = 105  # days from a birth to the beginning of the next pregnancy, at least
# Relative pregnancies by the mother's age (16 to 46).
_FERTILE = (np.array([16, 20, 25, 30, 34, 38, 42, 45.5]), np.array([0.02, 0.25, 0.65, 1.0, 1.0, 0.5, 0.12, 0.0]))


def begin(state: Borough, eve: int) -> None:
    """The pregnancies of the last year's births, and those under way on the eve of the first month."""
    state.tables["pregnancies"] = Rows(
        person=np.zeros(0, np.int64), begun=np.zeros(0, np.int32), booked=np.zeros(0, np.int32),
        delivery=np.zeros(0, np.int32), lost=np.zeros(0, np.int32),
    )  # fmt: skip
    p = state.people
    p["pregnancy"] = np.full(len(p), NONE)
    babies = np.flatnonzero((p["birth"] > eve - 480) & (p["arrived"] == p["birth"]) & (p["mother"] >= 0))
    key = p["mother"][babies].astype(np.int64) * 100_000 + p["birth"][babies]
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    one = babies[first]
    rng = stream(state.seed, "start", "pregnancies")
    ended = p["birth"][one].astype(np.int64)
    p["pregnancy"][babies] = _add(state, rng, p["mother"][one].astype(np.int64), ended - _length(rng, len(one)), ended)[
        place
    ]
    for month in range(10, 0, -1):
        conceive(state, f"start {month}", eve - 30 * month + 1, eve - 30 * (month - 1), after=eve)


def conceive(state: Borough, label: str, first: int, last: int, after: int = -1) -> None:
    """Pregnancies that begin between two days; with `after`, only those that have not ended by that day."""
    p, table = state.people, state.tables["pregnancies"]
    rng = stream(state.seed, label, "conceive")
    women = np.flatnonzero(
        state.is_resident(state.today) & (p["sex"] == 2) & (p["kind"] == hh.NORMAL) & (p["arrived"] < first)
    )
    age = state.age(women, last)
    wish = np.interp(age, *_FERTILE, left=0, right=0) * np.where(p["partner"][women] >= 0, 4.0, 0.5)
    wish *= bor.ethnicities()["children_mean"].to_numpy()[p["eth"][women]]
    lately = np.full(len(p), -NEVER, np.int64)
    known = p["mother"] >= 0
    np.maximum.at(lately, p["mother"][known], p["birth"][known].astype(np.int64))
    pregnant = np.isin(women, table["person"][np.minimum(table["delivery"], table["lost"]) > first - SPACING])
    wish[(first - lately[women] < SPACING) | pregnant] = 0
    days = last - first + 1
    count = BIRTHS_YEARLY * BEGUN_FOR_EACH_BIRTH * state.is_resident(state.today).sum() * days / YEAR
    mothers = women[pick_share(rng, wish, round(count))]
    begun = first + rng.integers(0, days, len(mothers))
    delivery = begun + _length(rng, len(mothers))
    keep = delivery > after
    _add(state, rng, mothers[keep], begun[keep], delivery[keep])


def _length(rng: np.random.Generator, size: int) -> Array:
    """Days from the last period to the birth: one in thirteen before 37 weeks."""
    early = rng.random(size) < 0.075
    return np.where(early, 258 - rng.gamma(1.4, 12, size), rng.normal(279, 8.5, size)).clip(168, 296).astype(np.int64)


def _add(state: Borough, rng: np.random.Generator, mother: Array, begun: Array, delivery: Array) -> Array:
    """Pregnancies with the day of booking: most by ten weeks, later where a woman came lately or is poorer."""
    p = state.people
    late = np.exp(0.1 * state.deprivation(mother) + np.where(p["abroad"][mother], 0.12, 0.0))
    booked = begun + (42 + rng.gamma(2.2, 9.5, len(mother)) * late).astype(np.int64)
    booked = np.maximum(booked, p["arrived"][mother] + 5)
    lost = (rng.random(len(mother)) < LOST) & (delivery > state.today)
    end = begun + 77 + rng.integers(0, 70, len(mother))
    return state.tables["pregnancies"].add(
        person=mother, begun=begun, booked=np.minimum(booked, delivery - 3), delivery=np.where(lost, NEVER, delivery),
        lost=np.where(lost, end, NEVER),
    )  # fmt: skip


def due(state: Borough, first: int, last: int) -> Array:
    """The pregnancies (their rows) that end in a birth between two days, of mothers alive and here on the day."""
    p, table = state.people, state.tables["pregnancies"]
    rows = np.flatnonzero((table["delivery"] >= first) & (table["delivery"] <= last))
    mother, day = table["person"][rows], table["delivery"][rows]
    return rows[(p["death"][mother] > day) & (p["left"][mother] > day)]
