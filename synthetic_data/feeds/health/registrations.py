"""The practices' lists: who is registered where, some of them twice."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.identity import address, ethnicity, identity, stale_home
from synthetic_data.feeds.mess import Mess, overall, rate_by_record
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.world import borough as bor
from synthetic_data.world.practice_lists import open_registrations
from synthetic_data.world.rows import NEVER, Array, pick_share, scattered, stream
from synthetic_data.world.state import YEAR, Borough, stable

SENSITIVE_SHARE = 0.0005


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
