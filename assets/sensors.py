"""What starts a month without a person: files that have arrived whole, or the day of the month. Both off until
switched on in Dagster's page; what they start is the same job, so nothing is done again that has not changed.
"""

import json
import re
from pathlib import Path

import dagster as dg

from assets.jobs import monthly_refresh
from assets.months import MONTHS
from assets.resources import project_root
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.lake import content_key, file_sha256
from wsd_pipeline.messages import Stop
from wsd_pipeline.settings import Project, month_before
from wsd_pipeline.supply import supplied_feeds
from wsd_pipeline.vault.inbox import is_part, manifest_of, month_file, month_files, sha256_of

SECONDS_BETWEEN_TICKS = 60
DAY_OF_MONTH_CRON = "0 6 8 * *"
"""Suppliers send by the fifth working day; the eighth at six is after it in every month."""

Seen = dict[str, list[str]]
"""For each feed and month: what its file looked like at the last tick, and its hash once it was found whole."""


@dg.sensor(
    job=monthly_refresh,
    name="file_drop",
    minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Runs a month when each feed's file has kept its size for two ticks and is the one its manifest names.",
)
def file_drop(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """One request for each month that has arrived; the same files, also under other names, are asked for once."""
    try:
        project = Project.load(project_root())
    except Stop as stop:
        return dg.SkipReason(stop.text())
    before: Seen = json.loads(context.cursor or "{}")
    seen: Seen = {}
    requests, waiting = [], []
    for month in months_received(project.inbox):
        hashes = {feed: whole(path, feed, month, before, seen) for feed, path in files_of(project, month).items()}
        if not all(hashes.values()):
            waiting.append(month)
        elif month not in MONTHS.get_partition_keys():
            waiting.append(f"{month} (new: reload the code location)")
        else:
            requests.append(dg.RunRequest(run_key=f"{month}.{content_key(hashes)}", partition_key=month))
    reason = f"Waiting for the files of {', '.join(waiting)}" if waiting else "No file has arrived"
    return dg.SensorResult(
        run_requests=requests, cursor=json.dumps(seen, sort_keys=True), skip_reason=None if requests else reason
    )


def months_received(inbox: Path) -> list[str]:
    """The months that any feed has a file of, in order."""
    names = [path.name for feed in landed_tables() for path in (inbox / feed.name).glob("*_*.*")]
    return sorted({found[1] for name in names if (found := re.search(r"_(20\d\d-(?:0[1-9]|1[0-2]))_", name))})


def files_of(project: Project, month: str) -> dict[str, Path | None]:
    """The file of each feed the month is to have; one that is not monthly is left out where it has none but had."""
    found, inbox = {}, project.inbox
    for feed in supplied_feeds(project, month):
        path = month_file(inbox / feed.name, feed.name, month)
        had = feed.cadence != "monthly" and any(m < month for m in _months_of(inbox / feed.name))
        if path is not None or not had:
            found[feed.name] = path
    return found


def _months_of(folder: Path) -> list[str]:
    return re.findall(r"_(20\d\d-\d\d)_", " ".join(path.name for path in folder.glob("*_*.*")))


def whole(path: Path | None, feed: str, month: str, before: Seen, seen: Seen) -> str:
    """The file's SHA-256 if it looks as it did at the last tick and its manifest names that hash, else nothing.

    What it looks like now is noted in `seen`. A file is hashed once, not at every tick.
    """
    if path is None:
        return ""
    name = f"{feed}/{month}"
    files = month_files(path.parent, feed, month) if is_part(path) else (path,)
    try:
        looked = (p for file in files for p in (file, file.with_suffix(".manifest.json")))
        looks = content_key({str(i): _looks(p) for i, p in enumerate(looked)})
        last, known = before.get(name, ["", ""])
        sha256 = (known or _vouched(files, feed, month)) if looks == last else ""
    except OSError:
        return ""
    seen[name] = [looks, sha256]
    return "" if sha256 == REFUSED else sha256


REFUSED = "refused"
"""In place of a hash: the file is not the one its manifest describes; looked at again when either changes."""


def _looks(path: Path) -> list[object]:
    status = path.stat()
    return [path.name, status.st_size, status.st_mtime_ns]


def _vouched(files: tuple[Path, ...], feed: str, month: str) -> str:
    if len(files) == 1 and is_part(files[0]):
        return REFUSED  # its other part has yet to come
    for path in files:
        try:
            manifest = manifest_of(path, feed, month)
        except Stop:
            return REFUSED
        if manifest is None or manifest.sha256 != file_sha256(path):
            return REFUSED
    return sha256_of(files)


@dg.schedule(
    job=monthly_refresh,
    name="monthly",
    cron_schedule=DAY_OF_MONTH_CRON,
    execution_timezone="Europe/London",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Runs the month before on the eighth, at six in the morning.",
)
def monthly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """The month before the one the schedule's tick lies in."""
    month = month_before(context.scheduled_execution_time.strftime("%Y-%m"))
    if month not in MONTHS.get_partition_keys():
        return dg.SkipReason(f"No file of {month} has arrived: reload the code location when one has.")
    return dg.RunRequest(run_key=month, partition_key=month)
