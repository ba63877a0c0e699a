"""From clean text to a typed table: everything is read as text, kept, then cast.

A value that cannot be read becomes null and goes to quarantine with its row number and a reason; a row without a
required value is held back whole. Rows that repeat the table's key are resubmissions: the latest is carried on.
Tables of the session: `text` (as received), `typed` (every row), `landed` (those carried on), `quarantine`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Column, Landed, LandedTable
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.vault.casts import cast, has_exponents, is_reference, typed_layout
from wsd_pipeline.vault.mapping import Layout, agreed_layout
from wsd_pipeline.vault.reading import read_feed
from wsd_pipeline.vault.receive import Received, Split

if TYPE_CHECKING:
    import duckdb

READABLE, REQUIRED, PARTNER = "readable", "required", "partner"
PARTNER_LIMIT = 0.01
"""The share of a split file's rows that may have no partner."""
UNCODED = "not_a_code"


@dataclass(frozen=True, kw_only=True)
class Landing:
    """What landing a file came to. Counts of rows; `checks` say how many values were unreadable or missing."""

    rows: int
    quarantined: int
    resubmitted: int
    checks: tuple[CheckResult, ...]


def land(
    con: duckdb.DuckDBPyConnection,
    feed: LandedTable,
    received: Received | Split,
    month: str,
    layout: Layout | None = None,
) -> Landing:
    """Make `typed`, `landed` and `quarantine` from the file. Stops with WSD-112 (header) or WSD-111 (structure).

    Without a layout the contract's own holds.
    """
    layout = typed_layout(received, layout or agreed_layout(feed))
    read_feed(con, feed, received, layout, month)
    exponents = has_exponents(received)
    casts = {c.name: cast(c, layout, exponents=exponents) for c in feed.landed_columns}
    wanted = _wanted(feed, exponents=exponents)
    columns = [f'{read} as "{name}"' for name, read in casts.items()]
    columns += [f"{_fails(column, check, casts)} as {_flag(column, check)}" for column, check in wanted]
    con.execute(f"create or replace temp table typed as select row_number, {', '.join(columns)} from text")
    checks = _failing(con, feed, wanted)
    quarantined = _quarantine(con, feed, checks)
    strays = con.execute("select count(*) from strays").fetchall()[0][0]
    if isinstance(received, Split):
        checks.append(partner_check(feed, strays, received))
    resubmitted = _latest_only(con, feed)
    con.execute("drop table text; drop table strays")
    rows = con.execute("select count(*) from landed").fetchall()[0][0]
    return Landing(rows=rows, quarantined=quarantined + strays, resubmitted=resubmitted, checks=tuple(checks))


def partner_check(feed: LandedTable, strays: int, parts: Split) -> CheckResult:
    """How many rows of the two parts of a split file have no partner in the other."""
    return CheckResult(
        table=feed.key,
        column="",
        check=PARTNER,
        severity=Severity.CRITICAL,
        failed=strays,
        checked=parts.identity.rows + parts.payload.rows,
        limit=PARTNER_LIMIT,
    )


def _wanted(feed: LandedTable, *, exponents: bool) -> list[tuple[Landed, str]]:
    """What is asked of each value: whether it could be read as its type, and whether a required one is there."""
    wanted: list[tuple[Landed, str]] = []
    for column in feed.landed_columns:
        if column.type.upper() != "VARCHAR" or (exponents and is_reference(column)):
            wanted.append((column, READABLE))
        if column.required:
            wanted.append((column, REQUIRED))
    return wanted


def _fails(column: Landed, check: str, casts: Mapping[str, str]) -> str:
    """SQL over a row of text, true where the value fails: beside the cast itself, so that no rows need be matched."""
    is_there = f'"{column.name}" is not null'
    return f"({is_there} and ({casts[column.name]}) is null)" if check == READABLE else f"(not {is_there})"


def _flag(column: Column, check: str) -> str:
    return f'"{column.name} {check}"'


def _failing(con: duckdb.DuckDBPyConnection, feed: LandedTable, wanted: list[tuple[Landed, str]]) -> list[CheckResult]:
    """How many values of each typed column could not be read, and how many required values are missing."""
    if not wanted:
        return []
    counts = []
    for column, check in wanted:
        failed = f"count(*) filter ({_flag(column, check)})"
        counts += [failed, f'count("{column.name}") + {failed}' if check == READABLE else "count(*)"]
    found = con.execute(f"select {', '.join(counts)} from typed").fetchall()[0]
    return [
        CheckResult(
            table=feed.key,
            column=column.name,
            check=check,
            severity=Severity.CRITICAL,
            failed=found[2 * i],
            checked=found[2 * i + 1],
            limit=column.unreadable_limit,
        )
        for i, (column, check) in enumerate(wanted)
    ]


def _quarantine(con: duckdb.DuckDBPyConnection, feed: LandedTable, checks: list[CheckResult]) -> int:
    """Fill `quarantine` with the unreadable and missing values; the number of rows that have one."""
    parts = ["select null::bigint as row_number, '' as column_name, '' as reason, '' as raw_value where false"]
    for check in checks:
        if not check.failed:
            continue
        column = feed.column(check.column)
        reason = f"unreadable_{_kind(column.type)}" if check.check == READABLE else "required_missing"
        parts.append(
            f"select row_number, '{column.name}', '{reason}', x.\"{column.name}\" from text x"
            f" join (select row_number from typed where {_flag(column, check.check)}) using (row_number)"
        )
    con.execute(f"create or replace temp table quarantine as {' union all '.join(parts)}")
    rows: int = con.execute("select count(distinct row_number) from quarantine").fetchall()[0][0]
    con.execute("insert into quarantine select row_number, '', reason, raw_value from strays")
    return rows


def hold_back_uncoded(con: duckdb.DuckDBPyConnection, feed: LandedTable) -> int:
    """Take rows out of `landed` whose required code is none, into `quarantine`; the number of rows."""
    failing = {f'"{c.name}"': c.closing.failing(f'"{c.name}"') for c in feed.landed_columns if c.required and c.closing}
    if not failing:
        return 0
    for name, rule in failing.items():
        con.execute(
            f"insert into quarantine select row_number, '{name[1:-1]}', '{UNCODED}', {name} from landed where {rule}"
        )
    rows: int = con.execute(f"delete from landed where {' or '.join(failing.values())}").fetchall()[0][0]
    return rows


def _kind(type: str) -> str:
    words = {"DATE": "date", "BOOLEAN": "boolean", "TIMESTAMP": "timestamp", "VARCHAR": "reference"}
    return words.get(type.upper(), "number")


def _latest_only(con: duckdb.DuckDBPyConnection, feed: LandedTable) -> int:
    """Make `landed`: whole rows, the latest of each key, in the file's order; returns how many were repeats."""
    required = [c.name for c in feed.landed_columns if c.required]
    whole = " and ".join(f'"{name}" is not null' for name in required) or "true"
    keys = ", ".join(f'"{k}"' for k in feed.unique_key)
    latest = "".join(f'"{name}" desc nulls last, ' for name in feed.latest_by)
    columns = ", ".join(f'"{c.name}"' for c in feed.landed_columns)
    con.execute(
        f"create or replace temp table landed as select row_number, {columns} from typed where {whole}"
        f" qualify row_number() over (partition by {keys} order by {latest}row_number desc) = 1 order by row_number"
    )
    counts = f"(select count(*) from typed where {whole}) - (select count(*) from landed)"
    repeats: int = con.execute(f"select {counts}").fetchall()[0][0]
    return repeats
