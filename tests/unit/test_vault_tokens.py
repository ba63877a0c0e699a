"""HMAC columns: published vectors in every engine, parity with Python, and nothing empty hashed."""

from __future__ import annotations

import polars as pl
import pytest

from wsd_pipeline.vault import tokens
from wsd_pipeline.vault.tokens import Engine, hmac_column, id_column, passes_self_test, reference_digest, token_column

KEY = bytes(range(32))
TEXTS = ["a", "Zoë", "9990000018", "ক", "with\nnewline", "x" * 500]


@pytest.mark.parametrize("engine", list(Engine))
def test_every_engine_reproduces_rfc_4231(engine: Engine) -> None:
    assert passes_self_test(engine)


@pytest.mark.parametrize("engine", list(Engine))
def test_every_engine_agrees_with_python(engine: Engine) -> None:
    made = hmac_column(pl.Series(TEXTS), KEY, engine).to_list()
    assert made == [reference_digest(KEY, t) for t in TEXTS]


@pytest.mark.parametrize("engine", list(Engine))
def test_nothing_empty_is_hashed(engine: Engine) -> None:
    assert hmac_column(pl.Series(["", None], dtype=pl.String), KEY, engine).to_list() == [None, None]


def test_the_project_vector_never_changes() -> None:
    assert reference_digest(KEY, "9990000018") == "83b06ff7e3dba6a54650d0f8f0bdc96c7db6201b51de54e1f88393f9620291e0"


def test_tokens_and_ids_are_the_first_bytes_of_the_digest() -> None:
    digests = [reference_digest(KEY, t) for t in TEXTS]
    assert token_column(pl.Series(TEXTS), KEY).to_list() == [int(d[:16], 16) for d in digests]
    assert id_column(pl.Series(TEXTS), KEY).to_list() == [d[:32] for d in digests]


def test_a_lying_engine_is_caught_and_its_work_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = tokens._run

    def lying(values: pl.Series, key: str, engine: Engine) -> pl.Series:
        made = honest(values, key, engine)
        return made.str.to_uppercase() if engine is Engine.POLARS_HASH else made

    monkeypatch.setattr(tokens, "_run", lying)
    assert hmac_column(pl.Series(TEXTS), KEY, Engine.POLARS_HASH).to_list() == [reference_digest(KEY, t) for t in TEXTS]
    assert not passes_self_test(Engine.POLARS_HASH)


def test_without_the_wheel_another_engine_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(values: pl.Series, key: str) -> pl.Series:
        raise ImportError

    monkeypatch.setattr(tokens, "_polars_hash", missing)
    tokens.working_engine.cache_clear()
    try:
        assert tokens.working_engine() is Engine.DUCKDB
    finally:
        tokens.working_engine.cache_clear()
