"""Running a suite over a Parquet file: a sealed DuckDB, Great Expectations on top, counts out.

The session sees the file under check, last month's table and the inputs it is reconciled with; it can read
nothing else, write only where it spills (beside the file, in the same zone), and is closed before the results are
handed back. No data docs, no stores on disk, no analytics, no progress bars.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.derived import MINIMUM_ROWS, SHAPE, rules_for, shape_rule
from expectations.handwritten import handwritten_rules
from expectations.rules import CHECKED, PREVIOUS, Rule
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import Stop
from wsd_pipeline.sql import attach_inputs, connect, quoted, seal

if TYPE_CHECKING:
    import duckdb
    from great_expectations.data_context import EphemeralDataContext

    from expectations.dialect import Lent

RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}


def validate(table: Table, parquet: Path, facts: Mapping[str, Any]) -> list[CheckResult]:
    """The result of every rule of `table` over the file, in the suite's order; counts only.

    `facts` holds `month`, `snapshot_date`, `previous` (last month's file of the table, or None), `inputs` (the files
    of tables to reconcile with, by key) and `may_be_empty` (it is made of something that is empty: a feed not
    supplied, say, so that no number of rows is asked of it). A file without the declared columns gives that one result.
    Stops with WSD-290 where a rule could not be evaluated at all.
    """
    rules = rules_for(table, facts["snapshot_date"]) + handwritten_rules(table, facts)
    if facts.get("may_be_empty"):
        rules = [rule for rule in rules if rule.check != MINIMUM_ROWS]
    with _session(parquet, facts) as con:
        results = _judge(con, table, rules)
        if results is None:
            results = _judge(con, table, [shape_rule(table)])
            if results is None or all(r.passed for r in results):
                raise Stop("WSD-290", step=f"Checking {table.key}", reason="a rule failed to run", month=facts["month"])
    return results


@contextmanager
def _session(parquet: Path, facts: Mapping[str, Any]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A sealed DuckDB with the views that rules name."""
    spill = parquet.parent / "spill"
    con = connect(spill, threads=facts.get("threads", 2), memory_limit=facts.get("memory_limit", "4GB"))
    try:
        readable = [parquet, *facts["inputs"].values()]
        con.execute(f"create view {CHECKED} as select * from read_parquet('{quoted(parquet)}')")
        if facts["previous"] is not None:
            con.execute(f"create view {PREVIOUS} as select * from read_parquet('{quoted(facts['previous'])}')")
            readable.append(facts["previous"])
        attach_inputs(con, facts["inputs"])
        seal(con, readable, spill)
        yield con
    finally:
        con.close()
        with suppress(OSError):
            spill.rmdir()


def _judge(con: duckdb.DuckDBPyConnection, table: Table, rules: Sequence[Rule]) -> list[CheckResult] | None:
    """What Great Expectations says of each rule; None where any could not be evaluated."""
    from expectations.counts import suite_of

    with _batch(con) as batch:
        made = batch.validate(suite_of(table.key, rules), result_format=RESULT_FORMAT)
    found = {}
    for one in made.results:
        if one.exception_info.get("raised_exception", True) or not one.result:
            return None
        kwargs = one.expectation_config.kwargs
        found[kwargs["column"], kwargs["check"]] = (one.success, one.result)
    results = []
    for rule in rules:
        success, counted = found[rule.column, rule.check]
        result = CheckResult(
            table=table.key,
            column=rule.column,
            check=rule.check,
            severity=rule.severity,
            failed=counted["unexpected_count"],
            checked=counted["element_count"],
            limit=rule.limit,
        )
        assert result.passed == success
        results.append(result)
    return results


@contextmanager
def _batch(con: duckdb.DuckDBPyConnection) -> Iterator[Any]:
    """The table under check as a batch of the one data source, to which the session is lent."""
    lent = _lent()
    lent.lend(con)
    try:
        yield _definition().get_batch()
    finally:
        lent.take_back()


@lru_cache(maxsize=1)
def _lent() -> Lent:
    """What the one data source of this process takes for its database."""
    from expectations.dialect import Lent

    return Lent()


@lru_cache(maxsize=1)
def _definition() -> Any:
    """The table under check of whatever session is lent, defined once while one is.

    Great Expectations writes its whole configuration out as YAML each time a source is added or taken away: that was a
    quarter of the time of a check.
    """
    import sqlalchemy as sa

    from expectations.dialect import URL

    source = _context().data_sources.add_sql(
        CHECKED,
        connection_string=URL,
        create_temp_table=False,
        kwargs={"creator": _lent().connection, "poolclass": sa.pool.StaticPool},
    )
    return source.add_table_asset(CHECKED, table_name=CHECKED).add_batch_definition_whole_table(CHECKED)


@lru_cache(maxsize=1)
def _context() -> EphemeralDataContext:
    """The one context of this process: in memory, without analytics or progress bars."""
    import logging

    from expectations.counts import gx

    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    context.enable_analytics(False)
    return context


__all__ = ["SHAPE", "validate"]
