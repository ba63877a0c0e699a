"""Which tables each asker has opened of a month: combinations of dimensions, no conditions and no counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from wsd_pipeline.settings import Project

Opened = tuple[str, tuple[str, ...]]
"""A measure and the dimensions it is counted by."""


@dataclass(frozen=True)
class Ledger:
    """The tables that an asker has opened of a month, in order."""

    project: Project
    month: str
    asker: str

    def opened(self) -> list[Opened]:
        """The tables so far."""
        if not self._path.is_file():
            return []
        lines = map(json.loads, self._path.read_text(encoding="utf-8").splitlines())
        return [(raw["measure"], tuple(raw["dimensions"])) for raw in lines]

    def open(self, table: Opened) -> None:
        """Write the table down before anything of it is told."""
        import os

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"measure": table[0], "dimensions": list(table[1])}, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def lock(self) -> Any:
        """Held while a question is weighed: two at once must not both open the last."""
        from filelock import FileLock

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileLock(str(self._path) + ".lock")

    @property
    def _path(self) -> Any:
        return self.project.lake / "_questions" / self.month / f"{self.asker}.jsonl"
