"""Facts put into the borough on purpose, with known answers, for the marts to find again: their parameters of chance.

`truth/realised.py` counts what came of each. A mart over perfectly linked data gives the realised value; its interval
should cover the planted one. More feeds, more facts.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough

HOME_AFTER_91_DAYS = 0.8718  # of people of 65 and over discharged into reablement (the founding documents' figure)
ASTHMA_WARD, ASTHMA_TIMES = "E05009325", 4.0  # emergency admissions for asthma of children there, against elsewhere
ASTHMA_BASE = 5.0  # a year for 1,000 children aged 1 to 17, outside the cluster: asthma (J45) and wheeze (R06.2)
REABLEMENT_OFFERED = {"Bangladeshi": 0.09, "": 0.16}  # of those eligible: a gap in access
LARC_BY_GROUP = {"Bangladeshi": 0.62, "Other Asian": 0.7, "Black": 0.95, "": 1.1}  # contraception, against the mean
TALKING_BY_GROUP = {"Bangladeshi": 0.62, "Black": 0.8, "Other Asian": 0.75, "": 1.0}  # referrals, against their need
EMERGENCY_BY_QUINTILE = (1.6, 1.45, 1.3, 1.15, 1.0)  # relative rates, from the most to the least deprived


def quintile(state: Borough, rows: Array) -> Array:
    """IMD 2025 national quintile of people's homes, 1 the most deprived; 0 where they have none in the borough."""
    home = state.people["home"][rows]
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], -1)
    inside = (area >= 0) & (area < len(bor.place().lsoa))
    return np.where(inside, (bor.place().imd_decile[np.where(inside, area, 0)] + 1) // 2, 0)


def in_asthma_ward(state: Borough, rows: Array) -> Array:
    """True for those who live in the cluster's ward."""
    home = state.people["home"][rows]
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], 0)
    inside = (home >= 0) & (area < len(bor.place().lsoa))
    ward = bor.place().wards[bor.place().ward[np.where(inside, area, 0)]]
    return inside & (ward == ASTHMA_WARD)
