"""Workbooks written by hand, part by part, so that a test can make any one part wrong."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_X = '<?xml version="1.0" encoding="UTF-8"?>'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_REL = f"{_OFFICE}/officeDocument/2006/relationships"
_PACKAGE = f"{_OFFICE}/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

DATE_STYLE = 1


def text(reference: str, value: str) -> str:
    """A cell of text."""
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def number(reference: str, value: object, style: int = 0) -> str:
    """A cell of a number; in DATE_STYLE the number is a day."""
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def formula(reference: str, written: str, value: str | None) -> str:
    """A cell of a formula and what it last came to, if it was ever computed."""
    return f'<c r="{reference}"><f>{escape(written)}</f>{"" if value is None else f"<v>{escape(value)}</v>"}</c>'


def column(index: int) -> str:
    """A, B … Z, AA …"""
    name = ""
    while index >= 0:
        index, letter = divmod(index, 26)
        name, index = chr(65 + letter) + name, index - 1
    return name


def sheet(rows: Sequence[Sequence[str]], after: str = "") -> str:
    """A sheet of text; an empty text is no cell, one that begins with `<c ` is a cell as it is."""
    body = []
    for r, cells in enumerate(rows, start=1):
        written = [
            value if value.startswith("<c ") else text(f"{column(i)}{r}", value)
            for i, value in enumerate(cells)
            if value
        ]
        body.append(f'<row r="{r}">{"".join(written)}</row>')
    return f'{_X}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(body)}</sheetData>{after}</worksheet>'


def book(
    sheets: Mapping[str, str],
    *,
    hidden: Sequence[str] = (),
    settings: str = "",
    more: Mapping[str, bytes] | None = None,
    replaced: Mapping[str, bytes] | None = None,
) -> bytes:
    """A workbook of these sheets; `more` adds parts, `replaced` puts other bytes in place of a part."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}" state="{"hidden" if n in hidden else "visible"}"/>'
        for i, n in enumerate(names, start=1)
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for i in range(1, len(names) + 1)
    )
    parts: dict[str, bytes] = {
        "[Content_Types].xml": (
            f'{_X}<Types xmlns="{_PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{types}</Types>'
        ).encode(),
        "_rels/.rels": (
            f'{_X}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
            f' Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ).encode(),
        "xl/workbook.xml": (
            f'{_X}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}">{settings}<sheets>{listed}</sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'{_X}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
            f'<Relationship Id="rId99" Type="{_REL}/styles" Target="styles.xml"/></Relationships>'
        ).encode(),
        "xl/styles.xml": (
            f'{_X}<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
            f'<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
        ).encode(),
        **{f"xl/worksheets/sheet{i}.xml": sheets[n].encode() for i, n in enumerate(names, start=1)},
        **(more or {}),
    }
    parts |= replaced or {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def one_sheet(rows: Sequence[Sequence[str]], after: str = "", **options: object) -> bytes:
    """A workbook of one sheet of text."""
    return book({"Extract": sheet(rows, after)}, **options)  # type: ignore[arg-type]
