"""The one job: everything a month needs, in one process, one step after another."""

import dagster as dg

from assets.months import MONTHS

JOB = "monthly_refresh"


def logging_config(level: str) -> dict[str, object]:
    """Run configuration that lets the console have Dagster's lines from this level on."""
    return {"loggers": {"console": {"config": {"log_level": level}}}}


monthly_refresh = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    partitions_def=MONTHS,
    executor_def=dg.in_process_executor,
    config=logging_config("CRITICAL"),
    description="Receive, check, pseudonymise, link, segment and publish a month. What has not changed is reused.",
)
