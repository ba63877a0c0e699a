"""The National Child Measurement Programme: children measured in Reception and in Year 6 of the last school year.

How many are obese is exact: the borough's Year 6 share is planted, with a slope by deprivation and group. Heights and
BMI are of the UK 1990 reference (LMS), roughly: a mean, a spread and a skew at each age and sex.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council import schools as sch
from synthetic_data.world import borough as bor
from synthetic_data.world.planted import quintile
from synthetic_data.world.rows import NEVER, Array, pick_share, stream
from synthetic_data.world.state import Borough, stable

PARTICIPATION = 0.95
YEARS = (0, 6)  # national curriculum years: Reception and Year 6
# Shares of those measured, in Reception and Year 6: severely obese, obese without it, overweight, underweight.
SHARES = ((0.030, 0.085, 0.115, 0.020), (0.060, 0.193, 0.150, 0.020))
OBESE_YEAR_6 = 0.253  # the founding documents' figure
SLOPE = 0.28  # of the logarithm of the chance of obesity, for a standard deviation of deprivation
GROUPS = {"Bangladeshi": 1.2, "Black": 1.25, "White British": 0.8, "White Other": 0.8}


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


def obesity(state: Borough) -> dict[str, object]:
    """Year 6 obesity of the last school year as measured: the planted share and slope, and the counts by quintile."""
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
