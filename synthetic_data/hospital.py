"""Admissions to hospital: spells conditional on need, births and last illnesses, and the episodes they consist of."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic_data import borough as bor
from synthetic_data import households as hh
from synthetic_data import planted
from synthetic_data.conditions import burden, members, number_of, registers
from synthetic_data.rows import NEVER, NONE, Array, Rows, pick_one, rank_within, stream
from synthetic_data.state import YEAR, Borough, stable

KINDS = ("emergency", "elective", "daycase", "delivery", "birth")
EMERGENCY, ELECTIVE, DAYCASE, DELIVERY, BIRTH = range(5)
# Spells a year for 1,000 people (DOMAIN §6.4 for emergencies), and relative rates by age.
YEARLY_RATE = {EMERGENCY: 75.0, ELECTIVE: 18.0, DAYCASE: 62.0}
_AGES = np.array([0, 1, 5, 15, 25, 45, 65, 75, 85, 100])
_BY_AGE = {
    EMERGENCY: (2.6, 1.6, 0.5, 0.45, 0.55, 0.9, 2.2, 3.8, 6.5, 8.0),
    ELECTIVE: (0.1, 0.4, 0.5, 0.5, 0.7, 1.5, 3.0, 3.5, 2.0, 0.5),
    DAYCASE: (0.0, 0.3, 0.6, 0.4, 0.6, 1.5, 3.2, 3.6, 2.0, 0.6),
}
COST = {
    EMERGENCY: (1100.0, 430.0),
    ELECTIVE: (1500.0, 520.0),
    DAYCASE: (900.0, 0.0),
    DELIVERY: (2100.0, 450.0),
    BIRTH: (650.0, 260.0),
}
_ASTHMA = (("J459", 0.57), ("R062", 0.37), ("J46X", 0.06))  # of the stays of children with asthma or wheeze
BACK_AGAIN = 0.075  # of emergency stays of people with no condition: another within thirty days
DIES_IN_HOSPITAL = 0.48
SECONDARY = 6
Part = tuple[Array, Array, Array]  # people, days of admission, kinds


@cache
def diagnoses() -> pl.DataFrame:
    """The primary diagnoses of `tables/diagnoses.csv`."""
    return pl.read_csv(bor.TABLES / "diagnoses.csv", schema_overrides={"specialty": pl.String})


def _empty() -> Rows:
    small = {
        name: np.zeros(0, np.int16) for name in ("diagnosis", "method", "source", "dismeth", "disdest", "critical")
    }
    return Rows(
        person=np.zeros(0, np.int64),
        admitted=np.zeros(0, np.int32),
        discharged=np.zeros(0, np.int32),
        kind=np.zeros(0, np.int8),
        split=np.zeros(0, np.int32),
        cost=np.zeros(0, np.int64),
        secondary=np.zeros((0, SECONDARY), np.int8),
        cause=np.zeros(0, np.int8),
        **small,
    )


def admit(state: Borough, label: str, first: int, last: int) -> Array:
    """Add the spells that begin between two days; returns their rows."""
    p = state.people
    if "spells" not in state.tables:
        state.tables["spells"] = _empty()
        p["out"] = np.full(len(p), -NEVER)
    rng = stream(state.seed, label, "hospital")
    here = (p["birth"] < last) & (p["death"] > first) & (p["left"] > first) & (p["arrived"] <= last)
    rows = np.flatnonzero(here)
    conditions = np.minimum(burden(state)[rows], 6)
    parts = [_wanted(state, rng, rows, kind, first, last, conditions) for kind in YEARLY_RATE]
    parts += _births(state, rng, first, last)
    children, dying = _asthma(state, rng, rows, first, last), _last_illness(state, rng, first, last)
    parts += [children, dying]
    who, when, kind = (np.concatenate([part[i] for part in parts]) for i in range(3))
    asthma, final = (
        np.concatenate([np.full(len(part[0]), part is one) for part in parts]) for one in (children, dying)
    )
    ends = np.where(final, p["death"][who], NONE)  # a last illness ends with the death
    spells = _add(state, rng, who, when, kind, asthma=asthma, ends=ends)
    who, when = _back_again(state, first, last)
    return np.r_[spells, _add(state, rng, who, when, np.full(len(who), EMERGENCY))]


def _back_again(state: Borough, first: int, last: int) -> tuple[Array, Array]:
    """People who are back between two days, within thirty days of going home from an emergency stay, and on which day.

    Whether and when is a stay's own, so that it does not matter in which month one asks.
    """
    spells, p = state.tables["spells"], state.people
    rows = np.flatnonzero(
        (spells["kind"] == EMERGENCY) & (spells["discharged"] >= first - 30) & (spells["discharged"] < last)
    )
    who = spells["person"][rows]
    chance = BACK_AGAIN * (1 + 0.25 * np.minimum(burden(state)[who], 4))
    chance *= np.where(state.age(who, first) > 75, 1.3, 1.0)
    rows = rows[(stable(state, "back again", rows) < chance) & (p["home_on"][who] < first - 30)]
    day = spells["discharged"][rows] + 2 + (stable(state, "back again on", rows) ** 1.5 * 28).astype(np.int64)
    due = (day >= first) & (day <= last)
    return spells["person"][rows[due]], day[due]


def admit_over(state: Borough, rng: np.random.Generator, who: Array, day: Array) -> None:
    """An emergency stay that covers a given day."""
    ends = day + rng.integers(1, 12, len(who))
    _add(state, rng, who, day - rng.integers(1, 10, len(who)), np.full(len(who), EMERGENCY), ends=ends)


def _wanted(
    state: Borough, rng: np.random.Generator, rows: Array, kind: int, first: int, last: int, conditions: Array
) -> Part:
    p = state.people
    age = np.maximum(state.age(rows, first), 0)
    weight = np.interp(age, _AGES, _BY_AGE[kind]) * np.exp(0.5 * p["z"][rows] - 0.125)
    weight *= 1 + (0.6 if kind == EMERGENCY else 0.3) * conditions
    if kind == EMERGENCY:
        weight *= often(state, rows)
        weight *= np.where(p["kind"][rows] == hh.ROUGH, 4.0, 1.0)
        weight = _sloped(state, rows, weight)
    total = YEARLY_RATE[kind] / 1000 * len(rows) * (last - first + 1) / YEAR
    count = rng.poisson(weight * total / max(weight.sum(), 1e-9))
    who = np.repeat(rows, count)
    return who, rng.integers(first, last + 1, len(who)), np.full(len(who), kind)


def often(state: Borough, rows: Array) -> Array:
    """How much more often than others of their kind each person comes in an emergency, about 1 on average.

    A few come again and again: a long tail, so that about one stay in seven follows another within thirty days.
    """
    return 0.25 + 0.75 * (-np.log(1 - stable(state, "emergency", rows))) ** 1.6 / 1.4296  # type: ignore[no-any-return]


def _sloped(state: Borough, rows: Array, weight: Array) -> Array:
    """Weights scaled so that rates by IMD quintile stand to each other as planted."""
    fifth = planted.quintile(state, rows)
    mean = np.bincount(fifth, weight, minlength=6) / np.maximum(np.bincount(fifth, minlength=6), 1)
    wanted = np.r_[1.3, planted.EMERGENCY_BY_QUINTILE]
    return weight * (wanted / np.where(mean > 0, mean, 1.0))[fifth]  # type: ignore[no-any-return]


def _asthma(state: Borough, rng: np.random.Generator, rows: Array, first: int, last: int) -> Part:
    """Children with asthma or wheeze, several times as often in one ward; no other child is given these diagnoses."""
    age = state.age(rows, first)
    children = rows[(age >= 1) & (age < 18)]
    asthmatic = members(state)[children, number_of("AST")]
    there = planted.in_asthma_ward(state, children)
    risk = np.where(asthmatic, 8.0, 1.0)
    for part in (there, ~there):  # the same mean on both sides, so the ratio is the planted one
        risk[part] /= max(risk[part].mean() if part.any() else 1.0, 1e-9)
    yearly = planted.ASTHMA_BASE / 1000 * np.where(there, planted.ASTHMA_TIMES, 1.0) * risk
    who = np.repeat(children, rng.poisson(yearly * (last - first + 1) / YEAR))
    return who, rng.integers(first, last + 1, len(who)), np.full(len(who), EMERGENCY)


def _births(state: Borough, rng: np.random.Generator, first: int, last: int) -> list[Part]:
    p = state.people
    babies = np.flatnonzero(
        (p["birth"] >= first) & (p["birth"] <= last) & (p["arrived"] == p["birth"]) & (p["mother"] >= 0)
    )
    babies = babies[rng.random(len(babies)) < 0.97]
    mothers, at = np.unique(p["mother"][babies], return_index=True)
    day = p["birth"][babies]
    return [
        (babies, day, np.full(len(babies), BIRTH)),
        (mothers, day[at] - (rng.random(len(at)) < 0.4), np.full(len(at), DELIVERY)),
    ]


def _last_illness(state: Borough, rng: np.random.Generator, first: int, last: int) -> Part:
    p = state.people
    dying = np.flatnonzero(
        (p["death"] >= first) & (p["death"] <= last) & (p["left"] > p["death"]) & (p["arrived"] < first)
    )
    dying = dying[rng.random(len(dying)) < DIES_IN_HOSPITAL]
    day = np.maximum(p["death"][dying] - rng.integers(0, 14, len(dying)), np.maximum(first, p["birth"][dying]))
    return dying, day, np.full(len(dying), EMERGENCY)


def _add(
    state: Borough, rng: np.random.Generator, who: Array, when: Array, kind: Array,
    asthma: Array | None = None, ends: Array | None = None,
) -> Array:  # fmt: skip
    """Spells that overlap another of the person's, or lie outside their time here, are left out."""
    p = state.people
    order = np.lexsort((kind, when, who))
    who, when, kind = who[order], when[order].astype(np.int64), kind[order]
    diagnosis = _diagnose(state, rng, who, when, kind)
    if asthma is not None:
        named = diagnoses()["icd"].to_list()
        rows = np.array([named.index(icd) for icd, _ in _ASTHMA])
        drawn = rows[pick_one(rng, [share for _, share in _ASTHMA], len(who))]
        drawn = np.where((drawn == rows[1]) & (state.age(who, when) >= 8), rows[0], drawn)  # wheeze is for the young
        diagnosis = np.where(asthma[order], drawn, diagnosis)
    stay = diagnoses()["stay"].to_numpy()[diagnosis]
    length = np.where(
        kind == DAYCASE, 0, np.floor(rng.gamma(1.1, np.maximum(stay, 0.01) / 1.1) + rng.random(len(who)) * 0.6)
    ).astype(np.int64)
    length += np.where(
        (state.age(who, when) > 75) & (rng.random(len(who)) < 0.15) & (kind == EMERGENCY),
        rng.integers(5, 30, len(who)),
        0,
    )
    until = np.full(len(who), NONE) if ends is None else ends[order]
    leaves = np.minimum(np.where(until == NONE, when + length, until), p["death"][who])
    span = np.int64(100_000)
    reach = np.maximum.accumulate(who * span + leaves)
    clear = np.r_[True, (who * span + when)[1:] > reach[:-1]] & (when > p["out"][who])
    fits = (
        clear
        & (when >= p["arrived"][who])
        & (when >= p["birth"][who])
        & (when < p["left"][who])
        & (when <= p["death"][who])
        & ((until != NONE) | (when > p["home_on"][who]) | (leaves < p["home_on"][who]))  # a day to be at home: planted
    )
    who, when, kind, diagnosis, leaves = who[fits], when[fits], kind[fits], diagnosis[fits], leaves[fits]
    np.maximum.at(p["out"], who, leaves.astype(p["out"].dtype))
    died = leaves == p["death"][who]
    care_home = p["kind"][who] == hh.CARE_HOME
    base, daily = (np.array([COST[k][i] for k in range(5)])[kind] for i in range(2))
    pence = np.round((base + daily * (leaves - when)) * np.exp(rng.normal(-0.045, 0.3, len(who))) * 100).astype(
        np.int64
    )
    critical = np.where(
        (kind == EMERGENCY) & (rng.random(len(who)) < 0.03), np.minimum(leaves - when, rng.integers(1, 8, len(who))), 0
    )
    return state.tables["spells"].add(
        person=who,
        admitted=when,
        discharged=leaves,
        kind=kind,
        diagnosis=diagnosis,
        cost=pence + critical * 130_000,
        critical=critical,
        method=_method(rng, kind),
        source=np.where(kind == BIRTH, 79, np.where(care_home, 65, 19)),
        secondary=_secondary(state, rng, who),
        cause=_cause(state, rng, who, when, diagnosis),
        dismeth=np.where(died, 4, np.where(rng.random(len(who)) < 0.03, 2, 1)),
        disdest=np.where(died, 79, np.where(care_home, 65, np.where(rng.random(len(who)) < 0.97, 19, 51))),
        split=np.where((kind == EMERGENCY) & (leaves - when >= 2) & (rng.random(len(who)) < 0.3), when + 1, NONE),
    )


