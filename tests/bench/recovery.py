"""Do the marts find again what was planted? `python -m tests.bench.recovery --people 12000 --seeds 20`.

Each seed is another borough, in which it is known whom every record is of (`tests/known_borough.py`). For each planted
fact the mart's own model gives the counts, the library's own formulae their 95 % interval, and the table says whether
it holds the planted value. The last columns do the same with a formula that is wrong on purpose: it has to be caught.

Community health files are left out: intermediate care counts as reablement too, and nothing is planted in it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthetic_data.world import borough, calendar, planted
from synthetic_data.world.practice_lists import listed
from synthetic_data.world.state import Borough
from tests.known_borough import build, live, rebuild, session
from wsd_pipeline import rates

MONTH = "2026-01"
LEFT_OUT = ("csds__referrals", "csds__contacts")


@dataclass(frozen=True)
class Found:
    """What a mart finds, with its 95 % interval, and the value that was planted."""

    value: float
    low: float
    high: float
    planted: float
    error: float  # its standard error, were the planted value true

    @property
    def is_covered(self) -> bool:
        """Whether the interval holds the planted value."""
        return self.low <= self.planted <= self.high


@dataclass(frozen=True)
class Fact:
    """A planted fact: the mart that tells it, how it is read, and a change of a formula that must not go unnoticed."""

    name: str
    mart: str
    read: Callable[[object, Borough], Found]
    changed: str
    old: str
    new: str


def _locality(state: Borough, rows: np.ndarray) -> np.ndarray:
    """The locality of people's homes; empty where they have none in the borough."""
    home, where = state.people["home"][rows], borough.place()
    area = np.where(home >= 0, state.homes["area"][np.maximum(home, 0)], -1)
    inside = (area >= 0) & (area < len(where.lsoa))
    return np.where(inside, where.locality[np.where(inside, area, 0)], "")


def _one(con, query: str) -> tuple[float, ...]:
    return tuple(float(v or 0) for v in con.execute(query).fetchall()[0])


def _share(con, count: float, whole: float, value: float) -> Found:
    limits = rates.wilson("n", "d", 1)
    low, high = _one(con, f"select {limits.low}, {limits.high} from (values ({count}, {whole})) as v (n, d)")
    return Found(count / max(whole, 1), low, high, value, (value * (1 - value) / max(whole, 1)) ** 0.5)


def _reablement(con, _: Borough) -> Found:
    """People at home on day 91, of those discharged into reablement."""
    count, whole = _one(
        con,
        "select numerator_count, denominator_count from mart.flow_bcf"
        " where metric_id = 'reablement_91_days_all_year' and dimension = 'all'",
    )
    return _share(con, count, whole, planted.HOME_AFTER_91_DAYS)


def _asthma(con, state: Borough) -> Found:
    """The share of children's admissions for asthma and wheeze that is the locality's in which the cluster is."""
    count, whole = _one(
        con,
        "select sum(numerator_count) filter (where dimension_value = 'SE'), sum(numerator_count) from mart.children"
        " where metric_id = 'asthma_admissions_under_19' and dimension = 'locality'"
        " and dimension_value in ('NE', 'NW', 'SE', 'SW')",
    )
    rows = np.flatnonzero(state.is_resident(state.today))
    age = state.age(rows, state.today)
    rows = rows[(age >= 1.5) & (age < 18.5)]  # half a year ago they were of the ages that are planted
    weight = np.where(planted.in_asthma_ward(state, rows), planted.ASTHMA_TIMES, 1.0)
    south_east = _locality(state, rows) == "SE"
    return _share(con, count, whole, float(weight[south_east].sum() / weight.sum()))


def _gap(con, _: Borough) -> Found:
    """The share of those offered reablement that is Bangladeshi, as it would be at the planted chances."""
    ours, all_, ours_out, all_out = _one(
        con,
        "select sum(numerator_count) filter (where dimension_value = 'Bangladeshi'), sum(numerator_count),"
        " sum(denominator_count) filter (where dimension_value = 'Bangladeshi'), sum(denominator_count)"
        " from mart.flow_bcf where metric_id = 'reablement_offered_65' and dimension = 'ethnicity_group'"
        " and dimension_value <> 'Unknown'",
    )
    offered = planted.REABLEMENT_OFFERED
    expected = ours_out * offered["Bangladeshi"]
    return _share(con, ours, all_, expected / max(expected + (all_out - ours_out) * offered[""], 1e-9))


def _presence(state: Borough) -> np.ndarray:
    """By quintile, the share of the year that those of today, or on a list today, have lived here."""
    p, since = state.people, calendar.year_to(state.today)
    rows = np.flatnonzero((state.is_resident(state.today) | listed(state, state.today)) & state.is_alive(state.today))
    begun = np.maximum(np.maximum(p["arrived"][rows], p["birth"][rows]), since)
    there = np.clip(np.minimum(p["left"][rows], state.today + 1) - begun, 0, None) * ~p["outside"][rows]
    fifth = planted.quintile(state, rows)
    days = np.bincount(fifth, there, minlength=6) / np.maximum(np.bincount(fifth, minlength=6), 1)
    return days[1:] / (state.today + 1 - since)


