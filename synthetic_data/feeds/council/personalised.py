"""The file of personalised care: a row for each budget, referral, measurement or plan of a person."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.council.clients import own_ref, sent
from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.identity import identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.council.personalised import FEED, PRODUCTS, payments
from synthetic_data.world.calendar import year_to
from synthetic_data.world.state import Borough, stable
from wsd_pipeline.contracts.landed import personalised_care as lists


def is_due(month: str, first_month: str) -> bool:
    """Whether the file comes in this month: at a quarter's end, and once to begin with."""
    return month == first_month or int(month[5:]) % 3 == 0


def products(state: Borough, mess: Mess, label: str) -> Feed:
    """`personalised_care__products`: what ran or was given in the last twelve months."""
    book, p, since = state.tables["products"], state.people, year_to(state.today)
    last = np.minimum(p["death"], p["left"])[book["person"]]
    at = np.flatnonzero((book["start"] <= np.minimum(state.today, last)) & (book["end"] >= since))
    at = at[
        np.unique(np.stack([book["person"][at], book["product"][at], book["start"][at]]), axis=1, return_index=True)[1]
    ]
    paid, start, end = payments(state)
    person = np.r_[book["person"][at], paid]
    names_of = [product.name for product in PRODUCTS]
    score = np.r_[book["score"][at], np.full(len(paid), -1)]
    pounds = np.r_[book["pounds"][at], 8_000 + (stable(state, "payment", paid) * 24_000).astype(int)]
    records, where = np.unique(person, return_inverse=True)
    names = identity(state, mess, FEED, label, records, records)
    level = np.searchsorted(np.array(lists.PAM_LEVEL_FROM[1:]), score / 10, side="right") + 1
    made = pl.DataFrame(
        {
            "local_ref": own_ref(state, "PC", records, 97),
            "surname": names["surname"],
            "forename": names["forename"],
            "birth_date": names["birth_date"],
            "nhs_number": names["nhs_number"],
            "sex": pick(["Male", "Female"], p["sex"][records] - 1),
        }
    ).gather(where)
    ends = np.r_[book["end"][at], end]
    made = made.with_columns(
        product=pl.concat(
            [pick(names_of, book["product"][at]), pl.Series(["direct payment ASC"] * len(paid), dtype=pl.String)]
        ),
        start_date=dates(np.r_[book["start"][at], start]),
        end_date=dates(ends, state.today),
        cohort=pl.concat(
            [
                pick([x.cohort for x in PRODUCTS], book["product"][at]),
                pl.Series(["ASC client"] * len(paid), dtype=pl.String),
            ]
        ),
        annual_value_gbp=pl.Series(np.where(pounds > 0, pounds, -1)).cast(pl.Int64).replace(-1, None),
        activation_score=pl.Series(score / 10).replace(-0.1, None),
        activation_level=pl.Series(np.where(score >= 0, level, -1)).replace(-1, None),
    ).unique(("local_ref", "product", "start_date"), keep="first", maintain_order=True)
    back = made.select(
        pl.col("local_ref").replace_strict(own_ref(state, "PC", records, 97), pl.Series(records))
    ).to_series()
    who = back.to_numpy()
    feed = sent(state, mess, FEED, label, made, np.arange(made.height), who, "personalised_care", ("local_ref",))
    return feed
