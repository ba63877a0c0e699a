"""`wsd query`: one SELECT over published marts, which are safe already; read-only, locked down, allow-listed.

Two locks: the text must parse as a single SELECT over marts with allow-listed functions, and the session it runs
in can read the release's Parquet files and nothing else, for a limited time.
"""

from __future__ import annotations

import tempfile
import threading
from numbers import Number
from pathlib import Path
from typing import Any

from wsd_pipeline.cli.output import emit, tabulate
from wsd_pipeline.messages import Stop
from wsd_pipeline.release.reader import unknown
from wsd_pipeline.release.standing import Release
from wsd_pipeline.sql import connect, quoted, seal

SECONDS = 30
SHOWN_ROWS = 1_000
FUNCTIONS = {
    "abs", "avg", "cast", "ceil", "coalesce", "concat", "count", "floor", "greatest", "least", "length", "lower",
    "max", "median", "min", "nullif", "rank", "row_number", "round", "substr", "substring", "sum", "try_cast", "upper",
}  # fmt: skip


def ask(release: Release, sql: str) -> None:
    """Show the rows of the SELECT over the marts of a release; at most 1,000 of them.

    Stops with WSD-606 where it is no such SELECT, WSD-602 for a table that is no mart or a column it has not, WSD-607
    when it takes longer than 30 seconds and WSD-608 where DuckDB cannot answer it.
    """
    checked = check(sql, {path.stem for path in (release.folder / "marts").glob("*.parquet")})
    try:
        columns, rows = _run(release, checked)
    except Stop as stop:
        wrong = _unknown_column(checked, release.folder / "marts") if stop.code == "WSD-608" else None
        raise wrong or stop from None
    data = [dict(zip(columns, row, strict=True)) for row in rows[:SHOWN_ROWS]]
    shown = [["" if value is None else str(value) for value in row] for row in rows[:SHOWN_ROWS]]
    more = [f"The first {SHOWN_ROWS:,} rows are shown."] if len(rows) > SHOWN_ROWS else []
    numbers = [i for i in range(len(columns)) if any(isinstance(row[i], Number) for row in rows)]
    emit(data, tabulate(release.name, columns, shown, numbers=numbers), *more)


def check(sql: str, marts: set[str]) -> str:
    """The SELECT over these marts, written anew from its parsed form.

    Stops with WSD-606 or WSD-602 where it is not allowed.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        statements = [s for s in sqlglot.parse(sql, read="duckdb") if s is not None]
    except SqlglotError:
        raise Stop("WSD-606", reason="it cannot be read as SQL") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise Stop("WSD-606", reason="it is not one SELECT")
    tree = statements[0]
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.catalog:
            raise Stop("WSD-606", reason="it reads something that is not a mart")
        if table.name not in named and (table.name not in marts or table.db not in ("", "mart")):
            raise unknown("mart", table.name, sorted(marts), "wsd marts")
        table.set("db", None)
    for function in tree.find_all(exp.Func):
        name = (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()
        if name not in FUNCTIONS and not isinstance(function, exp.And | exp.Or | exp.Case | exp.If | exp.Exists):
            raise Stop("WSD-606", reason=f"the function {name[:30]} is not allowed")
    return str(tree.sql(dialect="duckdb"))


def _unknown_column(sql: str, marts: Path) -> Stop | None:
    """The stop for a column that none of the marts of a checked SELECT has, with the nearest that is there."""
    import pyarrow.parquet as pq
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(sql, read="duckdb")
    read = sorted({t.name for t in tree.find_all(exp.Table) if (marts / f"{t.name}.parquet").is_file()})
    columns = [name for mart in read for name in pq.read_schema(marts / f"{mart}.parquet").names]
    made = {alias.alias for alias in tree.find_all(exp.Alias, exp.CTE, exp.TableAlias)}
    for column in tree.find_all(exp.Column):
        if column.name not in {*columns, *made}:
            return unknown("column", column.name, columns, f"wsd describe {read[0] if read else 'MART'}")
    return None


def _run(release: Release, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    import duckdb

    files = sorted((release.folder / "marts").glob("*.parquet"))
    with tempfile.TemporaryDirectory(prefix="wsd-query-") as spill:
        con = connect(Path(spill), threads=2, memory_limit="2GB")
        for path in files:
            con.execute(f"create view \"{path.stem}\" as select * from read_parquet('{quoted(path)}')")
        seal(con, files, Path(spill) / "none")
        alarm = threading.Timer(SECONDS, con.interrupt)
        alarm.start()
        try:
            found = con.execute(sql)
            return [column[0] for column in found.description], found.fetchmany(SHOWN_ROWS + 1)
        except duckdb.InterruptException:
            raise Stop("WSD-607", seconds=SECONDS) from None
        except duckdb.Error as error:
            raise Stop("WSD-608", reason=type(error).__name__) from None
        finally:
            alarm.cancel()
            con.close()
