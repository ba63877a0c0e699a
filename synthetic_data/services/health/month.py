"""Health services beside hospital wards and emergency departments, in the order in which a month passes for them."""

from __future__ import annotations

from synthetic_data.services.health import appointments, community, mental_health, outpatients, talking_therapies
from synthetic_data.world.state import Borough


def begin(state: Borough, first: int) -> None:
    """Caseloads on the eve of the year of history, whose first day is `first`."""
    mental_health.begin(state, first)
    community.begin(state, first)


def pass_month(state: Borough, label: str, first: int, last: int) -> None:
    """What happens between two days: after admissions, on which some of it follows."""
    mental_health.pass_month(state, label, first, last)
    community.pass_month(state, label, first, last)
    talking_therapies.refer(state, label, first, last)


def book(state: Borough, label: str, first: int, last: int) -> None:
    """Appointments that will fall between two days, made before the first of them."""
    outpatients.book(state, label, first, last)
    appointments.book(state, label, first, last)
