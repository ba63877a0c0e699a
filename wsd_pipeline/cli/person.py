"""`wsd explain`: how one person was put together, shown without who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsd_pipeline.cli.output import emit, tabulate
from wsd_pipeline.settings import Project

if TYPE_CHECKING:
    from rich.table import Table


def explain_person(project: Project, month: str, person_id: str) -> None:
    """The person's records by source, how each joined, what each join weighs, and what became of the id.

    No identity, no record id.
    """
    from dataclasses import asdict

    from wsd_pipeline.lake import Zone
    from wsd_pipeline.linkage.explain import explain, waterfall

    found = explain(Zone(project.lake), month, person_id)
    records, joins = found.records.to_pylist(), found.joins.to_pylist()
    now = f": the person is {found.newest_id} now" if found.newest_id else ""
    things: list[str | Table] = [_of_records(records) if records else f"This id is no more{now}."]
    if joins:
        things += ["", _of_joins(joins)]
    if found.history:
        things += ["", "What became of this id:", *(f"{event.month}  {event.words}" for event in found.history)]
    for join in joins:
        join["waterfall"] = [asdict(fall) for fall in waterfall(join)]
        if join["waterfall"]:
            things += ["", _drawn(join)]
    told = [asdict(event) for event in found.history]
    emit({"records": records, "joins": joins, "history": told, "newest_id": found.newest_id}, *things)


def _of_records(records: list[dict[str, Any]]) -> Table:
    """The person's records by source: how each joined, and in what it agrees with the others."""
    agreed = [name for name in records[0] if name.startswith("has_") and name.endswith("_agreement")]
    rows = [
        [
            str(r["number"]),
            r["source"],
            str(r["step"]),
            str(r["link_band"]),
            str(r["first_month"]),
            ", ".join(n[4:-10].replace("_", " ") for n in agreed if r[n]) or "nothing to compare",
        ]
        for r in records
    ]
    headings = ["Record", "Source", "Joined by", "Band", "Since", "Agrees with the person on"]
    return tabulate(f"{len(records)} records are this person", headings, rows, text_columns=6)


def _of_joins(joins: list[dict[str, Any]]) -> Table:
    """The pairs accepted, by the numbers of their records."""
    rows = [
        [
            f"{j['number_a']} {j['source_a']}",
            f"{j['number_b']} {j['source_b']}",
            str(j["step"]),
            str(j["rule"]),
            str(j["month"]),
            _number(j["match_weight"]),
            _number(j["match_share"]),
            _number(j["margin_share"]),
        ]
        for j in joins
    ]
    headings = ["Record", "With", "Step", "Rule", "Month", "Weight", "Probability", "Margin"]
    return tabulate("Joins", headings, rows, text_columns=5)


WIDTH = 48
"""Characters of a waterfall's bars."""


def _drawn(join: dict[str, Any]) -> Table:
    """A scored join as a waterfall: from where the odds stood to where each comparison brings them; ¦ is even odds."""
    falls = join["waterfall"]
    ends: list[float] = [0.0, *(f["total"] for f in falls)]
    low, high = min(ends), max(ends)

    def place(bits: float) -> int:
        return round((bits - low) / max(high - low, 1e-9) * WIDTH)

    rows = []
    for fall in falls:
        begun = fall["total"] - fall["bits"]
        left, right = sorted((place(begun), place(fall["total"])))
        bar = [" "] * (WIDTH + 1)
        mark = "│" if abs(fall["bits"]) < 0.05 else "█" if fall["bits"] > 0 else "░"
        bar[left : right + 1] = mark * (right + 1 - left)
        if bar[place(0)] == " ":
            bar[place(0)] = "¦"
        rows.append([fall["name"], "".join(bar), f"{fall['bits']:+.1f}", f"{fall['total']:.1f}"])
    title = (
        f"Why {join['number_a']} {join['source_a']} and {join['number_b']} {join['source_b']} are one person:"
        f" match weight {_number(join['match_weight'])}, probability {_number(join['match_share'])}"
    )
    return tabulate(title, ["", "█ for, ░ against, ¦ even odds", "Bits", "Sum"], rows, text_columns=2)


def _number(value: Any) -> str:
    return "by rule" if value is None else f"{value:.3f}"
