"""The files of the mental health trust: who its patients are, referrals, contacts, CPA, ward stays, the Act.

A row is sent again whenever it changes; its submission month is that of the last change, and some rows come twice.
"""

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
from synthetic_data.services.health import mental_health as mh
from synthetic_data.services.health.when import end_of_time_here
from synthetic_data.world import households as hh
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER, Array, Rows
from synthetic_data.world.state import Borough, stable

SOURCE = "mhsds"
PROVIDER = "RWK"
SECTIONS = ("02", "03", "20")
WARDS = ("10", "11", "12", "23")
EMPLOYED, SEEKING, STUDENT, SICK, HOMEMAKER, RETIRED, UNKNOWN = "01", "02", "03", "04", "05", "08", "ZZ"
WITH_FAMILY, ROUGH, CARE_HOME, OWNER, SOCIAL, PRIVATE = "04", "12", "09", "01", "02", "03"


def feeds(state: Borough, mess: Mess, label: str, since: int) -> list[Feed]:
    """The six files of a month."""
    referrals = _shown_referrals(state, since)
    stays = state.tables["mh_stays"]
    stayed = _shown(state, stays, since - 365, stays["person"])
    people = np.union1d(state.tables["mh_referrals"]["person"][referrals], stays["person"][stayed])
    return [
        _people(state, mess, label, people, referrals),
        _referrals(state, mess, label, referrals),
        _contacts(state, mess, label, since, referrals),
        _cpa(state, since, people),
        _ward_stays(state, since - 365, people),
        _detentions(state, since, people),
    ]


def _shown_referrals(state: Borough, since: int) -> Array:
    """Referrals received by now, and not closed before the twelve months."""
    table = state.tables["mh_referrals"]
    end = np.minimum(table["closed"], end_of_time_here(state, table["person"]))
    return np.flatnonzero((table["asked"] <= state.today) & (end >= since) & (table["asked"] < end))


def _ends(state: Borough, person: Array, planned: Array) -> Array:
    """When something planned ended: NEVER while it has not, and no later than the person's time here."""
    end = np.minimum(planned, end_of_time_here(state, person))
    return np.where(end <= state.today, end, NEVER)


def _shown(state: Borough, table: Rows, since: int, people: Array) -> Array:
    """Rows of a table of stretches of time: begun by now, not over before the twelve months, of people in the file."""
    stop = np.minimum(table["end"], end_of_time_here(state, table["person"]))
    running = (table["start"] <= state.today) & (stop >= since) & (table["start"] < stop)
    return np.flatnonzero(running & np.isin(table["person"], people))


def _sent(state: Borough, person: Array, changed: Array) -> dict[str, object]:
    """The columns every row of the data set has."""
    return {
        "person_ref": person_references(state, SOURCE, person),
        "provider_code": pl.Series([PROVIDER] * len(person), dtype=pl.String),
        "submission_month_number": month_number(np.minimum(changed, state.today)),
    }


def _people(state: Borough, mess: Mess, label: str, people: Array, referrals: Array) -> Feed:
    p, table = state.people, state.tables["mh_referrals"]
    ends = _ends(state, table["person"][referrals], table["closed"][referrals])
    seen = np.zeros(len(p), np.int64)
    np.maximum.at(seen, table["person"][referrals], np.minimum(ends, state.today).astype(np.int64))
    stays = state.tables["mh_stays"]
    ended = np.minimum(_ends(state, stays["person"], stays["end"]), state.today).astype(np.int64)
    begun = stays["start"] <= state.today
    np.maximum.at(seen, stays["person"][begun], ended[begun])
    changed = seen[people]
    died_here = p["left"][people] > p["death"][people]
    rows = pl.DataFrame(
        {
            **_sent(state, people, changed),
            "period_end_date": month_end(month_number(changed)),
            "accommodation_type_code": _accommodation(state, people),
            "settled_accommodation": pick(
                ["Y", "N", "Z"],
                np.where(p["kind"][people] == hh.ROUGH, 1, np.where(stable(state, "settled", people) < 0.12, 2, 0)),
            ),
            "employment_status_code": _employment(state, people),
            "employment_recorded_date": dates(np.maximum(changed - 30, p["birth"][people])),
            "death_date": known_by(np.where(died_here, p["death"][people], NEVER), state.today),
        }
    ).hstack(patients(state, mess, "mhsds__people", label, SOURCE, people))
    return Feed("mhsds__people", rows, truth_records(SOURCE, rows["person_ref"], people))


