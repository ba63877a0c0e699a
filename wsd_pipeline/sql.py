"""SQL models: one file, one SELECT, one table; read for lineage, run in a sealed DuckDB.

A sealed session sees only the files of the inputs a model declares (by reading them), may write only into its
staging folder, and cannot load code, reach Python objects or change its own settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.contracts.core import Table

if TYPE_CHECKING:
    import duckdb

ROW_GROUP_ROWS = 122_880


@lru_cache(maxsize=1)
def sql_root() -> Path:
    """The folder of the models: `sql/` of the checkout, or its copy inside the wheel."""
    here = Path(__file__).resolve().parent
    for folder in (here.parent / "sql", here / "_sql"):
        if (folder / "macros").is_dir():
            return folder
    raise FileNotFoundError("sql/")


@dataclass(frozen=True, kw_only=True)
class Model:
    """A SELECT with the key of the table it makes, the tables it reads and the parameters it binds.

    `reads` are `layer.name` keys of the same month; `previous` those of the month before, written
    `previous.layer.name` in the text.
    """

    key: str
    text: str
    reads: frozenset[str]
    previous: frozenset[str]
    parameters: frozenset[str]


def parse_model(key: str, text: str) -> Model:
    """The model of a SELECT, its lineage read from its words: a table of a layer after `from` or `join`.

    Reading words is sixty times as fast as parsing every model, which each command that looks at them would wait for;
    a test holds the two to the same answer.
    """
    from wsd_pipeline.contracts import LAYERS

    plain = re.sub(r"--[^\n]*|'(?:[^']|'')*'", " ", text)
    found = re.findall(r"\b(?:from|join)\s+(previous\.)?([a-z_]+)\.([a-z_0-9]+)", plain, re.IGNORECASE)
    named = [(bool(before), f"{layer}.{name}") for before, layer, name in found if layer in LAYERS]
    return Model(
        key=key,
        text=text,
        reads=frozenset(read for before, read in named if not before),
        previous=frozenset(read for before, read in named if before),
        parameters=frozenset(re.findall(r"\$([a-z_]+)", text)),
    )


@lru_cache(maxsize=256)
def load_model(key: str) -> Model:
    """The model of the file `sql/<layer>/<name>.sql`."""
    layer, name = key.split(".", 1)
    return parse_model(key, (sql_root() / layer / f"{name}.sql").read_text(encoding="utf-8"))


def model_keys() -> list[str]:
    """The key of every model that is a file."""
    return sorted(f"{p.parent.name}.{p.stem}" for p in sql_root().glob("*/*.sql") if p.parent.name != "macros")


@lru_cache(maxsize=1)
def macros() -> tuple[str, ...]:
    """The text of every macro file, each one `create function`."""
    return tuple(p.read_text(encoding="utf-8") for p in sorted((sql_root() / "macros").glob("*.sql")))


def connect(temp: Path, *, threads: int, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that spills only into `temp` and never hangs on a failed COPY (`async_threads`)."""
    import duckdb

    temp.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    con.execute("set async_threads = 0")
    con.execute(f"set threads = {int(threads)}")
    con.execute("set memory_limit = ?", [memory_limit])
    con.execute("set temp_directory = ?", [str(temp)])
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute("set python_enable_replacements = false")
    return con


def attach_inputs(con: duckdb.DuckDBPyConnection, inputs: Mapping[str, Path], prefix: str = "") -> None:
    """A view `layer.name` over each Parquet file; `prefix` is a catalog, for last month's tables."""
    for key, path in sorted(inputs.items()):
        layer, name = key.split(".", 1)
        con.execute(f'create schema if not exists {prefix}"{layer}"')
        con.execute(f"""create view {prefix}"{layer}"."{name}" as select * from read_parquet('{quoted(path)}')""")


def attach_reference(con: duckdb.DuckDBPyConnection, keys: Iterable[str]) -> list[Path]:
    """A typed table `reference.<name>` of each key, read from the CSV shipped with the library; the files read.

    A table of the pipeline's own notes has no file, and is left empty for its rows.
    """
    from wsd_pipeline.contracts import table

    con.execute("create schema if not exists reference")
    read = []
    for key in sorted(keys):
        if is_noted(key):
            attach_empty(con, {key: table(key)})
            continue
        path = reference_path(key)
        columns = ", ".join(f"{literal(c.name)}: {literal(c.type)}" for c in table(key).columns)
        con.execute(
            f"create table {key} as select * from read_csv('{quoted(path)}', header = true, delim = ',',"
            f" quote = '\"', nullstr = '', columns = {{{columns}}})"
        )
        read.append(path)
    return read


def is_noted(key: str) -> bool:
    """Whether a reference table is of the pipeline's own notes of the month."""
    from wsd_pipeline.contracts import table
    from wsd_pipeline.contracts.reference import Origin, ReferenceTable

    found = table(key)
    return isinstance(found, ReferenceTable) and found.origin is Origin.NOTED


def reference_path(key: str) -> Path:
    """The CSV file of a shipped reference table."""
    return Path(__file__).resolve().parent / "reference" / f"{key.split('.', 1)[1]}.csv"


def attach_empty(con: duckdb.DuckDBPyConnection, tables: Mapping[str, Table], prefix: str = "") -> None:
    """An empty table `layer.name` of each contract: last month's tables in the first month."""
    for key, table in sorted(tables.items()):
        layer, name = key.split(".", 1)
        con.execute(f'create schema if not exists {prefix}"{layer}"')
        columns = ", ".join(f'"{c.name}" {c.type}' for c in table.columns)
        con.execute(f'create table {prefix}"{layer}"."{name}" ({columns})')


def seal(con: duckdb.DuckDBPyConnection, readable: list[Path], writable: Path) -> None:
    """Close the session: only `readable` files and the `writable` folder; settings locked."""
    con.execute("set allowed_paths = ?", [[str(p) for p in readable]])
    con.execute("set allowed_directories = ?", [[str(writable) + "/"]])
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")


def quoted(path: Path) -> str:
    """A path inside a SQL string literal."""
    return str(path).replace("'", "''")


def typed_select(table: Table, relation: str) -> str:
    """A SELECT of exactly the contract's columns, cast to its types, ordered by its key."""
    columns = ",\n    ".join(f'cast("{c.name}" as {c.type}) as "{c.name}"' for c in table.columns)
    order = ", ".join(f'"{k}"' for k in table.unique_key)
    return f"select\n    {columns}\nfrom {relation}\norder by {order}"


def write_parquet(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> int:
    """Write the SELECT's rows in its order to `path`; the number of rows. The same rows give the same bytes."""
    rows: Any = con.execute(
        f"copy ({select}) to '{quoted(path)}'"
        f" (format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS}, preserve_order true)"
    ).fetchall()
    return int(rows[0][0])
