"""Values for an extract: what each of the contract's columns would hold, in the extract's own formats and codes."""

from __future__ import annotations

import random
import re._parser as pattern_of  # type: ignore[import-not-found]
from datetime import date, datetime, timedelta
from typing import Any

from tests.mapping.learn import Extract
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.checks import Between, Matches, OneOf
from wsd_pipeline.contracts.core import Becomes, Identity, Landed

ROWS = 200
SURNAMES = ("Begum", "Ahmed", "Khan", "Smith", "Okafor", "Ali", "O'Brien", "Miah", "Jones", "Hussain", "Uddin", "Brown")
FORENAMES = ("Aisha", "Mohammed", "Grace", "Tom", "Fatima", "Zoe", "Abdul", "Mary", "Noah", "Rahima", "Leo", "Sara")
STREETS = ("Roman Road", "Mile End Road", "Cable Street", "Bow Road", "Brick Lane", "Commercial Road")


def nhs_number(rng: random.Random) -> str:
    """A number of the 999 test range that passes its check digit."""
    while True:
        body = f"999{rng.randrange(10**6):06d}"
        digit = (11 - sum((10 - i) * int(d) for i, d in enumerate(body)) % 11) % 11
        if digit < 10:
            return f"{body}{digit}"


def text_of(pattern: str, rng: random.Random) -> str:
    """Some text that a regular expression matches."""
    return _texts(pattern_of.parse(pattern), rng)


def _texts(parsed: Any, rng: random.Random) -> str:
    out = []
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            out.append(chr(value))
        elif name == "IN":
            chosen = rng.choice(value)
            low, high = chosen[1] if str(chosen[0]) == "RANGE" else (chosen[1], chosen[1])
            out.append(chr(rng.randint(low, high)))
        elif name == "MAX_REPEAT":
            out += [_texts(value[2], rng) for _ in range(rng.randint(value[0], min(value[1], value[0] + 6)))]
        elif name == "BRANCH":
            out.append(_texts(rng.choice(value[1]), rng))
        elif name == "SUBPATTERN":
            out.append(_texts(value[3], rng))
    return "".join(out)


def value_of(column: Landed, row: int, extract: Extract, rng: random.Random) -> str:
    """One value of a contract's column."""
    kind = column.type.upper()
    if not column.required and rng.random() < 0.15:
        return ""
    for check in column.checks:
        if isinstance(check, OneOf):
            said = str(rng.choice(check.values))
            return extract.values.get(column.name, {}).get(said, said)
    if column.identity is Identity.NHS_NUMBER:
        return nhs_number(rng)
    if column.identity in (Identity.SURNAME, Identity.FORMER_SURNAME):
        return f"{rng.choice(SURNAMES)}{'-' + rng.choice(SURNAMES) if rng.random() < 0.5 else ''}"
    if column.identity is Identity.FORENAME:
        return f"{rng.choice(FORENAMES)}{' ' + rng.choice(FORENAMES) if rng.random() < 0.5 else ''}"
    if column.name.endswith("postcode"):
        return f"E{rng.randint(1, 14)} {rng.randint(1, 9)}{rng.choice('ABDEFG')}{rng.choice('HJLNPQ')}"
    if kind == "DATE":
        return (date(1950, 1, 1) + timedelta(days=rng.randrange(27_000))).strftime(extract.date_format)
    if kind.startswith("TIMESTAMP"):
        return (datetime(2025, 1, 1) + timedelta(minutes=rng.randrange(500_000))).strftime(extract.timestamp_format)
    if kind == "BOOLEAN":
        return rng.choice("YN")
    return _plain(column, kind, row, rng)


def _plain(column: Landed, kind: str, row: int, rng: random.Random) -> str:
    for check in column.checks:
        if isinstance(check, Matches):
            return text_of(check.pattern, rng)
        if isinstance(check, Between) and kind != "VARCHAR":
            return str(rng.randint(int(float(check.low or 0)), int(float(check.high or 99))))
    if kind.startswith("DECIMAL"):
        return f"{rng.random() * 2000:.2f}"
    if kind != "VARCHAR":
        return str(rng.randint(1, 9))
    if column.becomes is Becomes.KEYED:
        return f"{100_000 + row * 7}"
    if column.name.startswith(("address", "street", "saon", "paon", "town", "locality")):
        return f"{rng.randint(1, 99)} {rng.choice(STREETS)}"
    return " ".join(rng.choice(("under", "open", "care", "plan", "north", "team", "none")) for _ in range(3))


def other(kind: str, extract: Extract, rng: random.Random) -> str:
    """One value of a column that the contract has nothing of."""
    return {
        "phone": f"07{rng.randrange(10**9):09d}",
        "number": str(rng.randrange(1, 90_000)),
        "date": (date(2025, 1, 1) + timedelta(days=rng.randrange(300))).strftime(extract.date_format),
        "flag": rng.choice("YN"),
        "code": rng.choice(("A1", "B2", "C3", "D4")),
    }.get(kind, " ".join(rng.choice(("seen", "by", "the", "team", "again")) for _ in range(4)))


def rows_of(extract: Extract, rows: int = ROWS, seed: int = 1) -> list[list[str]]:
    """Rows of the extract, without its header."""
    rng = random.Random(f"{extract.name} {seed}")
    feed = table(f"landed.{extract.feed}")
    return [
        [
            value_of(feed.column(column), row, extract, rng) if column else other(kind, extract, rng)  # type: ignore[arg-type]
            for _, column, kind in extract.headers
        ]
        for row in range(rows)
    ]
