"""Pupils of the borough's state-funded schools: numbers, years, special educational needs and plans."""

from __future__ import annotations

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, Array, Rows, pick_by_row, pick_one, pick_share, scattered, stream
from synthetic_data.world.state import Borough, stable

STATE_FUNDED = 0.93  # of residents of school age
SUPPORT, PLAN = 0.135, 0.065  # SEN support and EHC plans, of pupils (school census)
SEN_TYPES = ("SPLD", "MLD", "SLD", "PMLD", "SEMH", "SLCN", "HI", "VI", "PD", "ASD", "OTH", "NSA")
_SUPPORT_MIX = (0.13, 0.12, 0.0, 0.0, 0.20, 0.38, 0.02, 0.01, 0.03, 0.06, 0.03, 0.02)
_PLAN_MIX = (0.03, 0.04, 0.08, 0.04, 0.13, 0.20, 0.02, 0.01, 0.05, 0.38, 0.02, 0.0)
STAYING_ON = 0.5  # of those who leave school with a plan: it goes on in further education, to the age of 25
AT_COLLEGE = 0.014  # of people of 19 to 24, at the start: a fifth of all plans are of 19 and over
ON_TIME = 0.52  # of plans: issued within twenty weeks of the request
SCHOOLS = 96  # primary first, then secondary; invented, with URNs no school has
PRIMARY = 70
LETTERS = np.array(list("ABCDEFGHJKLMNPQRTUVWXYZ"))
# Pupils' wish for free school meals, by group cluster, before deprivation (judgement).
FSM_SHARE = 0.38


def academic_year(birth: Array, today: int) -> Array:
    """National curriculum year on a day: children aged 5 before 1 September are in year 1; −1 is nursery."""
    date = np.datetime64(today, "D").astype(object)
    school_year = date.year if date.month >= 9 else date.year - 1
    born = birth.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12  # months since year 0
    cohort = (born - 8) // 12  # born September to August
    return school_year - cohort - 5


def _empty() -> Rows:
    return Rows(
        person=np.zeros(0, np.int64),
        school=np.zeros(0, np.int16),
        serial=np.zeros(0, np.int64),
        entry=np.zeros(0, np.int16),
        support=np.zeros(0, np.int8),
        type1=np.zeros(0, np.int8),
        type2=np.zeros(0, np.int8),
        fsm=np.zeros(0, bool),
        ever=np.zeros(0, bool),
        attendance=np.zeros(0, np.int16),
        excluded=np.zeros(0, np.int8),
        asked=np.zeros(0, np.int32),
        planned=np.zeros(0, np.int32),
        former=np.zeros(0, bool),
        left=np.zeros(0, np.int32),
    )


def enrol(state: Borough, label: str) -> None:
    """Put resident children of school age who are not on roll on one, and take off those who left or grew up."""
    pupils = state.sources.setdefault("education", _empty())
    p = state.people
    rng = stream(state.seed, label, "schools")
    year = academic_year(p["birth"], state.today)
    at_school = state.is_resident(state.today) & (year >= -1) & (year <= 13)
    keeps = scattered(np.arange(len(p)), 9_999_991, state.seed) % 1000 < STATE_FUNDED * 1000 * np.where(
        year > 11, 0.7, np.where(year < 0, 0.6, 1.0)
    )
    wanted = at_school & keeps
    on_roll = np.zeros(len(p), bool)
    on_roll[pupils["person"]] = True
    stays = wanted[pupils["person"]]
    pupils["left"] = np.where(
        ~stays & (pupils["left"] == NEVER), state.today, np.where(stays, NEVER, pupils["left"])
    ).astype(np.int32)
    new = np.flatnonzero(wanted & ~on_roll)
    at_start = len(pupils) == 0
    _add(state, rng, pupils, new, year[new])
    if at_start:
        _add_students(state, rng, pupils)
    _new_plans(state, rng, pupils)


def _add(state: Borough, rng: np.random.Generator, pupils: Rows, rows: Array, year: Array) -> None:
    p, n = state.people, len(rows)
    place = bor.place()
    home = p["home"][rows]
    ward = place.ward[np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], 0) % len(place.lsoa)]
    near = (ward * 37 + rng.integers(0, 4, n) * 11) % PRIMARY
    older = PRIMARY + (ward * 5 + rng.integers(0, 3, n) * 7) % (SCHOOLS - PRIMARY)
    has = members(state)[rows] if len(rows) else np.zeros((0, 99), bool)
    risk = np.exp(0.25 * state.deprivation(rows)) * np.where(p["sex"][rows] == 1, 1.7, 1.0)
    for name, times in (("LD", 30), ("AUT", 25), ("EP", 4), ("AST", 1.1)):
        risk = risk * np.where(has[:, number_of(name)], times, 1.0)
    risk = risk * np.interp(year, [-1, 2, 6, 11], [0.3, 0.8, 1.2, 1.1]) / (0.000001 + risk.mean() if n else 1)
    plan = rng.random(n) < np.minimum(0.9, PLAN * risk)
    support = ~plan & (rng.random(n) < np.minimum(0.6, SUPPORT * risk**0.5))
    level = np.where(plan, 2, np.where(support, 1, 0))
    mix = np.array([_SUPPORT_MIX, _SUPPORT_MIX, _PLAN_MIX])
    type1 = np.where(level > 0, pick_by_row(rng, mix, level) if n else 0, -1)
    type1 = np.where((level == 2) & has[:, number_of("AUT")], SEN_TYPES.index("ASD"), type1)
    type2 = np.where((level > 0) & (rng.random(n) < 0.3), pick_by_row(rng, mix, level) if n else 0, -1)
    poor = rng.random(n) < np.clip(
        FSM_SHARE * np.exp(0.35 * state.deprivation(rows)) * np.where(p["father"][rows] < 0, 1.4, 0.9), 0, 0.9
    )
    asked, planned = _plan_dates(rng, p["birth"][rows] + 900, state.today, level == 2)
    pupils.add(
        person=rows,
        school=np.where(year <= 6, near, older),
        serial=np.arange(n) + len(pupils),
        entry=np.full(n, state_year(state.today)),
        support=level,
        type1=type1,
        type2=type2,
        fsm=poor,
        ever=poor | (rng.random(n) < 0.1),
        attendance=np.round(np.clip(100 - rng.gamma(1.3, 4.2, n) * np.where(level == 2, 1.6, 1.0), 20, 100) * 10),
        excluded=np.where((year > 5) & (rng.random(n) < 0.04), rng.integers(1, 4, n), 0),
        asked=asked,
        planned=planned,
        former=rng.random(n) < 0.08,
        left=np.full(n, NEVER),
    )


