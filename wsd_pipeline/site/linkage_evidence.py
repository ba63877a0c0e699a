"""What the links rest on: the sections of the page of linkage drawn from the counts of `linked.evidence`."""

from __future__ import annotations

from wsd_pipeline.site.charts import BLUE, RUST, Bar, bars, columns
from wsd_pipeline.site.pages import Grid, Section
from wsd_pipeline.site.rows import Row, some

FIELDS = {
    "forename": "Forename", "surname": "Surname", "birth_date": "Birth date", "sex": "Sex", "address": "Address",
    "id1": "NHS number",
}  # fmt: skip


def scores(evidence: list[Row]) -> Section | None:
    """The likeliest pair of each open record by probability, with the thresholds."""
    rows = some(evidence, measure="score")
    if not rows:
        return None
    counts = {name: [0] * 20 for name in ("accepted", "not accepted")}
    for row in rows:
        counts[row["part"]][row["place"]] = row["record_count"]
    edges = [f"{n / 20:.2f}" for n in range(20)]
    lines = [
        (20 * float(r["figure"]), f"{r['part']} from {float(r['figure']):g}")
        for r in some(evidence, measure="threshold")
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


def weights(evidence: list[Row]) -> Section | None:
    """Each level of agreement of the model: how often it occurs, and its weight in bits."""
    levels = some(evidence, measure="weight_bits")
    if not levels:
        return None
    figures = {(r["measure"], r["part"], r["place"]): float(r["figure"]) for r in evidence if r["figure"] is not None}
    charts, rows = [], []
    for part, field in FIELDS.items():
        of = some(levels, part=part)
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


def unlinkable(evidence: list[Row]) -> Section | None:
    """People by the most that their fullest record weighs without a number."""
    rows = some(evidence, measure="own_weight")
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


def sizes(evidence: list[Row]) -> Section:
    """People by number of records, and those who may be several."""
    sizes, alarms = some(evidence, measure="person_size"), some(evidence, measure="alarm")
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
