"""What the vault tells of a stranger's file: words that are in our own dictionary, kinds, shapes, counts. No value.

The child encodes; the parent takes apart and lets nothing through that is not on a closed list. A header's word that is
no word of ours is left out, so that a file whose first row is data tells nothing of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.vault.evidence import DATE_FORMATS, KINDS
from wsd_pipeline.vault.headers import raw_words, vocabulary
from wsd_pipeline.vault.kinds import Kind
from wsd_pipeline.vault.listed import Unlisted, closed, flag, matched, one_of, refuse, sequence, whole
from wsd_pipeline.vault.mapping import DELIMITERS, ENCODINGS
from wsd_pipeline.vault.report import MAX_BYTES

COLUMNS_TOLD = 300
SHAPE = re.compile(r"[Aa9 /:.,#-]{1,24}")
UNKNOWN = "…"
_NUMBER = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One column of a file: its place from 1, the known words of its header, and what its values look like.

    `shapes` are patterns of digits (9) and letters (A, a) with their share in per cent; none for text.
    """

    place: int
    words: tuple[str, ...]
    kind: str
    missing_pct: int
    distinct: int
    shapes: tuple[tuple[str, int], ...] = ()

    @property
    def header(self) -> str:
        """The header in our words; what is no word of ours is an ellipsis."""
        return " ".join(word or UNKNOWN for word in self.words) or UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Found:
    """A column of the contract, the place (from 1; 0 for none) of the file's column taken for it, and how surely."""

    column: str
    place: int
    confidence_pct: int


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of a file. `found` is empty where it was not asked which column is which."""

    kind: Kind
    encoding: str
    delimiter: str
    header_row: int
    rows: int
    columns_count: int
    date_formats: tuple[str, ...]
    is_order_open: bool
    columns: tuple[Looked, ...]
    found: tuple[Found, ...] = ()


def known_words(header: str) -> tuple[str, ...]:
    """The header's words; what is no word of ours as nothing."""
    known = vocabulary()
    return tuple(word if word in known or _NUMBER.fullmatch(word) else "" for word in raw_words(header)[:12])


def encode(told: Told) -> bytes:
    """One line of JSON."""
    body = {
        "kind": told.kind.value,
        "encoding": told.encoding,
        "delimiter": told.delimiter,
        "header_row": told.header_row,
        "rows": told.rows,
        "columns_count": told.columns_count,
        "date_formats": list(told.date_formats),
        "is_order_open": told.is_order_open,
        "columns": [
            [c.place, list(c.words), c.kind, c.missing_pct, c.distinct, [list(s) for s in c.shapes]]
            for c in told.columns[:COLUMNS_TOLD]
        ],
        "found": [[f.column, f.place, f.confidence_pct] for f in told.found],
    }
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def decode(line: bytes, feed: LandedTable | None) -> Told:
    """The line taken apart. Raises Unlisted for anything that is not on a list."""
    if len(line) > MAX_BYTES or line.count(b"\n") != 1 or not line.endswith(b"\n"):
        raise Unlisted
    try:
        body = json.loads(line.decode("ascii"), parse_constant=refuse)
    except (ValueError, RecursionError):
        raise Unlisted from None
    names = {"kind", "encoding", "delimiter", "header_row", "rows", "columns_count", "date_formats", "is_order_open"}
    closed(body, {*names, "columns", "found"})
    return Told(
        kind=Kind(one_of(body["kind"], {k.value for k in Kind})),
        encoding=one_of(body["encoding"], ("", *ENCODINGS)),
        delimiter=one_of(body["delimiter"], ("", *DELIMITERS)),
        header_row=whole(body["header_row"]),
        rows=whole(body["rows"]),
        columns_count=whole(body["columns_count"]),
        date_formats=tuple(one_of(text, DATE_FORMATS) for text in sequence(body["date_formats"])),
        is_order_open=flag(body["is_order_open"]),
        columns=tuple(_looked(row) for row in sequence(body["columns"])),
        found=tuple(_found(row, feed) for row in sequence(body["found"])),
    )


def _looked(row: Any) -> Looked:
    place, words, kind, missing, distinct, shapes = _of_length(row, 6)
    known = vocabulary()
    for word in sequence(words):
        if word != "" and not (isinstance(word, str) and (word in known or _NUMBER.fullmatch(word))):
            raise Unlisted
    return Looked(
        place=whole(place),
        words=tuple(words),
        kind=one_of(kind, KINDS),
        missing_pct=whole(missing),
        distinct=whole(distinct),
        shapes=tuple((matched(s, SHAPE), whole(n)) for s, n in (_of_length(pair, 2) for pair in sequence(shapes))),
    )


def _found(row: Any, feed: LandedTable | None) -> Found:
    name, place, confidence = _of_length(row, 3)
    known = {c.name for c in feed.landed_columns} if feed else set()
    return Found(column=one_of(name, known), place=whole(place), confidence_pct=whole(confidence))


def _of_length(value: Any, length: int) -> Sequence[Any]:
    if len(sequence(value)) != length:
        raise Unlisted
    return value  # type: ignore[no-any-return]
