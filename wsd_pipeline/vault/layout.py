"""How counts, column names and file layouts read in a message; the parent and the child say them alike."""

from __future__ import annotations

from wsd_pipeline.contracts.feed import FileFormat

_SHOWN = 8


class Count(int):
    """A number that is written with thousands separators."""

    def __format__(self, spec: str) -> str:
        return f"{int(self):,}"


class Names(tuple[str, ...]):
    """Names of ours: the first eight, and how many more."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        shown = ", ".join(self[:_SHOWN]) or "none"
        return shown + (f" and {len(self) - _SHOWN} more" if len(self) > _SHOWN else "")


def expected_layout(layout: FileFormat) -> str:
    """The file the supplier agreed to send, in words."""
    encodings = " or ".join({"cp1252": "Windows-1252", "utf-8": "UTF-8"}.get(e, e) for e in layout.encodings)
    return f"{encodings} text, fields separated by “{layout.delimiter}”, every line ended, the last one too"
