"""From a seed to an inbox: the borough begun, a year of history, then month after month written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from synthetic_data.feeds import opt_outs
from synthetic_data.feeds.mess import ErrorRates, Mess
from synthetic_data.feeds.month import extracts
from synthetic_data.feeds.reference import write_reference
from synthetic_data.feeds.write import write_feed
from synthetic_data.services.council import month as council
from synthetic_data.services.council import schools, social_care, tenancies
from synthetic_data.services.health import emergency, hospital
from synthetic_data.services.health import month as health
from synthetic_data.services.health.spells import end_at_death
from synthetic_data.truth.month import write_truth
from synthetic_data.world import calendar, conditions, pregnancies
from synthetic_data.world.calendar import bounds, day
from synthetic_data.world.months import pass_month
from synthetic_data.world.past_deaths import bury
from synthetic_data.world.people import start
from synthetic_data.world.state import Borough
from wsd_pipeline.settings import Project, month_after, month_before, month_of, snapshot_date

MOST_PEOPLE = 600_000  # the 999 range has 909,091 valid NHS numbers, and movers use them up


@dataclass(frozen=True)
class Summary:
    """What was written: for each month the rows of each feed, and people resident and registered at its end."""

    months: tuple[str, ...]
    rows: dict[str, dict[str, int]]
    residents: dict[str, int]
    registered: dict[str, int]


def generate(
    project: Project, *, people: int, months: Sequence[str], seed: int, errors: ErrorRates | None = None
) -> Summary:
    """Write the extracts of a borough with `people` on its practice lists into the project's inbox.

    `months` follow on from each other, YYYY-MM. The same arguments write the same bytes; more months add files and
    change none of those before, except that the reference files grow.
    """
    names = [month_of(m) for m in months]
    if not names or any(month_after(a) != b for a, b in pairwise(names)):
        raise ValueError("months must follow on from each other")
    if not 200 <= people <= MOST_PEOPLE:
        raise ValueError(f"people must be from 200 to {MOST_PEOPLE}")
    state = begin(seed, people, names[0])
    mess = Mess(state, errors or ErrorRates())
    rows: dict[str, dict[str, int]] = {}
    residents, registered = {}, {}
    held: dict[str, pl.DataFrame] = {}
    for month in names:
        advance(state, month)
        feeds = extracts(state, mess, month, names[0])
        rows[month] = {feed.table: feed.rows.height for feed in feeds}
        for feed in feeds:
            write_feed(project, month, feed)
        held |= {feed.table: feed.records for feed in feeds}
        write_truth(project, month, state, mess, held.values())
        residents[month] = int(state.is_resident(state.today).sum())
        registered[month] = feeds[0].records["true_person"].n_unique()
    write_reference(project, state)
    opt_outs.write_lists(project, state, names)
    return Summary(tuple(names), rows, residents, registered)


def begin(seed: int, people: int, first_month: str) -> Borough:
    """The borough on the eve of the first month, with a year of use of services behind it.

    Of hospitals and social care there is half a year more: what became of those who went home from hospital in the
    autumn before last is looked for in months from January to March.
    """
    eve = day(snapshot_date(month_before(first_month)))
    state = start(seed, people, eve)
    conditions.maintain(state, "start", eve)
    past = [first_month]
    for _ in range(calendar.CARE_MONTHS):
        past.append(month_before(past[-1]))
    year = bounds(past[12])[0]
    bury(state, year)
    pregnancies.begin(state, eve)
    social_care.begin(state)
    for month in reversed(past[13:]):
        first, last = bounds(month)
        social_care.pass_month(state, month, first, last, hospital.admit(state, month, first, last))
    emergency.begin(state)
    health.begin(state, year)
    for month in reversed(past[1:13]):
        first, last = bounds(month)
        spells = hospital.admit(state, month, first, last)
        social_care.pass_month(state, month, first, last, spells)
        emergency.attend(state, month, first, last)
        health.pass_month(state, month, first, last)
        health.book(state, month, first, last)
    health.book(state, first_month, *bounds(first_month))
    schools.enrol(state, "start")
    tenancies.keep(state, "start", eve)
    council.begin(state)
    return state


def advance(state: Borough, month: str) -> None:
    """Live through one month."""
    first, last = bounds(month)
    pass_month(state, month, first, last)
    pregnancies.conceive(state, month, first, last)
    end_at_death(state, first)
    conditions.refresh_yearly(state, month)
    conditions.maintain(state, month, first)
    spells = hospital.admit(state, month, first, last)
    social_care.pass_month(state, month, first, last, spells)
    emergency.attend(state, month, first, last)
    health.pass_month(state, month, first, last)
    health.book(state, month_after(month), *bounds(month_after(month)))
    schools.enrol(state, month)
    tenancies.keep(state, month, first)
    council.advance(state, month, first)
