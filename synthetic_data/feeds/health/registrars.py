"""The registrars' files: deaths with their causes, and births, of the borough's residents, once they are registered."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.health.patients import postcodes, practice_codes, references
from synthetic_data.feeds.identity import identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.health.registrars import (
    CARE_HOME,
    HOSPICE,
    HOSPITAL,
    birth_facts,
    causes,
    died_at,
    registered_on,
    underlying_cause,
)
from synthetic_data.services.health.when import home_on
from synthetic_data.world.conditions import members, registers
from synthetic_data.world.rows import NONE, Array
from synthetic_data.world.state import Borough, stable

DEATHS, BIRTHS = "deaths__registrations", "births__registrations"
PLACES = ("home", "hospital", "care home", "hospice", "elsewhere")
ESTABLISHMENTS = ("", "R1H12", "A12345", "8HM05", "")
MENTIONS = 4
AGE_BANDS = ("under 20", "20-24", "25-29", "30-34", "35-39", "40-44", "45 and over")
BORN_AT_HOME = 0.02


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
