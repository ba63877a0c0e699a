"""The levels of pairs said a second time, in SQL over single records: what the engine's are compared with."""

from __future__ import annotations

_FORENAME = """case
    when a.f1 is null or b.f1 is null then 0
    when a.f1 = b.f1 then case when a.f2 <> b.f2 then 15 else 1 + a.fband end
    when a.f1 = b.s0 and a.s0 = b.f1 then 9
    when a.f1 = b.f2 or a.f2 = b.f1 or a.f2 = b.f2 or a.f1 = b.s2 or a.s2 = b.f1 then 10
    when a.f0 = b.f1 or a.f1 = b.f0 then 10
    when near_f.k is not null or a.fk = b.fk then 11
    when a.fp = b.fp then 12
    when a.f3 = b.f3 or (a.fi = b.fi and (a.f3 is null or b.f3 is null)) then 13
    else 14 end"""
_SURNAME = """case
    when a.s0 is null or b.s0 is null then 0
    when a.s0 = b.s0 then 1 + a.sband
    when a.f1 = b.s0 and a.s0 = b.f1 then 0
    when a.s0 = b.s1 or a.s0 = b.s2 or a.s1 = b.s0 or a.s2 = b.s0 or a.s1 = b.s1 or a.s2 = b.s2
        or a.f2 = b.s0 or a.s0 = b.f2 then 9
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


def level_of(name: str, *, written: bool = False) -> str:
    """The level of a comparison of records `a` and `b`; near_f, near_s, near_a and near_t say whose names are near."""
    if name.startswith("id"):
        return f"case when a.{name} is null or b.{name} is null then 0 when a.{name} = b.{name} then 1 else 2 end"
    said = {"forename": _FORENAME, "surname": _SURNAME, "birth_date": _BIRTH, "sex": _SEX, "address": _ADDRESS}
    return _WRITTEN if written and name == "address" else said[name]
