"""What people are called: pools by naming convention, and how names run in families.

Conventions follow DOMAIN §3.6. A name is kept as numbers into one list of words: prefix, forename, middle, surname.
Weights fall as 1/(rank + 3) along each list of `tables/names.csv`, 1/(rank + 15) where a composed tail, holding a
quarter of the pool, follows.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synthetic_data.world.borough import TABLES, ethnicities
from synthetic_data.world.rows import Array, Rows, pick_one

TAIL_SHARE = 0.25
# Chance that a wife goes by her husband's surname, and that a child has its father's, by convention (judgement).
WIFE_TAKES = {
    "english": 0.6,
    "european": 0.45,
    "indian": 0.6,
    "pakistani": 0.4,
    "african": 0.6,
    "caribbean": 0.5,
    "arab": 0.1,
    "other_asian": 0.4,
    "chinese": 0.05,
}
SON_TAKES = {"bengali": 0.5, "somali": 0.0}
DAUGHTER_TAKES = {"bengali": 0.35, "pakistani": 0.6, "somali": 0.0}
PREFIXES = {
    ("bengali", 1): (("MOHAMMED", 0.17), ("MD", 0.17), ("MUHAMMAD", 0.07), ("ABDUL", 0.12)),
    ("bengali", 2): (("MST", 0.05),),
    ("pakistani", 1): (("MUHAMMAD", 0.30), ("MOHAMMAD", 0.10)),
}


class Book:
    """Every word in use, and the pools they are drawn from."""

    def __init__(self) -> None:
        table = pl.read_csv(TABLES / "names.csv")
        lists = {(c, p): names.split() for c, p, names in table.iter_rows()}
        self.words: list[str] = [""]
        self._number: dict[str, int] = {"": 0}
        self.pools: dict[tuple[str, str], tuple[Array, Array]] = {}
        for (convention, part), words in lists.items():
            if part in ("stem", "ending"):
                continue
            weights = 1.0 / (np.arange(len(words)) + (15 if (convention, "stem") in lists else 3))
            if part == "surname" and (convention, "stem") in lists:
                tail = [s + e for e in lists[convention, "ending"] for s in lists[convention, "stem"]]
                tail = [w for w in tail if w not in words]
                flat = np.full(len(tail), weights.sum() * TAIL_SHARE / (1 - TAIL_SHARE) / len(tail))
                words, weights = words + tail, np.r_[weights, flat]
            self.pools[convention, part] = (np.array([self.number(w) for w in words]), weights)
        self.prefixes = {
            key: (
                np.array([0] + [self.number(w) for w, _ in pairs]),
                np.array([1 - sum(p for _, p in pairs)] + [p for _, p in pairs]),
            )
            for key, pairs in PREFIXES.items()
        }
        changes = {w: w[:-3] + "SKA" for w in self.words if w.endswith("SKI")}
        changes |= {w: w + "A" for w in self.words if w.endswith(("OV", "EV")) and len(w) > 3}
        pairs = [(self.number(w), self.number(f)) for w, f in changes.items()]
        self.feminine = np.arange(len(self.words))
        for masculine, feminine in pairs:
            self.feminine[masculine] = feminine
        self.series = pl.Series("words", self.words)

    def number(self, word: str) -> int:
        """The word's number, given one where it is new."""
        if word not in self._number:
            self._number[word] = len(self.words)
            self.words.append(word)
        return self._number[word]

    def draw(self, rng: np.random.Generator, convention: str, part: str, size: int) -> Array:
        """Words from a pool, by its weights; a pool for women only falls back on the common one."""
        words, weights = self.pools.get((convention, part)) or self.pools[convention, part.removeprefix("female_")]
        return words[pick_one(rng, weights, size)]


@cache
def book() -> Book:
    """The one book of names."""
    return Book()


def conventions() -> tuple[str, ...]:
    """The naming convention of each group of `ethnicities.csv`, in its order."""
    return tuple(ethnicities()["naming"].to_list())


