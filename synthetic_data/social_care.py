"""Adult social care: requests, assessments, services, reviews and carers, as events with a start and an end.

Each event is known by its composite key, as in the Client Level Data; a file is cumulative over twelve months.
"""

from __future__ import annotations

import numpy as np

from synthetic_data import households as hh
from synthetic_data.borough import place
from synthetic_data.care_lists import (
    ASSESSMENT,
    COMMUNITY,
    LOW_LEVEL,
    NURSING_CARE,
    REQUEST,
    RESIDENTIAL_CARE,
    REVIEW,
    SERVICE,
    TO_CARER,
)
from synthetic_data.conditions import members, number_of
from synthetic_data.reablement import reable
from synthetic_data.rows import NEVER, NONE, Array, Rows, pick_one, pick_share, stream
from synthetic_data.state import CARE_HOME_HOME, YEAR, Borough

# For 310,000 residents: founding documents' 4,719 clients, and the flow that keeps them (judgement).
LONG_TERM = 2_700 / 310_000
RESIDENTIAL, NURSING = 0.085, 0.045  # of long-term clients
PAYMENT = 0.232  # of packages at home begun: so many that one client in seven and a half has a direct payment
REQUESTS_YEARLY = 5_600 / 310_000
CARERS = 1_250 / 310_000
ENDS_MONTHLY = 0.012  # of packages at home


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
    _long_term(state, rng, events, who, service, start)
    _carers(state, rng, events, who[service == COMMUNITY], max(1, round(CARERS * len(residents))))
    _settle(state, rng, events, -NEVER, state.today)


def _long_term(
    state: Borough, rng: np.random.Generator, events: Rows, who: Array, service: Array, start: Array
) -> None:
    """A service that stays open, the assessment before it and a review each year."""
    p = state.people
    n = len(who)
    payment = (rng.random(n) < PAYMENT) & (service == COMMUNITY)
    spelt = payment & ((who * 7) % 10 < 7)  # the others are known by the mechanism alone
    component = np.select(
        [service == NURSING_CARE, service == RESIDENTIAL_CARE, spelt], [10, 9, 12],
        np.array([2, 3, 7, 8, 11])[pick_one(rng, (0.7, 0.1, 0.1, 0.06, 0.04), n)])  # fmt: skip
    mechanism = np.where(
        payment,
        np.where((rng.random(n) < 0.75) | ~spelt, 1, 0),
        np.where(service == COMMUNITY, np.where(rng.random(n) < 0.6, 2, 3), 3),
    )
    units = np.where(component == 2, rng.integers(3, 35, n), np.where(service == COMMUNITY, rng.integers(1, 20, n), 1))
    earliest = np.maximum(p["arrived"][who], p["birth"][who] + int(18 * YEAR))
    before = np.maximum(start - rng.integers(5, 40, n), earliest)
    events.add(
        person=who,
        event=np.full(n, ASSESSMENT),
        start=before,
        end=np.minimum(before + 20, start),
        outcome=np.full(n, 3),
        cared_for=np.full(n, NONE),
    )
    events.add(
        person=who,
        event=np.full(n, SERVICE),
        start=start,
        end=np.full(n, NEVER),
        service=service,
        component=component,
        mechanism=mechanism,
        units=units,
        outcome=np.full(n, 10),
        cared_for=np.full(n, NONE),
    )


