"""Primary suppression, rounding, collapse, percentages and money, drawn as small tables."""

from __future__ import annotations

import duckdb
import pytest

from wsd_pipeline.contracts.core import Column, Measure, Privacy, Published, Table
from wsd_pipeline.disclosure import load_policy, protect_select
from wsd_pipeline.disclosure.policy import Policy


def dimension(name: str) -> Column:
    return Column(name=name, type="VARCHAR", description=name, privacy=Privacy.QUASI, required=True)


def measure(name: str, kind: Measure, type: str = "INTEGER", of: tuple[str, ...] = ()) -> tuple[Column, ...]:
    status = f"{name}_status"
    return (
        Published(
            name=name, type=type, description=name, privacy=Privacy.PAYLOAD, measure=kind, status_column=status, of=of
        ),
        Column(name=status, type="VARCHAR", description=status, privacy=Privacy.NONE, required=True),
    )


def mart(dims: str, *columns: Column) -> Table:
    names = tuple(dims.split())
    return Table(
        key="mart.drawn",
        grain="cell",
        description="drawn",
        unique_key=names,
        columns=(*(dimension(n) for n in names), *columns),
    )


COUNT = measure("person_count", Measure.COUNT)


def protect(table: Table, rows: str, policy: Policy | None = None) -> list[tuple[object, ...]]:
    con = duckdb.connect()
    names = rows.splitlines()[0].split()
    body = [
        "(" + ", ".join("null" if v == "-" else v if v.lstrip("-").isdigit() else f"'{v}'" for v in line.split()) + ")"
        for line in rows.splitlines()[1:]
        if line.strip()
    ]
    con.execute(f"create table exact as select * from (values {', '.join(body)}) as t ({', '.join(names)})")
    select = protect_select(table, "exact", policy or load_policy())
    return con.execute(f"select * from ({select}) order by all").fetchall()


def test_small_counts_are_withheld_and_others_rounded():
    rows = protect(
        mart("locality", *COUNT),
        "locality person_count\nA 0\nB 1\nC 7\nD 8\nE 12\nF 13\nG -",
    )
    assert [r[1:] for r in rows] == [(0, ""), (None, "c"), (None, "c"), (10, ""), (10, ""), (15, ""), (None, "x")]


def test_children_of_a_withheld_parent_are_withheld_zeros_too_whatever_the_breakdown_is_called():
    rows = protect(
        mart("breakdown locality sex", *COUNT),
        """breakdown locality sex person_count
by_locality A all 6
by_locality B all 60
by_both A f 6
by_both A m 0
by_both B f 40
by_both B m 20""",
    )
    assert {r[1:3]: r[3:] for r in rows} == {
        ("A", "all"): (None, "c"),
        ("B", "all"): (60, ""),
        ("A", "f"): (None, "c"),
        ("A", "m"): (None, "c"),
        ("B", "f"): (40, ""),
        ("B", "m"): (20, ""),
    }


def test_a_cell_inside_a_published_zero_stays_zero():
    rows = protect(
        mart("locality sex", *COUNT),
        "locality sex person_count\nA all 6\nall m 0\nA f 6\nA m 0",
    )
    assert {r[:2]: r[2] for r in rows} == {("A", "all"): None, ("all", "m"): 0, ("A", "f"): None, ("A", "m"): 0}


def test_a_withheld_zero_does_not_free_its_children():
    rows = protect(
        mart("locality sex age", *COUNT),
        "locality sex age person_count\nA all all 5\nA m all 0\nA m old 0",
    )
    assert [r[4] for r in rows] == ["c", "c", "c"]


PERCENT = (
    *measure("linked_count", Measure.COUNT),
    *measure("record_count", Measure.COUNT),
    *measure("linked_pct", Measure.PERCENT, "DECIMAL(5,1)", ("linked_count", "record_count")),
)


def test_percentages_come_from_protected_counts_or_not_at_all():
    rows = protect(
        mart("place", *PERCENT),
        """place linked_count record_count linked_pct
A 38 102 0
B 6 100 0
C 9 12 0
D 0 0 0
E 5 6 0
F 0 40 0""",
    )
    shown = {r[0]: (None if r[5] is None else float(r[5]), r[6]) for r in rows}
    assert shown == {
        "A": (40.0, ""),
        "B": (None, "c"),
        "C": (None, "c"),
        "D": (None, "z"),
        "E": (None, "c"),
        "F": (0.0, ""),
    }
    assert {r[0]: r[1] for r in rows}["E"] is None


def test_the_denominator_of_a_small_area_must_be_larger():
    rows = protect(mart("lsoa21", *PERCENT), "lsoa21 linked_count record_count linked_pct\nall 20 40 0\nE1 20 40 0")
    assert {r[0]: r[6] for r in rows} == {"all": "", "E1": "c"}


def test_money_is_rounded_to_the_thousand_and_withheld_where_one_dominates():
    table = mart(
        "place",
        *COUNT,
        *measure("cost_gbp", Measure.MONEY, "DECIMAL(18,2)", ("person_count", "largest_gbp", "second_gbp")),
    )
    rows = protect(
        table,
        """place person_count cost_gbp largest_gbp second_gbp
A 40 101499 4000 3000
B 40 100000 60000 100
C 40 100000 48000 47000
D 5 100000 21000 20000
E 0 0 - -
F 40 - 0 0""",
    )
    shown = {r[0]: (None if r[3] is None else int(r[3]), r[4]) for r in rows}
    assert shown == {
        "A": (101000, ""),
        "B": (None, "c"),
        "C": (None, "c"),
        "D": (None, "c"),
        "E": (0, ""),
        "F": (None, "x"),
    }


def test_a_number_no_rule_covers_is_refused():
    bare = Column(name="mean_age", type="DOUBLE", description="", privacy=Privacy.PAYLOAD)
    with pytest.raises(ValueError, match="mean_age"):
        protect_select(mart("place", *COUNT, bare), "exact", load_policy())


def test_a_policy_looser_than_the_floor_is_refused():
    with pytest.raises(ValueError, match="threshold"):
        Policy(version=1, threshold=4)


def test_a_group_that_is_small_all_over_is_given_as_a_whole():
    from wsd_pipeline.disclosure.folding import group_around, rows_inside

    table = mart("month segment need sex", *COUNT)
    con = duckdb.connect()
    con.execute("""create table exact as select * from (values
        ('m', 'all', 'all', 'all', 90), ('m', 'A', 'all', 'all', 60), ('m', 'A', 'x', 'all', 13),
        ('m', 'A', 'x', 'f', 7), ('m', 'A', 'x', 'm', 6), ('m', 'A', 'y', 'all', 47), ('m', 'A', 'y', 'f', 47),
        ('m', 'all', 'x', 'all', 40)
        ) as t (month, segment, need, sex, person_count)""")
    keys = [("m", "A", "x", "f"), ("m", "A", "x", "m")]
    group = group_around(con, table, "exact", load_policy(), keys)
    assert group == {"month": "m", "segment": "A", "need": "x", "sex": "all"}
    assert rows_inside(con, table, "exact", load_policy(), [group]) == keys
    wider = group_around(con, table, "exact", load_policy(), keys, [group])
    assert wider is not None and wider != group
    assert group_around(con, table, "exact", load_policy(), [("m", "all", "all", "all")]) is None
