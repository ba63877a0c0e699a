"""People whose record was closed and another given: at adoption, and when their gender was recognised.

The practice knows them as they are now; every other service that knew them before may still hold who they were, under
the number that was closed and the name of then. To the truth those are two people: nobody may be told they are one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl

from synthetic_data.names import shown
from synthetic_data.rows import Array
from synthetic_data.state import Borough, nhs_numbers
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import LandedTable

if TYPE_CHECKING:
    from synthetic_data.feeds import Feed

ADOPTED_EVERY, RECOGNISED_EVERY = 701, 1999  # of the children, of the adults
CHILDREN_SINCE = np.datetime64("2010-01-01").astype(int)
FIRST_ADOPTED, FIRST_RECOGNISED = 906_500, 905_400  # places of their closed numbers among the valid ones
CLOSED = 1_000_000_000
"""Added to a person's number: who they were, to the truth."""


def is_adopted(state: Borough, person: Array) -> Array:
    """Whether the person was adopted and given another number."""
    return (person % ADOPTED_EVERY == 5) & (state.people["birth"][person] >= CHILDREN_SINCE)


def is_recognised(state: Borough, person: Array) -> Array:
    """Whether the person's gender was recognised and another number given."""
    return (person % RECOGNISED_EVERY == 11) & (state.people["birth"][person] < CHILDREN_SINCE)


def closed_number(state: Borough, person: Array) -> Array:
    """The NHS number that was closed; 0 for nearly everybody."""
    adopted, recognised = is_adopted(state, person), is_recognised(state, person)
    place = np.where(adopted, FIRST_ADOPTED - person // ADOPTED_EVERY, FIRST_RECOGNISED - person // RECOGNISED_EVERY)
    return np.where(adopted | recognised, nhs_numbers(state.seed, np.where(adopted | recognised, place, 0)), 0)


def is_before(state: Borough, feed: str, records: Array, person: Array) -> Array:
    """Whether a record is of who the person was: never the practice's, of the others every other one."""
    return (closed_number(state, person) > 0) & (records % 2 == 0) & (feed != "gp__registrations")


def names_before(
    state: Borough, before: Array, person: Array, forename: pl.Series, surname: pl.Series
) -> tuple[pl.Series, pl.Series]:
    """Names, those of then in the records of then: another surname for the adopted, another forename for the others."""
    at = np.flatnonzero(before)
    if not len(at):
        return forename, surname
    others = (person[at] * 7 + 13) % len(state.people)
    other_forename, other_surname, _ = shown(state.people, others)
    adopted = pl.Series(is_adopted(state, person[at]))
    was_forename = pl.select(pl.when(adopted).then(forename.gather(at)).otherwise(other_forename)).to_series()
    was_surname = pl.select(pl.when(adopted).then(other_surname).otherwise(surname.gather(at))).to_series()
    return forename.scatter(at, was_forename), surname.scatter(at, was_surname)


def listed(state: Borough) -> pl.DataFrame:
    """The rows of the list of replaced numbers: old, new, reason."""
    rows = np.arange(len(state.people))
    old = closed_number(state, rows)
    rows = rows[old > 0]
    reason = np.where(is_adopted(state, rows), "adoption", "gender_recognition")
    return pl.DataFrame(
        {
            "old_nhs_number": pl.Series(old[rows]).cast(pl.String),
            "new_nhs_number": pl.Series(state.people["nhs"][rows]).cast(pl.String),
            "reason": pl.Series(reason, dtype=pl.String),
        }
    )


def known_before(state: Borough, known: pl.DataFrame, person: Array) -> pl.DataFrame:
    """How people were known before, from how they are known now: another number, another name."""
    forename, surname = names_before(state, np.ones(len(person), bool), person, known["forename"], known["surname"])
    return known.with_columns(
        pl.col("true_person") + CLOSED,
        pl.Series("nhs_number", closed_number(state, person)).cast(pl.String),
        forename.alias("forename"),
        surname.alias("surname"),
        former_nhs_number=pl.lit(None, pl.String),
    )


def contract(name: str) -> LandedTable:
    """The contract of a feed."""
    found = table(f"landed.{name}")
    assert isinstance(found, LandedTable)
    return found


def told_apart(state: Borough, feeds: list[Feed]) -> list[Feed]:
    """The feeds; their truth says of records under a closed number, in every table of the source, who it was."""
    old = listed(state)["old_nhs_number"]
    known = cast(dict[str, pl.Series], state.facts.setdefault("keys of who people were", {}))
    for feed in feeds:
        held = contract(feed.table)
        if "nhs_number" in feed.rows.columns and held.person_key:
            key = pl.concat_str([pl.col(c).cast(pl.String) for c in held.person_key], separator="|")
            number = pl.col("nhs_number").str.replace_all(r"[^0-9]", "")
            found = feed.rows.filter(number.is_in(old)).select(key).to_series().alias("key")
            known[held.source] = pl.concat([known.get(held.source, found.clear()), found]).unique()
    nobody = pl.Series("key", [], dtype=pl.String)
    return [_told(feed, known.get(contract(feed.table).source, nobody)) for feed in feeds]


def _told(feed: Feed, keys: pl.Series) -> Feed:
    if keys.is_empty() or feed.records.is_empty():
        return feed
    was = pl.col("true_person") + pl.when(pl.col("person_key").is_in(keys)).then(CLOSED).otherwise(0)
    return replace(feed, records=feed.records.with_columns(true_person=was))
