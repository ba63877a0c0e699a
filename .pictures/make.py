"""Make the README's pictures: `python .pictures/make.py PROJECT MONTH` (needs Chromium, and a project that has run).

Opens the steward's page and Dagster's asset graph in headless Chromium, keeps a picture of each, and fails if
either asked for anything outside this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
PORT = 3111
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-default-apps", "--no-default-browser-check", "--disable-features=OptimizationHints,MediaRouter",
]  # fmt: skip


def chromium() -> str:
    """The browser's command; exits with advice where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    sys.exit("No Chromium on this machine.")


def picture(address: str, file: Path, size: str, wait_seconds: int = 0) -> set[str]:
    """Write a picture of the page; the hosts outside this machine that the page asked for."""
    with tempfile.TemporaryDirectory() as profile:
        log = Path(profile) / "net.json"
        command = [chromium(), *FLAGS, f"--user-data-dir={profile}", f"--window-size={size}", f"--screenshot={file}"]
        command += [f"--log-net-log={log}", "--net-log-capture-mode=Everything"]
        if wait_seconds:
            command += [f"--virtual-time-budget={wait_seconds * 1000}"]
        subprocess.run([*command, address], check=True, timeout=120, capture_output=True)
        return outside_hosts(log)


def outside_hosts(log: Path) -> set[str]:
    """Hosts of the requests the page made, this machine's own and the browser's start-up look-ups left out."""
    text = log.read_text(encoding="utf-8", errors="replace")
    asked = set(re.findall(r'"url":"(?:https?|wss?)://([^/":]+)', text)) - {"127.0.0.1", "localhost"}
    started = {h for h in asked if h.endswith((".google.com", ".googleapis.com", ".gvt1.com"))}
    return asked - started


def dagster(project: Path) -> subprocess.Popen[bytes]:
    """Dagster's page for the project, once it answers."""
    command = [sys.executable, "-m", "assets.ui", "--project", str(project), "--port", str(PORT)]
    child = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(240):
        try:
            urlopen(f"http://127.0.0.1:{PORT}/server_info", timeout=2).read()
            return child
        except (TimeoutError, URLError, OSError):
            time.sleep(0.5)
    child.kill()
    sys.exit("Dagster's page did not answer.")


def main(project: Path, month: str) -> None:
    """Both pictures; exit 1 where a page asked for anything outside."""
    outside = picture(f"file://{project}/quality/{month}/index.html", HERE / "steward.png", "1200,1500")
    child = dagster(project)
    try:
        address = f"http://127.0.0.1:{PORT}/asset-groups"
        outside |= picture(address, HERE / "assets.png", "1500,720", wait_seconds=30)
    finally:
        os.kill(child.pid, signal.SIGINT)
        child.wait(timeout=30)
    print(json.dumps({"asked_outside": sorted(outside)}))
    sys.exit(1 if outside else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2])
