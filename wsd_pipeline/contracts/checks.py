"""Checks: rules that are true of real data, that find what breaks them in SQL and say themselves in words.

A check belongs to a column of a contract. It never sees a value in Python: it writes a predicate, and counts come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a failed check does: a critical one stops promotion, a warning is shown to the steward."""

    CRITICAL = "critical"
    WARN = "warn"


@dataclass(frozen=True, kw_only=True)
class Check:
    """A rule that is true of real data. `limit` is the share of checked values (0–1) that may fail it."""

    limit: float = 0.0
    severity: Severity = Severity.CRITICAL

    def failing(self, column: str) -> str:
        """A SQL predicate, true for a non-null value of `column` that breaks the rule."""
        raise NotImplementedError

    def describe(self) -> str:
        """The rule in words, for the dictionary and the steward."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """A stable short name for results: `one_of`, `between` …"""
        out = ""
        for letter in type(self).__name__:
            out += ("_" if letter.isupper() and out else "") + letter.lower()
        return out


def literal(value: object) -> str:
    """`value` as a SQL literal. Only for values written in contracts, never for data."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


PUNCTUATION = " -–—,.:;/()&'’"


def plain_label(label: str) -> str:
    """A label without case, spaces or punctuation, as the SQL macro of that name makes it."""
    return label.lower().translate({ord(mark): None for mark in PUNCTUATION})


@dataclass(frozen=True, kw_only=True)
class OneOf(Check):
    """The value is one of a closed list, compared exactly as written in the contract.

    With `by_label` the values are words, compared without case, spaces or punctuation: what suppliers let drift.
    """

    values: tuple[str | int, ...]
    by_label: bool = False

    def failing(self, column: str) -> str:
        """True where the value is outside the list."""
        if not self.by_label:
            return f"{column} not in ({', '.join(literal(v) for v in self.values)})"
        listed = ", ".join(literal(v) for v in sorted({plain_label(str(v)) for v in self.values}))
        return f"translate(lower({column}), {literal(PUNCTUATION)}, '') not in ({listed})"

    def describe(self) -> str:
        """The list."""
        words = ", case and punctuation aside" if self.by_label else ""
        return "one of " + ", ".join(f"`{v}`" for v in self.values) + words


@dataclass(frozen=True, kw_only=True)
class NoneOf(Check):
    """The value is none of a closed list: codes that were withdrawn."""

    values: tuple[str | int, ...]

    def failing(self, column: str) -> str:
        """True where the value is in the list."""
        return f"{column} in ({', '.join(literal(v) for v in self.values)})"

    def describe(self) -> str:
        """How many values are not allowed."""
        return f"none of {len(self.values)} withdrawn codes"


@dataclass(frozen=True, kw_only=True)
class Between(Check):
    """The value lies between two bounds, both included; either may be open."""

    low: int | float | str | None = None
    high: int | float | str | None = None

    def failing(self, column: str) -> str:
        """True where the value lies outside."""
        parts = []
        if self.low is not None:
            parts.append(f"{column} < {literal(self.low)}")
        if self.high is not None:
            parts.append(f"{column} > {literal(self.high)}")
        return "(" + " or ".join(parts) + ")"

    def describe(self) -> str:
        """The bounds."""
        return f"from {self.low if self.low is not None else '…'} to {self.high if self.high is not None else '…'}"


@dataclass(frozen=True, kw_only=True)
class Matches(Check):
    """The whole value matches a regular expression (RE2, as DuckDB reads it); `system` names the classification."""

    pattern: str
    means: str
    system: str | None = None

    def failing(self, column: str) -> str:
        """True where the value does not match."""
        return f"not regexp_full_match({column}, {literal(self.pattern)})"

    def describe(self) -> str:
        """What the pattern means."""
        return self.means


@dataclass(frozen=True, kw_only=True)
class NotAfter(Check):
    """The date in this column is no later than the one in another column of the row, where both are known."""

    other: str

    def failing(self, column: str) -> str:
        """True where this date is later."""
        return f"{column} > {self.other}"

    def describe(self) -> str:
        """The order of the two dates."""
        return f"not after `{self.other}`"


@dataclass(frozen=True, kw_only=True)
class NotInFuture(Check):
    """The date is no later than the snapshot (the last day of the month)."""

    def failing(self, column: str) -> str:
        """True where the date is later than the snapshot; the gate binds `$snapshot_date`."""
        return f"{column} > $snapshot_date"

    def describe(self) -> str:
        """The bound in words."""
        return "not after the snapshot date"


@dataclass(frozen=True, kw_only=True)
class ValidNhsNumber(Check):
    """Ten digits with a valid modulus-11 check digit, and not a repeated-digit filler (NHS Data Dictionary)."""

    def failing(self, column: str) -> str:
        """True where the number could not have been issued (spaces and hyphens are allowed)."""
        digits = f"regexp_replace({column}, '[ -]', '', 'g')"
        total = " + ".join(f"{11 - i} * try_cast(substr({digits}, {i}, 1) as integer)" for i in range(1, 10))
        check = f"(11 - ({total}) % 11) % 11"
        return (
            f"(not regexp_full_match({digits}, '[0-9]{{10}}')"
            f" or coalesce({check} != try_cast(substr({digits}, 10, 1) as integer), true)"
            f" or {digits} = repeat(substr({digits}, 1, 1), 10))"
        )

    def describe(self) -> str:
        """The rule in words."""
        return "a valid NHS number: ten digits, modulus-11 check digit, not one digit repeated"
