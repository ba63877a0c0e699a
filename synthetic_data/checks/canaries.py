"""Canaries: invented identities that occur nowhere else, put in every identifying field of a month's extracts.

Names are put in the coded columns too, as a clerk might who types in the wrong field. What `wsd doctor --privacy` and
the canary test look for afterwards outside inbox and vault. Rows that fail on purpose carry them too: a date and
a code that cannot be read, a wrong check digit, a row sent twice.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Identity, Landed, LandedTable, Privacy
from wsd_pipeline.settings import Project

LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # those the inward half of a postcode may have
ENOUGH = 12
"""Rows, or values of a column, of which one may be wrong: of fewer the gate would refuse the file for it."""
NHS_STEM, UPRN_STEM = 999_900_100, 987_650_000_000  # of the 999 range; beyond any UPRN the borough has


def nhs_number(stem: int, *, valid: bool = True) -> str:
    """The first valid NHS number at or after this nine-digit stem, or the same with a wrong check digit."""
    while True:
        digits = [int(d) for d in str(stem)]
        check = (11 - sum(d * (10 - i) for i, d in enumerate(digits)) % 11) % 11
        if check != 10:
            return f"{stem}{check if valid else (check + 1) % 10}"
        stem += 1


def canary(column: Landed, place: int) -> str:
    """A value of the right shape for the column, another for every place."""
    shapes = {
        Identity.NHS_NUMBER: nhs_number(NHS_STEM + place * 7),
        Identity.POSTCODE: f"E14 {place % 10}{LETTERS[-1 - place // 200]}{LETTERS[place // 10 % 20]}",
        Identity.UPRN: str(UPRN_STEM + place * 13),
        Identity.UPN: f"Z9876{place:07d}Q",
    }
    if column.identity in shapes:
        return shapes[column.identity]
    if column.type == "DATE":
        return f"19{10 + place % 10:02d}-{2 + place // 170:02d}-{11 + place % 17:02d}"
    return f"Zqx{letters(place)}oria"


def letters(place: int) -> str:
    """Three letters, others for every place below 17,576."""
    return "".join(chr(97 + place // 26**i % 26) for i in (2, 1, 0))


def plant(project: Project, month: str) -> dict[str, str]:
    """Add canaries to each feed's file of the month, and bring its manifest into line; the canaries by field."""
    canaries: dict[str, str] = {}
    for feed in landed_tables():
        if not list((project.inbox / feed.name).glob(f"*_{month}_*.csv")):
            continue
        path, header, rows = read(project, feed, month)
        if len(rows) < ENOUGH:
            continue
        row = list(rows[0])
        for column in feed.landed_columns:
            if column.privacy is Privacy.IDENTIFIER and column.type in ("VARCHAR", "DATE"):
                value = canaries[f"{feed.name}.{column.name}"] = canary(column, len(canaries))
                row[header.index(column.source_header)] = as_sent(feed, column, value)
        _mistype(feed, header, rows, row, canaries)
        write(path, feed, header, [*rows, row, row, *_failing(feed, header, row, canaries)])
    return canaries


def _mistype(
    feed: LandedTable, header: list[str], rows: list[list[str]], row: list[str], canaries: dict[str, str]
) -> None:
    """Put a name in each coded column of the row that the gate lets one be wrong in."""
    for column in feed.landed_columns:
        place = header.index(column.source_header)
        is_used = sum(bool(other[place]) for other in rows) >= ENOUGH
        may_fail = column.closing and (column.closing.limit > 0 or column.closing.severity is Severity.WARN)
        if may_fail and is_used and not column.required and column.name not in feed.unique_key:
            row[place] = canaries[f"{feed.name}.{column.name}"] = canary(column, len(canaries))


def _failing(feed: LandedTable, header: list[str], row: list[str], canaries: dict[str, str]) -> list[list[str]]:
    """Rows that are held back or counted, each for a reason of its own; their canaries are added to `canaries`."""
    wrong: dict[str, str] = {}
    dates = [c for c in feed.landed_columns if c.type == "DATE"]
    if dates:
        wrong[dates[0].source_header] = canaries[f"{feed.name}.unreadable"] = f"zqx{letters(len(canaries))}undated"
    if number := feed.identity_columns.get(Identity.NHS_NUMBER):
        place = NHS_STEM + 50_000 + 7 * len(canaries)
        wrong[number.source_header] = canaries[f"{feed.name}.invalid"] = nhs_number(place, valid=False)
    return [
        [value if name == head else old for head, old in zip(header, row, strict=True)] for name, value in wrong.items()
    ]


def spoil(project: Project, month: str) -> dict[str, str]:
    """Make the pupils' file of the month fail its gate: a canary in place of every date of birth."""
    feed = next(feed for feed in landed_tables() if feed.name == "education__pupils")
    path, header, rows = read(project, feed, month)
    place = header.index(feed.identity_columns[Identity.BIRTH_DATE].source_header)
    write(path, feed, header, [[*row[:place], "zqxspoilt", *row[place + 1 :]] for row in rows])
    return {"education__pupils.spoilt": "zqxspoilt"}


def as_sent(feed: LandedTable, column: Landed, value: str) -> str:
    """The canary as this supplier writes it."""
    if column.type == "DATE" and feed.file.date_formats[0] == "%d/%m/%Y":
        return "/".join(reversed(value.split("-")))
    return value


def read(project: Project, feed: LandedTable, month: str) -> tuple[Path, list[str], list[list[str]]]:
    """A feed's one file of the month: where it is, its header and its rows."""
    (path,) = (project.inbox / feed.name).glob(f"*_{month}_*.csv")
    text = path.read_bytes().decode(feed.file.encodings[0])
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=feed.file.delimiter)
    return path, header, rows


def write(path: Path, feed: LandedTable, header: list[str], rows: list[list[str]]) -> None:
    """The file anew, and its manifest's count and hash."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=feed.file.delimiter, lineterminator="\n").writerows([header, *rows])
    data = out.getvalue().encode(feed.file.encodings[0])
    path.write_bytes(data)
    sidecar = path.with_suffix(".manifest.json")
    said = json.loads(sidecar.read_text(encoding="utf-8"))
    said |= {"row_count": len(rows), "sha256": hashlib.sha256(data).hexdigest()}
    sidecar.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
