"""Community health services: who is seen by which team, and how often, by age, frailty, illness and stays in hospital.

Rates are judgement, near those of England's community services; health visitors see every baby.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.health.stay_codes import EMERGENCY
from synthetic_data.services.health.when import around, end_of_time_here, happen
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NONE, Array, Rows, pick_share, stream
from synthetic_data.world.state import Borough

# Team, reason for referral, median days open, contacts a month while open.
TEAMS = (
    ("District nursing", "04", 150, 7.0),
    ("Extended Primary Care Team", "04", 120, 3.0),
    ("Health visiting", "94", 1700, 0.0),
    ("School nursing", "94", 60, 1.2),
    ("Rapid response/admission avoidance", "04", 6, 14.0),
    ("Intermediate care/rehab", "06", 38, 8.0),
    ("Community physio", "06", 75, 1.7),
    ("SLT (children)", "12", 260, 0.6),
    ("Continence", "09", 120, 0.7),
    ("Podiatry", "05", 330, 0.45),
    ("Community dental", "17", 80, 0.8),
    ("Diabetes specialist", "02", 220, 0.5),
    ("Palliative", "16", 110, 5.0),
    ("Wheelchair", "22", 90, 0.5),
    ("Children's community nursing (asthma & wheeze)", "01", 100, 0.9),
)
(
    NURSING, EXTENDED, VISITING, SCHOOL, RAPID, INTERMEDIATE, PHYSIO, SPEECH, CONTINENCE, PODIATRY, DENTAL, DIABETES,
    PALLIATIVE, WHEELCHAIR, WHEEZE,
) = range(15)  # fmt: skip
ALWAYS_OPEN = {NURSING: 0.05, EXTENDED: 0.03, PODIATRY: 0.05}  # of people of 65 and over, at the start
AFTER_HOSPITAL = 0.13  # of people of 65 and over discharged home from an emergency stay: rehabilitation within a day
VISITS = np.array([12, 48, 365, 820])  # days after birth: new birth, six to eight weeks, one year, two years
VISIT_SHARE = (0.97, 0.9, 0.8, 0.76)
FEEDING_VISIT = 1
ATTENDED, MISSED, CANCELLED = 0, 1, 2
CODES = ("5", "3", "2")


def begin(state: Borough, first: int) -> None:
    """The caseload a year before the first month: referrals open then, and every small child with a health visitor."""
    n, i, b = np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int8)
    state.tables |= {
        "csds_referrals": Rows(person=n, team=b, asked=i, closed=i),
        "csds_contacts": Rows(referral=i, day=i, kept=b, medium=b, visit=b),
    }
    rng = stream(state.seed, "start", "community")
    here = np.flatnonzero(state.is_resident(state.today))
    here = here[state.people["arrived"][here] < first]
    old = here[state.age(here, first) >= 65]
    frail = 1 + 6 * members(state)[old][:, [number_of("FRAIL3"), number_of("FRAIL2")]].any(axis=1)
    for team, share in ALWAYS_OPEN.items():
        chosen = old[pick_share(rng, frail.astype(float), round(share * len(old)))]
        asked = first - rng.integers(1, 200, len(chosen))
        _refer(state, rng, chosen, team, np.maximum(asked, state.people["arrived"][chosen]), first)
    small = here[(state.age(here, first) < 2.4) & (state.people["birth"][here] < first)]
    _register_babies(state, small)


def pass_month(state: Borough, label: str, first: int, last: int) -> None:
    """New referrals, contacts of those open, and health visitors' visits, between two days."""
    rng = stream(state.seed, label, "community")
    p, rows = state.people, around(state, first, last)
    rows = rows[p["birth"][rows] <= first]
    for team, yearly in _yearly(_facts(state, rows, first)).items():
        who, day = happen(rng, rows, yearly, first, last)
        _refer(state, rng, who, team, day, first)
    who, day = _home_from_hospital(state, rng, first, last)
    _refer(state, rng, who, INTERMEDIATE, day, first)
    babies = np.flatnonzero((p["birth"] >= first) & (p["birth"] <= last) & (p["mother"] >= 0))
    newcomers = np.flatnonzero((p["arrived"] >= first) & (p["arrived"] <= last) & (p["birth"] > first - 800))
    _register_babies(state, np.union1d(babies, newcomers))
    _see(state, rng, first, last)
    _visit(state, rng, first, last)


def _facts(state: Borough, rows: Array, first: int) -> dict[str, Array]:
    has = members(state)[rows]
    names = ("FRAIL1", "FRAIL2", "FRAIL3", "DEM", "DM", "AST", "PC", "LD", "AUT", "COPD", "HF", "STIA", "CAN")
    return {"age": state.age(rows, first), "poorer": np.exp(0.1 * state.deprivation(rows))} | {
        name: has[:, number_of(name)] for name in names
    }


def _yearly(f: dict[str, Array]) -> dict[int, Array]:
    """Referrals a year of each person to each team, but for those that people come to in another way."""
    age, old = f["age"], f["age"] >= 65
    frail = np.where(f["FRAIL3"], 5.0, np.where(f["FRAIL2"], 2.5, 1.0))
    child = age < 18
    return {
        NURSING: np.where(old, 0.055 * frail, 0.0015) * np.where(f["DM"], 1.5, 1.0),
        EXTENDED: np.where(old, 0.03 * frail, np.where(f["COPD"] | f["HF"], 0.05, 0.0006)),
        RAPID: np.where(old, 0.02 * frail, 0.0004),
        SCHOOL: np.where((age >= 5) & (age < 17), 0.035 * f["poorer"], 0.0),
        PHYSIO: np.where(age >= 16, 0.026 + 0.02 * old, 0.004),
        SPEECH: np.where((age >= 2) & (age < 8), np.where(f["AUT"] | f["LD"], 0.35, 0.032), 0.0),
        CONTINENCE: np.where(age > 60, 0.012 * frail, np.where((age > 4) & child, 0.004, 0.001)),
        PODIATRY: np.where(f["DM"], 0.07, np.where(old, 0.03, 0.0008)),
        DENTAL: np.where(f["LD"] | f["AUT"], 0.06, np.where(child & (age > 2), 0.008, 0.001)),
        DIABETES: np.where(f["DM"], 0.06, 0.0),
        PALLIATIVE: np.where(f["PC"], 0.55, 0.0),
        WHEELCHAIR: np.where(f["STIA"] | f["FRAIL3"], 0.05, 0.0006),
        WHEEZE: np.where(child & (age >= 1), np.where(f["AST"], 0.16, 0.003), 0.0),
    }


