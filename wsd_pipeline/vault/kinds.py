"""What a file is, by its first bytes, whatever its name says: text, a workbook, Parquet, or something refused."""

from __future__ import annotations

from enum import StrEnum

from wsd_pipeline.vault.faults import Fault

TEXT_SUFFIXES = (".csv", ".txt", ".tsv", ".psv", ".dat")
SUFFIXES = (*TEXT_SUFFIXES, ".xlsx", ".parquet")
REFUSED_SUFFIXES = (".xlsm", ".xlsb", ".xls", ".ods", ".zip", ".gz", ".7z", ".html", ".htm", ".xml", ".json", ".pdf")
"""A supplier's file with one of these is the month's file all the same, and is refused: it is not passed over."""

_ARCHIVES = (b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<table")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a compound file: .xls, or a workbook under a password
_ZIP = b"PK\x03\x04"


class Kind(StrEnum):
    """What a file is read as."""

    TEXT = "text"
    WORKBOOK = "workbook"
    PARQUET = "Parquet"


def kind_of(data: bytes, suffix: str) -> Kind:
    """The kind of a file with this suffix. Raises Fault where it is none, or is not what its name says."""
    suffix = suffix.lower()
    found = _by_bytes(data)
    expected = {".xlsx": Kind.WORKBOOK, ".parquet": Kind.PARQUET}.get(suffix, Kind.TEXT)
    if suffix not in SUFFIXES or found is not expected:
        raise Fault("another kind of file", 0)
    return found


def _by_bytes(data: bytes) -> Kind:
    if data.startswith(_OLD_OFFICE):
        raise Fault("an old or encrypted workbook", 0)
    if data.startswith(_ARCHIVES):
        raise Fault("an archive", 0)
    if data.startswith(_ZIP):
        return Kind.WORKBOOK
    if data.startswith((b"PAR1", b"PARE")):
        return Kind.PARQUET
    if data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGES):
        raise Fault("a web page", 0)
    return Kind.TEXT
