"""How many were linked and how rightly: the sections of the page of linkage drawn from the marts' percentages."""

from __future__ import annotations

from typing import Any

from wsd_pipeline.linkage.policy import load_group_gap
from wsd_pipeline.site.charts import Dot, dots
from wsd_pipeline.site.pages import Grid, Section
from wsd_pipeline.site.rows import Row, some

WORDS = {
    "linked": "Joined to another record",
    "linked_to_health": "Of a person with an NHS record",
    "precision": "Linked pairs that are one person",
    "recall": "Pairs of one person that are linked",
    "f1": "Both together (F1)",
    "person_precision": "People found that are exactly one",
    "person_recall": "People exactly found",
    "held_out_found": "Found without their number",
    "held_out_right": "Rightly, of those that found somebody",
}
HEADINGS = ("Records", "Of", "%", "95 % interval")


def by_source(rates: list[Row]) -> Section | None:
    """Records joined to an NHS record, and to any, by source; None where there are none."""
    rows = some(rates, group_type="all", measure="linked_to_health")
    if not rows:
        return None
    linked = some(rates, group_type="all", measure="linked")
    grids = [
        Grid(caption=f"{WORDS[of[0]['measure']]}, by source (rounded to 5)", headings=["Source", *HEADINGS],
             rows=[[r["source"], *f] for r, f in zip(of, _figures(of), strict=True)])
        for of in (rows, linked) if of
    ]  # fmt: skip
    words = (
        "Records of a source whose person also has a record of the NHS. Who has none may be missed, or not registered."
    )
    charts = _dots("Records of a person with an NHS record, by source, with 95 % intervals", rows, "source")
    return Section(heading="Who was linked, by source", words=words, charts=charts, grids=tuple(grids))


def by_group(rates: list[Row]) -> Section | None:
    """The share joined by ethnic group, the measure of the gate of equal linkage."""
    gap = load_group_gap()
    rows = [r for r in some(rates, group_type=gap.group_type, measure=gap.measure) if r["source"] != "all"]
    if not rows:
        return None
    sources = sorted({r["source"] for r in rows if r["value_pct"] is not None and float(r["value_pct"]) < 99.95})
    charts = [
        c
        for s in sources
        for c in _dots(f"{s}: by ethnic group, with 95 % intervals", some(rows, source=s), "group_value")
    ]
    grid = Grid(
        caption=f"{WORDS[gap.measure]}, by ethnic group (rounded to 5)", headings=["Ethnic group", "Source", *HEADINGS],
        rows=[[r["group_value"], r["source"], *f] for r, f in zip(rows, _figures(rows), strict=True)], text_columns=2,
    )  # fmt: skip
    words = (
        f"The month stops where a group is surely more than {gap.points:g} points behind the best of its source"
        f" (groups of {gap.minimum_records:,} records or more; a steward may change both in config/linkage.yaml)."
    )
    return Section(heading="Who was linked, by ethnic group", words=words, charts=tuple(charts), grids=(grid,))


def against_truth(rows: list[Row]) -> Section | None:
    """Precision and recall of an invented borough; None where there is no truth."""
    measures = ("precision", "recall", "f1", "person_precision", "person_recall")
    shown = [r for r in rows if r["measure"] in measures]
    if not shown:
        return None
    groups = [r for r in shown if r["measure"] == "recall" and r["group_type"] == "ethnicity_group"]
    grid = Grid(
        caption="Against the truth of the invented borough (rounded to 5)",
        headings=["Group", "Measure", "Right", "Of", "%", "95 % interval"],
        rows=[
            [_group(r), WORDS[r["measure"]], *f]
            for r, f in zip(shown, _figures(shown), strict=True)
        ],
        text_columns=2,
    )  # fmt: skip
    return Section(
        heading="How rightly, where the truth is known",
        words="Only an invented borough knows the truth. A pair counts in a group when one of its records is in it.",
        charts=_dots(
            "Pairs of one person that were linked, by ethnic group, with 95 % intervals", groups, "group_value"
        ),
        grids=(grid,),
    )


def _group(row: Row) -> str:
    return "all" if row["group_type"] == "all" else f"{row['group_type'].replace('_', ' ')}: {row['group_value']}"


def held_out(accuracy: list[Row]) -> Section | None:
    """What was found without the NHS number, and how rightly."""
    rows = [r for r in accuracy if r["measure"].startswith("held_out")]
    if not rows:
        return None
    found = [r for r in rows if r["measure"] == "held_out_found" and r["group_type"] == "all"]
    grid = Grid(
        caption="Records tried without their NHS number (rounded to 5)",
        headings=["Source", "Ethnic group", "Measure", *HEADINGS],
        rows=[
            [r["source"], r["group_value"], WORDS[r["measure"]], *f]
            for r, f in zip(rows, _figures(rows), strict=True)
        ],
        text_columns=3,
    )  # fmt: skip
    return Section(
        heading="How rightly, tried without the number",
        words="A sample of records that have an NHS number and another record to find, scored once more without it."
        " It joins nobody. This is the nearest thing to a truth that live data have.",
        charts=_dots("Found their own person without the number, by source, with 95 % intervals", found, "source"),
        grids=(grid,),
    )


def _figures(rows: list[Row]) -> list[list[str]]:
    return [
        [_count(r["numerator_count"]), _count(r["denominator_count"]), _share(r["value_pct"]), _interval(r)]
        for r in rows
    ]


def _count(value: Any) -> str:
    return "[c]" if value is None else f"{value:,}"


def _share(value: Any) -> str:
    return "[c]" if value is None else f"{float(value):.1f}"


def _interval(row: Row) -> str:
    if row["value_low_pct"] is None:
        return "[c]"
    return f"{float(row['value_low_pct']):.1f} to {float(row['value_high_pct']):.1f}"


def _dots(title: str, rows: list[Row], label: str) -> tuple[str, ...]:
    shown = [
        Dot(
            label=str(r[label]),
            value=float(r["value_pct"]),
            low=float(r["value_low_pct"]),
            high=float(r["value_high_pct"]),
        )
        for r in rows
        if r["value_pct"] is not None and r["value_low_pct"] is not None
    ]
    return (dots(title, shown),) if shown else ()