def _slope(con, state: Borough) -> Found:
    """The slope index of inequality of emergency admissions, as it would be at the planted relative rates.

    The mart divides by people at the year's end; those who came late, or have gone and are still on a list, were there
    for part of the year, and more so where less is deprived. What is expected goes by the time people were there.
    """
    steps = con.execute(
        "select events_1, people_1, events_2, people_2, events_3, people_3, events_4, people_4, events_5, people_5"
        " from mart.pcn_profile where pcn_code = 'all' and measure = 'emergency_admission'"
    ).fetchall()[0]
    events, people = np.array(steps[::2], float), np.array(steps[1::2], float)
    relative = np.array(planted.EMERGENCY_BY_QUINTILE)
    relative = relative * _presence(state)
    expected = people * relative * events.sum() / max((people * relative).sum(), 1)
    value, low, high = _index(con, events, people)
    return Found(value, low, high, _index(con, expected, people)[0], (high - low) / (2 * rates.Z95))


def _index(con, events: np.ndarray, people: np.ndarray) -> tuple[float, ...]:
    rows = ", ".join(f"('all', {i + 1}, {e}, {p})" for i, (e, p) in enumerate(zip(events, people, strict=True)))
    relation = f"(select * from (values {rows}) as v (place, step, events, people))"
    made = rates.slope(relation, ["place"], order="step", events="events", population="people", per=1000)
    return _one(con, f"select slope_index, slope_low, slope_high from ({made})")


FACTS = (
    Fact("home on day 91", "mart.flow_bcf", _reablement, "person.outcomes_reablement",
         " or stays.spell_key is not null or homes.care_type is not null then 0", " then 0"),
    Fact("asthma cluster", "mart.children", _asthma, "person.admission_groups",
         "g.icd10_prefix = substring(d.code, 1, letters)",
         "g.icd10_prefix = substring(d.code, 1, letters) or (letters = 3 and g.diagnosis_group = 'asthma_wheeze')"),
    Fact("access gap", "mart.flow_bcf", _gap, "person.older_discharges", "prompt_count = 1 as", "prompt_count >= 0 as"),
    Fact("inequality slope", "mart.pcn_profile", _slope, "mart.pcn_profile",
         "filter (where imd_quintile = '1'), 0) as events_1", "filter (where imd_quintile = '3'), 0) as events_1"),
)  # fmt: skip


def recover(seed: int, people: int, scratch: Path) -> Iterator[tuple[Fact, Found, Found]]:
    """For each fact what its mart finds in a borough of its own, and what it would find with the formula changed."""
    state, feeds = live(seed, people, MONTH)
    marts = sorted({fact.mart for fact in FACTS})
    with session(state, [f for f in feeds if f.table not in LEFT_OUT], MONTH, scratch) as con:
        build(con, marts)
        for fact in FACTS:
            found = fact.read(con, state)
            rebuild(con, [fact.mart], fact.changed, fact.old, fact.new)
            wrong = fact.read(con, state)
            rebuild(con, marts, fact.changed)
            yield fact, found, wrong


@dataclass(frozen=True)
class Verdict:
    """Of one fact over the seeds: how many intervals held the planted value, and whether all seeds together do."""

    fact: str
    seeds: int
    covered: int
    found: float
    planted: float
    z: float
    wrong_covered: int
    wrong_z: float

    @property
    def is_recovered(self) -> bool:
        """In nine seeds of ten at least, and over all of them within three standard errors."""
        return self.covered >= 0.9 * self.seeds and abs(self.z) < 3

    @property
    def is_caught(self) -> bool:
        """The wrong formula fails by the same rule."""
        return self.wrong_covered < 0.9 * self.seeds or abs(self.wrong_z) >= 3


def together(found: Sequence[Found]) -> float:
    """How many standard errors all seeds together are off what was planted."""
    weight = 1 / np.maximum(np.array([f.error for f in found]), 1e-9) ** 2
    off = np.array([f.value - f.planted for f in found])
    return float((off * weight).sum() / weight.sum() * weight.sum() ** 0.5)


def verdicts(seeds: Sequence[int], people: int, scratch: Path) -> list[Verdict]:
    """The facts over some seeds."""
    kept: dict[str, list[tuple[Found, Found]]] = {fact.name: [] for fact in FACTS}
    for seed in seeds:
        for fact, found, wrong in recover(seed, people, scratch):
            kept[fact.name].append((found, wrong))
    out = []
    for name, pairs in kept.items():
        right, wrong_ = [p[0] for p in pairs], [p[1] for p in pairs]
        out.append(
            Verdict(
                fact=name, seeds=len(pairs), covered=sum(f.is_covered for f in right),
                found=float(np.mean([f.value for f in right])), planted=float(np.mean([f.planted for f in right])),
                z=together(right), wrong_covered=sum(f.is_covered for f in wrong_), wrong_z=together(wrong_),
            )
        )  # fmt: skip
    return out


def text(made: Sequence[Verdict]) -> str:
    """The verdicts as a plain table."""
    head = f"{'fact':<18}{'seeds':>6}{'covered':>9}{'found':>10}{'planted':>10}{'z':>7}"
    head += f"{'formula changed: covered':>26}{'z':>8}"
    return "\n".join(
        [head, *(
            f"{v.fact:<18}{v.seeds:>6}{v.covered:>9}{v.found:>10.3f}{v.planted:>10.3f}{v.z:>7.1f}"
            f"{v.wrong_covered:>25}{v.wrong_z:>8.1f}  {'ok' if v.is_recovered and v.is_caught else 'FAIL'}"
            for v in made
        )]
    )  # fmt: skip


def main() -> None:
    """Print the table, and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=12_000)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=21)
    given, begun = parser.parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        print(text(verdicts(range(given.first, given.first + given.seeds), given.people, Path(folder))))
    print(f"{time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
