"""Encrypted Parquet: what is written reads back, is unreadable without the key, and is gone with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from wsd_pipeline.vault import sealed
from wsd_pipeline.vault.keys import Keys

SECRET = "ZQXCANARY"


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(root=bytes(range(32)), deployment="test", folder=tmp_path / "_keys")


@pytest.fixture
def file(tmp_path: Path, keys: Keys) -> Path:
    path = tmp_path / "t.parquet"
    table = pa.table({"surname": [SECRET, None], "n": pa.array([1, 2**63], pa.uint64())})
    sealed.write(table, path, keys, "2026-01")
    return path


def test_reads_back_what_was_written(file: Path, keys: Keys) -> None:
    assert sealed.read(file, keys, "2026-01").to_pydict() == {"surname": [SECRET, None], "n": [1, 2**63]}
    assert sealed.read(file, keys, "2026-01", ["n"]).column_names == ["n"]


def test_neither_values_nor_column_names_are_in_the_bytes(file: Path) -> None:
    assert SECRET.encode() not in file.read_bytes()
    assert b"surname" not in file.read_bytes()


def test_no_key_no_rows(file: Path, keys: Keys) -> None:
    with pytest.raises(OSError):
        pq.read_table(file)
    with pytest.raises(InvalidUnwrap):
        sealed.read(file, replace(keys, root=bytes(32)), "2026-01")


def test_a_flipped_bit_is_noticed(file: Path, keys: Keys) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 1
    file.write_bytes(data)
    with pytest.raises(OSError):
        sealed.read(file, keys, "2026-01")


def test_months_have_keys_of_their_own_and_the_wrapped_key_is_not_the_key(file: Path, keys: Keys) -> None:
    first, second = sealed.data_key(keys, "2026-01"), sealed.data_key(keys, "2026-02")
    assert first != second
    assert first not in (keys.folder / "2026-01.key").read_bytes()


def test_an_erased_month_is_gone(file: Path, keys: Keys) -> None:
    sealed.erase(keys, "2026-01")
    with pytest.raises(FileNotFoundError):
        sealed.read(file, keys, "2026-01")
