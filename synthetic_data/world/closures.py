"""People whose record was closed and another given: at adoption, and when their gender was recognised; or merged.

The practice knows them as they are now; every other service that knew them before may still hold who they were, under
the number that was closed and the name of then. To the truth those are two people: nobody may be told they are one.
Of two records merged the truth is one person with a former number.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.world.names import shown
from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough, nhs_numbers

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


def former_number(state: Borough, person: Array) -> Array:
    """The NHS number a person had before two records were merged; 0 for nearly everybody."""
    has = person % 331 == 7
    return np.where(has, nhs_numbers(state.seed, 909_090 - person // 331), 0)
