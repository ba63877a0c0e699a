"""Council tax and benefits: an account for each home, and claims of households that have little.

The single person discount is given where one grown person lives, nearly always; a few homes have it that should not.
Claims follow tenure, deprivation, age and whether a pupil of the household has free school meals.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.world import households as hh
from synthetic_data.world.rows import NEVER, Array, Rows, pick_share, stream
from synthetic_data.world.state import ASSOCIATION, COUNCIL, HALL_HOME, OWNED, YEAR, Borough

ON_BENEFIT = 0.225  # of households: council tax reduction, housing benefit or both
CLAIM_ENDS = 0.012  # of claims, each month


def begin(state: Borough) -> None:
    """The claims in payment on the day before the first month."""
    state.tables["claims"] = Rows(
        key=np.zeros(0, np.int64), start=np.zeros(0, np.int32), end=np.zeros(0, np.int32), kind=np.zeros(0, np.int8)
    )
    _claim(state, "start", -NEVER)


def advance(state: Borough, label: str, first: int) -> None:
    """Claims end when the household moves or is better off; new ones keep the share."""
    book, p = state.tables["claims"], state.people
    rng = stream(state.seed, label, "claims end")
    rows = np.flatnonzero(state.is_resident(state.today) & (p["home"] >= 0))
    here = np.unique(p["house"][rows].astype(np.int64) * 10_000_000 + p["home"][rows])
    live = np.flatnonzero(book["end"] == NEVER)
    over = live[~np.isin(book["key"][live], here) | (rng.random(len(live)) < CLAIM_ENDS)]
    book["end"][over] = rng.integers(first, state.today + 1, len(over))
    _claim(state, label, first)


def _homes(state: Borough) -> tuple[Array, Array, Array]:
    """(residents with a home, the number of each one's household, key of house and home)."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(state.today) & (p["home"] >= 0) & (p["kind"] == hh.NORMAL))
    keys, house = np.unique(p["house"][rows].astype(np.int64) * 10_000_000 + p["home"][rows], return_inverse=True)
    return rows, house, keys


def _leads(state: Borough, rows: Array, house: Array) -> Array:
    """The place in `rows` of each household's claimant: the eldest under 80, grown where anybody is."""
    age = state.age(rows, state.today)
    order = np.lexsort((rows, np.where((age >= 18) & (age < 80), -age, 200 - age), house))
    first = np.r_[True, np.diff(house[order]) != 0] if len(order) else np.zeros(0, bool)
    return order[first]


def _claim(state: Borough, label: str, first: int) -> None:
    book, p = state.tables["claims"], state.people
    rows, house, keys = _homes(state)
    rng = stream(state.seed, label, "claims")
    lead = rows[_leads(state, rows, house)]
    age, tenure = state.age(lead, state.today), state.homes["tenure"][keys % 10_000_000]
    pupils = state.sources["education"]
    meals = np.zeros(len(p), bool)
    meals[pupils["person"][pupils["fsm"] & (pupils["left"] == NEVER)]] = True
    hungry = np.bincount(house[meals[rows]], minlength=len(keys)) > 0
    social = np.isin(tenure, (COUNCIL, ASSOCIATION))
    wish = np.where(social, 6.0, np.where(tenure == OWNED, 0.25, 1.0)) * np.exp(0.4 * state.deprivation(lead))
    wish = wish * np.where(age >= 66, 2.5, 1.0) * np.where(hungry, 5.0, 1.0) * np.exp(0.3 * p["z"][lead]) * (age >= 18)
    wish = wish * (tenure < HALL_HOME) * ~np.isin(keys, book["key"][book["end"] >= (first if first > 0 else NEVER)])
    count = round(ON_BENEFIT * len(keys)) - int((book["end"] == NEVER).sum())
    at = pick_share(rng, wish, max(0, count))
    old = age[at] >= 66
    rent = tenure[at] != OWNED
    kind = np.where(rent & (old | (rng.random(len(at)) < 0.28)), np.where(rng.random(len(at)) < 0.85, 2, 0), 1)
    earliest = np.maximum(p["moved"][lead[at]], p["birth"][lead[at]] + int(18 * YEAR) + 1)
    long = state.today - (rng.exponential(3.5, len(at)) * YEAR).astype(int) - 1
    lately = state.today - (rng.random(len(at)) * (state.today - max(first, 0) + 1)).astype(int)
    start = np.minimum(np.maximum(long if first == -NEVER else lately, earliest), state.today)
    book.add(key=keys[at], start=start, end=np.full(len(at), NEVER), kind=kind)
