"""What aliases extracts teach: `python -m tests.mapping.learn` writes those of all twelve to the shipped dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
SHIPPED = FOLDER.parents[1] / "wsd_pipeline" / "config" / "header_aliases.yaml"


@dataclass(frozen=True, kw_only=True)
class Extract:
    """One supplier's header and the truth about it."""

    name: str
    feed: str
    headers: tuple[tuple[str, str | None, str], ...]
    date_format: str
    timestamp_format: str
    values: dict[str, dict[str, str]]

    @property
    def truth(self) -> dict[str, str]:
        """The header of each of the contract's columns that the extract has."""
        return {column: header for header, column, _ in self.headers if column}


def extracts(folder: Path = FOLDER) -> list[Extract]:
    """All twelve, by name; or those of another folder."""
    return [_read(path) for path in sorted(folder.glob("*.yaml"))]


def _read(path: Path) -> Extract:
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Extract(
        name=path.stem,
        feed=raw["feed"],
        headers=tuple((str(h[0]), h[1], h[2] if len(h) > 2 else "") for h in raw["headers"]),
        date_format=raw["date_format"],
        timestamp_format=raw.get("timestamp_format", "%Y-%m-%d %H:%M:%S"),
        values=raw.get("values", {}),
    )


def aliases(learned_from: Iterable[Extract]) -> dict[str, list[str]]:
    """Every header that stood for a column of the contract's name, in any feed."""
    out: dict[str, set[str]] = {}
    for extract in learned_from:
        for column, header in extract.truth.items():
            out.setdefault(column, set()).add(header)
    return {name: sorted(headers) for name, headers in sorted(out.items())}


def text(learned: dict[str, list[str]]) -> str:
    """The dictionary as it is shipped."""
    head = "# What suppliers call a column, learned from the extracts in tests/mapping: python -m tests.mapping.learn\n"
    return head + yaml.safe_dump(learned, sort_keys=True, allow_unicode=True, width=110)


if __name__ == "__main__":
    SHIPPED.write_text(text(aliases(extracts())), encoding="utf-8")
