"""From what was received to a table of text: every column as it was written, trimmed, missing markers as null.

Nothing is cast here. A split file's two parts are joined by their row key; rows without a partner are set aside.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.errors import log_frames
from wsd_pipeline.vault.faults import Fault, refusal
from wsd_pipeline.vault.inbox import IDENTITY, PAYLOAD
from wsd_pipeline.vault.layout import Count, Names
from wsd_pipeline.vault.mapping import ROW_KEY, Layout
from wsd_pipeline.vault.preflight import LINE_CAP_BYTES, CleanText
from wsd_pipeline.vault.receive import Received, Split

if TYPE_CHECKING:
    import duckdb

BLANKS = " \t\r\n\u00a0"
_RARE_BLANKS = (b"\t", b'"', "\u00a0".encode())  # without these, space is the only blank: five times as fast
_KEY = "row key"  # no contract's column has a space in its name


def read_feed(
    con: duckdb.DuckDBPyConnection, feed: LandedTable, received: Received | Split, layout: Layout, month: str
) -> None:
    """Make `text` with every column of the contract, and `strays` (row_number, reason, raw_value) of a split file.

    Stops with WSD-112 where a header is missing, WSD-111 where the structure does not hold.
    """
    con.execute("create or replace temp table strays (row_number bigint, reason varchar, raw_value varchar)")
    headers = {header: name for name, header in layout.columns.items()}
    if not isinstance(received, Split):
        check_header(feed.key, headers, received.headers, month, _told(headers, layout))
        fixed = {c.name: layout.constants.get(c.name) for c in feed.landed_columns if c.name not in layout.columns}
        read_as_text(con, "text", received, layout, headers, feed.key, month, fixed)
        return
    parts = {IDENTITY: received.identity, PAYLOAD: received.payload}
    both = (*parts[IDENTITY].headers, *parts[PAYLOAD].headers)
    check_header(feed.key, headers, both, month, _told(headers, layout))
    taken: set[str] = set()
    for part, sent in parts.items():
        if layout.row_key not in sent.headers:
            raise Stop("WSD-112", table=feed.key, missing=Names((ROW_KEY,)), extra_count=Count(0), month=month)
        here = {h: n for h, n in headers.items() if h in sent.headers and n not in taken}
        taken |= set(here.values())
        wanted = {**here, layout.row_key: _KEY} if layout.row_key not in here else here
        read_as_text(con, f"text_{part}", sent, layout, wanted, feed.key, month)
    _join(con, feed, layout)


def _join(con: duckdb.DuckDBPyConnection, feed: LandedTable, layout: Layout) -> None:
    """`text` of the rows that have one partner each, in the payload's order; the others of both parts are strays."""
    key = f'"{_KEY}"'
    if layout.row_key in layout.columns.values():
        key = '"' + next(name for name, header in layout.columns.items() if header == layout.row_key) + '"'
    found = {
        part: {name for (name, *_) in con.execute(f"describe text_{part}").fetchall()} for part in (IDENTITY, PAYLOAD)
    }
    for part in (IDENTITY, PAYLOAD):
        con.execute(
            f"create or replace temp table single_{part} as select * from text_{part} where {key} is not null"
            f" qualify count(*) over (partition by {key}) = 1"
        )
    columns = ", ".join(
        f'{"i" if c.name in found[IDENTITY] else "p"}."{c.name}"'
        if c.name in found[IDENTITY] | found[PAYLOAD]
        else f'{_fixed(layout.constants.get(c.name))} as "{c.name}"'
        for c in feed.landed_columns
    )
    con.execute(
        f"create or replace temp table text as select p.row_number, {columns}"
        f" from single_{PAYLOAD} p join single_{IDENTITY} i on i.{key} = p.{key} order by p.row_number"
    )
    for part, other in ((IDENTITY, PAYLOAD), (PAYLOAD, IDENTITY)):
        con.execute(
            f"insert into strays select t.row_number, case when s.row_number is null then 'row_key_not_single_{part}'"
            f" else 'no_partner_{part}' end, t.{key} from text_{part} t left join single_{part} s using (row_number)"
            f" where t.{key} is null or t.{key} not in (select {key} from single_{other}) or s.row_number is null"
        )
    for part in (IDENTITY, PAYLOAD):
        con.execute(f"drop table text_{part}; drop table single_{part}")


