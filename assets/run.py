"""`python -m assets.run --project ROOT --month M [--through M2] [--run NAME] [--debug]`: what `wsd run` starts.

Runs the monthly job for each month in order, in this process, with Dagster's records in `ROOT/dagster`; tells its
story in the log of the run and nowhere else; exits with the code of the first stop.
"""

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.messages import CODES, Exit, Stop, named
from wsd_pipeline.runs import RunLog
from wsd_pipeline.settings import Project, months_between

if TYPE_CHECKING:
    import dagster as dg


def main(arguments: list[str]) -> int:
    """Run the months; the exit code."""
    given = _parse(arguments)
    try:
        project = Project.load(given.project)
        months = months_between(given.month, given.through or given.month)
    except Stop as stop:
        print(stop.text(), file=sys.stderr)
        return int(stop.exit_code)
    log = RunLog.of(project.root, given.run or secrets.token_hex(3).upper())
    log.note("started", month=months[0], through=months[-1])
    try:
        code = run_months(project, months, log, debug=given.debug)
    except Stop as stop:
        log.note("stopped", code=stop.code, text=stop.text())
        code = stop.exit_code
    except Exception as error:
        if given.debug:
            raise
        stop = Stop("WSD-900", reason=named(error))
        log.note("stopped", code=stop.code, text=stop.text())
        code = stop.exit_code
    if code is Exit.OK:
        log.note("finished")
    return int(code)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m assets.run", description="Run months of the pipeline.")
    parser.add_argument("--project", type=Path, required=True, help="folder of the project")
    parser.add_argument("--month", required=True, help="first month, YYYY-MM")
    parser.add_argument("--through", help="last month, YYYY-MM")
    parser.add_argument("--run", help="name of the run's log")
    parser.add_argument("--debug", action="store_true", help="show Dagster's own lines")
    return parser.parse_args(arguments)


def run_months(project: Project, months: list[str], log: RunLog, *, debug: bool = False) -> Exit:
    """Run the job for each month until one stops; the exit code. Stops with WSD-410 where another run is at work."""
    prepare_environment(project, months)
    import dagster as dg

    from assets.definitions import defs
    from assets.jobs import JOB, logging_config
    from assets.records import unhurried_records
    from assets.resources import RUN_TAG, hold, prepare_home

    job = defs.resolve_job_def(JOB)
    prepare_home(project)
    with hold(project), unhurried_records(), dg.DagsterInstance.from_config(str(project.dagster_home)) as instance:
        for month in months:
            result = job.execute_in_process(
                instance=instance,
                partition_key=month,
                tags={RUN_TAG: log.path.stem},
                run_config=logging_config("DEBUG") if debug else None,
                raise_on_error=False,
            )
            if not result.success:
                return exit_of(result, log, month)
    return Exit.OK


def prepare_environment(project: Project, months: list[str]) -> None:
    """Set this process up for the project, before Dagster or Great Expectations is imported."""
    from assets.resources import MONTHS_VARIABLE, quiet_environment

    os.environ.update(quiet_environment(project))
    os.environ[MONTHS_VARIABLE] = f"{months[0]}:{months[-1]}"


def exit_of(result: "dg.ExecuteInProcessResult", log: RunLog, month: str) -> Exit:
    """The exit code of the first failed step, by the code it gave; a failure without one is noted as WSD-900."""
    for event in result.filter_events(lambda event: event.is_step_failure):
        failure = event.step_failure_data.user_failure_data
        code = failure.metadata.get("code") if failure else None
        if code is not None and code.value in CODES:
            return CODES[code.value].exit_code
    stop = Stop("WSD-900", reason="a step failed without a code")
    log.note("stopped", code=stop.code, text=stop.text(), month=month)
    return stop.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
