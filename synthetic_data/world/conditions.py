"""Coded conditions in GP records, calibrated to the QOF targets among the people on the lists.

Each register of `tables/registers.csv` has a target share of its own denominator. Who is on it follows relative
risks by age, sex, group, deprivation and earlier registers, and a liability that each person has to all of them
(`shared`: how much of it a register shares); how many is exact, each month again.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic_data.world import borough as bor
from synthetic_data.world.practice_lists import listed
from synthetic_data.world.rows import NEVER, Array, Rows, fit_chances, pick_share, stream
from synthetic_data.world.state import YEAR, Borough

AGES = np.array([3, 12, 20, 35, 45, 55, 65, 75, 85, 95])
TREATED = {"AST": ("ASTTRT_COD", "243670000"), "EP": ("EPILTRT_COD", "396458002")}
YEARLY = ("OB",)  # counted only when coded in the last twelve months
# How much of `shared` is in force at those ages: what few have, the same few have; in old age what many have is less
# bound together (pairs are seen far more often than by chance in the young, hardly more in the old).
BOUND = np.array([1.1, 1.1, 1.1, 1.1, 1.05, 0.95, 0.75, 0.55, 0.45, 0.4])
LONG_TERM = ("AF", "AST", "CAN", "CHD", "CKD", "COPD", "DEM", "DEP", "DM", "EP", "HF", "HYP", "PAD", "RA", "MH", "STIA")


@cache
def registers() -> pl.DataFrame:
    """The registers; a register's number everywhere is its row here."""
    return pl.read_csv(
        bor.TABLES / "registers.csv", schema_overrides={"snomed": pl.String, "after": pl.String, "by_age": pl.String}
    )


def number_of(name: str) -> int:
    """A register's number."""
    return registers()["register"].to_list().index(name)


def members(state: Borough) -> Array:
    """person × register: true where the person has the condition, unresolved and recorded by today. Not to be changed.

    Kept until the day, the people or their conditions change; what changes a condition in place calls `_forget`.
    """
    c = state.conditions
    size = len(c) if c.names else 0
    moment = (state.today, len(state.people), size)
    kept = state.facts.get("members")
    if isinstance(kept, tuple) and kept[0] == moment:
        return kept[1]  # type: ignore[no-any-return]
    out = np.zeros((len(state.people), registers().height), bool)
    if size:
        live = (c["onset"] <= state.today) & (c["resolved"] > state.today)
        out[c["person"][live], c["register"][live]] = True
    out.setflags(write=False)
    state.facts["members"] = (moment, out)
    return out


def _forget(state: Borough) -> None:
    state.facts.pop("members", None)
    state.facts.pop("burden", None)


def maintain(state: Borough, label: str, first: int) -> None:
    """Bring each register up to its target among those listed; new cases begin in the month, long ago at the start."""
    at_start = not state.conditions.names
    if at_start:
        state.conditions = Rows(
            person=np.zeros(0, np.int64),
            register=np.zeros(0, np.int8),
            onset=np.zeros(0, np.int32),
            resolved=np.zeros(0, np.int32),
        )
    on = listed(state, state.today) & state.is_alive(state.today)
    people = np.flatnonzero(on)
    has = members(state).copy()
    base = _risk_base(state, people)
    for number, row in enumerate(registers().iter_rows(named=True)):
        rng = stream(state.seed, label, "register", row["register"])
        age = base["age"]
        fits = (age >= row["low"]) & (age < row["high"] + 1)
        target = round(row["target_pct"] / 100 * fits.sum())
        short = target - int(has[people[fits], number].sum())
        if short > 0:
            risk = _risk(row, base, has[people]) * fits * ~has[people, number]
            chance = _together(risk, short, float(row["shared"]) * base["bound"], base["liability"])
            cases = people[pick_share(rng, chance, short)]
            has[cases, number] = True
            _begin(state, rng, row, number, cases, first, at_start)
        if row["resolved_share"] and at_start:
            _past_cases(
                state, rng, row, number, people[fits & ~has[people, number]], round(target * row["resolved_share"])
            )


def _risk_base(state: Borough, people: Array) -> dict[str, Array]:
    p = state.people
    codes = np.array(bor.ethnicities()["dfe"].to_list())
    broad = np.array(bor.ethnicities()["broad"].to_list())[p["eth"][people]]
    bangladeshi = codes[p["eth"][people]] == "ABAN"
    return {
        "age": state.age(people, state.today), "female": p["sex"][people] == 2, "bangladeshi": bangladeshi,
        "asian": (broad == "asian") & ~bangladeshi, "black": broad == "black",
        "deprivation": state.deprivation(people), "liability": p["z"][people].astype(float),
        "bound": np.interp(state.age(people, state.today), AGES, BOUND),
    }  # fmt: skip


