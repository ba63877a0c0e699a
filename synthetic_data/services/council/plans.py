"""The SEN2 return: requests for an education, health and care needs assessment, and the plans that came of them.

The plans are those of `schools`; beside them are requests that were refused, and plans of pupils who have left.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council import schools as sch
from synthetic_data.world.calendar import year_to
from synthetic_data.world.rows import NEVER, Array
from synthetic_data.world.state import Borough, stable
from wsd_pipeline.contracts.landed.special_needs import STATUTORY_DAYS

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
