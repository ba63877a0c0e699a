"""`wsd doctor`: is this machine, this installation and this project fit to run? Each line says what to do if not."""

from __future__ import annotations

import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.cli.output import emit
from wsd_pipeline.messages import Exit, Stop
from wsd_pipeline.settings import Project

if TYPE_CHECKING:
    from wsd_pipeline.cli.privacy import Trial

GIB = 2**30
NOTICE_DAYS = 60
MARKS = {"ok": "✔", "look": "!", "fail": "✖"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ok, worth a look, or a failure; and what to do about it."""

    state: str
    what: str
    fix: str = ""


def examine(project: Project) -> int:
    """Show every finding; exit 0 when nothing failed, else 5."""
    return _show([finding for look in LOOKS for finding in look(project)])


def examine_privacy(project: Project) -> int:
    """Try, on invented people beside the project, whether identities or keys get out; exit 0 when none does, else 5."""
    from wsd_pipeline.cli.output import say
    from wsd_pipeline.cli.privacy import tried
    from wsd_pipeline.cli.progress import need_checkout

    need_checkout()
    say("Inventing people with canaries; running, killing, resuming and failing a month of them …")
    return _show(list(_privacy_findings(tried(project.root.parent))))


def _privacy_findings(trial: Trial) -> Iterator[Finding]:
    if trial.as_planned:
        yield Finding("ok", "One run was killed and resumed, one was stopped by its gate, as planned")
    else:
        ends = ", ".join(f"{name}: {code}" for name, code in trial.exits.items())
        yield Finding("fail", f"The runs did not end as planned ({ends})", "See: wsd doctor, then try again.")
    seen = f"{trial.passing} files in passing, {trial.processes} processes"
    what = f"{trial.canaries} canaries ({trial.patterns:,} patterns) in {trial.files:,} files ({seen})"
    yield _leaks(f"{what} outside the inbox and the vault", trial.hits)
    yield _leaks(f"{trial.keys} keys (raw, hexadecimal, base64) outside the key file", trial.key_hits)
    if trial.missed:
        yield Finding(
            "fail", f"The scan does not see: {', '.join(trial.missed)}", "It proves nothing; tell the maintainers."
        )
    else:
        yield Finding("ok", "The scan finds every canary in the inbox, and one in each kind of container")


def _leaks(what: str, hits: list[str]) -> Finding:
    if not hits:
        return Finding("ok", f"Looked for {what}: 0 found")
    return Finding(
        "fail",
        f"Looked for {what}: {len(hits)} found: " + "; ".join(hits[:5]),
        "Publish nothing; tell the maintainers.",
    )


def _show(findings: list[Finding]) -> int:
    lines = [f"{MARKS[f.state]} {f.what}" + (f"\n    {f.fix}" if f.fix else "") for f in findings]
    emit([asdict(f) for f in findings], *lines)
    return int(Exit.ENVIRONMENT if any(f.state == "fail" for f in findings) else Exit.OK)


def _python(_: Project) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding("ok" if good else "fail", f"Python {version}", "" if good else "Install Python 3.11 or later.")


def _packages(_: Project) -> Iterator[Finding]:
    import re
    from importlib.metadata import PackageNotFoundError, version

    locked = Path(__file__).resolve().parents[2] / "requirements.txt"
    if not locked.is_file():
        yield Finding("look", "No requirements file beside the library: versions were not compared.")
        return
    wanted = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", locked.read_text(encoding="utf-8"), re.M))
    named = {"dagster", "duckdb", "great-expectations", "polars", "polars-hash", "pyarrow", "recordlinkage", "scipy"}
    other = []
    for name in sorted(named & set(wanted)):
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if found != wanted[name]:
            other.append(f"{name} {found} (locked {wanted[name]})")
    if other:
        yield Finding("fail", "Packages differ from the lock: " + ", ".join(other), "Run: make install")
    else:
        yield Finding("ok", f"{len(named)} packages are as locked")


def _room(project: Project) -> Iterator[Finding]:
    needed = 3 * sum(path.stat().st_size for path in project.inbox.rglob("*") if path.is_file()) + GIB
    free = shutil.disk_usage(project.root).free
    state = "ok" if free >= needed else "fail"
    fix = "" if state == "ok" else "Free some space, or move the project to a larger disk."
    yield Finding(state, f"Disk: {free / GIB:.0f} GiB free, about {needed / GIB:.0f} GiB needed", fix)


def _memory(_: Project) -> Iterator[Finding]:
    info = Path("/proc/meminfo")
    if not info.is_file():
        yield Finding("look", "Memory could not be read on this system.")
        return
    total = int(info.read_text(encoding="ascii").split()[1]) * 1024
    fix = "" if total >= 7 * GIB else "A borough of 330,000 needs 8 GiB; the demo needs 4."
    yield Finding("ok" if not fix else "look", f"Memory: {total / GIB:.0f} GiB", fix)


def _agreements(project: Project) -> Iterator[Finding]:
    from datetime import date, timedelta

    from wsd_pipeline.flows import load_register

    try:
        flows = load_register(project).flows
    except Stop as stop:
        yield Finding("fail", stop.what, stop.next_step)
        return
    today, renew = date.today(), "Ask your information governance lead to renew them in flow_register.yaml."
    ended = [flow.flow_id for flow in flows if flow.ends < today]
    soon = [flow.flow_id for flow in flows if today <= flow.ends < today + timedelta(days=NOTICE_DAYS)]
    if ended:
        yield Finding("fail", f"Agreements that have ended: {', '.join(ended)}", renew)
    if soon:
        yield Finding("look", f"Agreements that end within {NOTICE_DAYS} days: {', '.join(soon)}", renew)
    if not ended and not soon:
        yield Finding("ok", f"{len(flows)} flows are under agreement")


def _folders(project: Project) -> Iterator[Finding]:
    open_ones = [
        zone.name
        for zone in (project.inbox, project.vault, project.linkage_room, project.lake, project.dagster_home)
        if zone.is_dir() and stat.S_IMODE(zone.stat().st_mode) & 0o077
    ]
    if open_ones:
        names = ", ".join(open_ones)
        yield Finding("fail", f"Others on this machine can read: {names}", f"In {project.root}: chmod 700 {names}")
    else:
        yield Finding("ok", "Folders with people in them are readable by their owner only")


def _key(project: Project) -> Iterator[Finding]:
    from wsd_pipeline.vault import keys

    try:
        found = keys.load(project)
    except Stop as stop:
        yield Finding("fail", stop.what, stop.next_step)
        return
    kind = "the demo's (invented people only)" if project.key_file is None else "in place, readable by its owner only"
    yield Finding("ok", f"Pseudonym key: {kind}; check value {found.check_value()}")


def _duckdb(project: Project) -> Iterator[Finding]:
    from wsd_pipeline.sql import connect

    with tempfile.TemporaryDirectory(dir=project.lake) as folder:
        con = connect(Path(folder), threads=1, memory_limit="500MB")
        rows = con.execute("select count(*) from range(1000)").fetchall()
        con.close()
    yield Finding("ok" if rows == [(1000,)] else "fail", "DuckDB opens and spills inside the lake")


def _dagster(project: Project) -> Iterator[Finding]:
    settings = project.dagster_home / "dagster.yaml"
    if not settings.is_file():
        yield Finding("look", "Dagster has not been used in this project yet")
        return
    text = settings.read_text(encoding="utf-8").replace(" ", "")
    off = "telemetry:\nenabled:false" in text
    yield Finding(
        "ok" if off else "fail",
        "Dagster sends nothing out" if off else "Dagster's telemetry is on",
        "" if off else f"Remove {settings} and run again: it is written anew.",
    )


def _lock(project: Project) -> Iterator[Finding]:
    from wsd_pipeline.lock import is_held

    held = is_held(project)
    yield Finding("look" if held else "ok", "A run is going on" if held else "No run holds the lock")


def _release(project: Project) -> Iterator[Finding]:
    from wsd_pipeline.release.standing import releases
    from wsd_pipeline.release.verify import verify

    found = releases(project)
    if not found:
        yield Finding("look", "Nothing is published yet")
        return
    try:
        verify(found[-1].folder)
    except Stop as stop:
        yield Finding("fail", stop.what, stop.next_step)
    else:
        yield Finding("ok", f"The latest release, {found[-1].name}, verifies")


LOOKS: tuple[Callable[[Project], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _room,
    _memory,
    _folders,
    _agreements,
    _key,
    _duckdb,
    _dagster,
    _lock,
    _release,
)
