"""The NHS files of one month: practice lists, coded conditions, hospital episodes."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data import borough as bor
from synthetic_data import hospital as hos
from synthetic_data.feeds import (
    SENSITIVE_SHARE,
    Feed,
    address,
    blanked,
    dates,
    ethnicity,
    identity,
    pick,
    stale_home,
    truth_records,
)
from synthetic_data.mess import Mess, overall
from synthetic_data.months import open_registrations
from synthetic_data.rows import NEVER, Array, pick_share, scattered, stream
from synthetic_data.state import YEAR, Borough, stable


def double_register(state: Borough, mess: Mess, label: str, first: int) -> None:
    """A second open registration for as many people as the duplicate rate says, at another practice."""
    r, p = state.registrations, state.people
    rate = mess.rates.of("gp__registrations").get("duplicate", 0.0)
    open_now = open_registrations(state, state.today)
    single = open_now[~r["extra"][open_now]]
    twice = np.isin(r["person"][single], r["person"][open_now[r["extra"][open_now]]])
    wanted = round(overall(rate, mess.groups(r["person"][single])) * len(single)) - int(twice.sum())
    if wanted > 0:
        rng = stream(state.seed, label, "double")
        free = single[~twice & (p["death"][r["person"][single]] > state.today)]
        moved = np.where(state.today - p["moved"][r["person"][free]] < 3 * YEAR, 5.0, 1.0)
        chosen = free[pick_share(rng, moved * _group_rate(rate, mess.groups(r["person"][free])), wanted)]
        earliest = np.maximum(r["start"][chosen], first)
        number = np.arange(len(chosen)) + len(r)
        r.add(
            person=r["person"][chosen],
            practice=(r["practice"][chosen] + 1 + rng.integers(0, len(state.practices) - 1, len(chosen)))
            % len(state.practices),
            local=scattered(number, 9_999_991, state.seed, 1),
            start=earliest + ((state.today - earliest) * rng.random(len(chosen))).astype(int),
            end=np.full(len(chosen), NEVER),
            extra=np.ones(len(chosen), bool),
            death_seen=np.full(len(chosen), NEVER),
        )
    now = open_registrations(state, state.today)
    extra = len(now) - len(np.unique(r["person"][now]))
    mess.count("gp__registrations", "duplicate", extra, len(now) - extra, overall(rate, mess.groups(r["person"][now])))


def _group_rate(rate: object, groups: Array) -> Array:
    from synthetic_data.mess import rate_by_record

    return rate_by_record(rate, groups) + 1e-9  # type: ignore[arg-type]


def registrations(state: Borough, mess: Mess, label: str, since: int, first: int) -> Feed:
    """`gp__registrations`: the lists, with registrations that ended in the last year."""
    p = state.people
    double_register(state, mess, label, first)
    r = state.registrations
    at = np.flatnonzero((r["start"] <= state.today) & (r["end"] > since))
    person = r["person"][at]
    new = np.where(state.today - p["arrived"][person] < YEAR, 12.0, 1.0)
    names = identity(state, mess, "gp__registrations", label, at, person, weight=new)
    homes = address(state, mess, "gp__registrations", label, at, person, stale_home(state, "gp", person, 75))
    sensitive = stable(state, "sensitive", person) < SENSITIVE_SHARE
    age = state.age(person, state.today)
    ended = np.minimum(r["end"][at], r["death_seen"][at])
    title = np.where(
        p["sex"][person] == 1,
        np.where(age < 16, 4, 0),
        np.where(age < 16, 3, np.where(p["partner"][person] >= 0, 1, 2)),
    )
    flag = ["false", "true"]
    language = bor.ethnicities()["language"].to_list()
    interpreter = (
        p["abroad"][person]
        & (stable(state, "interpreter", person) < 0.18)
        & (np.array(language)[p["eth"][person]] != "ENG")
    )
    codes = state.practices["code"]
    rows = (
        pl.DataFrame(
            {
                "local_patient_id": pl.Series(r["local"][at]).cast(pl.String),
                "practice_code": pick(codes, r["practice"][at]),
                "title": pick(["MR", "MRS", "MS", "MISS", "MASTER"], title),
                "death_date": dates(np.where(r["death_seen"][at] <= state.today, p["death"][person], NEVER)),
                "sex": pick(["1", "2"], p["sex"][person] - 1),
                "ethnic_category": ethnicity(state, "nhs", "gp", person, ["Z", "Z", "99"]),
                "registration_type": pick(
                    ["R", "T", "I"],
                    np.where(stable(state, "type", at) < 0.012, np.where(stable(state, "type", at) < 0.003, 2, 1), 0),
                ),
                "registered_date": dates(r["start"][at]),
                "deregistered_date": dates(ended, state.today),
                "main_language": pick(language, p["eth"][person]),
                "is_interpreter_required": pick(flag, interpreter.astype(int)),
                "is_carer": pick(flag, ((age > 16) & (stable(state, "carer", person) < 0.022)).astype(int)),
                "has_carer": pick(flag, ((age > 60) & (stable(state, "has carer", person) < 0.05)).astype(int)),
                "is_military": pick(flag, ((age > 18) & (stable(state, "military", person) < 0.006)).astype(int)),
                "is_housebound": pick(flag, ((age > 70) & (p["z"][person] > 1.2)).astype(int)),
                "is_care_home_resident": pick(flag, (p["kind"][person] == 2).astype(int)),
                "is_sensitive": pick(flag, sensitive.astype(int)),
            }
        )
        .hstack(names)
        .hstack(homes)
    )
    rows = rows.with_columns(
        former_surname=blanked(rows["former_surname"], stable(state, "former", person) > 0.6).replace("", None)
    )
    keys = rows.select(pl.concat_str("practice_code", "local_patient_id", separator="|")).to_series()
    order = np.argsort(r["local"][at], kind="stable")
    return Feed("gp__registrations", rows.gather(order), truth_records("gp", keys, person))


def admissions(state: Borough, mess: Mess, label: str, since: int, first: int) -> Feed:
    """`apc__episodes`: episodes of spells finished in twelve months, refreshed each month, some sent twice."""
    p, spells = state.people, state.tables["spells"]
    e = hos.episodes(state, since, state.today)
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
    table = hos.diagnoses()
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
            "admission_method_code": pick(hos.METHODS, spells["method"][spell]),
            "admission_source_code": pl.Series(spells["source"][spell]).cast(pl.String),
            "patient_class_code": pick(["1", "2"], (kind == hos.DAYCASE).astype(int)),
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
            **{f"diagnosis_{i:02d}_code": pick(*coded) for i, coded in enumerate(hos.coded(spells, spell), start=2)},
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
