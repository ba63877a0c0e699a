"""How a file seems to be written, before anything is known of it: encoding, delimiter, where its header stands.

A first row that holds data is refused: without a header nothing can be mapped, and its words would be somebody's.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.vault import preflight
from wsd_pipeline.vault.faults import Fault
from wsd_pipeline.vault.headers import raw_words, vocabulary
from wsd_pipeline.vault.kinds import Kind, kind_of
from wsd_pipeline.vault.mapping import DELIMITERS, Layout
from wsd_pipeline.vault.receive import Received, read_cells

if TYPE_CHECKING:
    from wsd_pipeline.vault.preflight import CleanText

HEAD_BYTES, HEAD_LINES = 256 * 1024, 50
KNOWN_SHARE = 0.25
"""The share of headers of which at least one word must be known for a first row to be taken for a header."""

_VALUE = re.compile(
    r"[0-9]{3,}|[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ][0-9]{1,4}.*|[0-9]{3}[ -][0-9]{3}[ -][0-9]{4}"
    r"|[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}|[-+]?[0-9]*[.][0-9]+|[^@ ]+@[^@ ]+"
)


def sniff(data: bytes, suffix: str, scratch: Path, sheet: str | None = None) -> tuple[Kind, Layout, Received]:
    """The kind of file, the layout it seems to have, and what is in it. Raises Fault where it cannot be read."""
    kind = kind_of(data, suffix)
    if kind is not Kind.TEXT:
        cells = read_cells(data, kind, sheet, 0, scratch)
        check_is_header(cells.headers)
        return kind, Layout(sheet=sheet, header_row=cells.header_row), cells
    layout = _text_layout(data)
    text = _clean(data, layout)
    check_is_header(text.headers)
    return kind, layout, text


def _text_layout(data: bytes) -> Layout:
    encoding = "utf-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            encoding = "cp1252"
    layout = Layout(encodings=(encoding,))
    head = preflight.normalised(data, layout)[:HEAD_BYTES].decode(errors="replace")
    delimiter, header_row = max((_fit(head, d) for d in DELIMITERS), key=lambda fit: fit[0])[1]
    return replace(layout, delimiter=delimiter, header_row=header_row)


def _fit(head: str, delimiter: str) -> tuple[tuple[float, int], tuple[str, int]]:
    """How well a delimiter fits: the share of lines with the commonest number of fields, and that number."""
    counts = []
    try:
        for fields in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            counts.append(len(fields))
            if len(counts) == HEAD_LINES:
                break
    except csv.Error:
        pass
    common = Counter(count for count in counts if count > 1).most_common(1)
    if not common:
        return (0.0, 0), (delimiter, 1)
    fields_of, often = common[0]
    return (round(often / len(counts), 1), fields_of), (delimiter, counts.index(fields_of) + 1)


def _clean(data: bytes, layout: Layout) -> CleanText:
    """The text, its structure checked; a last line without its end is let through here, as nothing is loaded."""
    from wsd_pipeline.vault.preflight import CleanText

    text = preflight.below(preflight.normalised(data, layout), layout.header_row)
    structure = preflight.scan(text, layout.delimiter, may_lack_final_newline=True)
    if structure.fault is not None:
        raise structure.fault
    return CleanText(data=text, headers=structure.headers, rows=structure.rows)


def check_is_header(headers: Sequence[str]) -> None:
    """Raise Fault where the first row holds values, or hardly a word that any header has."""
    filled = [header for header in headers if header]
    if not filled or any(_VALUE.fullmatch(header.strip()) for header in filled):
        raise Fault("no header row", 1)
    known = vocabulary()
    if sum(any(word in known for word in raw_words(header)) for header in filled) < KNOWN_SHARE * len(filled):
        raise Fault("no header row", 1)
