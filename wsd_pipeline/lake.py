"""Where tables are kept: content-addressed Parquet files, and one pointer per group and month.

    <zone>/<layer>/<name>/<month>/<key>.parquet     never changed once promoted
    <zone>/_pointers/<group>/<month>.json           replaced last, in one rename
    <zone>/_staging/…                               work in progress; swept when nobody holds the lock

Tables made together (all of `linked`) are one group and share a pointer, so they are promoted together or not
at all. The same content key means the same bytes: it is reused, not rebuilt.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wsd_pipeline.settings import write_text


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """What was accepted: for each table its file, rows and SHA-256, and the content key they were built under."""

    group: str
    month: str
    key: str
    files: Mapping[str, str]
    rows: Mapping[str, int]
    sha256: Mapping[str, str]
    facts: Mapping[str, Any] = field(default_factory=dict)


def group_of(table: str) -> str:
    """The group whose pointer covers `table`: all linked tables share one, every other table has its own."""
    return "linked" if table.startswith("linked.") else table


def content_key(parts: Mapping[str, Any]) -> str:
    """SHA-256 (first 24 hex digits) of everything a result depends on, in canonical JSON."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:24]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Zone:
    """A folder of tables: the vault, the linkage room or the lake."""

    root: Path

    def staging(self, group: str, month: str, key: str) -> Path:
        """An empty folder in this zone for the files of a build."""
        folder = self.root / "_staging" / f"{group}.{month}.{key}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def sweep(self) -> None:
        """Remove what interrupted builds left behind. Only the holder of the project's lock may call it."""
        shutil.rmtree(self.root / "_staging", ignore_errors=True)

    def pointer(self, table: str, month: str) -> Pointer | None:
        """The pointer that covers `table` in `month`, or None where nothing has been accepted."""
        path = self.pointer_path(table, month)
        if not path.is_file():
            return None
        return Pointer(**json.loads(path.read_text(encoding="utf-8")))

    def pointer_path(self, table: str, month: str) -> Path:
        """Where that pointer is kept."""
        return self.root / "_pointers" / group_of(table) / f"{month}.json"

    def path(self, table: str, month: str) -> Path | None:
        """The accepted Parquet file of `table` in `month`, or None."""
        pointer = self.pointer(table, month)
        return None if pointer is None else self.root / pointer.files[table]

    def months(self, table: str) -> list[str]:
        """The months in which `table` was accepted, in order."""
        folder = self.root / "_pointers" / group_of(table)
        return sorted(p.stem for p in folder.glob("????-??.json"))

    def promote(
        self,
        group: str,
        month: str,
        key: str,
        staged: Mapping[str, Path],
        rows: Mapping[str, int],
        facts: Mapping[str, Any] | None = None,
    ) -> Pointer:
        """Make the staged files the accepted tables of the group and month; the pointer is replaced last."""
        files, hashes = {}, {}
        for table, path in sorted(staged.items()):
            layer, name = table.split(".", 1)
            target = self.root / layer / name / month / f"{key}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as file:
                os.fsync(file.fileno())
            hashes[table] = file_sha256(path)
            path.replace(target)
            files[table] = str(target.relative_to(self.root))
        pointer = Pointer(
            group=group,
            month=month,
            key=key,
            files=files,
            rows=dict(rows),
            sha256=hashes,
            facts=dict(facts or {}),
        )
        path = self.pointer_path(next(iter(staged)), month)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(pointer.__dict__, indent=1, sort_keys=True) + "\n")
        return pointer
