"""A process that reads one workbook or Parquet file and then ends: `reader KIND FD-IN FD-OUT HEADER-ROW [SHEET]`.

It has little memory and time, writes to one open file only, and says nothing but cells as text (Arrow) or, with exit
status 3, one of the listed reasons. Cells are values: formulas count as what they last came to, macros are refused.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from typing import Any

from wsd_pipeline.vault.faults import Fault

MEMORY_CAP_BYTES = 6 * 1024**3  # of address space, of which much is never touched
SECONDS_CAP = 300
ROWS_CAP = 50_000_000
COLUMNS_CAP = 2_000


def main(arguments: list[str]) -> int:
    """0 with the cells written, 3 with a reason written."""
    kind, given, made, header_row, *sheet = arguments
    limits = {
        resource.RLIMIT_CORE: 0, resource.RLIMIT_AS: MEMORY_CAP_BYTES, resource.RLIMIT_CPU: SECONDS_CAP,
    }  # fmt: skip
    for limit, most in limits.items():
        with contextlib.suppress(OSError, ValueError):  # a system that knows no such limit
            resource.setrlimit(limit, (most, most))
    data = _all_of(int(given))
    try:
        if kind == "workbook":
            from wsd_pipeline.vault.workbook import cells_of

            table = cells_of(data, sheet[0] if sheet else None, int(header_row))
        else:
            table = parquet_cells(data)
    except Fault as fault:
        os.write(int(made), fault.reason.encode())
        return 3
    _write(table, int(made))
    return 0


def _all_of(handle: int) -> bytes:
    with os.fdopen(handle, "rb") as file:
        file.seek(0)
        return file.read()


def _write(table: Any, handle: int) -> None:
    import pyarrow as pa

    with os.fdopen(handle, "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)


def parquet_cells(data: bytes) -> Any:
    """The columns of a Parquet file as text. Raises Fault."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if data.startswith(b"PARE") or data.endswith(b"PARE"):
        raise Fault("encrypted")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        _check_schema(file)
        table = file.read(use_threads=False)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise Fault("encrypted" if "encrypt" in str(error).lower() else "structure") from None
    if table.num_rows != file.metadata.num_rows:
        raise Fault("structure")
    return pa.table([as_text(column) for column in table.columns], names=table.column_names)


def _check_schema(file: Any) -> None:
    import pyarrow.types as kinds

    if file.metadata.num_rows > ROWS_CAP:
        raise Fault("too many rows")
    if file.metadata.num_columns > COLUMNS_CAP:
        raise Fault("too many columns")
    for field in file.schema_arrow:
        kind = field.type.value_type if kinds.is_dictionary(field.type) else field.type
        if kinds.is_nested(kind):
            raise Fault("nested columns")
        if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
            raise Fault("binary columns")
        if not field.name.strip():
            raise Fault("blank header")


def as_text(column: Any) -> Any:
    """A column of any plain type as the text a supplier would have written: ISO dates, whole numbers without point."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as kinds

    if kinds.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kinds.is_timestamp(column.type):
        return pc.strftime(column.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%d %H:%M:%S")
    if kinds.is_date(column.type):
        column = column.cast(pa.date32())
    if kinds.is_floating(column.type):
        column = column.cast(pa.float64())
        parts = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), 2.0**53))
        if pc.all(pc.fill_null(parts, fill_value=True)).as_py():
            column = column.cast(pa.int64())
    return column.cast(pa.string())


if __name__ == "__main__":
    sys.stdout.flush()
    os._exit(main(sys.argv[1:]))
