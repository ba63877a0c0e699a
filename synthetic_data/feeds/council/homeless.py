"""The homelessness files (H-CLIC): people of cases by duty, and their stays in temporary accommodation.

They come each quarter. Some members of a household are known by year of birth only: that is `dob_missing` here.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.council.clients import own_ref, place, sent
from synthetic_data.feeds.feed import Feed, nobody, truth_records
from synthetic_data.feeds.identity import identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import blanked, dates, pick
from synthetic_data.services.council import homeless as hom
from synthetic_data.world import households as hh
from synthetic_data.world.rows import NEVER, Array
from synthetic_data.world.state import PRIVATE, Borough, stable
from wsd_pipeline.contracts.landed import homelessness as lists

PEOPLE, PLACEMENTS = "homelessness__people", "homelessness__placements"
LIVED = (
    "private rented sector",
    "council tenant",
    "registered provider tenant",
    "living with family",
    "owner occupier",
    "rough sleeping",
)


def is_due(month: str, first_month: str) -> bool:
    """Whether the files come in this month: at a quarter's end, and once to begin with."""
    return month == first_month or int(month[5:]) % 3 == 0


def feeds(state: Borough, mess: Mess, label: str, since: int) -> list[Feed]:
    """`homelessness__*`: cases with a duty owed or a stay in the last twelve months."""
    cases, people = state.tables["cases"], state.tables["case_people"]
    live = (np.where(cases["main"] != NEVER, cases["end"], cases["until"]) >= since) & (cases["opened"] <= state.today)
    at = np.flatnonzero(live[people["case"]])
    at = at[state.people["birth"][people["person"][at]] <= cases["opened"][people["case"][at]]]
    return [_people(state, mess, label, at), _placements(state, mess, label, at, since)]


def _people(state: Borough, mess: Mess, label: str, at: Array) -> Feed:
    cases, people = state.tables["cases"], state.tables["case_people"]
    person, case = people["person"][at], people["case"][at]
    names = identity(state, mess, PEOPLE, label, at, person)
    home = _applied_from(state, case)
    postcode, uprn = place(state, mess, PEOPLE, label, at, person, home)
    year = state.people["birth"][person].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    unknown = names["birth_date"].is_null()
    who = pl.DataFrame(
        {
            "case_ref": own_ref(state, "H", case, 71),
            "person_no": people["number"][at],
            "surname": names["surname"].str.to_titlecase(),
            "forename": names["forename"].str.to_titlecase(),
            "birth_date": names["birth_date"],
            "birth_year": pl.select(pl.when(unknown).then(pl.Series(year))).to_series(),
            "sex": pick(["Male", "Female"], state.people["sex"][person] - 1),
            "relationship": pick(list(lists.RELATIONSHIPS), people["role"][at]),
            "application_date": dates(cases["opened"][case]),
            "household_type": pick(list(lists.HOUSEHOLD_TYPES), cases["kind"][case]),
            "loss_reason": pick(list(lists.LOSS_REASONS), cases["reason"][case]),
            "accommodation": _accommodation(state, case),
            "support_needs": _support(state, case),
            "postcode": postcode,
            "uprn": uprn,
        }
    )
    first, main = np.arange(len(at)), np.flatnonzero(cases["main"][case] <= state.today)
    rows = np.r_[first, main]
    which = np.r_[np.zeros(len(first), bool), np.ones(len(main), bool)]
    of = case[rows]
    begun = np.where(which, cases["main"][of], cases["opened"][of] + 2)
    over = np.where(which, cases["end"][of], cases["until"][of])
    duty = np.where(which, hom.MAIN, cases["duty"][of])
    ends = [
        "secured accommodation for six months",
        "56 days elapsed",
        "contact lost",
        "withdrew",
        "refused offer",
        "other",
    ]
    reason = np.where(which, 0, np.where(cases["main"][of] != NEVER, 1, cases["result"][of]))
    known = over <= state.today
    made = who.gather(rows).with_columns(
        assessment_date=dates(np.minimum(begun, np.maximum(over, cases["opened"][of])), state.today),
        duty=pick(list(lists.DUTIES), duty),
        duty_end_date=dates(over, state.today),
        duty_end_reason=blanked(pick(ends, reason), ~known),
    )
    feed = sent(state, mess, PEOPLE, label, made, np.r_[at, at[main] + len(state.tables["case_people"])], person[rows])
    keys = who.select(pl.concat_str("case_ref", pl.col("person_no").cast(pl.String), separator="|")).to_series()
    return Feed(PEOPLE, feed.rows, truth_records("homelessness", keys, person))


def _applied_from(state: Borough, case: Array) -> Array:
    """Where the household was when it applied: the home before the one it is put up in; nowhere for rough sleepers."""
    cases, p = state.tables["cases"], state.people
    lead = cases["lead"][case]
    here = (cases["stay"][case] != NEVER) & ~cases["away"][case]
    home = np.where(here, p["home_before"][lead], cases["home"][case])
    return np.where(p["kind"][lead] == hh.ROUGH, -1, home)


def _accommodation(state: Borough, case: Array) -> pl.Series:
    cases, p = state.tables["cases"], state.people
    lead, home = cases["lead"][case], cases["home"][case]
    tenure = np.where(home >= 0, state.homes["tenure"][np.maximum(home, 0)], PRIVATE)
    lodged = stable(state, "lodged", case) < 0.3
    number = np.select([p["kind"][lead] == hh.ROUGH, lodged, tenure == 2, tenure == 3, tenure == 0], [5, 3, 1, 2, 4], 0)
    return pick(list(LIVED), number)


def _support(state: Borough, case: Array) -> pl.Series:
    """The household's support needs, joined by semicolons; empty where it has none."""
    lead, where = np.unique(state.tables["cases"]["lead"][case], return_inverse=True)
    needs = hom.needs(state, lead)
    words = pl.DataFrame(
        {f"n{i}": pick(["", word], needs[:, i].astype(int)) for i, word in enumerate(lists.SUPPORT_NEEDS)}
    )
    joined = words.select(pl.concat_list(pl.all()).list.eval(pl.element().filter(pl.element() != "")).list.join(";"))
    return joined.to_series().replace("", None).gather(where.astype(np.uint32))


def _placements(state: Borough, mess: Mess, label: str, at: Array, since: int) -> Feed:
    cases, people = state.tables["cases"], state.tables["case_people"]
    case = people["case"][at]
    put_up = (cases["stay"][case] <= state.today) & (cases["stay_end"][case] >= since)
    at, case = at[put_up], case[put_up]
    postcode, uprn = place(state, None, PLACEMENTS, label, at, people["person"][at], cases["place"][case])
    kind = (stable(state, "put up", case) * 20).astype(int)
    rows = pl.DataFrame(
        {
            "case_ref": own_ref(state, "H", case, 71),
            "person_no": people["number"][at],
            "placement_no": np.ones(len(at), np.int64),
            "accommodation_type": pick(
                list(lists.ACCOMMODATION_TYPES),
                np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5])[kind],
            ),
            "placement_start_date": dates(cases["stay"][case]),
            "placement_end_date": dates(cases["stay_end"][case], state.today),
            "is_out_of_borough": pick(["N", "Y"], cases["away"][case].astype(int)),
            "postcode": postcode,
            "uprn": blanked(uprn, cases["away"][case] & (stable(state, "far", case) < 0.5)),
        }
    )
    made = sent(state, mess, PLACEMENTS, label, rows, at, people["person"][at])
    return Feed(PLACEMENTS, made.rows, nobody())
