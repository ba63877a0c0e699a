"""Every ask of the founding documents names the mart and column that answers it, or says why none does."""

from __future__ import annotations

from wsd_pipeline.contracts import asks as module
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.core import Privacy


def test_the_thirty_seven_asks_are_all_there():
    assert [ask["number"] for ask in module.asks()] == list(range(1, 38))


def test_every_mart_and_column_named_is_in_its_contract():
    found = tables()
    for ask in module.asks():
        for answer in ask.get("answers", ()):
            assert set(answer) == {"column", "where"}, answer["column"]
            mart, column = answer["column"].rsplit(".", 1)
            assert mart in found and mart.startswith("mart."), answer["column"]
            assert found[mart].column(column).privacy is Privacy.NONE, "an answer is a figure"
            assert answer["where"]


def test_what_is_not_answered_says_why():
    for ask in module.asks():
        assert set(ask) <= {"number", "ask", "answers", "part", "out_of_scope"}, ask["number"]
        assert ask.get("answers") or ask.get("part") or ask.get("out_of_scope"), ask["number"]
        assert not (ask.get("answers") and ask.get("out_of_scope"))


def test_the_page_is_the_one_this_makes():
    assert module.PATH.read_text(encoding="utf-8") == module.page(), "run: make dictionary"
