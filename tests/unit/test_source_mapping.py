"""Which column is which: header words, looks of values, and how many of twelve strange extracts come out right."""

from __future__ import annotations

import pytest
import yaml

from tests.mapping.asked import in_other_order, score, shapes_of
from tests.mapping.learn import FOLDER, SHIPPED, aliases, extracts, text
from wsd_pipeline.contracts import landed_tables, table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.vault.headers import dictionary, likeness, nearness, raw_words, vocabulary, words_of

TARGET = 0.9

WORDS = {
    "AdmiDate": ("admission", "date"),
    "ADMI_DT": ("admission", "date"),
    "admidate": ("admission", "date"),
    "D.O.B.": ("date", "birth"),
    "Patient's Last Name": ("patient", "surname", "name"),
    "opertn_01": ("operation", "1"),
    "NHSNo": ("nhs", "number"),
}


@pytest.mark.parametrize("header", WORDS)
def test_headers_are_taken_apart_and_written_out(header: str) -> None:
    assert words_of(header) == WORDS[header]


def test_near_words_are_of_one_beginning_or_share_most_of_their_letters() -> None:
    assert nearness("admission", "admissions") == 1
    assert nearness("ethnicity", "ethnicty") > 0.7
    assert nearness("start", "end") < 0.3


@pytest.mark.slow
def test_a_contracts_own_headers_are_always_its_likest() -> None:
    for feed in landed_tables():
        headers = [c.source_header for c in feed.landed_columns]
        found = likeness(feed, headers, {})
        for i, row in enumerate(found):
            assert row[i] == max(row), feed.key


def test_the_dictionary_reads_as_words() -> None:
    """YAML takes a bare no or on for false and true."""
    assert {"no", "on"} <= dictionary().known()
    assert "true" not in dictionary().known()


def test_the_shipped_aliases_are_those_of_the_extracts() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == text(aliases(extracts())), "run: python -m tests.mapping.learn"


def test_the_extracts_say_the_truth_about_columns_there_are() -> None:
    found = extracts()
    assert len(found) == 12
    for extract in found:
        feed = table(f"landed.{extract.feed}")
        assert isinstance(feed, LandedTable)
        named = [column for _, column, _ in extract.headers if column]
        assert set(named) <= {c.name for c in feed.landed_columns} and len(set(named)) == len(named), extract.name
        own = {c.source_header for c in feed.landed_columns}
        strange = sum(header not in own for header, _, _ in extract.headers)
        assert strange >= 0.5 * len(extract.headers), f"{extract.name} is not named differently"


def test_no_name_of_a_person_is_a_word_of_ours() -> None:
    from tests.vault_files import FORENAMES, SURNAMES

    names = {word for name in (*FORENAMES, *SURNAMES) for word in raw_words(name)} - {"baby"}
    assert not names & vocabulary()


@pytest.mark.slow
def test_nine_in_ten_columns_of_an_extract_never_seen_are_found() -> None:
    """Each of the twelve is left out of the aliases in turn; columns stand as written, and in an order by chance."""
    written = extracts()
    for order in (lambda extract: extract, in_other_order):
        asked = [order(extract) for extract in written]
        scores = [
            score(extract, shapes_of(extract), [other for other in written if other.name != extract.name])
            for extract in asked
        ]
        assert sum(s.found for s in scores) / sum(s.supplied for s in scores) >= TARGET
        assert sum(s.right for s in scores) / sum(s.columns for s in scores) >= TARGET
        assert min(s.found / s.supplied for s in scores) >= 0.75, "no extract is left to its supplier"


def test_header_words_hold_no_suppliers_own_name() -> None:
    """General words only: a whole header of an extract as a short form would be learning from the test."""
    raw = yaml.safe_load((SHIPPED.parent / "header_words.yaml").read_text(encoding="utf-8"))
    whole = {header.lower() for extract in extracts() for header, column, _ in extract.headers if column}
    assert {word for word in raw["short"] if word in whole} <= {"dob", "asd", "dod", "psr", "urn"}


@pytest.mark.slow
def test_four_extracts_that_nothing_was_learned_from_are_found_too() -> None:
    written = extracts(FOLDER / "unseen")
    assert len(written) == 4
    for order in (lambda extract: extract, in_other_order):
        scores = [score(order(extract), shapes_of(order(extract)), extracts()) for extract in written]
        assert sum(s.right for s in scores) / sum(s.columns for s in scores) >= TARGET
