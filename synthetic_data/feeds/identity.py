"""Who a row says it is about: number, names, date of birth, address and group as a source has them, mistaken or not."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.feed import contract
from synthetic_data.feeds.mess import MOVER_UPRN_MISSING, Mess, recent_movers, varied_names, wrong_birth, wrong_number
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.world import addresses, closures
from synthetic_data.world import borough as bor
from synthetic_data.world.closures import former_number
from synthetic_data.world.names import shown
from synthetic_data.world.rows import Array
from synthetic_data.world.state import Borough, nhs_numbers, stable
from wsd_pipeline.contracts.core import Identity

UNKNOWN_ETHNICITY = {"gp": 0.05, "apc": 0.08, "asc": 0.04, "ecds": 0.09, "education": 0.02, "mhsds": 0.05, "csds": 0.12}
USUALLY_UNKNOWN = 0.08  # of a source not named above


def identity(
    state: Borough, mess: Mess, feed: str, label: str, records: Array, person: Array, weight: Array | None = None
) -> pl.DataFrame:
    """Number, names and date of birth as one feed holds them, an entry for each record; only what its contract has."""
    p, held = state.people, contract(feed).identity_columns
    rates = mess.rates.of(feed)
    out: dict[str, pl.Series] = {}
    if Identity.NHS_NUMBER in held:
        number = p["nhs"][person]
        old = former_number(state, person)
        number = np.where((old > 0) & (records % 2 == 0) & (feed != "gp__registrations"), old, number)
        before = closures.is_before(state, feed, records, person)
        number = np.where(before, closures.closed_number(state, person), number)
        missing, _ = mess.choose(feed, "nhs_missing", records, person, label, weight, allowed=~before)
        if "nhs_wrong" in rates:
            wrong, roll = mess.choose(feed, "nhs_wrong", records, person, label, allowed=~missing & ~before)
            spare = nhs_numbers(state.seed, 880_000 - person % 20_000)
            number = np.where(wrong, wrong_number(number, roll, spare), number)
        out["nhs_number"] = blanked(pl.Series(number).cast(pl.String), missing)
    birth, wrong = p["birth"][person], np.zeros(len(person), bool)
    if "dob_wrong" in rates:
        wrong, roll = mess.choose(feed, "dob_wrong", records, person, label)
        birth = np.where(wrong, wrong_birth(birth, roll, state.today), birth)
    shown_birth = dates(birth)
    if "dob_missing" in rates:
        shown_birth = blanked(shown_birth, mess.choose(feed, "dob_missing", records, person, label, allowed=~wrong)[0])
    out["birth_date"] = shown_birth
    if Identity.FORENAME in held:
        forename, surname, former = shown(p, person)
        if Identity.NHS_NUMBER in held:
            forename, surname = closures.names_before(state, before, person, forename, surname)
        varied, roll = mess.choose(feed, "name_variant", records, person, label)
        at = np.flatnonzero(varied)
        if len(at):
            new_f, new_s = varied_names(forename.gather(at), surname.gather(at), roll[at])
            forename, surname = forename.scatter(at, new_f), surname.scatter(at, new_s)
        out |= {"forename": forename, "surname": surname, "former_surname": former}
    return pl.DataFrame(out)


def address(
    state: Borough, mess: Mess | None, feed: str, label: str, records: Array, person: Array, home: Array
) -> pl.DataFrame:
    """Address lines, postcode and UPRN of homes, as one feed holds them; no fixed abode where the home is negative."""
    homes = state.homes
    at = np.maximum(home, 0)
    fixed = home >= 0
    if mess is None:
        missing = np.zeros(len(home), bool)
    else:
        movers = recent_movers(state, person) & fixed
        share = float(movers.mean()) if len(movers) else 0.0
        factor, stratum = None, None
        if feed == "gp__registrations" and 0 < share < 0.3:
            times = MOVER_UPRN_MISSING
            factor, stratum = np.where(movers, times, (1 - share * times) / (1 - share)), movers
        missing, _ = mess.choose(
            feed, "uprn_missing", records, person, label, stratum=stratum, factor=factor, allowed=fixed
        )
    lines = addresses.written(state, at, person, feed, missing)
    is_fixed = pl.Series(fixed)
    lines = lines.with_columns(
        pl.when(is_fixed).then(f"address_line_{i}").otherwise(pl.lit("NO FIXED ABODE" if i == 1 else None))
        for i in range(1, 5)
    )
    return lines.with_columns(
        postcode=pl.when(is_fixed).then("postcode").otherwise(pl.lit("ZZ99 3VZ")),
        uprn=blanked(pl.Series(homes["uprn"][at]).cast(pl.String), missing | ~fixed),
    )


def ethnicity(state: Borough, column: str, source: str, person: Array, unknown: list[str]) -> pl.Series:
    """The group as a source codes it, not known for some."""
    roll = stable(state, source, person)
    known = pick(bor.ethnicities()[column].to_list(), state.people["eth"][person])
    blank = pick(unknown, (roll * 1e4).astype(int) % len(unknown))
    return pl.select(
        pl.when(pl.Series(roll < UNKNOWN_ETHNICITY.get(source, USUALLY_UNKNOWN))).then(blank).otherwise(known)
    ).to_series()


def stale_home(state: Borough, source: str, person: Array, mean_days: float) -> Array:
    """The home a source knows of: for a while after a move inside the borough, the old one."""
    p = state.people
    wait = -mean_days * np.log(1 - stable(state, source + " wait", person))
    late = (state.today - p["moved"][person] < wait) & (p["home_before"][person] >= 0)
    return np.where(late, p["home_before"][person], p["home"][person])
