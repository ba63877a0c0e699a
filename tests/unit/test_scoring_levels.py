"""Comparison levels: against recordlinkage on the same records, and against the rules written out dully."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import polars as pl
import pytest

from tests.levels_in_sql import level_of
from wsd_pipeline.linkage.scoring import em
from wsd_pipeline.linkage.scoring.coder import Coder
from wsd_pipeline.linkage.scoring.codes import Codes
from wsd_pipeline.linkage.scoring.coding import CODE_COLUMNS, code_files
from wsd_pipeline.linkage.scoring.comparing import Comparer
from wsd_pipeline.linkage.scoring.levels import comparisons
from wsd_pipeline.linkage.scoring.mapping import FieldMap
from wsd_pipeline.linkage.scoring.near import NearNames
from wsd_pipeline.linkage.scoring.pairs import ends, pair_of

pytestmark = pytest.mark.slow

MAP = FieldMap(
    unique_id="id",
    forenames=("forename",),
    surnames=("surname",),
    birth_date="born",
    sex="sex",
    postcode="postcode",
    home="uprn",
    strong_ids=("nhs",),
)
COLUMNS = ("id", "forename", "surname", "born", "sex", "postcode", "uprn", "nhs")
ONE = ("1", "MARGARET", "THOMPSON", "1980-03-14", "F", "E1 4NS", "1001", "9434765919")


def levels_of(*others: tuple[str | None, ...]) -> list[dict[str, int]]:
    """The levels of ONE against each other record."""
    files = [
        pl.DataFrame([ONE], schema=list(COLUMNS), orient="row"),
        pl.DataFrame(list(others), schema=dict.fromkeys(COLUMNS, pl.String), orient="row"),
    ]
    return levels_between(files)


def levels_between(files: list[pl.DataFrame], map: FieldMap = MAP) -> list[dict[str, int]]:
    coded = code_files(files, [map, map], Coder.keyed(b"k" * 32))
    compared = comparisons(written=False, strong_ids=1)
    frames = [f.with_columns(fband=pl.lit(0, pl.Int32), sband=pl.lit(0, pl.Int32)) for f in coded.frames]
    pairs = every_pair(frames)
    a, b = (Codes.of(frame) for frame in frames)
    table = em.unpack(Comparer(compared, NearNames(coded.variants), 1).patterns(pairs, a, b), compared)
    at_a, at_b = ends(pairs)
    left, ids = (coded.names_of(n, frames[n]["rid"][at]).to_list() for n, at in enumerate((at_a, at_b)))
    rows = [dict(zip((c.name for c in compared), row.tolist(), strict=True)) for row in table]
    order = sorted(range(len(rows)), key=lambda n: (left[n], int(ids[n])))
    return [rows[n] for n in order]


def every_pair(frames: list[pl.DataFrame]) -> np.ndarray:
    return pair_of(*(side.ravel() for side in np.indices((len(frames[0]), len(frames[1])))))


def changed(number: int, **values: str | None) -> tuple[str | None, ...]:
    """ONE with some values changed, as record `number`."""
    made = {**dict(zip(COLUMNS, ONE, strict=True)), "id": str(number), **values}
    return tuple(made[c] for c in COLUMNS)


CASES = (
    ("everything the same", {}, {"forename": 1, "surname": 1, "birth_date": 1, "sex": 1, "address": 1, "id1": 1}),
    ("one edit in the forename", {"forename": "MARGARTE"}, {"forename": 11}),
    ("a short form", {"forename": "PEGGY"}, {"forename": 11}),
    ("starts alike", {"forename": "MARIE"}, {"forename": 13}),
    ("an initial", {"forename": "M"}, {"forename": 13}),
    ("another forename", {"forename": "SUSAN"}, {"forename": 14}),
    ("no forename", {"forename": None}, {"forename": 0}),
    ("names swapped", {"forename": "THOMPSON", "surname": "MARGARET"}, {"forename": 9, "surname": 0}),
    ("a second forename", {"forename": "ANN MARGARET"}, {"forename": 10}),
    ("a double surname", {"surname": "THOMPSON-SMITH"}, {"surname": 9}),
    ("one edit in the surname", {"surname": "THOMSON"}, {"surname": 10}),
    ("another surname, both women", {"surname": "BAKER"}, {"surname": 12}),
    ("another surname, sex not known", {"surname": "BAKER", "sex": None}, {"surname": 13, "sex": 0}),
    ("day and month swapped", {"born": "1980-14-03"}, {"birth_date": 3}),
    ("another day", {"born": "1980-03-15"}, {"birth_date": 4}),
    ("another month", {"born": "1980-04-14"}, {"birth_date": 5}),
    ("another year", {"born": "1981-03-14"}, {"birth_date": 6}),
    ("the year alone", {"born": "1980-07-01"}, {"birth_date": 7}),
    ("another date", {"born": "1999-01-01"}, {"birth_date": 8}),
    ("a placeholder date", {"born": "1900-01-01"}, {"birth_date": 0}),
    ("the postcode, home not known", {"uprn": None}, {"address": 2}),
    ("the postcode, another home", {"uprn": "1002"}, {"address": 3}),
    ("the sector", {"uprn": None, "postcode": "E1 4LP"}, {"address": 4}),
    ("the district", {"uprn": None, "postcode": "E1 6LP"}, {"address": 5}),
    ("elsewhere", {"uprn": "1002", "postcode": "N4 3AB"}, {"address": 6}),
    ("no address", {"uprn": None, "postcode": None}, {"address": 0}),
    ("another NHS number", {"nhs": "9434765870"}, {"id1": 2}),
    ("a placeholder NHS number", {"nhs": "0000000000"}, {"id1": 0}),
)


@pytest.mark.parametrize(("what", "values", "expected"), CASES, ids=[c[0].replace(" ", "_") for c in CASES])
def test_level(what: str, values: dict[str, str | None], expected: dict[str, int]) -> None:
    (found,) = levels_of(changed(2, **values))
    assert {k: found[k] for k in expected} == expected


def test_heaped_birth_dates_have_a_level_of_their_own() -> None:
    files = [pl.DataFrame([changed(1, born="1980-01-01")], schema=dict.fromkeys(COLUMNS, pl.String), orient="row")] * 2
    assert levels_between(files)[0]["birth_date"] == 2


def test_a_former_surname_is_a_name_shared() -> None:
    columns = {**dict.fromkeys(COLUMNS, pl.String), "born_as": pl.String}
    rows = [[(*changed(1, surname=now), before)] for now, before in (("BAKER", "THOMPSON"), ("THOMPSON", None))]
    files = [pl.DataFrame(r, schema=columns, orient="row") for r in rows]
    assert levels_between(files, replace(MAP, former_surnames=("born_as",)))[0]["surname"] == 9


def test_mohammed_yields_to_the_name_after_it() -> None:
    rows = [[changed(1, forename="MD KARIM")], [changed(1, forename="KARIM")]]
    files = [pl.DataFrame(r, schema=dict.fromkeys(COLUMNS, pl.String), orient="row") for r in rows]
    assert levels_between(files)[0]["forename"] == 1


def test_exact_agreement_is_what_recordlinkage_says() -> None:
    import pandas as pd
    import recordlinkage

    rng = np.random.default_rng(3)
    names = np.array(["ANNA", "ANNE", "BRIAN", "BRYAN", "CARLA", "DEEPAK"])
    rows = [
        (str(n), names[rng.integers(6)], names[rng.integers(6)],
         f"19{rng.integers(60, 62)}-0{rng.integers(1, 3)}-0{rng.integers(1, 3)}", "MF"[rng.integers(2)],
         "E1 4NS", "1001", "9434765919")
        for n in range(24)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    ours = levels_between([frame, frame])
    theirs_in = pd.DataFrame(rows, columns=list(COLUMNS)).set_index("id")
    index = recordlinkage.Index()
    index.full()
    compare = recordlinkage.Compare()
    for column in ("forename", "surname", "born", "sex"):
        compare.exact(column, column, label=column)
    compare.string("forename", "forename", method="damerau_levenshtein", label="edit")
    theirs = compare.compute(index.index(theirs_in, theirs_in.copy()), theirs_in, theirs_in.copy())
    theirs.index = theirs.index.set_names(["x", "y"])
    flat = theirs.reset_index().assign(n=lambda d: d["x"].map(lambda v: [r[0] for r in sorted(rows)].index(v)))
    flat = flat.sort_values(["n", "y"], key=lambda s: s.astype(int)).to_dict("records")
    assert len(flat) == len(ours)
    for found, expected in zip(ours, flat, strict=True):
        swapped = found["forename"] == 9
        assert (found["forename"] == 1) == (expected["forename"] == 1)
        assert swapped or (found["surname"] == 1) == (expected["surname"] == 1)
        assert (found["birth_date"] in (1, 2)) == (expected["born"] == 1)
        assert (found["sex"] == 1) == (expected["sex"] == 1)
        one_edit = 0.75 <= expected["edit"] < 1
        assert not one_edit or found["forename"] in (9, 10, 11)


NEAR = {"code": pl.Int64, "variant": pl.UInt64}


def coded_at_random(rng: np.random.Generator, rows: int) -> pl.DataFrame:
    """Records of few values in every column the levels read, a third of them not known."""
    codes = {c: rng.integers(1, 5, rows) for c in CODE_COLUMNS}
    frame = pl.DataFrame({**codes, "id1": rng.integers(1, 4, rows)}).cast(pl.Int32)
    known = rng.random((rows, len(frame.columns))) < 2 / 3
    frame = frame.select(pl.when(pl.Series(known[:, k])).then(pl.col(c)).alias(c) for k, c in enumerate(frame.columns))
    bands = {c: pl.Series(rng.integers(0, 8, rows), dtype=pl.Int32) for c in ("fband", "sband")}
    heap = pl.Series(rng.integers(0, 2, rows), dtype=pl.Int32)
    return frame.with_columns(heap=heap, sex=pl.col("sex") % 2 + 1, **bands).with_row_index("rid")


@pytest.mark.parametrize("written", [False, True])
def test_levels_are_those_of_the_same_rules_in_sql(written: bool) -> None:
    rng = np.random.default_rng(7)
    a, b = (coded_at_random(rng, 250) for _ in "ab")
    compared = comparisons(written=written, strong_ids=1)
    near = pl.DataFrame({"code": [1, 2, 2, 4], "variant": [8, 8, 9, 9]}, schema=NEAR)
    pairs = every_pair([a, b])
    ours = em.unpack(Comparer(compared, NearNames(near), 2).patterns(pairs, Codes.of(a), Codes.of(b)), compared)
    con = duckdb.connect()
    for name, frame in (("a", a), ("b", b), ("variants", near)):
        con.register(name, frame.to_arrow())
    con.execute(
        "create table near as select distinct x.code as x, y.code as y"
        " from variants x join variants y using (variant) where x.code <> y.code"
    )
    joins = " ".join(
        f"left join (select x, y, 1 as k from near) near_{alias} on near_{alias}.x = a.{c} and near_{alias}.y = b.{c}"
        for alias, c in (("f", "f1"), ("s", "s0"), ("a", "street"), ("t", "town"))
    )
    levels = ", ".join(f"({level_of(c.name, written=written)})::integer as {c.name}" for c in compared)
    theirs = con.sql(f"select {levels} from a cross join b {joins} order by a.rid, b.rid").pl().to_numpy()
    assert (ours == theirs).all()
    seen = [len(np.unique(ours[:, k])) for k in range(len(compared))]
    assert seen == [16, 14, 9, 3, 12 if written else 7, 3]  # every level was asked


def test_tokens_are_not_taken_for_codes() -> None:
    a = Codes.of(coded_at_random(np.random.default_rng(1), 4).with_columns(id1=pl.lit(1 << 40, pl.UInt64)))
    comparer = Comparer(comparisons(written=False, strong_ids=1), NearNames(pl.DataFrame(schema=NEAR)), 1)
    with pytest.raises(TypeError):
        comparer.patterns(np.zeros(9, dtype=np.int64), a, a)


def test_coded_records_hold_every_column_the_levels_read() -> None:
    coded = code_files([pl.DataFrame([ONE], schema=list(COLUMNS), orient="row")], [MAP], Coder.clear())
    assert set(CODE_COLUMNS) <= set(coded.frames[0].columns)
