"""`wsd source`: from a supplier's file to the inbox. Shown of a file: words of ours, kinds, shapes, counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wsd_pipeline.cli.options import DEFAULT_PROJECT, ProjectOption
from wsd_pipeline.cli.output import emit, say, tabulate
from wsd_pipeline.messages import Stop

if TYPE_CHECKING:
    from wsd_pipeline.contracts.core import LandedTable
    from wsd_pipeline.settings import Project
    from wsd_pipeline.vault.report import Report
    from wsd_pipeline.vault.told import Told

source_app = typer.Typer(
    no_args_is_help=True, help="Suppliers' files: look, map, check, take in.", rich_markup_mode=None
)

FileArgument = Annotated[Path, typer.Argument(help="The supplier's file: text, .xlsx or .parquet.")]
FeedOption = Annotated[str, typer.Option("--feed", help="The feed it is for, as wsd source list names it.")]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="The sheet of a workbook with several.")]
AsOfOption = Annotated[str | None, typer.Option("--month", help="Month to check it for, YYYY-MM; this one if none.")]
DOUBTFUL_PCT = 50


@source_app.command("list")
def list_(project: ProjectOption = DEFAULT_PROJECT) -> None:
    """Every feed there is a contract for, its mapping, and its latest month."""
    from wsd_pipeline.contracts import landed_tables
    from wsd_pipeline.lake import Zone
    from wsd_pipeline.settings import Project
    from wsd_pipeline.vault.mapping import mapping_file

    place = Project.load(project)
    vault = Zone(place.vault)
    feeds = [
        {
            "feed": feed.name, "supplier": feed.supplier, "cadence": feed.cadence, "one_row_per": feed.grain,
            "has_mapping": mapping_file(place, feed).is_file(),
            "latest_month": max(vault.months(feed.key), default=None),
        }
        for feed in landed_tables()
    ]  # fmt: skip
    rows = [
        [
            str(f["feed"]), str(f["supplier"]), str(f["cadence"]), "mapping" if f["has_mapping"] else "contract",
            str(f["latest_month"] or "none"),
        ]
        for f in feeds
    ]  # fmt: skip
    emit(feeds, tabulate("Feeds", ["Feed", "Supplier", "Cadence", "Headers", "Latest"], rows, text_columns=5))


@source_app.command()
def inspect(file: FileArgument, sheet: SheetOption = None, project: ProjectOption = DEFAULT_PROJECT) -> None:
    """What a file looks like; no value of it is shown."""
    from wsd_pipeline.vault import ask

    told = ask.look(_project(project), _there(file), _this_month(), sheet=sheet)
    emit(_as_data(told), *_told(told), "Next: wsd source map FILE --feed FEED   (feeds: wsd source list)")


@source_app.command("map")
def map_(
    file: FileArgument,
    feed: FeedOption,
    sheet: SheetOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="Make the mapping anew.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Suggest which column is which; writes the mapping for you to correct."""
    from wsd_pipeline.vault import ask
    from wsd_pipeline.vault.mapping import mapping_file

    place, contract = _project(project), _feed(feed)
    path = mapping_file(place, contract)
    if path.exists() and not replace:
        raise Stop("WSD-119", table=contract.key, file=str(path))
    told = ask.look(place, _there(file), _this_month(), contract, sheet)
    headers = {column.place: column.header for column in told.columns}
    rows = [
        [f.column, headers.get(f.place, ""), str(f.place or ""), f"{f.confidence_pct} %" if f.place else "", _doubt(f)]
        for f in told.found
    ]
    doubtful = sum(1 for f in told.found if f.place and f.confidence_pct < DOUBTFUL_PCT)
    needed = [f.column for f in told.found if not f.place and contract.column(f.column).required]
    emit(
        _as_data(told) | {"mapping": str(path), "needed": needed},
        tabulate(
            f"{feed}: which column is which", ["The contract's column", "The file's", "Place", "Sure", ""], rows,
            text_columns=2,
        ),
        "",
        *_notes(told, doubtful, needed),
        f"The mapping is in {path}. Correct it there.",
        f"Next: wsd source check FILE --feed {feed}",
    )  # fmt: skip


@source_app.command()
def check(
    file: FileArgument, feed: FeedOption, month: AsOfOption = None, project: ProjectOption = DEFAULT_PROJECT
) -> None:
    """Land and check a file; nothing is kept. Exit 3 where it would be refused."""
    from wsd_pipeline.settings import month_of
    from wsd_pipeline.vault import ask

    wanted = month_of(month) if month else _this_month()
    report = ask.check(_project(project), _there(file), wanted, _feed(feed))
    _say_check(feed, report)
    if report.stops:
        raise report.stops[0]
    say(f"Next: wsd source accept FILE --feed {feed} --month {wanted}")


