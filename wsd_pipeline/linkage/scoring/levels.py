"""How alike two records are, field by field: comparison levels of many pairs at once, packed into one integer a pair.

Every comparison is over codes (equal or not) and one look-up of near names. Level 0 is always "not known". Levels
of exact agreement on a name are split into frequency bands, so that term frequency is a table look-up too. Address
is one comparison, however many columns it comes from.

A code that is not known is `UNKNOWN[0]` in a record of a and `UNKNOWN[1]` in one of b, so it is equal to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    Codes = np.ndarray
    Near = Callable[[Codes, Codes], np.ndarray]

UNKNOWN = (0, -1)
BANDS = 8
HOME_POINTS = 6
"""Points of a written address that make it one home: street and postcode, or street, number and town."""


class Side:
    """The records of one side of many pairs: each column's codes, in the order of the pairs."""

    def __init__(self, codes: dict[str, Codes]) -> None:
        self._codes = codes

    def __getattr__(self, column: str) -> Codes:
        return self._codes[column]


@dataclass(frozen=True)
class Comparison:
    """One field's levels in order. `m` and `family` are the starting probabilities given a level is known.

    `level` gives the level of each pair of two sides; `columns` are what it reads. `m` holds among pairs of one
    person, `family` among pairs of two people of one household. `banded` levels (1 to 8) share one `m`, split by how
    common the value is. `exact` names the code whose agreement is `level 1`, so that u comes from frequency tables.
    """

    name: str
    levels: tuple[str, ...]
    columns: tuple[str, ...]
    level: Callable[[Side, Side, Near], np.ndarray]
    m: tuple[float, ...]
    family: tuple[float, ...] | None
    bits: int
    banded: bool = False
    exact: str | None = None


def _first(otherwise: int, *cases: tuple[np.ndarray, int]) -> np.ndarray:
    """Of each pair the value of the first case that is true of it, as a byte."""
    import numpy as np

    values = np.array([otherwise, *(value for _, value in reversed(cases))], dtype=np.uint8)
    # the highest rank that holds: a choice for each pair would take ten times as long
    rank = np.zeros(len(cases[0][0]), dtype=np.uint8)
    for number, (holds, _) in enumerate(reversed(cases), start=1):
        np.maximum(rank, holds.view(np.uint8) * np.uint8(number), out=rank)
    return values.take(rank)


def _split(level: np.ndarray, by: Codes) -> np.ndarray:
    """The levels, level 1 ("same") split by a band that counts from 0."""
    import numpy as np

    made: np.ndarray = level + (level == 1).view(np.uint8) * by.astype(np.uint8)
    return made


def _known(*columns: Codes) -> np.ndarray:
    known = columns[0] > 0
    for column in columns[1:]:
        known = known & (column > 0)
    return known


def _forename(a: Side, b: Side, near: Near) -> np.ndarray:
    same = a.f1 == b.f1
    shared = (a.f1 == b.f2) | (a.f2 == b.f1) | (a.f2 == b.f2) | (a.f1 == b.s2) | (a.s2 == b.f1)
    starts = (a.f3 == b.f3) | ((a.fi == b.fi) & ~_known(a.f3, b.f3))
    level = _first(
        14,
        (~_known(a.f1, b.f1), 0),
        (same & _known(a.f2, b.f2) & (a.f2 != b.f2), 15),
        (same, 1),
        ((a.f1 == b.s0) & (a.s0 == b.f1), 9),
        (shared | (a.f0 == b.f1) | (a.f1 == b.f0), 10),
        (near(a.f1, b.f1) | (a.fk == b.fk), 11),
        (a.fp == b.fp, 12),
        (starts, 13),
    )
    return _split(level, a.fband)


def _surname(a: Side, b: Side, near: Near) -> np.ndarray:
    shared = (a.s0 == b.s1) | (a.s0 == b.s2) | (a.s1 == b.s0) | (a.s2 == b.s0) | (a.s1 == b.s1) | (a.s2 == b.s2)
    level = _first(
        13,
        (~_known(a.s0, b.s0), 0),
        (a.s0 == b.s0, 1),
        ((a.f1 == b.s0) & (a.s0 == b.f1), 0),
        (shared | (a.f2 == b.s0) | (a.s0 == b.f2), 9),
        (near(a.s0, b.s0), 10),
        (a.sp == b.sp, 11),
        ((a.sex == 2) & (b.sex == 2), 12),
    )
    return _split(level, a.sband)


def _birth(a: Side, b: Side, _: Near) -> np.ndarray:
    year, month, day = a.byear == b.byear, a.bmon == b.bmon, a.bday == b.bday
    level = _first(
        8,
        (~_known(a.byear, b.byear, a.bmon, b.bmon), 0),
        (a.dob == b.dob, 1),
        (year & (a.bmon == b.bday) & (a.bday == b.bmon), 3),
        (year & month, 4),
        (year & day, 5),
        (month & day, 6),
        (year, 7),
    )
    return _split(level, a.heap)


def _sex(a: Side, b: Side, _: Near) -> np.ndarray:
    return _first(2, (~_known(a.sex, b.sex), 0), (a.sex == b.sex, 1))


