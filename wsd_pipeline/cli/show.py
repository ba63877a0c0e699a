"""What an analyst is shown: status, marts, releases and the summary of a run, all from published or counted facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from wsd_pipeline.messages import Stop
from wsd_pipeline.release.publish import latest, releases
from wsd_pipeline.runs import latest_run
from wsd_pipeline.settings import Project, month_of

if TYPE_CHECKING:
    from rich.table import Table

DIMENSIONS = (
    "lifecourse_segment",
    "need_segment",
    "locality",
    "pcn_code",
    "age_band",
    "sex",
    "ethnicity_group",
    "imd_quintile",
)
CONFIDENTIAL = "[c]"


def _say(*things: Any) -> None:
    """Print with rich: tables as tables, colour only on a terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    for thing in things:
        console.print(thing, markup=False) if isinstance(thing, str) else console.print(thing)


def _table(title: str, headings: list[str], rows: list[list[str]], *, text_columns: int = 1) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < text_columns else "right")
    for row in rows:
        table.add_row(*row)
    return table


def _query(folder: Path, mart: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query over one mart of a release, seen as `mart`."""
    import duckdb

    con = duckdb.connect()
    con.execute("set async_threads = 0")
    con.execute("create view mart as select * from read_parquet(?)", [str(folder / "marts" / f"{mart}.parquet")])
    return con.execute(sql).fetchall()


def _only(*broken_down: str) -> str:
    """A predicate for the rows of `segment_summary` broken down by just these dimensions."""
    return " and ".join(f"{d} {'!=' if d in broken_down else '='} 'all'" for d in DIMENSIONS)


def _shown(count: int | None) -> str:
    return CONFIDENTIAL if count is None else f"{count:,}"


def say_summary(root: Path, month: str) -> None:
    """The end of a run: how many people, how surely linked, the segments by locality, where the release is."""
    project = Project.load(root)
    release = latest(project, month)
    if release is None:
        raise Stop("WSD-601", month=month)
    folder = release.folder
    _say("", f"Released {release.name}.")
    people = _query(folder, "segment_summary", f"select person_count from mart where {_only()}")
    _say(f"People: {_shown(people[0][0])} (all counts are rounded to 5; {CONFIDENTIAL} hides 1 to 7)")
    _say(*linkage_words(folder))
    _say("", segments_by_locality(folder), "")
    if project.mode == "synthetic":
        _say("Everyone in this project is made up.")
    _say(f"Release:  {folder}", "Next:     wsd marts   ·   wsd status   ·   wsd ui")


def segments_by_locality(folder: Path) -> Table:
    """Lifecourse segments in rows, localities in columns, from the release's `segment_summary`."""
    rows = _query(
        folder,
        "segment_summary",
        "select lifecourse_segment, locality, person_count from mart where "
        f"{_only('lifecourse_segment', 'locality')} order by 1, 2",
    )
    localities = sorted({row[1] for row in rows})
    counts = {(row[0], row[1]): _shown(row[2]) for row in rows}
    lines = [
        [segment, *(counts.get((segment, place), "0") for place in localities)]
        for segment in sorted({row[0] for row in rows})
    ]
    return _table("People by lifecourse segment and locality", ["Segment", *localities], lines)


def linkage_words(folder: Path) -> list[str]:
    """How surely people were linked, in words, from the release's `linkage_quality`."""
    rows = _query(
        folder,
        "linkage_quality",
        "select measure, value_pct from mart where group_type = 'all' and source = 'all' and value_pct is not null",
    )
    found = {measure: float(value) for measure, value in rows}
    words = []
    if "precision" in found and "recall" in found:
        words.append(
            f"Linkage: precision {found['precision']:.1f} %, recall {found['recall']:.1f} %, measured against the truth"
        )
    if "records_linked" in found:
        words.append(f"Records joined to a person with a health record: {found['records_linked']:.1f} %")
    return words


def say_status(project: Project) -> None:
    """The last run, and what each month has: accepted tables, failed checks, release."""
    from wsd_pipeline.contracts import tables

    log = latest_run(project.root)
    if log is None:
        typer.echo("Nothing has been run yet. Next: wsd run --month YYYY-MM")
        return
    lines = log.read()
    stopped = [line for line in lines if line["event"] == "stopped"]
    finished = any(line["event"] == "finished" for line in lines)
    _say(f"Last run {log.path.stem}: " + ("finished" if finished and not stopped else "stopped"))
    for line in stopped[:1]:
        _say(line["text"])
    if not finished and not stopped:
        _say("It ended before it was done. What it finished is kept; run the same months again to go on.")
    rows = []
    for month in _months(project):
        accepted = sum(_is_accepted(project, key, month) for key in tables())
        failed = _failed_checks(project, month)
        release = latest(project, month)
        rows.append([month, f"{accepted}", f"{failed}", release.name if release else "none"])
    _say("", _table("Months", ["Month", "Tables accepted", "Checks failed", "Release"], rows))


def _months(project: Project) -> list[str]:
    found = {p.stem for zone in (project.vault, project.lake) for p in (zone / "_pointers").glob("*/????-??.json")}
    return sorted(found)


def _is_accepted(project: Project, key: str, month: str) -> bool:
    zone = {"landed": project.vault, "tokens": project.linkage_room}.get(key.split(".", 1)[0], project.lake)
    group = "linked" if key.startswith("linked.") else key
    return (zone / "_pointers" / group / f"{month}.json").is_file()


def _failed_checks(project: Project, month: str) -> int:
    files = (project.lake / "_checks").glob(f"*/{month}.json")
    return sum(not row["passed"] for file in files for row in json.loads(file.read_text(encoding="utf-8")))


def say_marts(project: Project) -> None:
    """The marts of the latest release."""
    found = releases(project)
    if not found:
        raise Stop("WSD-601", month="any month")
    from wsd_pipeline.contracts import table

    newest = found[-1]
    manifest = json.loads((newest.folder / "manifest.json").read_text(encoding="utf-8"))
    rows = [
        [name, f"{made['rows']:,}", table(f"mart.{name}").grain] for name, made in sorted(manifest["marts"].items())
    ]
    _say(_table(f"Marts of {newest.name}", ["Mart", "Rows", "One row per"], rows))
    _say("", f"Parquet: {newest.folder / 'marts'}", f"DuckDB:  {newest.folder / 'wsd.duckdb'} (read-only)")


def say_releases(project: Project) -> None:
    """Every published month."""
    rows = [[release.name, str(release.folder)] for release in releases(project)]
    _say(_table("Releases", ["Release", "Folder"], rows, text_columns=2) if rows else "Nothing has been published yet.")


def release_folder(root: Path, name: str) -> Path:
    """The folder of a release given as its name, its month or a path. Stops with WSD-601 where there is none."""
    if (Path(name) / "manifest.json").is_file():
        return Path(name).resolve()
    project = Project.load(root)
    if (project.releases / name / "manifest.json").is_file():
        return project.releases / name
    found = latest(project, month_of(name))
    if found is None:
        raise Stop("WSD-601", month=name)
    return found.folder
