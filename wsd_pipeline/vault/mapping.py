"""How one supplier's file says what a contract asks: `sources/<feed>.yaml` in the project, read when a file is landed.

    feed: housing__tenancies
    file:                        # what differs from the contract's own layout
      delimiter: "|"
      encoding: cp1252           # utf-8, cp1252 or utf-16; or a list, tried in order
      date_formats: ["%d/%m/%Y"] # "excel" for a spreadsheet's day numbers
      sheet: Tenancies           # of a workbook with several
      header_row: 3              # where titles stand above the header
    columns:                     # the contract's column: the file's header
      tenancy_ref: Tenancy Reference
    constants:                   # the contract's column: one value for every row
      landlord_type: LA/THH
    values:                      # the contract's column: the file's value: the contract's
      sex: {M: "1", F: "2"}
    not_supplied:                # the contract's column: why
      arrears_band: kept in another system

A column in none of them is read under the header the contract gives. Without the file, the contract alone holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from wsd_pipeline.contracts.core import Landed, LandedTable, plain
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project

ENCODINGS = ("utf-8", "cp1252", "utf-16")
DELIMITERS = (",", "|", "\t", ";")
EXCEL = "excel"
ROW_KEY = "row_key"
MAPPING_REASONS = (
    "it is not YAML", "an entry it does not have", "another feed", "no such column", "a required column is left out",
    "a header is used twice", "the delimiter", "the encoding", "a date format", "the header row", "a list of values",
)  # fmt: skip
"""Why a mapping cannot be used: what may follow WSD-117."""

_LARGEST_BYTES = 1024**2
_PARTS = {"feed", "file", "columns", "constants", "values", "not_supplied"}
_FILE = {
    "delimiter", "encoding", "date_formats", "timestamp_formats", "missing", "sheet", "header_row", "row_key",
}  # fmt: skip
_DATE_FORMAT = re.compile(r"(%[dmYybBHMSjfpI]|[-/. T:,])+|excel")


@dataclass(frozen=True, kw_only=True)
class Layout(FileFormat):
    """A file's layout with what each of the contract's columns is called in it; see the module's own words.

    `columns` has the header of every column that the file supplies. `row_key` joins the parts of a split file.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheet: str | None = None
    header_row: int = 1
    row_key: str = ROW_KEY
    fingerprint: str | None = None  # of the mapping; None where there is none


class Unusable(Exception):
    """Why a mapping cannot be used, and about which of the contract's columns, if any."""

    def __init__(self, reason: str, column: str = "") -> None:
        self.reason, self.column = reason, column
        super().__init__(reason)


def sources_folder(project: Project) -> Path:
    """Where the project's mappings are kept."""
    return project.root / "sources"


def mapping_file(project: Project, feed: LandedTable) -> Path:
    """The mapping of a feed, whether it is there or not."""
    return sources_folder(project) / f"{feed.name}.yaml"


def agreed_layout(feed: LandedTable) -> Layout:
    """The layout of the contract alone."""
    given = {f.name: getattr(feed.file, f.name) for f in fields(FileFormat)}
    return Layout(**given, columns={c.name: c.source_header for c in feed.landed_columns})


def layout_of(project: Project, feed: LandedTable, month: str) -> Layout:
    """The layout of the feed's file in this project. Stops with WSD-117 where its mapping cannot be used."""
    path = mapping_file(project, feed)
    if not path.is_file():
        return agreed_layout(feed)
    try:
        return mapped_layout(feed, path.read_bytes()[: _LARGEST_BYTES + 1])
    except Unusable as fault:
        raise Stop("WSD-117", table=feed.key, reason=fault.reason, column=fault.column, month=month) from None
    except OSError:
        raise Stop("WSD-117", table=feed.key, reason="it is not YAML", column="", month=month) from None


