"""The parent's side of `sources.py`: a child looks at a file that this process never reads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import told
from wsd_pipeline.vault.airlock import spawn
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.listed import Unlisted
from wsd_pipeline.vault.report import Report

MINUTES = 30.0


def look(
    project: Project, file: Path, month: str, feed: LandedTable | None = None, sheet: str | None = None
) -> told.Told:
    """What the file looks like; with a feed, its mapping is suggested and written to `sources/<feed>.yaml`."""
    step = "map" if feed else "inspect"
    line = _line(project, step, file, month, feed, () if sheet is None else ("--sheet", sheet))
    try:
        if "stops" in json.loads(line):
            raise _first_stop(line, project, month)
        return told.decode(line, feed)
    except (Unlisted, ValueError):
        raise Stop("WSD-290", step="The vault", reason="unlisted report", month=month) from None


def check(
    project: Project, file: Path, month: str, feed: LandedTable, *, into: str = "", anyway: bool = False
) -> Report:
    """The file landed and checked, nothing kept; with `into`, a copy of it in the inbox if it passes, or anyway.

    Why it does not pass is among the report's stops. Stops itself only where the file could not be looked at at all.
    """
    more = ("--into", into, *(("--anyway",) if anyway else ())) if into else ()
    line = _line(project, "accept" if into else "check", file, month, feed, more)
    try:
        report = decode(line, project, month)
    except Unlisted:
        raise Stop("WSD-290", step="The vault", reason="unlisted report", month=month) from None
    if report.stops and not report.key:
        raise report.stops[0]
    return report


def _first_stop(line: bytes, project: Project, month: str) -> Stop:
    stops = decode(line, project, month).stops
    if not stops:
        raise Unlisted
    return stops[0]


def _line(
    project: Project, step: str, file: Path, month: str, feed: LandedTable | None, more: tuple[str, ...]
) -> bytes:
    def command(writer: int) -> list[str]:
        return [
            sys.executable, "-m", "wsd_pipeline.vault.sources", step, "--project", str(project.root),
            "--file", str(file.absolute()), "--month", month, "--feed", feed.name if feed else "", *more,
            "--report-to", str(writer),
        ]  # fmt: skip

    line, status = spawn(project, command, f"source.{step}", MINUTES)
    if status is None:
        raise Stop("WSD-291", step="The vault", minutes=f"{MINUTES:g}", month=month)
    if status != 0 or not line:
        reason = f"signal {-status}" if status < 0 else f"exit {status}" if status else "no report"
        raise Stop("WSD-290", step="The vault", reason=reason, month=month)
    return line
