"""What each asker has asked of a month: definitions of questions, no counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from wsd_pipeline.disclosure.questions import Question
from wsd_pipeline.settings import Project


@dataclass(frozen=True)
class Ledger:
    """What an asker has asked of a month, and was told or refused. Definitions only: no counts."""

    project: Project
    month: str
    asker: str

    def asked(self) -> list[Question]:
        """The questions so far, in order."""
        if not self._path.is_file():
            return []
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return [
            Question(
                measure=raw["measure"],
                by=tuple(raw["by"]),
                over=tuple(raw["over"]),
                allowed=frozenset(tuple(c) for c in raw["allowed"]),
            )
            for raw in map(json.loads, lines)
        ]

    def add(self, new: Question) -> None:
        """Write the question down before anything is told."""
        import os

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = {"measure": new.measure, "by": new.by, "over": new.over, "allowed": sorted(new.allowed)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def lock(self) -> Any:
        """Held while a question is weighed: two at once must not both be the last."""
        from filelock import FileLock

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileLock(str(self._path) + ".lock")

    @property
    def _path(self) -> Any:
        return self.project.lake / "_questions" / self.month / f"{self.asker}.jsonl"
