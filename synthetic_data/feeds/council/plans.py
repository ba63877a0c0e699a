"""The file of the SEN2 return: a row for each request, with the plan that came of it."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.council.clients import dfe_ethnicity, place, sent
from synthetic_data.feeds.feed import Feed, truth_records
from synthetic_data.feeds.identity import identity, stale_home
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.services.council import schools as sch
from synthetic_data.services.council.plans import ended, has_exception, requests
from synthetic_data.world.rows import NEVER
from synthetic_data.world.state import Borough, stable

FEED = "education__ehc_plans"


def ehc_plans(state: Borough, mess: Mess, label: str) -> Feed:
    """`education__ehc_plans`: plans in force or ended in the last year, and requests refused in it."""
    s, p = state.sources["education"], state.people
    at, asked, planned = requests(state)
    person, issued = s["person"][at], planned != NEVER
    names = identity(state, mess, FEED, label, at, person)
    postcode, _ = place(state, None, FEED, label, at, person, stale_home(state, "education", person, 40))
    decided = np.minimum(asked + 42, np.where(issued, planned, state.today))
    assessed = np.where(issued, np.minimum(asked + 112, planned), NEVER)
    over = np.where(issued, ended(state, at), NEVER)
    level, year = s["support"][at], sch.academic_year(p["birth"][person], state.today)
    rows = pl.DataFrame(
        {
            "upn": pl.Series(sch.upn(s, at)),
            "surname": names["surname"],
            "forename": names["forename"],
            "birth_date": names["birth_date"],
            "sex": pick(["M", "F"], p["sex"][person] - 1),
            "ethnicity": dfe_ethnicity(state, person, "sen2", 0.03),
            "postcode": postcode,
            "request_date": dates(asked),
            "request_source_code": pick(["1", "3", "2", "5"], (stable(state, "asker", person) ** 2 * 4).astype(int)),
            "request_outcome_code": pick(["N", "Y"], issued.astype(int)),
            "request_outcome_date": dates(decided),
            "assessment_outcome_code": blanked(pl.Series(["Y"] * len(at), dtype=pl.String), ~issued),
            "assessment_outcome_date": dates(assessed),
            "has_time_limit_exception": pick(["0", "1"], (issued & has_exception(state, at)).astype(int)),
            "plan_start_date": dates(planned),
            "plan_end_date": dates(over),
            "plan_end_reason_code": blanked(pl.Series(["1"] * len(at), dtype=pl.String), over > state.today),
            "placement_urn": blanked(
                pl.Series(sch.urn(np.where(year >= 7, np.maximum(s["school"][at], sch.PRIMARY), s["school"][at]))),
                ~issued,
            ),
            "sen_primary_type": pick(list(sch.SEN_TYPES), np.where(level > 0, s["type1"][at], -1)),
        }
    )
    feed = sent(state, mess, FEED, label, rows, at, person)
    gone = np.flatnonzero(s["left"][at] != NEVER)  # those on roll are in the census, with their records
    known = truth_records("education", rows["upn"].gather(gone), person[gone])
    return Feed(FEED, feed.rows, known)
