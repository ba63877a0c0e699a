"""Workbooks (`.xlsx`): what the archive holds is looked through before any of it is parsed; then one sheet's cells.

Runs in the reader's process only. A sheet is one table of values: merged cells, formulas that were never computed and
numbers too long for a spreadsheet (it keeps fifteen digits) are refused, as what was meant cannot be told.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from wsd_pipeline.vault.faults import Fault

MEMBERS_CAP = 2_000
INFLATED_CAP_BYTES = 2 * 1024**3
RATIO_CAP, RATIO_FROM_BYTES = 200, 100 * 1024**2
COLUMNS_CAP = 2_000
TITLES_CAP, NEARLY_FULL = 20, 0.8
_PART_CAP_BYTES = 16 * 1024**2  # of a small part: the list of sheets, relations, content types
_CHUNK, _OVERLAP = 4 * 1024**2, 64 * 1024
_ACTIVE = ("vbaproject", "macrosheets/", "activex/", "embeddings/", "dialogsheets/")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

_UNCOMPUTED = re.compile(rb"<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_TOO_LONG = re.compile(
    rb"<c(?![^<>]*\bt=)[^<>]*>(?:<f[^<]*</f>)?<v>-?(?:[0-9]{16,}|[0-9.]+[eE]\+?(?:1[5-9]|[2-9][0-9]))</v>"
)
_MERGED = re.compile(rb'<mergeCell\s[^<>]*?ref="[A-Z]+([0-9]+)(?::[A-Z]+([0-9]+))?"')
_FAR_COLUMN = re.compile(rb'<c [^<>]*?r="([A-Z]{4,}|[D-Z][A-Z]{2}|C[B-Z][A-Z])[0-9]+"')  # beyond column 2,054


def cells_of(data: bytes, sheet: str | None, header_row: int) -> Any:
    """The cells of a sheet as an Arrow table of text; the one visible sheet where none is named. Raises Fault.

    Header row 0 means that it is to be found; which it was is in the table's metadata.
    """
    archive = _opened(data)
    name, part = _chosen(archive, sheet)
    merged = _look_through(archive, part)
    read = _read(data, name)
    header_row = header_row or _header_row(read)
    if merged >= header_row:
        raise Fault("merged cells", merged)
    if read.num_rows < header_row or not read.num_columns:
        raise Fault("empty")
    return _tidied(read, header_row)


def _opened(data: bytes) -> zipfile.ZipFile:
    """The archive, every member of which inflates to what it says and is of a kind that is read."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
        if len(members) > MEMBERS_CAP:
            raise Fault("too large")
        names = [member.filename for member in members]
        if any(member.flag_bits & 1 for member in members):
            raise Fault("encrypted")
        if len(set(names)) != len(names) or any(n.startswith(("/", "\\")) or ".." in n or ":" in n for n in names):
            raise Fault("structure")
        if any(part in name.lower() for name in names for part in _ACTIVE):
            raise Fault("macros")
        if b"macroenabled" in _part(archive, "[Content_Types].xml").lower():
            raise Fault("macros")
        _measure(archive, len(data))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, ValueError, OSError):
        raise Fault("structure") from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Fault("structure") from None
        raise
    return archive


def _measure(archive: zipfile.ZipFile, size: int) -> None:
    """Inflate every member once, counting: sizes written in an archive may lie."""
    total = 0
    for member in archive.infolist():
        for chunk in _chunks(archive, member.filename):
            total += len(chunk)
            if total > INFLATED_CAP_BYTES or (total > RATIO_FROM_BYTES and total > RATIO_CAP * size):
                raise Fault("too large")


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        while chunk := member.read(_CHUNK):
            yield chunk


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """A small part of the archive, whole."""
    try:
        with archive.open(name) as member:
            content = member.read(_PART_CAP_BYTES + 1)
    except KeyError:
        raise Fault("structure") from None
    if len(content) > _PART_CAP_BYTES or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Fault("structure")
    return content


