"""The people of the borough on the day before the first month: who, where, since when, and on which practice list.

A person's number is their row in `Borough.people` for ever. What changes after this day is in `months.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from synthetic_data import borough as bor
from synthetic_data import households as hh
from synthetic_data.names import family_names, own_names
from synthetic_data.rows import NEVER, NONE, Array, Rows, fit_chances, pick_one, pick_share, rank_within, stream

INFLATION = 0.12  # people on lists who live elsewhere, as a share of registered residents (DOMAIN §6.1, §6.3)
NO_GP = 0.05  # residents on no list
OUTSIDE_SHARE = 0.2  # of the inflation: patients known to live over the boundary; the rest have gone
TENURES = ("owned", "private", "council", "housing association", "hall", "care home")
OWNED, PRIVATE, COUNCIL, ASSOCIATION, HALL_HOME, CARE_HOME_HOME = range(6)
TENURE_SHARE = (0.257, 0.385, 0.138, 0.220)  # Census 2021, "other" counted as private
STAY_YEARS = (10.0, 2.3, 14.0, 13.0)  # mean years in a home, by tenure: one in five moves each year
HALL_WARDS, CARE_WARDS = ("E05009327", "E05009336", "E05009329", "E05009323"), (
    "E05009317", "E05009319", "E05009321", "E05009324", "E05009325", "E05009332", "E05009334", "E05009335")  # fmt: skip
HEAPED = ("ABAN", "BSOM", "ARAB", "OOTH", "BAFR", "APKN")  # dates of birth given as 1 January for want of a record
HEAP_SHARE = 0.13
YEAR = 365.25


def day(value: date) -> int:
    """A date as days since 1970-01-01."""
    return value.toordinal() - 719163


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
    scale = where.ward if residents < 150_000 else np.arange(len(where.lsoa))
    if residents < 4_000:
        scale = np.searchsorted(np.unique(where.locality), where.locality)
    halls = np.unique(scale[np.isin(where.wards[where.ward], HALL_WARDS)])
    cares = np.unique(scale[np.isin(where.wards[where.ward], CARE_WARDS)])
    if residents >= 150_000:  # one area in each of those wards has the building
        halls, cares = (
            np.array([np.flatnonzero(where.wards[where.ward] == w)[:3] for w in ws]).ravel()
            for ws in (HALL_WARDS, CARE_WARDS)
        )
    families = hh.assemble(stream(seed, "households"), scale[lsoa], age, sex + 1, eth, halls, cares)
    people = _rows(rng, families, sex + 1, eth, today)
    homes, postcode, street, area = _house(seed, people, families, lsoa, today)
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
    birth = heap_births(rng, birth, abroad & adult, eth)
    twin_rows = families.mother >= 0
    people = Rows(
        birth=birth, sex=sex.astype(np.int8), eth=eth.astype(np.int8), **own_names(rng, eth, sex),
        former=np.zeros(size, np.int32), home=np.full(size, NONE), home_before=np.full(size, NONE),
        moved=np.zeros(size, np.int32), arrived=np.zeros(size, np.int32), death=np.full(size, NEVER),
        left=np.full(size, NEVER), mother=families.mother, father=families.father, partner=families.partner,
        house=families.house, kind=families.kind, abroad=abroad, outside=np.zeros(size, bool),
        z=rng.normal(0, 1, size).astype(np.float32), nhs=np.zeros(size, np.int64),
    )  # fmt: skip
    _align_twins(people, np.flatnonzero(twin_rows), families.age)
    return people


def _align_twins(people: Rows, rows: Array, age: Array) -> None:
    """Twins were given one age: floor() of it is one day, so nothing is moved unless rounding parted them."""
    order = rows[np.lexsort((age[rows], people["mother"][rows]))]
    same = (np.diff(people["mother"][order]) == 0) & (np.abs(np.diff(age[order])) < 1e-9)
    people["birth"][order[1:][same]] = people["birth"][order[:-1][same]]


def heap_births(rng: np.random.Generator, birth: Array, eligible: Array, eth: Array) -> Array:
    """Some people born abroad without a record of the day have 1 January, true in every source."""
    codes = bor.ethnicities()["dfe"].to_list()
    heaped = eligible & np.isin(eth, [codes.index(c) for c in HEAPED]) & (rng.random(len(birth)) < HEAP_SHARE)
    years = birth.astype("datetime64[D]").astype("datetime64[Y]")
    return np.where(heaped, years.astype("datetime64[D]").astype(np.int32), birth).astype(np.int32)


def _house(seed: int, people: Rows, families: hh.Families, lsoa: Array, today: int) -> tuple[Rows, Array, Array, Array]:
    """A home for every household, and some empty ones; when people moved in, and where a few had lived before."""
    rng = stream(seed, "homes")
    where = bor.place()
    head_rows = np.unique(families.head)
    kind, lsoa_of = families.kind[head_rows], lsoa[families.head[head_rows]]
    normal = kind == hh.NORMAL
    tenure = _tenures(
        rng,
        people,
        head_rows[normal],
        lsoa_of[normal],
        np.bincount(people["house"])[people["house"][head_rows[normal]]],
    )
    spare = rng.choice(
        len(where.lsoa), size=max(20, round(0.07 * normal.sum())), p=where.ages.sum(1) / where.ages.sum()
    )
    spare_tenure = pick_one(rng, (0.1, 0.7, 0.08, 0.12), len(spare))
    halls = np.array([np.flatnonzero(where.wards[where.ward] == w)[0] for w in HALL_WARDS])
    cares = np.array([np.flatnonzero(where.wards[where.ward] == w)[0] for w in CARE_WARDS])
    areas = np.r_[lsoa_of[normal], spare, halls, cares]
    tenures = np.r_[tenure, spare_tenure, np.full(len(halls), HALL_HOME), np.full(len(cares), CARE_HOME_HOME)]
    postcode, post_lsoa, street = bor.postcodes(seed, np.bincount(areas, minlength=len(where.lsoa)))
    homes = _make_homes(rng, seed, areas, tenures, post_lsoa)
    home_of_house = np.full(int(people["house"].max()) + 1, NONE)
    home_of_house[people["house"][head_rows[normal]]] = np.arange(normal.sum())
    people["home"] = home_of_house[people["house"]].astype(np.int32)
    for at, (code, buildings) in enumerate(((hh.HALL, halls), (hh.CARE_HOME, cares))):
        rows = np.flatnonzero(people["kind"] == code)
        first = normal.sum() + len(spare) + (len(halls) if at else 0)
        near = where.locality[lsoa[rows]][:, None] == where.locality[buildings][None, :]
        choice = np.where(near.any(1), np.argmax(near * (1 + rng.random(near.shape)), axis=1), 0)
        people["home"][rows] = first + choice
    _date_moves(rng, people, homes, today)
    area = np.r_[where.lsoa, [code for _, code in bor.OUTSIDE]]
    outside = np.array(
        [f"{sector}{bor.LETTERS[i]}{bor.LETTERS[i + 3]}" for i, (sector, _) in enumerate(bor.OUTSIDE)], object
    )
    return homes, np.r_[postcode, outside], np.r_[street, np.array(["HIGH STREET"] * len(outside), object)], area


def _tenures(rng: np.random.Generator, people: Rows, heads: Array, lsoa: Array, size: Array) -> Array:
    groups = bor.ethnicities()
    deprived = bor.place().deprivation[lsoa]
    age = people["birth"].max() - people["birth"][heads]
    social = (
        groups["social_weight"].to_numpy()[people["eth"][heads]]
        * np.exp(0.5 * deprived)
        * np.where(age > 30 * YEAR, 1.6, 0.7)
    )
    social = np.where(people["abroad"][heads] & (size > 1) & (people["partner"][heads] < 0), social * 0.5, social)
    chosen = pick_share(rng, social, round(len(heads) * (TENURE_SHARE[2] + TENURE_SHARE[3])))
    tenure = np.full(len(heads), PRIVATE)
    tenure[chosen] = np.where(
        rng.random(len(chosen)) < TENURE_SHARE[2] / (TENURE_SHARE[2] + TENURE_SHARE[3]), COUNCIL, ASSOCIATION
    )
    rest = np.flatnonzero(tenure == PRIVATE)
    owner = groups["owner_weight"].to_numpy()[people["eth"][heads[rest]]] * np.interp(
        age[rest], [22 * YEAR, 35 * YEAR, 55 * YEAR], [0.1, 1, 3]
    )
    tenure[rest[pick_share(rng, owner, round(len(heads) * TENURE_SHARE[0]))]] = OWNED
    return tenure


def _make_homes(rng: np.random.Generator, seed: int, areas: Array, tenures: Array, post_lsoa: Array) -> Rows:
    """Homes with a UPRN, spread over their LSOA's postcodes; five rows outside the borough end the list."""
    outside = len(bor.OUTSIDE)
    count = len(areas)
    first = np.searchsorted(post_lsoa, areas)
    per = np.searchsorted(post_lsoa, areas, side="right") - first
    post = first + (rng.random(count) * per).astype(int)
    flat = rank_within(post, rng.random(count)) + 1
    per_home = max(1, round(len(areas) / 50))
    outside_area = np.repeat(np.arange(outside), per_home) + len(bor.place().lsoa)
    outside_post = np.repeat(np.arange(outside), per_home) + len(post_lsoa)
    total = count + len(outside_area)
    tenure = np.r_[tenures, np.full(len(outside_area), PRIVATE)]
    bedrooms = pick_one(rng, (0.30, 0.37, 0.23, 0.08, 0.02), total) + 1
    return Rows(
        area=np.r_[areas, outside_area].astype(np.int16), post=np.r_[post, outside_post].astype(np.int32),
        flat=np.r_[flat, np.tile(np.arange(per_home) + 1, outside)].astype(np.int32), tenure=tenure.astype(np.int8),
        bedrooms=np.where(tenure >= HALL_HOME, 0, bedrooms).astype(np.int8),
        uprn=6_000_000 + _unique(seed, total), vacant=np.ones(total, bool),
    )  # fmt: skip


