"""Children's social care: early help, episodes of need, protection plans and care, begun and ended month by month.

How many children have each is held at the rates for 10,000 children that DfE publishes for boroughs like this one;
who they are follows deprivation, a parent on their own, frailty, disability and age. Short breaks (V3, V4) are beside
care, not in it. A child adopted from care leaves the borough: nothing ties the old record to the new life.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council.childrens_lists import (
    ABUSE_SHARE,
    ADOPTED,
    AGES,
    CLOSED_FOR,
    END_SHARE,
    KINDS,
    LEGAL_SHARE,
    NEED_SHARE,
    NEW_EPISODE,
    OUTSIDE_SHARE,
    PLACE_SHARE,
    REFERRED_BY,
    SHORT_BREAK,
    Kind,
)
from synthetic_data.world import borough as bor
from synthetic_data.world.calendar import year_to
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, NONE, Array, Rows, pick_by_row, pick_one, pick_share, stream
from synthetic_data.world.state import YEAR, Borough

GROWN = int(18 * YEAR) - 1  # the last day of childhood, in days
NO_FURTHER_ACTION = 0.9  # referrals in a year that end at once, for each open episode of need
UNBORN = 9.0  # expected at any time, for 10,000 children


def _book() -> Rows:
    small = ("kind", "need", "source", "category", "latest", "earlier", "legal", "place", "reason", "end_reason")
    return Rows(
        person=np.zeros(0, np.int64), start=np.zeros(0, np.int32), end=np.zeros(0, np.int32),
        entry=np.zeros(0, np.int32), at=np.zeros(0, np.int32), nfa=np.zeros(0, bool), alone=np.zeros(0, bool),
        **{name: np.zeros(0, np.int8) for name in small},
    )  # fmt: skip


def begin(state: Borough) -> None:
    """What is open on the day before the first month, and what was closed in the year before it."""
    state.tables["childrens_care"] = _book()
    state.sources["csc"] = Rows(
        person=np.zeros(0, np.int64),
        mother=np.zeros(0, np.int64),
        noted=np.zeros(0, np.int32),
        due=np.zeros(0, np.int32),
    )
    for number in range(len(KINDS)):
        _top_up(state, "start", number, year_to(state.today), True)
    _past(state)
    _referrals(state, "start", year_to(state.today), 365)
    _note(state)
    _expect(state, "start", state.today - 60)


def advance(state: Borough, label: str, first: int) -> None:
    """Close what ends, open as many as keep the rates, and note the children now known."""
    for number in range(len(KINDS)):
        _close(state, label, number, first)
        _top_up(state, label, number, first, False)
    _referrals(state, label, first, state.today - first + 1)
    _stop(state)
    _deliver(state)
    _note(state)
    _expect(state, label, first)


def children(state: Borough) -> Array:
    """Resident children, by row."""
    rows = np.flatnonzero(state.is_resident(state.today))
    return rows[state.today - state.people["birth"][rows] < GROWN - 40]


def _risk(state: Borough, rows: Array, kind: Kind, disabled: Array) -> Array:
    p = state.people
    risk = np.interp(state.age(rows, state.today), AGES, kind.ages)
    risk = (
        risk * np.exp(0.45 * state.deprivation(rows) + 0.35 * p["z"][rows]) * np.where(p["father"][rows] < 0, 2.2, 1.0)
    )
    return risk * np.where(disabled, 60.0 if kind.table == "break" else 2.0, 0.02 if kind.table == "break" else 1.0)


def _top_up(state: Borough, label: str, number: int, first: int, at_start: bool) -> None:
    """Open as many of a kind as its rate lacks; at the start they began long ago, later in the month."""
    kind, book, p = KINDS[number], state.tables["childrens_care"], state.people
    rng = stream(state.seed, label, "children", kind.table)
    rows = children(state)
    live = np.isin(rows, book["person"][(book["kind"] == number) & (book["end"] == NEVER)])
    short = round(kind.rate / 10_000 * len(rows)) - int(live.sum())
    if short <= 0:
        return
    free = rows[~np.isin(rows, book["person"][(book["kind"] == number) & (book["end"] >= first)])]
    has = members(state)[free][:, [number_of("LD"), number_of("AUT")]].any(axis=1)
    risk = _risk(state, free, kind, has)
    if kind.table in ("plan", "care"):  # drawn from those in need
        risk = risk * np.where(np.isin(free, book["person"][(book["kind"] == 1) & (book["end"] == NEVER)]), 1.0, 0.02)
    who = free[pick_share(rng, risk, short)]
    earliest = np.maximum(np.maximum(p["arrived"][who], p["birth"][who]), -NEVER if at_start else first)
    start = state.today - rng.exponential(kind.days, len(who)).astype(int) - 2 if at_start else first + (
        rng.random(len(who)) * (state.today - first + 1)
    ).astype(int)  # fmt: skip
    _open(state, rng, number, who, np.clip(start, earliest, state.today))


def _open(state: Borough, rng: np.random.Generator, number: int, who: Array, start: Array) -> None:
    book, n = state.tables["childrens_care"], len(who)
    care, short_break = KINDS[number].table == "care", KINDS[number].table == "break"
    alone = care & (state.age(who, start) > 15) & (state.people["sex"][who] == 1) & (rng.random(n) < 0.35)
    inside = np.flatnonzero(state.homes["area"] < len(bor.place().lsoa))
    beyond = np.flatnonzero(state.homes["area"] >= len(bor.place().lsoa))
    away = rng.random(n) < OUTSIDE_SHARE
    where = np.where(away, beyond[rng.integers(0, len(beyond), n)], inside[rng.integers(0, len(inside), n)])
    category = pick_one(rng, ABUSE_SHARE, n)
    book.add(
        person=who, start=start, end=np.full(n, NEVER), entry=np.where(alone, NONE, state.people["home"][who]),
        at=where, nfa=np.zeros(n, bool), alone=alone, kind=np.full(n, number), need=pick_one(rng, NEED_SHARE, n),
        source=pick_one(rng, REFERRED_BY, n), category=category,
        latest=np.where(rng.random(n) < 0.15, pick_one(rng, ABUSE_SHARE, n), category),
        earlier=np.where(rng.random(n) < 0.2, rng.integers(1, 3, n), 0),
        legal=np.full(n, SHORT_BREAK) if short_break else np.where(alone, 3, pick_one(rng, LEGAL_SHARE, n)),
        place=pick_by_row(rng, PLACE_SHARE, alone.astype(int)), reason=np.zeros(n, int), end_reason=np.full(n, -1),
    )  # fmt: skip


def _close(state: Borough, label: str, number: int, first: int) -> None:
    """Some of a kind end in the month; a child who is adopted leaves the borough; another placement follows some."""
    kind, book, p = KINDS[number], state.tables["childrens_care"], state.people
    rng = stream(state.seed, label, "children end", kind.table)
    rows = np.flatnonzero((book["kind"] == number) & (book["end"] == NEVER) & (book["start"] < first))
    over = rows[rng.random(len(rows)) < 30.4 / kind.days]
    day = rng.integers(first, state.today + 1, len(over))
    book["end"][over] = day
    book["end_reason"][over] = _ending(rng, kind, len(over))
    if kind.table != "care":
        return
    young = state.age(book["person"][over], first) < 8
    book["end_reason"][over[(book["end_reason"][over] == ADOPTED) & ~young]] = 1
    adopted = book["person"][over[book["end_reason"][over] == ADOPTED]]
    p["left"][adopted] = np.minimum(p["left"][adopted], book["end"][over[book["end_reason"][over] == ADOPTED]])
    rest = np.setdiff1d(rows, over)
    _move_on(state, rng, rest[rng.random(len(rest)) < 0.035], first)


def _ending(rng: np.random.Generator, kind: Kind, size: int) -> Array:
    shares = {"need": CLOSED_FOR, "care": END_SHARE, "help": (0.55, 0.13, 0.15, 0.07, 0.10)}.get(kind.table, (1.0,))
    return pick_one(rng, shares, size)


def _move_on(state: Borough, rng: np.random.Generator, rows: Array, first: int) -> None:
    """Another placement: the episode ends with X1 and the next begins that day."""
    book = state.tables["childrens_care"]
    if len(rows) == 0:
        return
    day = rng.integers(first, state.today + 1, len(rows))
    book["end"][rows], book["end_reason"][rows] = day, NEW_EPISODE
    old = book.take(rows)
    new = {name: old[name] for name in book.names}
    new |= {
        "start": day,
        "end": np.full(len(rows), NEVER),
        "end_reason": np.full(len(rows), -1),
        "reason": np.ones(len(rows), int),
    }
    new["place"] = pick_by_row(rng, PLACE_SHARE, old["alone"].astype(int))
    book.add(**new)


def _past(state: Borough) -> None:
    """Episodes that ended in the year before the first month: as many as the rates and lengths make."""
    book, p, since = state.tables["childrens_care"], state.people, year_to(state.today)
    rows = children(state)
    for number, kind in enumerate(KINDS):
        rng = stream(state.seed, "start", "children past", kind.table)
        live = book["person"][(book["kind"] == number) & (book["end"] == NEVER)]
        free = np.setdiff1d(rows[p["birth"][rows] < since], live)
        count = round(kind.rate / 10_000 * len(rows) * 365 / kind.days)
        who = free[pick_share(rng, _risk(state, free, kind, np.zeros(len(free), bool)), count)]
        end = rng.integers(since, state.today, len(who))
        start = end - rng.exponential(kind.days, len(who)).astype(int) - 1
        start = np.maximum(start, np.maximum(p["arrived"][who], p["birth"][who]))
        kept = start < end
        before = len(book)
        _open(state, rng, number, who[kept], start[kept])
        new = np.arange(before, len(book))
        book["end"][new] = end[kept]
        book["end_reason"][new] = _ending(rng, kind, len(new))
        if kind.table == "care":  # the adopted of the past are gone, and in no list
            book["end_reason"][new[book["end_reason"][new] == ADOPTED]] = 1


def _referrals(state: Borough, label: str, first: int, days: int) -> None:
    """Referrals that ended at once: no further action."""
    book, p = state.tables["childrens_care"], state.people
    rng = stream(state.seed, label, "children referred")
    rows = children(state)
    count = round(KINDS[1].rate / 10_000 * len(rows) * NO_FURTHER_ACTION * days / 365)
    who = rows[pick_share(rng, _risk(state, rows, KINDS[1], np.zeros(len(rows), bool)), count)]
    day = first + (rng.random(len(who)) * days).astype(int)
    there = (day >= p["arrived"][who]) & (day >= p["birth"][who]) & (day <= state.today)
    before = len(book)
    _open(state, rng, 1, who[there], day[there])
    new = np.arange(before, len(book))
    book["nfa"][new], book["end"][new], book["end_reason"][new] = (
        True,
        np.minimum(book["start"][new] + 1, state.today),
        7,
    )


def _stop(state: Borough) -> None:
    """Nothing outlasts childhood, a death or a move away; nothing begins after any of them."""
    book, p = state.tables["childrens_care"], state.people
    person = book["person"]
    limit = np.minimum(np.minimum(p["death"][person], p["left"][person]), p["birth"][person] + GROWN)
    ended = (book["end"] > limit) & (limit <= state.today)
    grown = p["birth"][person] + GROWN <= limit
    book["end_reason"] = np.where(ended, np.where(grown, 2, 3), book["end_reason"]).astype(np.int8)
    book["end"] = np.where(ended, limit, book["end"]).astype(np.int32)
    book["start"] = np.where(book["start"] > limit, NEVER, book["start"]).astype(np.int32)  # never shown


def _note(state: Borough) -> None:
    """Each child has one record, for ever."""
    known, book = state.sources["csc"], state.tables["childrens_care"]
    new = np.setdiff1d(book["person"][book["start"] != NEVER], known["person"])
    known.add(person=new, mother=np.full(len(new), NONE), noted=np.zeros(len(new)), due=np.zeros(len(new)))


def _expect(state: Borough, label: str, first: int) -> None:
    """Unborn children come to notice some months before they are due: a record without a person."""
    known, t = state.sources["csc"], state.tables["pregnancies"]
    rng = stream(state.seed, label, "unborn")
    mother = t["person"]
    under_way = (t["begun"] + 100 < state.today) & (np.minimum(t["delivery"], t["lost"]) > state.today)
    at = np.flatnonzero(
        under_way & state.is_resident(state.today)[mother] & ~np.isin(mother, known["mother"][known["due"] > first])
    )
    weight = np.exp(0.5 * state.deprivation(mother[at]) + 0.5 * state.people["z"][mother[at]])
    count = round(UNBORN / 10_000 * len(children(state)) * (state.today - first + 1) / 100)
    at = at[pick_share(rng, weight, count)]
    noted = np.maximum(rng.integers(first, state.today + 1, len(at)), t["begun"][at] + 100)
    known.add(person=np.full(len(at), NONE), mother=mother[at], noted=noted, due=t["begun"][at] + 280)


def _deliver(state: Borough) -> None:
    """A child born to a mother who was expected to have one takes up the record."""
    known, p = state.sources["csc"], state.people
    at = np.flatnonzero((known["person"] == NONE) & (known["due"] > state.today - 60))
    babies = np.flatnonzero(p["birth"] > state.today - 60)
    babies = babies[np.unique(p["mother"][babies], return_index=True)[1]]
    place = np.searchsorted(p["mother"][babies], known["mother"][at])
    place = np.minimum(place, max(len(babies) - 1, 0))
    if len(babies):
        born = babies[place]
        found = (
            (p["mother"][born] == known["mother"][at])
            & (p["birth"][born] >= known["noted"][at])
            & ~np.isin(born, known["person"])
        )
        known["person"][at[found]] = born[found]


def visible(state: Borough, since: int, *tables: str) -> Array:
    """Rows of some kinds begun by today and not ended before `since`."""
    book = state.tables["childrens_care"]
    wanted = [i for i, kind in enumerate(KINDS) if kind.table in tables]
    return np.flatnonzero(np.isin(book["kind"], wanted) & (book["start"] <= state.today) & (book["end"] >= since))