def mapped_layout(feed: LandedTable, text: bytes) -> Layout:
    """The layout of the contract as the mapping changes it. Raises Unusable."""
    said = _read(text)
    if said.get("feed", feed.name) != feed.name:
        raise Unusable("another feed")
    names = {c.name: c for c in feed.landed_columns}
    columns, constants, absent = (_texts(said, part, names) for part in ("columns", "constants", "not_supplied"))
    if len(set(columns.values())) != len(columns):
        raise Unusable("a header is used twice")
    known = {name: columns.get(name, c.source_header) for name, c in names.items()}
    supplied = {name: known[name] for name in names if name not in absent and name not in constants}
    for name, column in names.items():
        if column.required and name in absent:
            raise Unusable("a required column is left out", name)
    return Layout(
        **_file(feed, said.get("file") or {}),
        columns=supplied,
        constants=constants,
        values=_values(said.get("values") or {}, names),
        fingerprint=hashlib.sha256(json.dumps(plain(said), sort_keys=True, default=str).encode()).hexdigest(),
    )


def _read(text: bytes) -> dict[str, Any]:
    import yaml

    try:
        said = yaml.safe_load(text.decode("utf-8")) if len(text) <= _LARGEST_BYTES else None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        said = None
    if not isinstance(said, dict):
        raise Unusable("it is not YAML")
    if not set(said) <= _PARTS:
        raise Unusable("an entry it does not have")
    return said


def _texts(said: Mapping[str, Any], part: str, names: Mapping[str, Landed]) -> dict[str, str]:
    """One part of the mapping: the contract's columns, and a text for each."""
    given = said.get(part) or {}
    if not isinstance(given, dict):
        raise Unusable("an entry it does not have")
    for name, text in given.items():
        if name not in names:
            raise Unusable("no such column")
        if not isinstance(text, str | int | float):
            raise Unusable("a list of values", name)
    return {name: str(text) for name, text in given.items()}


def _values(given: Any, names: Mapping[str, Landed]) -> dict[str, dict[str, str]]:
    if not isinstance(given, dict) or not set(given) <= set(names):
        raise Unusable("no such column")
    for name, listed in given.items():
        if not isinstance(listed, dict) or any(isinstance(v, dict | list) for v in listed.values()):
            raise Unusable("a list of values", name)
    return {name: {_said(k): _said(v) for k, v in listed.items()} for name, listed in given.items()}


def _said(value: Any) -> str:
    """A value as it was written: YAML reads a bare Y, N, yes or no as true or false, and ~ as nothing."""
    if value is None:
        return ""
    return str(value) if not isinstance(value, bool) else "Y" if value else "N"


def _file(feed: LandedTable, given: Any) -> dict[str, Any]:
    """The layout's own parts, checked."""
    if not isinstance(given, dict) or not set(given) <= _FILE:
        raise Unusable("an entry it does not have")
    out = {f.name: getattr(feed.file, f.name) for f in fields(FileFormat)}
    if "delimiter" in given:
        out["delimiter"] = {"tab": "\t", "\\t": "\t"}.get(given["delimiter"], given["delimiter"])
        if out["delimiter"] not in DELIMITERS:
            raise Unusable("the delimiter")
    if "encoding" in given:
        out["encodings"] = _list(given["encoding"], "the encoding")
        if not set(out["encodings"]) <= set(ENCODINGS):
            raise Unusable("the encoding")
    for part in ("date_formats", "timestamp_formats"):
        if part in given:
            out[part] = _list(given[part], "a date format")
            if not all(_DATE_FORMAT.fullmatch(text) for text in out[part]):
                raise Unusable("a date format")
    if "missing" in given:
        out["missing"] = tuple(dict.fromkeys((*out["missing"], *_list(given["missing"], "a list of values"))))
    out["header_row"] = given.get("header_row", 1)
    if out["header_row"] not in range(1, 101) or isinstance(out["header_row"], bool):
        raise Unusable("the header row")
    out["sheet"] = str(given["sheet"]) if given.get("sheet") else None
    out["row_key"] = str(given.get("row_key") or ROW_KEY)
    return out


def _list(given: Any, reason: str) -> tuple[str, ...]:
    texts = given if isinstance(given, list) else [given]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise Unusable(reason)
    return tuple(texts)
