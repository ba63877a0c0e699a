"""Commands that read what was made: marts, quality, describe, query, count, explain and releases."""

from __future__ import annotations

from typing import Annotated

import typer

from wsd_pipeline.cli.options import DEFAULT_PROJECT, MonthOption, ProjectOption
from wsd_pipeline.cli.output import emit

commands = typer.Typer()
release_app = typer.Typer(no_args_is_help=True, help="What has been published.", rich_markup_mode=None)


@commands.command()
def marts(project: ProjectOption = DEFAULT_PROJECT) -> None:
    """The marts of the latest release."""
    from wsd_pipeline.cli.show import say_marts
    from wsd_pipeline.settings import Project

    say_marts(Project.load(project))


@commands.command()
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


@commands.command()
def describe(name: Annotated[str, typer.Argument(help="A mart, or MART.COLUMN.")]) -> None:
    """What a mart or one of its columns means."""
    from wsd_pipeline.cli.show import say_description

    say_description(name)


@commands.command()
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


@commands.command()
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


@commands.command()
def explain(
    person_id: Annotated[str, typer.Argument(help="A person's id.")],
    month: MonthOption,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """How one person was put together; shows no identity."""
    from wsd_pipeline.cli.person import explain_person
    from wsd_pipeline.settings import Project, month_of

    explain_person(Project.load(project), month_of(month), person_id)


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