def _carers(state: Borough, rng: np.random.Generator, events: Rows, cared: Array, count: int) -> None:
    """Unpaid carers: an adult of the same household for about half, else another resident."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(state.today))
    rows = rows[(state.age(rows, state.today) >= 18) & (p["kind"][rows] == hh.NORMAL)]
    cared = cared[rng.permutation(len(cared))[:count]]
    order = np.argsort(p["house"][rows], kind="stable")
    at = np.searchsorted(p["house"][rows[order]], p["house"][cared])
    mate = rows[order[np.minimum(at, len(rows) - 1)]]
    same = (p["house"][mate] == p["house"][cared]) & (mate != cared)
    carer = np.where(same, mate, rows[rng.integers(0, len(rows), len(cared))])
    carer, first = np.unique(carer, return_index=True)
    cared = cared[first]
    keep = carer != cared
    carer, cared = carer[keep], cared[keep]
    n = len(carer)
    start = np.maximum(
        state.today - rng.integers(10, 900, n), np.maximum(p["arrived"][carer], p["birth"][carer] + int(18 * YEAR))
    )
    base = {"client": np.ones(n, int), "cared_for": cared}
    events.add(
        person=carer,
        event=np.full(n, ASSESSMENT),
        start=start,
        end=np.minimum(start + 15, state.today),
        outcome=np.full(n, 3),
        **base,
    )
    given = rng.random(n) < 0.6
    events.add(
        person=carer[given],
        event=np.full(given.sum(), SERVICE),
        start=start[given],
        end=np.full(given.sum(), NEVER),
        service=np.full(given.sum(), TO_CARER),
        component=np.where(rng.random(given.sum()) < 0.5, 12, 13),
        mechanism=np.where(rng.random(given.sum()) < 0.5, 1, 3),
        units=np.ones(given.sum(), int),
        outcome=np.full(given.sum(), 10),
        client=np.ones(given.sum(), int),
        cared_for=cared[given],
    )


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

    _long_term(state, rng, events, asking[new], kind, when[new] + rng.integers(14, 40, int(new.sum())))
    reable(state, rng, events, spells)
    _review(state, rng, events, first, last)
    _finish(rng, events, first, last)
    end_services(state, first)
    _settle(state, rng, events, first, last)


def _settle(state: Borough, rng: np.random.Generator, events: Rows, first: int, last: int) -> None:
    """People whose care home service has begun live in a home of their locality, each a household of their own."""
    p = state.people
    begun = (
        np.isin(events["service"], (RESIDENTIAL_CARE, NURSING_CARE))
        & (events["start"] >= first)
        & (events["start"] <= last)
    )
    person, at = np.unique(events["person"][begun], return_index=True)
    day = events["start"][begun][at]
    moving = (p["kind"][person] != hh.CARE_HOME) & (p["death"][person] > day) & (p["left"][person] > day)
    person, day = person[moving], day[moving]
    buildings = np.flatnonzero(state.homes["tenure"] == CARE_HOME_HOME)
    where = place()
    here = np.where(p["home"][person] >= 0, state.homes["area"][np.maximum(p["home"][person], 0)], 0)
    near = where.locality[here % len(where.lsoa)][:, None] == where.locality[state.homes["area"][buildings]][None, :]
    p["home_before"][person] = p["home"][person]
    p["home"][person] = buildings[np.argmax(near * (1 + rng.random(near.shape)), axis=1)] if len(person) else NONE
    p["kind"][person], p["moved"][person] = hh.CARE_HOME, day
    p["house"][person] = np.arange(len(person)) + int(p["house"].max()) + 1


def _review(state: Borough, rng: np.random.Generator, events: Rows, first: int, last: int) -> None:
    """Long-term services are reviewed about once a year, on the anniversary of the start."""
    open_now = (
        (events["event"] == SERVICE)
        & (events["end"] == NEVER)
        & (events["client"] == 0)
        & (events["start"] < first - 60)
    )
    rows = np.flatnonzero(open_now)
    age = (first - events["start"][rows]) % 365
    due = rows[(age > 365 - (last - first + 1)) & (rng.random(len(rows)) < 0.75)]
    n = len(due)
    when = rng.integers(first, last + 1, n)
    events.add(
        person=events["person"][due],
        event=np.full(n, REVIEW),
        start=when,
        end=when,
        outcome=np.full(n, 4),
        cared_for=np.full(n, NONE),
    )


def _finish(rng: np.random.Generator, events: Rows, first: int, last: int) -> None:
    """Some packages at home come to an end each month because they are no longer needed."""
    running = np.flatnonzero(
        (events["event"] == SERVICE)
        & (events["end"] == NEVER)
        & (events["service"] == COMMUNITY)
        & (events["start"] < first - 30)
    )
    over = running[rng.random(len(running)) < ENDS_MONTHLY]
    events["end"][over] = rng.integers(first, last + 1, len(over))
    events["outcome"][over] = 5


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
