"""Publishing: after the last gate, the only way out."""

import time
from collections.abc import Iterator

import dagster as dg

from assets.factory import STEWARDS, Step, deps_of
from assets.months import MONTHS
from assets.resources import failure_of
from wsd_pipeline.messages import Stop, named
from wsd_pipeline.release.publish import mart_tables, publish

RELEASE = dg.AssetKey(["release", "month"])


def release_assets() -> list[dg.AssetsDefinition]:
    """The release of a month: immutable, a new revision where anything has changed."""

    @dg.multi_asset(
        name="release__month",
        specs=[
            dg.AssetSpec(
                key=RELEASE,
                deps=deps_of(mart_tables()),
                group_name="release",
                description="The month's marts as an immutable, hashed folder: Parquet, DuckDB file and manifest.",
                owners=[STEWARDS],
                kinds={"duckdb", "parquet"},
                tags={"zone": "releases"},
                partitions_def=MONTHS,
            )
        ],
        required_resource_keys={"project"},
    )
    def release(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        step = Step(context, context.resources.project, context.partition_key)
        began = time.monotonic()
        try:
            made = publish(step.session.project, step.month)
        except Exception as error:
            stop = (
                error
                if isinstance(error, Stop)
                else Stop("WSD-290", step="Publishing", reason=named(error), month=step.month)
            )
            step.log_table("release.month", "failed", None, began, stop)
            raise failure_of(stop) from None
        step.log_table("release.month", "reused" if made.reused else "built", None, began)
        yield dg.MaterializeResult(
            asset_key=RELEASE, metadata={"release": made.name, "folder": str(made.folder), "reused": made.reused}
        )

    return [release]
