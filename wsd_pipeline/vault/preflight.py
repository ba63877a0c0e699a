"""Bytes before parsing: encoding, structure, manifest. No parser sees a file that has not passed.

The result is UTF-8 with LF line ends, in which every line has as many fields as the header. Quoting is RFC 4180:
a quote opens only at the start of a field and closes only at its end; a quote inside is doubled.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault.faults import Fault, refusal
from wsd_pipeline.vault.inbox import PARTS, Manifest
from wsd_pipeline.vault.layout import Count
from wsd_pipeline.vault.mapping import DELIMITERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIZE_CAP_BYTES = 2 * 1024**3
LINE_CAP_BYTES = 1024**2
COLUMNS_CAP = 2_000
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_LF, _QUOTE = 10, 34


@dataclass(frozen=True, kw_only=True)
class CleanText:
    """A file that passed: UTF-8, LF, whole. `rows` leaves the header out."""

    data: bytes
    headers: tuple[str, ...]
    rows: int


def read_bytes(path: Path, table: str, layout: FileFormat, month: str) -> bytes:
    """The file's bytes. Stops with WSD-111 where it is a link, not a regular file, or larger than the cap."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise refusal(table, layout, Fault("not a file", 0), month) from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise refusal(table, layout, Fault("not a file", 0), month)
    with os.fdopen(handle, "rb") as file:
        if status.st_size > SIZE_CAP_BYTES:
            raise refusal(table, layout, Fault("too large", 0), month)
        return file.read(SIZE_CAP_BYTES + 1)


def check(
    data: bytes, table: str, layout: FileFormat, month: str, manifest: Manifest | None = None, *, header_row: int = 1
) -> CleanText:
    """The bytes as clean text. Stops with WSD-111, or 113 and 114 where they are not what the manifest describes.

    What stands above line `header_row` is passed over.
    """
    vouched = manifest is not None and manifest.sha256 == hashlib.sha256(data).hexdigest()
    fault: Fault | None = None
    rows: int | None = None
    try:
        text = below(normalised(data, layout), header_row)
        structure = scan(text, layout.delimiter, may_lack_final_newline=vouched)
        rows, fault = structure.rows, structure.fault
    except Fault as found:
        fault = found
    if manifest is not None:
        compare(manifest, table, month, rows, vouched=vouched, fault=fault)
    if fault is not None:
        raise refusal(table, layout, fault, month)
    return CleanText(data=text, headers=structure.headers, rows=structure.rows)


def compare(
    manifest: Manifest, table: str, month: str, rows: int | None, *, vouched: bool, fault: Fault | None
) -> None:
    """Stop with WSD-113 where the rows are not as many as the manifest says, WSD-114 where it is of another file.

    `vouched` says that the hash agrees. Bytes that have a fault are told by the fault, not by their hash.
    """
    if rows is not None and manifest.row_count is not None and manifest.row_count != rows:
        raise Stop("WSD-113", table=table, month=month, found=Count(rows), expected=Count(manifest.row_count))
    name = table.split(".", 1)[1]
    if manifest.feed not in (None, name, *(f"{name}.{part}" for part in PARTS)):
        raise Stop("WSD-114", table=table, month=month)
    if manifest.sha256 is not None and not vouched and fault is None:
        raise Stop("WSD-114", table=table, month=month)


def normalised(data: bytes, layout: FileFormat) -> bytes:
    """The same text as UTF-8 without byte order mark, lines ended by LF alone. Raises Fault."""
    is_utf16 = data.startswith(_UTF16_BOMS)
    if is_utf16:
        data = _from_utf16(data, layout)
    if (place := data.find(b"\0")) >= 0:
        raise Fault("NUL byte", data.count(b"\n", 0, place) + 1)
    data = data.removeprefix(_UTF8_BOM)
    if not is_utf16:
        data = _as_utf8(data, layout)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not data.strip():
        raise Fault("empty", 1)
    return data


def below(text: bytes, header_row: int) -> bytes:
    """The text from that line on: what stands above a header is no data. Raises Fault where there is no such line."""
    start = 0
    for _ in range(header_row - 1):
        start = text.find(b"\n", start) + 1
        if not start:
            raise Fault("no header row", 1)
    return text[start:] if start else text


def _from_utf16(data: bytes, layout: FileFormat) -> bytes:
    """UTF-16 only where it is agreed: many a supplier's "Unicode text" is sent so unawares."""
    if "utf-16" not in layout.encodings:
        raise Fault("UTF-16", 1)
    try:
        return data.decode("utf-16").encode()
    except UnicodeDecodeError:
        raise Fault("another encoding", 1) from None


