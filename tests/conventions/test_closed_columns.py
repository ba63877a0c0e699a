"""Coded columns carry codes: every text that goes on as itself is closed, and nothing a person is called passes.

What is tried: names as they are written, numbers and places that would point at somebody, and words of a sentence.
Names of three letters are left out: three capitals are also what a provider's code looks like.
"""

from __future__ import annotations

import duckdb
import pytest

from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.care_labels import CLD_ETHNICITIES
from wsd_pipeline.contracts.checks import Check, OneOf, plain_label
from wsd_pipeline.contracts.core import Becomes, Landed
from wsd_pipeline.contracts.pseudo import pseudo_column
from wsd_pipeline.sql import attach_reference, macros

NAMES = ("Smith", "Begum", "Khan", "Rahman", "O'Brien", "Smith-Jones", "Miah", "Okafor", "Uddin", "Mary Ann", "Zqxanna")
POINTERS = (
    "943 476 5919", "9434765919", "999 000 0018", "E14 5AB", "E145AB", "1980-05-17", "17/05/1980", "17051980",
    "12 High Street", "FLAT 2", "020 7364 5000", "07700900123", "a.b@example.org", "Lives with daughter", "QQ123456C",
)  # fmt: skip
TRIED = tuple(form for name in NAMES for form in (name, name.upper(), name.lower())) + POINTERS
COLUMNS = {
    f"{feed.name}.{column.name}": column
    for feed in landed_tables()
    for column in feed.landed_columns
    if column.becomes is Becomes.KEEP and column.type == "VARCHAR"
}


def passing(check: Check) -> list[str]:
    rows = ", ".join(f"({i})" for i in range(len(TRIED)))
    found = duckdb.execute(
        f"select i from (values {rows}) t(i), lateral (select $tried[i + 1] as v) where not ({check.failing('v')})",
        {"tried": list(TRIED)},
    ).fetchall()
    return [TRIED[i] for (i,) in found]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_text_that_goes_on_is_closed_to_all_that_is_no_code(name: str) -> None:
    """OneOf, or Matches with a pattern of what the code looks like: see `wsd_pipeline.contracts.codes`."""
    check = COLUMNS[name].closing
    assert check is not None, f"{name} has no closing check (OneOf or Matches)"
    assert passing(check) == [], f"{name} lets through what is no code"


def test_the_trial_finds_an_open_pattern() -> None:
    from wsd_pipeline.contracts.checks import Matches

    assert set(passing(Matches(pattern=".*", means="anything"))) == set(TRIED)
    assert passing(Matches(pattern="[A-Z0-9]{3,9}", means="capitals"))


def test_no_limit_is_left_on_a_closing_check_in_pseudo() -> None:
    for feed in landed_tables():
        for column in feed.landed_columns:
            made = pseudo_column(column)
            if column.closing and made:
                assert [c.limit for c in made.checks if c.name == column.closing.name] == [0.0]


def test_labels_are_compared_as_the_macro_compares_them() -> None:
    con = duckdb.connect()
    for macro in macros():
        con.execute(macro)
    labels = ["NFA – No services offered - other reason", "Tenant (arm's length)", "Support with Memory & Cognition"]
    for label in labels:
        assert con.execute("select plain_label(?)", [label]).fetchall() == [(plain_label(label),)]
    check = OneOf(values=tuple(labels), by_label=True)
    drifted = [
        "nfa no services offered: other reason",
        "TENANT ARMS LENGTH",
        "support with memory cognition",
        "support",
    ]
    outside = [con.execute(f"select {check.failing('v')} from (select ? as v)", [d]).fetchall()[0][0] for d in drifted]
    assert outside == [False, False, False, True]


def test_every_label_that_has_an_ethnicity_group_is_one_of_client_level_data() -> None:
    con = duckdb.connect()
    attach_reference(con, ["reference.ethnicities"])
    coded = con.execute("select code from reference.ethnicities where code_list = 'cld'").fetchall()
    assert {plain_label(code) for (code,) in coded} <= {plain_label(label) for label in CLD_ETHNICITIES}


def test_only_text_is_closed() -> None:
    assert all(isinstance(column, Landed) and column.type == "VARCHAR" for column in COLUMNS.values())
