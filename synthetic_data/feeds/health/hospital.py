"""The file of episodes in hospital."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.identity import address, ethnicity, identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.health import stay_codes
from synthetic_data.services.health.spells import episodes
from synthetic_data.world.rows import scattered
from synthetic_data.world.state import Borough


def admissions(state: Borough, mess: Mess, label: str, since: int, first: int) -> Feed:
    """`apc__episodes`: episodes of spells finished in twelve months, refreshed each month, some sent twice."""
    p, spells = state.people, state.tables["spells"]
    e = episodes(state, since, state.today)
    spell, order = e["spell"], e["order"]
    person = spells["person"][spell]
    patients, where = np.unique(person, return_inverse=True)
    baby = np.where(state.age(patients, state.today) < 0.5, 6.0, 1.0)
    names = identity(state, mess, "apc__episodes", label, patients, patients, weight=baby)
    home = p["home"][patients]
    twice, _ = mess.choose("apc__episodes", "duplicate", spell * 2 + order - 1, person, label)
    r = state.registrations
    on = np.flatnonzero((r["start"] <= state.today) & ~r["extra"])
    practice = np.full(len(p), -1)
    practice[r["person"][on]] = r["practice"][on]
    table = stay_codes.diagnoses()
    diagnosis, kind = spells["diagnosis"][spell], spells["kind"][spell]
    last = (order == 2) | (spells["split"][spell] < 0)
    number = pl.Series(scattered(spell, 9_999_991, state.seed + 17, 1)).cast(pl.String)
    ref = pl.Series(scattered(patients, 9_999_991, state.seed + 19, 1)).cast(pl.String)
    sent = np.maximum(e["end"] + 9, first - 1) * 86_400 + 21_600
    who = pl.DataFrame(
        {
            "local_patient_id": ref,
            "sex": pick(["1", "2"], p["sex"][patients] - 1),
            "ethnic_category": ethnicity(state, "nhs", "apc", patients, ["Z", "99"]),
            "postcode": address(state, None, "apc__episodes", label, patients, patients, home)["postcode"],
            "practice_code": pick(
                [*list(state.practices["code"]), "V81997"],
                np.where(practice[patients] < 0, len(state.practices), practice[patients]),
            ),
        }
    ).hstack(names)
    rows = pl.DataFrame(
        {
            "apc_ident": pl.select(pl.format("{}{}", number.str.zfill(8), pl.Series(order))).to_series(),
            "spell_id": pl.select(pl.format("SP{}", number)).to_series(),
            "provider_code": pl.Series(["R1H"] * len(spell)),
            "site_code": pl.Series(["R1H12"] * len(spell)),
            "admission_date": dates(spells["admitted"][spell]),
            "admission_method_code": pick(stay_codes.METHODS, spells["method"][spell]),
            "admission_source_code": pl.Series(spells["source"][spell]).cast(pl.String),
            "patient_class_code": pick(["1", "2"], (kind == stay_codes.DAYCASE).astype(int)),
            "episode_start_date": dates(e["start"]),
            "episode_end_date": dates(e["end"]),
            "episode_order": order,
            "episode_status_code": pl.Series(["3"] * len(spell)),
            "discharge_date": dates(spells["discharged"][spell]),
            "discharge_method_code": pl.Series(spells["dismeth"][spell]).cast(pl.String),
            "discharge_destination_code": pl.Series(spells["disdest"][spell]).cast(pl.String),
            "main_specialty_code": pick(table["specialty"].to_list(), diagnosis),
            "treatment_specialty_code": pick(table["specialty"].to_list(), diagnosis),
            "diagnosis_01_code": pick(table["icd"].to_list(), diagnosis),
            **{
                f"diagnosis_{i:02d}_code": pick(*coded)
                for i, coded in enumerate(stay_codes.coded(spells, spell), start=2)
            },
            "operation_01_code": pick(
                [c or "" for c in table["operation"]], np.where(order == 1, diagnosis, -1)
            ).replace("", None),
            "spell_length_days": spells["discharged"][spell] - spells["admitted"][spell],
            "critical_care_days": np.where(last, spells["critical"][spell], 0),
            "cost_gbp": np.where(last, spells["cost"][spell] / 100, 0.0),
            "interchange_time": pl.from_epoch(pl.Series(sent), "s"),
        }
    ).hstack(who.select(pl.all().gather(where)))
    earlier = rows.gather(np.flatnonzero(twice)).with_columns(
        interchange_time=pl.col("interchange_time").dt.offset_by("-6d"),
        diagnosis_02_code=pl.lit(None, pl.String),
        cost_gbp=(pl.col("cost_gbp") * 0.98).round(2),
    )
    shuffled = np.argsort(scattered(spell * 2 + order, 9_999_991, state.seed + 23), kind="stable")
    keys = pl.select(pl.format("R1H|{}", ref)).to_series()
    return Feed("apc__episodes", pl.concat([earlier, rows.gather(shuffled)]), truth_records("apc", keys, patients))