def _as_utf8(data: bytes, layout: FileFormat) -> bytes:
    """Decoded by the first accepted encoding that fits; UTF-8, which other text seldom passes for, first."""
    if data.isascii():
        return data
    line = 1
    agreed = [name for name in layout.encodings if name != "utf-16"]  # it has a mark of its own, or is refused
    for encoding in sorted(agreed, key=lambda name: name.lower().replace("-", "") != "utf8"):
        try:
            return data.decode(encoding).encode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
    raise Fault("another encoding", line)


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the scan found; `fault` is the first thing wrong, with `rows` counted all the same."""

    headers: tuple[str, ...]
    rows: int
    fault: Fault | None


def scan(text: bytes, delimiter: str, *, may_lack_final_newline: bool) -> Structure:
    """Count fields in every line, quotes and newlines inside quotes respected, without a loop over rows."""
    import numpy as np

    whole = text.endswith(b"\n")
    body = text.rstrip(b"\n") + b"\n"
    buffer = np.frombuffer(body, dtype=np.uint8)
    marks = np.zeros(256, dtype=bool)
    marks[[_LF, _QUOTE, ord(delimiter)]] = True
    places = np.flatnonzero(marks[buffer])
    kinds = buffer[places]
    fault: Fault | None = None
    if b'"' in body:
        quotes = places[kinds == _QUOTE]
        fault = _quote_fault(buffer, quotes, ord(delimiter))
        outside = np.bitwise_xor.accumulate((kinds == _QUOTE).view(np.uint8)) == 0
        outside &= kinds != _QUOTE
        places, kinds = places[outside], kinds[outside]
    ends = places[kinds == _LF]
    if fault is None:
        fault = _count_fault(buffer, places[kinds != _LF], ends)
    if fault is None and not whole and not may_lack_final_newline:
        fault = Fault("last line cut", _line_of(buffer, len(buffer) - 1))
    headers = _headers(body[: int(ends[0])] if len(ends) else body, delimiter)
    fault = _header_fault(headers, delimiter) or fault
    longest = int(np.diff(ends, prepend=-1).max()) if len(ends) else len(body)
    if fault is None and longest > LINE_CAP_BYTES:
        fault = Fault("line too long", 0)
    return Structure(headers=headers, rows=max(len(ends) - 1, 0), fault=fault)


def _headers(line: bytes, delimiter: str) -> tuple[str, ...]:
    try:
        fields = next(csv.reader(io.StringIO(line.decode(), newline=""), delimiter=delimiter), [])
    except csv.Error:
        raise Fault("structure", 1) from None
    return tuple(field.strip() for field in fields)


def _header_fault(headers: tuple[str, ...], delimiter: str) -> Fault | None:
    """A header that cannot be one: of one column that holds another delimiter, endless, or with a name twice."""
    if len(headers) == 1 and any(mark in headers[0] for mark in DELIMITERS if mark != delimiter):
        return Fault("another delimiter", 1)
    if len(headers) > COLUMNS_CAP:
        return Fault("too many columns", 1)
    return Fault("duplicate header", 1) if len(set(headers)) != len(headers) else None


def _line_of(buffer: NDArray[np.uint8], place: int) -> int:
    return int((buffer[:place] == _LF).sum()) + 1


def _quote_fault(buffer: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: int) -> Fault | None:
    """The first quote that neither opens nor closes a field; opening and closing quotes alternate."""
    import numpy as np

    opening, closing = quotes[0::2], quotes[1::2]
    before = buffer[np.maximum(opening - 1, 0)]
    after = buffer[np.minimum(closing + 1, len(buffer) - 1)]
    edges = np.array([_LF, delimiter, _QUOTE], dtype=np.uint8)
    stray = np.concatenate([opening[~np.isin(before, edges) & (opening > 0)], closing[~np.isin(after, edges)]])
    if len(stray):
        return Fault("stray quote", _line_of(buffer, int(stray.min())))
    if len(quotes) % 2:
        return Fault("unclosed quote", _line_of(buffer, int(quotes[-1])))
    return None


def _count_fault(buffer: NDArray[np.uint8], delimiters: NDArray[np.int64], ends: NDArray[np.int64]) -> Fault | None:
    """The first line whose number of fields is not the header's."""
    import numpy as np

    counts = np.diff(np.searchsorted(delimiters, ends), prepend=0)
    wrong = np.flatnonzero(counts != counts[0])
    if not len(wrong):
        return None
    first = int(wrong[0])
    last = len(ends) - 1
    reason = "last line cut" if first == last and counts[first] < counts[0] else "number of fields"
    return Fault(reason, _line_of(buffer, int(ends[first - 1]) + 1))
