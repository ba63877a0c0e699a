"""From a file in the inbox to something that can be landed: clean text, or the cells of a workbook or Parquet file.

Text is checked byte by byte here. Workbooks and Parquet are taken apart in a process of their own with limits on
memory and time (`reader.py`): what a hostile file does to its parser ends there.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.messages import Stop
from wsd_pipeline.vault import preflight
from wsd_pipeline.vault.faults import REASONS, Fault, refusal
from wsd_pipeline.vault.inbox import Manifest, manifest_of
from wsd_pipeline.vault.kinds import Kind, kind_of
from wsd_pipeline.vault.mapping import Layout
from wsd_pipeline.vault.preflight import CleanText

if TYPE_CHECKING:
    import pyarrow as pa

READER_MINUTES = 10


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of a workbook's sheet or of a Parquet file, all as text; `table` has a column for each header."""

    table: pa.Table
    headers: tuple[str, ...]
    rows: int
    header_row: int = 1


Received = CleanText | Cells


@dataclass(frozen=True, kw_only=True)
class Split:
    """The two parts of a split file, to be joined by the row key."""

    identity: Received
    payload: Received


def receive(
    path: Path, table: str, layout: Layout, month: str, scratch: Path, *, sha256: str | None = None
) -> Received:
    """The file, checked whole, and against its manifest where it has one.

    Stops with WSD-111, 113 and 114; with WSD-290 where its hash is no longer the one given.
    """
    data = preflight.read_bytes(path, table, layout, month)
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise Stop("WSD-290", step="month", reason="changed while read", month=month)
    manifest = manifest_of(path, table, month)
    try:
        kind = kind_of(data, path.suffix)
    except Fault as fault:
        raise refusal(table, layout, fault, month) from None
    if kind is Kind.TEXT:
        return preflight.check(data, table, layout, month, manifest, header_row=layout.header_row)
    return _cells(data, kind, table, layout, month, manifest, scratch)


def _cells(
    data: bytes, kind: Kind, table: str, layout: Layout, month: str, manifest: Manifest | None, scratch: Path
) -> Cells:
    cells, fault = None, None
    try:
        cells = read_cells(data, kind, layout.sheet, layout.header_row, scratch)
    except Fault as found:
        fault = found
    if manifest is not None:
        vouched = manifest.sha256 == hashlib.sha256(data).hexdigest()
        rows = None if cells is None else cells.rows
        preflight.compare(manifest, table, month, rows, vouched=vouched, fault=fault)
    if cells is None:
        raise refusal(table, layout, fault or Fault("structure"), month)
    return cells


def read_cells(data: bytes, kind: Kind, sheet: str | None, header_row: int, scratch: Path) -> Cells:
    """The cells, read by another process; header row 0 means that it is to be found.

    Raises Fault; "reader stopped" where that process ended without a word.
    """
    import pyarrow as pa

    with _unnamed(scratch) as given, _unnamed(scratch) as made:
        os.write(given, data) if len(data) < 2**20 else _write(given, data)
        status = _reader(kind, sheet, header_row, given, made)
        with os.fdopen(os.dup(made), "rb") as file:
            file.seek(0)
            answer = file.read()
    if status:
        reason = answer.decode("ascii", errors="replace")
        raise Fault(reason if status == 3 and reason in REASONS else "reader stopped")
    try:
        read = pa.ipc.open_file(answer).read_all()
    except (pa.ArrowInvalid, OSError):
        raise Fault("reader stopped") from None
    headers = tuple(name.strip() for name in read.column_names)
    if len(set(headers)) != len(headers):
        raise Fault("duplicate header", header_row)
    found = int((read.schema.metadata or {}).get(b"header_row", header_row or 1))
    return Cells(table=read, headers=headers, rows=read.num_rows, header_row=found)


def _reader(kind: Kind, sheet: str | None, header_row: int, given: int, made: int) -> int:
    """Run `reader.py` over the open files; its exit status, 1 where it took too long."""
    command = [
        sys.executable, "-m", "wsd_pipeline.vault.reader", kind.value, str(given), str(made), str(header_row),
        *([] if sheet is None else [sheet]),
    ]  # fmt: skip
    scratch = tempfile.gettempdir()
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(given, made), cwd=Path(__file__).resolve().parents[2], timeout=60 * READER_MINUTES, check=False,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": scratch, "TMPDIR": scratch, "OMP_NUM_THREADS": "1"},
        ).returncode  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


@contextmanager
def _unnamed(scratch: Path) -> Iterator[int]:
    """An open file without a name: in memory where the system has it, else in the scratch folder."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("wsd")
    else:
        scratch.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=scratch)
        Path(path).unlink()
    try:
        yield handle
    finally:
        os.close(handle)
