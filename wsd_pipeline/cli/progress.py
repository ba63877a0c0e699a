"""Following a run: it works in a child process and writes its log; the panel reads the log and nothing else.

Because the run is a process of its own, Ctrl-C and a closed terminal leave accepted tables as they were.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wsd_pipeline.cli.output import manner, say
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.tokens import ROOM
from wsd_pipeline.messages import CODES, Stop
from wsd_pipeline.runs import RunLog
from wsd_pipeline.settings import Project

CHECKOUT = Path(__file__).resolve().parents[2]
STAGES = {
    "landed": "Receive and check",
    "tokens": "Tokenise",
    "pseudo": "Pseudonymise",
    "linked": "Link",
    "person": "People",
    "segment": "Segment",
    "mart": "Marts",
    "release": "Release",
}


def need_checkout() -> None:
    """Stop with WSD-520 where the library was installed without the checkout its run commands need."""
    if not ((CHECKOUT / "assets").is_dir() and (CHECKOUT / "expectations").is_dir()):
        raise Stop("WSD-520")


def _tables_of(layer: str) -> int:
    """How many tables of a layer a run tells of; what linkage keeps in its room is none of them."""
    return len(ROOM) if layer == "tokens" else sum(table.layer == layer for table in tables().values())


@dataclass
class Stage:
    """What the log has said so far of one layer in one month."""

    tables: int = 0
    rows: int = 0
    reused: int = 0
    failed: int = 0
    seconds: float = 0.0


@dataclass
class Progress:
    """The state of a run as its log tells it."""

    month: str = ""
    stages: dict[tuple[str, str], Stage] = field(default_factory=dict)
    stopped: dict[str, Any] | None = None

    def is_over(self, which: tuple[str, str]) -> bool:
        """Whether every table of a layer has been told of in its month, or a later month has begun."""
        month, layer = which
        return month != self.month or self.stages[which].tables >= _tables_of(layer)

    def take(self, line: dict[str, Any]) -> None:
        """Count in one line of the log."""
        if line["event"] == "table":
            self.month = line["month"]
            stage = self.stages.setdefault((line["month"], line["layer"]), Stage())
            stage.tables += 1
            stage.rows += int(line.get("rows") or 0)
            stage.reused += line["state"] == "reused"
            stage.failed += line["state"] == "failed"
            stage.seconds += float(line.get("seconds") or 0)
        elif line["event"] == "stopped" and self.stopped is None:
            self.stopped = line


def follow_run(project: Path, month: str, through: str) -> None:
    """Run the months in a child process, show its progress, write the steward's page of each month it touched.

    Raises the run's own stop where it has one.
    """
    from rich.console import Console

    from wsd_pipeline.site.steward import steward_page

    project_of_run = Project.load(project)
    root = project_of_run.root
    name = secrets.token_hex(3).upper()
    log = RunLog.of(root, name)
    output = root / "runs" / f"{name}.out"
    output.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "assets.run", "--project", str(root), "--run", name]
    command += ["--month", month, "--through", through, *(["--debug"] if manner.debug else [])]
    with output.open("w", encoding="utf-8") as out:
        child = subprocess.Popen(command, cwd=CHECKOUT, stdout=out, stderr=None if manner.debug else out)
    console = Console()
    progress = Progress()
    try:
        show = _panel if console.is_terminal and not (manner.json or manner.quiet) else _lines
        show(console, child, log, progress, name)
    except KeyboardInterrupt:
        child.terminate()
        child.wait(timeout=30)
        raise
    for made in dict.fromkeys(which for which, _ in progress.stages):
        steward_page(project_of_run, made)
    _conclude(child.returncode, progress, month)


def _conclude(returncode: int, progress: Progress, month: str) -> None:
    if progress.stopped is not None:
        raise Reported(progress.stopped)
    if returncode != 0:
        raise Stop("WSD-290", step="The run", reason=f"exit {returncode}", month=month)


class Reported(Stop):
    """A stop that another process put into words; shown as it was written."""

    def __init__(self, line: dict[str, Any]) -> None:
        code = line["code"] if line["code"] in CODES else "WSD-900"
        self.message = CODES[code]
        self.code = code
        self._text = str(line["text"])
        Exception.__init__(self, code)

    def text(self) -> str:
        """The words as logged."""
        return self._text


def _events(child: subprocess.Popen[bytes], log: RunLog) -> Iterator[list[dict[str, Any]]]:
    """The log's new lines, as they come, until the child has ended."""
    seen = 0
    while True:
        ended = child.poll() is not None
        lines = log.read()
        yield lines[seen:]
        seen = len(lines)
        if ended:
            return
        time.sleep(0.2)


def _lines(console: Any, child: subprocess.Popen[bytes], log: RunLog, progress: Progress, name: str) -> None:
    """One line a stage, for logs and pipes."""
    said: set[tuple[str, str]] = set()
    say(f"Run {name}")
    for new in _events(child, log):
        for line in new:
            progress.take(line)
            for done in [which for which in progress.stages if which not in said and progress.is_over(which)]:
                say(_words(done, progress.stages[done]))
                said.add(done)
    for left in progress.stages:
        if left not in said:
            say(_words(left, progress.stages[left]))


def _words(which: tuple[str, str], stage: Stage) -> str:
    month, layer = which
    mark = "failed" if stage.failed else "reused" if stage.reused == stage.tables else "done"
    return (
        f"{month}  {STAGES.get(layer, layer):<18} {mark:<7} {stage.tables:>2} tables  {stage.rows:>10,} rows"
        f"  {stage.seconds:>5.1f} s"
    )


def _panel(console: Any, child: subprocess.Popen[bytes], log: RunLog, progress: Progress, name: str) -> None:
    """A live table of the stages, for a terminal."""
    from rich.live import Live

    with Live(console=console, refresh_per_second=5, transient=False) as live:
        for new in _events(child, log):
            for line in new:
                progress.take(line)
            live.update(_table(progress, name, ended=child.poll() is not None))


def _table(progress: Progress, name: str, *, ended: bool) -> Any:
    from rich.table import Table

    table = Table(title=f"Whole Systems Dataset · run {name}", title_justify="left", box=None, pad_edge=False)
    for heading, side in (
        ("", "left"),
        ("Month", "left"),
        ("Stage", "left"),
        ("Tables", "right"),
        ("Rows", "right"),
        ("Time", "right"),
    ):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    for (month, layer), stage in progress.stages.items():
        busy = not ended and not progress.is_over((month, layer))
        mark = "✖" if stage.failed else "◐" if busy else "✔"
        note = " (unchanged, reused)" if stage.reused == stage.tables else ""
        table.add_row(
            mark, month, STAGES.get(layer, layer) + note, str(stage.tables), f"{stage.rows:,}", f"{stage.seconds:.1f} s"
        )
    if not ended:
        table.caption = "Ctrl-C is safe: what is finished is kept, and the same command goes on from there."
        table.caption_justify = "left"
    return table
