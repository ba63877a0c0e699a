"""What came of the facts planted, counted in the truth of the year to today."""

from __future__ import annotations

import numpy as np

from synthetic_data.services.council import housing_need, plans
from synthetic_data.services.health.stay_codes import diagnoses
from synthetic_data.world import borough as bor
from synthetic_data.world.calendar import year_to
from synthetic_data.world.planted import (
    ASTHMA_TIMES,
    ASTHMA_WARD,
    EMERGENCY_BY_QUINTILE,
    HOME_AFTER_91_DAYS,
    REABLEMENT_OFFERED,
    in_asthma_ward,
    quintile,
)
from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough


def realised(state: Borough) -> dict[str, object]:
    """The planted facts and what came of them in the year to today."""
    return {
        **_council(state),
        "reablement_91_days": _reablement(state),
        "reablement_access_gap": _access(state),
        "asthma_cluster": _asthma(state),
        "emergency_inequality": _inequality(state),
    }


def _council(state: Borough) -> dict[str, object]:
    """Those of the council's services, as of the latest file of each."""
    return {
        "plans_on_time": plans.on_time(state),
        "adaptation_spending": housing_need.spending(state),
        **{name: state.facts[name] for name in ("year_6_obesity", "direct_payments") if name in state.facts},
    }


def _reablement(state: Borough) -> dict[str, object]:
    offers = state.tables["offers"]
    due = offers["taken"] & (offers["out"] + 91 <= state.today) & (offers["out"] >= year_to(state.today))
    return {
        "planted_share": HOME_AFTER_91_DAYS,
        "eligible": int(due.sum()),
        "home": int((due & offers["home"]).sum()),
        "definition": "65+, discharged from an emergency stay to their usual home, reablement from the day or the next;"
        " alive, not in hospital, not in a care home on day 91 after discharge",
    }


def _access(state: Borough) -> dict[str, object]:
    recent = (state.tables["offers"]["out"] >= year_to(state.today)) & (state.tables["offers"]["out"] < state.today)
    offers = state.tables["offers"].take(np.flatnonzero(recent))
    groups = bor.ethnicities()["group"].to_numpy()[state.people["eth"][offers["person"]]]
    out: dict[str, object] = {"planted_share": REABLEMENT_OFFERED}
    for name, part in (("Bangladeshi", groups == "Bangladeshi"), ("others", groups != "Bangladeshi")):
        out[name] = {"eligible": int(part.sum()), "offered": int((part & offers["taken"]).sum())}
    return out


def _year_of_emergencies(state: Borough) -> Array:
    spells = state.tables["spells"]
    past = (spells["discharged"] <= state.today) & (spells["discharged"] >= year_to(state.today))
    return np.flatnonzero(past & (spells["kind"] == 0))


def _asthma(state: Borough) -> dict[str, object]:
    spells = state.tables["spells"]
    rows = _year_of_emergencies(state)
    icd = diagnoses()["icd"].to_numpy()[spells["diagnosis"][rows]]
    young = state.age(spells["person"][rows], spells["admitted"][rows]) < 19
    rows = rows[np.isin(icd, ("J459", "J46X", "R062")) & young]
    there = in_asthma_ward(state, spells["person"][rows])
    residents = np.flatnonzero(state.is_resident(state.today))
    children = residents[state.age(residents, state.today) < 19]
    here = in_asthma_ward(state, children)
    return {
        "ward_code": ASTHMA_WARD,
        "planted_ratio": ASTHMA_TIMES,
        "children_in_ward": int(here.sum()),
        "children_elsewhere": int((~here).sum()),
        "admissions_in_ward": int(there.sum()),
        "admissions_elsewhere": int((~there).sum()),
    }


def _inequality(state: Borough) -> dict[str, object]:
    rows = _year_of_emergencies(state)
    admitted = quintile(state, state.tables["spells"]["person"][rows])
    residents = quintile(state, np.flatnonzero(state.is_resident(state.today)))
    return {
        "planted_relative_rates": EMERGENCY_BY_QUINTILE,
        "admissions": {str(q): int((admitted == q).sum()) for q in range(1, 6)},
        "residents": {str(q): int((residents == q).sum()) for q in range(1, 6)},
    }
