"""Personalised care: budgets and payments, social prescribing, patient activation, plans, peer support and coaching.

Direct payments are those of adult social care, read from its events; the rest follow conditions and age. One client in
seven with a direct payment is the founding documents' figure (627 of 4,719).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic_data.services.council import care_lists as words
from synthetic_data.world.calendar import year_to
from synthetic_data.world.conditions import burden, members, number_of
from synthetic_data.world.rows import Array, Rows, pick_share, stream
from synthetic_data.world.state import YEAR, Borough

FEED = "personalised_care__products"
DIRECT_PAYMENT = 627 / 4_719  # of adults with a service in the year
PAYMENT_COMPONENT, PAYMENT_MECHANISM = 12, 1  # of `care_lists`


@dataclass(frozen=True)
class Product:
    """Something given: how many a year for 100,000 residents, how long, for whom, and what it is worth a year."""

    name: str
    cohort: str
    yearly: float
    days: float
    pounds: float
    age: tuple[float, float]
    after: tuple[str, ...]


LONG_TERM: tuple[str, ...] = ("DM", "COPD", "CHD", "HF", "RA", "DEP", "AST", "STIA")
PRODUCTS = (
    Product("PHB notional", "CHC adult", 26, 500, 62_000, (18, 130), ("STIA", "DEM", "LD", "PC")),
    Product("PHB direct payment", "CHC adult", 12, 600, 54_000, (18, 130), ("STIA", "LD")),
    Product("PHB third-party", "continuing care child", 4, 900, 71_000, (0, 18), ("LD", "AUT", "EP")),
    Product("PHB notional", "wheelchair", 70, 365, 1_900, (3, 130), ("STIA", "RA", "LD")),
    Product("PHB notional", "s117", 18, 700, 27_000, (18, 130), ("MH",)),
    Product("IPB", "LD", 8, 800, 48_000, (18, 130), ("LD",)),
    Product("social prescribing referral", "primary care", 1_050, 90, 0, (18, 130), LONG_TERM),
    Product("social prescribing declined", "primary care", 190, 0, 0, (18, 130), LONG_TERM),
    Product("PAM", "LTC2plus", 520, 0, 0, (18, 130), LONG_TERM),
    Product("PCSP", "LTC2plus", 640, 365, 0, (18, 130), LONG_TERM),
    Product("health coaching", "LTC2plus", 190, 84, 0, (18, 130), ("DM", "COPD", "HYP", "DEP")),
    Product("peer support", "MH CPA", 110, 120, 0, (18, 90), ("MH", "DEP")),
)


def begin(state: Borough) -> None:
    """Eighteen months of products, so that those that last are there."""
    state.tables["products"] = Rows(
        person=np.zeros(0, np.int64), product=np.zeros(0, np.int8), start=np.zeros(0, np.int32), end=np.zeros(0,
        np.int32),
        pounds=np.zeros(0, np.int32), score=np.zeros(0, np.int16),
    )  # fmt: skip
    _give(state, "start", state.today - 548, 548)


def advance(state: Borough, label: str, first: int) -> None:
    """What is given in the month; what runs ends with a death or a move away."""
    _give(state, label, first, state.today - first + 1)
    book, p = state.tables["products"], state.people
    last = np.minimum(p["death"], p["left"])[book["person"]]
    book["end"] = np.where(last <= state.today, np.minimum(book["end"], last), book["end"]).astype(np.int32)


def _give(state: Borough, label: str, first: int, days: int) -> None:
    p, book = state.people, state.tables["products"]
    rows = np.flatnonzero(state.is_resident(state.today) & (p["arrived"] < first) & (p["birth"] < first))
    has, age, many = members(state)[rows], state.age(rows, first), burden(state)[rows]
    for number, product in enumerate(PRODUCTS):
        rng = stream(state.seed, label, "product", number)
        low, high = product.age
        need = 0.02 + has[:, [number_of(name) for name in product.after]].sum(axis=1) * (1 + 0.3 * many)
        need = need * (age >= low) * (age < high) * np.exp(0.2 * p["z"][rows])
        who = rows[pick_share(rng, need, round(product.yearly / 100_000 * len(rows) * days / 365))]
        start = first + (rng.random(len(who)) * days).astype(int)
        start = np.maximum(start, p["birth"][who] + int(low * YEAR) + 1)
        length = rng.exponential(max(product.days, 1), len(who)).astype(int) + 14
        score = 38 + 42 * rng.beta(2.2, 2.0, len(who)) - 1.5 * np.minimum(burden(state)[who], 4)
        book.add(
            person=who, product=np.full(len(who), number), start=start,
            end=start + length if product.days else start,
            pounds=np.round(product.pounds * np.exp(rng.normal(-0.08, 0.4, len(who))), -1),
            score=np.where(product.name == "PAM", np.round(np.clip(score, 0, 100) * 10), -1),
        )  # fmt: skip


def payments(state: Borough) -> tuple[Array, Array, Array]:
    """(person, start, end) of direct payments of adult social care in the last twelve months, one for each person."""
    e, since = state.tables["care"], year_to(state.today)
    paid = (e["component"] == PAYMENT_COMPONENT) | (e["mechanism"] == PAYMENT_MECHANISM)
    at = np.flatnonzero(paid & (e["client"] == 0) & (e["start"] <= state.today) & (e["end"] >= since))
    person, first = np.unique(e["person"][at], return_index=True)
    return person, e["start"][at[first]], e["end"][at[first]]


def direct_payments(state: Borough) -> dict[str, object]:
    """Adults with a care service in the year to today, and those of them with a direct payment."""
    e, since = state.tables["care"], year_to(state.today)
    served = (e["event"] == words.SERVICE) & (e["client"] == 0) & (e["start"] <= state.today) & (e["end"] >= since)
    return {
        "planted_share": DIRECT_PAYMENT,
        "clients": len(np.unique(e["person"][served])),
        "with_direct_payment": len(payments(state)[0]),
    }
