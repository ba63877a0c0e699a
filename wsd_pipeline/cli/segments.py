"""`wsd segment`: why a person is in their segments, and what other numbers in the rules would make of everybody."""

from __future__ import annotations

from typing import Annotated

import typer

from wsd_pipeline.cli.options import DEFAULT_PROJECT, ProjectOption
from wsd_pipeline.cli.output import emit, tabulate

segment_app = typer.Typer(no_args_is_help=True, help="Segments: why, and what if.", rich_markup_mode=None)
Month = Annotated[str, typer.Option("--month", help="Month of the people, YYYY-MM.")]


@segment_app.command()
def explain(
    person_id: Annotated[str, typer.Argument(help="A person's id.")],
    month: Month,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Which rules hold of one person, which do not, and which cannot be asked; shows no identity."""
    from dataclasses import asdict

    from wsd_pipeline.segmentation.explain import Judged
    from wsd_pipeline.segmentation.explain import explain as explained
    from wsd_pipeline.settings import Project, month_of

    found = explained(Project.load(project), month_of(month), person_id)

    def rows(rules: tuple[Judged, ...]) -> list[list[str]]:
        return [[r.rule_id, r.words, r.state, *_why(r.evidence_source, r.evidence_date, r.missing)] for r in rules]

    headings = ["Rule", "Words", "State", "Why"]
    tier = "not known" if found.need_tier is None else str(found.need_tier)
    emit(
        asdict(found),
        f"Lifecourse: {found.lifecourse_segment} by {found.lifecourse_rule_id}. Need: {found.need_segment}"
        f"{f' by {found.need_rule_id}' if found.need_rule_id else ''}, tier {tier}. Rules {found.rule_version}.",
        tabulate("Need", headings, rows(found.need), text_columns=4),
        tabulate("Lifecourse", headings, rows(found.lifecourse), text_columns=4),
    )


def _why(source: str, day: str, missing: tuple[str, ...]) -> list[str]:
    """The source and day of the evidence, or what is missing."""
    if missing:
        words = [m if " " in m else f"{m} not supplied" for m in missing]
        return [f"[x] {', '.join(words)}"]
    return [f"{source} {day}".strip()]


@segment_app.command("what-if")
def what_if(
    month: Month,
    set_: Annotated[list[str], typer.Option("--set", help="A parameter and its number: child_upper_age=17")],
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Segments before and after other numbers in the rules, protected; writes nothing."""
    from dataclasses import asdict

    from wsd_pipeline.segmentation.what_if import what_if as tried
    from wsd_pipeline.settings import Project, month_of

    numbers = dict(_number(each) for each in set_)
    changes = tried(Project.load(project), month_of(month), numbers)
    rows = [
        [c.lifecourse_segment, c.need_segment, *(_shown(n) for n in (c.before, c.after, c.coming, c.going))]
        for c in changes
    ]
    emit(
        [asdict(c) for c in changes],
        tabulate(
            f"{', '.join(f'{k} = {v}' for k, v in numbers.items())}, {month}",
            ["Lifecourse", "Need", "Before", "After", "Coming", "Going"],
            rows,
            text_columns=2,
        ),
        "",
        "To the nearest 5; [c] is 1 to 7, or would tell of so few. To keep a change: wsd_pipeline/config/segments.yaml",
    )


def _number(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not name.strip() or not number.strip().isdecimal():
        raise typer.BadParameter("a parameter and a whole number: child_upper_age=17", param_hint="--set")
    return name.strip(), int(number)


def _shown(number: int | None) -> str:
    return "[c]" if number is None else f"{number:,}"
