"""What became of runs: status, why, logs, resume; read from the runs' logs and the counts of checks."""

from __future__ import annotations

import json
from typing import Any

from wsd_pipeline.cli.output import emit, tabulate
from wsd_pipeline.contracts import tables
from wsd_pipeline.lake import group_of
from wsd_pipeline.messages import Stop
from wsd_pipeline.release.reader import unknown
from wsd_pipeline.release.standing import latest
from wsd_pipeline.runs import RunLog, latest_run
from wsd_pipeline.settings import Project, month_after


def say_status(project: Project) -> None:
    """The last run, and what each month has: accepted tables, failed checks, release."""
    log = latest_run(project.root)
    if log is None:
        emit({"run": None, "months": []}, "Nothing has been run yet. Next: wsd run --month YYYY-MM")
        return
    run = run_state(log)
    months = [
        {
            "month": month,
            "accepted": sum(_is_accepted(project, key, month) for key in tables()),
            "failed_checks": len(failed_checks(project, month)),
            "release": release.name if (release := latest(project, month)) else None,
        }
        for month in _months(project)
    ]
    rows = [[str(m["month"]), str(m["accepted"]), str(m["failed_checks"]), str(m["release"] or "none")] for m in months]
    emit(
        {"run": run, "months": months},
        f"Last run {run['run']}: {run['state']}.",
        *([run["text"]] if run["text"] else []),
        "",
        tabulate("Months", ["Month", "Tables accepted", "Checks failed", "Release"], rows),
    )


def run_state(log: RunLog) -> dict[str, Any]:
    """What became of a run: finished, stopped (with its message), or cut short."""
    lines = log.read()
    started = next((line for line in lines if line["event"] == "started"), None)
    months = months_from(started["month"], started["through"]) if started else []
    state = {"run": log.path.stem, "months": months, "text": None, "code": None}
    stopped = [line for line in lines if line["event"] == "stopped"]
    if stopped:
        return state | {"state": "stopped", "text": stopped[0]["text"], "code": stopped[0]["code"]}
    if any(line["event"] == "finished" for line in lines):
        return state | {"state": "finished"}
    return state | {
        "state": "running, or cut short",
        "text": "What it finished is kept. If it is no longer running, go on with: wsd resume",
    }


def months_from(first: str, last: str) -> list[str]:
    """Every month from the first to the last."""
    months = [first]
    while months[-1] < last:
        months.append(month_after(months[-1]))
    return months


def _months(project: Project) -> list[str]:
    found = {p.stem for zone in (project.vault, project.lake) for p in (zone / "_pointers").glob("*/????-??.json")}
    return sorted(found)


def _is_accepted(project: Project, key: str, month: str) -> bool:
    zone = {"landed": project.vault, "tokens": project.linkage_room}.get(key.split(".", 1)[0], project.lake)
    return (zone / "_pointers" / group_of(key) / f"{month}.json").is_file()


def failed_checks(project: Project, month: str) -> list[dict[str, Any]]:
    """The checks of the month that did not pass, critical ones first."""
    files = sorted((project.lake / "_checks").glob(f"*/{month}.json"))
    rows = [row for file in files for row in json.loads(file.read_text(encoding="utf-8")) if not row["passed"]]
    return sorted(rows, key=lambda row: (row["severity"], row["table"], row["column"], row["check"]))


def say_why(project: Project, run: str | None) -> None:
    """Why a run stopped: its message, and the checks that failed in its months."""
    log = log_of(project, run)
    state = run_state(log)
    failed = [
        {"month": month} | row for month in state["months"] or _months(project) for row in failed_checks(project, month)
    ]
    rows = [
        [
            row["month"],
            row["table"],
            row["column"],
            row["check"],
            f"{row['failed']:,}",
            f"{row['checked']:,}",
            f"{100 * row['limit']:g} %",
            "stops" if row["severity"] == "critical" else "warns",
        ]
        for row in failed
    ]
    headings = ["Month", "Table", "Column", "Check", "Failed", "Of", "Limit", ""]
    emit(
        {"run": state, "failed_checks": failed},
        f"Run {state['run']}: {state['state']}.",
        *([state["text"]] if state["text"] else []),
        *(["", tabulate("Checks that failed", headings, rows, text_columns=4)] if rows else ["No check failed."]),
    )


def say_logs(project: Project, run: str | None) -> None:
    """Every line of a run's log, in words."""
    lines = log_of(project, run).read()
    words = []
    for line in lines:
        facts = ", ".join(f"{k} {v}" for k, v in sorted(line.items()) if k not in ("event", "text") and v is not None)
        words.append(f"{line['event']:<9} {facts}")
    emit(lines, *words)


def log_of(project: Project, run: str | None) -> RunLog:
    """The log of the run of that name, or of the last. Stops with WSD-602 where there is none."""
    log = RunLog.of(project.root, run) if run else latest_run(project.root)
    if log is None or not log.path.is_file():
        known = [path.stem for path in (project.root / "runs").glob("*.jsonl")]
        raise unknown("run", run or "any", known, "wsd status")
    return log


def unfinished(project: Project) -> tuple[str, str]:
    """First and last month of the last run, which `wsd resume` goes on with. Stops with WSD-605 where there is none."""
    log = latest_run(project.root)
    state = run_state(log) if log else {"months": [], "state": "finished"}
    if not state["months"] or state["state"] == "finished":
        raise Stop("WSD-605")
    return state["months"][0], state["months"][-1]


def month_seconds(project: Project, month: str) -> float:
    """Seconds that the tables of a month took in the last run that made any of them; 0 where none did."""
    logs = sorted((project.root / "runs").glob("*.jsonl"), key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for path in logs:
        made = [line for line in RunLog(path).read() if line["event"] == "table" and line["month"] == month]
        if any(line["state"] == "built" for line in made):
            return float(sum(line.get("seconds") or 0 for line in made))
    return 0.0
