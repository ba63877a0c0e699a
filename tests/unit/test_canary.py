"""The canary scan's own control: planted in each kind of container, every canary is found; else it proves nothing."""

from __future__ import annotations

import base64
import gzip
import pickle
import sqlite3
import zipfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wsd_pipeline.canary import scan

CANARIES = {"name": "Zqxabrielle", "nhs": "9990000018", "born": "1903-02-17", "postcode": "E14 9QZ"}


def text(folder, value):
    (folder / "run.log").write_text(f"before {value} after")


def utf16(folder, value):
    (folder / "run.txt").write_text(value, encoding="utf-16")


def upper(folder, value):
    (folder / "a.html").write_text(f"<td>{value.upper()}</td>")


def based(folder, value):
    (folder / "b").write_bytes(base64.b64encode(b"xy" + value.encode() + b"and more after it"))


def hexed(folder, value):
    (folder / "h").write_text(value.encode().hex())


def hashed(folder, value):
    import hashlib

    (folder / "sha").write_text(hashlib.sha256(value.encode()).hexdigest())


def parquet(folder, value):
    pq.write_table(pa.table({"a": ["x"] * 9 + [value] + ["y"] * 9}), folder / "t.parquet", compression="zstd")


def duck(folder, value):
    con = duckdb.connect(str(folder / "t.duckdb"))
    con.execute("create table t as select ? as a from range(5000)", [value])
    con.close()


def sqlite(folder, value):
    con = sqlite3.connect(folder / "t.db")
    con.execute("create table t (a)")
    con.execute("insert into t values (?)", [value])
    con.commit()


def pickled(folder, value):
    (folder / "p").write_bytes(pickle.dumps({"a": [value]}))


def gzipped(folder, value):
    (folder / "g.gz").write_bytes(gzip.compress(value.encode() * 3))


def zipped(folder, value):
    with zipfile.ZipFile(folder / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.xml", value * 3)


def named(folder, value):
    (folder / f"{value}.txt").write_text("nothing")


CONTAINERS = [text, utf16, upper, based, hexed, hashed, parquet, duck, sqlite, pickled, gzipped, zipped, named]


@pytest.mark.parametrize("plant", CONTAINERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", CANARIES)
def test_a_planted_canary_is_found(tmp_path, plant, kind):
    plant(tmp_path, CANARIES[kind])
    assert {hit.canary for hit in scan([tmp_path], CANARIES)} == {kind}


def test_nothing_planted_nothing_found(tmp_path):
    for plant in CONTAINERS:
        plant(tmp_path, "Ordinary")
    assert scan([tmp_path], CANARIES) == []


def test_spared_folders_are_left_out(tmp_path):
    (tmp_path / "vault").mkdir()
    text(tmp_path / "vault", CANARIES["name"])
    assert scan([tmp_path], CANARIES, spare=[tmp_path / "vault"]) == []