def _diagnose(state: Borough, rng: np.random.Generator, who: Array, when: Array, kind: Array) -> Array:
    table = diagnoses()
    age = np.maximum(state.age(who, when), 0)
    numbers = {name: i for i, name in enumerate(registers()["register"])}
    has = members(state)
    edges = np.zeros((len(who), table.height), np.float32)
    total = np.zeros(len(who), np.float32)
    for place, row in enumerate(table.iter_rows(named=True)):
        fits = (kind == KINDS.index(row["kind"])) & (age >= row["low"]) & (age < row["high"])
        weight = np.where(fits, row["weight"], 0.0)
        if row["register"]:
            weight = weight * np.where(has[who, numbers[row["register"]]], row["times"], 0.6)
        total = total + weight.astype(np.float32)
        edges[:, place] = total
    none = total <= 0
    fallback = np.array([table["kind"].to_list().index(k) for k in KINDS])
    drawn = (
        (rng.random(len(who))[:, None] * np.maximum(total, 1e-9)[:, None] >= edges)
        .sum(axis=1)
        .clip(0, table.height - 1)
    )
    return np.where(none, fallback[kind], drawn)


@cache
def external_causes() -> pl.DataFrame:
    """How injuries and poisonings came about: `tables/external_causes.csv`; a blank cause is one not recorded."""
    return pl.read_csv(bor.TABLES / "external_causes.csv")


