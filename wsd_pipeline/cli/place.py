"""Commands about the place itself: doctor, init, ui."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wsd_pipeline.cli.options import DEFAULT_PROJECT, ProjectOption

commands = typer.Typer()


@commands.command()
def doctor(
    project: ProjectOption = DEFAULT_PROJECT,
    privacy: Annotated[bool, typer.Option("--privacy", help="Try whether identities or keys get out instead.")] = False,
) -> None:
    """Is this machine and project fit to run?"""
    from wsd_pipeline.cli.doctor import examine, examine_privacy
    from wsd_pipeline.settings import Project

    raise typer.Exit((examine_privacy if privacy else examine)(Project.load(project)))


@commands.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new project; made if it is not there.")],
    name: Annotated[str, typer.Option(help="Name of the deployment, for example tower-hamlets.")],
    key_file: Annotated[Path, typer.Option(help="Where the new key is written; outside the project and the checkout.")],
) -> None:
    """Make a project for real people, with a key."""
    from wsd_pipeline.cli.new_project import make_project

    make_project(folder, name, key_file)


@commands.command()
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
