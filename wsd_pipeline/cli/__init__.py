"""`wsd`: the composition root. Commands are thin; what they need is imported when they run.

app.py       the commands and their options
progress.py  the run's child process and the panel that follows its log
show.py      what an analyst is shown: status, marts, the summary of a run
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run `wsd` and exit with its code: 0 ok, 1 failed, 2 usage, 3 gate, 4 waiting for a person, 5 environment."""
    from wsd_pipeline.cli.app import run_app

    sys.exit(run_app(sys.argv[1:]))
