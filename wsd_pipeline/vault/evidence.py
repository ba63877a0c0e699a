"""What the values of a file's columns look like, as rates over a sample: evidence for which column is which.

Runs in the vault only. A `Shape` holds rates and, for columns of few codes, the codes themselves: it never leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wsd_pipeline.contracts.checks import Between, Matches, OneOf, literal
from wsd_pipeline.contracts.core import Becomes, Identity, Landed
from wsd_pipeline.vault.casts import FALSE_WORDS, TRUE_WORDS

if TYPE_CHECKING:
    import duckdb

DATE_FORMATS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%Y%m%d",
    "%Y/%m/%d",
)  # fmt: skip
TIMESTAMP_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M", "%Y%m%d%H%M%S",
)  # fmt: skip
SAMPLE_ROWS, SOME = 20_000, 1_000
MOST_CODES = 60
MOSTLY, SELDOM = 0.9, 0.3

_PATTERNS = {
    "nhs_like": "[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3,4}",
    "postcode": " *(?i:GIR *0AA|[A-Z]{1,2}[0-9][A-Z0-9]? *[0-9][A-Z]{2}) *",
    "day_number": "[12345][0-9]{4}([.][0-9]+)?",
    "whole": "[+-]?[0-9]+",
    "decimal": "[+-]?[0-9]*[.]?[0-9]+",
    "letters": "[A-Za-z' .’-]+",
    "telephone": "([+]44|0044|0)[ ]?[1-9][0-9 ]{8,11}",
    "words": ".*[A-Za-z].* .*[A-Za-z].*",
}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One column of the file: shares (0–1) of the sampled values that have each look; `codes` if there are few."""

    rows: int
    filled: int
    distinct: int
    rates: dict[str, float]
    dates: dict[str, float]
    codes: dict[str, int]
    longest: int
    some: Any  # Arrow: distinct values, the first of them in their own order

    @property
    def missing(self) -> float:
        """The share of rows without a value."""
        return 1 - self.filled / self.rows if self.rows else 1.0

    @property
    def date_rate(self) -> float:
        """The share that reads as a date or time in the format that fits best."""
        return max(self.dates.values(), default=0.0)


