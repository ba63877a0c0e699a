"""The month's files of health services beside hospital wards and emergency departments."""

from __future__ import annotations

from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.health import (
    appointments,
    community,
    maternity,
    mental_health,
    outpatients,
    registrars,
    talking_therapies,
)
from synthetic_data.feeds.mess import Mess
from synthetic_data.world.state import Borough


def extracts(state: Borough, mess: Mess, label: str, since: int, first: int) -> list[Feed]:
    """The month's files."""
    return [
        appointments.appointments(state, since),
        outpatients.appointments(state, mess, label, since, first),
        *mental_health.feeds(state, mess, label, since),
        *community.feeds(state, mess, label, since),
        maternity.pregnancies(state, mess, label, since),
        maternity.babies(state, mess, label, since),
        talking_therapies.referrals(state, mess, label, since),
        registrars.deaths(state, mess, label, since),
        registrars.births(state, mess, label, since),
    ]
