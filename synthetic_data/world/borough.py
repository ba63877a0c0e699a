"""The place: LSOAs, who lives in each (iterative proportional fitting on public margins), postcodes and streets.

Margins come from `wsd_pipeline/reference`; nothing here is about one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

import wsd_pipeline
from synthetic_data.world.rows import Array, stream

TABLES = Path(__file__).parents[1] / "tables"
AGE_GROUPS = ("age_0_15", "age_16_24", "age_25_34", "age_35_49", "age_50_64", "age_65_over")
AGE_EDGES = ((0, 16), (16, 25), (25, 35), (35, 50), (50, 65), (65, 100))
BROAD = ("asian", "black", "mixed", "other", "white")
DISTRICTS = ("E1", "E14", "E1W", "E2", "E3")
OUTSIDE = (
    ("E5 8", "E01001777"),
    ("E8 1", "E01001785"),
    ("E9 6", "E01001820"),
    ("E15 2", "E01003541"),
    ("E7 9", "E01003490"),
)
LETTERS = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))

# Relative ages of each naming of `ethnicities.csv`, over AGE_GROUPS: judgement from Census 2021 patterns.
_AGE_SHAPE = {
    "ABAN": (0.29, 0.18, 0.17, 0.20, 0.10, 0.05), "BSOM": (0.31, 0.17, 0.15, 0.20, 0.12, 0.05),
    "WBRI": (0.13, 0.11, 0.29, 0.22, 0.14, 0.11), "WIRI": (0.07, 0.10, 0.33, 0.24, 0.12, 0.14),
    "WOTH": (0.11, 0.15, 0.38, 0.27, 0.06, 0.03), "CHNE": (0.08, 0.30, 0.35, 0.17, 0.06, 0.04),
    "AIND": (0.12, 0.19, 0.39, 0.22, 0.05, 0.03), "BCRB": (0.15, 0.12, 0.17, 0.20, 0.22, 0.14),
}  # fmt: skip
_MIXED_AGE = (0.33, 0.18, 0.23, 0.18, 0.06, 0.02)
_OTHER_AGE = (0.21, 0.16, 0.25, 0.23, 0.10, 0.05)
# How each group leans towards deprived (+) or well-off (−) LSOAs, per unit of standardised IMD score.
_LEAN = {
    "ABAN": 0.9,
    "BSOM": 0.9,
    "APKN": 0.3,
    "BAFR": 0.4,
    "BCRB": 0.4,
    "BOTH": 0.4,
    "CHNE": -0.6,
    "AIND": -0.7,
    "WOTH": -0.2,
}


@cache
def ethnicities() -> pl.DataFrame:
    """The groups of `tables/ethnicities.csv`; a group's number everywhere is its row here."""
    return pl.read_csv(TABLES / "ethnicities.csv")


def reference(name: str) -> pl.DataFrame:
    """A table of public facts shipped with the library."""
    return pl.read_csv(Path(wsd_pipeline.__file__).parent / "reference" / f"{name}.csv")


@dataclass(frozen=True)
class Place:
    """The LSOAs and what is known of them, each array in the order of `lsoa`."""

    lsoa: Array
    ward: Array  # index into wards
    wards: Array
    ward_locality: Array
    locality: Array
    imd_score: Array
    imd_decile: Array
    ages: Array  # residents by AGE_GROUPS
    broad: Array  # residents by BROAD

    @property
    def deprivation(self) -> Array:
        """The IMD 2025 score, standardised over the borough."""
        return (self.imd_score - self.imd_score.mean()) / self.imd_score.std()


@cache
def place() -> Place:
    """The borough as the reference tables have it."""
    lsoa = reference("lsoa21").sort("lsoa21")
    population = reference("lsoa21_population").sort("lsoa21")
    wards = reference("wards").sort("ward_code")
    codes = wards["ward_code"].to_numpy()
    return Place(
        lsoa=lsoa["lsoa21"].to_numpy(),
        ward=np.searchsorted(codes, lsoa["ward_code"].to_numpy()),
        wards=codes,
        ward_locality=wards["locality"].to_numpy(),
        locality=lsoa["locality"].to_numpy(),
        imd_score=lsoa["imd2025_score"].to_numpy().astype(float),
        imd_decile=lsoa["imd2025_decile"].to_numpy().astype(int),
        ages=population.select(AGE_GROUPS).to_numpy().astype(float),
        broad=population.select(BROAD).to_numpy().astype(float),
    )


