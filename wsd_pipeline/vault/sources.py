"""The vault's child for a file that is not in the inbox yet: `python -m wsd_pipeline.vault.sources STEP …`.

inspect  what it looks like, for people who must not see it
map      which column is which: writes `sources/<feed>.yaml`
check    landing and every check, nothing kept
accept   the same, then a copy in the inbox under its proper name, with a manifest
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.lake import content_key
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_of, snapshot_date, write_text
from wsd_pipeline.sql import connect
from wsd_pipeline.vault import evidence, normalise, preflight, told
from wsd_pipeline.vault.__main__ import end_with_parent
from wsd_pipeline.vault.errors import safe_errors
from wsd_pipeline.vault.examine import Examined, examine
from wsd_pipeline.vault.faults import Fault
from wsd_pipeline.vault.headers import shipped_aliases
from wsd_pipeline.vault.kinds import Kind
from wsd_pipeline.vault.layout import Count
from wsd_pipeline.vault.mapping import Layout, layout_of, mapping_file
from wsd_pipeline.vault.mapping_text import mapping_text
from wsd_pipeline.vault.reading import read_as_text
from wsd_pipeline.vault.receive import Received, receive
from wsd_pipeline.vault.report import Report, TableReport
from wsd_pipeline.vault.report import encode as encode_report
from wsd_pipeline.vault.sniff import sniff
from wsd_pipeline.vault.suggest import Suggestion, gather, suggest

if TYPE_CHECKING:
    import duckdb

STEPS = ("inspect", "map", "check", "accept")
SECONDS_CAP, FILE_CAP_BYTES = 1_800, 8 * 1024**3
SHAPE_LEAST = 10
"""A shape that fewer values than this have is not told."""
_SHAPED = ("NHS number", "NHS number, zeros lost", "postcode", "date", "time", "whole number", "number")


def main(arguments: list[str] | None = None) -> int:
    """Run one step; 0 whenever a line was written, also one of a stop."""
    parser = argparse.ArgumentParser(prog="wsd_pipeline.vault.sources")
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--feed", default="")
    parser.add_argument("--month", type=month_of, required=True)
    parser.add_argument("--sheet", default=None)
    parser.add_argument("--into", default="")
    parser.add_argument("--anyway", action="store_true")
    parser.add_argument("--report-to", type=int, required=True)
    given = parser.parse_args(arguments)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_CAP, SECONDS_CAP))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_CAP_BYTES, FILE_CAP_BYTES))
    end_with_parent()
    line = run(given)
    with os.fdopen(given.report_to, "wb") as out:
        out.write(line)
    return 0


def run(given: argparse.Namespace) -> bytes:
    """The line of the step; any stop, and any other error as WSD-290, becomes part of a report."""
    try:
        with safe_errors("WSD-290", step=given.step, month=given.month):
            project = Project.load(given.project)
            feed = table(f"landed.{given.feed}") if given.feed else None
            if given.step in ("inspect", "map"):
                return told.encode(look(project, given.file, feed, given.month, given.sheet))
            assert isinstance(feed, LandedTable)
            return encode_report(check(project, given.file, feed, given.month, given.into, anyway=given.anyway))
    except Stop as stop:
        return encode_report(Report(key="", reused=False, stops=(stop,)))


def look(project: Project, path: Path, feed: object, month: str, sheet: str | None = None) -> told.Told:
    """What the file looks like; with a feed also which column is which, written into the feed's mapping.

    Stops with WSD-118 where the file cannot be read.
    """
    scratch = project.vault / "_staging"
    try:
        data = preflight.read_bytes(path, "", Layout(), month)
        kind, layout, received = sniff(data, path.suffix, scratch, sheet)
    except Fault as fault:
        raise Stop("WSD-118", reason=fault.reason, line=Count(fault.line)) from None
    except Stop as stop:
        raise Stop("WSD-118", reason=str(stop.facts.get("reason", "")), line=Count(0)) from None
    con = connect(scratch / "spill", threads=project.threads, memory_limit=project.memory_limit)
    try:
        normalise.define(con)
        shapes = _shapes(con, received, layout, month)
        dates, is_open = evidence.date_formats(shapes)
        columns = _columns(con, received.headers, shapes)
        found: list[Suggestion] = []
        if isinstance(feed, LandedTable):
            found = suggest(feed, gather(feed, received.headers, shapes, shipped_aliases()))
            times = evidence.timestamp_formats(shapes, month_first="%m/%d/%Y" in dates)
            said = mapping_text(feed, kind, layout, received.headers, shapes, found, dates, times, is_open=is_open)
            mapping_file(project, feed).parent.mkdir(mode=0o700, exist_ok=True)
            write_text(mapping_file(project, feed), said)
    finally:
        con.close()
    return told.Told(
        kind=kind, encoding=layout.encodings[0] if kind is Kind.TEXT else "",
        delimiter=layout.delimiter if kind is Kind.TEXT else "", header_row=layout.header_row, rows=received.rows,
        columns_count=len(received.headers), date_formats=tuple(dates), is_order_open=is_open, columns=tuple(columns),
        found=tuple(
            told.Found(
                column=s.column, place=0 if s.place is None else s.place + 1, confidence_pct=round(100 * s.confidence)
            )
            for s in found
        ),
    )  # fmt: skip


def _shapes(con: duckdb.DuckDBPyConnection, received: Received, layout: Layout, month: str) -> list[evidence.Shape]:
    columns = {header: f"column_{j}" for j, header in enumerate(received.headers)}
    read_as_text(con, "sample", received, layout, columns, "", month)
    return evidence.shapes_of(con, "sample", list(columns.values()))


def _columns(
    con: duckdb.DuckDBPyConnection, headers: tuple[str, ...], shapes: list[evidence.Shape]
) -> list[told.Looked]:
    return [
        told.Looked(
            place=j + 1,
            words=told.known_words(header),
            kind=(kind := evidence.kind_of_values(shape)),
            missing_pct=round(100 * shape.missing),
            distinct=_banded(shape.distinct),
            shapes=_patterns(con, f"column_{j}") if kind in _SHAPED else (),
        )
        for j, (header, shape) in enumerate(zip(headers, shapes, strict=True))
    ]


def _banded(count: int) -> int:
    """A number of distinct values, rough where it is large."""
    return count if count < SHAPE_LEAST else int(float(f"{count:.1g}"))


def _patterns(con: duckdb.DuckDBPyConnection, name: str) -> tuple[tuple[str, int], ...]:
    """The commonest shapes of a column's values, with their share in per cent; those that few values have left out."""
    shape = f"regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(\"{name}\", 24), '[0-9]', '9', 'g'),"
    shape += " '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g'), '[^Aa9 /:.,-]', '#', 'g')"
    found = con.execute(
        f"select shape, n, sum(n) over () from (select {shape} as shape, count(*) as n from sample"
        f' where row_number <= {evidence.SAMPLE_ROWS} and "{name}" is not null group by 1)'
        f" qualify n >= {SHAPE_LEAST} order by n desc, shape limit 3"
    ).fetchall()
    return tuple((text, round(100 * count / total)) for text, count, total in found)


