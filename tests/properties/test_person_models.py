"""The models against dull oracles and shuffled rows: the order in which rows come never changes what is made."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from wsd_pipeline import sql
from wsd_pipeline.build import models
from wsd_pipeline.contracts import table, tables
from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Table

SNAPSHOT = date(2026, 1, 31)
POOL = 15


CHOICES = {
    ("cluster_id", "VARCHAR"): ("HYP_COD", "HYPRES_COD", "MODFRAIL_COD", "SEVFRAIL_COD", "DEPR_COD"),
    ("practice_code", "VARCHAR"): ("F84012", "F84016", "V81997"),
    ("source", "VARCHAR"): ("apc", "asc", "ecds", "education", "gp", "housing"),
    ("property_class_code", "VARCHAR"): ("RD06", "RD04", "RI01", "PP"),
    ("logical_status_code", "VARCHAR"): ("1", "1", "8"),
    ("is_eligible", "BOOLEAN"): (True,),
    ("is_resident", "BOOLEAN"): (True, True, True, False),
    ("lsoa21", "VARCHAR"): ("E01004198", "E01004199", "E01000001"),
    ("value", "VARCHAR"): ("1980-05-01", "1980-06-01"),
    ("lsoa_code", "VARCHAR"): ("E01004198", "E01004199", "E01000001"),
    ("lsoa_vintage", "SMALLINT"): (2011, 2021),
    ("admission_age_years", "SMALLINT"): (8, 40, 80),
    ("age_years", "SMALLINT"): (3, 17, 40, 70),
    ("diagnosis_02_code", "VARCHAR"): ("W010", "X850"),
    ("condition", "VARCHAR"): ("diabetes", "non_diabetic_hyperglycaemia", "asthma", "serious_mental_illness"),
    ("primary_diagnosis_code", "VARCHAR"): ("I500", "J440", "S720"),
}


def identity(n: int) -> str:
    """The n-th of a small pool of UUIDs, so that tables join."""
    return f"00000000-0000-4000-8000-{n:012d}"


def some_value(rng: random.Random, name: str, kind: str, choices: tuple[Any, ...]) -> Any:
    """A value of a column, from few enough that ties are common."""
    if rng.random() < 0.15 and name not in ("person_id", "record_id", "source", "registered_date", "event_start_date"):
        return None
    if choices:
        return rng.choice(choices)
    if kind == "UUID":
        return identity(rng.randrange(POOL))
    if kind == "BOOLEAN":
        return rng.random() < 0.5
    if kind == "DATE":
        if name == "birth_month":
            return date(rng.choice([1940, 1980, 2007, 2015]), rng.choice([1, 2]), 1)
        return SNAPSHOT - timedelta(days=rng.choice([-20, 0, 1, 30, 200, 364, 500, 5000]))
    if kind == "TIMESTAMP":
        return "2026-01-01 00:00:00"
    if kind.startswith("DECIMAL"):
        return Decimal(rng.choice(["0.1", "0.3", "12.5"]))
    if kind == "VARCHAR":
        return "x"
    return rng.choice([1, 2, 3])


@cache
def asked_for(key: str) -> dict[str, tuple[str, ...]]:
    """The text values that a model compares each column with, so that drawn rows get past its conditions."""
    import sqlglot
    from sqlglot import exp

    out: dict[str, set[str]] = {}
    for node in sqlglot.parse_one(models()[key].text, read="duckdb").find_all(exp.EQ, exp.In):
        values = [node.expression] if isinstance(node, exp.EQ) else node.expressions
        texts = {v.this for v in values if isinstance(v, exp.Literal) and v.is_string}
        if isinstance(node.this, exp.Column) and texts:
            out.setdefault(node.this.name, set()).update(texts)
    return {name: tuple(sorted(texts)) for name, texts in out.items()}


def drawn(key: str, rng: random.Random) -> dict[str, list[tuple[Any, ...]]]:
    """Eighty rows or fewer of every table that a model reads, but for the references."""
    return {
        read: random_table(rng, tables()[read], 80, asked_for(key))
        for read in sorted(models()[key].reads)
        if not read.startswith("reference.")
    }


def random_table(
    rng: random.Random, shape: Table, rows: int, asked: dict[str, tuple[str, ...]]
) -> list[tuple[Any, ...]]:
    """Rows of a contract, its key unique and never null, and that of the extract it was where it is all there."""
    out: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    names = [c.name for c in shape.columns]
    landed = tables().get(f"landed.{shape.name}")
    supplied = landed.unique_key if landed and shape.layer == "pseudo" and set(landed.unique_key) <= set(names) else ()
    for n in range(rows):
        row = []
        for column in shape.columns:
            choices = next((c.values for c in column.checks if isinstance(c, OneOf)), ())
            choices = CHOICES.get((column.name, column.type), choices)
            if column.type == "VARCHAR":
                choices = asked.get(column.name, ()) or choices
            row.append(some_value(rng, column.name, column.type, choices))
        for unique in ("row_id", "episode_key", "attendance_key"):
            if unique in names:
                row[names.index(unique)] = identity(1000 + n)
        key = tuple(row[names.index(k)] for k in supplied or shape.unique_key)
        if None not in key:
            out.setdefault(key, tuple(row))
    return list(out.values())


def run(key: str, inputs: dict[str, list[tuple[Any, ...]]], threads: int) -> list[tuple[Any, ...]]:
    """The rows a model makes of these tables, sorted."""
    model = models()[key]
    con = duckdb.connect()
    try:
        con.execute(f"set threads = {threads}")
        sql.attach_reference(con, sorted(r for r in model.reads if r.startswith("reference.")))
        sql.attach_empty(con, {name: table(name) for name in inputs})
        con.execute("attach ':memory:' as previous")
        sql.attach_empty(con, {name: table(name) for name in model.previous}, "previous.")
        for name, rows in inputs.items():
            columns = table(name).columns
            cells = {c.name: [None if row[i] is None else str(row[i]) for row in rows] for i, c in enumerate(columns)}
            con.register("drawn", pa.table(cells, schema=pa.schema([(c.name, pa.string()) for c in columns])))
            con.execute(
                f"insert into {name} select {', '.join(f'cast({c.name} as {c.type})' for c in columns)} from drawn"
            )
            con.unregister("drawn")
        for macro in sql.macros():
            con.execute(macro)
        given = {"snapshot_date": SNAPSHOT, "month": "2026-01"}
        made = con.execute(f"select * from ({model.text})", {p: given[p] for p in model.parameters} or None).fetchall()
    finally:
        con.close()
    return sorted(made, key=repr)


def reaching(key: str, rng: random.Random) -> tuple[dict[str, list[tuple[Any, ...]]], list[tuple[Any, ...]]]:
    """The first drawn tables from which the model makes any rows at all, and those rows."""
    for _ in range(30):
        inputs = drawn(key, rng)
        made = run(key, inputs, threads=1)
        if made:
            return inputs, made
    raise AssertionError("the invented rows reach nothing")


@pytest.mark.parametrize("key", sorted(k for k in models() if not k.startswith("mart.")))
def test_the_order_of_rows_changes_nothing(key):
    rng = random.Random(sum(map(ord, key)))
    inputs, before = reaching(key, rng)
    again = run(
        key, {name: rng.sample(rows, len(rows)) for name, rows in sorted(inputs.items(), reverse=True)}, threads=2
    )
    assert before == again
    shape = table(key)
    columns = made_columns(key)
    places = [columns.index(k) for k in shape.unique_key]
    keys = [tuple(row[p] for p in places) for row in before]
    assert len(keys) == len(set(keys)), "the key is not unique"


def made_columns(key: str) -> list[str]:
    """The model's columns in the order it writes them."""
    import sqlglot

    return sqlglot.parse_one(models()[key].text, read="duckdb").named_selects


