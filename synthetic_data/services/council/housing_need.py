"""Homes that do not fit: households on the housing register, and adaptations of homes for disabled people.

Who is on the register follows overcrowding and tenure; who has a home adapted, age and conditions. Three pounds in four
of the grant go to tenants of registered providers: planted, for the marts to find.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council.bedrooms import needed
from synthetic_data.world import households as hh
from synthetic_data.world.calendar import year_to
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, Array, Rows, pick_by_row, pick_one, pick_share, stream
from synthetic_data.world.state import ASSOCIATION, COUNCIL, HALL_HOME, OWNED, YEAR, Borough

ON_REGISTER = 0.19  # of households
LEAVE_REGISTER = 0.012  # of applications, each month
ADAPTED_YEARLY = 0.00095  # homes, for each resident
PROVIDER_SHARE = 0.75  # of what is spent, on homes of registered providers
WORKS_SHARE = (0.42, 0.13, 0.08, 0.03, 0.04, 0.04, 0.14, 0.04, 0.08)
WORKS_COST = np.array([7_500, 4_200, 5_200, 17_000, 11_000, 41_000, 650, 1_400, 3_000], float)
GRANT_SHARE = np.array([[0.82, 0.03, 0.02, 0.06, 0.05, 0.02], [0.15, 0.05, 0.05, 0.15, 0.10, 0.50]])  # works, equipment
EQUIPMENT = (6, 7)


def begin(state: Borough) -> None:
    """The register of the day before the first month, and two years of adaptations."""
    state.tables["register"] = Rows(
        key=np.zeros(0, np.int64), house=np.zeros(0, np.int64), start=np.zeros(0, np.int32), end=np.zeros(0, np.int32)
    )
    state.tables["adaptations"] = Rows(
        person=np.zeros(0, np.int64), home=np.zeros(0, np.int32), asked=np.zeros(0, np.int32), seen=np.zeros(0,
        np.int32),
        agreed=np.zeros(0, np.int32), done=np.zeros(0, np.int32), works=np.zeros(0, np.int8), grant=np.zeros(0,
        np.int8),
        pounds=np.zeros(0, np.int64),
    )  # fmt: skip
    _apply(state, "start", -NEVER)
    _adapt(state, "start", state.today - 730, 730)


def advance(state: Borough, label: str, first: int) -> None:
    """Applications that lapse or are made, and homes referred for adaptation."""
    book, p = state.tables["register"], state.people
    rng = stream(state.seed, label, "register end")
    live = np.flatnonzero(book["end"] == NEVER)
    rows = np.flatnonzero(state.is_resident(state.today) & (p["home"] >= 0))
    here = np.unique(p["house"][rows].astype(np.int64) * 10_000_000 + p["home"][rows])
    over = live[~np.isin(book["key"][live], here) | (rng.random(len(live)) < LEAVE_REGISTER)]
    book["end"][over] = rng.integers(first, state.today + 1, len(over))
    _apply(state, label, first)
    _adapt(state, label, first, state.today - first + 1)
    _interrupt(state)


def households(state: Borough) -> tuple[Array, Array, Array, Array]:
    """(people in ordinary households, the number of each one's, key of house and home, bedrooms lacking) at today."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(state.today) & (p["kind"] == hh.NORMAL) & (p["home"] >= 0))
    keys, house = np.unique(p["house"][rows].astype(np.int64) * 10_000_000 + p["home"][rows], return_inverse=True)
    need = needed(state, rows, house, len(keys))
    return rows, house, keys, need - state.homes["bedrooms"][keys % 10_000_000]


def _apply(state: Borough, label: str, first: int) -> None:
    """As many households apply as keep the register's share; at the start they applied long ago."""
    book, p = state.tables["register"], state.people
    rows, house, keys, lacking = households(state)
    rng = stream(state.seed, label, "register apply")
    adult = np.bincount(house[state.age(rows, state.today) >= 18], minlength=len(keys)) > 0
    live = np.isin(keys, book["key"][book["end"] >= (first if first > 0 else NEVER)])
    tenure = state.homes["tenure"][keys % 10_000_000]
    wish = np.where(lacking > 0, 8.0, 1.0) * np.where(tenure == OWNED, 0.08, 1.0) * ~live * adult * (tenure < HALL_HOME)
    count = round(ON_REGISTER * len(keys)) - int((book["end"] == NEVER).sum())
    at = pick_share(rng, wish, max(0, count))
    moved = np.full(len(keys), -NEVER, np.int64)
    grown = state.age(rows, state.today) >= 18
    np.maximum.at(moved, house[grown], np.maximum(p["moved"][rows[grown]], -30_000))
    long = state.today - (rng.exponential(4.5, len(at)) * YEAR).astype(int) - 1
    lately = state.today - (rng.random(len(at)) * (state.today - max(first, 0) + 1)).astype(int)
    start = np.maximum(long if first == -NEVER else lately, moved[at])
    book.add(
        key=keys[at], house=keys[at] // 10_000_000, start=np.minimum(start, state.today), end=np.full(len(at), NEVER)
    )


def _adapt(state: Borough, label: str, first: int, days: int) -> None:
    """Homes referred over some days: by need, and so that the providers' tenants have their share of what is spent."""
    p, at_home = state.people, np.flatnonzero(state.is_resident(state.today) & (state.people["kind"] == hh.NORMAL))
    rng = stream(state.seed, label, "adapt")
    rows = at_home[(p["home"][at_home] >= 0) & (p["moved"][at_home] < first)]
    has, age = members(state)[rows], state.age(rows, state.today)
    need = np.interp(age, [0, 18, 50, 65, 75, 90], [0.1, 0.1, 0.4, 1.5, 5, 14]) * np.exp(0.5 * p["z"][rows])
    for name, times in (("LD", 8.0), ("STIA", 3.0), ("DEM", 2.0), ("RA", 2.0), ("COPD", 1.4)):
        need = need * np.where(has[:, number_of(name)], times, 1.0)
    provider = state.homes["tenure"][p["home"][rows]] == ASSOCIATION
    share = need[provider].sum() / max(need.sum(), 1e-9)
    need = need * np.where(provider, PROVIDER_SHARE / max(share, 1e-9), (1 - PROVIDER_SHARE) / max(1 - share, 1e-9))
    who = rows[pick_share(rng, need, round(ADAPTED_YEARLY * len(at_home) * days / 365))]
    n = len(who)
    asked = first + (rng.random(n) * days).astype(int)
    works = pick_one(rng, WORKS_SHARE, n)
    wait = np.where(state.homes["tenure"][p["home"][who]] == COUNCIL, 0.8, 1.1)
    seen = asked + (rng.gamma(2.0, 22, n) * wait).astype(int) + 3
    agreed = seen + (rng.gamma(2.0, 26, n) * wait).astype(int) + 5
    done = agreed + (rng.gamma(2.2, 38, n) * wait).astype(int) + 7
    pounds = np.round(WORKS_COST[works] * np.exp(rng.normal(-0.045, 0.3, n)))
    state.tables["adaptations"].add(
        person=who, home=p["home"][who], asked=asked, seen=seen, agreed=agreed, done=done, works=works,
        grant=pick_by_row(rng, GRANT_SHARE, np.isin(works, EQUIPMENT).astype(int)), pounds=pounds,
    )  # fmt: skip


def _interrupt(state: Borough) -> None:
    """What was still to be done when somebody died or left is not done."""
    book, p = state.tables["adaptations"], state.people
    last = np.minimum(p["death"][book["person"]], p["left"][book["person"]])
    for name in ("seen", "agreed", "done"):
        book[name] = np.where((book[name] > last) & (last <= state.today), NEVER, book[name]).astype(np.int32)


def spending(state: Borough) -> dict[str, object]:
    """What works finished in the year to today cost, by who owns the home."""
    book, since = state.tables["adaptations"], year_to(state.today)
    done = (book["done"] >= since) & (book["done"] <= state.today)
    provider = done & (state.homes["tenure"][book["home"]] == ASSOCIATION)
    return {
        "planted_share": PROVIDER_SHARE,
        "completed": int(done.sum()),
        "pounds": int(book["pounds"][done].sum()),
        "provider_pounds": int(book["pounds"][provider].sum()),
    }