def _chosen(archive: zipfile.ZipFile, wanted: str | None) -> tuple[str, str]:
    """The sheet's name and its part: the one named, else the only visible one. A hidden sheet is never read."""
    try:
        book = ElementTree.fromstring(_part(archive, "xl/workbook.xml"))  # noqa: S314  # neither holds a DOCTYPE
        relations = ElementTree.fromstring(_part(archive, "xl/_rels/workbook.xml.rels"))  # noqa: S314
    except ElementTree.ParseError:
        raise Fault("structure") from None
    settings = book.find(f"{_MAIN}workbookPr")
    if settings is not None and settings.get("date1904") in ("1", "true"):
        raise Fault("dates from 1904")
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    visible = {
        sheet.get("name", ""): targets.get(sheet.get(_RELATION), "")
        for sheet in book.iter(f"{_MAIN}sheet")
        if sheet.get("state", "visible") == "visible"
    }
    if wanted is not None and wanted not in visible:
        raise Fault("no such sheet")
    if wanted is None and len(visible) != 1:
        raise Fault("several sheets" if visible else "no such sheet")
    name = wanted if wanted is not None else next(iter(visible))
    target = visible[name].removeprefix("/")
    return name, target if target.startswith("xl/") else f"xl/{target}"


def _look_through(archive: zipfile.ZipFile, part: str) -> int:
    """Refuse what a sheet may not hold; the lowest row of any merged cells, 0 where there are none."""
    if part not in archive.namelist():
        raise Fault("structure")
    kept, merged = b"", 0
    for chunk in _chunks(archive, part):
        text = kept + chunk
        if b"<!DOCTYPE" in text:
            raise Fault("structure")
        if _UNCOMPUTED.search(text):
            raise Fault("formula without value")
        if _TOO_LONG.search(text):
            raise Fault("numbers too long")
        if _FAR_COLUMN.search(text):
            raise Fault("too many columns")
        merged = max([merged, *(int(row) for found in _MERGED.findall(text) for row in found if row)])
        kept = text[-_OVERLAP:]
    return merged


def _read(data: bytes, sheet: str) -> Any:
    """Every cell of the sheet as text, the header among them."""
    import fastexcel

    try:
        return fastexcel.read_excel(data).load_sheet(sheet, header_row=None, dtypes="string").to_arrow()
    except (fastexcel.FastExcelError, ValueError):
        raise Fault("structure") from None


def _header_row(read: Any) -> int:
    """The first row that is nearly as full as any of the first: titles above a table have a cell or two."""
    head = read.slice(0, TITLES_CAP)
    filled = [sum(value is not None for value in row.values()) for row in head.to_pylist()]
    return 1 + next((i for i, count in enumerate(filled) if count >= NEARLY_FULL * max(filled)), 0)


def _tidied(read: Any, header_row: int) -> Any:
    """What is below the header, without blank rows and columns; midnight is left off dates.

    Raises Fault for a column that has values and no header.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    headers = [str(h or "").strip() for h in read.slice(header_row - 1, 1).to_pylist()[0].values()]
    body = pa.Table.from_batches([read.slice(header_row)])
    if len(headers) > COLUMNS_CAP:
        raise Fault("too many columns")
    kept = [i for i, header in enumerate(headers) if header or body.column(i).null_count < body.num_rows]
    if any(not headers[i] for i in kept):
        raise Fault("blank header", header_row)
    columns = [body.column(i).cast(pa.string()) for i in kept]
    filled = pa.chunked_array([pa.repeat(pa.scalar(value=False), body.num_rows)])
    for column in columns:
        filled = pc.or_(filled, pc.is_valid(column))
    midnight = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00(?:\.0+)?$"
    tidy = [pc.replace_substring_regex(column, midnight, r"\1") for column in columns]
    table = pa.table(tidy, names=[headers[i] for i in kept]).filter(filled)
    return table.replace_schema_metadata({"header_row": str(header_row)})