def stretches(services: list[tuple[date, date | None]]) -> list[tuple[date, date | None, int]]:
    """The dull oracle: sort, then join whatever starts by the day after all before it has ended."""
    out: list[list[Any]] = []
    for start, end in sorted(services, key=lambda s: s[0]):
        if out and start <= (out[-1][1] + timedelta(days=1)):
            out[-1][1] = max(out[-1][1], end or SNAPSHOT)
            out[-1][2] += 1
            out[-1][3] |= end is None
        else:
            out.append([start, end or SNAPSHOT, 1, end is None])
    return [(start, None if is_open else end, n) for start, end, n, is_open in out]


@pytest.mark.parametrize("seed", range(3))
def test_stretches_of_care_equal_the_oracle(seed):
    rng = random.Random(seed)
    shape = table("pseudo.asc__events")
    names = [c.name for c in shape.columns]
    events, records, expected = [], [], []
    for person in range(100):
        services = []
        for _ in range(rng.randrange(7)):
            start = SNAPSHOT - timedelta(days=rng.randrange(60))
            end = None if rng.random() < 0.1 else start + timedelta(days=rng.randrange(12))
            end = None if end and end > SNAPSHOT else end
            services.append((start, end))
            filled = dict.fromkeys(names) | {
                "record_id": identity(person), "row_id": identity(1000 + len(events)), "event_type": "Service",
                "service_type": "Short Term Support: ST-Max", "event_start_date": start, "event_end_date": end,
            }  # fmt: skip
            events.append(tuple(filled[n] for n in names))
        record = dict.fromkeys(c.name for c in table("person.records").columns) | {
            "person_id": identity(person), "record_id": identity(person), "source": "asc",
        }  # fmt: skip
        records.append(tuple(record.values()))
        expected += [(identity(person), *stretch) for stretch in stretches(services)]
    made = run("person.care_episodes", {"pseudo.asc__events": events, "person.records": records}, threads=2)
    columns = made_columns("person.care_episodes")
    at = [columns.index(n) for n in ("person_id", "start_date", "end_date", "service_count")]
    found = [(str(row[at[0]]), row[at[1]], row[at[2]], row[at[3]]) for row in made]
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert any(n > 1 for *_, n in expected)
