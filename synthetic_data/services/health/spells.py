"""Spells in hospital: those that can be are added, none past a death, and the episodes they consist of."""

from __future__ import annotations

import numpy as np

from synthetic_data.services.health.stay_codes import (
    BIRTH,
    DAYCASE,
    DELIVERY,
    ELECTIVE,
    EMERGENCY,
    SECONDARY,
    diagnose,
    diagnoses,
    external_cause,
    methods,
    secondary,
)
from synthetic_data.world import households as hh
from synthetic_data.world.rows import NEVER, NONE, Array, Rows, pick_one, rank_within
from synthetic_data.world.state import Borough

COST = {
    EMERGENCY: (1100.0, 430.0),
    ELECTIVE: (1500.0, 520.0),
    DAYCASE: (900.0, 0.0),
    DELIVERY: (2100.0, 450.0),
    BIRTH: (650.0, 260.0),
}
_ASTHMA = (("J459", 0.57), ("R062", 0.37), ("J46X", 0.06))  # of the stays of children with asthma or wheeze


def no_spells() -> Rows:
    """A table of spells without any."""
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


def add_spells(
    state: Borough, rng: np.random.Generator, who: Array, when: Array, kind: Array,
    asthma: Array | None = None, ends: Array | None = None,
) -> Array:  # fmt: skip
    """Spells that overlap another of the person's, or lie outside their time here, are left out."""
    p = state.people
    order = np.lexsort((kind, when, who))
    who, when, kind = who[order], when[order].astype(np.int64), kind[order]
    diagnosis = diagnose(state, rng, who, when, kind)
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
        method=methods(rng, kind),
        source=np.where(kind == BIRTH, 79, np.where(care_home, 65, 19)),
        secondary=secondary(state, rng, who),
        cause=external_cause(state, rng, who, when, diagnosis),
        dismeth=np.where(died, 4, np.where(rng.random(len(who)) < 0.03, 2, 1)),
        disdest=np.where(died, 79, np.where(care_home, 65, np.where(rng.random(len(who)) < 0.97, 19, 51))),
        split=np.where((kind == EMERGENCY) & (leaves - when >= 2) & (rng.random(len(who)) < 0.3), when + 1, NONE),
    )


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
