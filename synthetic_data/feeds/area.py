"""What each place of the borough is like: deprivation, air, crime, green space, transport, environmental services.

Deprivation 2025 is the published figure of each LSOA; all else is invented, patterned by ward and deprivation.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.series import pick
from synthetic_data.world import borough as bor
from synthetic_data.world.planted import ASTHMA_WARD
from synthetic_data.world.rows import Array, stream
from synthetic_data.world.state import Borough
from wsd_pipeline.contracts.landed.aggregates import CRIME_TYPES, ENVIRONMENTAL_SERVICES, IMD_DOMAINS, PTAL_BANDS

LSOA11_IN_ENGLAND = 32_844
YEARLY_CRIMES = (51, 5, 13, 9, 9, 2, 15, 1.5, 15, 5, 9, 9, 22, 54)  # of an LSOA, by CRIME_TYPES
YEARLY_REPORTS = (62, 34, 15, 8)  # of an LSOA, by ENVIRONMENTAL_SERVICES
BUSY_WARDS = ("E05009333", "E05009336", "E05009323", "E05009320")  # Brick Lane, Whitechapel, the Wharf, Roman Road
CLUSTER_ROAD, CLUSTER_DAMP, DAMP = 1.5, 2.5, "damp_and_mould_complaint"  # planted beside the asthma cluster
CHILDREN_POOR, OLDER_POOR = 0.27, 0.44  # mean IDACI and IDAOPI of the borough


def area_context(state: Borough, years: tuple[int, ...]) -> pl.DataFrame:
    """Rows of LSOA21 for each year on IMD 2025, and of LSOA11 for 2019 on IMD 2019."""
    where = bor.place()
    lsoa21 = bor.reference("lsoa21").sort("lsoa21")
    new = pl.DataFrame(
        {
            "lsoa_code": lsoa21["lsoa21"],
            "ward": pl.Series(where.ward),
            "imd_score": lsoa21["imd2025_score"].cast(pl.Float64),
            "imd_rank": lsoa21["imd2025_rank"],
            "imd_decile": lsoa21["imd2025_decile"],
        }
    )
    parts = [_year(state, new, 2021, 2025, year) for year in years]
    parts.append(_year(state, _older(new), 2011, 2019, 2019))
    return pl.concat(parts).sort("lsoa_code", "lsoa_vintage", "year")


def _older(new: pl.DataFrame) -> pl.DataFrame:
    """The LSOAs of 2011 with their rank of 2019, in the ward of the first LSOA21 that lies in them."""
    lookup = bor.reference("lsoa11_lsoa21").join(
        new.select("lsoa_code", "ward"), left_on="lsoa21", right_on="lsoa_code"
    )
    old = lookup.sort("lsoa11", "lsoa21").unique("lsoa11", keep="first", maintain_order=True)
    score = 55.0 * (1 - old["imd2019_rank"] / LSOA11_IN_ENGLAND) ** 1.7
    return old.select(
        lsoa_code="lsoa11", ward="ward", imd_score=score, imd_rank="imd2019_rank", imd_decile="imd2019_decile"
    )


def _year(state: Borough, areas: pl.DataFrame, lsoa_vintage: int, imd_vintage: int, year: int) -> pl.DataFrame:
    count = areas.height
    lasting = stream(state.seed, "area", lsoa_vintage)  # what a place has of its own from year to year
    chance = stream(state.seed, "area", lsoa_vintage, year)
    made: dict[str, object] = {
        "lsoa_code": areas["lsoa_code"],
        "lsoa_vintage": [lsoa_vintage] * count,
        "year": [year] * count,
        "imd_vintage": [imd_vintage] * count,
        **_deprivation(areas, lasting),
        **_surroundings(areas, year, lasting, chance),
    }
    return pl.DataFrame(made)


def _deprivation(areas: pl.DataFrame, lasting: np.random.Generator) -> dict[str, object]:
    count, poor = areas.height, _poor(areas)
    made: dict[str, object] = {
        "imd_score": areas["imd_score"].round(3),
        "imd_rank": areas["imd_rank"],
        "imd_decile": areas["imd_decile"],
    }
    for domain in IMD_DOMAINS:
        near = areas["imd_decile"].to_numpy() + np.round(lasting.normal(0, 1.1, count))
        made[f"{domain}_decile"] = np.clip(near, 1, 10).astype(int)
    made["idaci_share"] = _share(CHILDREN_POOR + 0.09 * poor + lasting.normal(0, 0.03, count))
    made["idaopi_share"] = _share(OLDER_POOR + 0.11 * poor + lasting.normal(0, 0.05, count))
    return made


def _surroundings(
    areas: pl.DataFrame, year: int, lasting: np.random.Generator, chance: np.random.Generator
) -> dict[str, object]:
    """Air, crime, calls on services, green space and transport; air and damp are worst in the asthma cluster's ward."""
    count, poor, since = areas.height, _poor(areas), year - 2019
    ward = bor.place().wards[areas["ward"].to_numpy()]
    busy, cluster = np.isin(ward, BUSY_WARDS), ward == ASTHMA_WARD
    road = lasting.gamma(2.0, 0.5, count) + 0.7 * busy + CLUSTER_ROAD * cluster
    pm25 = 10.6 + 0.7 * road - 0.32 * since + chance.normal(0, 0.1, count)
    no2 = 29.5 + 4.5 * road - 1.6 * since + chance.normal(0, 0.5, count)
    made: dict[str, object] = {"pm25_ugm3": np.clip(pm25, 5, None).round(2), "no2_ugm3": np.clip(no2, 8, None).round(2)}
    level = np.exp(0.22 * poor + 0.9 * busy + lasting.normal(0, 0.35, count))
    for crime, mean in zip(CRIME_TYPES, YEARLY_CRIMES, strict=True):
        made[f"{crime}_count"] = chance.poisson(mean * level / 1.25)
    for service, mean in zip(ENVIRONMENTAL_SERVICES, YEARLY_REPORTS, strict=True):
        damp = np.where(cluster & (service == DAMP), CLUSTER_DAMP, 1.0)
        made[f"{service}_count"] = chance.poisson(mean * damp * np.exp(0.2 * poor + 0.3 * busy))
    made["green_space_metres"] = np.clip(lasting.gamma(4, 65, count), 20, 1500).round().astype(int)
    made["ptal_code"] = pick(PTAL_BANDS, np.clip(np.round(lasting.normal(5.6 + busy, 1.4)), 2, 8).astype(int))
    return made


def _poor(areas: pl.DataFrame) -> Array:
    """How deprived, about standardised over the borough."""
    return (areas["imd_score"].to_numpy() - 28.0) / 12.0


def _share(value: Array) -> Array:
    return np.clip(value, 0.01, 0.95).round(3)
