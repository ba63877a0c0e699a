"""The file of pupils on roll."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.identity import UNKNOWN_ETHNICITY, address, identity, stale_home
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.services.council import schools as sch
from synthetic_data.world import borough as bor
from synthetic_data.world.rows import NEVER, scattered
from synthetic_data.world.state import Borough, stable


def pupils(state: Borough, mess: Mess, label: str) -> Feed:
    """`education__pupils`: those on roll, a few at two schools."""
    p, s = state.people, state.sources["education"]
    at = np.flatnonzero(s["left"] == NEVER)
    person = s["person"][at]
    names = identity(state, mess, "education__pupils", label, at, person)
    homes = address(state, mess, "education__pupils", label, at, person, stale_home(state, "education", person, 40))
    twice, _ = mess.choose("education__pupils", "duplicate", at, person, label)
    year = sch.academic_year(p["birth"][person], state.today)
    numbers = pl.Series(sch.upn(s, at))
    dfe = [{"BSOM": "BAFR", "ARAB": "OOTH"}.get(c, c) for c in bor.ethnicities()["dfe"]]
    roll = stable(state, "education", person)
    level = s["support"][at]
    flags = {
        name: pick(["false", "true"], s[of][at].astype(int))
        for name, of in (("is_fsm_eligible", "fsm"), ("is_ever_fsm6", "ever"), ("has_pupil_premium", "ever"))
    }
    rows = (
        pl.DataFrame(
            {
                "upn": numbers,
                "former_upn": blanked(pl.Series(sch.upn(s, at, 3)), ~s["former"][at]),
                "sex": pick(["M", "F"], p["sex"][person] - 1),
                "language": pick(bor.ethnicities()["language"].to_list(), p["eth"][person]),
                "ethnicity": pl.select(
                    pl.when(pl.Series(roll < UNKNOWN_ETHNICITY["education"]))
                    .then(pl.lit("NOBT"))
                    .otherwise(pick(dfe, p["eth"][person]))
                ).to_series(),
                "year_group": year,
                "school_urn": sch.urn(np.where(year >= 7, np.maximum(s["school"][at], sch.PRIMARY), s["school"][at])),
                **flags,
                "sen_provision": pick(["N", "K", "E"], level),
                "sen_primary_type": pick(list(sch.SEN_TYPES), np.where(level > 0, s["type1"][at], -1)),
                "sen_secondary_type": pick(list(sch.SEN_TYPES), np.where(level > 0, s["type2"][at], -1)),
                "attendance_pct": s["attendance"][at] / 10,
                "suspension_count": s["excluded"][at],
                "ehcp_request_date": dates(s["asked"][at]),
                "ehcp_start_date": dates(s["planned"][at]),
            }
        )
        .hstack(names.select("forename", "surname", "birth_date"))
        .hstack(homes.select("postcode", "uprn"))
    )
    order = np.argsort(scattered(at, 9_999_991, state.seed + 7))
    other = sch.urn((s["school"][at] + 13) % sch.PRIMARY)
    second = rows.with_columns(school_urn=pl.Series(other)).gather(np.flatnonzero(twice))
    return Feed(
        "education__pupils", pl.concat([rows.gather(order), second]), truth_records("education", numbers, person)
    )
