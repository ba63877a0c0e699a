"""A project: where its data are, whether its people are invented, and which key it uses.

A project is a folder with a `project.toml`. It is always given as an argument; nothing here reads the
environment or the clock.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from wsd_pipeline.messages import Stop


class Mode(StrEnum):
    """Invented people (only 999 NHS numbers) or real ones (none of those)."""

    SYNTHETIC = "synthetic"
    LIVE = "live"


class Scope(StrEnum):
    """What a national data opt-out takes a person out of: the flows it covers by law, or everything that is linked."""

    HEALTH_ONLY = "health_only"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Project:
    """One deployment. `key_file` None means the published demo key, allowed in synthetic mode only.

    `feeds` names those that this place takes in; none named means every feed there is a contract for.
    `purpose` is what the project is for; the flow register says which feeds may be used for it.
    `ndoo_scope` is how far a national data opt-out reaches.
    """

    root: Path
    name: str
    mode: Mode
    key_file: Path | None = None
    epoch: str = "1"
    threads: int = 2
    memory_limit: str = "8GB"
    feeds: tuple[str, ...] = ()
    purpose: str = "population_health"
    ndoo_scope: Scope = Scope.ALL

    @property
    def inbox(self) -> Path:
        """Suppliers' files as received (identifiable)."""
        return self.root / "inbox"

    @property
    def vault(self) -> Path:
        """Landed tables and quarantine (identifiable)."""
        return self.root / "vault"

    @property
    def linkage_room(self) -> Path:
        """Tokens, without payload; nothing but `linked` comes out."""
        return self.vault / "linkage"

    @property
    def lake(self) -> Path:
        """Pseudonymised tables, segments and marts."""
        return self.root / "lake"

    @property
    def releases(self) -> Path:
        """What is published."""
        return self.root / "releases"

    @property
    def quality(self) -> Path:
        """The steward's pages; small counts are not withheld there, so they are never published."""
        return self.root / "quality"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own records of runs."""
        return self.root / "dagster"

    @classmethod
    def load(cls, root: Path) -> Project:
        """The project of the folder `root`. Stops with WSD-510 where there is none, WSD-511 where it cannot be read."""
        file = root / "project.toml"
        if not file.is_file():
            raise Stop("WSD-510", folder=str(root))
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8"))
            key = raw.get("key_file")
            return cls(
                root=root.resolve(),
                name=str(raw["name"]),
                mode=Mode(raw["mode"]),
                key_file=None if key is None else Path(key).expanduser(),
                epoch=str(raw.get("epoch", "1")),
                threads=int(raw.get("threads", 2)),
                memory_limit=str(raw.get("memory_limit", "8GB")),
                feeds=tuple(str(feed) for feed in raw.get("feeds", ())),
                purpose=str(raw.get("purpose", "population_health")),
                ndoo_scope=Scope(raw.get("ndoo_scope", "all")),
            )
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise Stop("WSD-511", reason=type(error).__name__) from None

    def save(self) -> None:
        """Write `project.toml` and the zones' folders, each readable by its owner only where people are in it."""
        self.root.mkdir(parents=True, exist_ok=True)
        zones = (self.inbox, self.vault, self.linkage_room, self.lake, self.quality, self.dagster_home)
        for private in (*zones, self.root / "runs", self.root / "extracts"):
            private.mkdir(parents=True, exist_ok=True)
            private.chmod(0o700)
        self.releases.mkdir(exist_ok=True)
        lines = [f'name = "{self.name}"', f'mode = "{self.mode.value}"', f'epoch = "{self.epoch}"']
        lines += [f"threads = {self.threads}", f'memory_limit = "{self.memory_limit}"', f'purpose = "{self.purpose}"']
        lines.append(f'ndoo_scope = "{self.ndoo_scope.value}"')
        if self.feeds:
            lines.append("feeds = [" + ", ".join(f'"{feed}"' for feed in self.feeds) + "]")
        if self.key_file is not None:
            lines.append(f'key_file = "{self.key_file}"')
        write_text(self.root / "project.toml", "\n".join(lines) + "\n")


def write_text(path: Path, text: str) -> None:
    """Replace `path` whole: written aside in the same folder, flushed to disk, renamed."""
    import os

    aside = path.with_name(path.name + ".new")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def month_of(text: str) -> str:
    """`text` checked to be a month, YYYY-MM. Stops with WSD-603 otherwise."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
        raise Stop("WSD-603", name=text[:20])
    return text


def month_before(month: str) -> str:
    """The month before, YYYY-MM."""
    return (date.fromisoformat(f"{month}-01") - timedelta(days=1)).strftime("%Y-%m")


def month_after(month: str) -> str:
    """The month after, YYYY-MM."""
    return (date.fromisoformat(f"{month}-01") + timedelta(days=31)).strftime("%Y-%m")


def months_between(first: str, last: str) -> list[str]:
    """Every month from the first to the last. Stops with WSD-604 where the last is before the first."""
    if month_of(last) < month_of(first):
        raise Stop("WSD-604", through=last, month=first)
    months = [first]
    while months[-1] < last:
        months.append(month_after(months[-1]))
    return months


def snapshot_date(month: str) -> date:
    """The last day of the month: every age and state is as of this day."""
    return date.fromisoformat(f"{month_after(month)}-01") - timedelta(days=1)
