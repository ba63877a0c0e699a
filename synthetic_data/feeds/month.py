"""Every file that comes in a month."""

from __future__ import annotations

from synthetic_data.feeds import aggregates, closures, opt_outs
from synthetic_data.feeds.council import gazetteer
from synthetic_data.feeds.council import month as council
from synthetic_data.feeds.council.schools import pupils
from synthetic_data.feeds.council.social_care import care
from synthetic_data.feeds.council.tenancies import tenants
from synthetic_data.feeds.feed import Feed
from synthetic_data.feeds.health import emergency
from synthetic_data.feeds.health import month as health
from synthetic_data.feeds.health.gp_coded import coded_conditions
from synthetic_data.feeds.health.hospital import admissions
from synthetic_data.feeds.health.registrations import registrations
from synthetic_data.feeds.mess import Mess
from synthetic_data.world import calendar
from synthetic_data.world.calendar import bounds
from synthetic_data.world.state import Borough


def extracts(state: Borough, mess: Mess, month: str, first_month: str) -> list[Feed]:
    """Every feed that comes in the month, lists first."""
    first, _ = bounds(month)
    since, longer = calendar.year_to(state.today), calendar.care_since(state.today)
    mess.begin_month()
    feeds = [
        registrations(state, mess, month, since, first),
        coded_conditions(state, since),
        admissions(state, mess, month, longer, first),
        emergency.attendances(state, mess, month, since, first),
        *health.extracts(state, mess, month, since, first),
        care(state, mess, month, longer, first),
        pupils(state, mess, month),
        tenants(state, mess, month, since),
        *([gazetteer.addresses(state)] if gazetteer.is_due(month, first_month) else []),
        *council.extracts(state, mess, month, first_month),
        *aggregates.extracts(state, month, first_month),
    ]
    return opt_outs.flag(state, closures.told_apart(state, feeds))
