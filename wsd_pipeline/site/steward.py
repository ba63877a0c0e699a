"""The steward's first page: is the month fit to publish? Verdict, what arrived, every check, how surely linked.

It is made from counts that never left the gates' results, is kept in `quality/` and is never part of a release.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from wsd_pipeline.contracts import landed_tables, tables
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.lake import Zone
from wsd_pipeline.messages import CODES
from wsd_pipeline.notes import checks_of, vault_record
from wsd_pipeline.settings import Project
from wsd_pipeline.site.linkage import linkage_page
from wsd_pipeline.site.pages import Grid, write_page

LINK_GROUPS = ("ethnicity_group",)


def steward_page(project: Project, month: str) -> Path:
    """Write `quality/<month>/index.html`, and the page of linkage beside it, and return its path."""
    results = [result for key in tables() for result in checks_of(project, key, month)]
    record = vault_record(project, month)
    path = project.quality / month / "index.html"
    write_page(
        "steward.html.j2",
        path,
        {
            "title": f"Quality of {month}",
            "invented": project.mode == "synthetic",
            "month_words": date.fromisoformat(f"{month}-01").strftime("%B %Y"),
            "verdict": verdict(results, record),
            "stops": _stops(record, month),
            "freshness": _freshness(record),
            "to_look_at": _grid("Checks that failed or warned", [r for r in results if not r.passed], with_table=True),
            "has_linkage": linkage_page(project, month) is not None,
            "link_sources": _link_sources(project, month),
            "link_groups": _link_groups(project, month),
            "checks": [
                _grid(f"{key}: {len(found)} checks", found)
                for key, group in groupby(results, key=lambda r: r.table)
                if (found := list(group))
            ],
            "footer": f"{project.name}, {month}. Counts only, small ones too: not for publication.",
        },
    )
    return path


def _stops(record: dict[str, Any], month: str) -> list[str]:
    return [
        f"{table}: {code}. {CODES[code].next_step.format_map(_Blank(month))}"
        for table, code in sorted(record["stops"].items())
    ]


class _Blank(dict[str, str]):
    """Fills the month and leaves other facts of a message's next step in words."""

    def __init__(self, month: str) -> None:
        super().__init__(month=month)

    def __missing__(self, key: str) -> str:
        return key.replace("_", " ")


def verdict(results: list[CheckResult], record: dict[str, Any]) -> dict[str, str]:
    """Fit, fit with things to look at, or not fit; and why, in words."""
    critical = [r for r in results if not r.passed and r.severity is Severity.CRITICAL]
    warned = [r for r in results if not r.passed and r.severity is Severity.WARN]
    if not results:
        return {"kind": "look", "mark": "!", "words": "Not known yet.", "because": "Nothing has been checked."}
    if critical or record["stops"]:
        names = sorted({r.table for r in critical} | set(record["stops"]))
        because = f"{len(critical)} checks failed and {len(record['stops'])} feeds were refused: {', '.join(names)}."
        return {"kind": "no", "mark": "✖", "words": "No.", "because": because}
    if warned:
        because = f"All {len(results):,} checks were made; {len(warned)} are worth a look and stop nothing."
        return {"kind": "look", "mark": "!", "words": f"Yes, with {len(warned)} things to look at.", "because": because}
    return {"kind": "yes", "mark": "✔", "words": "Yes.", "because": f"All {len(results):,} checks passed."}


def _freshness(record: dict[str, Any]) -> Grid:
    rows = []
    for feed in landed_tables():
        made = record["feeds"].get(feed.key)
        if made is None:
            rows.append([feed.name, feed.supplier, feed.cadence, "fail", "–", "–", "–"])
            continue
        state = "fail" if feed.key in record["stops"] else "pass"
        counts = [f"{int(made[name]):,}" for name in ("rows", "quarantined", "resubmitted")]
        rows.append([feed.name, feed.supplier, feed.cadence, state, *counts])
    headings = ["Feed", "Supplier", "How often", "State", "Rows", "In quarantine", "Replaced by a later row"]
    return Grid(caption="Feeds of the month", headings=headings, rows=rows, text_columns=4)


def _grid(caption: str, results: list[CheckResult], *, with_table: bool = False) -> Grid:
    order = sorted(results, key=lambda r: (r.passed, r.severity.value, r.table, r.column, r.check))
    rows = []
    for r in order:
        state = "pass" if r.passed else "fail" if r.severity is Severity.CRITICAL else "look"
        share = f"{100 * r.failed / r.checked:.2f}" if r.checked else "–"
        numbers = [f"{r.failed:,}", f"{r.checked:,}", share, f"{100 * r.limit:g}"]
        rows.append([*([r.table] if with_table else []), r.column or "whole table", r.check, state, *numbers])
    headings = [*(["Table"] if with_table else []), "Column", "Check", "State", "Failed", "Checked", "%", "Limit %"]
    return Grid(caption=caption, headings=headings, rows=rows, text_columns=4 if with_table else 3)


def _linkage(project: Project, month: str, where: str) -> list[tuple[Any, ...]]:
    """Rows of the month's accepted `mart.linkage_quality`; none where it has not been made."""
    import duckdb

    path = Zone(project.lake).path("mart.linkage_quality", month)
    if path is None:
        return []
    con = duckdb.connect()
    con.execute("set async_threads = 0")
    found = con.execute(
        "select source, group_type, group_value, measure, numerator_count, denominator_count, value_pct"
        f" from read_parquet(?) where {where} order by all",
        [str(path)],
    ).fetchall()
    con.close()
    return found


def _shown(value: Any) -> str:
    return "[c]" if value is None else f"{value:,}"


def _link_sources(project: Project, month: str) -> Grid:
    rows = [
        [source, measure.replace("_", " "), _shown(n), _shown(d), _shown(pct)]
        for source, _, _, measure, n, d, pct in _linkage(project, month, "group_type = 'all'")
    ]
    headings = ["Source", "Measure", "Records", "Of", "%"]
    return Grid(caption="By source (rounded to 5)", headings=headings, rows=rows, text_columns=2)


def _link_groups(project: Project, month: str) -> Grid:
    wanted = ", ".join(f"'{group}'" for group in LINK_GROUPS)
    rows = [
        [value, source, measure.replace("_", " "), _shown(n), _shown(d), _shown(pct)]
        for source, _, value, measure, n, d, pct in _linkage(project, month, f"group_type in ({wanted})")
    ]
    headings = ["Ethnic group", "Source", "Measure", "Records", "Of", "%"]
    return Grid(caption="By ethnic group (rounded to 5)", headings=headings, rows=rows, text_columns=3)
