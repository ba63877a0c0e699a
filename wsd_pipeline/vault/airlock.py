"""The parent's side: start the vault's child, wait within a limit, and take its one listed line.

The child has an empty environment but for a few fixed names, its own session, and a log in the vault for anything
it prints. What it prints never reaches the parent.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_of
from wsd_pipeline.vault.decode import decode
from wsd_pipeline.vault.listed import Unlisted
from wsd_pipeline.vault.report import MAX_BYTES, STEP_NAMES, STEPS, Report, TableReport

__all__ = ["Report", "TableReport", "run"]


def run(project: Project, step: str, month: str, timeout_minutes: float = 30) -> Report:
    """The report of a step done in a child process.

    A child that hangs is stopped and started once more. Stops with WSD-291 when that takes too long too, with WSD-290
    when a child dies or says anything not listed, and with its own stop where that is about no table (key, disk).
    """
    if step not in STEPS:
        raise ValueError("unknown step")
    line, status = _child(project, step, month_of(month), timeout_minutes)
    if status is None:
        line, status = _child(project, step, month, timeout_minutes)
    if status is None:
        raise Stop("WSD-291", step=STEP_NAMES[step], minutes=f"{timeout_minutes:g}", month=month)
    if status != 0 or not line:
        reason = _ended(status) if status else "no report"
        raise Stop("WSD-290", step=STEP_NAMES[step], reason=reason, month=month)
    try:
        report = decode(line, project, month)
    except Unlisted:
        raise Stop("WSD-290", step=STEP_NAMES[step], reason="unlisted report", month=month) from None
    if report.stops and not report.key:
        raise report.stops[0]
    return report


def _ended(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit {status}"


def _child(project: Project, step: str, month: str, timeout_minutes: float) -> tuple[bytes, int | None]:
    return spawn(project, lambda writer: command(project, step, month, writer), f"{month}.{step}", timeout_minutes)


def spawn(
    project: Project, command_for: Callable[[int], list[str]], log_name: str, timeout_minutes: float
) -> tuple[bytes, int | None]:
    """The line and the exit status of a child; status None where it was stopped for taking too long.

    `command_for` makes its command line from the descriptor that the line is to be written to.
    """
    logs = project.vault / "_logs"
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = os.open(logs / f"{log_name}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    reader, writer = os.pipe()
    try:
        child = subprocess.Popen(
            command_for(writer),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(writer,),
            cwd=Path(__file__).resolve().parents[2],
            env=_environment(project),
            start_new_session=True,
        )
    except BaseException:
        os.close(reader)
        raise
    finally:
        os.close(writer)
        os.close(log)
    return _await(child, reader, timeout_minutes)


def command(project: Project, step: str, month: str, writer: int) -> list[str]:
    """The child's command line: no key and no value from data is on it."""
    return [
        sys.executable, "-m", "wsd_pipeline.vault", step, "--project", str(project.root), "--month", month,
        "--report-to", str(writer),
    ]  # fmt: skip


def _environment(project: Project) -> dict[str, str]:
    """A fixed environment: everything that could be written or spilt is pointed into the vault."""
    staging = str(project.vault / "_staging")
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": staging,
        "TMPDIR": staging,
        "POLARS_TEMP_DIR": staging,
        "POLARS_OOC_SPILL_DIR": staging,
        "POLARS_MAX_THREADS": str(project.threads),
        "OMP_NUM_THREADS": str(project.threads),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _await(child: subprocess.Popen[bytes], reader: int, timeout_minutes: float) -> tuple[bytes, int | None]:
    received: list[bytes] = []
    with os.fdopen(reader, "rb") as pipe:
        taking = threading.Thread(target=_take, args=(pipe, received), daemon=True)
        taking.start()
        try:
            status: int | None = child.wait(timeout=60 * timeout_minutes)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        taking.join(timeout=10)
    return (received[0] if received else b""), status


def _take(pipe: BinaryIO, received: list[bytes]) -> None:
    """Keep as much as a report may be and one byte more; the rest is read and forgotten, so that the child can end."""
    received.append(pipe.read(MAX_BYTES + 1))
    while pipe.read(MAX_BYTES):
        pass
