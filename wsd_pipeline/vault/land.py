"""From clean text to a typed table: everything is read as text, kept, then cast.

A value that cannot be read becomes null and goes to quarantine with its row number and a reason; a row without a
required value is held back whole. Rows that repeat the table's key are resubmissions: the latest is carried on.
Tables of the session: `text` (as received), `typed` (every row), `landed` (those carried on), `quarantine`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import Severity, literal
from wsd_pipeline.contracts.core import FileFormat, Landed, LandedTable
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.errors import log_frames
from wsd_pipeline.vault.layout import Count, Names
from wsd_pipeline.vault.preflight import LINE_CAP_BYTES, CleanText, Fault, refusal

if TYPE_CHECKING:
    import duckdb

READABLE, REQUIRED = "readable", "required"
TRUE_WORDS, FALSE_WORDS = ("y", "yes", "true", "t", "1"), ("n", "no", "false", "f", "0")
BLANKS = " \t\r\n\u00a0"
_RARE_BLANKS = (b"\t", b'"', "\u00a0".encode())  # without these, space is the only blank: five times as fast
_EARLIEST_YEAR = 1800


@dataclass(frozen=True, kw_only=True)
class Landing:
    """What landing a file came to. Counts of rows; `checks` say how many values were unreadable or missing."""

    rows: int
    quarantined: int
    resubmitted: int
    checks: tuple[CheckResult, ...]


def land(con: duckdb.DuckDBPyConnection, feed: LandedTable, text: CleanText, month: str) -> Landing:
    """Make `typed`, `landed` and `quarantine` from the file. Stops with WSD-112 (header) or WSD-111 (structure)."""
    check_header(feed.key, [c.source_header for c in feed.landed_columns], text.headers, month)
    headers = {c.source_header: c.name for c in feed.landed_columns}
    read_as_text(con, "text", text, feed.file, headers, feed.key, month)
    casts = ",\n".join(f'{cast(c, feed.file)} as "{c.name}"' for c in feed.landed_columns)
    con.execute(f"create or replace temp table typed as select row_number, {casts} from text")
    checks = _unreadable(con, feed)
    quarantined = _quarantine(con, feed, checks)
    resubmitted = _latest_only(con, feed)
    con.execute("drop table text")
    rows = con.execute("select count(*) from landed").fetchall()[0][0]
    return Landing(rows=rows, quarantined=quarantined, resubmitted=resubmitted, checks=tuple(checks))


def check_header(table: str, wanted: list[str], headers: tuple[str, ...], month: str) -> None:
    """Every wanted column is there, in any order; unknown ones are only counted. Stops with WSD-112."""
    if missing := Names(h for h in wanted if h not in headers):
        extra = Count(len(set(headers) - set(wanted)))
        raise Stop("WSD-112", table=table, missing=missing, extra_count=extra, month=month)


def read_as_text(
    con: duckdb.DuckDBPyConnection,
    into: str,
    text: CleanText,
    layout: FileFormat,
    headers: Mapping[str, str],
    table: str,
    month: str,
) -> None:
    """A temp table of the named columns as trimmed text, missing markers as null, `row_number` from 1.

    `headers` maps those wanted from the file to names of ours; no other column is read into the session.
    """
    declared = {h: f"column_{i}" for i, h in enumerate(text.headers)}
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in declared.values())
    padded = [f"{before}{m}{after}" for m in layout.missing for before in ("", " ") for after in ("", " ")]
    missing = "[" + ", ".join(literal(m) for m in padded) + "]"
    trim = f"trim({{}}, {literal(BLANKS)})" if any(b in text.data for b in _RARE_BLANKS) else "trim({})"
    kept = [f"nullif({trim.format(declared[header])}, '') as \"{name}\"" for header, name in headers.items()]
    with _readable(con, text.data) as path:
        source = (
            f"read_csv({literal(path)}, header = true, auto_detect = false, columns = {{{columns}}},"
            f" delim = {literal(layout.delimiter)}, quote = '\"', escape = '\"', new_line = '\\n',"
            f" nullstr = {missing}, strict_mode = true, max_line_size = {2 * LINE_CAP_BYTES})"
        )
        try:
            con.execute(
                f"create or replace temp table {into} as"
                f" select row_number() over () as row_number, {', '.join(kept)} from {source}"
            )
        except Exception as error:
            log_frames(error)
            line = re.search(r"Line: (\d+)", str(error))
            fault = Fault("structure", int(line.group(1)) if line else 0)
            raise refusal(table, layout, fault, month) from None
    read = con.execute(f"select count(*) from {into}").fetchall()[0][0]
    if read != text.rows:
        raise refusal(table, layout, Fault("structure", 0), month)


@contextmanager
def _readable(con: duckdb.DuckDBPyConnection, data: bytes) -> Iterator[str]:
    """A path under which DuckDB can read the bytes: memory where the system has it, else a file in the spill folder."""
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        handle, path = os.memfd_create("wsd"), ""
        path = f"/proc/self/fd/{handle}"
    else:
        folder = con.execute("select current_setting('temp_directory')").fetchall()[0][0]
        handle, path = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb", closefd=False) as file:
            file.write(data)
        yield path
    finally:
        os.close(handle)
        if not path.startswith("/proc/"):
            Path(path).unlink(missing_ok=True)


def cast(column: Landed, layout: FileFormat) -> str:
    """SQL that reads the text of `column` as its type, null where it cannot be."""
    text, kind = f'"{column.name}"', column.type.upper()
    if kind == "VARCHAR":
        return text
    if kind == "DATE":
        return _moment(text, layout.date_formats, "date")
    if kind.startswith("TIMESTAMP"):
        return _moment(text, layout.timestamp_formats + layout.date_formats, "timestamp")
    if kind == "BOOLEAN":
        true, false = (", ".join(literal(w) for w in words) for words in (TRUE_WORDS, FALSE_WORDS))
        return f"case when lower({text}) in ({true}) then true when lower({text}) in ({false}) then false end"
    whole = kind in ("SMALLINT", "INTEGER", "BIGINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT")
    pattern = r"[+-]?[0-9]+([.]0*)?" if whole else r"[+-]?[0-9]*[.]?[0-9]+"
    return f"case when regexp_full_match({text}, '{pattern}') then try_cast({text} as {column.type}) end"


def _moment(text: str, formats: tuple[str, ...], kind: str) -> str:
    layouts = "[" + ", ".join(literal(f) for f in formats) + "]"
    parsed = f"try_strptime({text}, {layouts})"
    return f"case when year({parsed}) >= {_EARLIEST_YEAR} then {parsed}::{kind} end"


def _unreadable(con: duckdb.DuckDBPyConnection, feed: LandedTable) -> list[CheckResult]:
    """How many values of each typed column could not be read, and how many required values are missing."""
    wanted: list[tuple[Landed, str]] = []
    for column in feed.landed_columns:
        if column.type.upper() != "VARCHAR":
            wanted.append((column, READABLE))
        if column.required:
            wanted.append((column, REQUIRED))
    counts = []
    for column, check in wanted:
        name = f'"{column.name}"'
        if check == READABLE:
            counts += [f"count(*) filter (x.{name} is not null and y.{name} is null)", f"count(x.{name})"]
        else:
            counts += [f"count(*) filter (x.{name} is null)", "count(*)"]
    if not wanted:
        return []
    found = con.execute(f"select {', '.join(counts)} from text x positional join typed y").fetchall()[0]
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
        name = f'"{check.column}"'
        if check.check == READABLE:
            reason = f"unreadable_{_kind(feed.column(check.column).type)}"
            where = f"x.{name} is not null and y.{name} is null"
        else:
            reason, where = "required_missing", f"x.{name} is null"
        parts.append(
            f"select x.row_number, '{check.column}', '{reason}', x.{name}"
            f" from text x positional join typed y where {where}"
        )
    con.execute(f"create or replace temp table quarantine as {' union all '.join(parts)}")
    rows: int = con.execute("select count(distinct row_number) from quarantine").fetchall()[0][0]
    return rows


def _kind(type: str) -> str:
    words = {"DATE": "date", "BOOLEAN": "boolean", "TIMESTAMP": "timestamp"}
    return words.get(type.upper(), "number")


def _latest_only(con: duckdb.DuckDBPyConnection, feed: LandedTable) -> int:
    """Make `landed`: whole rows, the latest of each key, in the file's order; returns how many were repeats."""
    required = [c.name for c in feed.landed_columns if c.required]
    whole = " and ".join(f'"{name}" is not null' for name in required) or "true"
    keys = ", ".join(f'"{k}"' for k in feed.unique_key)
    latest = "".join(f'"{name}" desc nulls last, ' for name in feed.latest_by)
    con.execute(
        f"create or replace temp table landed as select * from typed where {whole}"
        f" qualify row_number() over (partition by {keys} order by {latest}row_number desc) = 1 order by row_number"
    )
    counts = f"(select count(*) from typed where {whole}) - (select count(*) from landed)"
    repeats: int = con.execute(f"select {counts}").fetchall()[0][0]
    return repeats
