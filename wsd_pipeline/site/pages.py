"""What a page is made of, and how it is written: Jinja templates of this folder, escaped, replaced whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsd_pipeline.settings import write_text


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table of a page: caption, headings, rows of text; columns after the first `text_columns` are numbers."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    text_columns: int = 1


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the page: what it is about, what to make of it, pictures, and the tables they are drawn from."""

    heading: str
    words: str
    charts: tuple[str, ...]
    grids: tuple[Grid, ...]


def write_page(template: str, path: Path, facts: Mapping[str, Any]) -> None:
    """Fill the template and replace the file at `path`; everything filled in is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, environment.get_template(template).render(facts) + "\n")
