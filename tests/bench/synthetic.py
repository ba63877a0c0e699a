"""Time and memory of the invented borough: `python -m tests.bench.synthetic --people 330000 --months 3`.

Prints one row a month: wall and processor seconds of making and writing it, and the peak memory so far. The first row
is everything before the first file: the borough begun and its year of history.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def timed(label: str) -> Iterator[None]:
    """Print a row when the block ends."""
    wall, used = time.monotonic(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{label:<10} {time.monotonic() - wall:>9.1f} {time.process_time() - used:>12.1f} {peak:>10.2f}", flush=True)


FIRST = "2026-01"


def main() -> None:
    """Make the months in a folder that is thrown away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=330_000)
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    begun = time.monotonic()
    print(f"{'':<10} {'wall s':>9} {'processor s':>12} {'peak GiB':>10}")

    from synthetic_data.feeds.mess import ErrorRates, Mess
    from synthetic_data.feeds.month import extracts
    from synthetic_data.feeds.reference import write_reference
    from synthetic_data.feeds.write import write_feed
    from synthetic_data.run import advance, begin
    from synthetic_data.truth.month import write_truth
    from wsd_pipeline.settings import Mode, Project, month_after

    with tempfile.TemporaryDirectory() as folder:
        project = Project(root=Path(folder), name="bench", mode=Mode.SYNTHETIC)
        month, rows = FIRST, 0
        with timed("begin"):
            state = begin(given.seed, given.people, month)
            mess = Mess(state, ErrorRates())
        for _ in range(given.months):
            with timed(month):
                advance(state, month)
                feeds = extracts(state, mess, month, FIRST)
                for feed in feeds:
                    write_feed(project, month, feed)
                write_truth(project, month, state, mess, [feed.records for feed in feeds])
            rows += sum(feed.rows.height for feed in feeds)
            month = month_after(month)
        with timed("reference"):
            write_reference(project, state)
        size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file()) / 2**20
    print(f"{rows:,} rows, {size:.0f} MiB, {time.monotonic() - begun:.1f} s in all")


if __name__ == "__main__":
    main()
