"""The record of runs: one JSON-lines file a run, appended as tables are made; what `wsd status` and the panel read.

Lines hold names of ours, counts, seconds and codes; never a value from the data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RunLog:
    """The log of one run, `<project>/runs/<run>.jsonl`."""

    path: Path

    @classmethod
    def of(cls, root: Path, run: str) -> RunLog:
        """The log of the run named `run` in the project at `root`."""
        return cls(root / "runs" / f"{run}.jsonl")

    def note(self, event: str, **facts: Any) -> None:
        """Append one line: `event` is started, table, stopped or finished."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": event, **facts}, sort_keys=True, default=str) + "\n")

    def read(self) -> list[dict[str, Any]]:
        """Every whole line so far; a line cut short by a crash is passed over."""
        return list(_whole_lines(self.path))


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def latest_run(root: Path) -> RunLog | None:
    """The log written to last, or None where nothing has run."""
    logs = sorted((root / "runs").glob("*.jsonl"), key=lambda p: p.stat().st_mtime_ns)
    return RunLog(logs[-1]) if logs else None
