"""Whether a table that was made becomes the accepted one: reuse it, promote it, or keep why not. Errors quote no data.

The validator is an argument, so the library knows no particular one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsd_pipeline import gate
from wsd_pipeline.contracts.core import Table
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop, named
from wsd_pipeline.notes import checks_path
from wsd_pipeline.settings import month_before, snapshot_date

Validator = Callable[[Table, Path, Mapping[str, Any]], list[CheckResult]]
"""Checks the Parquet file of a table; the facts are month, snapshot_date, previous and inputs (paths)."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one table in one month. `stop` says why it was not accepted; None means it was."""

    table: str
    month: str
    key: str
    rows: int
    reused: bool
    results: tuple[CheckResult, ...] = ()
    stop: Stop | None = None


def facts_of(lake: Zone, table: Table, month: str, inputs: Mapping[str, Path]) -> Mapping[str, Any]:
    """What a validator is told of the build beside the file."""
    return {
        "month": month,
        "snapshot_date": snapshot_date(month),
        "previous": lake.path(table.key, month_before(month)),
        "inputs": inputs,
    }


def reused_outcome(lake: Zone, table: Table, month: str, key: str) -> Outcome | None:
    """The accepted table, where it was built under the same content key and its file is still there."""
    pointer = lake.pointer(table.key, month)
    if pointer is None or pointer.key != key or not (lake.root / pointer.files[table.key]).is_file():
        return None
    path = checks_path(lake, table.key, month)
    results = tuple(gate.load(path)) if path.is_file() else ()
    return Outcome(table=table.key, month=month, key=key, rows=pointer.rows[table.key], reused=True, results=results)


def settle(
    lake: Zone,
    table: Table,
    month: str,
    key: str,
    staged: Path,
    rows: int,
    results: tuple[CheckResult, ...],
    facts: Mapping[str, Any] | None = None,
) -> Outcome:
    """Keep the results; promote the staged file if no critical check failed, remove it otherwise."""
    gate.save(results, checks_path(lake, table.key, month))
    stop = gate.stop_for(results, month)
    if stop is None:
        lake.promote(table.key, month, key, {table.key: staged}, {table.key: rows}, facts)
    shutil.rmtree(staged.parent, ignore_errors=True)
    return Outcome(table=table.key, month=month, key=key, rows=rows, reused=False, results=results, stop=stop)


@contextmanager
def coded_errors(step: str, month: str, folder: Path) -> Iterator[None]:
    """Turn another library's error, which may quote data, into a Stop that names only the step and the error's type."""
    try:
        yield
    except Stop:
        raise
    except OSError as error:
        if error.errno == 28:
            raise Stop("WSD-420", folder=str(folder), month=month) from None
        raise Stop("WSD-290", step=step, reason=named(error), month=month) from None
    except Exception as error:
        raise Stop("WSD-290", step=step, reason=named(error), month=month) from None
