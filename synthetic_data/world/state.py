"""The state of the borough: who there is, where, and on which lists, as of one day. What changes it is elsewhere."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world.rows import Array, Rows, scattered

OWNED, PRIVATE, COUNCIL, ASSOCIATION, HALL_HOME, CARE_HOME_HOME = range(6)  # a home's tenure
YEAR = 365.25
# Dates of birth given as 1 January for want of a record: groups, and the share of those born abroad (DOMAIN §3.6).
HEAPED = ("ABAN", "BSOM", "ARAB", "OOTH", "BAFR", "APKN")
HEAP_SHARE = 0.13


@dataclass
class Borough:
    """Everything that is true, as of `today` (days since 1970)."""

    seed: int
    today: int
    people: Rows
    homes: Rows
    postcode: Array
    street: Array
    area: Array  # LSOA21 codes: the borough's, then those over the boundary
    practices: Rows
    registrations: Rows
    registered_target: int
    conditions: Rows = field(default_factory=Rows)
    sources: dict[str, Rows] = field(default_factory=dict)  # each source's records of people, by source
    tables: dict[str, Rows] = field(default_factory=dict)  # events
    facts: dict[str, object] = field(default_factory=dict)

    def age(self, rows: Array, on: int | Array) -> Array:
        """Exact age in years on a day."""
        return (on - self.people["birth"][rows]) / YEAR

    def is_resident(self, on: int) -> Array:
        """True for those alive and living in the borough on the day."""
        p = self.people
        return ~p["outside"] & (p["birth"] <= on) & (p["arrived"] <= on) & (p["left"] > on) & (p["death"] > on)

    def is_alive(self, on: int) -> Array:
        """True for those born and not dead."""
        return (self.people["birth"] <= on) & (self.people["death"] > on)

    def deprivation(self, rows: Array) -> Array:
        """Standardised IMD of where people live; 0 for those with no address here."""
        home = self.people["home"][rows]
        area = np.where(home >= 0, self.homes["area"][np.maximum(home, 0)], -1)
        known = (area >= 0) & (area < len(bor.place().lsoa))
        return np.where(known, bor.place().deprivation[np.where(known, area, 0)], 0.0)


def stable(state: Borough, name: str, number: Array) -> Array:
    """A number in 0–1 that belongs to each row for ever."""
    mixed = scattered(np.asarray(number) + 1, 9_999_991, state.seed ^ zlib.crc32(name.encode()))
    return (mixed * 31 % 99_991) / 99_991


def nhs_numbers(seed: int, order: Array) -> Array:
    """The NHS numbers of people `order`: of the 999 range, valid, each one once, in scattered order."""
    return _valid_numbers()[scattered(order, 909_091, seed)]


@cache
def _valid_numbers() -> Array:
    digits = np.arange(1_000_000)
    parts = [np.full(len(digits), 9)] * 3 + [digits // 10**k % 10 for k in range(5, -1, -1)]
    total = sum((10 - i) * part for i, part in enumerate(parts))
    check = (11 - total % 11) % 11
    valid = check < 10
    return (9_990_000_000 + digits * 10 + check)[valid]


def heap_births(rng: np.random.Generator, birth: Array, eligible: Array, eth: Array) -> Array:
    """Some people born abroad without a record of the day have 1 January, true in every source."""
    codes = bor.ethnicities()["dfe"].to_list()
    heaped = eligible & np.isin(eth, [codes.index(c) for c in HEAPED]) & (rng.random(len(birth)) < HEAP_SHARE)
    years = birth.astype("datetime64[D]").astype("datetime64[Y]")
    return np.where(heaped, years.astype("datetime64[D]").astype(np.int32), birth).astype(np.int32)
