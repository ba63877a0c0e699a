"""The steward's page of linkage: who was linked, how surely, how rightly as far as can be known, and where to look.

Kept in `quality/`, never part of a release. Each chart is followed by the table it is drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from wsd_pipeline.lake import Zone
from wsd_pipeline.linkage.policy import load_group_gap
from wsd_pipeline.settings import Project
from wsd_pipeline.site.charts import BLUE, RUST, Bar, Dot, bars, columns, dots
from wsd_pipeline.site.pages import Grid, write_page

Row = dict[str, Any]
FIELDS = {
    "forename": "Forename", "surname": "Surname", "birth_date": "Birth date", "sex": "Sex", "address": "Address",
    "id1": "NHS number",
}  # fmt: skip
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


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the page: what it is about, what to make of it, pictures, and the tables they are drawn from."""

    heading: str
    words: str
    charts: tuple[str, ...]
    grids: tuple[Grid, ...]


def linkage_page(project: Project, month: str) -> Path | None:
    """Write `quality/<month>/linkage.html` and return its path; None where the month is not linked."""
    evidence = _rows(project, month, "linked.evidence")
    if not evidence:
        return None
    rates = _rows(project, month, "mart.linkage_quality")
    accuracy = _rows(project, month, "mart.linkage_accuracy")
    made = [
        _by_source(rates),
        _by_group(rates),
        _against_truth([*rates, *accuracy]),
        _held_out(accuracy),
        _scores(evidence),
        _weights(evidence),
        _unlinkable(evidence),
        _sizes(evidence),
    ]
    path = project.quality / month / "linkage.html"
    write_page(
        "linkage.html.j2",
        path,
        {
            "title": f"Linkage of {month}",
            "invented": project.mode == "synthetic",
            "month_words": date.fromisoformat(f"{month}-01").strftime("%B %Y"),
            "sections": [section for section in made if section is not None],
            "footer": f"{project.name}, {month}. Counts only, small ones too: not for publication.",
        },
    )
    return path


def _rows(project: Project, month: str, table: str) -> list[Row]:
    """The table's accepted rows of the month, in the order of its key; none where it has not been made."""
    import duckdb

    path = Zone(project.lake).path(table, month)
    if path is None:
        return []
    con = duckdb.connect()
    con.execute("set async_threads = 0")
    found = con.sql("select * from read_parquet($path)", params={"path": str(path)}).to_arrow_table()
    con.close()
    rows: list[Row] = found.to_pylist()
    return rows


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


def _some(rows: list[Row], **wanted: str) -> list[Row]:
    return [r for r in rows if all(r[k] == v for k, v in wanted.items())]


HEADINGS = ("Records", "Of", "%", "95 % interval")


def _by_source(rates: list[Row]) -> Section | None:
    rows = _some(rates, group_type="all", measure="linked_to_health")
    if not rows:
        return None
    linked = _some(rates, group_type="all", measure="linked")
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


