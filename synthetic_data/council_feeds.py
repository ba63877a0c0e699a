"""The month's files of the council's services beside care, schools and tenancies: those that are due."""

from __future__ import annotations

from synthetic_data import (
    childrens_feeds,
    homeless_feeds,
    housing_need_feeds,
    measurements,
    measurements_feeds,
    personalised,
    personalised_feeds,
    plans_feeds,
    revenues_feeds,
)
from synthetic_data.calendar import year_to
from synthetic_data.feed import Feed
from synthetic_data.mess import Mess
from synthetic_data.state import Borough


def extracts(state: Borough, mess: Mess, month: str, first_month: str) -> list[Feed]:
    """The files that come in the month."""
    since = year_to(state.today)
    made = [
        *childrens_feeds.feeds(state, mess, month, since),
        plans_feeds.ehc_plans(state, mess, month),
        housing_need_feeds.register(state, mess, month),
        housing_need_feeds.adaptations(state, mess, month),
        revenues_feeds.accounts(state),
        revenues_feeds.claimants(state, mess, month),
    ]
    if measurements_feeds.is_due(month, first_month):
        made.append(measurements_feeds.measurements(state, mess, month))
        state.facts["year_6_obesity"] = measurements.obesity(state)
    if homeless_feeds.is_due(month, first_month):
        made += homeless_feeds.feeds(state, mess, month, since)
    if personalised_feeds.is_due(month, first_month):
        made.append(personalised_feeds.products(state, mess, month))
        state.facts["direct_payments"] = personalised.direct_payments(state)
    return made