def _address(a: Side, b: Side, _: Near) -> np.ndarray:
    homes, postcodes = _known(a.home, b.home), _known(a.pc, b.pc)
    return _first(
        6,
        (a.home == b.home, 1),
        ((a.pc == b.pc) & ~homes, 2),
        (a.pc == b.pc, 3),
        (a.sector == b.sector, 4),
        (a.district == b.district, 5),
        (~homes & ~postcodes, 0),
    )


def _written(a: Side, b: Side, near: Near) -> np.ndarray:
    import numpy as np

    nowhere = ~((a.street > 0) | (a.pc > 0) | (a.town > 0)) | ~((b.street > 0) | (b.pc > 0) | (b.town > 0))
    streets = (a.street == b.street) | near(a.street, b.street)
    points = _first(0, (streets, 3), ((a.street == b.street2) | (a.street2 == b.street), 2))
    points += _first(0, (a.number == b.number, 1))
    points += _first(0, (a.pc == b.pc, 3), (a.sector == b.sector, 1))
    points += _first(0, ((a.town == b.town) | near(a.town, b.town), 2))
    points += _first(0, (a.street2 == b.street2, 2))
    made: np.ndarray = (1 + np.minimum(10, points)) * (~nowhere).view(np.uint8)
    return made


FORENAME = Comparison(
    "forename",
    ("not known", *(f"same, band {k}" for k in range(BANDS)), "swapped with surname", "a name shared",
     "one edit or a short form", "sounds alike", "starts alike", "different", "same, another name differs"),
    ("f0", "f1", "f2", "f3", "fi", "fk", "fp", "fband", "s0", "s2"), _forename,
    (0.83, 0.01, 0.03, 0.04, 0.01, 0.03, 0.04, 0.01), None, 4, banded=True, exact="f1",
)  # fmt: skip
SURNAME = Comparison(
    "surname",
    ("not known", *(f"same, band {k}" for k in range(BANDS)), "a name shared", "one edit", "sounds alike",
     "different, both women", "different"),
    ("s0", "s1", "s2", "sp", "sband", "f1", "f2", "sex"), _surname,
    (0.87, 0.03, 0.04, 0.01, 0.03, 0.02), (0.75, 0.02, 0.01, 0.01, 0.06, 0.15), 4, banded=True, exact="s0",
)  # fmt: skip
BIRTH = Comparison(
    "birth_date",
    ("not known", "same", "same, 1 January or July", "day and month swapped", "year and month",
     "year and day", "month and day", "year", "different"),
    ("dob", "byear", "bmon", "bday", "heap"), _birth, (0.93, 0.02, 0.01, 0.012, 0.008, 0.01, 0.003, 0.007),
    (0.01, 0.0005, 0.0005, 0.002, 0.001, 0.004, 0.04, 0.942), 4, exact="dob",
)  # fmt: skip
SEX = Comparison("sex", ("not known", "same", "different"), ("sex",), _sex, (0.99, 0.01), (0.45, 0.55), 2)
ADDRESS = Comparison(
    "address",
    ("not known", "same home", "same postcode, home not known", "same postcode, other home", "same sector",
     "same district", "different"),
    ("home", "pc", "sector", "district"), _address,
    (0.55, 0.22, 0.03, 0.02, 0.03, 0.15), (0.62, 0.33, 0.02, 0.01, 0.01, 0.01), 3, exact="home",
)  # fmt: skip
WRITTEN_ADDRESS = Comparison(
    "address",
    ("not known", *(f"{k} points" for k in range(11))),
    ("street", "street2", "number", "town", "pc", "sector"), _written,
    (0.03, 0.01, 0.02, 0.05, 0.04, 0.08, 0.10, 0.10, 0.12, 0.15, 0.30),
    (0.01, 0.01, 0.01, 0.01, 0.02, 0.04, 0.08, 0.12, 0.15, 0.15, 0.40), 4,
)  # fmt: skip


def strong(number: int) -> Comparison:
    """The comparison of the strong identifier of this number: the same, or both known and different."""
    column = f"id{number}"

    def level(a: Side, b: Side, _: Near) -> np.ndarray:
        one, other = getattr(a, column), getattr(b, column)
        return _first(2, (~_known(one, other), 0), (one == other, 1))

    return Comparison(
        column, ("not known", "same", "different"), (column,), level, (0.995, 0.005), (0.0001, 0.9999), 2, exact=column
    )


def comparisons(*, written: bool, strong_ids: int) -> tuple[Comparison, ...]:
    """The comparisons of a pair of records, in the order they are packed."""
    address = WRITTEN_ADDRESS if written else ADDRESS
    return (FORENAME, SURNAME, BIRTH, SEX, address, *(strong(k + 1) for k in range(strong_ids)))


def packed(compared: tuple[Comparison, ...], a: Side, b: Side, near: Near) -> np.ndarray:
    """One integer a pair that holds every level; `near` says which two codes are of names one edit apart."""
    import numpy as np

    shift, made = compared[0].bits, compared[0].level(a, b, near).astype(np.int32)
    for comparison in compared[1:]:
        made |= comparison.level(a, b, near).astype(np.int32) << shift
        shift += comparison.bits
    return made
