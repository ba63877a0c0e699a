"""Which file in the inbox is the month's, and what its manifest says about it.

    inbox/<feed>/<feed>_<ORG>_<YYYY-MM>_<YYYYMMDDHHMM>.csv            one file
    inbox/<feed>/<feed>.identity_<ORG>_<YYYY-MM>_<YYYYMMDDHHMM>.csv   or two, who and what, sent apart and
    inbox/<feed>/<feed>.payload_<ORG>_<YYYY-MM>_<YYYYMMDDHHMM>.csv    joined in the vault by their `row_key`

Each may have a `.manifest.json` of its own beside it, and be text, `.xlsx` or `.parquet`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wsd_pipeline.lake import file_sha256
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.kinds import REFUSED_SUFFIXES, SUFFIXES

IDENTITY, PAYLOAD = PARTS = ("identity", "payload")
"""The parts of a split file: who each row is about, and what it says of them."""

MANIFEST_CAP_BYTES = 1024**2

_STAMP = re.compile(r"_(\d{8,14})$")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What the supplier says it sent; a part it does not say is None."""

    feed: str | None = None
    row_count: int | None = None
    sha256: str | None = None


def month_file(folder: Path, feed: str, month: str) -> Path | None:
    """The file of the month with the latest timestamp in its name, or None; of a split file the payload.

    Links and part-files are passed over; a file of a kind that is not read is not, so that it is refused.
    """
    latest = _latest(_files(folder, (feed, *(f"{feed}.{part}" for part in PARTS)), month))
    if latest is None or not is_part(latest):
        return latest
    return _latest(_files(folder, (f"{feed}.{PAYLOAD}",), month)) or latest


def month_files(folder: Path, feed: str, month: str) -> tuple[Path, ...]:
    """The month's file, or both parts of a split one, identity first; a part that has come alone, alone."""
    file = month_file(folder, feed, month)
    if file is None:
        return ()
    identity = identity_file(folder, feed, month) if is_part(file, PAYLOAD) else None
    return (file,) if identity is None else (identity, file)


def sha256_of(files: Sequence[Path]) -> str:
    """SHA-256 of a file; of several, of their hashes one after the other."""
    hashes = [file_sha256(path) for path in files]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def identity_file(folder: Path, feed: str, month: str) -> Path | None:
    """The identity part of the month with the latest timestamp, or None."""
    return _latest(_files(folder, (f"{feed}.{IDENTITY}",), month))


def is_part(path: Path, part: str | None = None) -> bool:
    """Whether this is a part (this part) of a split file."""
    return any(f".{p}_" in path.name for p in PARTS if part in (None, p))


def _files(folder: Path, names: Iterable[str], month: str) -> list[Path]:
    found = [p for name in names for p in folder.glob(f"{name}_*_{month}_*.*")] if folder.is_dir() else []
    kinds = (*SUFFIXES, *REFUSED_SUFFIXES)
    return [
        p for p in found
        if p.suffix.lower() in kinds and not p.name.endswith(".manifest.json") and p.is_file() and not p.is_symlink()
    ]  # fmt: skip


def _latest(files: list[Path]) -> Path | None:
    return max(files, key=lambda p: (_stamp(p), p.name), default=None)


def _stamp(path: Path) -> str:
    match = _STAMP.search(path.stem)
    return match.group(1).ljust(14, "0") if match else ""


def manifest_of(path: Path, table: str, month: str) -> Manifest | None:
    """The manifest beside the file, or None. Stops with WSD-114 where it cannot be read."""
    beside = path.with_suffix(".manifest.json")
    if not beside.is_file():
        return None
    try:
        if beside.stat().st_size > MANIFEST_CAP_BYTES:
            raise ValueError
        raw = json.loads(beside.read_text(encoding="utf-8"))
        rows, sha256, feed = raw.get("row_count"), raw.get("sha256"), raw.get("feed")
        return Manifest(
            feed=None if feed is None else str(feed),
            row_count=None if rows is None else int(rows),
            sha256=None if sha256 is None else str(sha256).lower(),
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, OSError):
        raise Stop("WSD-114", table=table, month=month) from None
