"""`wsd link` and `wsd explain`: the linkage engine on anyone's files, and how one person was put together."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wsd_pipeline.cli.output import emit, tabulate
from wsd_pipeline.settings import Project

if TYPE_CHECKING:
    from rich.table import Table

    from wsd_pipeline.linkage.scoring.files import Linked
    from wsd_pipeline.linkage.scoring.model import Model

link_app = typer.Typer(no_args_is_help=True, help="The linkage engine on files of your own.", rich_markup_mode=None)


def _into_a_folder(path: Path | None) -> Path | None:
    """The path, if it can be written to: known before the work, not after."""
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise typer.BadParameter("its folder is not there, or it is a folder itself")
    return path


def _a_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter("write it as YYYY-MM-DD") from None


FileA = Annotated[Path, typer.Argument(help="CSV or Parquet file.")]
FileB = Annotated[Path, typer.Argument(help="The other file.")]
MapOption = Annotated[Path, typer.Option("--map", help="YAML that says which column is what.")]
ModelOption = Annotated[Path | None, typer.Option("--model", help="A model learned before: nothing is learned anew.")]
ClearOption = Annotated[bool, typer.Option("--clear", help="Compare values, not tokens.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Where to write the pairs, as Parquet.", callback=_into_a_folder)
]


@link_app.command()
def files(
    file_a: FileA, file_b: FileB, map: MapOption, model: ModelOption = None, clear: ClearOption = False,
    out: OutOption = None,
) -> None:  # fmt: skip
    """Link two files."""
    from wsd_pipeline.linkage.scoring.files import link_files
    from wsd_pipeline.linkage.scoring.mapping import load_map

    _say(link_files(file_a, file_b, load_map(map), clear=clear, model=_model(model)), out)


@link_app.command()
def bench(
    file_a: FileA,
    file_b: FileB,
    truth: Annotated[Path, typer.Option(help="File of the true pairs.")],
    map: MapOption,
    model: ModelOption = None,
    clear: ClearOption = False,
    out: OutOption = None,
) -> None:
    """Link two files and measure the links against the truth."""
    from wsd_pipeline.linkage.scoring.files import bench_files
    from wsd_pipeline.linkage.scoring.mapping import load_map

    _say(bench_files(file_a, file_b, truth, load_map(map), clear=clear, model=_model(model)), out)


@link_app.command()
def dedupe(
    file: FileA, map: MapOption, model: ModelOption = None, clear: ClearOption = False, out: OutOption = None
) -> None:
    """Find the rows of one file that are one person."""
    from wsd_pipeline.linkage.scoring.files import dedupe_file
    from wsd_pipeline.linkage.scoring.mapping import load_map

    _say(dedupe_file(file, load_map(map), clear=clear, model=_model(model)), out)


@link_app.command()
def train(
    file_a: FileA,
    file_b: FileB,
    map: MapOption,
    trained_on: Annotated[
        str, typer.Option("--date", help="Date of training, written into the model.", callback=_a_date)
    ],
    out: Annotated[Path, typer.Option("--out", help="Where to write the model.", callback=_into_a_folder)],
) -> None:
    """Learn a model from two files, apart from linking."""
    from wsd_pipeline.linkage.scoring.files import train as learn
    from wsd_pipeline.linkage.scoring.mapping import load_map

    learn(file_a, file_b, load_map(map), trained_on=trained_on).save(out)
    emit({"model": str(out)}, f"The model is in {out}.")


def _model(path: Path | None) -> Model | None:
    from wsd_pipeline.linkage.scoring.model import Model

    return None if path is None else Model.load(path)


def _say(linked: Linked, out: Path | None) -> None:
    """Pairs, times and, where the truth is known, precision and recall; never a value of the files."""
    from dataclasses import asdict

    accepted = int(linked.pairs["is_accepted"].sum())
    facts: dict[str, Any] = {"accepted": accepted, "candidates": linked.candidates, "seconds": linked.seconds}
    facts["unread_birth_dates"] = linked.unread
    if linked.quality is not None:
        facts["quality"] = asdict(linked.quality)
    rows = [[name, f"{value:.4f}" if isinstance(value, float) else f"{value:,}"] for name, value in _flat(facts)]
    told = [
        f"{count:,} birth dates of the {which} file were not read: no format of the map's birth_date_formats fits them,"
        " or they are 1 January 1900."
        for which, count in zip(("first", "second"), linked.unread, strict=False)
        if count
    ]
    if out is not None:
        aside = out.with_name(out.name + ".new")
        linked.pairs.write_parquet(aside)
        aside.replace(out)
        told.append(f"Pairs: {out}")
    emit(facts, tabulate("Links", ["Measure", "Value"], rows), *told)


def _flat(facts: dict[str, Any], before: str = "") -> list[tuple[str, float | int]]:
    found: list[tuple[str, float | int]] = []
    for name, value in facts.items():
        words = f"{before}{name.replace('_', ' ')}"
        found += _flat(value, words + ": ") if isinstance(value, dict) else []
        found += [(words, value)] if isinstance(value, int | float) and not isinstance(value, bool) else []
    return found


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