def _add_students(state: Borough, rng: np.random.Generator, pupils: Rows) -> None:
    """Young adults who left school with a plan that goes on: in no census, but in the return of plans."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(state.today))
    age = state.age(rows, state.today)
    rows = rows[(age >= 19.3) & (age < 24.8)]
    has = members(state)[rows][:, [number_of("LD"), number_of("AUT"), number_of("EP")]].sum(axis=1)
    rows = rows[pick_share(rng, 1.0 + 25.0 * has, round(AT_COLLEGE * len(rows)))]
    left = p["birth"][rows] + 6_950  # the summer after they were eighteen, or thereabouts
    before = len(pupils)
    _add(state, rng, pupils, rows, np.full(len(rows), 13))
    new = np.arange(before, len(pupils))
    asked, planned = _plan_dates(rng, p["birth"][rows] + 900, left - 40, np.ones(len(rows), bool))
    pupils["left"][new], pupils["support"][new] = left, np.where(planned != NEVER, 2, 0)
    pupils["asked"][new], pupils["planned"][new] = asked, planned
    pupils["type1"][new] = pick_one(rng, _PLAN_MIX, len(new))


def goes_on(state: Borough, at: Array) -> Array:
    """True for pupils who grew up and left school with a plan that goes on after it."""
    s, p = state.sources["education"], state.people
    grown = s["left"][at] - p["birth"][s["person"][at]] > 17.5 * 365.25
    student = (p["birth"][s["person"][at]] + 6_950 == s["left"][at]) | (
        stable(state, "college", s["person"][at]) < STAYING_ON
    )
    return (s["left"][at] != NEVER) & (s["planned"][at] < s["left"][at]) & grown & student  # type: ignore[no-any-return]


def state_year(today: int) -> int:
    """The school year a day lies in, by the year it begins."""
    date = np.datetime64(today, "D").astype(object)
    return date.year if date.month >= 9 else date.year - 1


def _plan_dates(rng: np.random.Generator, earliest: Array, today: int | Array, plan: Array) -> tuple[Array, Array]:
    """Request and issue: half within twenty weeks, the rest later; NEVER where there is no plan.

    A plan may have been asked for, and issued, by the council the family came from.
    """
    n = len(plan)
    weeks = np.where(rng.random(n) < ON_TIME, rng.uniform(12, 20, n), rng.uniform(20, 46, n))
    issued = today - (rng.exponential(2.2, n) * 365).astype(int) - 10
    issued = np.minimum(np.maximum(issued, earliest + (weeks * 7).astype(int) + 1), today)
    asked = np.maximum(issued - (weeks * 7).astype(int), earliest)
    good = plan & (asked < issued)
    return np.where(good, asked, NEVER).astype(np.int32), np.where(good, issued, NEVER).astype(np.int32)


def _new_plans(state: Borough, rng: np.random.Generator, pupils: Rows) -> None:
    """A few pupils on SEN support are given a plan each month."""
    rows = np.flatnonzero((pupils["support"] == 1) & (pupils["left"] == NEVER))
    rows = rows[rng.random(len(rows)) < 0.004]
    pupils["support"][rows] = 2
    weeks = np.where(rng.random(len(rows)) < ON_TIME, rng.uniform(12, 20, len(rows)), rng.uniform(20, 46, len(rows)))
    pupils["planned"][rows] = state.today - rng.integers(0, 25, len(rows))
    born = state.people["birth"][pupils["person"][rows]]
    pupils["asked"][rows] = np.maximum(pupils["planned"][rows] - (weeks * 7).astype(int), born + 700)


def upn(pupils: Rows, rows: Array, salt: int = 0) -> Array:
    """Valid unique pupil numbers: check letter, council 211, school, year of entry, serial."""
    serial = pupils["serial"][rows] + salt
    year = (pupils["entry"][rows] - salt) % 100
    digits = 211_0000_00_000 + (4000 + serial // 1000).astype(np.int64) * 100_000 + year * 1000 + serial % 1000
    total = np.zeros(len(rows), np.int64)
    for place in range(12):
        total += digits // 10 ** (11 - place) % 10 * (place + 2)
    text = digits.astype("U12")
    return np.char.add(LETTERS[total % 23], text)


def urn(school: Array) -> Array:
    """Unique reference numbers, 990,001 and on: no school has them."""
    return (990_001 + school.astype(np.int64)).astype("U6")
