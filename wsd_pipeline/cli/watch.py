"""Watching a run from outside: every file that passes through a folder, and its processes' environment and command.

For tests of privacy only. Files are looked for again and again; each is kept by a second name, so that it can be
read after its owner has removed it, and small ones are copied each time they change.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

PAUSE_SECONDS = 0.03
COPY_BYTES = 2**21


class Watch:
    """Keeps in `kept` what was under `folder`, however shortly; `passing` files and `processes` were seen."""

    def __init__(self, folder: Path, spare: list[Path]) -> None:
        self.folder, self.kept = folder, folder / "kept"
        self.kept.mkdir()
        self.passing = self.processes = 0
        self._spare = [str(path) for path in (*spare, self.kept)]
        self._seen: dict[int, tuple[int, int]] = {}
        self._read: set[tuple[str, bytes]] = set()
        self._followed: list[int] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def follow(self, process: int) -> None:
        """Read the environment and command line of this process and of all it starts, from now on."""
        self._followed.append(process)

    def _watch(self) -> None:
        while not self._ended.is_set():
            for path in self._files(str(self.folder)):
                self._keep(path)
            for process in descendants(self._followed):
                self._read_process(process)
            time.sleep(PAUSE_SECONDS)

    def _files(self, folder: str) -> Iterator[os.DirEntry[str]]:
        try:
            entries = list(os.scandir(folder))
        except OSError:
            return
        for entry in entries:
            if entry.path in self._spare:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._files(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry

    def _keep(self, entry: os.DirEntry[str]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
            now = (status.st_mtime_ns, status.st_size)
            before = self._seen.get(status.st_ino)
            if before == now:
                return
            if before is None:
                self.passing += 1
                os.link(entry.path, self.kept / f"{status.st_ino}.link")
            self._seen[status.st_ino] = now
            if before is not None and status.st_size <= COPY_BYTES:
                shutil.copyfile(entry.path, self.kept / f"{status.st_ino}.{status.st_mtime_ns}")
        except OSError:
            return

    def _read_process(self, process: int) -> None:
        for part in ("environ", "cmdline"):
            try:
                content = Path(f"/proc/{process}/{part}").read_bytes()
            except OSError:
                continue
            if content and (f"{process}.{part}", content) not in self._read:
                self.processes += part == "cmdline"
                self._read.add((f"{process}.{part}", content))
                (self.kept / f"{process}.{len(self._read)}.{part}").write_bytes(content)


def descendants(processes: list[int]) -> set[int]:
    """The processes and all that they, and those in turn, have started; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: set[int] = set()
    ahead = list(processes) if children else []
    while ahead:
        process = ahead.pop()
        if process not in found:
            found.add(process)
            ahead += children.get(process, [])
    return found
