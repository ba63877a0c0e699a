"""The people of the borough on the day before the first month: who, where, since when, and on which practice list.

A person's number is their row in `Borough.people` for ever. What changes after this day is in `months.py`.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world import households as hh
from synthetic_data.world.homes import HALL_WARDS, build_homes
from synthetic_data.world.moves import clone_households
from synthetic_data.world.names import family_names, own_names
from synthetic_data.world.practice_lists import NO_GP, add_registrations
from synthetic_data.world.rows import NEVER, NONE, Array, Rows, pick_share, stream
from synthetic_data.world.state import HALL_HOME, YEAR, Borough, heap_births, nhs_numbers

INFLATION = 0.12  # people on lists who live elsewhere, as a share of registered residents (DOMAIN §6.1, §6.3)
OUTSIDE_SHARE = 0.2  # of the inflation: patients known to live over the boundary; the rest have gone


def start(seed: int, registered: int, today: int) -> Borough:
    """A borough with `registered` people on its lists, fitted to the public margins, as of `today`."""
    where = bor.place()
    listed_residents = round(registered / (1 + INFLATION))
    residents = round(listed_residents / (1 - NO_GP))
    rng = stream(seed, "people")
    half = bor.resident_table(residents) / 2
    counts = bor.whole_counts(np.stack([half, half], axis=-1), rng)
    lsoa, group, eth, sex = np.unravel_index(np.repeat(np.arange(counts.size), counts.ravel()), counts.shape)
    low, high = np.array(bor.AGE_EDGES, float).T
    age = _ages_within(rng, group, low, high)
    zone = where.ward if residents < 150_000 else np.arange(len(where.lsoa))
    if residents < 4_000:
        zone = np.searchsorted(np.unique(where.locality), where.locality)
    students = np.isin(where.wards[where.ward], HALL_WARDS)[lsoa]
    families = hh.assemble(stream(seed, "households"), zone[lsoa], age, sex + 1, eth, students)
    people = _rows(rng, families, sex + 1, eth, today)
    homes, postcode, street, area = build_homes(seed, people, families, lsoa, today)
    state = Borough(seed, today, people, homes, postcode, street, area, _practices(today), Rows(), registered)
    family_names(stream(seed, "family names"), people, np.arange(len(people)))
    _register_all(state, listed_residents, registered)
    people["nhs"] = nhs_numbers(seed, np.arange(len(people)))
    return state


def _ages_within(rng: np.random.Generator, group: Array, low: Array, high: Array) -> Array:
    """Ages in years inside their group: students and young adults bunched, old age thinning by 8 % a year."""
    u = rng.random(len(group))
    age = low[group] + u * (high - low)[group]
    age[group == 1] = 16 + 9 * u[group == 1] ** 0.8
    age[group == 3] = 35 + 15 * u[group == 3] ** 1.25
    age[group == 4] = 50 + 15 * u[group == 4] ** 1.2
    age[group == 5] = 65 - np.log(1 - u[group == 5] * (1 - np.exp(-0.08 * 36))) / 0.08
    return age


def _rows(rng: np.random.Generator, families: hh.Families, sex: Array, eth: Array, today: int) -> Rows:
    size = len(eth)
    birth = np.floor(today - families.age * YEAR).astype(np.int32)
    adult = families.age >= 18
    abroad = rng.random(size) < bor.ethnicities()["abroad_share"].to_numpy()[eth] * np.where(adult, 1.15, 0.2)
    birth = heap_births(rng, birth, abroad & adult & (families.mother < 0), eth)
    twin_rows = families.mother >= 0
    people = Rows(
        birth=birth, sex=sex.astype(np.int8), eth=eth.astype(np.int8), **own_names(rng, eth, sex),
        former=np.zeros(size, np.int32), home=np.full(size, NONE), home_before=np.full(size, NONE),
        moved=np.zeros(size, np.int32), arrived=np.zeros(size, np.int32), death=np.full(size, NEVER),
        left=np.full(size, NEVER), mother=families.mother, father=families.father, partner=families.partner,
        house=families.house, kind=families.kind, abroad=abroad, outside=np.zeros(size, bool),
        z=rng.normal(0, 1, size).astype(np.float32), nhs=np.zeros(size, np.int64),
        safe_until=np.zeros(size, np.int32), home_on=np.zeros(size, np.int32),
    )  # fmt: skip
    _align_twins(people, np.flatnonzero(twin_rows), families.age)
    return people


def _align_twins(people: Rows, rows: Array, age: Array) -> None:
    """Twins were given one age: floor() of it is one day, so nothing is moved unless rounding parted them."""
    order = rows[np.lexsort((age[rows], people["mother"][rows]))]
    same = (np.diff(people["mother"][order]) == 0) & (np.abs(np.diff(age[order])) < 1e-9)
    people["birth"][order[1:][same]] = people["birth"][order[:-1][same]]


def _practices(today: int) -> Rows:
    """The practices open on the day, with their locality and list."""
    table = bor.reference("practices").sort("practice_code", "valid_from")
    on = str(np.datetime64(today, "D"))
    table = table.filter((table["valid_from"] <= on) & (table["valid_to"].is_null() | (table["valid_to"] > on)))
    return Rows(
        code=table["practice_code"].to_numpy(),
        locality=table["locality"].to_numpy(),
        size=table["list_count"].to_numpy().astype(float),
    )


def _register_all(state: Borough, listed_residents: int, registered: int) -> None:
    """Residents on lists, then the people on lists who live elsewhere: gone, or over the boundary."""
    rng = stream(state.seed, "register")
    p = state.people
    size = len(p)
    age = state.age(np.arange(size), state.today)
    recent = (state.today - p["arrived"]) < YEAR
    reluctance = (
        np.where(recent, 4.0, 1.0) * np.where((age > 18) & (age < 45), 2.5, 0.4) * np.where(p["sex"] == 1, 1.5, 1.0)
    )
    reluctance *= np.where(p["kind"] == hh.ROUGH, 8.0, 1.0)
    on_list = np.ones(size, bool)
    on_list[pick_share(rng, reluctance, size - listed_residents)] = False
    add_registrations(state, np.flatnonzero(on_list), None, rng)
    extra = registered - listed_residents
    for label, share in (("gone", 1 - OUTSIDE_SHARE), ("outside", OUTSIDE_SHARE)):
        rows = clone_households(state, rng, round(extra * share), state.today, exact=True)
        if label == "outside":
            beyond = np.flatnonzero(state.homes["area"] >= len(bor.place().lsoa))
            p["home"][rows] = beyond[p["house"][rows] % len(beyond)]
            p["outside"][rows] = True
        else:
            usual = np.flatnonzero((state.homes["area"] < len(bor.place().lsoa)) & (state.homes["tenure"] < HALL_HOME))
            p["home"][rows] = usual[(p["house"][rows].astype(np.int64) * 7919) % len(usual)]
            _send_away(state, rng, rows)
        add_registrations(state, rows, None, rng)


def _send_away(state: Borough, rng: np.random.Generator, rows: Array) -> None:
    """People still on a list who left the borough, each household together, after the youngest was born."""
    p = state.people
    house = p["house"][rows]
    youngest = np.full(int(house.max(initial=0)) + 1, -NEVER, np.int64)
    np.maximum.at(youngest, house, p["birth"][rows])
    gone = (rng.exponential(2.5 * YEAR, len(youngest)) + 20).astype(np.int64)
    stayed = (200 + rng.exponential(3 * YEAR, len(youngest))).astype(np.int64)
    left = np.minimum(np.maximum(state.today - gone, youngest + 30), state.today)
    p["left"][rows] = left[house]
    p["arrived"][rows] = np.minimum(np.maximum((left - stayed)[house], p["birth"][rows]), p["left"][rows] - 1)
    p["moved"][rows] = p["arrived"][rows]
