"""How alike two records are, field by field: comparison levels as integer SQL, packed into one integer.

Every comparison is over codes (equal or not) and one look-up of near names, computed once a pair. Level 0 is
always "not known". Levels of exact agreement on a name are split into frequency bands, so that term frequency
is a table look-up too. Address is one comparison, however many columns it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass

BANDS = 8
HOME_POINTS = 6
"""Points of a written address that make it one home: street and postcode, or street, number and town."""


@dataclass(frozen=True)
class Comparison:
    """One field's levels in order. `m` and `family` are the starting probabilities given a level is known.

    `m` holds among pairs of one person, `family` among pairs of two people of one household. `banded` levels
    (1 to 8) share one `m`, split by how common the value is. `exact` names the code whose agreement is `level 1`,
    so that u comes from frequency tables.
    """

    name: str
    levels: tuple[str, ...]
    sql: str
    m: tuple[float, ...]
    family: tuple[float, ...] | None
    bits: int
    banded: bool = False
    exact: str | None = None


_FORENAME = """case
    when a.f1 is null or b.f1 is null then 0
    when a.f1 = b.f1 then case when a.f2 <> b.f2 then 15 else 1 + a.fband end
    when a.f1 = b.s0 and a.s0 = b.f1 then 9
    when (a.f2 is not null or b.f2 is not null or a.s2 is not null or b.s2 is not null)
        and (a.f1 = b.f2 or a.f2 = b.f1 or a.f2 = b.f2 or a.f1 = b.s2 or a.s2 = b.f1) then 10
    when a.f0 = b.f1 or a.f1 = b.f0 then 10
    when near_f.k is not null or a.fk = b.fk then 11
    when a.fp = b.fp then 12
    when a.f3 = b.f3 or (a.fi = b.fi and (a.f3 is null or b.f3 is null)) then 13
    else 14 end"""
_SURNAME = """case
    when a.s0 is null or b.s0 is null then 0
    when a.s0 = b.s0 then 1 + a.sband
    when a.f1 = b.s0 and a.s0 = b.f1 then 0
    when (a.s1 is not null or b.s1 is not null or a.f2 is not null or b.f2 is not null)
        and (a.s0 = b.s1 or a.s0 = b.s2 or a.s1 = b.s0 or a.s2 = b.s0 or a.s1 = b.s1 or a.s2 = b.s2
        or a.f2 = b.s0 or a.s0 = b.f2) then 9
    when near_s.k is not null then 10
    when a.sp = b.sp then 11
    when a.sex = 2 and b.sex = 2 then 12
    else 13 end"""
_BIRTH = """case
    when a.byear is null or b.byear is null or a.bmon is null or b.bmon is null then 0
    when a.dob = b.dob then 1 + a.heap
    when a.byear = b.byear and a.bmon = b.bday and a.bday = b.bmon then 3
    when a.byear = b.byear and a.bmon = b.bmon then 4
    when a.byear = b.byear and a.bday = b.bday then 5
    when a.bmon = b.bmon and a.bday = b.bday then 6
    when a.byear = b.byear then 7
    else 8 end"""
_SEX = "case when a.sex is null or b.sex is null then 0 when a.sex = b.sex then 1 else 2 end"
_ADDRESS = """case
    when a.home = b.home then 1
    when a.pc = b.pc then case when a.home is null or b.home is null then 2 else 3 end
    when a.sector = b.sector then 4
    when a.district = b.district then 5
    when (a.home is null or b.home is null) and (a.pc is null or b.pc is null) then 0
    else 6 end"""
_WRITTEN = """case
    when a.street is null and a.pc is null and a.town is null then 0
    when b.street is null and b.pc is null and b.town is null then 0
    else 1 + least(10,
        case when a.street = b.street or near_a.k is not null then 3
             when a.street = b.street2 or a.street2 = b.street then 2 else 0 end
        + case when a.number = b.number then 1 else 0 end
        + case when a.pc = b.pc then 3 when a.sector = b.sector then 1 else 0 end
        + case when a.town = b.town or near_t.k is not null then 2 else 0 end
        + case when a.street2 = b.street2 then 2 else 0 end) end"""

FORENAME = Comparison(
    "forename",
    ("not known", *(f"same, band {k}" for k in range(BANDS)), "swapped with surname", "a name shared",
     "one edit or a short form", "sounds alike", "starts alike", "different", "same, another name differs"),
    _FORENAME, (0.83, 0.01, 0.03, 0.04, 0.01, 0.03, 0.04, 0.01), None, 4, banded=True, exact="f1",
)  # fmt: skip
SURNAME = Comparison(
    "surname",
    ("not known", *(f"same, band {k}" for k in range(BANDS)), "a name shared", "one edit", "sounds alike",
     "different, both women", "different"),
    _SURNAME, (0.87, 0.03, 0.04, 0.01, 0.03, 0.02), (0.75, 0.02, 0.01, 0.01, 0.06, 0.15), 4, banded=True, exact="s0",
)  # fmt: skip
BIRTH = Comparison(
    "birth_date",
    ("not known", "same", "same, 1 January or July", "day and month swapped", "year and month",
     "year and day", "month and day", "year", "different"),
    _BIRTH, (0.93, 0.02, 0.01, 0.012, 0.008, 0.01, 0.003, 0.007),
    (0.01, 0.0005, 0.0005, 0.002, 0.001, 0.004, 0.04, 0.942), 4, exact="dob",
)  # fmt: skip
SEX = Comparison("sex", ("not known", "same", "different"), _SEX, (0.99, 0.01), (0.45, 0.55), 2)
ADDRESS = Comparison(
    "address",
    ("not known", "same home", "same postcode, home not known", "same postcode, other home", "same sector",
     "same district", "different"),
    _ADDRESS, (0.55, 0.22, 0.03, 0.02, 0.03, 0.15), (0.62, 0.33, 0.02, 0.01, 0.01, 0.01), 3, exact="home",
)  # fmt: skip
WRITTEN_ADDRESS = Comparison(
    "address",
    ("not known", *(f"{k} points" for k in range(11))),
    _WRITTEN, (0.03, 0.01, 0.02, 0.05, 0.04, 0.08, 0.10, 0.10, 0.12, 0.15, 0.30),
    (0.01, 0.01, 0.01, 0.01, 0.02, 0.04, 0.08, 0.12, 0.15, 0.15, 0.40), 4,
)  # fmt: skip


def strong(number: int) -> Comparison:
    """The comparison of the strong identifier of this number: the same, or both known and different."""
    column = f"id{number}"
    sql = f"case when a.{column} is null or b.{column} is null then 0 when a.{column} = b.{column} then 1 else 2 end"
    return Comparison(
        column, ("not known", "same", "different"), sql, (0.995, 0.005), (0.0001, 0.9999), 2, exact=column
    )


def comparisons(*, written: bool, strong_ids: int) -> tuple[Comparison, ...]:
    """The comparisons of a pair of records, in the order they are packed."""
    address = WRITTEN_ADDRESS if written else ADDRESS
    return (FORENAME, SURNAME, BIRTH, SEX, address, *(strong(k + 1) for k in range(strong_ids)))


def packed_sql(compared: tuple[Comparison, ...]) -> str:
    """One integer expression over records `a` and `b` (and the near-name look-ups) that holds every level."""
    shift, terms = 0, []
    for comparison in compared:
        terms.append(f"(({comparison.sql})::integer << {shift})")
        shift += comparison.bits
    return "\n| ".join(terms)


def near_columns(compared: tuple[Comparison, ...]) -> dict[str, str]:
    """The look-ups of near names that `packed_sql` refers to, and the column that each is of."""
    names = {"near_f": "f1", "near_s": "s0"}
    return {**names, "near_a": "street", "near_t": "town"} if WRITTEN_ADDRESS in compared else names


def near_joins(compared: tuple[Comparison, ...], near: str = "near") -> str:
    """The look-ups of near names, in the relation `near`, that `packed_sql` refers to."""
    return "\n".join(
        f"left join {near} {alias} on {alias}.k = (a.{column}::bigint << 32) | b.{column}"
        for alias, column in near_columns(compared).items()
    )
