"""One run at a time: a file lock on the project, held by the command line's run and by Dagster's alike."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project


@contextmanager
def holding(project: Project) -> Iterator[None]:
    """Hold the project's lock; what interrupted runs left in staging is swept first. Stops with WSD-410 if taken.

    The operating system frees the lock when its process ends, however it ends.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(project.root / ".lock", timeout=0)
    holder = project.root / ".lock.holder"
    try:
        lock.acquire()
    except Timeout:
        process = holder.read_text(encoding="utf-8").strip() if holder.is_file() else "unknown"
        raise Stop("WSD-410", folder=str(project.root), process=process) from None
    try:
        holder.write_text(f"{os.getpid()}\n", encoding="utf-8")
        for zone in (project.vault, project.linkage_room, project.lake):
            Zone(zone).sweep()
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def is_held(project: Project) -> bool:
    """Whether some process holds the project's lock now."""
    from filelock import FileLock, Timeout

    lock = FileLock(project.root / ".lock", timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True