def shapes_of(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> list[Shape]:
    """The shape of each column of text of a relation, over its first rows; one query for all of them."""
    sample = f"(select * from {relation} where row_number <= {SAMPLE_ROWS})"
    listed = ", ".join(f'"{name}"' for name in columns)
    true_false = ", ".join(literal(w) for w in (*TRUE_WORDS, *FALSE_WORDS))
    looks = {name: f"regexp_full_match(v, {literal(pattern)})" for name, pattern in _PATTERNS.items()}
    looks["nhs"] = "nhs is not null and nhs_number_passes(nhs)"
    looks["nhs_short"] = f"length(translate(v, ' -', '')) = 9 and {looks['nhs_like']}"
    looks["yes_no"] = f"lower(v) in ({true_false})"
    formats = (*DATE_FORMATS, *TIMESTAMP_FORMATS)
    dated = [f"coalesce(year(try_strptime(v, {literal(f)})) between 1850 and 2100, false)" for f in formats]
    counts = ", ".join(f"coalesce(sum(n) filter ({look}), 0)" for look in (*looks.values(), *dated))
    found = con.execute(
        f"with valued as (select name, v, count(*) as n from (unpivot {sample} on {listed} into name name value v)"
        " group by all), numbered as (select *, try_cast(nhs_digits(v) as bigint) as nhs from valued)"
        f" select name, sum(n), count(*), max(length(v)), {counts} from numbered group by name"
    ).fetchall()
    rows = con.execute(f"select count(*) from {sample}").fetchall()[0][0]
    known = {name: (int(filled), distinct, longest, counted) for name, filled, distinct, longest, *counted in found}
    out = []
    for name in columns:
        filled, distinct, longest, counted = known.get(name, (0, 0, 0, [0] * (len(looks) + len(formats))))
        rates = [float(n) / filled if filled else 0.0 for n in counted]
        quoted = f'"{name}"'
        shape = Shape(
            rows=rows, filled=filled, distinct=distinct, longest=longest,
            rates=dict(zip(looks, rates[: len(looks)], strict=True)),
            dates=dict(zip(formats, rates[len(looks) :], strict=True)),
            codes=_codes(con, sample, quoted) if 0 < distinct <= MOST_CODES else {}, some=_some(con, sample, quoted),
        )  # fmt: skip
        out.append(shape)
    return out


def _codes(con: duckdb.DuckDBPyConnection, sample: str, v: str) -> dict[str, int]:
    found = con.execute(f"select {v}, count(*) from {sample} where {v} is not null group by 1 order by 1").fetchall()
    return dict(found)


def _some(con: duckdb.DuckDBPyConnection, sample: str, v: str) -> Any:
    query = f"select distinct {v} as v from {sample} where {v} is not null order by 1 limit {SOME}"
    return con.sql(query).to_arrow_table().column(0).combine_chunks()


def evidence(shape: Shape, column: Landed) -> float:
    """How well the values of a file's column fit a column of the contract: -1 cannot be, 0 tells nothing, 1 just so."""
    if not shape.filled:
        return 0.0
    rates, kind = shape.rates, column.type.upper()
    if column.identity is Identity.NHS_NUMBER:
        return _scaled(rates["nhs"])
    if column.identity is Identity.POSTCODE or column.name.endswith("postcode"):
        return _scaled(rates["postcode"])
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        timed = max(shape.dates[f] for f in TIMESTAMP_FORMATS)
        fits = _scaled(max(shape.date_rate, rates["day_number"] if kind == "DATE" else 0.0))
        return fits - 0.3 if fits > 0 and (timed > MOSTLY) != kind.startswith("TIMESTAMP") else fits
    if kind == "BOOLEAN":
        return _scaled(rates["yes_no"]) if shape.distinct <= 6 else -1.0
    if kind != "VARCHAR":
        return _number(shape, column)
    return _text(shape, column)


def _scaled(rate: float) -> float:
    """A rate as evidence: nothing at the middle."""
    return 1.0 if rate >= MOSTLY else -1.0 if rate <= SELDOM else (rate - 0.6) / 0.3


def _number(shape: Shape, column: Landed) -> float:
    if shape.date_rate > MOSTLY and shape.longest >= 8:
        return -1.0
    fits = 0.5 * _scaled(shape.rates["whole" if "INT" in column.type.upper() else "decimal"])
    bounds = [check for check in column.checks if isinstance(check, Between)]
    if fits > 0 and bounds:
        fits += 0.4 * (2 * min(_share_between(shape, check) for check in bounds) - 1)
    return fits


def _text(shape: Shape, column: Landed) -> float:
    """Text: whether it is on the list, of the pattern, a name; and not what another kind of column would hold."""
    if shape.rates["telephone"] > MOSTLY:
        return -1.0  # no contract takes one in
    for check in column.checks:
        if isinstance(check, OneOf):
            return _on_list(shape, {str(value).lower() for value in check.values})
        if isinstance(check, Matches):
            return 0.7 * _scaled(_share_of_pattern(shape, check.pattern))
    if shape.date_rate > MOSTLY and shape.longest >= 8:
        return -1.0
    if column.identity in (Identity.FORENAME, Identity.SURNAME, Identity.FORMER_SURNAME):
        return 0.5 if shape.rates["letters"] > MOSTLY and shape.distinct > MOST_CODES else -0.5
    if max(shape.rates["nhs"], shape.rates["postcode"]) > MOSTLY:
        return -0.8
    if column.becomes is Becomes.KEYED:
        return _reference(shape)
    return -0.2 if shape.rates["yes_no"] > MOSTLY and shape.distinct <= 2 else 0.0


def _reference(shape: Shape) -> float:
    """A supplier's own reference: many values, none of them words with blanks between."""
    if shape.rates["words"] > SELDOM or shape.rates["decimal"] > shape.rates["whole"]:
        return -0.6
    return 0.3 if shape.distinct > MOST_CODES else -0.3


def _on_list(shape: Shape, listed: set[str]) -> float:
    """Membership of a code list; a supplier's own codes for it are few too, so that none on it says little."""
    if not shape.codes:
        return -0.8
    known = {*listed, *(value.lstrip("0") for value in listed)}
    on = sum(count for code, count in shape.codes.items() if code.lower() in known) / shape.filled
    if on >= MOSTLY:
        return 0.7
    return -0.6 if shape.distinct > 2 * len(listed) + 3 else -0.1


def _share_of_pattern(shape: Shape, pattern: str) -> float:
    """The share of the shape's distinct values that are wholly of a pattern (RE2, as in the checks)."""
    import pyarrow.compute as pc

    return float(pc.mean(pc.match_substring_regex(shape.some, f"^(?:{pattern})$")).as_py() or 0.0)


def _share_between(shape: Shape, check: Between) -> float:
    """The share of the shape's distinct values that are numbers within bounds."""
    import polars as pl

    numbers = pl.Series("v", shape.some.to_pylist(), dtype=pl.String).cast(pl.Float64, strict=False)
    low, high = (None if bound is None else float(bound) for bound in (check.low, check.high))
    inside = numbers.is_not_null()
    if low is not None:
        inside &= numbers >= low
    if high is not None:
        inside &= numbers <= high
    return float(inside.mean() or 0.0)  # type: ignore[arg-type]


def kind_of_values(shape: Shape) -> str:
    """What a column seems to hold, in a word of `KINDS`."""
    rates = shape.rates
    if not shape.filled:
        return "empty"
    if rates["nhs"] > MOSTLY and shape.distinct > 1:
        return "NHS number"
    if rates["nhs_like"] > MOSTLY and rates["nhs_short"] > 0 and rates["nhs"] > 0.5:
        return "NHS number, zeros lost"
    if rates["postcode"] > MOSTLY:
        return "postcode"
    if rates["telephone"] > MOSTLY:
        return "telephone"
    if shape.date_rate > MOSTLY and shape.longest >= 8:
        return "time" if max(shape.dates[f] for f in TIMESTAMP_FORMATS) > MOSTLY else "date"
    if rates["yes_no"] > MOSTLY and shape.distinct <= 4:
        return "yes or no"
    if shape.codes and shape.distinct < max(2, shape.filled / 2):
        return "code"
    if rates["whole"] > MOSTLY:
        return "whole number"
    return "number" if rates["decimal"] > MOSTLY else "text"


KINDS = (
    "empty", "NHS number", "NHS number, zeros lost", "postcode", "telephone", "date", "time", "yes or no", "code",
    "whole number", "number", "text",
)  # fmt: skip


def date_formats(shapes: Sequence[Shape]) -> tuple[list[str], bool]:
    """The formats that the file's dates are in, and whether the order of day and month is left open.

    A column that reads both ways is decided by the others; where none decides, or two say different things, it is open.
    """
    found: list[str] = []
    is_open = False
    day_first = [s for s in shapes if s.dates["%d/%m/%Y"] > MOSTLY or s.dates["%m/%d/%Y"] > MOSTLY]
    if day_first:
        only_day = any(s.dates["%d/%m/%Y"] > s.dates["%m/%d/%Y"] for s in day_first)
        only_month = any(s.dates["%m/%d/%Y"] > s.dates["%d/%m/%Y"] for s in day_first)
        is_open = only_day == only_month
        found.append("%m/%d/%Y" if only_month and not only_day else "%d/%m/%Y")
    for text in DATE_FORMATS:
        if text not in ("%d/%m/%Y", "%m/%d/%Y") and any(s.dates[text] > MOSTLY and s.longest >= 8 for s in shapes):
            found.append(text)
    return found, is_open


def timestamp_formats(shapes: Sequence[Shape], *, month_first: bool) -> list[str]:
    """The formats that the file's times are in; of those that read both ways, the one in the order of its dates."""
    unlikely = "%d/%m/%Y" if month_first else "%m/%d/%Y"
    fits = [text for text in TIMESTAMP_FORMATS if any(s.dates[text] > MOSTLY for s in shapes)]
    kept = [text for text in fits if not text.startswith(unlikely)]
    return kept or fits
