"""Every file that comes in a month."""

from __future__ import annotations

from synthetic_data import (
    aggregates,
    calendar,
    closures_feeds,
    council_feeds,
    emergency_feeds,
    gazetteer,
    health_feeds,
    opt_outs_feeds,
)
from synthetic_data.calendar import bounds
from synthetic_data.feed import Feed
from synthetic_data.gp_coded import coded_conditions
from synthetic_data.hospital_feeds import admissions
from synthetic_data.mess import Mess
from synthetic_data.registrations_feeds import registrations
from synthetic_data.schools_feeds import pupils
from synthetic_data.social_care_feeds import care
from synthetic_data.state import Borough
from synthetic_data.tenancies_feeds import tenants


def extracts(state: Borough, mess: Mess, month: str, first_month: str) -> list[Feed]:
    """Every feed that comes in the month, lists first."""
    first, _ = bounds(month)
    since, longer = calendar.year_to(state.today), calendar.care_since(state.today)
    mess.begin_month()
    feeds = [
        registrations(state, mess, month, since, first),
        coded_conditions(state, since),
        admissions(state, mess, month, longer, first),
        emergency_feeds.attendances(state, mess, month, since, first),
        *health_feeds.extracts(state, mess, month, since, first),
        care(state, mess, month, longer, first),
        pupils(state, mess, month),
        tenants(state, mess, month, since),
        *([gazetteer.addresses(state)] if gazetteer.is_due(month, first_month) else []),
        *council_feeds.extracts(state, mess, month, first_month),
        *aggregates.extracts(state, month, first_month),
    ]
    return opt_outs_feeds.flag(state, closures_feeds.told_apart(state, feeds))