def fit(seed: Array, margins: tuple[tuple[tuple[int, ...], Array], ...], rounds: int = 40) -> Array:
    """Iterative proportional fitting: `seed` scaled until its sums over each set of kept axes equal the margin."""
    table = seed.astype(float).copy()
    axes = set(range(table.ndim))
    for _ in range(rounds):
        for kept, wanted in margins:
            summed = table.sum(axis=tuple(axes - set(kept)), keepdims=True)
            shape = [table.shape[i] if i in kept else 1 for i in range(table.ndim)]
            ratio = np.divide(wanted.reshape(shape), summed, out=np.zeros_like(summed), where=summed > 0)
            table *= ratio
    return table


def resident_table(residents: int) -> Array:
    """Expected residents by LSOA × age group × ethnicity, adding up to `residents`.

    Fitted to each LSOA's ages and broad groups, with detailed groups by their shares of the borough in each broad one.
    """
    where = place()
    groups = ethnicities()
    broad_of = np.array([BROAD.index(b) for b in groups["broad"]])
    share = groups["share"].to_numpy()
    total = where.ages.sum(axis=1)
    broad = where.broad / where.broad.sum(axis=1, keepdims=True) * total[:, None]
    lean = np.array([_LEAN.get(code, 0.0) for code in groups["dfe"]])
    detail = np.zeros((len(total), groups.height))
    for number in range(len(BROAD)):
        of = np.flatnonzero(broad_of == number)
        start = share[of] * np.exp(where.deprivation[:, None] * lean[of])
        columns = share[of] / share[of].sum() * broad[:, number].sum()
        detail[:, of] = fit(start, (((1,), columns), ((0,), broad[:, number])))
    shapes = np.array(
        [
            _AGE_SHAPE.get(code, _MIXED_AGE if b == "mixed" else _OTHER_AGE)
            for code, b in zip(groups["dfe"], groups["broad"], strict=True)
        ]
    )
    seed = detail[:, None, :] * shapes.T[None, :, :]
    table = fit(seed, (((0, 2), detail), ((0, 1), where.ages)))
    return table / table.sum() * residents


def whole_counts(expected: Array, rng: np.random.Generator) -> Array:
    """Whole numbers near `expected`, in its order, whose running total is never a whole person off."""
    edges = np.floor(np.cumsum(expected.ravel()) + rng.random() * 0.999)
    return np.diff(np.r_[0.0, edges]).astype(np.int64).reshape(expected.shape)


def postcodes(seed: int, homes: Array) -> tuple[Array, Array, Array]:
    """Invented postcodes: (postcode, its LSOA's number, its street), in LSOA order, about 18 homes to each.

    `homes` is the number of homes in each LSOA. Outward districts are those of the ward's streets.
    """
    where = place()
    rng = stream(seed, "postcodes")
    streets = pl.read_csv(TABLES / "streets.csv")
    names, weight = streets["street"].str.to_uppercase().to_numpy(), streets["postcode_count"].to_numpy()
    in_ward = np.array([[w in codes.split("|") for w in where.wards] for codes in streets["ward_codes"]])
    in_district = np.array([[d in codes.split("|") for d in DISTRICTS] for codes in streets["districts"]])
    per = np.maximum(3, np.ceil(homes / 18)).astype(int)
    lsoa = np.repeat(np.arange(len(homes)), per)
    district_of_lsoa = np.empty(len(homes), int)
    street = np.empty(len(lsoa), object)
    for number in range(len(homes)):  # over areas, not rows
        ward = where.ward[number]
        odds = (in_ward[:, ward, None] * in_district * weight[:, None]).sum(axis=0) ** 1.5
        district_of_lsoa[number] = rng.choice(len(DISTRICTS), p=odds / odds.sum())
        near = in_ward[:, ward] & in_district[:, district_of_lsoa[number]]
        mine = lsoa == number
        street[mine] = rng.choice(names[near], size=mine.sum(), p=weight[near] / weight[near].sum())
    district = district_of_lsoa[lsoa]
    out = np.empty(len(lsoa), object)
    for number, name in enumerate(DISTRICTS):
        mine = np.flatnonzero(district == number)
        place_in = np.arange(len(mine))
        sector = place_in * 10 // max(1, len(mine))
        unit = np.empty(len(mine), int)
        for s in range(10):
            of = sector == s
            unit[of] = rng.permutation(400)[: of.sum()]
        out[mine] = [f"{name} {s}{LETTERS[u // 20]}{LETTERS[u % 20]}" for s, u in zip(sector, unit, strict=True)]
    return out, lsoa, street
