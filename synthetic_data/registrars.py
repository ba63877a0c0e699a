"""The registrars' files: deaths with their causes, and births, of the borough's residents, once they are registered."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic_data import borough as bor
from synthetic_data import households as hh
from synthetic_data.conditions import members, number_of, registers
from synthetic_data.feeds import Feed, dates, identity, pick, truth_records
from synthetic_data.mess import Mess
from synthetic_data.rows import NEVER, NONE, Array
from synthetic_data.services import home_on, postcodes, practice_codes, references
from synthetic_data.state import Borough, stable

DEATHS, BIRTHS = "deaths__registrations", "births__registrations"
PLACES = ("home", "hospital", "care home", "hospice", "elsewhere")
HOME, HOSPITAL, CARE_HOME, HOSPICE, ELSEWHERE = range(5)
ESTABLISHMENTS = ("", "R1H12", "A12345", "8HM05", "")
MENTIONS = 4
AGE_BANDS = ("under 20", "20-24", "25-29", "30-34", "35-39", "40-44", "45 and over")
BORN_AT_HOME = 0.02


@cache
def causes() -> pl.DataFrame:
    """What people die of: `tables/causes.csv`."""
    return pl.read_csv(bor.TABLES / "causes.csv")


def deaths(state: Borough, mess: Mess, label: str, since: int) -> Feed:
    """`deaths__registrations`: residents' deaths registered in twelve months; after an inquest, months late."""
    p = state.people
    dead = np.flatnonzero((p["death"] <= state.today) & ~p["outside"] & (p["left"] > p["death"]))
    cause = underlying_cause(state, dead)
    registered = registered_on(state, dead, cause)
    now = (registered >= since) & (registered <= state.today)
    dead, cause, registered = dead[now], cause[now], registered[now]
    place = died_at(state, dead)
    icd = causes()["icd"].to_list()
    number = references(state, dead, 59)
    rows = pl.DataFrame(
        {
            "death_ref": pl.select(pl.format("D{}", number)).to_series(),
            "death_date": dates(p["death"][dead]),
            "registration_date": dates(registered),
            "sex": pick(["1", "2"], p["sex"][dead] - 1),
            "postcode": postcodes(state, p["home"][dead]),
            "death_place_type": pick(list(PLACES), place),
            "establishment_code": pick(list(ESTABLISHMENTS), place).replace("", None),
            "underlying_cause_code": pick(icd, cause),
            **_mentions(state, dead, pick(icd, cause)),
            "is_communal": pick(["false", "true"], np.isin(place, (HOSPITAL, CARE_HOME, HOSPICE)).astype(int)),
            "practice_code": practice_codes(state, dead),
        }
    ).hstack(identity(state, mess, DEATHS, label, dead, dead))
    return Feed(DEATHS, rows, truth_records("deaths", rows["death_ref"], dead))


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


def _mentions(state: Borough, dead: Array, underlying: pl.Series) -> dict[str, pl.Series]:
    """Causes mentioned, in no order: the underlying one, and conditions the person had."""
    icd = registers()["icd"].to_list()
    has = members(state)[dead]
    order = np.argsort(~has, axis=1, kind="stable")[:, : MENTIONS - 1]
    there = np.take_along_axis(has, order, axis=1)
    others = [pick(icd, np.where(there[:, i], order[:, i], -1)) for i in range(MENTIONS - 1)]
    last = stable(state, "order of causes", dead) < 0.3  # the underlying cause need not be first
    first = pl.select(pl.when(pl.Series(last) & others[0].is_not_null()).then(others[0]).otherwise(underlying))
    second = pl.select(pl.when(pl.Series(last) & others[0].is_not_null()).then(underlying).otherwise(others[0]))
    mentioned = [first.to_series(), second.to_series(), *others[1:]]
    return {f"cause_{i + 1:02d}_code": values for i, values in enumerate(mentioned)}


def births(state: Borough, mess: Mess, label: str, since: int) -> Feed:
    """`births__registrations`: births registered in twelve months, each within six weeks of its day."""
    p = state.people
    babies = np.flatnonzero((p["pregnancy"] != NONE) & (p["birth"] > since - 50))
    registered = p["birth"][babies] + 3 + (stable(state, "birth registered", babies) * 39).astype(np.int64)
    registered = np.minimum(registered, np.maximum(p["death"][babies], p["birth"][babies] + 1))
    now = (registered >= since) & (registered <= state.today)
    babies, registered = babies[now], registered[now]
    mother, facts = p["mother"][babies], birth_facts(state, babies)
    years = state.age(mother, p["birth"][babies])
    number = references(state, babies, 61)
    place = (stable(state, "place of birth", babies) < BORN_AT_HOME).astype(int)
    rows = pl.DataFrame(
        {
            "birth_ref": pl.select(pl.format("B{}", number)).to_series(),
            "mother_nhs_number": pl.Series(p["nhs"][mother]).cast(pl.String),
            "registration_date": dates(registered),
            "sex": pick(["1", "2"], p["sex"][babies] - 1),
            "postcode": postcodes(state, home_on(state, babies, registered)),
            "birth_weight_grams": facts["grams"],
            "gestation_weeks": facts["days"] // 7,
            "is_multiple_birth": pick(["false", "true"], facts["twin"].astype(int)),
            "mother_age_band": pick(list(AGE_BANDS), np.searchsorted([20, 25, 30, 35, 40, 45], years, side="right")),
            "birth_place_type": pick(["hospital", "home"], place),
        }
    ).hstack(identity(state, mess, BIRTHS, label, babies, babies))
    return Feed(BIRTHS, rows, truth_records("births", rows["birth_ref"], babies))


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
