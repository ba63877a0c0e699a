"""What a reference table is, and where its file is. The tables themselves are in the modules `reference` gathers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wsd_pipeline.contracts.core import Column, Privacy, Table


class Origin(StrEnum):
    """Where a reference table's file is."""

    SHIPPED = "with the library"
    SUPPLIED = "in the inbox"
    NOTED = "in the pipeline's own notes of the month"


@dataclass(frozen=True, kw_only=True)
class ReferenceTable(Table):
    """A table of public facts; `vintage` and `source_note` say of when and from where."""

    vintage: str
    source_note: str
    origin: Origin = Origin.SHIPPED
    is_optional: bool = False


def fact(name: str, type: str, description: str, **options: object) -> Column:
    """A column of a reference table: a fact about no person."""
    return Column(name=name, type=type, description=description, privacy=Privacy.NONE, **options)  # type: ignore[arg-type]
