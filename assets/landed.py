"""The vault's tables: each supplier's feed and the tokens, one step each over one run of the vault's child process.

The vault checks them itself and hands over counts. A step a feed, where one step for all would be simpler, so that
a feed that is refused fails alone: the other feeds' pseudonymised tables are still accepted in the same run.
"""

from functools import partial

import dagster as dg

from assets.factory import Step, deps_of, table_asset
from wsd_pipeline.accepting import Outcome
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.tokens import ROOM
from wsd_pipeline.messages import Stop
from wsd_pipeline.supply import absent_feeds


def vault_assets() -> list[dg.AssetsDefinition]:
    """The assets of `landed` and `tokens`."""
    feeds = [table_asset(feed, [], partial(report_on, feed.key)) for feed in landed_tables()]
    bearing = [feed.key for feed in landed_tables() if feed.identity_columns]
    return [*feeds, *(table_asset(table, deps_of(bearing), partial(report_on, table.key)) for table in ROOM)]


def report_on(key: str, step: Step) -> Outcome:
    """What the vault says of one of its tables."""
    if key.removeprefix("landed.") in absent_feeds(step.session.project, step.month):
        return Outcome(table=key, month=step.month, key="not supplied", rows=0, reused=True)
    report = step.session.vault_report(step.month)
    checks = tuple(check for check in report.checks if check.table == key)
    stop = next((stop for stop in report.stops if stop.facts.get("table") == key), None)
    made = report.tables.get(key)
    if made is None and stop is None:
        missing = next((stop.facts.get("table") for stop in report.stops), "landed")
        stop = Stop("WSD-201", table=key, month=step.month, missing=missing)
    return Outcome(
        table=key,
        month=step.month,
        key=made.key if made else "",
        rows=made.rows if made else 0,
        reused=bool(made and made.reused),
        results=checks,
        stop=stop,
    )
