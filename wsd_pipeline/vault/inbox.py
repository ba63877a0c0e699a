"""Which file in the inbox is the month's, and what its manifest says about it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from wsd_pipeline.messages import Stop

_STAMP = re.compile(r"_(\d{8,14})$")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What the supplier says it sent; a part it does not say is None."""

    feed: str | None = None
    row_count: int | None = None
    sha256: str | None = None


def month_file(folder: Path, feed: str, month: str) -> Path | None:
    """The file of the month with the latest timestamp in its name, or None. Links and part-files are passed over."""
    found = [
        p for p in folder.glob(f"{feed}_*_{month}_*.csv") if p.is_file() and not p.is_symlink()
    ] if folder.is_dir() else []  # fmt: skip
    return max(found, key=lambda p: (_stamp(p), p.name), default=None)


def _stamp(path: Path) -> str:
    match = _STAMP.search(path.stem)
    return match.group(1).ljust(14, "0") if match else ""


def manifest_of(path: Path, table: str, month: str) -> Manifest | None:
    """The manifest beside the file, or None. Stops with WSD-114 where it cannot be read."""
    beside = path.with_suffix(".manifest.json")
    if not beside.is_file():
        return None
    try:
        raw = json.loads(beside.read_text(encoding="utf-8"))
        rows, sha256, feed = raw.get("row_count"), raw.get("sha256"), raw.get("feed")
        return Manifest(
            feed=None if feed is None else str(feed),
            row_count=None if rows is None else int(rows),
            sha256=None if sha256 is None else str(sha256).lower(),
        )
    except (ValueError, TypeError, AttributeError):
        raise Stop("WSD-114", table=table, month=month) from None
