"""The bedroom standard: how many bedrooms a household needs (DOMAIN §2.14; Housing Act 2004, section 216 as proposed).

One for a couple, one for each other adult of 21 and over, one for two of 10 to 20 of one sex, one for two under 10, and
one for each who is left; somebody of 10 to 20 may share with a child under 10 of the same sex.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough


def needed(state: Borough, rows: Array, house: Array, households: int) -> Array:
    """Bedrooms needed by each of `households` households, of which people `rows` live in number `house`."""
    p, age = state.people, state.age(rows, state.today)
    partner = p["partner"][rows]
    together = np.zeros(len(p), bool)
    together[rows] = True
    couple = (
        (partner >= 0) & together[np.maximum(partner, 0)] & (p["house"][np.maximum(partner, 0)] == p["house"][rows])
    )

    def count(which: Array) -> Array:
        return np.bincount(house[which], minlength=households)

    couples = count(couple) // 2
    adults = count((age >= 21) & ~couple)
    rooms = couples + adults
    spare = np.zeros((2, households), np.int64)
    for place, sex in enumerate((1, 2)):
        teens = count((age >= 10) & (age < 21) & ~couple & (p["sex"][rows] == sex))
        rooms += (teens + 1) // 2
        spare[place] = teens % 2
    small = np.stack([count((age < 10) & (p["sex"][rows] == sex)) for sex in (1, 2)])
    small = np.maximum(small - spare, 0).sum(axis=0)  # an odd older child takes in a younger one of the same sex
    return rooms + (small + 1) // 2