def _accommodation(state: Borough, people: Array) -> pl.Series:
    p, homes = state.people, state.homes
    tenure = homes["tenure"][np.maximum(p["home"][people], 0)]
    young = state.age(people, state.today) < 21
    place = np.select([tenure == 0, tenure == 1, tenure == 5], [0, 2, 3], 1)
    place = np.where(young, 4, np.where(p["kind"][people] == hh.ROUGH, 5, place))
    return pick([OWNER, SOCIAL, PRIVATE, CARE_HOME, WITH_FAMILY, ROUGH], place)


def _employment(state: Borough, people: Array) -> pl.Series:
    """A tenth of those with a severe mental illness are in work, of others known to services half."""
    age, has = state.age(people, state.today), members(state)[people]
    roll = stable(state, "work", people)
    ill = np.searchsorted([0.10, 0.20, 0.25, 0.80, 0.85], roll)
    well = np.searchsorted([0.48, 0.60, 0.68, 0.82, 0.90], roll)
    place = np.where(has[:, number_of("MH")] | has[:, number_of("LD")], ill, well)
    place = np.where(age < 18, 2, np.where(age > 67, 5, place))
    return pick(
        [EMPLOYED, SEEKING, STUDENT, SICK, HOMEMAKER, RETIRED, UNKNOWN],
        np.where(place == 5, np.where(age > 67, 5, 6), place),
    )


def _referrals(state: Borough, mess: Mess, label: str, at: Array) -> Feed:
    row = state.tables["mh_referrals"].take(at)
    end = _ends(state, row["person"], row["closed"])
    team = row["team"]
    source = np.searchsorted([0.6, 0.75, 0.85], stable(state, "referred by", at))
    reasons = [t[2] for t in mh.TEAMS]
    flat = [code for several in reasons for code in several]
    begins = np.cumsum([0, *(len(several) for several in reasons)])[:-1]
    rows = pl.DataFrame(
        {
            "referral_ref": _referral_refs(state, at),
            **_sent(state, row["person"], np.where(end < NEVER, end, state.today)),
            "referral_date": dates(row["asked"]),
            "referral_source_code": pick(["A1", "B1", "D1", "H1"], source),
            "referral_reason_code": pick(flat, begins[team] + row["reason"]),
            "team_ref": pick([f"{PROVIDER}{t[1]}{i}" for i, t in enumerate(mh.TEAMS)], team),
            "team_type_code": pick([t[1] for t in mh.TEAMS], team),
            "rejection_date": dates(np.where(row["accepted"], NEVER, end)),
            "discharge_date": dates(np.where(row["accepted"], end, NEVER)),
        }
    )
    twice, _ = mess.choose("mhsds__referrals", "duplicate", at, row["person"], label)
    nothing = pl.lit(None, pl.Date)
    return Feed("mhsds__referrals", sent_before(rows, twice, rejection_date=nothing, discharge_date=nothing), nobody())


def _referral_refs(state: Borough, at: Array) -> pl.Series:
    return pl.select(pl.format("RWKR{}", references(state, at, 83))).to_series()


