"""Tenancies of council and housing association homes: who is named on them, when they began and ended."""

from __future__ import annotations

import numpy as np

from synthetic_data.world.rows import NEVER, Array, Rows, stream
from synthetic_data.world.state import ASSOCIATION, COUNCIL, YEAR, Borough


def _empty() -> Rows:
    return Rows(
        key=np.zeros(0, np.int64),
        home=np.zeros(0, np.int32),
        house=np.zeros(0, np.int32),
        start=np.zeros(0, np.int32),
        end=np.zeros(0, np.int32),
        tenure=np.zeros(0, np.int8),
        arrears=np.zeros(0, np.int8),
        persons=np.zeros(0, np.int8),
    )


def keep(state: Borough, label: str, first: int) -> None:
    """Open a tenancy for each household now in a social home without one; end those whose household is gone."""
    book = state.tables.setdefault("tenancies", _empty())
    tenants = state.sources.setdefault(
        "housing", Rows(person=np.zeros(0, np.int64), tenancy=np.zeros(0, np.int32), place=np.zeros(0, np.int8))
    )
    p = state.people
    rng = stream(state.seed, label, "tenancies")
    rows = np.flatnonzero(state.is_resident(state.today) & (p["home"] >= 0))
    rows = rows[np.isin(state.homes["tenure"][p["home"][rows]], (COUNCIL, ASSOCIATION))]
    key = p["house"][rows].astype(np.int64) * 10_000_000 + p["home"][rows]
    now, place, size = np.unique(key, return_inverse=True, return_counts=True)
    ended = (book["end"] == NEVER) & ~np.isin(book["key"], now)
    book["end"][ended] = rng.integers(first, state.today + 1, int(ended.sum()))
    open_keys = book["key"][book["end"] == NEVER]
    fresh = ~np.isin(now, open_keys)
    number = np.cumsum(fresh) - 1 + len(book)
    since = np.full(len(now), -NEVER, np.int64)
    adult = state.age(rows, state.today) >= 18
    np.maximum.at(since, place[adult], p["moved"][rows[adult]].astype(np.int64))
    opened = np.where(since == -NEVER, state.today, since)
    chosen = _named(state, rows, place, adult)
    eighteen = np.full(len(now), -NEVER, np.int64)
    np.maximum.at(eighteen, place[chosen], p["birth"][rows[chosen]] + int(18 * YEAR) + 1)
    opened = np.minimum(np.maximum(opened, eighteen), state.today)
    fresh &= np.bincount(place[chosen], minlength=len(now)) > 0
    number = np.cumsum(fresh) - 1 + len(book)
    n = int(fresh.sum())
    council = state.homes["tenure"][now[fresh] % 10_000_000] == COUNCIL
    book.add(
        key=now[fresh],
        home=now[fresh] % 10_000_000,
        house=now[fresh] // 10_000_000,
        start=opened[fresh],
        end=np.full(n, NEVER),
        tenure=np.where(state.today - opened[fresh] < 365, 3, np.where(council, 0, 1)),
        persons=np.minimum(size[fresh], 30),
        arrears=np.searchsorted(np.array([0.72, 0.86, 0.95]), rng.random(n)),
    )
    named = chosen & fresh[place]
    order = _rank(place, named, p["birth"][rows])[named]
    tenants.add(person=rows[named], tenancy=number[place[named]], place=order + 1)


def _named(state: Borough, rows: Array, place: Array, adult: Array) -> Array:
    """The eldest adult under 70 where there is one, and their partner."""
    p = state.people
    years = state.age(rows, state.today)
    fit = np.where(adult, np.where(years < 70, years, 40 - years / 10), -1)
    best = np.lexsort((-fit, place))
    first = np.r_[True, np.diff(place[best]) != 0] if len(best) else np.zeros(0, bool)
    lead = best[first]
    out = np.zeros(len(rows), bool)
    out[lead[fit[lead] > 0]] = True
    partner = p["partner"][rows]
    leads = rows[out]
    out |= adult & (partner >= 0) & np.isin(partner, leads) & (p["house"][rows] == p["house"][np.maximum(partner, 0)])
    return out


def _rank(place: Array, chosen: Array, birth: Array) -> Array:
    """Place of each chosen person in their household, eldest first; −1 for the others."""
    out = np.full(len(place), -1)
    at = np.flatnonzero(chosen)
    order = at[np.lexsort((birth[at], place[at]))]
    starts = np.r_[True, np.diff(place[order]) != 0] if len(order) else np.zeros(0, bool)
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0)) if len(order) else np.zeros(0, int)
    out[order] = np.arange(len(order)) - begin
    return out
