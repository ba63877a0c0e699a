"""The council's services beside care, schools and tenancies, begun and lived through together."""

from __future__ import annotations

from synthetic_data.services.council import childrens_care, homeless, housing_need, personalised, revenues
from synthetic_data.world.state import Borough

SERVICES = (childrens_care, homeless, housing_need, revenues, personalised)


def begin(state: Borough) -> None:
    """What stands on the day before the first month; care, schools and tenancies are there already."""
    for service in SERVICES:
        service.begin(state)


def advance(state: Borough, month: str, first: int) -> None:
    """Live through one month."""
    for service in SERVICES:
        service.advance(state, month, first)
