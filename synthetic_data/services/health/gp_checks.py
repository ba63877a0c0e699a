"""What practices record beside diagnoses: measurements, checks, advice, vaccinations, contraception and plans.

Nothing is remembered: whether and when each person has each thing done follows from who they are and a number of their
own, so the same event stands on the same day in every month's file. Shares are near those published for London.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from synthetic_data.world import borough as bor
from synthetic_data.world.conditions import burden, members, number_of
from synthetic_data.world.planted import LARC_BY_GROUP
from synthetic_data.world.rows import NEVER, Array
from synthetic_data.world.state import YEAR, Borough, stable

FIVE_YEARS, THREE_YEARS = 1826, 1095
SYSTOLIC, DIASTOLIC = "271649006", "271650006"
CODES = {
    "BMIVAL_COD": "60621009", "IFCCHBAM_COD": "999791000000106", "CHOL2_COD": "1005671000000105",
    "EGFR_COD": "1011481000000105", "ACR_COD": "1023491000000104", "FRC_COD": "401191002", "RETSCR_COD": "134395001",
    "STAT_COD": "372912004", "ALCAUDITC_COD": "763256006", "LSMOK_COD": "77176002", "EXSMOK_COD": "8517006",
    "NSMOK_COD": "266919005", "SMOKADV_COD": "225323000", "SMOKREF_COD": "871661000000106",
    "DSEPREF_COD": "415270003", "DSEPATT_COD": "755491000000100", "NHSHCINV_COD": "813581000000103",
    "NHSHCDONE_COD": "523221000000100", "QRISK_COD": "718087004", "LDHC_COD": "712491005", "FLUVAC_COD": "86198006",
    "MMR1_COD": "38598009", "MMR2_COD": "170433008", "LARCIMP_COD": "169553002", "LARCIUS_COD": "755621000000101",
    "LARCIUD_COD": "65200003", "LARCINJ_COD": "268460000", "CONTRAPILL_COD": "5935008",
    "SOCPRESREF_COD": "871731000000106", "SOCPRESDEC_COD": "871711000000103", "PCSP_COD": "864351000000101",
    "PAM_COD": "713678009", "EFI_COD": "895531000000104", "VISIMP_COD": "397540003", "HEARIMP_COD": "15188001",
    "AIS_COD": "1022171000000109",
}  # fmt: skip
# Yearly shares of the people of a register who have each done: diabetes, severe mental illness, others.
DIABETES = {
    "IFCCHBAM_COD": 0.93, "BP_COD": 0.94, "CHOL2_COD": 0.89, "EGFR_COD": 0.90, "ACR_COD": 0.72, "FRC_COD": 0.82,
    "BMIVAL_COD": 0.90, "smoking": 0.93, "RETSCR_COD": 0.80,
}  # fmt: skip
MENTAL = {
    "BMIVAL_COD": 0.80, "BP_COD": 0.86, "IFCCHBAM_COD": 0.77, "CHOL2_COD": 0.77, "ALCAUDITC_COD": 0.77, "smoking": 0.88,
}  # fmt: skip
OTHERS = (
    ("HYP", "BP_COD", 0.86), ("CKD", "EGFR_COD", 0.85), ("CKD", "ACR_COD", 0.5), ("SMOK", "SMOKADV_COD", 0.76),
    ("SMOK", "SMOKREF_COD", 0.12), ("LD", "LDHC_COD", 0.74), ("CHD", "STAT_COD", 0.84), ("STIA", "STAT_COD", 0.78),
    ("LD", "PCSP_COD", 0.3), ("MH", "PCSP_COD", 0.36), ("FRAIL2", "PCSP_COD", 0.3), ("FRAIL3", "PCSP_COD", 0.45),
    ("PC", "PCSP_COD", 0.6),
)  # fmt: skip
LEARNING = {"BMIVAL_COD": 0.72, "IFCCHBAM_COD": 0.45}  # part of the health check of a learning disability
HEALTH_CHECK_OFFERED, HEALTH_CHECK_TAKEN = 0.86, 0.47  # in five years; of those offered
MMR = (("MMR1_COD", 366, 0.88), ("MMR2_COD", 1217, 0.80))  # days after birth it is due, share
METHODS = (
    ("LARCIMP_COD", 0.034, THREE_YEARS), ("LARCIUS_COD", 0.038, FIVE_YEARS), ("LARCIUD_COD", 0.013, FIVE_YEARS),
    ("LARCINJ_COD", 0.013, 91), ("CONTRAPILL_COD", 0.17, 182),
)  # fmt: skip


@dataclass(frozen=True)
class Events:
    """Coded events of one kind: of whom, on which day, with what value (NaN for none), under which SNOMED code."""

    cluster: str
    snomed: str
    person: Array
    day: Array
    value: Array


def events(state: Borough, people: Array, since: int) -> Iterator[Events]:
    """Everything recorded of `people` (who are on a list), by kind; each no later than today or the person's death."""
    for found in _all(state, people, since):
        p = state.people
        ok = (found.day >= p["birth"][found.person]) & (found.day <= np.minimum(p["death"][found.person], state.today))
        yield Events(found.cluster, found.snomed, found.person[ok], found.day[ok], found.value[ok])


