"""Commands that run months and tell how a run went: demo, synth, plan, run, status, resume, why, logs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wsd_pipeline.cli.options import DEFAULT_PROJECT, MonthOption, ProjectOption
from wsd_pipeline.cli.output import emit, say
from wsd_pipeline.messages import Exit, Stop

commands = typer.Typer()
synth_app = typer.Typer(invoke_without_command=True, help="Invent a borough's extracts.", rich_markup_mode=None)
DEMO_FIRST_MONTH = "2026-01"


@commands.command()
def demo(
    people: Annotated[int, typer.Option(help="How many people on GP lists to invent.", min=200)] = 20_000,
    months: Annotated[int, typer.Option(help="How many months to invent and run.", min=1, max=24)] = 2,
    seed: Annotated[int, typer.Option(help="The same seed invents the same borough.")] = 7,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Everything on made-up people, start to finish."""
    from wsd_pipeline.cli.progress import follow_run, need_checkout
    from wsd_pipeline.cli.show import say_summary

    need_checkout()
    names = _invent(project, people, months, seed)
    follow_run(project, names[0], names[-1])
    say_summary(project, names[-1])


@synth_app.callback()
def synth(
    context: typer.Context,
    people: Annotated[int, typer.Option(help="How many people on GP lists to invent.", min=200)] = 20_000,
    months: Annotated[int, typer.Option(help="How many months that follow on.", min=1, max=24)] = 2,
    seed: Annotated[int, typer.Option(help="The same seed invents the same borough.")] = 7,
    first: Annotated[str, typer.Option(help="First month, YYYY-MM.")] = DEMO_FIRST_MONTH,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Invent a borough's extracts, into the inbox."""
    from wsd_pipeline.cli.progress import need_checkout

    need_checkout()
    if context.invoked_subcommand:
        return
    names = _invent(project, people, months, seed, first)
    say(f"Next: wsd run --month {names[0]}" + (f" --through {names[-1]}" if len(names) > 1 else ""))


@synth_app.command("report")
def synth_report(month: MonthOption, project: ProjectOption = DEFAULT_PROJECT) -> None:
    """Compare an invented month with its targets; exit 1 where one is missed."""
    from dataclasses import asdict

    from synthetic_data.checks.report import report, text
    from wsd_pipeline.settings import Project, month_of

    lines = report(Project.load(project), month_of(month))
    emit([asdict(line) | {"passed": line.passed} for line in lines], text(lines))
    raise typer.Exit(int(Exit.OK if all(line.passed for line in lines) else Exit.FAILED))


def _invent(project: Path, people: int, months: int, seed: int, first: str = DEMO_FIRST_MONTH) -> list[str]:
    """Make the project if there is none, and its extracts; the months made."""
    import time

    from synthetic_data import generate
    from wsd_pipeline.settings import Mode, Project, month_after, month_of

    names = [month_of(first)]
    while len(names) < months:
        names.append(month_after(names[-1]))
    if (project / "project.toml").is_file():
        found = Project.load(project)
        if found.mode is not Mode.SYNTHETIC:
            raise Stop("WSD-132", folder=str(project))
    else:
        found = Project(root=project.resolve(), name="demo", mode=Mode.SYNTHETIC)
        found.save()
    say(f"Inventing {people:,} people, {names[0]} to {names[-1]} …")
    begun = time.monotonic()
    generate(found, people=people, months=names, seed=seed)
    say(f"Extracts are in {project / 'inbox'} ({time.monotonic() - begun:.0f} s). Everyone in them is made up.")
    return names


@commands.command()
def plan(month: MonthOption, project: ProjectOption = DEFAULT_PROJECT) -> None:
    """What a run would read, make and reuse; changes nothing."""
    from wsd_pipeline.cli.plan import say_plan
    from wsd_pipeline.settings import Project, month_of

    say_plan(Project.load(project), month_of(month))


@commands.command()
def run(
    month: MonthOption,
    through: Annotated[str | None, typer.Option(help="Last month, where several are to be run.")] = None,
    without: Annotated[str, typer.Option(help="Feeds to go without, separated by commas.")] = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Run a month, from extracts to release.

    Receive, check, pseudonymise, link, segment, publish. What has not changed is reused.
    """
    from wsd_pipeline.settings import Project, months_between
    from wsd_pipeline.supply import leave_out

    last, found = through or month, Project.load(project)
    for each in months_between(month, last):
        leave_out(found, each, [name.strip() for name in without.split(",") if name.strip()])
    _go(project, month, last)


def _go(project: Path, month: str, through: str) -> None:
    from wsd_pipeline.cli.progress import follow_run, need_checkout
    from wsd_pipeline.cli.show import say_summary

    need_checkout()
    follow_run(project, month, through)
    say_summary(project, through)


@commands.command()
def status(project: ProjectOption = DEFAULT_PROJECT) -> None:
    """What has been run, accepted and published."""
    from wsd_pipeline.cli.history import say_status
    from wsd_pipeline.settings import Project

    say_status(Project.load(project))


@commands.command()
def resume(project: ProjectOption = DEFAULT_PROJECT) -> None:
    """Go on with a run that did not finish.

    What it finished is reused, not redone.
    """
    from wsd_pipeline.cli.history import unfinished
    from wsd_pipeline.settings import Project

    _go(project, *unfinished(Project.load(project)))


@commands.command()
def why(
    run_name: Annotated[str | None, typer.Argument(metavar="RUN", help="A run; the last where none is given.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Why a run stopped, and every failed check."""
    from wsd_pipeline.cli.history import say_why
    from wsd_pipeline.settings import Project

    say_why(Project.load(project), run_name)


@commands.command()
def logs(
    run_name: Annotated[str | None, typer.Argument(metavar="RUN", help="A run; the last where none is given.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Every table of a run: made, reused or failed."""
    from wsd_pipeline.cli.history import say_logs
    from wsd_pipeline.settings import Project

    say_logs(Project.load(project), run_name)
