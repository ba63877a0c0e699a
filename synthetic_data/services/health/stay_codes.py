"""How a stay in hospital is coded: its kind, how it began, its diagnoses, and the cause of an injury."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic_data.world import borough as bor
from synthetic_data.world.conditions import members, registers
from synthetic_data.world.rows import Array, Rows
from synthetic_data.world.state import Borough

KINDS = ("emergency", "elective", "daycase", "delivery", "birth")
EMERGENCY, ELECTIVE, DAYCASE, DELIVERY, BIRTH = range(5)
METHODS = np.array(["21", "22", "24", "2A", "28", "11", "12", "13", "31", "32", "82"], object)
SECONDARY = 6


@cache
def diagnoses() -> pl.DataFrame:
    """The primary diagnoses of `tables/diagnoses.csv`."""
    return pl.read_csv(bor.TABLES / "diagnoses.csv", schema_overrides={"specialty": pl.String})


def diagnose(state: Borough, rng: np.random.Generator, who: Array, when: Array, kind: Array) -> Array:
    """The primary diagnosis of each stay, a row of `diagnoses`: by its kind, age, and the registers people are on."""
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


def external_cause(state: Borough, rng: np.random.Generator, who: Array, when: Array, diagnosis: Array) -> Array:
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


def methods(rng: np.random.Generator, kind: Array) -> Array:
    """Places in `METHODS`."""
    roll = rng.random(len(kind))
    emergency = np.searchsorted(np.array([0.80, 0.90, 0.95, 0.98]), roll)
    elective = 5 + np.searchsorted(np.array([0.6, 0.85]), roll)
    return np.select([kind == EMERGENCY, kind == DELIVERY, kind == BIRTH], [emergency, 8 + (roll < 0.1), 10], elective)


def secondary(state: Borough, rng: np.random.Generator, who: Array) -> Array:
    """Up to six of the person's registers, coded with the spell; −1 where there are fewer."""
    has = members(state)[who]
    wanted = has & (rng.random(has.shape) < 0.8)
    coded = [i for i, icd in enumerate(registers()["icd"]) if registers()["register"][i] not in ("CVDPP", "FRAIL1")]
    wanted = wanted[:, coded]
    order = np.argsort(~wanted, axis=1, kind="stable")[:, :SECONDARY]
    there = np.take_along_axis(wanted, order, axis=1)
    return np.where(there, np.array(coded)[order], -1).astype(np.int8)
