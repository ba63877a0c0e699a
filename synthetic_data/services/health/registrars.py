"""What registers say of deaths and births: of what and where people died, when that was known, and of babies."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic_data.world import borough as bor
from synthetic_data.world import households as hh
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, NONE, Array
from synthetic_data.world.state import Borough, stable

HOME, HOSPITAL, CARE_HOME, HOSPICE, ELSEWHERE = range(5)


@cache
def causes() -> pl.DataFrame:
    """What people die of: `tables/causes.csv`."""
    return pl.read_csv(bor.TABLES / "causes.csv")


def underlying_cause(state: Borough, dead: Array) -> Array:
    """What each person died of, by age, sex and the conditions they had: a row of `causes`."""
    table, has = causes(), members(state)[dead]
    age, sex = state.age(dead, state.people["death"][dead]), state.people["sex"][dead]
    edges = np.zeros((len(dead), table.height))
    total = np.zeros(len(dead))
    for place, row in enumerate(table.iter_rows(named=True)):
        fits = (age >= row["low"]) & (age < row["high"]) & ((row["sex"] == 0) | (sex == row["sex"]))
        times = np.where(has[:, number_of(row["register"])], row["times"], 0.6) if row["register"] else 1.0
        total = total + fits * row["weight"] * times
        edges[:, place] = total
    point = stable(state, "cause of death", dead) * np.maximum(total, 1e-9)
    drawn = (point[:, None] >= edges).sum(axis=1).clip(0, table.height - 1)
    return np.where(total > 0, drawn, table["icd"].to_list().index("R99X"))


def registered_on(state: Borough, dead: Array, cause: Array) -> Array:
    """The day a death is registered: within a fortnight, or after an inquest of two to eleven months."""
    inquest = causes()["inquest"].to_numpy()[cause] > 0
    roll = stable(state, "registered", dead)
    lag = np.where(inquest, 60 + roll * 270, np.where(roll < 0.93, 2 + roll * 10, 12 + (roll - 0.93) * 400))
    return state.people["death"][dead].astype(np.int64) + lag.astype(np.int64)


def died_at(state: Borough, dead: Array) -> Array:
    """The kind of place, as a place in `PLACES`: hospital where a stay ended in the death."""
    spells, p = state.tables["spells"], state.people
    ended = (spells["dismeth"] == 4) & (spells["discharged"] != NEVER)
    in_hospital = np.isin(dead, spells["person"][ended])
    roll = stable(state, "place of death", dead)
    ill = members(state)[dead][:, [number_of("PC"), number_of("CAN")]].any(axis=1)
    own = np.where(p["kind"][dead] == hh.CARE_HOME, CARE_HOME, np.where(ill & (roll < 0.22), HOSPICE, HOME))
    return np.where(in_hospital, HOSPITAL, np.where(roll > 0.96, ELSEWHERE, own))


def birth_facts(state: Borough, babies: Array) -> dict[str, Array]:
    """Gestation in days, weight in grams, whether a twin: the same wherever the birth is written down."""
    p, table = state.people, state.tables["pregnancies"]
    row = p["pregnancy"][babies]
    days = p["birth"][babies] - table["begun"][row]
    _, place, size = np.unique(row, return_inverse=True, return_counts=True)
    everyone = np.bincount(p["pregnancy"][p["pregnancy"] != NONE], minlength=len(table))
    twin = (size[place] > 1) | (everyone[row] > 1)
    asian = np.array(bor.ethnicities()["broad"].to_list())[p["eth"][babies]] == "asian"
    mean = np.interp(days, [160, 200, 240, 280, 300], [550, 1250, 2300, 3480, 3760])
    mean = (
        mean
        * np.where(twin, 0.86, 1.0)
        * np.where(asian, 0.945, 1.0)
        * np.where(smokes(state, p["mother"][babies]), 0.94, 1.0)
    )
    spread = stable(state, "birth weight", babies) + stable(state, "birth weight, too", babies) - 1
    return {"days": days, "grams": np.round(mean * (1 + 0.29 * spread) / 10).astype(np.int64) * 10, "twin": twin}


def smokes(state: Borough, who: Array) -> Array:
    """True for those on the practices' list of smokers."""
    return members(state)[who, number_of("SMOK")]