def _told(headers: Mapping[str, str], layout: Layout) -> dict[str, str]:
    """What each header is called in a message: a supplier's own header by the contract's column, as no text of theirs
    goes outside."""
    return {header: header if layout.fingerprint is None else name for header, name in headers.items()}


def check_header(
    table: str,
    wanted: Collection[str],
    headers: tuple[str, ...],
    month: str,
    told: Mapping[str, str] | None = None,
) -> None:
    """Every wanted column is there, in any order; unknown ones are only counted.

    `told` has what each is called in a message, where that is not the header. Stops with WSD-112.
    """
    if missing := Names((told or {}).get(h, h) for h in wanted if h not in headers):
        extra = Count(len(set(headers) - set(wanted)))
        raise Stop("WSD-112", table=table, missing=missing, extra_count=extra, month=month)


def read_as_text(
    con: duckdb.DuckDBPyConnection,
    into: str,
    received: Received,
    layout: FileFormat,
    headers: Mapping[str, str],
    table: str,
    month: str,
    fixed: Mapping[str, str | None] | None = None,
) -> None:
    """A temp table of the named columns as trimmed text, missing markers as null, `row_number` from 1.

    `headers` maps those wanted from the file to names of ours; no other column is read into the session. `fixed`
    adds columns that have one value, or none, in every row.
    """
    declared = {h: f"column_{i}" for i, h in enumerate(received.headers)}
    constants = [f'{_fixed(value)} as "{name}"' for name, value in (fixed or {}).items()]
    if isinstance(received, CleanText):
        blanks = f", {literal(BLANKS)}" if any(b in received.data for b in _RARE_BLANKS) else ""
        kept = [f"nullif(trim({declared[h]}{blanks}), '') as \"{name}\"" for h, name in headers.items()]
        _read_csv(con, into, received, layout, declared, ", ".join([*kept, *constants]), table, month)
    else:
        missing = ", ".join(literal(m) for m in layout.missing)
        kept = [
            f'case when trim({c}, {literal(BLANKS)}) not in ({missing}) then trim({c}, {literal(BLANKS)}) end as "{n}"'
            for c, n in ((f'"{declared[h]}"', name) for h, name in headers.items())
        ]
        con.register("cells", received.table.rename_columns(list(declared.values())))
        con.execute(
            f"create or replace temp table {into} as"
            f" select row_number() over () as row_number, {', '.join([*kept, *constants])} from cells"
        )
        con.unregister("cells")
    read = con.execute(f"select count(*) from {into}").fetchall()[0][0]
    if read != received.rows:
        raise refusal(table, layout, Fault("structure"), month)


def _fixed(value: str | None) -> str:
    return "null::varchar" if value is None else literal(value)


def _read_csv(
    con: duckdb.DuckDBPyConnection,
    into: str,
    text: CleanText,
    layout: FileFormat,
    declared: Mapping[str, str],
    kept: str,
    table: str,
    month: str,
) -> None:
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in declared.values())
    padded = [f"{before}{m}{after}" for m in layout.missing for before in ("", " ") for after in ("", " ")]
    missing = "[" + ", ".join(literal(m) for m in padded) + "]"
    with _readable(con, text.data) as path:
        source = (
            f"read_csv({literal(path)}, header = true, auto_detect = false, columns = {{{columns}}},"
            f" delim = {literal(layout.delimiter)}, quote = '\"', escape = '\"', new_line = '\\n',"
            f" nullstr = {missing}, strict_mode = true, max_line_size = {2 * LINE_CAP_BYTES})"
        )
        try:
            con.execute(
                f"create or replace temp table {into} as"
                f" select row_number() over () as row_number, {kept} from {source}"
            )
        except Exception as error:
            log_frames(error)
            line = re.search(r"Line: (\d+)", str(error))
            fault = Fault("structure", int(line.group(1)) if line else 0)
            raise refusal(table, layout, fault, month) from None


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
