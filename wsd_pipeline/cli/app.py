"""The commands of `wsd` and their options. Each does its work through the library; none holds a rule about data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wsd_pipeline.cli.asking import extract_app, project_app
from wsd_pipeline.cli.linking import link_app
from wsd_pipeline.cli.output import emit, manner, say, take_flags
from wsd_pipeline.messages import Exit, Stop

app = typer.Typer(
    name="wsd",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Whole Systems Dataset: link council and NHS data, segment the people of a place, publish safe marts.",
    epilog="Every command takes --json, --quiet and --debug. Exit codes: 0 ok, 1 failed, 2 usage, 3 a gate stopped it,"
    " 4 waiting for a person, 5 environment.",
)
release_app = typer.Typer(no_args_is_help=True, help="What has been published.", rich_markup_mode=None)
app.add_typer(release_app, name="release")
app.add_typer(link_app, name="link")
app.add_typer(project_app, name="project")
app.add_typer(extract_app, name="extract")
synth_app = typer.Typer(invoke_without_command=True, help="Invent a borough's extracts.", rich_markup_mode=None)
app.add_typer(synth_app, name="synth")

ProjectOption = Annotated[Path, typer.Option("--project", help="Folder of the project.", show_default=True)]
MonthOption = Annotated[str, typer.Option("--month", help="Month to run, YYYY-MM.")]
DEFAULT_PROJECT = Path("data")
DEMO_FIRST_MONTH = "2026-01"


@app.command()
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

    from synthetic_data.report import report, text
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


@app.command()
def plan(month: MonthOption, project: ProjectOption = DEFAULT_PROJECT) -> None:
    """What a run would read, make and reuse; changes nothing."""
    from wsd_pipeline.cli.plan import say_plan
    from wsd_pipeline.settings import Project, month_of

    say_plan(Project.load(project), month_of(month))


@app.command()
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


@app.command()
def status(project: ProjectOption = DEFAULT_PROJECT) -> None:
    """What has been run, accepted and published."""
    from wsd_pipeline.cli.history import say_status
    from wsd_pipeline.settings import Project

    say_status(Project.load(project))


@app.command()
def resume(project: ProjectOption = DEFAULT_PROJECT) -> None:
    """Go on with a run that did not finish.

    What it finished is reused, not redone.
    """
    from wsd_pipeline.cli.history import unfinished
    from wsd_pipeline.settings import Project

    _go(project, *unfinished(Project.load(project)))


@app.command()
def why(
    run_name: Annotated[str | None, typer.Argument(metavar="RUN", help="A run; the last where none is given.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Why a run stopped, and every failed check."""
    from wsd_pipeline.cli.history import say_why
    from wsd_pipeline.settings import Project

    say_why(Project.load(project), run_name)


