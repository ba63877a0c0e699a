"""What was true, written apart from the extracts: who each record is, what they are like, what was got wrong.

The pipeline proper never reads it; it is what linkage, segments and marts are judged on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import polars as pl

from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.truth import access
from synthetic_data.truth.realised import realised
from synthetic_data.world import borough as bor
from synthetic_data.world import closures
from synthetic_data.world.closures import CLOSED, former_number
from synthetic_data.world.conditions import burden
from synthetic_data.world.names import shown
from synthetic_data.world.practice_lists import listed
from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough
from wsd_pipeline.settings import Project


def write_truth(project: Project, month: str, state: Borough, mess: Mess, held: Iterable[pl.DataFrame]) -> None:
    """`inbox/_truth/<month>/`: records, people, identities and households (Parquet), defects and facts (JSON).

    `held` are the records of each feed's latest file: of one that did not come this month, those of the file before.
    """
    folder = project.inbox / "_truth" / month
    folder.mkdir(parents=True, exist_ok=True)
    records = pl.concat(held).sort("source", "person_key")
    records.write_parquet(folder / "records.parquet", statistics=False)
    known = np.zeros(len(state.people), bool)
    known[records["true_person"].to_numpy() % CLOSED] = True
    rows = np.flatnonzero(known | state.is_resident(state.today))
    numbers = records["true_person"].unique().sort()
    before = numbers.filter(numbers >= CLOSED).to_numpy() - CLOSED
    was = people(state, before).with_columns(
        pl.col("true_person") + CLOSED, *(pl.lit(None, pl.Int64).alias(kin) for kin in ("father", "mother", "partner")),
        is_resident=pl.lit(False), is_registered=pl.lit(False),
    )  # fmt: skip
    pl.concat([people(state, rows), was]).write_parquet(folder / "people.parquet", statistics=False)
    known_as = closures.known_before(state, identities(state, before), before)
    pl.concat([identities(state, rows), known_as]).write_parquet(folder / "identities.parquet", statistics=False)
    (folder / "defects.json").write_text(json.dumps(mess.counts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (folder / "facts.json").write_text(
        json.dumps(facts(state, records), indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


def people(state: Borough, rows: Array) -> pl.DataFrame:
    """One row a person: what they are like at the month's end."""
    p, where, groups = state.people, bor.place(), bor.ethnicities()
    home = p["home"][rows]
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], -1)
    inside = (area >= 0) & (area < len(where.lsoa))
    at = np.where(inside, area, 0)
    resident = state.is_resident(state.today)[rows]
    return pl.DataFrame(
        {
            "true_person": rows.astype(np.int64),
            "ethnicity_group": pick(groups["group"].to_list(), p["eth"][rows]),
            "ethnicity": pick(groups["dfe"].to_list(), p["eth"][rows]),
            "imd_quintile": blanked(pl.Series((where.imd_decile[at] + 1) // 2), ~inside),
            "age_years": np.floor(state.age(rows, state.today)).astype(int),
            "sex": pick(["male", "female"], p["sex"][rows] - 1),
            "is_resident": resident,
            "is_registered": listed(state, state.today)[rows],
            "is_alive": p["death"][rows] > state.today,
            "lsoa21": blanked(pick(where.lsoa, at), ~inside),
            "locality": blanked(pick(where.locality, at), ~inside),
            "household": p["house"][rows],
            "father": _person(p["father"][rows]),
            "mother": _person(p["mother"][rows]),
            "partner": _person(p["partner"][rows]),
            "living": pick(["household", "hall", "care home", "no fixed abode"], p["kind"][rows]),
            "is_born_abroad": p["abroad"][rows],
            "condition_count": burden(state)[rows],
            "arrived_date": dates(p["arrived"][rows]),
            "moved_date": dates(p["moved"][rows]),
            "left_date": dates(p["left"][rows], state.today),
            "death_date": dates(p["death"][rows], state.today),
        }
    )


def _person(number: Array) -> pl.Series:
    return blanked(pl.Series(number.astype(np.int64)), number < 0)


def identities(state: Borough, rows: Array) -> pl.DataFrame:
    """One row a person: how they are truly known."""
    p = state.people
    forename, surname, former = shown(p, rows)
    home = p["home"][rows]
    at = np.maximum(home, 0)
    old = former_number(state, rows)
    return pl.DataFrame(
        {
            "true_person": rows.astype(np.int64),
            "nhs_number": pl.Series(p["nhs"][rows]).cast(pl.String),
            "former_nhs_number": blanked(pl.Series(old).cast(pl.String), old == 0),
            "forename": forename,
            "surname": surname,
            "former_surname": former.replace("", None),
            "birth_date": dates(p["birth"][rows]),
            "postcode": blanked(
                pl.Series(list(state.postcode)).gather(state.homes["post"][at].astype(np.uint32)), home < 0
            ),
            "uprn": blanked(pl.Series(state.homes["uprn"][at]).cast(pl.String), home < 0),
        }
    )


def facts(state: Borough, records: pl.DataFrame) -> dict[str, object]:
    """Counts of the month, and facts planted for the marts to find again."""
    resident, on = state.is_resident(state.today), listed(state, state.today)
    return {
        "residents": int(resident.sum()),
        "registered": int(on.sum()),
        "registered_residents": int((resident & on).sum()),
        "records": {str(source): int(n) for source, n in records.group_by("source").len().sort("source").iter_rows()},
        "planted": realised(state) | access.realised(state),
    }