def _by_group(rates: list[Row]) -> Section | None:
    gap = load_group_gap()
    rows = [r for r in _some(rates, group_type=gap.group_type, measure=gap.measure) if r["source"] != "all"]
    if not rows:
        return None
    sources = sorted({r["source"] for r in rows if r["value_pct"] is not None and float(r["value_pct"]) < 99.95})
    charts = [
        c
        for s in sources
        for c in _dots(f"{s}: by ethnic group, with 95 % intervals", _some(rows, source=s), "group_value")
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


def _against_truth(rows: list[Row]) -> Section | None:
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


def _held_out(accuracy: list[Row]) -> Section | None:
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


def _scores(evidence: list[Row]) -> Section | None:
    rows = _some(evidence, measure="score")
    if not rows:
        return None
    counts = {name: [0] * 20 for name in ("accepted", "not accepted")}
    for row in rows:
        counts[row["part"]][row["place"]] = row["record_count"]
    edges = [f"{n / 20:.2f}" for n in range(20)]
    lines = [
        (20 * float(r["figure"]), f"{r['part']} from {float(r['figure']):g}")
        for r in _some(evidence, measure="threshold")
    ]
    chart = columns("Likeliest pair of each open record, by probability", edges, list(counts.items()), lines)
    grid = Grid(
        caption="Likeliest pairs by probability", headings=["Probability", *(name.capitalize() for name in counts)],
        rows=[[f"{n / 20:.2f} to {(n + 1) / 20:.2f}", *(f"{c[n]:,}" for c in counts.values())] for n in range(20)],
    )  # fmt: skip
    words = (
        "What the rules left was scored. Between the two thresholds a person is asked; heights go by the square root."
    )
    return Section(heading="Scores and thresholds", words=words, charts=(chart,), grids=(grid,))


def _weights(evidence: list[Row]) -> Section | None:
    levels = _some(evidence, measure="weight_bits")
    if not levels:
        return None
    figures = {(r["measure"], r["part"], r["place"]): float(r["figure"]) for r in evidence if r["figure"] is not None}
    charts, rows = [], []
    for part, field in FIELDS.items():
        of = _some(levels, part=part)
        drawn = [
            Bar(
                label=r["value"],
                size=float(r["figure"]),
                figure=f"{float(r['figure']):+.1f}",
                colour=BLUE if r["figure"] >= 0 else RUST,
            )
            for r in of
        ]
        charts.append(bars(f"{field}: bits for or against", drawn))
        for r in of:
            shares = [figures[name, part, r["place"]] for name in ("m_share", "u_share", "household_share")]
            rows.append([field, r["value"], *(f"{100 * s:.4f}" for s in shares), f"{float(r['figure']):+.2f}"])
    grid = Grid(
        caption="Levels of the model: how often each occurs, in % of pairs",
        headings=["Field", "Level", "One person (m)", "Two people (u)", "Two of one home", "Weight, bits"],
        rows=rows, text_columns=2,
    )  # fmt: skip
    words = "Each bit doubles the odds that two records are one person. A value not known says nothing."
    return Section(heading="What agreement is worth", words=words, charts=tuple(charts), grids=(grid,))


def _unlinkable(evidence: list[Row]) -> Section | None:
    rows = _some(evidence, measure="own_weight")
    if not rows:
        return None
    total = sum(r["record_count"] for r in rows)
    steps = range(0, 5 * (max(r["place"] for r in rows) // 5) + 6, 5)
    below = [(step, sum(r["record_count"] for r in rows if r["place"] < step)) for step in steps]
    drawn = [
        Bar(label=f"less than {step} bits", size=n / total, figure=f"{100 * n / total:.1f} %") for step, n in below
    ]
    grid = Grid(
        caption="People by what their fullest record weighs at most", headings=["Weighs", "People", "%"],
        rows=[[f"less than {step} bits", f"{n:,}", f"{100 * n / total:.1f}"] for step, n in below],
    )  # fmt: skip
    words = (
        "What each person's fullest record would weigh against one just like it, the NHS number left aside. Among"
        " 330,000 people about 23 bits are needed to be surely one: who weighs less can only be linked by the number."
    )
    chart = bars("Share of people whose fullest record weighs less than so many bits", drawn)
    return Section(heading="Who could not be linked without a number", words=words, charts=(chart,), grids=(grid,))


def _sizes(evidence: list[Row]) -> Section:
    sizes, alarms = _some(evidence, measure="person_size"), _some(evidence, measure="alarm")
    drawn = [Bar(label=f"{r['value']} records", size=r["record_count"], figure=f"{r['record_count']:,}") for r in sizes]
    counted = [[f"{r['record_count']:,}"] for r in (*sizes, *alarms)]
    grids = (
        Grid(
            caption="People by number of records", headings=["Records", "People"],
            rows=[[r["value"], *n] for r, n in zip(sizes, counted, strict=False)],
        ),
        Grid(
            caption="People who may be several", headings=["With", "People"],
            rows=[[r["part"], *n] for r, n in zip(alarms, counted[len(sizes) :], strict=True)],
        ),
    )  # fmt: skip
    return Section(
        heading="Over-linkage: people who may be several",
        words="Nobody holds two valid NHS numbers unless one replaced the other, or a person decided so. More than one"
        " birth date is mostly a slip of one source; look where it grows.",
        charts=(bars("People by number of records", drawn),),
        grids=grids,
    )
