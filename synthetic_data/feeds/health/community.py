"""The files of community health services: who is known to them, referrals to teams, and contacts."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, nobody, truth_records
from synthetic_data.feeds.health.patients import (
    MANY,
    known_by,
    month_end,
    month_number,
    patients,
    person_references,
    references,
    sent_before,
)
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.health import community as com
from synthetic_data.services.health.when import end_of_time_here
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, NONE, Array
from synthetic_data.world.state import Borough, stable

SOURCE = "csds"
TRUST, CARE_GROUP = "RWK", "Y06470"  # health visiting and school health are the GP care group's
BREASTFED = {True: 0.83, False: 0.62}  # at six to eight weeks, some or all: mothers born abroad, others
SCORED = (com.NURSING, com.EXTENDED, com.RAPID, com.INTERMEDIATE)


def feeds(state: Borough, mess: Mess, label: str, since: int) -> list[Feed]:
    """The three files of a month."""
    table = state.tables["csds_referrals"]
    stop = np.minimum(table["closed"], end_of_time_here(state, table["person"]))
    shown = np.flatnonzero((table["asked"] <= state.today) & (stop >= since) & (table["asked"] < stop))
    people = np.unique(table["person"][shown])
    return [
        _people(state, mess, label, people),
        _referrals(state, mess, label, shown),
        _contacts(state, mess, label, since, shown),
    ]


def _sent(state: Borough, person: Array, team: Array, changed: Array) -> dict[str, object]:
    group = np.isin(team, (com.VISITING, com.SCHOOL))
    return {
        "person_ref": person_references(state, SOURCE, person),
        "provider_code": pick([TRUST, CARE_GROUP], group.astype(int)),
        "submission_month_number": month_number(np.minimum(changed, state.today)),
    }


def _people(state: Borough, mess: Mess, label: str, people: Array) -> Feed:
    p = state.people
    child = state.age(people, state.today) < 17
    month = month_number(np.full(len(people), state.today))
    died = (p["left"][people] > p["death"][people]) & (stable(state, "told", people) < 0.8)
    rows = pl.DataFrame(
        {
            **_sent(state, people, np.where(child, com.VISITING, com.NURSING), np.full(len(people), state.today)),
            "period_end_date": month_end(month),
            "death_date": known_by(np.where(died, p["death"][people], NEVER), state.today),
        }
    ).hstack(patients(state, mess, "csds__people", label, SOURCE, people))
    return Feed("csds__people", rows, truth_records(SOURCE, rows["person_ref"], people))


def _referral_refs(state: Borough, at: Array) -> pl.Series:
    return pl.select(pl.format("SR{}", references(state, at, 109))).to_series()


def _referrals(state: Borough, mess: Mess, label: str, at: Array) -> Feed:
    row = state.tables["csds_referrals"].take(at)
    end = np.minimum(row["closed"], end_of_time_here(state, row["person"]))
    end = np.where(end <= state.today, end, NEVER)
    teams = [t[0] for t in com.TEAMS]
    source = np.searchsorted([0.5, 0.8, 0.9], stable(state, "community source", at))
    rows = pl.DataFrame(
        {
            "referral_ref": _referral_refs(state, at),
            **_sent(state, row["person"], row["team"], np.where(end < NEVER, end, state.today)),
            "referral_date": dates(row["asked"]),
            "referral_source_code": pick(["01", "05", "10", "02"], source),
            "referral_reason_code": pick([t[1] for t in com.TEAMS], row["team"]),
            "team_type": pick(teams, row["team"]),
            "discharge_date": dates(end),
        }
    )
    twice, _ = mess.choose("csds__referrals", "duplicate", at, row["person"], label)
    return Feed("csds__referrals", sent_before(rows, twice, discharge_date=pl.lit(None, pl.Date)), nobody())


def _contacts(state: Borough, mess: Mess, label: str, since: int, referrals: Array) -> Feed:
    table, book = state.tables["csds_contacts"], state.tables["csds_referrals"]
    shown = np.zeros(len(book), bool)
    shown[referrals] = True
    at = np.flatnonzero((table["day"] >= since) & (table["day"] <= state.today))
    at = at[shown[table["referral"][at]]]
    person = book["person"][table["referral"][at]]
    at = at[table["day"][at] < end_of_time_here(state, person)]
    row = table.take(at)
    person, team = book["person"][row["referral"]], book["team"][row["referral"]]
    rows = pl.DataFrame(
        {
            "contact_ref": pl.select(pl.format("CC{}", references(state, at, 113, MANY))).to_series(),
            "referral_ref": _referral_refs(state, row["referral"]),
            **_sent(state, person, team, row["day"]),
            "contact_date": dates(row["day"]),
            "attendance_code": pick(list(com.CODES), row["kept"]),
            "contact_medium_code": pick(["01", "02"], row["medium"]),
            "group_therapy": pick(["N", "Y"], ((team == com.SPEECH) & (at % 5 == 0)).astype(int)),
            "breastfeeding_code": _feeding(state, person, row["visit"], row["kept"]),
            "frailty_score": _frailty(state, person, team, at),
        }
    )
    twice, _ = mess.choose("csds__contacts", "duplicate", at, person, label)
    return Feed("csds__contacts", sent_before(rows, twice, attendance_code=pl.lit(None, pl.String)), nobody())


def _feeding(state: Borough, child: Array, visit: Array, kept: Array) -> pl.Series:
    """How babies are fed, told at the visit of six to eight weeks."""
    mother = state.people["mother"][child]
    abroad = (mother >= 0) & state.people["abroad"][np.maximum(mother, 0)]
    roll = stable(state, "fed", child) / np.where(abroad, BREASTFED[True], BREASTFED[False])
    asked = (visit == com.FEEDING_VISIT) & (kept == com.ATTENDED) & (stable(state, "feeding told", child) < 0.95)
    return pick(["01", "02", "03"], np.where(asked, np.searchsorted([0.55, 1.0], roll), NONE))


def _frailty(state: Borough, person: Array, team: Array, contact: Array) -> pl.Series:
    """Clinical frailty, scored at one contact in eight with the teams that see older people at home."""
    has = members(state)
    level = 3 + 2 * has[person, number_of("FRAIL1")] + 3 * has[person, number_of("FRAIL2")]
    level = np.minimum(level + 4 * has[person, number_of("FRAIL3")], 8)
    scored = np.isin(team, SCORED) & (contact % 8 == 0) & (state.age(person, state.today) >= 65)
    return pl.select(pl.when(pl.Series(scored)).then(pl.Series(level)).otherwise(None)).to_series()
