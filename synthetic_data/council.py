"""The council's rooms of feeds beside care, schools and tenancies: begun, lived through and written together."""

from __future__ import annotations

from synthetic_data import (
    childrens_care,
    childrens_feeds,
    homeless,
    homeless_feeds,
    housing_need,
    measurements,
    personalised,
    plans,
    revenues,
)
from synthetic_data.feeds import Feed
from synthetic_data.mess import Mess
from synthetic_data.planted import year_to
from synthetic_data.state import Borough

ROOMS = (childrens_care, homeless, housing_need, revenues, personalised)


def begin(state: Borough) -> None:
    """What stands on the day before the first month; care, schools and tenancies are there already."""
    for room in ROOMS:
        room.begin(state)


def advance(state: Borough, month: str, first: int) -> None:
    """Live through one month."""
    for room in ROOMS:
        room.advance(state, month, first)


def extracts(state: Borough, mess: Mess, month: str, first_month: str) -> list[Feed]:
    """The files that come in the month."""
    since = year_to(state.today)
    made = [
        *childrens_feeds.feeds(state, mess, month, since),
        plans.ehc_plans(state, mess, month),
        housing_need.register(state, mess, month),
        housing_need.adaptations(state, mess, month),
        revenues.accounts(state),
        revenues.claimants(state, mess, month),
    ]
    if measurements.is_due(month, first_month):
        made.append(measurements.measurements(state, mess, month))
        state.facts["year_6_obesity"] = measurements.obesity(state)
    if homeless_feeds.is_due(month, first_month):
        made += homeless_feeds.feeds(state, mess, month, since)
    if personalised.is_due(month, first_month):
        made.append(personalised.products(state, mess, month))
        state.facts["direct_payments"] = personalised.direct_payments(state)
    return made


def planted(state: Borough) -> dict[str, object]:
    """Planted facts of these feeds and what came of them, as of the latest file of each."""
    return {
        "plans_on_time": plans.on_time(state),
        "adaptation_spending": housing_need.spending(state),
        **{name: state.facts[name] for name in ("year_6_obesity", "direct_payments") if name in state.facts},
    }
