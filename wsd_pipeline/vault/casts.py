"""How the text of a column is read as its type: SQL that is null where it cannot be.

What a spreadsheet does to values is undone only where the value itself proves it: a leading zero comes back to an NHS
number whose check digit then holds, and to a code that is on its list only with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wsd_pipeline.contracts.checks import OneOf, literal
from wsd_pipeline.contracts.core import Becomes, Identity, Landed
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.vault.mapping import EXCEL, Layout
from wsd_pipeline.vault.nhs_numbers import nhs_number_with_zero
from wsd_pipeline.vault.preflight import CleanText
from wsd_pipeline.vault.receive import Cells, Received, Split

TRUE_WORDS, FALSE_WORDS = ("y", "yes", "true", "t", "1"), ("n", "no", "false", "f", "0")
_EARLIEST_YEAR = 1800
_WHOLE = ("SMALLINT", "INTEGER", "BIGINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT")
_EXPONENT = r"[+-]?[0-9]+([.][0-9]*)?[eE][+][0-9]+"
_REFERENCES = (Becomes.TOKEN, Becomes.KEYED, Becomes.RALF)


def typed_layout(received: Received | Split, layout: Layout) -> Layout:
    """The layout, and for files that know dates from text also ISO dates and a spreadsheet's day numbers."""
    parts = (received.identity, received.payload) if isinstance(received, Split) else (received,)
    if not any(isinstance(part, Cells) for part in parts):
        return layout
    return replace(
        layout,
        date_formats=(*dict.fromkeys(("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", *layout.date_formats, EXCEL)),),
        timestamp_formats=(*dict.fromkeys(("%Y-%m-%d %H:%M:%S", *layout.timestamp_formats)),),
    )


def has_exponents(received: Received | Split) -> bool:
    """Whether any value may be a number as a spreadsheet shortens it, such as 9.43E+09: digits are lost in it."""
    if isinstance(received, Split):
        return has_exponents(received.identity) or has_exponents(received.payload)
    return not isinstance(received, CleanText) or b"E+" in received.data or b"e+" in received.data


def is_reference(column: Landed) -> bool:
    """Whether a value of the column stands for a person, a place or a record, so that one digit lost is another."""
    return column.becomes in _REFERENCES and column.type.upper() == "VARCHAR"


def cast(column: Landed, layout: FileFormat, *, exponents: bool = False) -> str:
    """SQL that reads the text of `column` as its type, null where it cannot be."""
    text, kind = f'"{column.name}"', column.type.upper()
    if isinstance(layout, Layout) and (listed := layout.values.get(column.name)):
        text = _mapped(text, listed)
    if kind == "VARCHAR":
        text = _with_zero(column, text)
        return _without_exponent(text) if exponents and is_reference(column) else text
    if kind == "DATE":
        return _moment(text, layout.date_formats, "date")
    if kind.startswith("TIMESTAMP"):
        return _moment(text, layout.timestamp_formats + layout.date_formats, "timestamp")
    if kind == "BOOLEAN":
        true, false = (", ".join(literal(w) for w in words) for words in (TRUE_WORDS, FALSE_WORDS))
        return f"case when lower({text}) in ({true}) then true when lower({text}) in ({false}) then false end"
    pattern = r"[+-]?[0-9]+([.]0*)?" if kind in _WHOLE else r"[+-]?[0-9]*[.]?[0-9]+"
    return f"case when regexp_full_match({text}, '{pattern}') then try_cast({text} as {column.type}) end"


def _mapped(text: str, listed: Mapping[str, str]) -> str:
    """The value that the mapping puts for the file's, compared without regard to case; any other as it is."""
    arms = " ".join(f"when {literal(said.lower())} then {literal(meant)}" for said, meant in listed.items())
    return f"nullif(case lower({text}) {arms} else {text} end, '')"


def _with_zero(column: Landed, text: str) -> str:
    """The value with the leading zeros that a spreadsheet took, where it can only be right with them."""
    if column.identity is Identity.NHS_NUMBER:
        return f"case when length({text}) = 9 then {nhs_number_with_zero(text)} else {text} end"
    listed = {str(v) for check in column.checks if isinstance(check, OneOf) for v in check.values}
    lost = {v.lstrip("0"): v for v in listed if v.isdigit() and v.startswith("0") and v.strip("0")}
    shorter = {short: whole for short, whole in lost.items() if short not in listed}
    if not shorter:
        return text
    arms = " ".join(f"when {literal(short)} then {literal(whole)}" for short, whole in sorted(shorter.items()))
    return f"case {text} {arms} else {text} end"


def _without_exponent(text: str) -> str:
    return f"case when not regexp_full_match({text}, '{_EXPONENT}') then {text} end"


def _moment(text: str, formats: tuple[str, ...], kind: str) -> str:
    layouts = "[" + ", ".join(literal(f) for f in formats if f != EXCEL) + "]"
    parsed = f"try_strptime({text}, {layouts})"
    if EXCEL in formats:  # days since the last but one of 1899; what looks like a year is taken for none
        is_day = f"regexp_full_match({text}, '[1-9][0-9]{{3,4}}([.][0-9]+)?')"
        is_year = f"regexp_full_match({text}, '(18|19|20)[0-9]{{2}}')"
        days = f"case when {is_day} and not {is_year} then try_cast({text} as double) end"
        parsed = f"coalesce({parsed}, timestamp '1899-12-30' + to_seconds(round({days} * 86400)))"
    return f"case when year({parsed}) >= {_EARLIEST_YEAR} then {parsed}::{kind} end"
