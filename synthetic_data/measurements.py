"""The National Child Measurement Programme: children measured in Reception and in Year 6 of the last school year.

How many are obese is exact: the borough's Year 6 share is planted, with a slope by deprivation and group. Heights and
BMI are of the UK 1990 reference (LMS), roughly: a mean, a spread and a skew at each age and sex.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data import borough as bor
from synthetic_data import schools as sch
from synthetic_data.council_rows import own_ref, place, sent
from synthetic_data.feeds import Feed, dates, ethnicity, identity, pick
from synthetic_data.mess import Mess
from synthetic_data.rows import NEVER, Array, pick_share, stream
from synthetic_data.state import YEAR, Borough, stable

FEED = "ncmp__measurements"
PARTICIPATION = 0.95
YEARS = (0, 6)  # national curriculum years: Reception and Year 6
# Shares of those measured, in Reception and Year 6: severely obese, obese without it, overweight, underweight.
SHARES = ((0.030, 0.085, 0.115, 0.020), (0.060, 0.193, 0.150, 0.020))
OBESE_YEAR_6 = 0.253  # the founding documents' figure
SLOPE = 0.28  # of the logarithm of the chance of obesity, for a standard deviation of deprivation
GROUPS = {"Bangladeshi": 1.2, "Black": 1.25, "White British": 0.8, "White Other": 0.8}
EDGES = np.array([-3.2, -2.054, 1.036, 1.645, 2.652, 4.6])  # z of the 2nd, 85th, 95th and 99.6th centile, and the ends
HEIGHT = np.array([[108.5, 107.6], [147.0, 147.6]])  # cm, by year and sex; at 4¾ and 11 years
BMI = ((15.6, 0.083, -1.3), (17.3, 0.118, -1.9))  # mean, spread and skew, by year
EXCHANGED, IMPLAUSIBLE = 0.003, 0.003  # heights for weights; figures mistyped so that the BMI is beyond belief


def is_due(month: str, first_month: str) -> bool:
    """Whether an extract comes in this month: in August, and once to begin with."""
    return month == first_month or month[5:] == "08"


def last_year(today: int) -> int:
    """The school year, by the year it begins, whose measuring is over on a day."""
    return sch.state_year(today) - (0 if str(np.datetime64(today, "D"))[5:7] == "08" else 1)


def measured(state: Borough) -> tuple[Array, Array, Array]:
    """(row of `education`, 0 for Reception or 1 for Year 6, day) of those measured in the last school year."""
    s, p = state.sources["education"], state.people
    begins = int(np.datetime64(f"{last_year(state.today)}-10-01").astype("datetime64[D]").astype(np.int64))
    at = np.flatnonzero(s["left"] == NEVER)
    person = s["person"][at]
    day = begins + (stable(state, "measured", person) * 270).astype(np.int64)
    year = sch.academic_year(p["birth"][person], begins)
    there = np.isin(year, YEARS) & (p["arrived"][person] <= day) & (stable(state, "opted out", person) < PARTICIPATION)
    return at[there], (year[there] == YEARS[1]).astype(int), day[there]


def categories(state: Borough, person: Array, group: Array) -> Array:
    """0 underweight, 1 healthy, 2 overweight, 3 obese, 4 severely obese: as many of each as the shares say."""
    names = bor.ethnicities()["group"].to_numpy()[state.people["eth"][person]]
    weight = np.exp(SLOPE * state.deprivation(person)) * np.vectorize(lambda n: GROUPS.get(n, 1.0))(names)
    out = np.ones(len(person), np.int64)
    for year in (0, 1):
        rng = stream(state.seed, "measured", last_year(state.today), year)
        free = group == year
        size = int(free.sum())
        severe, obese, over, under = SHARES[year]
        for category, share in ((4, severe), (3, obese), (2, over), (0, under)):
            rows = np.flatnonzero(free)
            chance = np.ones(len(rows)) if category == 0 else weight[rows]
            taken = rows[pick_share(rng, chance, round(share * size))]
            out[taken], free[taken] = category, False
    return out


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


def obesity(state: Borough) -> dict[str, object]:
    """Year 6 obesity of the last school year as measured: the planted share and slope, and the counts by quintile."""
    from synthetic_data.planted import quintile

    at, group, _ = measured(state)
    person = state.sources["education"]["person"][at]
    obese = categories(state, person, group) >= 3
    where, six = quintile(state, person), group == 1
    return {
        "planted_share": OBESE_YEAR_6,
        "planted_slope": SLOPE,
        "measured": int(six.sum()),
        "obese": int((six & obese).sum()),
        "by_quintile": {
            str(q): {"measured": int((six & (where == q)).sum()), "obese": int((six & obese & (where == q)).sum())}
            for q in range(1, 6)
        },
    }
