"""Who lives with whom: partners, children with mothers of a plausible age, grandparents, sharers, halls, homes.

People are given; families are made from those of one neighbourhood and one group, by sorting and pairing.
Ages of a few children and parents are moved by a year or two so that no family is impossible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic_data.world.borough import ethnicities
from synthetic_data.world.rows import Array, pick_by_row, rank_within

YEAR = 365.25
NORMAL, HALL, CARE_HOME, ROUGH = 0, 1, 2, 3
TWIN_SHARE = 0.024  # of births that follow a sibling's in the family
# Chance that a woman lives with a partner, by age: 18–24, 25–34, 35–49, 50–64, 65–79, 80+ (times her group's habit).
_PARTNERED = np.array([0.22, 0.72, 0.98, 0.95, 0.75, 0.35])
_AGE_STEPS = np.array([18, 25, 35, 50, 65, 80])


@dataclass
class Families:
    """What `assemble` decides, one entry a person: ages, relations (row numbers or −1), kind and household number."""

    age: Array
    mother: Array
    father: Array
    partner: Array
    kind: Array
    house: Array
    head: Array


class _Maker:
    """The people of a borough while families are being made."""

    def __init__(self, rng: np.random.Generator, zone: Array, age: Array, sex: Array, eth: Array) -> None:
        groups = ethnicities()
        clusters = sorted(set(groups["cluster"]))
        self.rng, self.zone, self.age, self.sex, self.eth = rng, zone, age.astype(float), sex, eth
        self.size = len(age)
        self.cluster = np.array([clusters.index(c) for c in groups["cluster"]])[eth]
        self.cell = zone.astype(np.int64) * len(clusters) + self.cluster
        self.habit = {
            name: groups[name].to_numpy()[eth]
            for name in ("home_share", "children_mean", "partner_share", "sharer_share", "elder_share")
        }
        for name in ("mother", "father", "partner"):
            setattr(self, name, np.full(self.size, -1, np.int32))
        self.kind = np.zeros(self.size, np.int8)
        self.head = np.arange(self.size, dtype=np.int32)
        self.dependent = np.zeros(self.size, bool)

    def chance(self) -> Array:
        return self.rng.random(self.size)

    def communal(self, students: Array) -> None:
        """Students in halls, older people in care homes, rough sleepers: nobody's household."""
        age, family = self.age, np.isin(self.cluster, (1, 3))  # Bangladeshi and Somali students live at home
        self.kind[(age >= 18) & (age < 23) & students & (self.chance() < 0.5) & ~family] = HALL
        frail = np.interp(age, [65, 75, 85, 95], [0.004, 0.013, 0.06, 0.18])
        self.kind[(age >= 65) & (self.chance() < frail)] = CARE_HOME
        self.kind[(age >= 18) & (age < 65) & (self.kind == NORMAL) & (self.chance() < 0.0012)] = ROUGH

    def dependents(self) -> None:
        """Everyone under 18, and grown children still at home."""
        age = self.age
        fading = np.interp(age, [18, 21, 25, 30, 33], [1.5, 1.15, 0.7, 0.25, 0.0])
        self.dependent = (age < 18) | (
            (age < 33) & (self.kind == NORMAL) & (self.chance() < self.habit["home_share"] * fading)
        )
        self.kind[age < 18] = NORMAL

    def couples(self) -> None:
        """Women and men of one cell paired in order of age."""
        free = (self.age >= 18) & ~self.dependent & (self.kind == NORMAL)
        step = np.clip(np.searchsorted(_AGE_STEPS, self.age, side="right") - 1, 0, 5)
        wish = _PARTNERED[step] * self.habit["partner_share"] * 1.25
        women = np.flatnonzero(free & (self.sex == 2) & (self.chance() < wish))
        men = np.flatnonzero(free & (self.sex == 1))
        place = rank_within(self.cell[women], self.rng.random(len(women)))
        room = np.bincount(self.cell[men], minlength=self.cell.max() + 1)
        women = women[place < room[self.cell[women]] * 0.93]
        wanted = np.bincount(self.cell[women], minlength=self.cell.max() + 1)
        eager = self.rng.exponential(size=len(men)) / (wish[men] + 0.02)
        men = men[rank_within(self.cell[men], eager) < wanted[self.cell[men]]]
        her = np.lexsort((self.age[women] + self.rng.normal(2.5, 2.5, len(women)), self.cell[women]))
        his = np.lexsort((self.age[men] + self.rng.normal(0, 1.5, len(men)), self.cell[men]))
        women, men = women[her], men[his]
        suits = np.abs(self.age[women] - self.age[men]) < 16
        women, men = women[suits], men[suits]
        self.partner[women], self.partner[men] = men, women
        self.head[men] = women

    def children(self) -> None:
        """Dependents into sets of siblings, siblings to mothers: first in the cell, then in the zone, then anywhere."""
        rows = np.flatnonzero(self.dependent)
        rows = rows[np.lexsort((self.age[rows] + self.rng.normal(0, 1.7, len(rows)), self.cell[rows]))]
        if len(rows) == 0:
            return
        starts = self.rng.random(len(rows)) < 1 / self.habit["children_mean"][rows]
        starts |= np.r_[True, np.diff(self.cell[rows]) != 0]
        run = np.arange(len(rows)) - np.maximum.accumulate(np.where(starts, np.arange(len(rows)), 0))
        starts |= run % 6 == 0
        sibship = np.cumsum(starts) - 1
        self._space_siblings(rows, sibship)
        first = np.flatnonzero(np.r_[True, np.diff(sibship) != 0])
        oldest = np.maximum.reduceat(self.age[rows], first)
        youngest = np.minimum.reduceat(self.age[rows], first)
        mother = np.full(len(first), -1, np.int64)
        cell = self.cell[rows[first]]
        for scope in (self.cell, self.zone, np.zeros(self.size, np.int64)):
            if (mother < 0).any():
                wide = cell if scope is self.cell else scope[rows[first]]
                self._find_mothers(mother, wide, scope, oldest, youngest)
        has = mother >= 0
        of_row = mother[sibship]
        self.mother[rows] = of_row
        self._fit_parents(mother[has], oldest[has], youngest[has])
        self.father[rows] = np.where(of_row >= 0, self.partner[np.maximum(of_row, 0)], -1)
        self.head[rows] = np.where(of_row >= 0, of_row, rows)

    def _space_siblings(self, rows: Array, sibship: Array) -> None:
        """Siblings' ages at least eleven months apart, or twins (then equal)."""
        order = np.lexsort((self.age[rows], sibship))
        rows, sibship = rows[order], sibship[order]
        place = rank_within(sibship, np.arange(len(rows)))
        twin = self.rng.random(len(rows)) < TWIN_SHARE
        gap = 0.95 + self.rng.exponential(0.5, len(rows))
        for number in range(1, int(place.max(initial=0)) + 1):
            at = np.flatnonzero(place == number)
            least = self.age[rows[at - 1]] + gap[at]
            spaced = np.where(self.age[rows[at]] >= self.age[rows[at - 1]] + 0.95, self.age[rows[at]], least)
            self.age[rows[at]] = np.where(twin[at], self.age[rows[at - 1]], spaced)

    def _find_mothers(self, mother: Array, wide: Array, scope: Array, oldest: Array, youngest: Array) -> None:
        taken = np.zeros(self.size, bool)
        taken[mother[mother >= 0]] = True
        wanting = np.flatnonzero(mother < 0)
        able = np.flatnonzero(
            (self.sex == 2) & ~self.dependent & (self.kind == NORMAL) & ~taken & (self.age >= 18) & (self.age < 66)
        )
        room = np.bincount(scope[able], minlength=int(scope.max()) + 1)
        wanting = wanting[rank_within(wide[wanting], self.rng.random(len(wanting))) < room[wide[wanting]]]
        need = np.bincount(wide[wanting], minlength=int(scope.max()) + 1)
        likely = np.interp(self.age[able], [18, 24, 30, 38, 46, 55, 66], [0.15, 0.5, 1.2, 2.2, 2.0, 1.2, 0.1])
        likely = likely * np.where(self.partner[able] >= 0, 3.0, 0.6)
        able = able[rank_within(scope[able], self.rng.exponential(size=len(able)) / likely) < need[scope[able]]]
        first_birth = np.clip(self.rng.normal(27, 5, len(wanting)), 17, 41)
        wished = np.minimum(oldest[wanting] + first_birth, youngest[wanting] + 43)
        wanting = wanting[np.lexsort((wished, wide[wanting]))]
        able = able[np.lexsort((self.age[able], scope[able]))]
        mother[wanting] = able

    def _fit_parents(self, mother: Array, oldest: Array, youngest: Array) -> None:
        """Move parents' ages into what their children's allow: 16.5 to 45 years a mother, 16.5 and more a father."""
        low = oldest + 16.5 + 2 * self.rng.random(len(mother))
        high = np.maximum(youngest + 44.5 - 2 * self.rng.random(len(mother)), oldest + 16.5)
        self.age[mother] = np.clip(self.age[mother], np.minimum(low, high), high)
        father = self.partner[mother]
        known = father >= 0
        self.age[father[known]] = np.maximum(self.age[father[known]], low[known])

    def elders(self) -> None:
        """Some older people live with a grown child's family in the same cell."""
        settled = np.zeros(self.size, bool)
        settled[self.mother[self.mother >= 0]] = True
        heads = np.flatnonzero(settled & (self.age < 62))
        alone = (
            (self.age >= 58)
            & (self.kind == NORMAL)
            & ~settled
            & ((self.head == np.arange(self.size)) | (self.partner >= 0))
        )
        lead = np.flatnonzero(alone & (self.sex == 2) | (alone & (self.partner < 0)))
        lead = lead[self.rng.random(len(lead)) < self.habit["elder_share"][lead]]
        room = np.bincount(self.cell[heads], minlength=self.cell.max() + 1)
        lead = lead[rank_within(self.cell[lead], self.rng.random(len(lead))) < room[self.cell[lead]]]
        need = np.bincount(self.cell[lead], minlength=self.cell.max() + 1)
        heads = heads[rank_within(self.cell[heads], self.rng.random(len(heads))) < need[self.cell[heads]]]
        lead = lead[np.lexsort((self.age[lead], self.cell[lead]))]
        heads = heads[np.lexsort((self.age[heads], self.cell[heads]))]
        fits = (self.age[lead] - self.age[heads] > 17) & (self.age[lead] - self.age[heads] < 45)
        lead, heads = lead[fits], heads[fits]
        self.head[lead] = heads
        spouse = self.partner[lead]
        self.head[spouse[spouse >= 0]] = heads[spouse >= 0]

    def sharers(self) -> None:
        """Unrelated adults who share a home, two to five together."""
        free = (self.head == np.arange(self.size)) & (self.partner < 0) & (self.kind == NORMAL) & ~self.dependent
        free[self.mother[self.mother >= 0]] = False
        free[self.head[self.head != np.arange(self.size)]] = False
        wish = self.habit["sharer_share"] * np.interp(self.age, [18, 30, 40, 60], [1.7, 1.4, 0.8, 0.1])
        rows = np.flatnonzero(free & (self.age < 62) & (self.chance() < wish))
        rows = rows[np.lexsort((self.age[rows] + self.rng.normal(0, 4, len(rows)), self.zone[rows]))]
        if len(rows) == 0:
            return
        place = rank_within(self.zone[rows], np.arange(len(rows)))
        size = 2 + pick_by_row(self.rng, np.array([[0.4, 0.3, 0.2, 0.1]]), np.zeros(1, int))[0]
        starts = (place == 0) | (self.rng.random(len(rows)) < 0.36)
        run = np.arange(len(rows)) - np.maximum.accumulate(np.where(starts, np.arange(len(rows)), 0))
        starts |= run % (size + 3) == 0
        self.head[rows] = rows[np.maximum.accumulate(np.where(starts, np.arange(len(rows)), 0))]

    def result(self) -> Families:
        """Households numbered in the order of their heads."""
        head = self.head[self.head[self.head]]
        _, house = np.unique(head, return_inverse=True)
        return Families(self.age, self.mother, self.father, self.partner, self.kind, house.astype(np.int32), head)


def assemble(rng: np.random.Generator, zone: Array, age: Array, sex: Array, eth: Array, students: Array) -> Families:
    """Put everyone into a household. `zone` is the neighbourhood families are made in; ages are in years.

    `students` is true for those in a ward with halls of residence.
    """
    maker = _Maker(rng, zone, age, sex, eth)
    maker.communal(students)
    maker.dependents()
    maker.couples()
    maker.children()
    maker.elders()
    maker.sharers()
    return maker.result()
