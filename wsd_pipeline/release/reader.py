"""Reading a release from Python: `open_release("2026-01")`. Needs DuckDB and Polars, nothing else of the pipeline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import month_of

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class OpenRelease:
    """A published month. Each mart is an attribute: `release.segment_summary` is a Polars frame."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """Month and revision, as `2026-01.r1`."""
        return str(self.manifest["release"])

    def marts(self) -> list[str]:
        """The names of the marts in the release."""
        return sorted(self.manifest["marts"])

    def mart(self, name: str) -> pl.DataFrame:
        """A mart as a Polars frame, in the order of its key. Stops with WSD-602 where there is none of that name."""
        import polars as pl

        if name not in self.manifest["marts"]:
            raise unknown("mart", name, self.marts(), "wsd marts")
        return pl.read_parquet(self.folder / self.manifest["marts"][name]["file"])

    def __getattr__(self, name: str) -> pl.DataFrame:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.mart(name)


def unknown(kind: str, name: str, known: list[str], see: str) -> Stop:
    """The stop for a name nobody knows, with the nearest that is known."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return Stop("WSD-602", kind=kind, name=name[:40], nearest=f" Did you mean {close[0]}?" if close else "", see=see)


def open_release(month: str, releases: str | Path = "data/releases") -> OpenRelease:
    """The current release of a month. Stops with WSD-603 for no month and WSD-601 where none is published."""
    pointer = Path(releases) / f"{month_of(month)}.json"
    if not pointer.is_file():
        raise Stop("WSD-601", month=month)
    folder = Path(releases) / json.loads(pointer.read_text(encoding="utf-8"))["release"]
    return OpenRelease(folder, json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
