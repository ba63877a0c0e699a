"""`person.profile` as SQL, made from the facts that rules may ask: each known only where its feeds stand."""

from __future__ import annotations

import re

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.person.facts import FACTS, Fact, profile_feeds, profile_tables

_WORD = re.compile(r"(?<![$\w])[a-z][a-z0-9_]*\b(?!\()")  # a column: no parameter, no function
_SQL_WORDS = {"is", "not", "null", "case", "when", "then", "else", "end", "and", "or", "coalesce", "true", "false"}


def profile_sql() -> str:
    """SQL of `person.profile`: the eligible people, whether each feed stands, and every fact as far as it is known."""
    tables = "".join(
        f"\n\n{table} as (\n    select\n        person_id,\n        {_used(table)}\n    from person.{table}\n),"
        for table in profile_tables()
    )
    joins = "\n".join(f"left join {table} on {table}.person_id = people.person_id" for table in profile_tables())
    shown = ",\n    ".join(line for fact in FACTS for line in _lines(fact))
    feeds = ",\n        ".join(
        f"coalesce(max(case when feed = {literal(feed)} and not is_stale then 1 end) = 1, false) as has_{feed}"
        for feed in profile_feeds()
    )
    return f"""-- person.profile: one row per person eligible at the snapshot date, with what segment rules may ask.
with people as (
    select person_id, age_years, sex, population_basis, has_health_record
    from person.demographics
    where is_eligible
),

supplied as (
    select
        {feeds}
    from reference.received_feeds
),{tables[:-1]}

select
    people.person_id, age_years, sex, population_basis, has_health_record,
    {shown}
from people
cross join supplied
{joins}
"""


def _used(table: str) -> str:
    """The columns of a table that its facts read."""
    texts = [
        text for fact in FACTS if fact.table == table for text in (fact.value, *(column for column, _ in fact.dates))
    ]
    names = {word for text in texts for word in _WORD.findall(text)} - _SQL_WORDS
    return ",\n        ".join(sorted(name for name in names if name.removeprefix("has_") not in profile_feeds()))


def _lines(fact: Fact) -> list[str]:
    asked = " and ".join([f"has_{feed}" for feed in fact.feeds] + ["has_health_record"] * fact.of_patients)
    value = _qualified(fact, fact.value)
    lines = [f"known({asked}, coalesce({value}, {fact.otherwise})) as {fact.name}"]
    for column, name in fact.dates:
        # care_home_date and the like are read once, whatever the number of facts they stand beside
        lines.append(f"{_qualified(fact, column)} as {name}")
    return lines


def _qualified(fact: Fact, text: str) -> str:
    """The SQL with each column of the fact's table under the table's name."""

    def named(match: re.Match[str]) -> str:
        word = match.group()
        known = word in _SQL_WORDS or word.removeprefix("has_") in profile_feeds()
        return word if known else f"{fact.table}.{word}"

    return _WORD.sub(named, text)