@cache
def causes() -> list[str]:
    """The codes of external causes; a spell's `cause` is a place in this list."""
    return sorted(external_causes()["cause"].drop_nulls().unique())


def _cause(state: Borough, rng: np.random.Generator, who: Array, when: Array, diagnosis: Array) -> Array:
    """The external cause of each spell's injury, −1 where there is none or it is not recorded."""
    out = np.full(len(who), -1)
    icd, age, roll = diagnoses()["icd"].to_numpy()[diagnosis], state.age(who, when), rng.random(len(who))
    for (code, low, high), table in external_causes().group_by("icd", "low", "high", maintain_order=True):
        fits = np.flatnonzero((icd == code) & (age >= low) & (age < high))
        edges = np.cumsum(table["weight"].to_numpy() / table["weight"].sum())
        places = np.array([causes().index(c) if c else -1 for c in table["cause"]])
        out[fits] = places[np.minimum(np.searchsorted(edges, roll[fits], side="right"), len(places) - 1)]
    return out


def coded(spells: Rows, rows: Array) -> list[tuple[list[str], Array]]:
    """Codes beside the primary diagnosis, place by place: words and each spell's number among them, −1 for none.

    The external cause of an injury comes first, then the registers the person is on.
    """
    words = [*registers()["icd"].to_list(), *causes()]
    cause, others = spells["cause"][rows].astype(int), spells["secondary"][rows].astype(int)
    first = np.where(cause >= 0, cause + registers().height, -1)
    shifted = np.concatenate([first[:, None], others], axis=1)
    plain = np.concatenate([others, np.full((len(rows), 1), -1)], axis=1)
    made = np.where((cause >= 0)[:, None], shifted, plain)
    return [(words, made[:, i]) for i in range(SECONDARY + 1)]