def _home_from_hospital(state: Borough, rng: np.random.Generator, first: int, last: int) -> tuple[Array, Array]:
    """Some older people discharged home from an emergency stay begin rehabilitation that day or the next."""
    spells = state.tables["spells"]
    out = (spells["discharged"] >= first) & (spells["discharged"] < last) & (spells["kind"] == EMERGENCY)
    rows = np.flatnonzero(out & (spells["disdest"] == 19))
    rows = rows[state.age(spells["person"][rows], first) >= 65]
    rows = rows[rng.random(len(rows)) < AFTER_HOSPITAL]
    return spells["person"][rows], spells["discharged"][rows] + rng.integers(0, 2, len(rows))


def _refer(state: Borough, rng: np.random.Generator, who: Array, team: int, day: Array, first: int) -> None:
    """Referrals to a team of people without one open there."""
    table = state.tables["csds_referrals"]
    taken = table["person"][(table["team"] == team) & (table["closed"] > first)]
    who, once = np.unique(who, return_index=True)
    day = day[once]
    keep = ~np.isin(who, taken) & (day < end_of_time_here(state, who)) & (day >= state.people["arrived"][who])
    who, day = who[keep], day[keep]
    length = np.maximum(TEAMS[team][2] * rng.gamma(1.4, 1 / 1.15, len(who)), 1).astype(np.int64)
    closed = np.maximum(day + length, np.where(day < first, first + 5, 0))
    table.add(person=who, team=np.full(len(who), team), asked=day, closed=closed)


def _register_babies(state: Borough, babies: Array) -> None:
    """Small children are on a health visitor's list until school, from birth or from when they come."""
    table, p = state.tables["csds_referrals"], state.people
    known = table["person"][table["team"] == VISITING]
    babies = np.setdiff1d(babies, known)
    babies = babies[~p["outside"][babies]]
    asked = np.maximum(p["birth"][babies] + 1, p["arrived"][babies])
    keep = asked < end_of_time_here(state, babies)
    babies, asked = babies[keep], asked[keep]
    until = p["birth"][babies] + TEAMS[VISITING][2]
    table.add(person=babies, team=np.full(len(babies), VISITING), asked=asked, closed=until)


def _see(state: Borough, rng: np.random.Generator, first: int, last: int) -> None:
    """Contacts arranged in the month under open referrals."""
    table = state.tables["csds_referrals"]
    monthly = np.array([t[3] for t in TEAMS])[table["team"]]
    rows = np.flatnonzero((table["asked"] <= last) & (table["closed"] > first) & (monthly > 0))
    from_day, to_day = np.maximum(table["asked"][rows], first), np.minimum(table["closed"][rows], last + 1)
    often = 0.4 + 1.2 * ((rows * 7919) % 97) / 97
    count = rng.poisson(monthly[rows] * often * (to_day - from_day) / 30.4)
    new = table["asked"][rows] >= first  # somebody referred is seen at least once
    count = np.where(new & (rng.random(len(rows)) < 0.85), np.maximum(count, 1), count)
    which, begun = np.repeat(rows, count), np.repeat(from_day, count)
    day = begun + (rng.random(len(which)) * (np.repeat(to_day, count) - begun)).astype(np.int64)
    at_home = np.isin(table["team"][which], (NURSING, EXTENDED, RAPID, INTERMEDIATE, PALLIATIVE))
    _note(
        state,
        which,
        day,
        _kept(rng, at_home),
        np.where(rng.random(len(which)) < np.where(at_home, 0.08, 0.25), 1, 0),
        None,
    )


def _kept(rng: np.random.Generator, at_home: Array) -> Array:
    roll = rng.random(len(at_home)) - 0.11 * at_home  # few are out when they are seen at home
    return np.where(roll < 0.85, ATTENDED, np.where(roll < 0.94, MISSED, CANCELLED))


def _visit(state: Borough, rng: np.random.Generator, first: int, last: int) -> None:
    """The visits every small child is due."""
    table, p = state.tables["csds_referrals"], state.people
    rows = np.flatnonzero((table["team"] == VISITING) & (table["closed"] > first))
    child = table["person"][rows]
    for number, (after, share) in enumerate(zip(VISITS, VISIT_SHARE, strict=True)):
        day = p["birth"][child] + after + (rows * 7919) % 9
        due = (day >= first) & (day <= last) & (day > table["asked"][rows]) & (rng.random(len(rows)) < share)
        n = int(due.sum())
        kept = np.where(rng.random(n) < 0.95, ATTENDED, MISSED)
        _note(state, rows[due], day[due], kept, np.zeros(n, int), np.full(n, number))


def _note(state: Borough, referral: Array, day: Array, kept: Array, medium: Array, visit: Array | None) -> None:
    number = np.full(len(referral), NONE) if visit is None else visit
    state.tables["csds_contacts"].add(referral=referral, day=day, kept=kept, medium=medium, visit=number)
