"""What an analyst is shown of releases: the summary of a run, the marts, what their columns mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsd_pipeline.cli.output import emit, tabulate
from wsd_pipeline.contracts import tables
from wsd_pipeline.messages import Stop
from wsd_pipeline.release.reader import unknown
from wsd_pipeline.release.standing import Release, latest, releases
from wsd_pipeline.settings import Project, month_of
from wsd_pipeline.sql import quoted

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
LIFECOURSE = {
    "BWGW": "Born Well Growing Well",
    "LW": "Living Well",
    "PI": "Promoting Independence",
    "age_unknown": "Age not known",
}


def _query(folder: Path, mart: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query over one mart of a release, seen as `mart`."""
    import duckdb

    con = duckdb.connect()
    con.execute("set async_threads = 0")
    parquet = quoted(folder / "marts" / f"{mart}.parquet")
    con.execute(f"create view mart as select * from read_parquet('{parquet}')")
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
    people = _query(folder, "segment_summary", f"select person_count from mart where {_only()}")[0][0]
    segments = _segments(folder)
    linkage = _linkage(folder)
    emit(
        {"release": release.name, "folder": folder, "people": people, "linkage": linkage, "segments": segments},
        f"\nReleased {release.name}.",
        f"People: {_shown(people)} (all counts are rounded to 5; {CONFIDENTIAL} hides 1 to 7)",
        *linkage_words(linkage),
        "",
        segments_by_locality(segments),
        *(["", "Everyone in this project is made up."] if project.mode == "synthetic" else []),
        f"Release:  {folder}",
        f"Quality:  {project.quality / month / 'index.html'}",
        "Next:     wsd marts   ·   wsd status   ·   wsd ui",
    )


def _segments(folder: Path) -> list[dict[str, Any]]:
    """People by lifecourse segment and locality, from the release's `segment_summary`."""
    rows = _query(
        folder,
        "segment_summary",
        "select lifecourse_segment, locality, person_count from mart where "
        f"{_only('lifecourse_segment', 'locality')} order by 1, 2",
    )
    return [{"segment": row[0], "locality": row[1], "people": row[2]} for row in rows]


def segments_by_locality(segments: list[dict[str, Any]]) -> Table:
    """Lifecourse segments in rows, localities in columns."""
    localities = sorted({row["locality"] for row in segments})
    counts = {(row["segment"], row["locality"]): _shown(row["people"]) for row in segments}
    lines = [
        [LIFECOURSE.get(segment, segment), *(counts.get((segment, place), "0") for place in localities)]
        for segment in sorted({row["segment"] for row in segments})
    ]
    return tabulate("People by lifecourse segment and locality", ["Segment", *localities], lines)


def _linkage(folder: Path) -> dict[str, float]:
    rows = _query(
        folder,
        "linkage_quality",
        "select measure, value_pct from mart where group_type = 'all' and source = 'all' and value_pct is not null",
    )
    return {measure: float(value) for measure, value in rows}


def linkage_words(found: dict[str, float]) -> list[str]:
    """How surely people were linked, in words."""
    words = []
    if "precision" in found and "recall" in found:
        words.append(
            f"Linkage: precision {found['precision']:.1f} %, recall {found['recall']:.1f} %, measured against the truth"
        )
    if "linked_to_health" in found:
        words.append(f"Records joined to a person with a health record: {found['linked_to_health']:.1f} %")
    return words


def say_marts(project: Project) -> None:
    """The marts of the latest release."""
    newest = newest_release(project)
    manifest = json.loads((newest.folder / "manifest.json").read_text(encoding="utf-8"))
    marts = [
        {"mart": name, "rows": made["rows"], "one_row_per": tables()[f"mart.{name}"].grain}
        for name, made in sorted(manifest["marts"].items())
    ]
    rows = [[str(m["mart"]), f"{m['rows']:,}", str(m["one_row_per"])] for m in marts]
    rules = {name: made["version"] for name, made in manifest.get("rules", {}).items()}
    emit(
        {"release": newest.name, "rules": rules, "marts": marts},
        tabulate(f"Marts of {newest.name}", ["Mart", "Rows", "One row per"], rows),
        "",
        f"Rules:   {', '.join(f'{name} {version}' for name, version in rules.items()) or 'not stated'}",
        f"Parquet: {newest.folder / 'marts'}",
        f"DuckDB:  {newest.folder / 'wsd.duckdb'} (read-only)",
    )


def newest_release(project: Project, month: str | None = None) -> Release:
    """The release of the month, or the latest. Stops with WSD-601 where there is none."""
    found = releases(project) if month is None else [r for r in [latest(project, month_of(month))] if r]
    if not found:
        raise Stop("WSD-601", month=month or "any month")
    return found[-1]


def say_description(name: str) -> None:
    """What a mart or one of its columns (`mart.column`) means, from its contract."""
    mart, _, column = name.removeprefix("mart.").partition(".")
    known = {key.removeprefix("mart."): table for key, table in tables().items() if key.startswith("mart.")}
    if mart not in known:
        raise unknown("mart", mart, list(known), "wsd marts")
    table = known[mart]
    columns = {c.name: c for c in table.columns}
    if column and column not in columns:
        raise unknown("column", column, list(columns), f"wsd describe {mart}")
    shown = [columns[column]] if column else list(columns.values())
    rows = [[c.name, c.type, c.description] for c in shown]
    emit(
        {
            "mart": mart,
            "grain": table.grain,
            "columns": [{"name": c.name, "type": c.type, "is": c.description} for c in shown],
        },
        f"{mart}: one row per {table.grain}. {table.description}",
        "",
        tabulate("Columns", ["Column", "Type", "What it is"], rows, text_columns=3),
    )


def say_releases(project: Project) -> None:
    """Every published month."""
    found = [{"release": release.name, "folder": str(release.folder)} for release in releases(project)]
    rows = [[r["release"], r["folder"]] for r in found]
    emit(
        found,
        tabulate("Releases", ["Release", "Folder"], rows, text_columns=2) if rows else "Nothing is published yet.",
    )


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
