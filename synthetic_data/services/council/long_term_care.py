"""Services that stay open: how they begin, are reviewed and end, and people who go to live in a care home."""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council.care_lists import (
    ASSESSMENT,
    COMMUNITY,
    NURSING_CARE,
    RESIDENTIAL_CARE,
    REVIEW,
    SERVICE,
)
from synthetic_data.world import households as hh
from synthetic_data.world.borough import place
from synthetic_data.world.rows import NEVER, NONE, Array, Rows, pick_one
from synthetic_data.world.state import CARE_HOME_HOME, YEAR, Borough

PAYMENT = 0.232  # of packages at home begun: so many that one client in seven and a half has a direct payment
ENDS_MONTHLY = 0.012  # of packages at home


def begin_services(
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


def settle(state: Borough, rng: np.random.Generator, events: Rows, first: int, last: int) -> None:
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


def review(state: Borough, rng: np.random.Generator, events: Rows, first: int, last: int) -> None:
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


def finish(rng: np.random.Generator, events: Rows, first: int, last: int) -> None:
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
