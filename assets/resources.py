"""What a run works with: the project, its lock, the log of the run, and the vault's report of each month.

The only module of the pipeline that reads the environment: `WSD_PROJECT` names the project's folder (default
`data` in the checkout), `WSD_MONTHS` months (`first:last`) that Dagster should offer besides those of the inbox.
"""

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from wsd_pipeline.from_vault import run_vault
from wsd_pipeline.lock import holding
from wsd_pipeline.messages import Stop
from wsd_pipeline.runs import RunLog
from wsd_pipeline.settings import Project

if TYPE_CHECKING:
    from wsd_pipeline.vault.airlock import Report

CHECKOUT = Path(__file__).resolve().parents[1]
PROJECT_VARIABLE = "WSD_PROJECT"
MONTHS_VARIABLE = "WSD_MONTHS"
RUN_TAG = "wsd/run"


def project_root() -> Path:
    """The project's folder, whether or not there is a project in it."""
    return Path(os.environ.get(PROJECT_VARIABLE) or CHECKOUT / "data").resolve()


@dataclass
class Session:
    """What the assets of one run share. The vault is run once a month, for whichever of its tables comes first."""

    project: Project
    log: RunLog
    stops_noted: set[str] = field(default_factory=set)
    _reports: dict[str, "Report | Stop"] = field(default_factory=dict)

    def vault_report(self, month: str) -> "Report":
        """The vault's report of the month, made on first use. A stop of the whole vault is raised each time."""
        if month not in self._reports:
            threading.Thread(target=_import_checks, daemon=True).start()
            try:
                self._reports[month] = run_vault(self.project, month)
            except Stop as stop:
                self._reports[month] = stop
        report = self._reports[month]
        if isinstance(report, Stop):
            raise report from None
        return report


def _import_checks() -> None:
    """Great Expectations takes five seconds to import: done while the vault works and this process waits for it."""
    import expectations.counts  # noqa: F401


_held: set[Path] = set()


@contextmanager
def hold(project: Project) -> Iterator[None]:
    """Hold the project's lock; nothing more where this process holds it already. Stops with WSD-410 if taken."""
    if project.root in _held:
        yield
        return
    with holding(project):
        _held.add(project.root)
        try:
            yield
        finally:
            _held.discard(project.root)


@dg.resource(description="The project of WSD_PROJECT, locked for the run.")
def project_session(context: dg.InitResourceContext) -> Iterator[Session]:
    """The session of the run. A run that was not started by `assets.run` opens and closes its own log."""
    run = context.run
    name = (run.tags.get(RUN_TAG) if run else None) or context.run_id[:6].upper()
    is_ours = run is None or RUN_TAG not in run.tags
    logging.getLogger("dagster.redacted_errors").disabled = True
    try:
        project = Project.load(project_root())
        with hold(project):
            session = Session(project, RunLog.of(project.root, name))
            if is_ours:
                month = run.tags.get("dagster/partition", "") if run else ""
                session.log.note("started", month=month, through=month)
            yield session
            if is_ours and not session.stops_noted:
                session.log.note("finished")
    except Stop as stop:
        raise failure_of(stop) from None


def failure_of(stop: Stop) -> dg.Failure:
    """A stop as Dagster shows it: its words, its code, no retry."""
    return dg.Failure(description=stop.text(), metadata={"code": stop.code}, allow_retries=False)


class NothingKept(dg.IOManager):
    """Assets hand Dagster counts, never data: being asked to keep a value is a mistake in an asset."""

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Refuse anything but None."""
        if obj is not None:
            raise TypeError("an asset returned data to Dagster")

    def load_input(self, context: dg.InputContext) -> None:
        """Nothing is loaded: assets read the lake themselves."""


def prepare_home(project: Project) -> Path:
    """The project's DAGSTER_HOME with this checkout's settings in it, for its owner only."""
    home = project.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    shutil.copyfile(Path(__file__).with_name("dagster.yaml"), home / "dagster.yaml")
    return home


def quiet_environment(project: Project) -> dict[str, str]:
    """The environment of anything of Dagster's: the project, its home, no telemetry, no exception texts kept."""
    return {
        PROJECT_VARIABLE: str(project.root),
        "DAGSTER_HOME": str(project.dagster_home),
        "DAGSTER_REDACT_USER_CODE_ERRORS": "1",
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "GX_ANALYTICS_ENABLED": "false",
    }