def _method(rng: np.random.Generator, kind: Array) -> Array:
    """Places in `METHODS`."""
    roll = rng.random(len(kind))
    emergency = np.searchsorted(np.array([0.80, 0.90, 0.95, 0.98]), roll)
    elective = 5 + np.searchsorted(np.array([0.6, 0.85]), roll)
    return np.select([kind == EMERGENCY, kind == DELIVERY, kind == BIRTH], [emergency, 8 + (roll < 0.1), 10], elective)


METHODS = np.array(["21", "22", "24", "2A", "28", "11", "12", "13", "31", "32", "82"], object)


def _secondary(state: Borough, rng: np.random.Generator, who: Array) -> Array:
    """Up to six of the person's registers, coded with the spell; −1 where there are fewer."""
    has = members(state)[who]
    wanted = has & (rng.random(has.shape) < 0.8)
    coded = [i for i, icd in enumerate(registers()["icd"]) if registers()["register"][i] not in ("CVDPP", "FRAIL1")]
    wanted = wanted[:, coded]
    order = np.argsort(~wanted, axis=1, kind="stable")[:, :SECONDARY]
    there = np.take_along_axis(wanted, order, axis=1)
    return np.where(there, np.array(coded)[order], -1).astype(np.int8)


def end_at_death(state: Borough, first: int) -> None:
    """Spells that ran past a death found out later end with it, in hospital."""
    p, spells = state.people, state.tables["spells"]
    open_then = np.flatnonzero((spells["discharged"] >= first) & (p["death"][spells["person"]] <= spells["discharged"]))
    person = spells["person"][open_then]
    late = spells["admitted"][open_then] <= p["death"][person]
    spells["discharged"][open_then[~late]] = NEVER  # planned for after the death: it never was
    rows, person = open_then[late], person[late]
    spells["discharged"][rows] = p["death"][person]
    spells["dismeth"][rows], spells["disdest"][rows] = 4, 79
    spells["split"][rows] = np.where(spells["split"][rows] >= spells["discharged"][rows], NONE, spells["split"][rows])


def episodes(state: Borough, since: int, until: int) -> Rows:
    """Finished episodes of spells discharged between two days: spell's row, order, start, end."""
    spells = state.tables["spells"]
    rows = np.flatnonzero((spells["discharged"] >= since) & (spells["discharged"] <= until))
    twice = spells["split"][rows] != NONE
    spell = np.repeat(rows, 1 + twice)
    order = rank_within(spell, np.arange(len(spell))) + 1
    split = spells["split"][spell]
    start = np.where(order == 2, split, spells["admitted"][spell])
    end = np.where((split != NONE) & (order == 1), split, spells["discharged"][spell])
    return Rows(spell=spell, order=order, start=start, end=end)
