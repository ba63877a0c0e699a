"""The month's files of the council's services beside care, schools and tenancies: those that are due."""

from __future__ import annotations

from synthetic_data.feeds.council import (
    childrens_care,
    homeless,
    housing_need,
    measurements,
    personalised,
    plans,
    revenues,
)
from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.mess import Mess
from synthetic_data.services.council.measurements import obesity
from synthetic_data.services.council.personalised import direct_payments
from synthetic_data.world.calendar import year_to
from synthetic_data.world.state import Borough


def extracts(state: Borough, mess: Mess, month: str, first_month: str) -> list[Feed]:
    """The files that come in the month."""
    since = year_to(state.today)
    made = [
        *childrens_care.feeds(state, mess, month, since),
        plans.ehc_plans(state, mess, month),
        housing_need.register(state, mess, month),
        housing_need.adaptations(state, mess, month),
        revenues.accounts(state),
        revenues.claimants(state, mess, month),
    ]
    if measurements.is_due(month, first_month):
        made.append(measurements.measurements(state, mess, month))
        state.facts["year_6_obesity"] = obesity(state)
    if homeless.is_due(month, first_month):
        made += homeless.feeds(state, mess, month, since)
    if personalised.is_due(month, first_month):
        made.append(personalised.products(state, mess, month))
        state.facts["direct_payments"] = direct_payments(state)
    return made
