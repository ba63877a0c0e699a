"""No identity leaves the vault: canaries in every identifying field, a run that works and one that fails, then a scan."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from tests.conftest import MONTHS, invent, run_months
from wsd_pipeline.canary import scan
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.core import Identity, LandedTable, Privacy

pytestmark = pytest.mark.pipeline


def nhs_number(stem: int) -> str:
    """The first valid NHS number at or after this nine-digit stem of the 999 range."""
    while True:
        digits = [int(d) for d in str(stem)]
        check = (11 - sum(d * (10 - i) for i, d in enumerate(digits)) % 11) % 11
        if check != 10:
            return f"{stem}{check}"
        stem += 1


def canary_of(feed: LandedTable, column, place: int) -> str:
    """A value that occurs nowhere else, of the right shape for the column, different for every field."""
    shapes = {
        Identity.NHS_NUMBER: nhs_number(999900100 + place * 7),
        Identity.BIRTH_DATE: f"19{10 + place % 10:02d}-02-{11 + place % 17:02d}",
        Identity.POSTCODE: f"E14 {place % 10}QZ",
        Identity.UPRN: str(987650000000 + place * 13),
    }
    if column.identity in shapes:
        return shapes[column.identity]
    return f"Zqx{chr(97 + place // 26)}{chr(97 + place % 26)}oria"


def written(feed: LandedTable, column, canary: str) -> str:
    """The canary as this supplier writes it."""
    if column.identity is Identity.BIRTH_DATE and feed.file.date_formats[0] == "%d/%m/%Y":
        year, month, day = canary.split("-")
        return f"{day}/{month}/{year}"
    return canary


def plant(inbox: Path, month: str) -> dict[str, str]:
    """Add to each feed's file a row with a canary in every identifying text field; the canaries by field."""
    canaries: dict[str, str] = {}
    for feed in landed_tables():
        (path,) = (p for p in (inbox / feed.name).glob(f"*_{month}_*.csv"))
        encoding = "utf-8"
        text = path.read_text(encoding=encoding, errors="strict") if feed.name else ""
        rows = list(csv.reader(text.splitlines(), delimiter=feed.file.delimiter))
        header, row = rows[0], list(rows[1])
        for column in feed.landed_columns:
            if column.privacy is Privacy.IDENTIFIER and column.source_header in header:
                if column.type not in ("VARCHAR", "DATE") or column.identity is Identity.UPN:
                    continue
                if column.type == "DATE" and column.identity is None:
                    continue
                canary = canary_of(feed, column, len(canaries))
                canaries[f"{feed.name}.{column.name}"] = canary
                row[header.index(column.source_header)] = written(feed, column, canary)
        unread = list(row)
        for column in feed.landed_columns:
            if column.type == "DATE" and column.source_header in header:
                canaries[f"{feed.name}.unreadable"] = f"zqx{feed.name[:3]}undated"
                unread[header.index(column.source_header)] = f"zqx{feed.name[:3]}undated"
                break
        with path.open("a", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=feed.file.delimiter, lineterminator="\n").writerows([row, unread])
        _manifest(path, len(rows) - 1 + 2)
    return canaries


def _manifest(path: Path, rows: int) -> None:
    """Bring the sidecar manifest into line with the changed file."""
    sidecar = path.with_suffix(".manifest.json")
    said = json.loads(sidecar.read_text(encoding="utf-8"))
    said |= {"row_count": rows, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    sidecar.write_text(json.dumps(said), encoding="utf-8")


def spoil(inbox: Path, month: str) -> str:
    """Make the pupils' file fail its gate: a canary in place of every date of birth."""
    (path,) = (p for p in (inbox / "education__pupils").glob(f"*_{month}_*.csv"))
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    place = rows[0].index("dob")
    for row in rows[1:]:
        row[place] = "zqxspoilt"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    _manifest(path, len(rows) - 1)
    return "zqxspoilt"


def test_no_canary_leaves_the_vault(tmp_path):
    project = invent(tmp_path / "data", people=800)
    canaries = plant(project.inbox, MONTHS[0]) | {"spoilt": spoil(project.inbox, MONTHS[1])}
    assert len(canaries) > 30
    code, said = run_months(project.root, MONTHS[0])
    assert code == 0, said
    code, said = run_months(project.root, MONTHS[1])
    assert code == 3, said
    (tmp_path / "terminal.txt").write_text(said, encoding="utf-8")
    hits = scan([tmp_path], canaries, spare=[project.inbox, project.vault])
    assert hits == []
    control = scan([project.inbox], canaries)
    assert {hit.canary for hit in control} == set(canaries)