def own_names(rng: np.random.Generator, eth: Array, sex: Array) -> dict[str, Array]:
    """Names as if nobody were related: prefix, forename, middle, surname."""
    pages = book()
    out = {part: np.zeros(len(eth), np.int32) for part in ("prefix", "forename", "middle", "surname")}
    naming = np.array(conventions())[eth] if len(eth) else np.zeros(0, "U1")
    for convention in sorted(set(conventions())):
        for code, label in ((1, "male"), (2, "female")):
            rows = np.flatnonzero((naming == convention) & (sex == code))
            if len(rows) == 0:
                continue
            out["forename"][rows] = pages.draw(rng, convention, label, len(rows))
            if convention != "somali":
                part = "female_surname" if code == 2 else "surname"
                out["surname"][rows] = pages.draw(rng, convention, part, len(rows))
            if (convention, code) in pages.prefixes:
                words, weights = pages.prefixes[convention, code]
                drawn = words[pick_one(rng, weights, len(rows))]
                out["prefix"][rows] = np.where(drawn == out["forename"][rows], 0, drawn)
            if convention == "somali":
                out["middle"][rows] = pages.draw(rng, convention, "male", len(rows))
                out["surname"][rows] = pages.draw(rng, convention, "male", len(rows))
            if convention == "chinese":
                western = rng.random(len(rows)) < 0.3
                second = pages.draw(rng, convention, label, len(rows))
                out["middle"][rows] = np.where(~western & (rng.random(len(rows)) < 0.65), second, 0)
                out["forename"][rows] = np.where(
                    western, pages.draw(rng, "english", label, len(rows)), out["forename"][rows]
                )
            if convention == "european" and code == 2:
                out["surname"][rows] = pages.feminine[out["surname"][rows]]
    return out


def family_names(rng: np.random.Generator, people: Rows, rows: Array) -> None:
    """Give wives and children among `rows` the names their families have, in place; parents come before children."""
    pages = book()
    naming = np.array(conventions())
    wives = rows[(people["sex"][rows] == 2) & (people["partner"][rows] >= 0)]
    takes = np.array([WIFE_TAKES.get(n, 0.0) for n in naming])[people["eth"][wives]]
    wives = wives[rng.random(len(wives)) < takes]
    people["former"][wives] = people["surname"][wives]
    people["surname"][wives] = _for_women(people, wives, people["surname"][people["partner"][wives]])
    people["former"][wives[people["former"][wives] == people["surname"][wives]]] = 0

    children = rows[people["mother"][rows] >= 0]
    if len(children) == 0:
        return
    father, mother = people["father"][children], people["mother"][children]
    parent = np.where(father >= 0, father, mother)
    son = people["sex"][children] == 1
    eth = people["eth"][children]
    takes = np.where(
        son,
        np.array([SON_TAKES.get(n, 0.92) for n in naming])[eth],
        np.array([DAUGHTER_TAKES.get(n, 0.92) for n in naming])[eth],
    )
    follows = rng.random(len(children)) < takes
    inherited = people["surname"][parent].copy()
    crossing = (naming[people["eth"][parent]] == "bengali") & son & (people["sex"][parent] == 2)
    follows &= ~crossing  # a son is not called BEGUM after his mother
    to_woman = children[follows & ~son]
    people["surname"][children[follows]] = inherited[follows]
    people["surname"][to_woman] = _for_women(people, to_woman, people["surname"][to_woman])
    somali = (naming[eth] == "somali") & (father >= 0)
    people["middle"][children[somali]] = people["forename"][father[somali]]
    people["surname"][children[somali]] = np.where(
        people["middle"][father[somali]] > 0, people["middle"][father[somali]], people["surname"][father[somali]]
    )
    _tell_siblings_apart(rng, people, children, pages)


def _for_women(people: Rows, rows: Array, surname: Array) -> Array:
    naming = np.array(conventions())[people["eth"][rows]] if len(rows) else np.zeros(0, "U1")
    return np.where(naming == "european", book().feminine[surname], surname)


def _tell_siblings_apart(rng: np.random.Generator, people: Rows, children: Array, pages: Book) -> None:
    """No two children of one mother share a forename: later ones draw again."""
    for _ in range(6):
        key = people["mother"][children].astype(np.int64) * len(pages.words) + people["forename"][children]
        order = np.argsort(key, kind="stable")
        again = children[order[1:][np.diff(key[order]) == 0]]
        if len(again) == 0:
            return
        people["forename"][again] = own_names(rng, people["eth"][again], people["sex"][again])["forename"]


def shown(people: Rows, rows: Array) -> tuple[pl.Series, pl.Series, pl.Series]:
    """(forenames, surname, former surname) of some people, in capitals; empty where there is none."""
    words = book().series

    def word(part: str) -> pl.Series:
        return words.gather(pl.Series(people[part][rows].astype(np.uint32)))

    frame = pl.DataFrame({"p": word("prefix"), "f": word("forename"), "m": word("middle")})
    forename = frame.select(pl.concat_str("p", "f", "m", separator=" ").str.strip_chars().str.replace("  ", " "))
    return (
        forename.to_series().alias("forename"),
        word("surname").alias("surname"),
        word("former").alias("former_surname"),
    )
