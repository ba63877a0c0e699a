"""How `wsd` speaks: text and tables for people, JSON for programs, nothing when told to be quiet.

Every command takes `--json`, `--quiet` and `--debug`, wherever they stand on the line.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rich.table import Table


@dataclass
class Manner:
    """How the command was asked to speak."""

    json: bool = False
    quiet: bool = False
    debug: bool = False


manner = Manner()


@contextmanager
def spoken_as(arguments: list[str]) -> Iterator[list[str]]:
    """The arguments without the flags that say how to speak; they hold until the command is done, and no longer."""
    flags = {"--json": "json", "--quiet": "quiet", "--debug": "debug"}
    before = dict(vars(manner))
    for flag, name in flags.items():
        setattr(manner, name, flag in arguments)
    try:
        yield [argument for argument in arguments if argument not in flags]
    finally:
        vars(manner).update(before)


def emit(data: Any, *things: str | Table) -> None:
    """Show the things to a person, or `data` as JSON to a program."""
    if manner.json:
        typer.echo(json.dumps(data, indent=1, sort_keys=True, default=str))
    elif not manner.quiet:
        from rich.console import Console

        console = Console(highlight=False, soft_wrap=True)
        if not console.is_terminal:  # nothing is cut in a file or a pipe
            console = Console(highlight=False, soft_wrap=True, width=4000)
        for thing in things:
            if isinstance(thing, str):
                console.print(thing, markup=False)
            else:
                console.print(thing)


def say(text: str) -> None:
    """A line on the way, for people only."""
    if not (manner.json or manner.quiet):
        typer.echo(text)


def tabulate(
    title: str,
    headings: list[str],
    rows: list[list[str]],
    *,
    text_columns: int = 1,
    numbers: Collection[int] | None = None,
) -> Table:
    """A plain table: text columns to the left, numbers to the right; the first so many are text, unless told which."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, heading in enumerate(headings):
        is_text = place < text_columns if numbers is None else place not in numbers
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=is_text)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
