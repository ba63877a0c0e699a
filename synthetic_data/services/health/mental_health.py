"""Mental health services: who is referred to which team, how they are seen, wards, the Mental Health Act and CPA.

Need follows the practices' registers (severe mental illness, depression, dementia, learning disability), pregnancy and
age; rates are judgement, near those published for England. Nothing goes on after a death or a move away.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.health.when import around, end_of_time_here, happen
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, NONE, Array, Rows, pick_share, stream
from synthetic_data.world.state import YEAR, Borough

# Team, its code, reasons for referral, median days a referral stays open, contacts a month, share accepted.
TEAMS = (
    ("community", "A06", ("01", "03", "02"), 620, 1.5, 0.95),
    ("crisis", "A02", ("10", "18"), 24, 14.0, 0.92),
    ("early intervention", "A14", ("02", "03"), 500, 2.6, 0.9),
    ("memory", "A17", ("23",), 190, 0.5, 0.95),
    ("liaison", "A11", ("10", "18"), 2, 20.0, 0.99),
    ("perinatal", "C02", ("12",), 210, 1.6, 0.85),
    ("learning disability", "E01", ("24",), 700, 0.9, 0.95),
    ("children", "F01", ("15", "04", "16"), 190, 1.3, 0.78),
    ("children's psychology", "A13", ("15", "05"), 220, 1.2, 0.75),
    ("personality", "A16", ("14",), 520, 1.8, 0.8),
)
(
    COMMUNITY, CRISIS, EARLY, MEMORY, LIAISON, PERINATAL, DISABILITY, CHILDREN, PSYCHOLOGY, PERSONALITY,
) = range(10)  # fmt: skip
OPEN_WITH_SMI = 0.48  # of those with a severe mental illness, have an open community referral
ON_CPA, ON_CPA_WITHOUT = 0.7, 0.1  # of those in a community team, with and without a severe mental illness
BEDS = 230 / 310_000  # people on a ward on a day, of residents
STAY_DAYS = 38.0  # median; the mean is longer
DETAINED = 0.5  # of stays
ATTENDED, MISSED, CANCELLED, LATE = range(4)
CODES = ("5", "3", "2", "6")
ATTENDANCE_SHARE = np.array((0.77, 0.11, 0.08, 0.04))


def begin(state: Borough, first: int) -> None:
    """The caseload a year before the first month: open referrals, people on wards, people on CPA."""
    n, i = np.zeros(0, np.int64), np.zeros(0, np.int32)
    state.tables |= {
        "mh_referrals": Rows(
            person=n, team=n.astype(np.int8), asked=i, accepted=n.astype(bool), closed=i, reason=n.astype(np.int8)
        ),
        "mh_contacts": Rows(referral=i, day=i, kept=n.astype(np.int8), medium=n.astype(np.int8)),
        "mh_cpa": Rows(person=n, start=i, end=i),
        "mh_stays": Rows(person=n, referral=i, start=i, moved=i, end=i, ward=n.astype(np.int8)),
        "mh_detentions": Rows(person=n, section=n.astype(np.int8), start=i, end=i),
    }
    rng = stream(state.seed, "start", "mental health")
    _past_stays(state, rng, first)
    has, here = members(state), np.flatnonzero(state.is_resident(state.today))
    here = here[state.people["arrived"][here] < first]
    for team, register, share in (
        (COMMUNITY, "MH", OPEN_WITH_SMI), (DISABILITY, "LD", 0.25), (EARLY, "MH", 0.05), (MEMORY, "DEM", 0.2),
        (COMMUNITY, "DEP", 0.012),
    ):  # fmt: skip
        ill = here[has[here, number_of(register)] & (state.age(here, first) >= 18)]
        fit = np.where(state.age(ill, first) < 36, 1.0, 0.02) if team == EARLY else np.ones(len(ill))
        chosen = ill[pick_share(rng, fit, round(share * len(ill)))]
        since = first - (rng.exponential(500, len(chosen))).astype(np.int64) - 1
        _refer(
            state, rng, chosen, np.full(len(chosen), team), np.maximum(since, state.people["arrived"][chosen]), first
        )


def _past_stays(state: Borough, rng: np.random.Generator, first: int) -> None:
    """Stays on wards in the year before the first day: two years of them are asked for."""
    begun = first - 365
    rows = around(state, begun, first - 1)
    who, day = happen(rng, rows, _bed_risk(state, rows, begun), begun, first - 45)
    who, once = np.unique(who, return_index=True)
    day = day[once]
    keep = (day >= state.people["arrived"][who]) & (day + 40 < end_of_time_here(state, who))
    who, day = who[keep], day[keep]
    length = np.minimum(np.maximum(STAY_DAYS * rng.gamma(1.1, 1.2, len(who)), 2).astype(np.int64), first - 2 - day)
    state.tables["mh_stays"].add(
        person=who, referral=np.full(len(who), NONE), start=day, moved=np.full(len(who), NEVER), end=day + length,
        ward=np.where(state.age(who, day) > 70, 1, 0),
    )  # fmt: skip


def _bed_risk(state: Borough, rows: Array, first: int) -> Array:
    """Stays on a ward a year of each person, so that as many as there are beds are there on a day."""
    has, age = members(state)[rows], state.age(rows, first)
    risk = np.where(has[:, number_of("MH")], 40.0, np.where(has[:, number_of("DEP")], 4.0, 0.45)) * (age >= 17)
    inside = state.tables["mh_stays"]["person"][state.tables["mh_stays"]["end"] > first]
    risk = np.where(np.isin(rows, inside), 0.0, risk)
    return risk / max(risk.mean(), 1e-9) * BEDS * YEAR / (STAY_DAYS * 1.35)  # type: ignore[no-any-return]


def pass_month(state: Borough, label: str, first: int, last: int) -> None:
    """New referrals, contacts of those open, stays on wards, the Act, and CPA, between two days."""
    rng = stream(state.seed, label, "mental health")
    rows = around(state, first, last)
    for team, yearly in _yearly(state, rows, first).items():
        who, day = happen(rng, rows, yearly, first, last)
        _refer(state, rng, who, np.full(len(who), team), day, first)
    _see(state, rng, first, last)
    _admit(state, rng, rows, first, last)


def _yearly(state: Borough, rows: Array, first: int) -> dict[int, Array]:
    """Referrals a year of each person to each team."""
    age, has = state.age(rows, first), members(state)[rows]
    smi, low, dementia, disabled, autistic = (has[:, number_of(n)] for n in ("MH", "DEP", "DEM", "LD", "AUT"))
    adult, young, poorer = age >= 18, (age >= 5) & (age < 18), np.exp(0.15 * state.deprivation(rows))
    child = young * poorer * np.where(autistic | disabled, 0.22, 0.048)
    return {
        COMMUNITY: adult * poorer * np.where(smi, 0.22, np.where(low, 0.06, 0.006)),
        CRISIS: adult * poorer * np.where(smi, 0.13, np.where(low, 0.022, 0.0015)),
        EARLY: np.where((age >= 14) & (age < 36), np.where(smi, 0.05, 0.0003), 0.0),
        MEMORY: np.where(dementia, 0.25, np.where(age > 65, 0.008, 0.0)),
        LIAISON: np.where(age >= 14, poorer * np.where(smi, 0.11, np.where(low, 0.035, 0.004)), 0.0),
        PERINATAL: _expecting(state, rows, first) * np.where(smi | low, 0.25, 0.045),
        DISABILITY: adult * np.where(disabled, 0.12, 0.0),
        CHILDREN: child,
        PSYCHOLOGY: child * 1.2,
        PERSONALITY: adult * np.where(low, 0.006, 0.0002),
    }


def _expecting(state: Borough, rows: Array, first: int) -> Array:
    """1 for women who are pregnant, or had a baby in the last half year."""
    table = state.tables["pregnancies"]
    begun = (table["begun"] + 60 < first) & (table["delivery"] != NEVER) & (table["delivery"] + 180 > first)
    out = np.zeros(len(state.people))
    out[table["person"][begun]] = 1.0
    return out[rows]


def _refer(state: Borough, rng: np.random.Generator, who: Array, team: Array, day: Array, first: int) -> None:
    """Referrals, accepted or not, without those who have one open with the team."""
    table = state.tables["mh_referrals"]
    open_now = table["closed"] > first
    taken = np.isin(who * 16 + team, table["person"][open_now] * 16 + table["team"][open_now])
    _, once = np.unique(who, return_index=True)
    fresh = np.zeros(len(who), bool)
    fresh[once] = True
    keep = fresh & ~taken & (day < end_of_time_here(state, who)) & (day >= state.people["birth"][who])
    who, team, day = who[keep], team[keep], day[keep]
    median, share = (np.array([t[i] for t in TEAMS], float)[team] for i in (3, 5))
    accepted = rng.random(len(who)) < share
    length = np.where(
        accepted, np.maximum(median * rng.gamma(1.3, 1 / 1.05, len(who)), 1), rng.integers(2, 21, len(who))
    )
    reasons = np.array([len(t[2]) for t in TEAMS])[team]
    closed = np.maximum(day + length.astype(np.int64), np.where(day < first, first + rng.integers(5, 700, len(who)), 0))
    table.add(
        person=who, team=team, asked=day, accepted=accepted, closed=closed,
        reason=(rng.random(len(who)) * reasons).astype(int),
    )  # fmt: skip
    on_cpa = accepted & np.isin(team, (COMMUNITY, EARLY, PERSONALITY))
    on_cpa &= rng.random(len(who)) < np.where(members(state)[who, number_of("MH")], ON_CPA, ON_CPA_WITHOUT)
    already = state.tables["mh_cpa"]["person"][state.tables["mh_cpa"]["end"] > first]
    on_cpa &= ~np.isin(who, already)
    begun = day[on_cpa] + rng.integers(5, 60, int(on_cpa.sum()))
    state.tables["mh_cpa"].add(person=who[on_cpa], start=begun, end=np.maximum(closed[on_cpa], begun + 30))


def _see(state: Borough, rng: np.random.Generator, first: int, last: int) -> None:
    """Contacts arranged in the month under referrals that are open and accepted."""
    table = state.tables["mh_referrals"]
    rows = np.flatnonzero(table["accepted"] & (table["asked"] <= last) & (table["closed"] > first))
    monthly = np.array([t[4] for t in TEAMS])[table["team"][rows]]
    from_day, to_day = np.maximum(table["asked"][rows], first), np.minimum(table["closed"][rows], last + 1)
    often = 0.4 + 1.2 * ((rows * 7919) % 97) / 97  # some people are seen more than others
    count = rng.poisson(monthly * often * (to_day - from_day) / 30.4)
    which, begun = np.repeat(rows, count), np.repeat(from_day, count)
    day = begun + (rng.random(len(which)) * (np.repeat(to_day, count) - begun)).astype(np.int64)
    kept = np.searchsorted(np.cumsum(ATTENDANCE_SHARE), rng.random(len(which)))
    liaison = table["team"][which] == LIAISON
    state.tables["mh_contacts"].add(
        referral=which, day=day, kept=np.where(liaison, ATTENDED, np.minimum(kept, 3)),
        medium=np.where(liaison, 0, np.searchsorted([0.66, 0.86, 0.88], rng.random(len(which)))),
    )  # fmt: skip


def _admit(state: Borough, rng: np.random.Generator, rows: Array, first: int, last: int) -> None:
    """Stays on wards of people known to the teams, half of them under the Act."""
    stays, p = state.tables["mh_stays"], state.people
    who, day = happen(rng, rows, _bed_risk(state, rows, first), first, last)
    who, once = np.unique(who, return_index=True)
    day = day[once]
    bed = p["out"][who] < day if "out" in p else np.ones(len(who), bool)  # not while in an acute bed
    keep = bed & (day < end_of_time_here(state, who)) & (day >= p["arrived"][who])
    who, day = who[keep], day[keep]
    length = np.maximum(STAY_DAYS * rng.gamma(1.1, 1.2, len(who)), 2).astype(np.int64)
    ward = np.select([state.age(who, day) > 70, state.age(who, day) < 18], [1, 3], rng.random(len(who)) < 0.12)
    ward = np.where(ward == 1, np.where(state.age(who, day) > 70, 1, 2), ward)
    _refer(state, rng, who, np.full(len(who), CRISIS), day, first)
    table = state.tables["mh_referrals"]
    latest = np.full(len(p), NONE)
    latest[table["person"]] = np.arange(len(table))
    moved = np.where((rng.random(len(who)) < 0.15) & (length > 10), day + length // 3, NEVER)
    stays.add(person=who, referral=latest[who], start=day, moved=moved, end=day + length, ward=ward)
    held = rng.random(len(who)) < DETAINED
    _detain(state, rng, who[held], day[held], (day + length)[held])


def _detain(state: Borough, rng: np.random.Generator, who: Array, day: Array, end: Array) -> None:
    """Section 2 for up to 28 days, followed by section 3 where the stay goes on; some begin under section 136."""
    table, n = state.tables["mh_detentions"], len(who)
    police = rng.random(n) < 0.2
    table.add(person=who[police], section=np.full(int(police.sum()), 2), start=day[police], end=day[police] + 1)
    first_section = np.minimum(end, day + 28)
    table.add(person=who, section=np.zeros(n, int), start=day + police, end=np.maximum(first_section, day + police))
    longer = end > day + 30
    table.add(person=who[longer], section=np.ones(int(longer.sum()), int), start=first_section[longer], end=end[longer])