def _all(state: Borough, people: Array, since: int) -> Iterator[Events]:
    has = members(state)
    onset = _onsets(state)
    yield from _reviews(state, people, since, has, onset)
    yield from _health_checks(state, people, has)
    yield from contraception(state, people)
    yield from _childhood(state, people)
    yield from _education(state, people, onset)
    yield from _needs(state, people)
    yield from _prescribing(state, people, since, has)
    yield from _flu(state, people, has)


def _onsets(state: Borough) -> dict[str, Array]:
    """The day each person's diabetes, or other condition checked every year, was first recorded."""
    c, out = state.conditions, {}
    for name in {"DM", "MH", *(register for register, _, _ in OTHERS)}:
        first = np.full(len(state.people), NEVER, np.int64)
        mine = c["register"] == number_of(name)
        np.minimum.at(first, c["person"][mine], c["onset"][mine].astype(np.int64))
        out[name] = first
    return out


def _yearly(state: Borough, name: str, people: Array, share: Array | float, since: int) -> tuple[Array, Array]:
    """People and days: each has a day of the year for it, and in some years it is done."""
    who, day = [], []
    first_year = int(since // YEAR)
    for year in range(first_year, int(state.today // YEAR) + 1):
        when = (year * YEAR + stable(state, name, people) * YEAR).astype(np.int64)
        done = (stable(state, f"{name} {year}", people) < share) & (when >= since) & (when <= state.today)
        who.append(people[done])
        day.append(when[done])
    return np.concatenate(who), np.concatenate(day)


def _engaged(state: Borough, people: Array, share: float) -> Array:
    """The share for each of some people: a fifth of them seldom come, so what is missed is missed together."""
    return np.where(stable(state, "engaged", people) < 0.2, share * 0.4, np.minimum(share * 1.15, 0.99))


def _reviews(state: Borough, people: Array, since: int, has: Array, onset: dict[str, Array]) -> Iterator[Events]:
    """Yearly checks of the people on registers, as long as they are on them."""
    wanted = [("DM", k, v) for k, v in DIABETES.items()] + [("MH", k, v) for k, v in MENTAL.items()] + [*OTHERS]
    for register, kind, share in wanted:
        mine = people[has[people, number_of(register)]]
        who, day = _yearly(state, f"{register} {kind}", mine, _engaged(state, mine, share), since)
        later = day >= onset[register][who]
        yield from _recorded(state, kind, who[later], day[later])
    disabled = people[has[people, number_of("LD")]]
    for kind, share in LEARNING.items():  # some years back: how somebody fared after a budget began is asked of them
        who, day = _yearly(state, f"LD {kind}", disabled, _engaged(state, disabled, share), since - 730)
        yield from _recorded(state, kind, who, day)
    diabetic = people[has[people, number_of("DM")]]
    treated = diabetic[(stable(state, "statin", diabetic) < 0.78) & (state.age(diabetic, state.today) > 40)]
    who, day = _yearly(state, "DM STAT_COD", treated, 1.0, since)
    yield from _recorded(state, "STAT_COD", who, day)
    old = people[state.age(people, since) >= 65]
    who, day = _yearly(state, "EFI_COD", old, 0.75, since)
    yield from _recorded(state, "EFI_COD", who, day)


def _recorded(state: Borough, kind: str, who: Array, day: Array) -> Iterator[Events]:
    """Events of one kind; a blood pressure is two, a smoking status one of three."""
    if kind == "BP_COD":
        yield Events(kind, SYSTOLIC, who, day, _value(state, "systolic", who, day))
        yield Events(kind, DIASTOLIC, who, day, _value(state, "diastolic", who, day))
    elif kind == "smoking":
        smokes = members(state)[who, number_of("SMOK")]
        former = ~smokes & (stable(state, "gave up", who) < 0.22)
        for name, part in (("LSMOK_COD", smokes), ("EXSMOK_COD", former), ("NSMOK_COD", ~smokes & ~former)):
            yield Events(name, CODES[name], who[part], day[part], np.full(int(part.sum()), np.nan))
    else:
        yield Events(kind, CODES[kind], who, day, _value(state, kind, who, day))


def _value(state: Borough, kind: str, who: Array, day: Array) -> Array:
    """A measured value: each person has a level of their own, and each measurement is a little off it."""
    own, fine = stable(state, f"level {kind}", who), (((day * 7919 + who * 104_729) % 997) / 997 - 0.5)
    has, age = members(state)[who], state.age(who, day)
    level = own + stable(state, f"level {kind}, too", who) - 1  # in −1 to 1, most near 0
    if kind == "BMIVAL_COD":
        some = 1 + 0.05 * np.sin(day / 300 + 2 * np.pi * stable(state, "weight over time", who))
        obese = np.maximum(np.round((30 + 9 * stable(state, "bmi", who) ** 2) * some, 1), 30)
        return np.where(has[:, number_of("OB")], obese, np.clip(np.round((18.5 + 11.3 * own) * some, 1), 15, 29.9))
    if kind == "EFI_COD":
        worst = np.select([has[:, number_of(f"FRAIL{i}")] for i in (3, 2, 1)], [0.37, 0.245, 0.125], 0.02)
        return np.round(worst + 0.09 * own, 3)
    values = {
        "systolic": 133 + 26 * level + 9 * fine,
        "diastolic": 76 + 17 * level + 7 * fine,
        "IFCCHBAM_COD": np.where(has[:, number_of("DM")], 58 + 27 * level, 38 + 4 * level) + 4 * fine,
        "CHOL2_COD": 4.4 + 1.7 * level + 0.4 * fine,
        "EGFR_COD": np.clip(np.where(has[:, number_of("CKD")], 48, 112 - 0.55 * age) + 14 * level, 8, 120),
        "ACR_COD": np.exp(0.6 + 1.6 * level) + np.where(has[:, number_of("CKD")], 4, 0),
        "ALCAUDITC_COD": np.round(np.clip(own * 9 - 2, 0, 12)),
        "QRISK_COD": np.clip(np.exp((age - 55) / 14 + 0.6 * level) * 8, 0.2, 80),
        "PAM_COD": np.clip(58 + 30 * level, 5, 100),
    }.get(kind)
    whole = kind in ("systolic", "diastolic", "IFCCHBAM_COD", "EGFR_COD", "ALCAUDITC_COD")
    return np.full(len(who), np.nan) if values is None else np.round(values, 0 if whole else 1)


def _health_checks(state: Borough, people: Array, has: Array) -> Iterator[Events]:
    """NHS Health Checks: offered once in five years to those of 40 to 74 without the conditions it looks for."""
    known = has[people][:, [number_of(n) for n in ("DM", "HYP", "CHD", "STIA", "CKD", "AF", "HF", "PAD")]].any(axis=1)
    free = people[~known]
    day = _cycle(state, "health check", free, FIVE_YEARS)
    age = state.age(free, day)
    due = (age >= 40) & (age < 75) & (stable(state, "health check offered", free) < HEALTH_CHECK_OFFERED)
    offered, day = free[due], day[due]
    yield from _recorded(state, "NHSHCINV_COD", offered, day)
    uptake = HEALTH_CHECK_TAKEN * np.exp(-0.08 * state.deprivation(offered))
    done = stable(state, "health check done", offered) < uptake
    when = day[done] + 7 + (stable(state, "health check day", offered[done]) * 80).astype(np.int64)
    for kind in ("NHSHCDONE_COD", "QRISK_COD"):
        yield from _recorded(state, kind, offered[done], when)


def _cycle(state: Borough, name: str, people: Array, period: int) -> Array:
    """The last day by today of something that comes round every so many days."""
    offset = (stable(state, name, people) * period).astype(np.int64)
    return state.today - (state.today - offset) % period


def contraception(state: Borough, people: Array) -> Iterator[Events]:
    """Long-acting and other contraception of women of 15 to 44, not while they are pregnant."""
    p, table = state.people, state.tables["pregnancies"]
    women = people[p["sex"][people] == 2]
    women = women[(state.age(women, state.today) >= 15) & (state.age(women, state.today) < 45)]
    group = bor.ethnicities()["group"].to_numpy()[p["eth"][women]]
    times = np.full(len(women), LARC_BY_GROUP[""])
    for name, value in LARC_BY_GROUP.items():
        times[group == name] = value
    times = times * np.interp(state.age(women, state.today), [15, 19, 28, 36, 45], [0.35, 1.2, 1.25, 1.0, 0.7])
    roll = stable(state, "method", women) / np.maximum(times, 0.05)
    pregnant = np.full((2, len(p)), NEVER, np.int64)
    pregnant[0][table["person"]], pregnant[1][table["person"]] = (
        table["begun"],
        np.minimum(table["delivery"], table["lost"]),
    )
    low = 0.0
    for kind, share, period in METHODS:
        users = women[(roll >= low) & (roll < low + share)]
        low += share
        day = _cycle(state, kind, users, period)
        ok = (day < pregnant[0][users]) | (day > pregnant[1][users])
        ok &= state.age(users, day) >= 14
        yield from _recorded(state, kind, users[ok], day[ok])


def _childhood(state: Borough, people: Array) -> Iterator[Events]:
    """Measles, mumps and rubella: two doses, later and less often where people are poorer."""
    small = people[state.age(people, state.today) < 6]
    for kind, due, share in MMR:
        given = small[stable(state, "vaccinated", small) < share * np.exp(-0.03 * state.deprivation(small))]
        lag = np.floor(-np.log(1 - stable(state, kind, given)) * 45).astype(np.int64)
        yield from _recorded(state, kind, given, state.people["birth"][given] + due + lag)


def _education(state: Borough, people: Array, onset: dict[str, Array]) -> Iterator[Events]:
    """Structured education for those newly found to have diabetes: offered to most, attended by fewer than half."""
    new = people[(onset["DM"][people] != NEVER) & (onset["DM"][people] > state.today - 1100)]
    referred = new[stable(state, "education", new) < 0.8]
    day = onset["DM"][referred] + 10 + (stable(state, "education day", referred) * 90).astype(np.int64)
    yield from _recorded(state, "DSEPREF_COD", referred, day)
    came = stable(state, "education attended", referred) < 0.46
    after = (stable(state, "education began", referred) * 230).astype(np.int64) + 20
    yield from _recorded(state, "DSEPATT_COD", referred[came], (day + after)[came])


def _needs(state: Borough, people: Array) -> Iterator[Events]:
    """Impaired sight and hearing, and the accessible information half of those people need."""
    day = 15_340 + (stable(state, "impaired since", people) * 4_500).astype(np.int64)
    age = state.age(people, day)
    for kind, share in (
        ("VISIMP_COD", np.interp(age, [3, 50, 70, 90], [0.001, 0.004, 0.02, 0.12])),
        ("HEARIMP_COD", np.interp(age, [3, 50, 70, 90], [0.002, 0.012, 0.07, 0.25])),
    ):
        has = (stable(state, kind, people) < share) & (age > 2.8)
        yield from _recorded(state, kind, people[has], day[has])
        needs = has & (stable(state, "accessible", people) < 0.5)
        yield from _recorded(state, "AIS_COD", people[needs], day[needs])


def _prescribing(state: Borough, people: Array, since: int, has: Array) -> Iterator[Events]:
    """Social prescribing: referrals, most taken up, of people with low mood, frailty or several conditions."""
    adult = people[state.age(people, since) >= 18]
    need = 1 + 3 * has[adult, number_of("DEP")] + 2 * has[adult, number_of("FRAIL2")] + burden(state)[adult]
    who, day = _yearly(
        state, "social prescribing", adult, 0.0055 * need * np.exp(0.1 * state.deprivation(adult)), since
    )
    yield from _recorded(state, "SOCPRESREF_COD", who, day)
    declined = stable(state, "social prescribing declined", who) < 0.12
    yield from _recorded(state, "SOCPRESDEC_COD", who[declined], day[declined] + 9)
    measured = (~declined) & (stable(state, "activation", who) < 0.5)
    yield from _recorded(state, "PAM_COD", who[measured], day[measured] + 16)


def _flu(state: Borough, people: Array, has: Array) -> Iterator[Events]:
    """The last season's vaccination of older people and those at risk."""
    today = np.datetime64(state.today, "D").astype(object)
    season = np.datetime64(f"{today.year if today.month >= 9 else today.year - 1}-09-15").astype(np.int64)
    at_risk = has[people][:, [number_of(n) for n in ("DM", "COPD", "CHD", "CKD", "HF", "STIA", "LD")]].any(axis=1)
    old = state.age(people, season) >= 65
    share = np.where(old, 0.66, np.where(at_risk, 0.38, 0.0))
    given = people[stable(state, f"flu {season}", people) < share]
    day = season + (stable(state, f"flu day {season}", given) ** 1.5 * 120).astype(np.int64)
    yield from _recorded(state, "FLUVAC_COD", given, day)
