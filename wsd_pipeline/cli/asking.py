"""`wsd count`, `wsd project` and `wsd extract`: safe questions about people, and rows for accredited projects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wsd_pipeline.cli.output import emit, tabulate
from wsd_pipeline.settings import Project

project_app = typer.Typer(no_args_is_help=True, help="Accredited projects.", rich_markup_mode=None)
extract_app = typer.Typer(no_args_is_help=True, help="Rows for an accredited project.", rich_markup_mode=None)
FolderOption = Annotated[Path, typer.Option("--project", help="Folder of the project.", show_default=True)]


def say_count(project: Project, month: str, by: str, where: str | None, measure: str, asker: str) -> None:
    """The answer to one question, as a table; how many tables the asker may still open."""
    from wsd_pipeline.disclosure.asking import count

    dimensions = [name.strip() for name in by.split(",") if name.strip()]
    answer = count(project, month, dimensions, where, measure, asker)
    rows = [
        [*(str(value) for value in row[: len(dimensions)]), "[c]" if row[-2] is None else f"{row[-2]:,}"]
        for row in answer.rows
    ]
    total = "[c]" if answer.total is None else f"{answer.total:,}"
    emit(
        {
            "by": dimensions,
            "rows": answer.rows,
            "total": answer.total,
            "noise_sd": answer.noise_sd,
            "left": answer.left,
        },
        tabulate(f"{measure.capitalize()}, {month}", [*dimensions, "count"], rows, text_columns=len(dimensions)),
        "",
        f"Total: {total}. Noise of about {answer.noise_sd:g} people a count, {answer.total_noise_sd:g} in the total,",
        "always the same; [c] is too few to tell from it. Other questions on the same dimensions are free;",
        f"{answer.left:,} more combinations of dimensions may be opened this month.",
    )


@project_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    purpose: Annotated[str, typer.Option(help="What the rows are for, in a sentence.")],
    k: Annotated[int, typer.Option(help="Every row is one of at least so many alike.")] = 10,
    gateway: Annotated[list[str] | None, typer.Option(help="A legal gateway on record: benefits, council_tax.")] = None,
    project: FolderOption = Path("data"),
) -> None:
    """Write an accredited project down."""
    from wsd_pipeline.disclosure.extracts import create_project

    made = create_project(Project.load(project), name, purpose, k, gateway or [])
    emit({"name": made.name, "k": made.k}, f"Project {made.name}: k {made.k}. Next: wsd extract build {made.name}")


@extract_app.command("build")
def build(
    name: Annotated[str, typer.Argument(help="An accredited project.")],
    month: Annotated[str, typer.Option("--month", help="Month of the people, YYYY-MM.")],
    columns: Annotated[str, typer.Option(help="Columns, with commas; all of the person index where not given.")] = "",
    project: FolderOption = Path("data"),
) -> None:
    """Build a project's rows: own pseudonyms, generalised before dropped, k-anonymous or not at all."""
    from dataclasses import asdict

    from wsd_pipeline.cli.progress import need_checkout
    from wsd_pipeline.contracts.extract import QUASI, SENSITIVE
    from wsd_pipeline.disclosure.extracts import build_extract

    need_checkout()
    from expectations.run import validate

    wanted = [c.strip() for c in columns.split(",") if c.strip()] or [*QUASI, *SENSITIVE]
    path, report = build_extract(Project.load(project), name, month, validate, wanted)
    facts = asdict(report)
    rows = [[key.replace("_", " "), str(value)] for key, value in facts.items()]
    emit(facts | {"file": str(path)}, tabulate("Extract", ["Measure", "Value"], rows), f"Rows: {path}")
