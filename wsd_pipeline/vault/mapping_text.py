"""A suggested mapping as YAML that a person can read, correct and keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.vault.evidence import Shape
from wsd_pipeline.vault.headers import words_of
from wsd_pipeline.vault.kinds import Kind
from wsd_pipeline.vault.mapping import EXCEL, Layout
from wsd_pipeline.vault.suggest import Suggestion

DOUBTFUL = 0.5
"""Below this confidence a suggestion is marked to be looked at."""

_HEAD = """# How {feed} arrives: the contract's columns and the file's. Suggested by wsd source map; correct it by hand.
# A number is how sure the suggestion is (0 to 1); LOOK marks those to look at first.
"""
_OPEN = """# LOOK: whether dates are day first or month first cannot be told from this file. Ask the supplier, then say:
#   file: {date_formats: ["%d/%m/%Y"]}   or   ["%m/%d/%Y"]
"""


def mapping_text(
    feed: LandedTable,
    kind: Kind,
    layout: Layout,
    headers: Sequence[str],
    shapes: Sequence[Shape],
    found: Sequence[Suggestion],
    dates: Sequence[str],
    times: Sequence[str],
    *,
    is_open: bool,
) -> str:
    """The mapping's text. Dates are left to the contract where their order cannot be told."""
    out = [_HEAD.format(feed=feed.name).rstrip(), *([_OPEN.rstrip()] if is_open else []), f"feed: {feed.name}"]
    out += [
        "file:",
        *(f"  {line}" for line in _file(kind, layout, [] if is_open else dates, times, shapes, found, feed)),
    ]
    placed = [s for s in found if s.place is not None]
    out += ["columns:"]
    out += [
        f"  {s.column}: {_scalar(headers[s.place])}  # {s.confidence:.2f}{' LOOK' if s.confidence < DOUBTFUL else ''}"
        for s in placed
        if s.place is not None
    ]
    values = [line for s in placed if s.place is not None for line in _values(feed, s.column, shapes[s.place])]
    if values:
        out += ["values:  # LOOK: the file's own codes, where they are not the contract's", *values]
    absent = [s.column for s in found if s.place is None]
    missing = [name for name in absent if feed.column(name).required]
    if missing:
        out += [f"# LOOK: nothing was found for these, and the contract needs them: {', '.join(missing)}"]
    optional = [name for name in absent if name not in missing]
    if optional:
        out += ["not_supplied:", *(f"  {name}: not found in the file" for name in optional)]
    return "\n".join(out) + "\n"


def _file(
    kind: Kind,
    layout: Layout,
    dates: Sequence[str],
    times: Sequence[str],
    shapes: Sequence[Shape],
    found: Sequence[Suggestion],
    feed: LandedTable,
) -> list[str]:
    lines = []
    if kind is Kind.TEXT:
        lines += [f"delimiter: {_scalar(layout.delimiter)}", f"encoding: {layout.encodings[0]}"]
    if layout.sheet:
        lines.append(f"sheet: {_scalar(layout.sheet)}")
    lines.append(f"header_row: {layout.header_row}")
    dated = [shapes[s.place] for s in found if s.place is not None and feed.column(s.column).type.upper() == "DATE"]
    formats = [*dates, *([EXCEL] if any(shape.rates["day_number"] > 0.5 for shape in dated) else [])]
    if formats:
        lines.append(f"date_formats: [{', '.join(_scalar(text) for text in formats)}]")
    if times:
        lines.append(f"timestamp_formats: [{', '.join(_scalar(text) for text in times)}]")
    return lines


def _values(feed: LandedTable, name: str, shape: Shape) -> list[str]:
    """A table of codes to be filled in: each of the file's own codes, and the contract's that seems to be meant.

    Only codes that many rows have are written: a rare one may be somebody's.
    """
    lists = [check for check in feed.column(name).checks if isinstance(check, OneOf)]
    if not lists or not shape.codes or shape.distinct > 2 * len(lists[0].values) + 3:
        return []
    listed = {str(value): words_of(str(value)) for value in lists[0].values}
    known = {value.lower() for value in listed} | {value.lstrip("0").lower() for value in listed}
    other = [code for code, count in shape.codes.items() if code.lower() not in known and count >= 10]
    lines = []
    for code in other:
        meant = [value for value, words in listed.items() if words and words == words_of(code)]
        meant = meant or [value for value in SEXES.get(code.lower(), ()) if name == "sex" and value in listed]
        lines.append(f"    {_scalar(code)}: {_scalar(meant[0])}" if meant else f"    # {_scalar(code)}: which is it?")
    if not lines:
        return []
    return [f"  {name}:" if any("#" not in line for line in lines) else f"  # {name}:", *lines]


SEXES: dict[str, tuple[str, ...]] = {
    "m": ("1", "M", "Male"), "male": ("1", "M", "Male"), "1": ("M", "Male"),
    "f": ("2", "F", "Female"), "female": ("2", "F", "Female"), "2": ("F", "Female"),
    "u": ("0", "9", "U", "Unknown"), "unknown": ("0", "9", "U"), "i": ("9", "X"), "indeterminate": ("9", "X"),
}  # fmt: skip
"""What a supplier's code for sex is in each national list."""


def _scalar(value: Any) -> str:
    """A text as a YAML scalar in double quotes."""
    import json

    return json.dumps(str(value), ensure_ascii=False)