def _unique(seed: int, total: int) -> Array:
    from synthetic_data.rows import scattered

    return scattered(np.arange(total), 999_983, seed)


def _date_moves(rng: np.random.Generator, people: Rows, homes: Rows, today: int) -> None:
    """Moving-in days by tenure; of this year's movers some came from elsewhere in the borough."""
    house = people["house"]
    home = people["home"]
    count = int(house.max()) + 1
    tenure_of_house = np.full(count, PRIVATE)
    tenure_of_house[house[home >= 0]] = homes["tenure"][home[home >= 0]]
    mean = np.array([*STAY_YEARS, 0.9, 2.0])[tenure_of_house]
    adult = (today - people["birth"]) > 18 * YEAR
    oldest = np.zeros(count)
    np.maximum.at(oldest, house, np.where(adult, today - people["birth"] - 17 * YEAR, 30))
    stay = np.minimum(rng.exponential(mean) * YEAR, np.maximum(oldest, 5)).astype(int)
    moved = np.maximum((today - stay)[house], people["birth"])
    people["moved"] = moved.astype(np.int32)
    within = (rng.random(count) < 0.45)[house] & (people["kind"] == hh.NORMAL)
    earlier = (today - stay - rng.exponential(5 * YEAR, count)).astype(np.int64)[house]
    people["arrived"] = np.where(within, np.maximum(earlier, people["birth"]), moved).astype(np.int32)
    usual = np.flatnonzero(homes["area"] < len(bor.place().lsoa))
    before = usual[rng.integers(0, len(usual), count)][house]
    born_here = people["moved"] == people["birth"]
    people["home_before"] = np.where(within & ~born_here, before, NONE).astype(np.int32)
    homes["vacant"][home[home >= 0]] = False


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
    from synthetic_data.months import add_registrations, clone_households

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


def nhs_numbers(seed: int, order: Array) -> Array:
    """The NHS numbers of people `order`: of the 999 range, valid, each one once, in scattered order."""
    from synthetic_data.rows import scattered

    return _valid_numbers()[scattered(order, 909_091, seed)]


def _valid_numbers() -> Array:
    digits = np.arange(1_000_000)
    parts = [np.full(len(digits), 9)] * 3 + [digits // 10**k % 10 for k in range(5, -1, -1)]
    total = sum((10 - i) * part for i, part in enumerate(parts))
    check = (11 - total % 11) % 11
    valid = check < 10
    return (9_990_000_000 + digits * 10 + check)[valid]


__all__ = ["Borough", "day", "fit_chances", "heap_births", "nhs_numbers", "start"]
