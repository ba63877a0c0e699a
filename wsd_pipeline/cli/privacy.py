"""`wsd doctor --privacy`: does any identity, or any key, get out of the vault? Tried on invented people, in a moment.

A small project of its own is made beside the one at hand, canaries are put in every identifying field, and the
pipeline is run as always: killed once, resumed, and stopped by a gate. What it wrote anywhere but the inbox and
the vault is searched, passing files and the environment of its processes too. Method: PRIVACY §3.5, attack A18.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wsd_pipeline.canary import files, patterns, scan, search
from wsd_pipeline.cli.progress import CHECKOUT
from wsd_pipeline.cli.watch import Watch
from wsd_pipeline.runs import RunLog
from wsd_pipeline.settings import Mode, Project, month_after

FIRST_MONTH = "2026-01"
KILL_AFTER_TABLES = 13
"""Lines of the run's log after which it is killed: what is landed, pseudonymised and tokenised; linkage is at work."""

CONTROLS = ("text", "UTF-16", "base64", "hex", "hash", "Parquet", "DuckDB", "SQLite", "pickle", "gzip", "zip", "name")


@dataclass
class Trial:
    """What the trial did and found. `hits` and `key_hits` name canary or key and file, never what stood around them."""

    canaries: int = 0
    patterns: int = 0
    files: int = 0
    passing: int = 0
    processes: int = 0
    keys: int = 0
    hits: list[str] = field(default_factory=list)
    key_hits: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    exits: dict[str, int] = field(default_factory=dict)

    @property
    def as_planned(self) -> bool:
        """Whether the runs ended as they were to: killed, resumed, stopped by the gate."""
        return self.exits == {"killed": -signal.SIGKILL, "resumed": 0, "stopped": 3}


def tried(beside: Path, people: int = 600) -> Trial:
    """The whole trial in a folder of its own beside `beside`, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="wsd-privacy-", dir=beside))
    try:
        return _try(folder, people)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try(folder: Path, people: int) -> Trial:
    from synthetic_data import generate
    from synthetic_data.checks.canaries import plant, spoil

    trial, months = Trial(), [FIRST_MONTH, month_after(FIRST_MONTH)]
    key = folder / "keys" / "pseudonym.key"
    key.parent.mkdir(mode=0o700)
    key.touch(0o600)
    key.write_text(secrets.token_hex(32), encoding="ascii")
    project = Project(root=folder / "data", name="privacy", mode=Mode.SYNTHETIC, key_file=key)
    project.save()
    generate(project, people=people, months=months, seed=13)
    canaries = plant(project, months[0]) | spoil(project, months[1])
    with Watch(folder, spare=[project.inbox, project.vault, key.parent]) as watch:
        trial.exits = _runs(project, folder, months, watch)
    spare = [project.inbox, project.vault, key.parent]
    trial.canaries, trial.patterns = len(canaries), len(patterns(canaries))
    trial.files = len(files([folder], spare))
    trial.passing, trial.processes = watch.passing, watch.processes
    trial.hits = [
        f"{hit.canary} in {hit.file} ({hit.container})" for hit in scan([folder], canaries, spare, [watch.kept])
    ]
    wanted = key_patterns(project)
    trial.keys = len(set(wanted.values()))
    places = [project.inbox, key.parent]
    trial.key_hits = [f"{hit.canary} in {hit.file}" for hit in search([folder], wanted, places, [folder])]
    trial.missed = _missed(folder / "control", canaries, project)
    return trial


def _runs(project: Project, folder: Path, months: list[str], watch: Watch) -> dict[str, int]:
    """A run killed while it links, the same resumed, and a month whose gate stops it; their exit codes."""
    aside = folder / "tmp"
    aside.mkdir()
    wsd = [sys.executable, "-m", "wsd_pipeline.cli"]
    root = ["--project", str(project.root)]
    exits = {}
    for name, command in (
        ("killed", [sys.executable, "-m", "assets.run", *root, "--month", months[0], "--run", "KILLED"]),
        ("resumed", [*wsd, "resume", *root]),
        ("stopped", [*wsd, "run", *root, "--month", months[1]]),
    ):
        with (folder / f"{name}.terminal").open("w", encoding="utf-8") as out:
            run = subprocess.Popen(
                ["env", f"TMPDIR={aside}", *command], cwd=CHECKOUT, stdout=out, stderr=out, start_new_session=True
            )
        watch.follow(run.pid)
        if name == "killed":
            kill_after(run, RunLog.of(project.root, "KILLED"), KILL_AFTER_TABLES)
        exits[name] = run.wait()
    return exits


def kill_after(run: subprocess.Popen[bytes], log: RunLog, tables: int) -> None:
    """Kill a run and everything it started, with no chance to tidy up, once its log names so many tables."""
    while run.poll() is None:
        if sum(line["event"] == "table" for line in log.read()) >= tables:
            os.killpg(run.pid, signal.SIGKILL)
            return
        time.sleep(0.02)


def key_patterns(project: Project) -> dict[bytes, str]:
    """The root key, every key derived from it and every month's data key: raw, in hex and in base64."""
    from wsd_pipeline.vault import keys, sealed

    held = keys.load(project)
    secret = {"root": held.root} | {purpose: held.derive(purpose) for purpose in _purposes(project)}
    months = sorted(path.stem for path in (project.vault / "_keys").glob("*.key"))
    secret |= {f"data|{month}": sealed.data_key(held, month, may_make=False) for month in months}
    forms: tuple[Callable[[bytes], bytes], ...] = (
        bytes, lambda key: key.hex().encode(), lambda key: key.hex().upper().encode(),
        lambda key: base64.b64encode(key)[:42], lambda key: base64.urlsafe_b64encode(key)[:42],
    )  # fmt: skip
    return {form(key): name for name, key in secret.items() for form in forms}


