"""Differences in access to health services put in on purpose: planted as chances, counted as they came out.

There are three: who is referred to talking therapies, who has long-acting contraception, who misses appointments.
"""

from __future__ import annotations

import numpy as np

from synthetic_data.services.health import gp_checks, outpatients, talking_therapies
from synthetic_data.services.health.when import end_of_time_here, needs_interpreter
from synthetic_data.world import borough as bor
from synthetic_data.world.calendar import year_to
from synthetic_data.world.planted import LARC_BY_GROUP, TALKING_BY_GROUP
from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough
from wsd_pipeline.contracts.clusters import LARC


def realised(state: Borough) -> dict[str, object]:
    """The planted differences and what came of them in the year to today."""
    since = year_to(state.today)
    return {
        "talking_therapies_access": _talking(state, since),
        "contraception_access": _contraception(state),
        "missed_appointments": _missed(state, since),
    }


def _by_group(state: Borough, people: Array, base: Array, words: tuple[str, str]) -> dict[str, dict[str, int]]:
    """For each ethnicity group, how many of `people` and of `base` there are, under two names."""
    groups = bor.ethnicities()["group"].to_numpy()[state.people["eth"]]
    return {
        str(name): {words[0]: int((groups[people] == name).sum()), words[1]: int((groups[base] == name).sum())}
        for name in np.unique(groups[base])
    }


def _talking(state: Borough, since: int) -> dict[str, object]:
    table = state.tables[talking_therapies.FEED]
    asked = (table["asked"] >= since) & (table["asked"] <= state.today)
    asked &= table["asked"] < end_of_time_here(state, table["person"])
    adults = np.flatnonzero(state.is_resident(state.today))
    adults = adults[state.age(adults, state.today) >= 18]
    referred = np.unique(table["person"][asked])
    return {
        "planted_times_need": TALKING_BY_GROUP,
        "groups": _by_group(state, referred, adults, ("referred", "adult_residents")),
        "definition": "people referred in twelve months; adults of 18 and over living in the borough",
    }


def _contraception(state: Borough) -> dict[str, object]:
    p = state.people
    women = np.flatnonzero(state.is_resident(state.today) & (p["sex"] == 2))
    age = state.age(women, state.today)
    women = women[(age >= 15) & (age < 45)]
    found = [e.person[e.day <= state.today] for e in gp_checks.contraception(state, women) if e.cluster in LARC]
    return {
        "planted_times_mean": LARC_BY_GROUP,
        "groups": _by_group(state, np.unique(np.concatenate(found)), women, ("with_method", "women_15_to_44")),
        "definition": "implant, intrauterine system or device, or injection, not run out; women living here",
    }


def _missed(state: Borough, since: int) -> dict[str, object]:
    table = state.tables[outpatients.FEED]
    at = outpatients.shown(state, since)
    at = at[table["day"][at] <= state.today]
    kept = table["kept"][at]
    due = ~np.isin(kept, (outpatients.BY_PATIENT, outpatients.BY_PROVIDER))
    missed = np.isin(kept, (outpatients.MISSED, outpatients.TOO_LATE))
    speaks = needs_interpreter(state, table["person"][at].astype(np.int64))
    return {
        "planted_share": outpatients.DNA,
        "planted_interpreter_times": outpatients.INTERPRETER_TIMES,
        "with_interpreter": {"due": int((due & speaks).sum()), "missed": int((missed & speaks).sum())},
        "without": {"due": int((due & ~speaks).sum()), "missed": int((missed & ~speaks).sum())},
        "definition": "outpatient appointments neither cancelled nor to come; missed is attendance 3 or 7",
    }