def _risk(row: dict[str, object], base: dict[str, Array], has: Array) -> Array:
    curve = np.array([float(v) for v in str(row["by_age"]).split()])
    risk = np.interp(base["age"], AGES, curve)
    for name in ("female", "bangladeshi", "asian", "black"):
        risk = risk * np.where(base[name], float(row[name]), 1.0)  # type: ignore[arg-type]
    risk = risk * np.exp(float(row["deprivation"]) * base["deprivation"])  # type: ignore[arg-type]
    for pair in (str(row["after"]) if row["after"] else "").split():
        name, times = pair.split(":")
        risk = risk * np.where(has[:, number_of(name)], float(times), 1.0)
    return risk + 1e-12 * (risk > 0)


def _together(risk: Array, count: int, shared: Array, liability: Array) -> Array:
    """Chances that add up to about `count` and fall to the same people as those of other registers.

    A Gaussian copula of one factor: given the liability z, a chance m becomes Φ((Φ⁻¹(m) + ρz) / √(1 − ρ²)). Its mean
    over a standard normal z is m, so that who is liable changes and what is found by age, group or area does not.
    """
    from scipy.special import ndtr, ndtri

    chance = fit_chances(risk, count)
    some = np.flatnonzero(chance > 0)
    given = ndtri(np.minimum(chance[some], 1 - 1e-9)) + shared[some] * liability[some]
    chance[some] = ndtr(given / np.sqrt(1 - shared[some] ** 2)) + 1e-12
    return chance


def _begin(
    state: Borough,
    rng: np.random.Generator,
    row: dict[str, object],
    number: int,
    cases: Array,
    first: int,
    at_start: bool,
) -> None:
    p = state.people
    birth = p["birth"][cases]
    low = float(row["low"]) * (0.6 if row["register"] in ("AST", "EP") else 1.0)  # type: ignore[arg-type]
    earliest = birth + np.maximum(low * YEAR, 40).astype(int)
    if at_start:
        years = {"OB": 0.97, "PC": 0.9, "FRAIL1": 1.6, "FRAIL2": 1.6, "FRAIL3": 1.6, "CVDPP": 4}.get(
            str(row["register"]), 9.0
        )
        span = rng.random(len(cases)) * years if years < 2 else rng.exponential(years * 0.6, len(cases))
        onset = state.today - (span * YEAR).astype(int)
    else:
        joined = p["arrived"][cases] >= first
        span = np.where(
            joined, rng.exponential(4 * YEAR, len(cases)) if row["register"] not in YEARLY else 0, 0
        ).astype(int)
        onset = first + rng.integers(0, state.today - first + 1, len(cases)) - span
    floor = {"DEP": 13_239, "CAN": 12_143}.get(str(row["register"]), -NEVER)  # QOF counts these from April 2006, 2003
    onset = np.minimum(np.maximum(np.maximum(onset, earliest), floor), state.today)
    state.conditions.add(
        person=cases, register=np.full(len(cases), number), onset=onset, resolved=np.full(len(cases), NEVER)
    )


def _past_cases(
    state: Borough, rng: np.random.Generator, row: dict[str, object], number: int, others: Array, count: int
) -> None:
    """People who had the condition and no longer do: their rows carry a resolved date."""
    p = state.people
    base = _risk_base(state, others)
    cases = others[pick_share(rng, _risk(row, base, np.zeros((len(others), registers().height), bool)), count)]
    floor = p["birth"][cases] + int(max(float(row["low"]) * YEAR, 400))  # type: ignore[arg-type]
    onset = np.minimum(
        np.maximum(state.today - (rng.exponential(9, len(cases)) * YEAR).astype(int) - 400, floor), state.today - 10
    )
    length = (rng.exponential(2.5, len(cases)) * YEAR).astype(int) + 60
    resolved = np.minimum(onset + length, state.today - 1)
    keep = (resolved > onset) & (onset >= p["birth"][cases])
    state.conditions.add(
        person=cases[keep], register=np.full(keep.sum(), number), onset=onset[keep], resolved=resolved[keep]
    )


def refresh_yearly(state: Borough, label: str) -> None:
    """Measurements counted for a year are taken again eleven months on, so the register keeps its people."""
    c = state.conditions
    for name in YEARLY:
        number = number_of(name)
        mine = (c["register"] == number) & (c["resolved"] == NEVER) & state.is_alive(state.today)[c["person"]]
        due = mine & (c["onset"] < state.today - 335)
        rng = stream(state.seed, label, "again", name)
        c["onset"][due] = state.today - rng.integers(0, 28, int(due.sum()))
    _forget(state)


def burden(state: Borough) -> Array:
    """Number of long-term conditions of each person, of the list counted in QOF."""
    has, kept = members(state), state.facts.get("burden")
    if not (isinstance(kept, tuple) and kept[0] is has):
        counted = has[:, [number_of(name) for name in LONG_TERM]].sum(axis=1)
        kept = state.facts["burden"] = (has, counted)
    return kept[1]  # type: ignore[no-any-return]
