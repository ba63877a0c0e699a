"""The month's files of health services beside hospital wards and emergency departments."""

from __future__ import annotations

from synthetic_data import (
    appointments_feeds,
    community_feeds,
    maternity,
    mental_health_feeds,
    outpatients_feeds,
    registrars_feeds,
    talking_therapies_feeds,
)
from synthetic_data.feed import Feed
from synthetic_data.mess import Mess
from synthetic_data.state import Borough


def extracts(state: Borough, mess: Mess, label: str, since: int, first: int) -> list[Feed]:
    """The month's files."""
    return [
        appointments_feeds.appointments(state, since),
        outpatients_feeds.appointments(state, mess, label, since, first),
        *mental_health_feeds.feeds(state, mess, label, since),
        *community_feeds.feeds(state, mess, label, since),
        maternity.pregnancies(state, mess, label, since),
        maternity.babies(state, mess, label, since),
        talking_therapies_feeds.referrals(state, mess, label, since),
        registrars_feeds.deaths(state, mess, label, since),
        registrars_feeds.births(state, mess, label, since),
    ]
