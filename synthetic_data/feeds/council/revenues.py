"""The files of council tax accounts and of benefit claimants."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.council.clients import own_ref, place, sent
from synthetic_data.feeds.feed import Feed, nobody
from synthetic_data.feeds.identity import identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.council.revenues import _homes, _leads
from synthetic_data.world import borough as bor
from synthetic_data.world.names import shown
from synthetic_data.world.rows import NEVER, Array, scattered
from synthetic_data.world.state import HALL_HOME, YEAR, Borough, stable
from wsd_pipeline.contracts.landed import revenues as lists

ACCOUNTS, CLAIMANTS = "council_tax__accounts", "benefits__claimants"
CLAIMED, WRONG = 0.95, 0.012  # of single adults who have the discount; of others who have it wrongly
BAND_SHARE = np.array([0.03, 0.19, 0.31, 0.22, 0.15, 0.06, 0.03, 0.01])


def claimants(state: Borough, mess: Mess, label: str) -> Feed:
    """`benefits__claimants`: claimant, partner and dependants of each claim in payment; other adults are in none."""
    book, p = state.tables["claims"], state.people
    rows, house, keys = _homes(state)
    live = np.flatnonzero(book["end"] == NEVER)
    live = live[np.argsort(book["key"][live])]
    at = np.searchsorted(book["key"][live], keys).clip(0, max(len(live) - 1, 0))
    paid = (book["key"][live][at] == keys) if len(live) else np.zeros(len(keys), bool)
    claim = live[at] if len(live) else np.zeros(len(keys), int)
    lead = rows[_leads(state, rows, house)]
    age = state.age(rows, state.today)
    child = (age < 16) | ((age < 19.5) & (stable(state, "in education", rows) < 0.7))
    role = np.select([rows == lead[house], p["partner"][lead[house]] == rows, child], [0, 1, 2], -1)
    mine = paid[house] & (role >= 0)
    order = np.flatnonzero(mine)
    order = order[np.lexsort((rows[order], role[order], house[order]))]
    person, unit, role = rows[order], house[order], role[order]
    first = np.r_[True, np.diff(unit) != 0] if len(unit) else np.zeros(0, bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(unit)), 0)) if len(unit) else np.zeros(0, int)
    claim = claim[unit]
    pupils = state.sources["education"]
    meals = np.zeros(len(p), bool)
    meals[pupils["person"][pupils["fsm"] & (pupils["left"] == NEVER)]] = True
    fed = np.bincount(unit[meals[person]], minlength=len(keys)) > 0
    kind, roll = book["kind"][claim], stable(state, "award", claim)
    names = identity(state, mess, CLAIMANTS, label, person, person)
    postcode, uprn = place(state, None, CLAIMANTS, label, person, person, (keys % 10_000_000)[unit])
    made = pl.DataFrame(
        {
            "claim_ref": own_ref(state, "8", claim, 83),
            "member_no": np.arange(len(unit)) - starts + 1,
            "claim_role": pick(list(lists.ROLES), role),
            "surname": names["surname"],
            "forename": names["forename"],
            "birth_date": names["birth_date"],
            "uprn": uprn,
            "postcode": postcode,
            "claim_type": pick(list(lists.CLAIM_TYPES), kind),
            "claim_start_date": dates(book["start"][claim]),
            "hb_weekly_gbp": np.where(kind != 1, np.round(80 + 190 * roll, 2), 0.0),
            "ctr_weekly_gbp": np.where(kind != 0, np.round(9 + 14 * roll, 2), 0.0),
            "dhp_weekly_gbp": np.where((kind != 1) & (roll > 0.96), np.round(10 + 60 * (1 - roll), 2), 0.0),
            "is_passported": pick(["N", "Y"], (roll < 0.55).astype(int)),
            "has_free_school_meals": pick(["N", "Y"], fed[unit].astype(int)),
            "has_universal_credit": pick(["N", "Y"], ((kind == 1) & (roll * 7 % 1 < 0.8)).astype(int)),
        }
    )
    return sent(state, mess, CLAIMANTS, label, made, person, person, "benefits", ("claim_ref", "member_no"))


def accounts(state: Borough) -> Feed:
    """`council_tax__accounts`: every home of the borough with its band and what is taken off."""
    p, homes = state.people, state.homes
    rows = np.flatnonzero(state.is_resident(state.today) & (p["home"] >= 0))
    inside = np.flatnonzero((homes["area"] < len(bor.place().lsoa)) & (homes["tenure"] <= HALL_HOME))
    age, home = state.age(rows, state.today), p["home"][rows]

    def count(which: Array) -> Array:
        return np.bincount(home[which], minlength=len(homes))[inside]

    grown, young = count(age >= 18), count((age >= 18) & (age < 23))
    anybody, hall = count(age >= 0), homes["tenure"][inside] == HALL_HOME
    lead = np.full(len(homes), -1)
    order = np.lexsort((age, home))
    lead[home[order]] = rows[order]  # the eldest is written last
    lead = lead[inside]
    roll = stable(state, "discount", inside)
    students = (grown > 0) & (young == grown) & (homes["tenure"][inside] == 1) & (roll < 0.6)
    single = (grown == 1) & (roll < CLAIMED) & ~students
    wrong = (grown > 1) & (roll < WRONG) & ~students
    other = (grown > 1) & (roll > 0.995)
    discount = np.select([anybody == 0, single | wrong, other], [5, 0, 2], -1)
    discount = np.where(hall | students, -1, discount)
    exemption = np.select([hall, students, (grown > 1) & (roll > 0.9985)], [0, 1, 2], -1)
    since = np.where(lead >= 0, p["moved"][np.maximum(lead, 0)], state.today - 100 - (roll * 400).astype(int))
    grown_on = p["birth"][np.maximum(lead, 0)] + int(18 * YEAR) + 1
    since = np.where((lead >= 0) & (grown > 0), np.maximum(since, grown_on), since)
    edges = np.cumsum(BAND_SHARE)
    fine = stable(state, "band", inside) * 0.8 + 0.05 * homes["bedrooms"][inside]
    forename, surname, _ = shown(p, np.maximum(lead, 0))
    made = pl.DataFrame(
        {
            "account_ref": pl.Series(
                scattered(inside, 9_999_991, state.seed + 89, 1) * 100 + np.maximum(lead, 0) % 97
            ).cast(pl.String),
            "uprn": pl.Series(homes["uprn"][inside]).cast(pl.String).str.zfill(12),
            "council_tax_band": pick(list(lists.BANDS), np.searchsorted(edges, np.clip(fine, 0, 0.9999)).clip(0, 7)),
            "liable_party_name": pl.select(
                pl.when(pl.Series(lead < 0))
                .then(pl.lit("THE OWNER"))
                .otherwise(pl.concat_str(forename, surname, separator=" "))
            ).to_series(),
            "liable_from_date": dates(np.minimum(since, state.today)),
            "discount": pick(list(lists.DISCOUNTS), discount),
            "exemption_class": pick(["M", "N", "U"], exemption),
        }
    )
    return Feed(ACCOUNTS, made.sort("account_ref"), nobody())
