"""The files of children's social care: children born and expected, and what was done for each of them.

A child is told by the council's id; the rows of every file carry it. Unborn children have an expected date of birth,
no date of birth, and stand for nobody in the truth. An adopted child's record says so and is closed.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.council.clients import dfe_ethnicity, own_ref, place, sent
from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.identity import identity, stale_home
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.services.council import childrens_care as care
from synthetic_data.services.council import childrens_lists
from synthetic_data.services.council import schools as sch
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.names import shown
from synthetic_data.world.rows import NONE, Array, Rows, scattered
from synthetic_data.world.state import Borough, stable
from wsd_pipeline.contracts.landed import children_social_care as lists

FEED = "csc__children"
NEEDS = [f"N{i}" for i in range(10)]
CODED = ("upn_unknown_reason", "sex", "ethnicity", "disability_codes", "is_sensitive", "is_adopted")
PRIME = 9_999_991


def feeds(state: Borough, mess: Mess, label: str, since: int) -> list[Feed]:
    """`csc__*`: children with anything in the last twelve months, and their episodes."""
    book = state.tables["childrens_care"]
    at = care.visible(state, since, *(kind.table for kind in childrens_lists.KINDS))
    number = np.full(len(state.people), NONE)
    known = state.sources["csc"]
    born = np.flatnonzero(known["person"] >= 0)
    number[known["person"][born]] = born
    listed = np.unique(np.r_[number[book["person"][at]], _fresh(state)])
    return [
        _children(state, mess, label, listed),
        _needs(state, mess, label, since, number),
        _plans(state, mess, label, since, number),
        _looked_after(state, mess, label, since, number),
        _help(state, mess, label, since, number),
    ]


def _fresh(state: Borough) -> Array:
    """Records of children who were expected and have been born lately."""
    known = state.sources["csc"]
    return np.flatnonzero((known["person"] >= 0) & (known["mother"] >= 0) & (known["due"] > state.today - 365))


def ref(state: Borough, number: Array) -> pl.Series:
    """The council's ids of children, by record."""
    return pl.Series(scattered(number, PRIME, state.seed + 51, 1)).cast(pl.String)


def unborn(state: Borough) -> Array:
    """Records of children expected and not yet born."""
    known = state.sources["csc"]
    return np.flatnonzero(
        (known["person"] == NONE) & (known["noted"] <= state.today) & (known["due"] > state.today - 14)
    )


def _children(state: Borough, mess: Mess, label: str, at: Array) -> Feed:
    p, person = state.people, state.sources["csc"]["person"][at]
    names = identity(state, mess, FEED, label, at, person)
    postcode, uprn = place(state, mess, FEED, label, at, person, stale_home(state, "csc", person, 50))
    has, roll = members(state)[person], stable(state, "csc", person)
    upn, reason = _pupil_numbers(state, person)
    book = state.tables["childrens_care"]
    adopted = np.isin(person, book["person"][(book["end_reason"] == childrens_lists.ADOPTED) & (book["kind"] == 3)])
    disability = np.select(
        [has[:, number_of("LD")], has[:, number_of("AUT")], roll < 0.02, roll < 0.04], [1, 2, 3, 4], 0
    )
    rows = pl.DataFrame(
        {
            "child_ref": ref(state, at),
            "nhs_number": names["nhs_number"],
            "upn": upn,
            "upn_unknown_reason": reason,
            "surname": names["surname"].str.to_titlecase(),
            "forename": names["forename"].str.to_titlecase(),
            "birth_date": names["birth_date"],
            "sex": pick(["M", "F"], p["sex"][person] - 1),
            "ethnicity": dfe_ethnicity(state, person, "csc", 0.03),
            "death_date": dates(p["death"][person], state.today),
            "disability_codes": pick(["NONE", "LD", "AUT;COMM", "MOB", "BEH"], disability),
            "postcode": postcode,
            "uprn": uprn,
            "is_sensitive": pick(["N", "Y"], (roll > 0.985).astype(int)),
            "is_adopted": pick(["N", "Y"], adopted.astype(int)),
        }
    )
    made = sent(state, mess, FEED, label, rows, at, person, "csc", ("child_ref",))
    return Feed(FEED, pl.concat([made.rows, _unborn_rows(state)], how="diagonal"), made.records)


def _unborn_rows(state: Borough) -> pl.DataFrame:
    """Children expected: the mother's surname and home, no date of birth, no name of their own."""
    known, at = state.sources["csc"], unborn(state)
    mother = known["mother"][at]
    _, surname, _ = shown(state.people, mother)
    postcode, uprn = place(state, None, FEED, "", mother, mother, state.people["home"][mother])
    return pl.DataFrame(
        {
            "child_ref": ref(state, at),
            "upn_unknown_reason": ["UN1"] * len(at),
            "surname": surname.str.to_titlecase(),
            "forename": pl.Series(["Unborn"] * len(at), dtype=pl.String),
            "expected_birth_date": dates(known["due"][at]),
            "sex": ["U"] * len(at),
            "ethnicity": ["NOBT"] * len(at),
            "disability_codes": ["NONE"] * len(at),
            "postcode": postcode,
            "uprn": uprn,
            "is_sensitive": ["N"] * len(at),
            "is_adopted": ["N"] * len(at),
        },
        schema_overrides=dict.fromkeys(CODED, pl.String),
    )


