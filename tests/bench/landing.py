"""How long a million rows take from bytes to a typed table: `python tests/bench/landing.py [ROWS]`.

One feed of people (GP registrations, 31 columns), CSV. The rows are those of `tests.vault_files`, repeated.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.vault_files import MONTH, as_bytes, rows_of
from wsd_pipeline.contracts import table
from wsd_pipeline.sql import connect
from wsd_pipeline.vault import checks, land, normalise, preflight

FEED = "gp__registrations"


def extract(rows: int) -> bytes:
    """The bytes of an extract of so many rows."""
    feed = table(f"landed.{FEED}")
    some = rows_of(FEED)
    made = [{**some[i % len(some)], "local_patient_id": f"L{i}"} for i in range(rows)]
    return as_bytes(feed, made)


def main(rows: int) -> None:
    """Land the extract three times; print the seconds of each part, the least of three."""
    feed = table(f"landed.{FEED}")
    data = extract(rows)
    print(f"{rows:,} rows, {len(data) / 1e6:.0f} MB")
    best = [9e9] * 3
    for _ in range(3):
        with tempfile.TemporaryDirectory() as spill:
            con = connect(Path(spill), threads=2, memory_limit="8GB")
            normalise.define(con)
            marks = [time.perf_counter()]
            text = preflight.check(data, feed.key, feed.file, MONTH)
            marks.append(time.perf_counter())
            land.land(con, feed, text, MONTH)
            marks.append(time.perf_counter())
            checks.check_rows(con, feed, "landed", MONTH)
            marks.append(time.perf_counter())
            con.close()
        best = [min(b, later - earlier) for b, earlier, later in zip(best, marks, marks[1:], strict=False)]
    for name, seconds in zip(("preflight", "land", "checks"), best, strict=True):
        print(f"{name:10} {seconds:6.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
