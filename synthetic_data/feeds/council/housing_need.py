"""The files of the housing register and of adaptations of homes."""

from __future__ import annotations

import numpy as np
import polars as pl

from synthetic_data.feeds.council.clients import own_ref, place, sent
from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.identity import identity
from synthetic_data.feeds.mess import Mess
from synthetic_data.feeds.series import dates, pick
from synthetic_data.services.council.housing_need import households
from synthetic_data.world.calendar import year_to
from synthetic_data.world.conditions import members, number_of
from synthetic_data.world.rows import NEVER
from synthetic_data.world.state import Borough
from wsd_pipeline.contracts.landed import housing_need as lists

REGISTER, ADAPTATIONS = "housing__register", "housing__adaptations"


def register(state: Borough, mess: Mess, label: str) -> Feed:
    """`housing__register`: everybody in a household with a live application, the applicant first."""
    book, p = state.tables["register"], state.people
    rows, house, keys, lacking = households(state)
    live = np.flatnonzero(book["end"] == NEVER)
    live = live[np.argsort(book["key"][live])]
    place_of = np.searchsorted(book["key"][live], keys).clip(0, max(len(live) - 1, 0))
    listed = (book["key"][live][place_of] == keys) if len(live) else np.zeros(len(keys), bool)
    mine = listed[house]
    person, unit = rows[mine], house[mine]
    application = live[place_of[unit]]
    age = state.age(person, state.today)
    order = np.lexsort((person, np.where((age >= 18) & (age < 70), -age, 200 - age), unit))
    person, unit, application, age = person[order], unit[order], application[order], age[order]
    first = np.r_[True, np.diff(unit) != 0] if len(unit) else np.zeros(0, bool)
    lead = person[np.maximum.accumulate(np.where(first, np.arange(len(unit)), 0))] if len(unit) else person
    number = (
        np.arange(len(unit)) - np.maximum.accumulate(np.where(first, np.arange(len(unit)), 0)) + 1
        if len(unit)
        else unit
    )
    role = np.select(
        [first, p["partner"][lead] == person, age < 19], [0, 1, 2], np.where(p["mother"][person] == lead, 2, 3)
    )
    names = identity(state, mess, REGISTER, label, person, person)
    home = (keys % 10_000_000)[unit]
    postcode, uprn = place(state, mess, REGISTER, label, person, person, home)
    bedrooms = state.homes["bedrooms"][home]
    ill = np.isin(
        unit, unit[members(state)[person][:, [number_of("COPD"), number_of("HF"), number_of("MH")]].any(axis=1)]
    )
    reason = np.select([lacking[unit] >= 1, ill, lacking[unit] <= -2], [1, 0, 3], 5)
    band = np.select([(reason == 0) | (lacking[unit] >= 2), (reason == 1) | (reason == 3)], [0, 1], 2)
    made = pl.DataFrame(
        {
            "app_ref": own_ref(state, "A", application, 73),
            "member_no": number,
            "relationship": pick(list(lists.RELATIONSHIPS), role),
            "surname": names["surname"].str.to_titlecase(),
            "forename": names["forename"].str.to_titlecase(),
            "birth_date": names["birth_date"],
            "sex": pick(["M", "F"], p["sex"][person] - 1),
            "uprn": uprn,
            "postcode": postcode,
            "application_date": dates(book["start"][application]),
            "priority_band": pick(["1", "2", "3"], band),
            "priority_reason": pick(list(lists.PRIORITIES), reason),
            "bedroom_need_count": lacking[unit] + bedrooms,
            "bedroom_count": bedrooms,
        }
    )
    return sent(state, mess, REGISTER, label, made, person, person, "housing_register", ("app_ref", "member_no"))


def adaptations(state: Borough, mess: Mess, label: str) -> Feed:
    """`housing__adaptations`: those asked for or finished in the last year, and those under way."""
    book, since = state.tables["adaptations"], year_to(state.today)
    last = np.minimum(state.people["death"], state.people["left"])[book["person"]]
    at = np.flatnonzero((book["asked"] <= state.today) & (book["done"] >= since) & (last > book["asked"]))
    at = at[(book["done"][at] != NEVER) | (book["asked"][at] >= since)]
    person, home = book["person"][at], book["home"][at]
    names = identity(state, mess, ADAPTATIONS, label, at, person)
    postcode, uprn = place(state, mess, ADAPTATIONS, label, at, person, home)
    made = pl.DataFrame(
        {
            "adaptation_ref": own_ref(state, "DFG", at, 79),
            "uprn": uprn,
            "postcode": postcode,
            "surname": names["surname"].str.to_titlecase(),
            "forename": names["forename"].str.to_titlecase(),
            "birth_date": names["birth_date"],
            "landlord_type": pick(["owner", "private", "LA/THH", "RP"], state.homes["tenure"][home]),
            "referral_date": dates(book["asked"][at]),
            "assessment_date": dates(book["seen"][at], state.today),
            "approval_date": dates(book["agreed"][at], state.today),
            "completion_date": dates(book["done"][at], state.today),
            "works_type": pick(list(lists.WORKS), book["works"][at]),
            "grant_type": pick(list(lists.GRANTS), book["grant"][at]),
            "cost_gbp": book["pounds"][at],
            "is_cap_exceeded": pick(["N", "Y"], (book["pounds"][at] > lists.GRANT_CAP_GBP).astype(int)),
        }
    )
    return sent(state, mess, ADAPTATIONS, label, made, at, person, "adaptations", ("adaptation_ref",))