def _pupil_numbers(state: Borough, person: Array) -> tuple[pl.Series, pl.Series]:
    """UPNs of those who are or were on roll, and why others have none."""
    pupils = state.sources["education"]
    row = np.full(len(state.people), NONE)
    row[pupils["person"]] = np.arange(len(pupils))
    at = row[person]
    known = (at >= 0) & (stable(state, "csc upn", person) < 0.9)
    upn = blanked(pl.Series(sch.upn(pupils, np.maximum(at, 0))), ~known) if len(pupils) else pl.Series([None] * len(at))
    young = state.age(person, state.today) < 5
    return upn, blanked(pick(["UN2", "UN1"], young.astype(int)), known)


def _rows(state: Borough, mess: Mess, feed: str, label: str, at: Array, number: Array, **columns: pl.Series) -> Feed:
    """Rows of a kind with the child's id before them; some are sent twice."""
    person = state.tables["childrens_care"]["person"][at]
    rows = pl.DataFrame({"child_ref": ref(state, number[person]), **columns})
    return sent(state, mess, feed, label, rows, at, person)


def _ended(state: Borough, words: tuple[str, ...], book: Rows, at: Array) -> pl.Series:
    """Why each of some rows ended; empty while it runs."""
    word = pick(list(words), np.clip(book["end_reason"][at], 0, len(words) - 1))
    return blanked(word, book["end"][at] > state.today)


def _needs(state: Borough, mess: Mess, label: str, since: int, number: Array) -> Feed:
    book, at = state.tables["childrens_care"], care.visible(state, since, "need")
    end = book["end"][at]
    made = _rows(
        state, mess, "csc__children_in_need", label, at, number,
        need_episode_ref=own_ref(state, "R", at, 57),
        referral_date=dates(book["start"][at]),
        referral_source_code=pick(list(lists.REFERRAL_SOURCES), book["source"][at]),
        primary_need_code=pick(NEEDS, book["need"][at]),
        closure_date=dates(end, state.today),
        closure_reason_code=_ended(state, lists.CLOSURE_REASONS, book, at),
        is_no_further_action=pick(["0", "1"], book["nfa"][at].astype(int)),
    )  # fmt: skip
    return Feed(made.table, pl.concat([made.rows, _unborn_needs(state)], how="diagonal"), made.records)


def _unborn_needs(state: Borough) -> pl.DataFrame:
    at = unborn(state)
    return pl.DataFrame(
        {
            "child_ref": ref(state, at),
            "need_episode_ref": own_ref(state, "B", at, 57),
            "referral_date": dates(state.sources["csc"]["noted"][at]),
            "referral_source_code": pl.Series(["3C"] * len(at), dtype=pl.String),
            "primary_need_code": pl.Series(["N1"] * len(at), dtype=pl.String),
            "is_no_further_action": pl.Series(["0"] * len(at), dtype=pl.String),
        }
    )


def _plans(state: Borough, mess: Mess, label: str, since: int, number: Array) -> Feed:
    book, at = state.tables["childrens_care"], care.visible(state, since, "plan")
    return _rows(
        state, mess, "csc__protection_plans", label, at, number,
        plan_ref=own_ref(state, "P", at, 57),
        plan_start_date=dates(book["start"][at]),
        plan_end_date=dates(book["end"][at], state.today),
        initial_abuse_category=pick(list(lists.ABUSE_CATEGORIES), book["category"][at]),
        latest_abuse_category=pick(list(lists.ABUSE_CATEGORIES), book["latest"][at]),
        previous_plan_count=pl.Series(book["earlier"][at]),
    )  # fmt: skip


def _looked_after(state: Borough, mess: Mess, label: str, since: int, number: Array) -> Feed:
    book, at = state.tables["childrens_care"], care.visible(state, since, "care", "break")
    end, short = book["end"][at], book["legal"][at] == childrens_lists.SHORT_BREAK
    code = pl.Series(list(state.postcode))
    homes = state.homes
    entry = book["entry"][at]
    return _rows(
        state, mess, "csc__looked_after", label, at, number,
        episode_start_date=dates(book["start"][at]),
        episode_reason_code=pick(["S", "P"], book["reason"][at]),
        legal_status_code=pick(list(childrens_lists.LEGAL), book["legal"][at]),
        primary_need_code=pick(NEEDS, np.where(short, 2, np.maximum(book["need"][at], 1).clip(1, 8))),
        placement_code=pick(list(childrens_lists.PLACES), np.where(short, 2, book["place"][at])),
        episode_end_date=dates(end, state.today),
        episode_end_code=_ended(state, childrens_lists.ENDS, book, at),
        entry_postcode=blanked(code.gather(homes["post"][np.maximum(entry, 0)].astype(np.uint32)), entry < 0),
        placement_postcode=code.gather(homes["post"][book["at"][at]].astype(np.uint32)),
        is_unaccompanied=pick(["0", "1"], book["alone"][at].astype(int)),
    )  # fmt: skip


def _help(state: Borough, mess: Mess, label: str, since: int, number: Array) -> Feed:
    book, at = state.tables["childrens_care"], care.visible(state, since, "help")
    end = book["end"][at]
    return _rows(
        state, mess, "csc__early_help", label, at, number,
        episode_ref=own_ref(state, "E", at, 57),
        start_date=dates(book["start"][at]),
        end_date=dates(end, state.today),
        reason_code=pick(NEEDS, book["need"][at]),
        end_reason=_ended(state, lists.EARLY_HELP_ENDS, book, at),
    )  # fmt: skip
