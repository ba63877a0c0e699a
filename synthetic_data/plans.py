"""The SEN2 return: requests for an education, health and care needs assessment, and the plans that came of them.

The plans are those of `schools`; beside them are requests that were refused, and plans of pupils who have left.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data import schools as sch
from synthetic_data.council_rows import dfe_ethnicity, place, sent
from synthetic_data.feeds import Feed, blanked, dates, identity, pick, stale_home, truth_records
from synthetic_data.mess import Mess
from synthetic_data.planted import year_to
from synthetic_data.rows import NEVER, Array
from synthetic_data.state import Borough, stable
from wsd_pipeline.contracts.landed.special_needs import STATUTORY_DAYS

FEED = "education__ehc_plans"
REFUSED = 0.010  # of pupils on SEN support in a year: asked for, and not assessed
EXCEPTIONS = 0.06  # of plans: an exception to the twenty weeks applies


def requests(state: Borough) -> tuple[Array, Array, Array]:
    """(row of `education`, day asked for, day of the plan or NEVER) of what a file of today holds."""
    s, since = state.sources["education"], year_to(state.today)
    plans = np.flatnonzero(s["planned"] <= state.today)
    plans = plans[ended(state, plans) >= since]
    refused = np.flatnonzero(
        (s["support"] == 1) & (s["left"] == NEVER) & (stable(state, "refused", s["person"]) < REFUSED)
    )
    asked = since + (stable(state, "asked", s["person"][refused]) * (state.today - since - 60)).astype(int)
    there = asked > np.maximum(
        state.people["arrived"][s["person"][refused]], state.people["birth"][s["person"][refused]]
    )
    refused, asked = refused[there], asked[there]
    return (
        np.r_[plans, refused], np.r_[s["asked"][plans], asked].astype(np.int64),
        np.r_[s["planned"][plans], np.full(len(refused), NEVER)].astype(np.int64),
    )  # fmt: skip


def ended(state: Borough, at: Array) -> Array:
    """The day the plan of a pupil ceased: on leaving school, or at 25 where it goes on; NEVER while it runs."""
    s, p = state.sources["education"], state.people
    person = s["person"][at]
    grown = np.minimum(p["birth"][person] + 9_131, np.minimum(p["left"][person], p["death"][person]))
    over = np.where(sch.goes_on(state, at), grown, s["left"][at])
    return np.where((s["planned"][at] < s["left"][at]) & (over <= state.today), over, NEVER)


def has_exception(state: Borough, at: Array) -> Array:
    """True where an exception to the twenty weeks applies."""
    return stable(state, "exception", state.sources["education"]["person"][at]) < EXCEPTIONS


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


def on_time(state: Borough) -> dict[str, object]:
    """Plans issued in the year to today, without exceptions, and how many of them within twenty weeks."""
    at, asked, planned = requests(state)
    due = (planned >= year_to(state.today)) & (planned <= state.today) & ~has_exception(state, at)
    return {
        "planted_share": sch.ON_TIME,
        "issued": int(due.sum()),
        "within_twenty_weeks": int((due & (planned - asked <= STATUTORY_DAYS)).sum()),
        "definition": "plans issued in the twelve months, exceptions apart, no later than 140 days after the request",
    }
