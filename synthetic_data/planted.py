"""Facts put into the borough on purpose, with known answers, for the marts to find again.

Each has a planted value (a parameter of chance) and a realised one (what came of it, counted in the truth). A mart over
perfectly linked data gives the realised value; its interval should cover the planted one. More feeds, more facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synthetic_data import borough as bor

if TYPE_CHECKING:
    from synthetic_data.rows import Array
    from synthetic_data.state import Borough

HOME_AFTER_91_DAYS = 0.8718  # of people of 65 and over discharged into reablement (the founding documents' figure)
CARE_MONTHS = 18  # that files of admissions and social care hold: in March, October of the year before last is asked
ASTHMA_WARD, ASTHMA_TIMES = "E05009325", 4.0  # emergency admissions for asthma of children there, against elsewhere
ASTHMA_BASE = 5.0  # a year for 1,000 children aged 1 to 17, outside the cluster: asthma (J45) and wheeze (R06.2)
REABLEMENT_OFFERED = {"Bangladeshi": 0.09, "": 0.16}  # of those eligible: a gap in access
LARC_BY_GROUP = {"Bangladeshi": 0.62, "Other Asian": 0.7, "Black": 0.95, "": 1.1}  # contraception, against the mean
TALKING_BY_GROUP = {"Bangladeshi": 0.62, "Black": 0.8, "Other Asian": 0.75, "": 1.0}  # referrals, against their need
EMERGENCY_BY_QUINTILE = (1.6, 1.45, 1.3, 1.15, 1.0)  # relative rates, from the most to the least deprived


def quintile(state: Borough, rows: Array) -> Array:
    """IMD 2025 national quintile of people's homes, 1 the most deprived; 0 where they have none in the borough."""
    home = state.people["home"][rows]
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], -1)
    inside = (area >= 0) & (area < len(bor.place().lsoa))
    return np.where(inside, (bor.place().imd_decile[np.where(inside, area, 0)] + 1) // 2, 0)


def in_asthma_ward(state: Borough, rows: Array) -> Array:
    """True for those who live in the cluster's ward."""
    home = state.people["home"][rows]
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], 0)
    inside = (home >= 0) & (area < len(bor.place().lsoa))
    ward = bor.place().wards[bor.place().ward[np.where(inside, area, 0)]]
    return inside & (ward == ASTHMA_WARD)


def year_to(today: int) -> int:
    """The first day of the twelve months that end with today's: as far back as most files go."""
    months = np.datetime64(today, "D").astype("datetime64[M]") - 11
    return int(months.astype("datetime64[D]").astype(np.int64))


def care_since(today: int) -> int:
    """The first day of the months that files of admissions and of social care go back to."""
    months = np.datetime64(today, "D").astype("datetime64[M]") - (CARE_MONTHS - 1)
    return int(months.astype("datetime64[D]").astype(np.int64))


def realised(state: Borough) -> dict[str, object]:
    """The planted facts and what came of them in the year to today."""
    from synthetic_data import council

    return {
        **council.planted(state),
        "reablement_91_days": _reablement(state),
        "reablement_access_gap": _access(state),
        "asthma_cluster": _asthma(state),
        "emergency_inequality": _inequality(state),
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
    from synthetic_data.hospital import diagnoses

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
