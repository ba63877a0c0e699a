"""Which feeds a month has: those the project takes in, less those the month was told to go without.

A council starts with a few feeds. A feed that is not supplied has an empty `pseudo` table and no row in
`reference.received_feeds`; what rests on it is not evaluable, never false.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, write_text


def supplied_feeds(project: Project, month: str) -> tuple[LandedTable, ...]:
    """The feeds that the month is to have, by key."""
    absent = absent_feeds(project, month)
    return tuple(feed for feed in landed_tables() if feed.name not in absent)


def absent_feeds(project: Project, month: str) -> frozenset[str]:
    """The names of the feeds that the month does without: not the project's, or left out of this month."""
    known = [feed.name for feed in landed_tables()]
    taken = feeds_named(project.feeds) if project.feeds else known
    return frozenset({*known} - {*taken} | {*_left_out(project, month)})


def leave_out(project: Project, month: str, names: Iterable[str]) -> None:
    """Note the feeds that the month goes without; none takes them all in again. Stops with WSD-602 on another name."""
    wanted = feeds_named(names)
    path = _note(project, month)
    if wanted:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps({"without": wanted}) + "\n")
    else:
        path.unlink(missing_ok=True)


def feeds_named(names: Iterable[str]) -> list[str]:
    """The names, each once and in order. Stops with WSD-602 where one is no feed's, naming the nearest."""
    from difflib import get_close_matches

    known = [feed.name for feed in landed_tables()]
    wanted = sorted(set(names))
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, 1)
            nearest = f" Did you mean {near[0]}?" if near else ""
            raise Stop("WSD-602", kind="feed", name=name[:40], nearest=nearest, see="wsd source list")
    return wanted


def _left_out(project: Project, month: str) -> list[str]:
    path = _note(project, month)
    return json.loads(path.read_text(encoding="utf-8"))["without"] if path.is_file() else []


def _note(project: Project, month: str) -> Path:
    return project.lake / "_without" / f"{month}.json"
