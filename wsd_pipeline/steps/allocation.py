"""Finance lines over segments: in proportion to weights, to the penny, with a residual that is shown.

A line that is shared by everybody's heads is given as a whole only: pounds in proportion to people would say how many
people there are more exactly than their own rounded count does. It is in every segment's share of all lines.

In whole pence throughout. What is over after rounding down goes penny by penny to the largest remainders (Hare's
method), and a line that does not add up to its control total stops the mart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    import pyarrow as pa

ORDER = ("partner", "cost_centre_code", "service_line", "lifecourse_segment", "need_segment")
UNALLOCATED, ALL = "unallocated", "all"
RESIDUAL = (UNALLOCATED, UNALLOCATED)
AMOUNTS = ("budget_gbp", "actual_gbp")
FEW = 7
"""So many users or fewer count as one: what is spent on them is withheld like what is spent on one person."""
ABOUT = ("partner", "service_line", "cost_centre_code", "financial_year", "is_pooled_bcf", "allocation_basis")

Segment = tuple[str, str]
Row = Mapping[str, Any]


@dataclass
class Share:
    """What a cell has of a line: of how many people, pence by amount (None where not given), the largest share."""

    people: int
    pence: dict[str, int | None]
    largest: dict[str, int]


def step(rows: pa.Table) -> pa.Table:
    """Every line, and all of them, over segments and their totals. Stops with WSD-240 where a penny is lost."""
    import pyarrow as pa

    given = rows.to_pylist()  # a few dozen lines by ten segments
    lines: dict[str, list[Row]] = {}
    for row in given:
        lines.setdefault(_name(row), []).append(row)
    shared = {name: _line(of) for name, of in lines.items() if name != ALL}
    _reconcile(shared, lines)
    made = []
    for name, cells in shared.items():
        about = {k: lines[name][0][k] for k in ABOUT} | {"allocation_basis": _basis(lines[name])}
        made += _rows(name, cells, about, is_whole=_is_by_all_heads(lines[name]))
    everything = {s: _sum([cells[s] for cells in shared.values()], _people(given, s)) for s in _segments(given)}
    made += _rows(
        ALL, everything, {**dict.fromkeys(ABOUT), "financial_year": given[0]["financial_year"]} if given else {}
    )
    month = given[0]["snapshot_month"] if given else None
    return pa.Table.from_pylist([{"snapshot_month": month, **row} for row in made], schema=_schema())


def shared_out(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` (pence, may be below nothing) in whole pence in proportion to `weights`, adding up to it exactly.

    Rounded towards nothing; the pence left go one each to the largest remainders, of equal ones to the first.
    ValueError where nothing has weight.
    """
    total = sum(weights)
    if total <= 0:
        raise ValueError("nothing to share it over")
    sign, whole = (-1 if amount < 0 else 1), abs(amount)
    parts = [divmod(whole * weight, total) for weight in weights]
    left = whole - sum(part for part, _ in parts)
    order = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))
    more = set(order[:left])
    return [sign * (part + (i in more)) for i, (part, _) in enumerate(parts)]


def _line(rows: Sequence[Row]) -> dict[Segment, Share]:
    """One line over the segments and the residual."""
    by = {_segment(row): row for row in rows}
    segments, first = _segments(rows), rows[0]
    direct = _basis(rows) == "direct_activity"
    weights, users, largest = [], [], []
    for segment in segments:
        row = by.get(segment)
        weight, people, most = _weight(row, direct, first["lifecourse_default"], segment)
        weights.append(weight)
        users.append(people)
        largest.append(most)
    if not sum(weights):  # nobody to share it over: all of it is left
        weights = [int(segment == RESIDUAL) for segment in segments]
    out = {s: Share(people=_served(by.get(s), users[i], s), pence={}, largest={}) for i, s in enumerate(segments)}
    for amount in AMOUNTS:
        control = None if first[amount] is None else pence(first[amount])
        parts: Sequence[int | None] = [None] * len(segments) if control is None else shared_out(control, weights)
        for i, segment in enumerate(segments):
            out[segment].pence[amount] = parts[i]
            out[segment].largest[amount] = _largest(parts[i] or 0, weights[i], users[i], largest[i])
    return out


def _weight(row: Row | None, direct: bool, default: str, segment: Segment) -> tuple[int, int, int]:
    """What a segment's share is by, how many people it comes from, and the most that one of them has of it."""
    if row is None:
        return 0, 0, 0
    if direct:
        return pence(row["activity_gbp"]), int(row["user_count"]), pence(row["largest_gbp"])
    mine = default in (ALL, segment[0]) and segment != RESIDUAL
    heads = int(row["person_count"]) if mine else 0
    return heads, heads, min(heads, 1)


def _served(row: Row | None, users: int, segment: Segment) -> int:
    """The people of a segment; of the residual, which is no segment, those who had the activity."""
    return users if segment == RESIDUAL else int(row["person_count"]) if row else 0