def _purposes(project: Project) -> Iterator[str]:
    from wsd_pipeline.contracts import landed_tables
    from wsd_pipeline.vault.keys import LINK_KINDS

    yield from (f"link|{kind}|{project.epoch}" for kind in LINK_KINDS)
    yield from (f"spine|{project.epoch}", "kcv", "ralf")
    yield from (f"wrap|{path.stem}" for path in (project.vault / "_keys").glob("*.key"))
    for feed in landed_tables():
        yield from (f"src|{feed.source}|{part}" for part in ("record", f"row|{feed.name}"))
        yield from (f"src|{feed.source}|{column.keyed_as or column.name}" for column in feed.landed_columns)


def _missed(folder: Path, canaries: Mapping[str, str], project: Project) -> list[str]:
    """Where the scan is blind: kinds of container in which a canary is not found, canaries not found in the inbox."""
    folder.mkdir()
    name, value = sorted(canaries.items())[0]
    missed = []
    for kind in CONTROLS:
        place = folder / kind
        place.mkdir()
        _put(kind, place, value)
        if {hit.canary for hit in scan([place], {name: value})} != {name}:
            missed.append(kind)
    return missed + sorted(set(canaries) - {hit.canary for hit in scan([project.inbox], canaries)})


def _put(kind: str, place: Path, value: str) -> None:
    """One container of a kind with the canary in it."""
    import gzip
    import hashlib
    import pickle
    import sqlite3
    import zipfile

    raw = value.encode()
    as_bytes: dict[str, bytes] = {
        "text": b"before " + raw + b" after",
        "UTF-16": value.encode("utf-16"),
        "base64": base64.b64encode(b"xy" + raw + b"and more after it"),
        "hex": raw.hex().encode(),
        "hash": hashlib.sha256(raw).hexdigest().encode(),
        "pickle": pickle.dumps([value]),
        "gzip": gzip.compress(raw * 3),
    }
    if kind in as_bytes:
        (place / "file").write_bytes(as_bytes[kind])
    elif kind == "name":
        (place / f"{value}.txt").touch()
    elif kind == "zip":
        with zipfile.ZipFile(place / "file.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner", value * 3)
    elif kind == "SQLite":
        con = sqlite3.connect(place / "file.db")
        con.execute("create table t (a)")
        con.execute("insert into t values (?)", [value])
        con.commit()
        con.close()
    else:
        import duckdb

        with duckdb.connect(str(place / "file.duckdb") if kind == "DuckDB" else ":memory:") as duck:
            duck.execute("create table t as select ? as a from range(5000)", [value])
            if kind == "Parquet":
                duck.execute(f"copy t to '{place / 'file.parquet'}' (format parquet, compression zstd)")
