"""The file of the National Child Measurement Programme: heights and weights, some of them mistaken."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.council.clients import own_ref, place, sent
from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.identity import ethnicity, identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.council import schools as sch
from synthetic_data.services.council.measurements import categories, last_year, measured
from synthetic_data.world.rows import Array, stream
from synthetic_data.world.state import YEAR, Borough, stable

FEED = "ncmp__measurements"
EDGES = np.array([-3.2, -2.054, 1.036, 1.645, 2.652, 4.6])  # z of the 2nd, 85th, 95th and 99.6th centile, and the ends
HEIGHT = np.array([[108.5, 107.6], [147.0, 147.6]])  # cm, by year and sex; at 4¾ and 11 years
BMI = ((15.6, 0.083, -1.3), (17.3, 0.118, -1.9))  # mean, spread and skew, by year
EXCHANGED, IMPLAUSIBLE = 0.003, 0.003  # heights for weights; figures mistyped so that the BMI is beyond belief


def is_due(month: str, first_month: str) -> bool:
    """Whether an extract comes in this month: in August, and once to begin with."""
    return month == first_month or month[5:] == "08"


def measurements(state: Borough, mess: Mess, label: str) -> Feed:
    """`ncmp__measurements`: the children measured; a few heights and weights exchanged, a few beyond belief."""
    s, p = state.sources["education"], state.people
    at, group, day = measured(state)
    person = s["person"][at]
    rng = stream(state.seed, "body", last_year(state.today))
    kind = categories(state, person, group)
    z = EDGES[kind] + rng.random(len(at)) * (EDGES[kind + 1] - EDGES[kind])
    z = np.where(kind == 1, np.clip(rng.normal(0.05, 0.75, len(at)), EDGES[1] + 0.01, EDGES[2] - 0.01), z)
    mean, spread, skew = np.array(BMI)[group].T
    bmi = mean * (1 + skew * spread * np.minimum(z, 3.4)) ** (1 / skew)
    years = (day - p["birth"][person]) / YEAR
    height = (
        HEIGHT[group, p["sex"][person] - 1] + (years - np.array([4.9, 10.9])[group]) * 6 + rng.normal(0, 5, len(at))
    )
    height = np.round(height * (1 + 0.01 * z), 1)
    weight = np.round(bmi * (height / 100) ** 2, 1)
    wild = stable(state, "wild", person) < IMPLAUSIBLE
    weight, z = np.where(wild, weight * 3, weight), np.where(wild, 7.5 + z, z)
    turned = ~wild & (stable(state, "turned", person) < EXCHANGED)
    names = identity(state, mess, FEED, label, at, person)
    postcode, _ = place(state, None, FEED, label, at, person, p["home"][person])
    rows = pl.DataFrame(
        {
            "measurement_ref": own_ref(state, f"M{last_year(state.today)}", at, 67),
            "nhs_number": names["nhs_number"],
            "surname": names["surname"],
            "forename": names["forename"],
            "birth_date": names["birth_date"],
            "sex": pick(["1", "2"], p["sex"][person] - 1),
            "ethnic_category": ethnicity(state, "nhs", "ncmp", person, ["Z", "99"]),
            "postcode": postcode,
            "school_urn": sch.urn(s["school"][at] % sch.PRIMARY),
            "year_group": pick(["R", "6"], group),
            "measurement_date": dates(day),
            "height_cm": np.where(turned, weight, height),
            "weight_kg": np.where(turned, height, weight),
            "bmi": np.round(weight / (height / 100) ** 2, 2),
            "bmi_centile_pct": np.round(100 * _normal(z), 2),
            "bmi_z_score": np.round(z, 3),
        }
    )
    return sent(state, mess, FEED, label, rows, at, person, "ncmp", ("measurement_ref",))


def _normal(z: Array) -> Array:
    """The standard normal distribution function (Abramowitz and Stegun 26.2.17; error below 1e-7)."""
    t = 1 / (1 + 0.2316419 * np.abs(z))
    tail = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    upper = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * tail
    return np.where(z > 0, 1 - upper, upper)
