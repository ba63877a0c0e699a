"""The file of tenants of council and housing association homes."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.identity import address, identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.world.rows import scattered
from synthetic_data.world.state import Borough, stable


def tenants(state: Borough, mess: Mess, label: str, since: int) -> Feed:
    """`housing__tenancies`: tenants of tenancies open, or ended in the last year; a few under two references."""
    _p, s, t = state.people, state.sources["housing"], state.tables["tenancies"]
    at = np.flatnonzero(t["end"][s["tenancy"]] >= since)
    person, tenancy = s["person"][at], s["tenancy"][at]
    names = identity(state, mess, "housing__tenancies", label, at, person)
    home = t["home"][tenancy]
    homes = address(state, mess, "housing__tenancies", label, at, person, home)
    twice, _ = mess.choose("housing__tenancies", "duplicate", at, person, label)
    ref = pl.select(
        pl.format("TH{}", pl.Series(scattered(tenancy, 9_999_991, state.seed + 11, 1)).cast(pl.String).str.zfill(7))
    ).to_series()
    council = state.homes["tenure"][home] == 2
    untidy = pl.Series(stable(state, "postcode", at) < 0.1)
    code = homes["postcode"]
    rows = pl.DataFrame(
        {
            "tenancy_ref": ref,
            "uprn": homes["uprn"],
            "postcode": pl.select(
                pl.when(untidy).then(code.str.replace(" ", "").str.to_lowercase()).otherwise(code)
            ).to_series(),
            "landlord_code": pick(["LBTH", "RP01", "RP02", "RP03", "RP04", "RP05"], np.where(council, 0, 1 + home % 5)),
            "landlord_type": pick(["LA/THH", "RP"], (~council).astype(int)),
            "tenant_no": s["place"][at],
            "surname": names["surname"].str.to_titlecase(),
            "forename": names["forename"].str.to_titlecase(),
            "birth_date": names["birth_date"],
            "tenancy_start_date": dates(t["start"][tenancy]),
            "tenancy_end_date": dates(t["end"][tenancy], state.today),
            "tenure": pick(["secure", "assured", "flexible", "introductory"], t["tenure"][tenancy]),
            "bedroom_count": state.homes["bedrooms"][home],
            "household_count": t["persons"][tenancy],
            "arrears_band": pick(["none", "under 4 weeks", "4 to 12 weeks", "over 12 weeks"], t["arrears"][tenancy]),
        }
    )
    order = np.argsort(scattered(at, 9_999_991, state.seed + 13))
    second = rows.gather(np.flatnonzero(twice)).with_columns(tenancy_ref=pl.concat_str("tenancy_ref", pl.lit("A")))
    rows = pl.concat([rows.gather(order), second])
    keys = rows.select(pl.concat_str("tenancy_ref", pl.col("tenant_no").cast(pl.String), separator="|")).to_series()
    return Feed("housing__tenancies", rows, truth_records("housing", keys, np.r_[person[order], person[twice]]))
