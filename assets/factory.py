"""Making assets: a contract gives the asset its words, columns, checks and months; the library does the work.

An asset is its own gate. On success it hands Dagster one `MaterializeResult` with counts and both checks; on a
critical failure it records the checks, then fails, so that what is downstream is skipped and the accepted table
stays. Two checks an asset: `contract` blocks, `plausibility` warns; single rules are rows in their metadata.
"""

import re
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import dagster as dg

from assets.months import LAST_MONTH, MONTHS, THIS_AND_LAST_MONTH
from assets.resources import Session, failure_of
from wsd_pipeline import build
from wsd_pipeline.accepting import Outcome
from wsd_pipeline.contracts import table as contract
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import LandedTable, Table
from wsd_pipeline.gate import CheckResult, failures
from wsd_pipeline.messages import Stop, named

CONTRACT, PLAUSIBILITY = "contract", "plausibility"
CHECKS = {
    CONTRACT: "What must be true before the table is accepted, by its contract and by hand.",
    PLAUSIBILITY: "What a steward should look at; it stops nothing.",
}
ZONES = {"landed": "vault", "tokens": "linkage room", "mart": "lake, disclosure-controlled"}
KINDS = {"landed": {"csv", "parquet"}, "tokens": {"parquet"}}
STEWARDS = "team:data_stewards"

Result = dg.MaterializeResult | dg.AssetCheckResult


def asset_key(key: str) -> dg.AssetKey:
    """`layer.name` as Dagster's key."""
    return dg.AssetKey(key.split(".", 1))


def spec_of(table: Table, deps: Sequence[dg.AssetDep] = ()) -> dg.AssetSpec:
    """The asset of a table: group, words, columns and months, all from its contract."""
    owner = f"team:{_slug(table.supplier)}" if isinstance(table, LandedTable) else STEWARDS
    return dg.AssetSpec(
        key=asset_key(table.key),
        deps=deps,
        group_name=table.layer,
        description=f"One row per {table.grain}. {table.description}",
        metadata={"dagster/column_schema": schema_of(table), "dagster/table_name": table.key},
        owners=[owner],
        kinds=KINDS.get(table.layer, {"duckdb", "parquet"}),
        tags={"zone": _slug(ZONES.get(table.layer, "lake"))},
        code_version=table.fingerprint()[:12],
        partitions_def=MONTHS,
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def schema_of(table: Table) -> dg.TableSchema:
    """The columns of a contract as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=column.description,
                constraints=dg.TableColumnConstraints(
                    nullable=not column.required,
                    unique=column.unique or table.unique_key == (column.name,),
                    other=[check.describe() for check in column.checks],
                ),
                tags={"privacy": _slug(column.privacy.value)},
            )
            for column in table.columns
        ]
    )


def check_specs_of(key: str) -> list[dg.AssetCheckSpec]:
    """The two checks of a table's asset, by month (a preview in Dagster 1.13, whose warning is not for analysts)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name, asset=asset_key(key), description=words, blocking=name == CONTRACT, partitions_def=MONTHS
            )
            for name, words in CHECKS.items()
        ]


def deps_of(reads: Sequence[str], previous: Sequence[str] = ()) -> list[dg.AssetDep]:
    """Dependencies on this month's tables and on last month's; public reference tables are not assets."""
    wanted = {key: {0} for key in reads if not key.startswith("reference.")}
    for key in previous:
        wanted.setdefault(key, set()).add(-1)
    mapping = {(0,): None, (-1,): LAST_MONTH, (-1, 0): THIS_AND_LAST_MONTH}
    return [
        dg.AssetDep(asset_key(key), partition_mapping=mapping[tuple(sorted(offsets))])
        for key, offsets in sorted(wanted.items())
    ]


@dataclass(frozen=True)
class Step:
    """One step of a run, as it happens: the month, the shared session, and where its lines are logged."""

    context: dg.AssetExecutionContext
    session: Session
    month: str

    def settle(self, outcome: Outcome, began: float) -> Iterator[Result]:
        """Report one table: the materialisation with its checks, or only the checks where it was not accepted."""
        state = "failed" if outcome.stop else "reused" if outcome.reused else "built"
        self.log_table(outcome.table, state, outcome.rows, began, outcome.stop)
        checks = check_results(outcome.table, outcome.results)
        if outcome.stop:
            yield from checks
            return
        yield dg.MaterializeResult(
            asset_key=asset_key(outcome.table),
            metadata={"dagster/row_count": outcome.rows, "content_key": outcome.key, "reused": outcome.reused},
            check_results=checks,
        )

    def log_table(self, key: str, state: str, rows: int | None, began: float, stop: Stop | None = None) -> None:
        """Note the table in the log of the run, and the stop where there was one, once."""
        facts = {"layer": key.split(".", 1)[0], "table": key, "month": self.month, "state": state}
        seconds = round(time.monotonic() - began, 2)
        self.session.log.note("table", **facts, rows=rows, seconds=seconds, code=stop.code if stop else None)
        if stop and stop.text() not in self.session.stops_noted:
            self.session.stops_noted.add(stop.text())
            self.session.log.note("stopped", code=stop.code, text=stop.text(), month=self.month, table=key)


