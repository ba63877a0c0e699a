"""The vault's own gate: SQL made from the contract, run where the values are; only counts come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wsd_pipeline import gate
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Identity, LandedTable, Table
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.lake import Pointer
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Mode, snapshot_date
from wsd_pipeline.vault.land import READABLE, REQUIRED
from wsd_pipeline.vault.layout import Count
from wsd_pipeline.vault.nhs_numbers import map_numbers

if TYPE_CHECKING:
    import duckdb

MINIMUM_ROWS, UNIQUE_KEY, NOT_A_CODE = "minimum_rows", "unique_key", "not_a_code"


def check_rows(con: duckdb.DuckDBPyConnection, table: Table, relation: str, month: str) -> list[CheckResult]:
    """The result of every check and row rule of the contract over a relation, in one pass, and of its least rows.

    What is required and unique is not counted here: landing holds back such rows and says so itself.
    """
    wanted = [
        (
            column.name,
            check.name,
            check.severity,
            check.limit,
            f"{quoted} is not null and ({check.failing(quoted)})",
            quoted,
        )
        for column in table.columns
        for quoted in [f'"{column.name}"']
        for check in column.checks
    ]
    wanted += [("", rule.name, rule.severity, rule.limit, rule.failing, "*") for rule in table.rules]
    counts = [
        part
        for _, _, _, _, failing, counted in wanted
        for part in (f"count(*) filter ({failing})", f"count({counted})")
    ]
    query = f"select {', '.join(['count(*)', *counts])} from {relation}"
    bound = {"snapshot_date": snapshot_date(month)} if "$snapshot_date" in query else None
    rows, *found = con.execute(query, bound).fetchall()[0]
    results = [
        CheckResult(
            table=table.key, column=column, check=name, severity=severity, failed=found[2 * i],
            checked=found[2 * i + 1], limit=limit,
        )
        for i, (column, name, severity, limit, _, _) in enumerate(wanted)
    ]  # fmt: skip
    short = max(0, table.minimum_rows - rows)
    return [*results, _critical(table, "", MINIMUM_ROWS, short, table.minimum_rows)]


def withheld(feed: LandedTable, results: Sequence[CheckResult]) -> list[CheckResult]:
    """How many values of each coded column are no code: none of them goes on. Only columns that have any."""
    closing = {c.name: c.closing.name for c in feed.landed_columns if c.closing}
    return [
        replace(r, check=NOT_A_CODE, severity=Severity.WARN)
        for r in results
        if r.failed and closing.get(r.column) == r.check
    ]


def check_keys(con: duckdb.DuckDBPyConnection, table: Table, relation: str) -> list[CheckResult]:
    """Whether every required column of a relation is filled and its key is unique: for tables that are not landed."""
    required = [column.name for column in table.columns if column.required]
    missing = "".join(f', count(*) filter ("{name}" is null)' for name in required)
    key = ", ".join(f'"{name}"' for name in table.unique_key)
    rows, distinct, *nulls = con.execute(
        f"select count(*), count(distinct row({key})){missing} from {relation}"
    ).fetchall()[0]
    return [
        *(_critical(table, name, REQUIRED, failed, rows) for name, failed in zip(required, nulls, strict=True)),
        _critical(table, "", UNIQUE_KEY, rows - distinct, rows),
    ]


def _critical(table: Table, column: str, check: str, failed: int, checked: int) -> CheckResult:
    return CheckResult(
        table=table.key, column=column, check=check, severity=Severity.CRITICAL, failed=failed, checked=checked
    )


def as_facts(results: Sequence[CheckResult]) -> list[list[Any]]:
    """The results as they are kept beside a pointer."""
    return [[r.table, r.column, r.check, r.severity.value, r.failed, r.checked, r.limit] for r in results]


def kept(pointer: Pointer) -> list[CheckResult]:
    """The results kept beside a pointer, told again where the table is reused."""
    return [
        CheckResult(
            table=table, column=column, check=check, severity=Severity(severity), failed=failed, checked=checked,
            limit=limit,
        )
        for table, column, check, severity, failed, checked, limit in pointer.facts["checks"]
    ]  # fmt: skip


def stop_for(feed: Table, results: Sequence[CheckResult], month: str) -> Stop | None:
    """WSD-121 where too many values could not be read, else WSD-120 for the worst critical failure, else None."""
    failed = gate.failures(results, Severity.CRITICAL)
    unreadable = [r for r in failed if r.check == READABLE]
    if not unreadable:
        causes = [r for r in failed if r.check != MINIMUM_ROWS]
        return gate.stop_for(causes or failed, month)
    worst = unreadable[0]
    return Stop(
        "WSD-121",
        table=feed.key,
        column=worst.column,
        type=feed.column(worst.column).type,
        failed=Count(worst.failed),
        checked=Count(worst.checked),
        limit_pct=f"{100 * worst.limit:g}",
        month=month,
    )


def stop_for_mode(con: duckdb.DuckDBPyConnection, feed: LandedTable, mode: Mode, month: str) -> Stop | None:
    """WSD-130 where an invented project meets a number that could be real, 131 where a real one meets a test number.

    999 is the test range, never issued. Only numbers that pass the check digit and are no filler count,
    but in every row of the file, those held back too.
    """
    column = feed.identity_columns.get(Identity.NHS_NUMBER)
    return None if column is None else stop_for_numbers(con, "typed", column.name, mode, feed.key, month)


def stop_for_numbers(
    con: duckdb.DuckDBPyConnection, relation: str, column: str, mode: Mode, table: str, month: str
) -> Stop | None:
    """The same rule for a column of NHS numbers of any relation; the session has the macros of `normalise`."""
    wrong = "not starts_with(digits, '999')" if mode is Mode.SYNTHETIC else "starts_with(digits, '999')"
    map_numbers(con, "number_forms", relation, column)
    count = con.execute(
        f'select count(*) from {relation} join number_forms on raw = "{column}" where {wrong}'
    ).fetchall()[0][0]
    if not count:
        return None
    return Stop("WSD-130" if mode is Mode.SYNTHETIC else "WSD-131", table=table, count=Count(count), month=month)
