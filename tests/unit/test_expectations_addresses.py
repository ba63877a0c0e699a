"""Addresses that came to no home: counted for every feed, and compared between practices, groups and by recency."""

from __future__ import annotations

import pytest

from expectations.addresses import address_rules
from wsd_pipeline.contracts import table

GP = table("pseudo.gp__registrations")
ROWS = """
    select case when i % 2 = 0 then 'F84001' else 'F84002' end as practice_code,
        case when i % 4 < 2 then 'A' else 'K' end as ethnic_category,
        date '2026-01-31' - case when i % 8 < 4 then 10 else 800 end as registered_date,
        case when {lost} then {as_what} else 'best_residential' end as address_qualifier
    from range(2000) t(i)"""


def judged(lost: str, as_what: str = "null") -> set[str]:
    """Names of the rules that fail."""
    import duckdb

    with duckdb.connect() as con:
        con.execute(f"create view checked as {ROWS.format(lost=lost, as_what=as_what)}")
        failing = set()
        for rule in address_rules(GP):
            failed, checked = con.execute(f"select {rule.failed}, {rule.checked} from checked").fetchall()[0]
            assert checked > 0
            if failed > rule.limit * checked:
                failing.add(rule.check)
    return failing


@pytest.mark.parametrize("as_what", ["null", "'parent'", "'street'", "'former'"])
def test_too_many_addresses_without_a_home_are_noticed(as_what: str) -> None:
    assert judged("i % 50 = 0", as_what) == set()
    assert judged("i % 5 = 0", as_what) == {"addresses_found"}


@pytest.mark.parametrize(
    ("lost", "group"),
    [
        ("i % 2 = 0 and i < 320", "practice"),
        ("i % 4 < 2 and i < 320", "ethnicity"),
        ("i % 8 < 4 and i < 320", "recency"),
    ],
)
def test_a_group_that_falls_behind_is_noticed(lost: str, group: str) -> None:
    assert judged(lost) == {f"addresses_found_by_{group}"}


def test_only_feeds_that_say_where_people_live_are_asked() -> None:
    assert address_rules(table("pseudo.gp__conditions")) == []
    assert [r.check for r in address_rules(table("pseudo.housing__tenancies"))] == ["addresses_found"]