@app.command()
def logs(
    run_name: Annotated[str | None, typer.Argument(metavar="RUN", help="A run; the last where none is given.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Every table of a run: made, reused or failed."""
    from wsd_pipeline.cli.history import say_logs
    from wsd_pipeline.settings import Project

    say_logs(Project.load(project), run_name)


@app.command()
def marts(project: ProjectOption = DEFAULT_PROJECT) -> None:
    """The marts of the latest release."""
    from wsd_pipeline.cli.show import say_marts
    from wsd_pipeline.settings import Project

    say_marts(Project.load(project))


@app.command()
def doctor(
    project: ProjectOption = DEFAULT_PROJECT,
    privacy: Annotated[bool, typer.Option("--privacy", help="Try whether identities or keys get out instead.")] = False,
) -> None:
    """Is this machine and project fit to run?"""
    from wsd_pipeline.cli.doctor import examine, examine_privacy
    from wsd_pipeline.settings import Project

    raise typer.Exit((examine_privacy if privacy else examine)(Project.load(project)))


@app.command()
def quality(
    month: MonthOption,
    project: ProjectOption = DEFAULT_PROJECT,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """The steward's page: is the month fit to publish?"""
    from wsd_pipeline.settings import Project, month_of
    from wsd_pipeline.site.steward import steward_page

    path = steward_page(Project.load(project), month_of(month))
    emit({"page": str(path)}, f"The steward's page of {month}: {path}")
    if open_page:
        typer.launch(str(path))


@app.command()
def describe(name: Annotated[str, typer.Argument(help="A mart, or MART.COLUMN.")]) -> None:
    """What a mart or one of its columns means."""
    from wsd_pipeline.cli.show import say_description

    say_description(name)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the published marts.")],
    month: Annotated[str | None, typer.Option(help="Month of the release; the latest where none is given.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Ask a SELECT of the published marts. Read-only: nothing else can be reached."""
    from wsd_pipeline.cli.query import ask
    from wsd_pipeline.cli.show import newest_release
    from wsd_pipeline.settings import Project

    ask(newest_release(Project.load(project), month), sql)


@app.command()
def count(
    by: Annotated[str, typer.Option(help="Dimensions, separated by commas.")] = "",
    where: Annotated[str | None, typer.Option(help="A condition on dimensions: imd_decile <= 2")] = None,
    measure: Annotated[str, typer.Option(help="What is counted.")] = "people",
    month: Annotated[str | None, typer.Option(help="Month; the latest released where none is given.")] = None,
    asker: Annotated[str, typer.Option(help="Who asks: each asker has so many questions a month.")] = "analyst",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Any safe count of people, by any dimensions."""
    from wsd_pipeline.cli.asking import say_count
    from wsd_pipeline.cli.show import newest_release
    from wsd_pipeline.settings import Project

    found = Project.load(project)
    say_count(found, month or newest_release(found).name.split(".r")[0], by, where, measure, asker)


@app.command()
def explain(
    person_id: Annotated[str, typer.Argument(help="A person's id.")],
    month: MonthOption,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """How one person was put together; shows no identity."""
    from wsd_pipeline.cli.linking import explain_person
    from wsd_pipeline.settings import Project, month_of

    explain_person(Project.load(project), month_of(month), person_id)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new project; made if it is not there.")],
    name: Annotated[str, typer.Option(help="Name of the deployment, for example tower-hamlets.")],
    key_file: Annotated[Path, typer.Option(help="Where the new key is written; outside the project and the checkout.")],
) -> None:
    """Make a project for real people, with a key."""
    from wsd_pipeline.cli.new_project import make_project

    make_project(folder, name, key_file)


@release_app.command("list")
def release_list(project: ProjectOption = DEFAULT_PROJECT) -> None:
    """Every published month and its folder."""
    from wsd_pipeline.cli.show import say_releases
    from wsd_pipeline.settings import Project

    say_releases(Project.load(project))


@release_app.command("verify")
def release_verify(
    release: Annotated[str, typer.Argument(help="A release (2026-01.r1), a month, or a release's folder.")],
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Check every file of a release against its manifest. Needs neither the pipeline's data nor its key."""
    from wsd_pipeline.cli.show import release_folder
    from wsd_pipeline.release.verify import verify

    folder = release_folder(project, release)
    count = verify(folder)
    emit({"release": folder.name, "files": count}, f"{folder.name}: {count} files are as its manifest says.")


@app.command()
def ui(
    project: ProjectOption = DEFAULT_PROJECT,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Open Dagster's page on this machine."""
    import subprocess
    import sys

    from wsd_pipeline.cli.progress import CHECKOUT, need_checkout
    from wsd_pipeline.settings import Project

    need_checkout()
    root = Project.load(project).root
    typer.echo(f"Dagster: http://127.0.0.1:{port}  (Ctrl-C ends it)")
    command = [sys.executable, "-m", "assets.ui", "--project", str(root), "--port", str(port)]
    raise typer.Exit(subprocess.run(command, cwd=CHECKOUT, check=False).returncode)


def run_app(arguments: list[str]) -> int:
    """Run a command; a clear message and its exit code in place of any trace, unless `--debug` is given."""
    try:
        result = app(take_flags(arguments), standalone_mode=False)
        return int(result) if isinstance(result, int) else int(Exit.OK)
    except Stop as stop:
        return _say_stop(stop)
    except typer.Exit as done:
        return int(done.exit_code)
    except typer.TyperException as error:
        error.show()  # type: ignore[attr-defined]  # every usage error of typer's has it
        return int(Exit.USAGE)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("Stopped. What was finished is kept; go on with: wsd resume", err=True)
        return int(Exit.FAILED)
    except Exception as error:
        if manner.debug:
            raise
        return _say_stop(Stop("WSD-900", reason=type(error).__name__))


def _say_stop(stop: Stop) -> int:
    """The message on standard error, or as JSON on standard output; its exit code."""
    if manner.json:
        import json

        typer.echo(json.dumps({"code": stop.code, "message": stop.text(), "exit": int(stop.exit_code)}))
    else:
        typer.echo(stop.text(), err=True)
    return int(stop.exit_code)
