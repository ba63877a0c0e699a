"""Homes: a UPRN and postcode for every household, tenure, when people moved in and where some had lived before."""

from __future__ import annotations

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world import households as hh
from synthetic_data.world.rows import NONE, Array, Rows, pick_one, pick_share, rank_within, scattered, stream
from synthetic_data.world.state import ASSOCIATION, CARE_HOME_HOME, COUNCIL, HALL_HOME, OWNED, PRIVATE, YEAR

TENURE_SHARE = (0.257, 0.385, 0.138, 0.220)  # Census 2021, "other" counted as private
STAY_YEARS = (9.5, 1.85, 13.0, 12.0)  # mean years in a home, by tenure: one in five moves each year
ROOM_SPREAD = 2.3  # how loosely bedrooms follow the size of a household, in people
HALL_WARDS = ("E05009327", "E05009336", "E05009329", "E05009323")
CARE_WARDS = (
    "E05009317", "E05009319", "E05009321", "E05009324", "E05009325", "E05009332", "E05009334", "E05009335",
)  # fmt: skip


def build_homes(
    seed: int, people: Rows, families: hh.Families, lsoa: Array, today: int
) -> tuple[Rows, Array, Array, Array]:
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
    halls = _buildings(HALL_WARDS, int((people["kind"] == hh.HALL).sum()), 350)
    cares = _buildings(CARE_WARDS, int((people["kind"] == hh.CARE_HOME).sum()), 45)
    areas = np.r_[lsoa_of[normal], spare, halls, cares]
    tenures = np.r_[tenure, spare_tenure, np.full(len(halls), HALL_HOME), np.full(len(cares), CARE_HOME_HOME)]
    postcode, post_lsoa, street = bor.postcodes(seed, np.bincount(areas, minlength=len(where.lsoa)))
    homes = _make_homes(rng, seed, areas, tenures, post_lsoa)
    _fit_bedrooms(seed, homes, np.bincount(people["house"])[people["house"][head_rows[normal]]])
    home_of_house = np.full(int(people["house"].max()) + 1, NONE)
    home_of_house[people["house"][head_rows[normal]]] = np.arange(normal.sum())
    people["home"] = home_of_house[people["house"]].astype(np.int32)
    first = int(normal.sum()) + len(spare)
    for code, buildings, scope in (
        (hh.HALL, halls, where.wards[where.ward]),
        (hh.CARE_HOME, cares, where.locality),
    ):
        rows = np.flatnonzero(people["kind"] == code)
        near = scope[lsoa[rows]][:, None] == scope[buildings][None, :]
        people["home"][rows] = first + np.argmax(near * (1 + rng.random(near.shape)), axis=1)
        first += len(buildings)
    _date_moves(rng, people, homes, today)
    area = np.r_[where.lsoa, [code for _, code in bor.OUTSIDE]]
    outside = np.array(
        [f"{sector}{bor.LETTERS[i]}{bor.LETTERS[i + 3]}" for i, (sector, _) in enumerate(bor.OUTSIDE)], object
    )
    return homes, np.r_[postcode, outside], np.r_[street, np.array(["HIGH STREET"] * len(outside), object)], area


def _buildings(wards: tuple[str, ...], people: int, capacity: int) -> Array:
    """LSOAs of communal buildings: as many in each ward as their people need."""
    where = bor.place()
    each = max(1, round(people / len(wards) / capacity))
    return np.concatenate([np.resize(np.flatnonzero(where.wards[where.ward] == w), each) for w in wards])


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
        uprn=6_000_000 + scattered(np.arange(total), 999_983, seed), vacant=np.ones(total, bool),
    )  # fmt: skip


def _fit_bedrooms(seed: int, homes: Rows, size: Array) -> None:
    """Larger households have the larger homes, loosely: one in six is overcrowded (Census 2021)."""
    chance = stream(seed, "bedrooms").normal(0, ROOM_SPREAD, len(size))
    order = np.argsort(size + chance, kind="stable")
    homes["bedrooms"][: len(size)][order] = np.sort(homes["bedrooms"][: len(size)])


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
