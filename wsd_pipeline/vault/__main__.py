"""The vault's child process: `python -m wsd_pipeline.vault <step> --project ROOT --month YYYY-MM --report-to FD`.

Standard output and error belong to a log in the vault; the one line of the report goes to the descriptor given.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import threading
import time
from pathlib import Path

from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_of
from wsd_pipeline.vault import keys as vault_keys
from wsd_pipeline.vault.errors import safe_errors
from wsd_pipeline.vault.report import FACT_NAMES, STEPS, Report, TableReport, encode


def main(arguments: list[str] | None = None) -> int:
    """Run one step; 0 whenever a report was written, also one of stops."""
    parser = argparse.ArgumentParser(prog="wsd_pipeline.vault")
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--month", type=month_of, required=True)
    parser.add_argument("--report-to", type=int, required=True)
    given = parser.parse_args(arguments)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    end_with_parent()
    report = run(given.step, given.project, given.month)
    with os.fdopen(given.report_to, "wb") as out:
        out.write(encode(report))
    return 0


def run(step: str, root: Path, month: str) -> Report:
    """The report of the step; any stop, and any other error as WSD-290, becomes part of it."""
    try:
        with safe_errors("WSD-290", step=step, month=month):
            project = Project.load(root)
            keys = vault_keys.load(project)
            return _month(project, month, keys) if step == "month" else _link(project, month, keys)
    except Stop as stop:
        return Report(key="", reused=False, stops=(stop,))


def _month(project: Project, month: str, keys: vault_keys.Keys) -> Report:
    from wsd_pipeline.vault.month import run as run_month

    return run_month(project, month, keys)


def _link(project: Project, month: str, keys: vault_keys.Keys) -> Report:
    """Link; only what linkage reports as counts and hashes is passed on."""
    from wsd_pipeline.linkage.month import link_month
    from wsd_pipeline.vault.plan import check_key

    check_key(project, keys, month)
    made = link_month(project, month, keys)
    tables = {name: TableReport(key=made.key, rows=int(rows), reused=made.reused) for name, rows in made.rows.items()}
    facts = {name: value for name, value in made.facts.items() if name in FACT_NAMES}
    return Report(key=made.key, reused=made.reused, tables=tables, facts=facts)


def end_with_parent() -> None:
    """End this process when the one that started it is gone: nobody would take the report."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