@source_app.command()
def accept(
    file: FileArgument,
    feed: FeedOption,
    month: Annotated[str, typer.Option("--month", help="The month it is for, YYYY-MM.")],
    organisation: Annotated[str, typer.Option("--org", help="Code of the organisation that sent it.")] = "LOCAL",
    anyway: Annotated[str | None, typer.Option("--anyway", help="Why it is taken in though it fails; logged.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Check a file and put a copy into the inbox under its proper name, with a manifest."""
    from datetime import datetime

    from wsd_pipeline.settings import month_of
    from wsd_pipeline.vault import ask

    place, contract = _project(project), _feed(feed)
    code = "".join(c for c in organisation.upper() if c.isalnum())[:12] or "LOCAL"
    stamp = datetime.now().strftime("%Y%m%d%H%M%S")
    name = f"{contract.name}_{code}_{month_of(month)}_{stamp}{_there(file).suffix.lower()}"
    report = ask.check(place, file, month, contract, into=name, anyway=bool(anyway))
    path = place.inbox / contract.name / name
    if report.stops and not path.is_file():
        _say_check(feed, report, quietly=True)
        raise report.stops[0]
    made = report.tables[contract.key]
    _log(place, {
        "at": stamp, "feed": contract.name, "month": month, "file": name, "sha256": made.file_sha256,
        "rows": made.rows, "failed": [stop.code for stop in report.stops], "anyway": anyway if report.stops else None,
    })  # fmt: skip
    emit(
        {
            "file": str(path),
            "rows": made.rows,
            "quarantined": made.quarantined,
            "failed": [s.code for s in report.stops],
        },
        f"Taken in: {path} ({made.rows:,} rows, {made.quarantined:,} held back).",
        *(f"It fails, and was taken in anyway: {stop.code} {stop.what}" for stop in report.stops),
        f"Next: wsd run --month {month}",
    )


def _project(root: Path) -> Project:
    from wsd_pipeline.settings import Project

    return Project.load(root)


def _feed(name: str) -> LandedTable:
    """The feed's contract. Stops with WSD-602, naming the nearest, where there is none."""
    from wsd_pipeline.contracts import landed_tables
    from wsd_pipeline.supply import feeds_named

    feeds_named([name])
    return next(feed for feed in landed_tables() if feed.name == name)


def _there(file: Path) -> Path:
    if not file.is_file():
        raise Stop("WSD-602", kind="file", name=file.name[:80], nearest="", see="ls")
    return file


def _this_month() -> str:
    from datetime import date

    return f"{date.today():%Y-%m}"


def _as_data(told: Told) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(told)


def _told(told: Told) -> list[Any]:
    """What a file looks like, for people."""
    delimiter = {"\t": "tab", "": ""}.get(told.delimiter, told.delimiter)
    written = f", {told.encoding}, fields separated by {delimiter}" if told.encoding else ""
    rows = [
        [
            str(c.place), c.header, c.kind, f"{c.missing_pct} %", f"{c.distinct:,}",
            "  ".join(f"{s} {n} %" for s, n in c.shapes),
        ]
        for c in told.columns
    ]  # fmt: skip
    return [
        f"{told.rows:,} rows, {told.columns_count:,} columns ({told.kind.value}{written});"
        f" header in line {told.header_row}.",
        tabulate("Columns", ["Place", "Header", "Looks like", "Missing", "Distinct", "Shapes"], rows, text_columns=3),
        *_notes(told, 0, []),
    ]


def _notes(told: Told, doubtful: int, needed: list[str]) -> list[str]:
    notes = []
    if told.is_order_open:
        notes.append("Whether dates are day first or month first cannot be told from this file: ask, and say it.")
    elif told.date_formats:
        notes.append("Dates are written as " + ", ".join(told.date_formats) + ".")
    if doubtful:
        notes.append(f"Look first at the {doubtful} marked “look”.")
    if needed:
        notes.append("Nothing was found for these, which the contract needs: " + ", ".join(needed) + ".")
    return notes


def _doubt(found: Any) -> str:
    return "look" if found.place and found.confidence_pct < DOUBTFUL_PCT else "" if found.place else "not supplied?"


def _say_check(feed: str, report: Report, *, quietly: bool = False) -> None:
    """What landing would make of the file: counts of rows and of each check that found something."""
    made = next(iter(report.tables.values()))
    results = sorted((c for c in report.checks if c.failed), key=lambda c: (c.passed, c.column, c.check))
    rows = [
        [c.column or "(row)", c.check, "pass" if c.passed else c.severity.value, f"{c.failed:,}", f"{c.checked:,}"]
        for c in results
    ]
    data = {
        "feed": feed, "rows": made.rows, "quarantined": made.quarantined, "resubmitted": made.resubmitted,
        "checks": len(report.checks), "stops": [s.code for s in report.stops],
        "failed": [{"column": c.column, "check": c.check, "failed": c.failed, "checked": c.checked} for c in results],
    }  # fmt: skip
    if quietly or report.stops:
        from wsd_pipeline.cli.output import manner

        if manner.json:  # the stop itself is the one answer
            return
    emit(
        data,
        f"{feed}: {made.rows:,} rows would be carried on, {made.quarantined:,} held back,"
        f" {made.resubmitted:,} repeats; {len(report.checks):,} checks.",
        *(
            [tabulate("What they found", ["Column", "Check", "Verdict", "Failed", "Of"], rows, text_columns=3)]
            if rows
            else []
        ),
    )


def _log(project: Project, entry: dict[str, Any]) -> None:
    """One line in `sources/accepted.jsonl`: what was taken in, and why where it did not pass."""
    path = project.root / "sources" / "accepted.jsonl"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, sort_keys=True) + "\n")
