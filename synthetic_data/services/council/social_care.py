"""Adult social care: who asks and what follows, long-term clients, as events with a start and an end.

Each event is known by its composite key, as in the Client Level Data; a file is cumulative over twelve months.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council.care_lists import (
    ASSESSMENT,
    COMMUNITY,
    LOW_LEVEL,
    NURSING_CARE,
    REQUEST,
    RESIDENTIAL_CARE,
    SERVICE,
)
from synthetic_data.services.council.carers import note_carers
from synthetic_data.services.council.long_term_care import begin_services, finish, review, settle
from synthetic_data.services.council.reablement import reable
from synthetic_data.world import households as hh
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, NONE, Array, Rows, pick_one, pick_share, stream
from synthetic_data.world.state import YEAR, Borough

# For 310,000 residents: founding documents' 4,719 clients, and the flow that keeps them (judgement).
LONG_TERM = 2_700 / 310_000
RESIDENTIAL, NURSING = 0.085, 0.045  # of long-term clients
REQUESTS_YEARLY = 5_600 / 310_000
CARERS = 1_250 / 310_000


def _events(state: Borough) -> Rows:
    if "care" not in state.tables:
        small = ("client", "event", "service", "component", "mechanism", "outcome", "route")
        state.tables["care"] = Rows(
            person=np.zeros(0, np.int64),
            start=np.zeros(0, np.int32),
            end=np.zeros(0, np.int32),
            cared_for=np.zeros(0, np.int64),
            units=np.zeros(0, np.int16),
            **{name: np.zeros(0, np.int8) for name in small},
        )
    return state.tables["care"]


def _need(state: Borough, rows: Array) -> Array:
    age = state.age(rows, state.today)
    has = members(state)[rows]
    need = np.interp(age, [18, 50, 65, 75, 85, 95], [0.15, 0.4, 1.5, 5, 16, 30]) * np.exp(0.6 * state.people["z"][rows])
    for name, times in (
        ("LD", 60),
        ("DEM", 8),
        ("FRAIL3", 5),
        ("FRAIL2", 2.5),
        ("MH", 8),
        ("STIA", 2.5),
        ("AUT", 4),
        ("EP", 2),
        ("HF", 1.5),
    ):
        need = need * np.where(has[:, number_of(name)], times, 1.0)
    return need * (age >= 18)


def begin(state: Borough) -> None:
    """Long-term clients and carers of the day before the first month, with the events that made them clients."""
    events, p = _events(state), state.people
    rng = stream(state.seed, "start", "care")
    residents = np.flatnonzero(state.is_resident(state.today))
    adults = residents[state.age(residents, state.today) >= 18.5]
    in_home = adults[p["kind"][adults] == hh.CARE_HOME]
    count = max(3, round(LONG_TERM * len(residents)))
    others = np.setdiff1d(adults, in_home)
    beds = max(0, round((RESIDENTIAL + NURSING) * count) - len(in_home))
    old = np.where(state.age(others, state.today) >= 65, 6.0, 0.5)
    old = old * ~np.isin(p["house"][others], p["house"][residents[state.age(residents, state.today) < 18]])
    placed = np.r_[in_home, others[pick_share(rng, _need(state, others) * old, beds)]]
    rest = np.setdiff1d(others, placed)
    at_home = rest[pick_share(rng, _need(state, rest), max(0, count - len(placed)))]
    nursing = rng.random(len(placed)) < NURSING / (RESIDENTIAL + NURSING)
    who = np.r_[placed, at_home]
    service = np.r_[np.where(nursing, NURSING_CARE, RESIDENTIAL_CARE), np.full(len(at_home), COMMUNITY)]
    start = state.today - (rng.exponential(2.4, len(who)) * YEAR).astype(int) - 3
    start = np.maximum(start, np.maximum(p["arrived"][who], p["birth"][who] + int(18 * YEAR)) + 1)
    who, service, start = who[start <= state.today], service[start <= state.today], start[start <= state.today]
    begin_services(state, rng, events, who, service, start)
    note_carers(state, rng, events, who[service == COMMUNITY], max(1, round(CARERS * len(residents))))
    settle(state, rng, events, -NEVER, state.today)


def pass_month(state: Borough, label: str, first: int, last: int, spells: Array) -> None:
    """Requests and what follows, reablement after discharge, reviews, and services that end with death or a move."""
    events, p = _events(state), state.people
    rng = stream(state.seed, label, "care")
    residents = np.flatnonzero(state.is_resident(last) & (p["arrived"] < first) & (p["kind"] != hh.CARE_HOME))
    adults = residents[state.age(residents, first) >= 18.3]
    count = round(REQUESTS_YEARLY * len(residents) * (last - first + 1) / YEAR)
    asking = adults[pick_share(rng, _need(state, adults) + 0.3, count)]
    when = rng.integers(first, last + 1, len(asking))
    follow = rng.random(len(asking))
    assessed, low = follow < 0.42, (follow >= 0.42) & (follow < 0.55)
    outcome = np.select([assessed, low], [2, 10], np.array([7, 8, 9])[pick_one(rng, (0.6, 0.25, 0.15), len(asking))])
    events.add(
        person=asking,
        event=np.full(len(asking), REQUEST),
        start=when,
        end=when + 1,
        outcome=outcome,
        route=np.array([3, 2, 4])[pick_one(rng, (0.85, 0.1, 0.05), len(asking))],
        cared_for=np.full(len(asking), NONE),
    )
    n = int(low.sum())
    events.add(
        person=asking[low],
        event=np.full(n, SERVICE),
        start=when[low] + 2,
        end=when[low] + 30 + rng.integers(0, 200, n),
        outcome=np.full(n, 5),
        service=np.full(n, LOW_LEVEL),
        component=np.where(rng.random(n) < 0.6, 5, 6),
        mechanism=np.full(n, 3),
        units=np.ones(n, int),
        cared_for=np.full(n, NONE),
    )
    serviced = events["person"][(events["event"] == SERVICE) & (events["end"] == NEVER) & (events["client"] == 0)]
    new = assessed & (rng.random(len(asking)) < 0.33) & ~np.isin(asking, serviced)
    turned = assessed & ~new
    m = int(turned.sum())
    events.add(
        person=asking[turned],
        event=np.full(m, ASSESSMENT),
        start=when[turned] + 3,
        end=when[turned] + rng.integers(5, 28, m),
        outcome=np.full(m, 8),
        cared_for=np.full(m, NONE),
    )
    old = (state.age(asking[new], first) > 74) & (p["home_on"][asking[new]] < last)
    kind = np.where(old & (rng.random(int(new.sum())) < 0.16), RESIDENTIAL_CARE, COMMUNITY)

    begin_services(state, rng, events, asking[new], kind, when[new] + rng.integers(14, 40, int(new.sum())))
    reable(state, rng, events, spells)
    review(state, rng, events, first, last)
    finish(rng, events, first, last)
    end_services(state, first)
    settle(state, rng, events, first, last)


def end_services(state: Borough, first: int) -> None:
    """Nothing runs past a death, or past a move away; events that would have begun after either never happened."""
    events, p = _events(state), state.people
    person = events["person"]
    died, gone = p["death"][person], p["left"][person]
    stop = np.minimum(died, gone)
    live = events["end"] > stop
    service = events["event"] == SERVICE
    events["outcome"] = np.where(live & service, np.where(died <= gone, 6, 11), events["outcome"]).astype(np.int8)
    events["end"] = np.where(live, stop, events["end"]).astype(np.int32)
    events["start"] = np.where(events["start"] > stop, NEVER, events["start"]).astype(np.int32)  # never shown


def visible(state: Borough, since: int, until: int) -> Array:
    """Rows of events begun by `until` and not ended before `since`, each composite key once."""
    e = _events(state)
    rows = np.flatnonzero((e["start"] <= until) & (e["end"] >= since))
    key = ("person", "client", "event", "start", "service", "component", "mechanism")
    _, once = np.unique(np.stack([e[name][rows] for name in key]), axis=1, return_index=True)
    return np.sort(rows[once])
