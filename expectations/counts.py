"""How Great Expectations judges a rule here: one expectation that asks the database for two counts.

Great Expectations' own column expectations fetch failing values into memory before they shorten the list to
none (`select … as unexpected_values … limit 20`), run two or three queries each, and have no regular
expressions on DuckDB. `ExpectFewToFail` fetches nothing but counts, in every result format, and its metrics are
aggregates, which Great Expectations bundles: a suite of any width is one query over the table. The verdict over
them (`gate.within`) is the gate's own. The predicates are the contract's, the same that gate the vault.

Importing this module imports Great Expectations (about 5 s): import it inside functions.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import parse_result_format
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies

from expectations.rules import Rule
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.gate import within

SEVERITY = {Severity.CRITICAL: "critical", Severity.WARN: "warning"}


class TableAggregate(TableMetricProvider):
    """A metric: the value of one SQL aggregate over the table, bundled with all others into one query."""

    metric_name = "table.aggregate"
    value_keys = ("aggregate",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,  # the decorator makes it a class method
        execution_engine: Any,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> Any:
        return sa.literal_column(metric_value_kwargs["aggregate"]), metric_domain_kwargs, {}


class ExpectFewToFail(BatchExpectation):
    """Of what is `checked` at most the share `limit` is `failed`: both SQL aggregates over the table."""

    check: str
    column: str
    failed: str
    checked: str
    limit: float = 0.0

    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)
    success_keys: ClassVar[tuple[str, ...]] = ("failed", "checked", "limit")

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: dict[str, Any] | None = None
    ) -> Any:
        """The two aggregates. The stock method asks seven times over for a configuration that nothing here needs."""
        return ValidationDependencies(
            metric_configurations={
                name: MetricConfiguration(
                    metric_name=TableAggregate.metric_name,
                    metric_domain_kwargs={"batch_id": self.batch_id},
                    metric_value_kwargs={"aggregate": getattr(self, name)},
                )
                for name in ("failed", "checked")
            },
            result_format=parse_result_format((runtime_configuration or {}).get("result_format", "SUMMARY")),
        )

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        failed, checked = int(metrics["failed"] or 0), int(metrics["checked"] or 0)
        return {
            "success": within(failed, checked, self.limit),
            "result": {"unexpected_count": failed, "element_count": checked},
        }


def suite_of(name: str, rules: Sequence[Rule]) -> gx.ExpectationSuite:
    """The suite that asks for every rule; each expectation carries the rule's words and severity."""
    return gx.ExpectationSuite(
        name=name,
        expectations=[
            ExpectFewToFail(
                check=rule.check,
                column=rule.column,
                failed=rule.failed,
                checked=rule.checked,
                limit=rule.limit,
                severity=SEVERITY[rule.severity],
                description=rule.description,
            )
            for rule in rules
        ],
    )