def _contacts(state: Borough, mess: Mess, label: str, since: int, referrals: Array) -> Feed:
    table, book = state.tables["mh_contacts"], state.tables["mh_referrals"]
    at = np.flatnonzero((table["day"] >= since) & (table["day"] <= state.today))
    person = book["person"][table["referral"][at]]
    shown = np.zeros(len(book), bool)
    shown[referrals] = True
    at = at[shown[table["referral"][at]] & (table["day"][at] < end_of_time_here(state, person))]
    row = table.take(at)
    person = book["person"][row["referral"]]
    rows = pl.DataFrame(
        {
            "contact_ref": pl.select(pl.format("RWKC{}", references(state, at, 89, MANY))).to_series(),
            "referral_ref": _referral_refs(state, row["referral"]),
            **_sent(state, person, row["day"]),
            "contact_date": dates(row["day"]),
            "attendance_code": pick(list(mh.CODES), row["kept"]),
            "contact_medium_code": pick(["01", "02", "04", "11"], row["medium"]),
        }
    )
    twice, _ = mess.choose("mhsds__contacts", "duplicate", at, person, label)
    return Feed("mhsds__contacts", sent_before(rows, twice, attendance_code=pl.lit(None, pl.String)), nobody())


def _cpa(state: Borough, since: int, people: Array) -> Feed:
    table = state.tables["mh_cpa"]
    at = _shown(state, table, since, people)
    end = _ends(state, table["person"][at], table["end"][at])
    rows = pl.DataFrame(
        {
            "cpa_ref": pl.select(pl.format("RWKA{}", references(state, at, 97))).to_series(),
            **_sent(state, table["person"][at], np.where(end < NEVER, end, state.today)),
            "cpa_start_date": dates(table["start"][at]),
            "cpa_end_date": dates(end),
        }
    )
    return Feed("mhsds__cpa", rows, nobody())


def _ward_stays(state: Borough, since: int, people: Array) -> Feed:
    """Spells in hospital, one ward stay or two each; those not ended are there."""
    table = state.tables["mh_stays"]
    at = _shown(state, table, since, people)
    over = _ends(state, table["person"][at], table["end"][at]).astype(np.int64)
    moved = np.where(table["moved"][at] <= np.minimum(over - 1, state.today), table["moved"][at], NEVER)
    twice = moved < NEVER
    spell = np.repeat(np.arange(len(at)), 1 + twice)
    second = np.r_[False, spell[1:] == spell[:-1]] if len(spell) else np.zeros(0, bool)
    row = at[spell]
    end = _ends(state, table["person"][row], table["end"][row])
    ward_end = np.where(twice[spell] & ~second, moved[spell], end)
    rows = pl.DataFrame(
        {
            "ward_stay_ref": pl.select(pl.format("RWKW{}", references(state, row * 2 + second, 101))).to_series(),
            "spell_ref": pl.select(pl.format("RWKS{}", references(state, row, 103))).to_series(),
            **_sent(state, table["person"][row], np.where(end < NEVER, end, state.today)),
            "spell_start_date": dates(table["start"][row]),
            "spell_end_date": dates(end),
            "ward_start_date": dates(np.where(second, moved[spell], table["start"][row])),
            "ward_end_date": dates(ward_end),
            "ward_type_code": pick(list(WARDS), table["ward"][row]),
        }
    )
    return Feed("mhsds__ward_stays", rows, nobody())


def _detentions(state: Borough, since: int, people: Array) -> Feed:
    table = state.tables["mh_detentions"]
    at = _shown(state, table, since, people)
    end = _ends(state, table["person"][at], table["end"][at])
    rows = pl.DataFrame(
        {
            "detention_ref": pl.select(pl.format("RWKD{}", references(state, at, 107))).to_series(),
            **_sent(state, table["person"][at], np.where(end < NEVER, end, state.today)),
            "legal_status_code": pick(list(SECTIONS), table["section"][at]),
            "detention_start_date": dates(table["start"][at]),
            "detention_end_date": dates(end),
        }
    )
    return Feed("mhsds__detentions", rows, nobody())
