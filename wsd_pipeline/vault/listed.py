"""Reading one part of the vault's report: of the expected kind and on the list given, or the report is void."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any, NoReturn

_HEX = re.compile(r"[0-9a-f]{6,64}")
_HEX_LENGTHS = (6, 24, 32, 64)
_LARGEST = 2**63


class Unlisted(Exception):
    """The report holds something that is not on the list. Never says what."""


def refuse(_: object = None) -> NoReturn:
    """Void the report."""
    raise Unlisted


def closed(value: Any, names: set[str]) -> None:
    """A mapping of exactly these names."""
    if not isinstance(value, dict) or set(value) != names:
        raise Unlisted


def mapping(value: Any) -> dict[str, Any]:
    """A mapping."""
    if not isinstance(value, dict):
        raise Unlisted
    return value


def sequence(value: Any) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise Unlisted
    return value


def one_of(value: Any, listed: Container[str]) -> str:
    """A text of the list."""
    if not isinstance(value, str) or value not in listed:
        raise Unlisted
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Unlisted
    return value


def whole(value: Any) -> int:
    """A whole number from 0 to 2**63 - 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        raise Unlisted
    return value


def matched(value: Any, pattern: re.Pattern[str]) -> str:
    """A text that is wholly of the pattern."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Unlisted
    return value


def hexadecimal(value: Any, *, may_be_empty: bool = False) -> str:
    """Lower-case hex digits of a length that hashes, keys and check values have."""
    if may_be_empty and value == "":
        return ""
    text = matched(value, _HEX)
    if len(text) not in _HEX_LENGTHS:
        raise Unlisted
    return text
