"""Council tax and benefits: an account for each home, and claims of households that have little.

The single person discount is given where one grown person lives, nearly always; a few homes have it that should not.
Claims follow tenure, deprivation, age and whether a pupil of the household has free school meals.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data import borough as bor
from synthetic_data import households as hh
from synthetic_data.council_rows import own_ref, place, sent
from synthetic_data.feeds import Feed, dates, identity, nobody, pick
from synthetic_data.mess import Mess
from synthetic_data.names import shown
from synthetic_data.rows import NEVER, Array, Rows, pick_share, scattered, stream
from synthetic_data.state import ASSOCIATION, COUNCIL, HALL_HOME, OWNED, YEAR, Borough, stable
from wsd_pipeline.contracts.landed import revenues as lists

ACCOUNTS, CLAIMANTS = "council_tax__accounts", "benefits__claimants"
ON_BENEFIT = 0.225  # of households: council tax reduction, housing benefit or both
CLAIM_ENDS = 0.012  # of claims, each month
CLAIMED, WRONG = 0.95, 0.012  # of single adults who have the discount; of others who have it wrongly
BAND_SHARE = np.array([0.03, 0.19, 0.31, 0.22, 0.15, 0.06, 0.03, 0.01])


def begin(state: Borough) -> None:
    """The claims in payment on the day before the first month."""
    state.tables["claims"] = Rows(
        key=np.zeros(0, np.int64), start=np.zeros(0, np.int32), end=np.zeros(0, np.int32), kind=np.zeros(0, np.int8)
    )
    _claim(state, "start", -NEVER)


def advance(state: Borough, label: str, first: int) -> None:
    """Claims end when the household moves or is better off; new ones keep the share."""
    book, p = state.tables["claims"], state.people
    rng = stream(state.seed, label, "claims end")
    rows = np.flatnonzero(state.is_resident(state.today) & (p["home"] >= 0))
    here = np.unique(p["house"][rows].astype(np.int64) * 10_000_000 + p["home"][rows])
    live = np.flatnonzero(book["end"] == NEVER)
    over = live[~np.isin(book["key"][live], here) | (rng.random(len(live)) < CLAIM_ENDS)]
    book["end"][over] = rng.integers(first, state.today + 1, len(over))
    _claim(state, label, first)


def _homes(state: Borough) -> tuple[Array, Array, Array]:
    """(residents with a home, the number of each one's household, key of house and home)."""
    p = state.people
    rows = np.flatnonzero(state.is_resident(state.today) & (p["home"] >= 0) & (p["kind"] == hh.NORMAL))
    keys, house = np.unique(p["house"][rows].astype(np.int64) * 10_000_000 + p["home"][rows], return_inverse=True)
    return rows, house, keys


def _leads(state: Borough, rows: Array, house: Array) -> Array:
    """The place in `rows` of each household's claimant: the eldest under 80, grown where anybody is."""
    age = state.age(rows, state.today)
    order = np.lexsort((rows, np.where((age >= 18) & (age < 80), -age, 200 - age), house))
    first = np.r_[True, np.diff(house[order]) != 0] if len(order) else np.zeros(0, bool)
    return order[first]


def _claim(state: Borough, label: str, first: int) -> None:
    book, p = state.tables["claims"], state.people
    rows, house, keys = _homes(state)
    rng = stream(state.seed, label, "claims")
    lead = rows[_leads(state, rows, house)]
    age, tenure = state.age(lead, state.today), state.homes["tenure"][keys % 10_000_000]
    pupils = state.sources["education"]
    meals = np.zeros(len(p), bool)
    meals[pupils["person"][pupils["fsm"] & (pupils["left"] == NEVER)]] = True
    hungry = np.bincount(house[meals[rows]], minlength=len(keys)) > 0
    social = np.isin(tenure, (COUNCIL, ASSOCIATION))
    wish = np.where(social, 6.0, np.where(tenure == OWNED, 0.25, 1.0)) * np.exp(0.4 * state.deprivation(lead))
    wish = wish * np.where(age >= 66, 2.5, 1.0) * np.where(hungry, 5.0, 1.0) * np.exp(0.3 * p["z"][lead]) * (age >= 18)
    wish = wish * (tenure < HALL_HOME) * ~np.isin(keys, book["key"][book["end"] >= (first if first > 0 else NEVER)])
    count = round(ON_BENEFIT * len(keys)) - int((book["end"] == NEVER).sum())
    at = pick_share(rng, wish, max(0, count))
    old = age[at] >= 66
    rent = tenure[at] != OWNED
    kind = np.where(rent & (old | (rng.random(len(at)) < 0.28)), np.where(rng.random(len(at)) < 0.85, 2, 0), 1)
    earliest = np.maximum(p["moved"][lead[at]], p["birth"][lead[at]] + int(18 * YEAR) + 1)
    long = state.today - (rng.exponential(3.5, len(at)) * YEAR).astype(int) - 1
    lately = state.today - (rng.random(len(at)) * (state.today - max(first, 0) + 1)).astype(int)
    start = np.minimum(np.maximum(long if first == -NEVER else lately, earliest), state.today)
    book.add(key=keys[at], start=start, end=np.full(len(at), NEVER), kind=kind)


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
