"""Reablement after a stay in hospital, and where people are 91 days later: a planted fact (`world/planted.py`)."""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council.care_lists import NURSING_CARE, REQUEST, RESIDENTIAL_CARE, SERVICE, ST_MAX
from synthetic_data.services.health.hospital import admit_over
from synthetic_data.services.health.stay_codes import EMERGENCY
from synthetic_data.world import households as hh
from synthetic_data.world import planted
from synthetic_data.world.borough import ethnicities
from synthetic_data.world.rows import NEVER, NONE, Array, Rows
from synthetic_data.world.state import Borough

DAYS = 91  # after discharge; a death before then is one of those planted, and none that is known already


def reable(state: Borough, rng: np.random.Generator, events: Rows, rows: Array) -> None:
    """Reablement from the day of discharge or the next, for a share of those eligible, by group; some in two links."""
    p, spells = state.people, state.tables["spells"]
    person, out = spells["person"][rows], spells["discharged"][rows].astype(np.int64)
    fits = (spells["kind"][rows] == EMERGENCY) & (spells["disdest"][rows] == 19) & (state.age(person, out) >= 65)
    fits &= (p["left"][person] > out) & (p["death"][person] > out + DAYS) & ~p["outside"][person]
    fits &= (p["home_on"][person] < out) & (p["kind"][person] == hh.NORMAL) & ~np.isin(person, _in_care(events))
    person, at = np.unique(person[fits], return_index=True)
    out = out[fits][at]
    groups = ethnicities()["group"].to_numpy()[p["eth"][person]]
    share = np.where(groups == "Bangladeshi", planted.REABLEMENT_OFFERED["Bangladeshi"], planted.REABLEMENT_OFFERED[""])
    taken = rng.random(len(person)) < share
    home = rng.random(len(person)) < planted.HOME_AFTER_91_DAYS
    state.tables.setdefault("offers", Rows(
        person=np.zeros(0, np.int64), out=np.zeros(0, np.int64), taken=np.zeros(0, bool), home=np.zeros(0, bool)
    )).add(person=person, out=out, taken=taken, home=home)  # fmt: skip
    person, out, home = person[taken], out[taken], home[taken]
    start = out + rng.integers(0, 2, len(person))
    p["home_on"][person], p["safe_until"][person] = out + 91, out + 112
    _not_home(state, rng, events, person[~home], out[~home])
    _links(state, rng, events, person, start, home)


def _in_care(events: Rows) -> Array:
    """People with a care home service, past or present."""
    return events["person"][np.isin(events["service"], (RESIDENTIAL_CARE, NURSING_CARE))]


def _not_home(state: Borough, rng: np.random.Generator, events: Rows, person: Array, out: Array) -> None:
    """Those who on day 91 are in a care home, dead, or back in hospital."""
    p, way = state.people, rng.random(len(person))
    dies = (way < 0.3) & (out + 5 > state.today)  # a death in the past would undo history
    back = ~dies & (way < 0.55)
    p["death"][person[dies]] = out[dies] + rng.integers(6, 86, int(dies.sum()))
    admit_over(state, rng, person[back], out[back] + 91)
    placed = ~dies & ~back
    n = int(placed.sum())
    events.add(
        person=person[placed], event=np.full(n, SERVICE), start=out[placed] + rng.integers(14, 80, n),
        end=np.full(n, NEVER),
        service=np.full(n, RESIDENTIAL_CARE), component=np.full(n, 9), mechanism=np.full(n, 3), units=np.ones(n, int),
        outcome=np.full(n, 10), cared_for=np.full(n, NONE),
    )  # fmt: skip


def _links(state: Borough, rng: np.random.Generator, events: Rows, person: Array, start: Array, home: Array) -> None:
    """The request and the service; one in seven services is two with a gap of no more than a day."""
    p, n = state.people, len(person)
    length = rng.integers(7, 43, n)
    chained = rng.random(n) < 0.15
    middle = np.where(chained, start + length // 2, start + length)
    outcome = np.where(home & (rng.random(n) < 0.8), 5, 3)
    before = np.maximum(start - 3, p["arrived"][person])
    events.add(
        person=person, event=np.full(n, REQUEST), start=before, end=start, outcome=np.full(n, 1), route=np.full(n, 1),
        cared_for=np.full(n, NONE),
    )  # fmt: skip
    second = middle + rng.integers(0, 2, n)
    for part, begins, ends in (
        (np.ones(n, bool), start, middle),
        (chained, second, np.maximum(start + length, second) + 1),
    ):
        m = int(part.sum())
        events.add(
            person=person[part], event=np.full(m, SERVICE), start=begins[part], end=ends[part], outcome=outcome[part],
            service=np.full(m, ST_MAX), component=np.ones(m, int), mechanism=np.full(m, 3), units=np.full(m, 7),
            cared_for=np.full(m, NONE),
        )  # fmt: skip
