"""`wsd`: the composition root. Commands are thin; what they need is imported when they run.

app.py          the commands and their options
output.py       how it speaks: to people, to programs, quietly
progress.py     the run's child process and the panel that follows its log
show.py         what an analyst is shown of releases
history.py      what became of runs
plan.py         what a run would do
query.py        one SELECT over published marts
asking.py       safe counts of people; rows for accredited projects
segments.py     why a person is in their segments; what other numbers would make of everybody
linking.py      the linkage engine on anyone's files
person.py       how one person was put together
doctor.py       is this machine fit; privacy.py, the canaries' own run; watch.py, what passes meanwhile
sources.py      suppliers' files: list, inspect, map, check, accept
new_project.py  a project for real people
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run `wsd` and exit with its code: 0 ok, 1 failed, 2 usage, 3 gate, 4 waiting for a person, 5 environment."""
    from wsd_pipeline.cli.app import run_app

    sys.exit(run_app(sys.argv[1:]))
