"""Which release of each month stands: what readers need to know, and nothing of how one is made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from wsd_pipeline.settings import Project


@dataclass(frozen=True, kw_only=True)
class Release:
    """A published month: its name (`2026-01.r1`), folder, and whether this call made it or found it standing."""

    name: str
    folder: Path
    reused: bool


def latest(project: Project, month: str) -> Release | None:
    """The release of the month that its pointer names, or None."""
    pointer = project.releases / f"{month}.json"
    if not pointer.is_file():
        return None
    name = json.loads(pointer.read_text(encoding="utf-8"))["release"]
    return Release(name=name, folder=project.releases / name, reused=True)


def releases(project: Project) -> list[Release]:
    """The current release of every published month, in order of month."""
    months = sorted(p.stem for p in project.releases.glob("*.json") if re.fullmatch(r"\d{4}-\d\d", p.stem))
    return [found for month in months if (found := latest(project, month))]