def run_step(
    context: dg.AssetExecutionContext, keys: Sequence[str], make: Callable[[Step], list[Outcome]]
) -> Iterator[Result]:
    """Make the tables of a step and report them; fail the step, last of all, by the first stop among them.

    Anything else that goes wrong becomes WSD-290: the text of another library's error may quote data.
    """
    step = Step(context, context.resources.project, context.partition_key)
    began = time.monotonic()
    try:
        outcomes = make(step)
    except Stop as stop:
        failed = stop
    except Exception as error:
        context.log.debug("".join(traceback.format_tb(error.__traceback__)))
        failed = Stop("WSD-290", step=", ".join(keys), reason=named(error), month=step.month)
    else:
        for outcome in outcomes:
            yield from step.settle(outcome, began)
            began = time.monotonic()
        stops = [outcome.stop for outcome in outcomes if outcome.stop]
        if not stops:
            return
        raise failure_of(stops[0]) from None
    for key in keys:
        step.log_table(key, "failed", None, began, failed)
    raise failure_of(failed) from None


def check_results(key: str, results: Sequence[CheckResult]) -> list[dg.AssetCheckResult]:
    """The two checks of a table from the results of its rules: counts, limits and names, worst first."""
    made = []
    for name, severity in ((CONTRACT, Severity.CRITICAL), (PLAUSIBILITY, Severity.WARN)):
        rules = [r for r in results if r.severity is severity]
        failed = failures(rules, severity)
        made.append(
            dg.AssetCheckResult(
                passed=not failed,
                asset_key=asset_key(key),
                check_name=name,
                severity=dg.AssetCheckSeverity.ERROR if severity is Severity.CRITICAL else dg.AssetCheckSeverity.WARN,
                description=f"{len(rules) - len(failed)} of {len(rules)} rules passed",
                metadata={
                    "rules": len(rules),
                    "rules_failed": len(failed),
                    "results": rules_table([*failed, *(r for r in rules if r.passed)]),
                },
            )
        )
    return made


def rules_table(results: Sequence[CheckResult]) -> dg.TableMetadataValue:
    """One row a rule."""
    columns = {
        "passed": "bool",
        "column": "string",
        "rule": "string",
        "failed": "int",
        "checked": "int",
        "limit_pct": "float",
    }
    return dg.MetadataValue.table(
        records=[
            dg.TableRecord(
                {
                    "passed": r.passed,
                    "column": r.column,
                    "rule": r.check,
                    "failed": r.failed,
                    "checked": r.checked,
                    "limit_pct": round(100 * r.limit, 4),
                }
            )
            for r in results
        ],
        schema=dg.TableSchema(columns=[dg.TableColumn(name, type) for name, type in columns.items()]),
    )


def table_asset(table: Table, deps: Sequence[dg.AssetDep], make: Callable[[Step], Outcome]) -> dg.AssetsDefinition:
    """The asset of one table: `make` builds, checks and promotes it."""

    @dg.multi_asset(
        name=table.key.replace(".", "__"),
        specs=[spec_of(table, deps)],
        check_specs=check_specs_of(table.key),
        required_resource_keys={"project"},
    )
    def made(context: dg.AssetExecutionContext) -> Iterator[Result]:
        yield from run_step(context, [table.key], lambda step: [make(step)])

    return made


def sql_asset(key: str) -> dg.AssetsDefinition:
    """The asset of a SQL model: depends on what its SELECT reads, this month's and last month's."""
    model = build.models()[key]
    return table_asset(contract(key), deps_of(sorted(model.reads), sorted(model.previous)), partial(_build_sql, key))


def _build_sql(key: str, step: Step) -> Outcome:
    from expectations.run import validate

    return build.build_table(step.session.project, key, step.month, validate)


def sql_assets(layer: str) -> list[dg.AssetsDefinition]:
    """The assets of every model of a layer."""
    return [sql_asset(key) for key in sorted(build.models()) if key.startswith(f"{layer}.")]