def _largest(part: int, weight: int, users: int, most: int) -> int:
    """The most that one person has of an amount, rounded up; all of it where few have any."""
    return abs(part) if users <= FEW or not weight else -(-abs(part) * most // weight)


def _basis(rows: Sequence[Row]) -> str:
    """How a line is shared: as it says, and by heads where its activity is not held."""
    said: str = rows[0]["allocation_basis"]
    held = any(pence(row["activity_gbp"]) > 0 for row in rows)
    return "capitation" if said == "direct_activity" and not held else said


def _is_by_all_heads(rows: Sequence[Row]) -> bool:
    """Whether a line is shared by the heads of every segment, so that its shares are counts of people in pounds."""
    return _basis(rows) != "direct_activity" and rows[0]["lifecourse_default"] == ALL


def _reconcile(shared: Mapping[str, Mapping[Segment, Share]], lines: Mapping[str, Sequence[Row]]) -> None:
    """Each line adds up to its control total to the penny; WSD-240 otherwise."""
    wrong = sum(
        any(
            lines[name][0][amount] is not None
            and Decimal(sum(share.pence[amount] or 0 for share in cells.values())) != lines[name][0][amount] * 100
            for amount in AMOUNTS
        )
        for name, cells in shared.items()
    )
    if wrong:
        raise Stop("WSD-240", table="mart.cost_by_segment", lines=wrong)


def _rows(name: str, cells: Mapping[Segment, Share], about: Row, is_whole: bool = False) -> list[dict[str, Any]]:
    """A line's rows: each lifecourse segment and all of it; of all lines together each need segment and both too.

    Of a line that is given as a whole (`is_whole`) the segments have no amount.
    """
    of: dict[Segment, list[Segment]] = {}
    for segment in cells:
        for whole in {(segment[0], ALL), (ALL, ALL), *([segment, (ALL, segment[1])] if name == ALL else [])}:
            of.setdefault(whole, []).append(segment)
    out = []
    for whole, parts in sorted(of.items()):
        people = sum(cells[p].people for p in parts if p != RESIDUAL or UNALLOCATED in whole)
        share = _sum([cells[p] for p in parts], people, most=max)
        row = {"finance_line": name, "lifecourse_segment": whole[0], "need_segment": whole[1], **about}
        row["person_count"] = share.people
        for amount in AMOUNTS:
            is_given = not is_whole or whole == (ALL, ALL)
            row[amount] = _pounds(share.pence[amount] if is_given else None)
            row[f"largest_{amount}"] = _pounds(share.largest[amount] if is_given else None)
        out.append(row)
    return out


def _sum(shares: Sequence[Share], people: int, most: Any = sum) -> Share:
    """Shares together. Over lines nobody has more than their largest together; over segments, than the largest."""
    out = Share(people=people, pence={}, largest={})
    for amount in AMOUNTS:
        known = [p for share in shares if (p := share.pence[amount]) is not None]
        out.pence[amount] = sum(known) if known else None
        out.largest[amount] = most([share.largest[amount] for share in shares] or [0])
    return out


def _people(rows: Iterable[Row], segment: Segment) -> int:
    """The people of a segment whatever the line; of the residual, the most users of any line."""
    of = [row for row in rows if _segment(row) == segment]
    return max([int(row["user_count" if segment == RESIDUAL else "person_count"]) for row in of] or [0])


def _segments(rows: Iterable[Row]) -> list[Segment]:
    return sorted({RESIDUAL, *(_segment(row) for row in rows)})


def _segment(row: Row) -> Segment:
    return row["lifecourse_segment"], row["need_segment"]


def _name(row: Row) -> str:
    """A line's name; all where the month has no lines."""
    return ALL if row["partner"] is None else f"{row['partner']} {row['cost_centre_code']} {row['service_line']}"


def pence(pounds: Decimal) -> int:
    """Pounds of two decimals as whole pence. ValueError where there is part of a penny."""
    whole = Decimal(pounds) * 100
    if whole != whole.to_integral_value():
        raise ValueError("part of a penny")
    return int(whole)


def _pounds(whole: int | None) -> Decimal | None:
    return None if whole is None else Decimal(whole) / 100


def _schema() -> pa.Schema:
    import pyarrow as pa

    money, words = pa.decimal128(18, 2), pa.string()
    texts = ("snapshot_month", "finance_line", "lifecourse_segment", "need_segment")
    kinds = {"is_pooled_bcf": pa.bool_()}
    amounts = [(name, money) for a in AMOUNTS for name in (a, f"largest_{a}")]
    return pa.schema(
        [
            *((t, words) for t in texts),
            *((a, kinds.get(a, words)) for a in ABOUT),
            ("person_count", pa.int64()),
            *amounts,
        ]
    )
