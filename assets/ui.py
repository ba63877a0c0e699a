"""`python -m assets.ui --project ROOT [--port N]`: Dagster's page on this machine, for this project.

Listens on 127.0.0.1 only, with the daemon that starts runs queued from the page. Runs until Ctrl-C.
"""

import argparse
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from assets.resources import CHECKOUT, prepare_home, quiet_environment
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project


def main(arguments: list[str]) -> int:
    """Serve the page until interrupted; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m assets.ui", description="Open Dagster's page.")
    parser.add_argument("--project", type=Path, required=True, help="folder of the project")
    parser.add_argument("--port", type=int, default=3000, help="port on 127.0.0.1")
    given = parser.parse_args(arguments)
    try:
        project = Project.load(given.project)
    except Stop as stop:
        print(stop.text(), file=sys.stderr)
        return int(stop.exit_code)
    prepare_home(project)
    child = subprocess.Popen(
        command(given.port),
        cwd=CHECKOUT,
        env={**os.environ, **quiet_environment(project), "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return child.wait()
    except KeyboardInterrupt:
        end(child)
        return 0


def end(child: subprocess.Popen[bytes], patience_seconds: float = 10) -> None:
    """End the page, the daemon and a run in progress, all in a session of their own; what was accepted stays."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            child.wait(patience_seconds)
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def command(port: int) -> list[str]:
    """How Dagster is started: page and daemon, loopback only, warnings only."""
    return [
        sys.executable, "-m", "dagster", "dev",
        "--workspace", str(CHECKOUT / "workspace.yaml"),
        "--host", "127.0.0.1",
        "--port", str(port),
        "--log-level", "warning",
        "--code-server-log-level", "error",
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
