"""The file of attendances at emergency departments."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.identity import address, ethnicity, identity, stale_home
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.services.health.emergency import complaints
from synthetic_data.world import households as hh
from synthetic_data.world.rows import NEVER, NONE, Array, scattered
from synthetic_data.world.state import Borough, stable

FEED = "ecds__attendances"
PROVIDERS, SITES = ("R1H", "RQX", "RRV"), ("R1H12", "RQXM1", "RRV03")  # the local trust, and two over the boundary
TREATMENT_CENTRE = "Y06470"
DEPARTMENTS = ("01", "02", "03", "05")
ACUITIES = ("1064891000000107", "1064911000000105", "1064901000000103", "1077241000000103", "1077251000000100")
AMBULANCE, OWN_WAY = "1048031000000100", "1048071000000103"
HOME, CARE_HOME, WARD = "306689006", "306691003", "306706006"
COMPLETED, LEFT_EARLY, HOMELESS = "182992009", "1066301000000103", "32911000"


def visible(state: Borough, since: int, until: int) -> Array:
    """Rows of attendances between two days; none of somebody in a hospital bed, none that led to a stay undone."""
    a, spells = state.tables["attendances"], state.tables["spells"]
    rows = np.flatnonzero((a["day"] >= since) & (a["day"] <= until))
    admitted = a["spell"][rows] != NONE
    real = np.flatnonzero(spells["discharged"] != NEVER)
    span = np.int64(100_000)
    begins = spells["person"][real].astype(np.int64) * span + spells["admitted"][real]
    order = np.argsort(begins, kind="stable")
    begins = begins[order]
    key = a["person"][rows].astype(np.int64) * span + a["day"][rows] + 1
    last = np.searchsorted(begins, key, side="right") - 1
    stay = real[order][np.maximum(last, 0)]
    same = (last >= 0) & (spells["person"][stay] == a["person"][rows])
    in_bed = same & (spells["discharged"][stay] >= a["day"][rows])
    undone = admitted & (spells["discharged"][np.maximum(a["spell"][rows], 0)] == NEVER)
    return rows[np.where(admitted, ~undone, ~in_bed)]


def attendances(state: Borough, mess: Mess, label: str, since: int, first: int) -> Feed:
    """`ecds__attendances`: twelve months, refreshed each month, some sent twice."""
    p, a = state.people, state.tables["attendances"]
    at = visible(state, since, state.today)
    person, provider, day = a["person"][at], a["provider"][at], a["day"][at]
    records, where = np.unique(person.astype(np.int64) * len(PROVIDERS) + provider, return_inverse=True)
    patients = records // len(PROVIDERS)
    twice, _ = mess.choose(FEED, "duplicate", at, person, label)
    who = _patients(state, mess, label, records, patients)
    number = pl.Series(scattered(at, 9_999_991, state.seed + 29, 1)).cast(pl.String)
    admitted, table = a["spell"][at] != NONE, complaints()
    begun = day.astype(np.int64) * 1440 + a["minute"][at]
    ended = begun + a["stay"][at]
    diagnosis = pick(table["diagnosis"].fill_null("").to_list(), a["complaint"][at]).replace("", None)
    flag = ["false", "true"]
    rows = pl.DataFrame(
        {
            "attendance_ident": pl.select(pl.format("EC{}", number.str.zfill(8))).to_series(),
            "provider_code": pick(list(PROVIDERS), provider),
            "site_code": pl.select(
                pl.when(pl.Series((provider == 0) & (a["department"][at] == 2)))
                .then(pl.lit(TREATMENT_CENTRE))
                .otherwise(pick(list(SITES), provider))
            ).to_series(),
            "arrival_date": dates(day),
            "arrival_time": _moments(begun),
            "department_type_code": pick(list(DEPARTMENTS), a["department"][at]),
            "attendance_category_code": pick(["1", "2", "3", "4"], a["category"][at]),
            "arrival_mode_code": pick([OWN_WAY, AMBULANCE], a["ambulance"][at].astype(int)),
            "acuity_code": pick(list(ACUITIES), a["acuity"][at]),
            "chief_complaint_code": pick(table["snomed"].to_list(), a["complaint"][at]),
            "diagnosis_01_code": blanked(diagnosis, (stable(state, "uncoded", at) < 0.1) | a["early"][at]),
            "treatment_time": blanked(_moments(begun + a["stay"][at] // 3), a["early"][at]),
            "conclusion_time": _moments(begun + a["stay"][at] * 9 // 10),
            "departure_time": _moments(ended),
            "discharge_status_code": pick([COMPLETED, LEFT_EARLY], a["early"][at].astype(int)),
            "discharge_destination_code": pick(
                [HOME, CARE_HOME, WARD], np.where(admitted, 2, (p["kind"][person] == hh.CARE_HOME).astype(int))
            ),
            "accommodation_status_code": pick([HOMELESS], np.where(p["kind"][person] == hh.ROUGH, 0, -1)),
            "is_alcohol_or_drug_related": pick(flag, a["drink"][at].astype(int)),
            "cost_gbp": a["pence"][at] / 100,
            "interchange_time": _moments((np.maximum(day + 6, first - 1).astype(np.int64)) * 1440 + 300),
        }
    ).hstack(who.select(pl.all().gather(where)))
    earlier = rows.gather(np.flatnonzero(twice)).with_columns(
        interchange_time=pl.col("interchange_time").dt.offset_by("-4d"), diagnosis_01_code=pl.lit(None, pl.String)
    )
    order = np.argsort(scattered(at, 9_999_991, state.seed + 31), kind="stable")
    keys = pl.select(pl.format("{}|{}", pick(list(PROVIDERS), records % len(PROVIDERS)), who["local_patient_id"]))
    return Feed(FEED, pl.concat([earlier, rows.gather(order)]), truth_records("ecds", keys.to_series(), patients))


def _moments(minutes: Array) -> pl.Series:
    return pl.from_epoch(pl.Series(np.asarray(minutes, np.int64) * 60), "s")


def _patients(state: Borough, mess: Mess, label: str, records: Array, patients: Array) -> pl.DataFrame:
    """Who the departments say their patients are, an entry for each hospital number."""
    p, r = state.people, state.registrations
    baby = np.where(state.age(patients, state.today) < 0.5, 6.0, 1.0)
    names = identity(state, mess, FEED, label, records, patients, weight=baby)
    on = np.flatnonzero((r["start"] <= state.today) & ~r["extra"])
    practice = np.full(len(p), -1)
    practice[r["person"][on]] = r["practice"][on]
    homes = address(state, mess, FEED, label, records, patients, stale_home(state, "ecds", patients, 60))
    return (
        pl.DataFrame(
            {
                "local_patient_id": pl.Series(scattered(records, 9_999_991, state.seed + 37, 1)).cast(pl.String),
                "sex": pick(["1", "2"], p["sex"][patients] - 1),
                "ethnic_category": ethnicity(state, "nhs", "ecds", patients, ["Z", "99"]),
                "practice_code": pick(
                    [*list(state.practices["code"]), "V81997"],
                    np.where(practice[patients] < 0, len(state.practices), practice[patients]),
                ),
            }
        )
        .hstack(names.drop("former_surname"))
        .hstack(homes)
    )