def check(
    project: Project, path: Path, feed: LandedTable, month: str, into: str = "", *, anyway: bool = False
) -> Report:
    """Land and check a file that is not in the inbox; keep nothing of it, or with `into` a copy under that name.

    A file that does not pass is not copied, unless anyway; one of the wrong people (WSD-130, WSD-131) never is.
    """
    layout = layout_of(project, feed, month)
    scratch = project.vault / "_staging"
    data = preflight.read_bytes(path, feed.key, layout, month)
    sha256 = hashlib.sha256(data).hexdigest()
    con = connect(scratch / "spill", threads=project.threads, memory_limit=project.memory_limit)
    stops: list[Stop] = []
    found: Examined | None = None
    rows = None
    try:
        normalise.define(con)
        received = receive(path, feed.key, layout, month, scratch, sha256=sha256)
        rows = received.rows
        found = examine(con, feed, received, layout, project.mode, month)
        stops = [found.stop] if found.stop else []
    except Stop as stop:
        stops = [stop]
    finally:
        con.close()
    if into and (not stops or anyway) and not {s.code for s in stops} & {"WSD-130", "WSD-131", "WSD-290"}:
        _copy(project, feed, data, into, month, rows, sha256)
    made = TableReport(
        key=content_key({"file": sha256, "feed": feed.fingerprint()}), rows=found.rows if found else 0,
        quarantined=found.quarantined if found else 0, resubmitted=found.resubmitted if found else 0,
        file_sha256=sha256,
    )  # fmt: skip
    return Report(
        key=made.key, reused=False, tables={feed.key: made}, checks=tuple(found.results) if found else (),
        stops=tuple(stops),
    )  # fmt: skip


def _copy(
    project: Project, feed: LandedTable, data: bytes, into: str, month: str, rows: int | None, sha256: str
) -> None:
    """Put the bytes that were checked into the inbox: manifest first, the file last and in one rename."""
    folder = project.inbox / feed.name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / into
    organisation, stamp = path.stem.removeprefix(f"{feed.name}_").split("_")[0], path.stem.rsplit("_", 1)[1]
    manifest = {
        "feed": feed.name, "org_code": organisation, "period_start": f"{month}-01",
        "period_end": snapshot_date(month).isoformat(), "extract_ts": stamp, "row_count": rows, "sha256": sha256,
    }  # fmt: skip
    write_text(path.with_suffix(".manifest.json"), json.dumps(manifest, indent=1) + "\n")
    aside = path.with_name(path.name + ".part")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
