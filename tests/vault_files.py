"""Small extracts written by hand: a project whose inbox holds a few invented people in every feed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.core import LandedTable
from wsd_pipeline.settings import Mode, Project

MONTH = "2026-01"
NHS = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050")
POSTCODES = (("E1 4AA", "E01004200"), ("E2 0BB", "E01004201"), ("E14 5AB", "E01004202"))
SURNAMES = ("Begum", "O'Brien", "Smith-Jones", "Miah", "Okafor")
FORENAMES = ("Md Rahim", "Zoe", "Anne Marie", "BABY", "Fatima")
BIRTHS = ("1980-05-17", "1990-01-01", "2010-12-31", "2025-12-20", "1900-01-01")


def empty_project(root: Path, **options: object) -> Project:
    """A synthetic project of the feeds written here, with its folders and the postcodes reference."""
    project = Project(root=root, name="hand", **{"mode": Mode.SYNTHETIC, "feeds": tuple(sorted(_FEEDS)), **options})
    project.save()
    reference = project.inbox / "_reference"
    reference.mkdir()
    places = [{"pcds": p, "lsoa21": lsoa, "lsoa11": lsoa, "dointr": "198001"} for p, lsoa in POSTCODES]
    put_reference(project, "postcodes", places)
    return project


def put_reference(project: Project, name: str, rows: list[dict[str, str]]) -> Path:
    """A supplied reference table with every column of its contract, those not given empty."""
    path = project.inbox / "_reference" / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        columns = [c.name for c in table(f"reference.{name}").columns]
        writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def hand_feeds() -> list[LandedTable]:
    """The contracts of the feeds written here."""
    return [table(f"landed.{name}") for name in sorted(_FEEDS)]


def rows_of(name: str) -> list[dict[str, str]]:
    """Five plausible rows of a feed, as {column name: text}, one for each person."""
    return [_FEEDS[name](i) for i in range(5)]


def british(day: str) -> str:
    """An ISO date as day/month/year."""
    return "/".join(reversed(day.split("-")))


def _person(i: int) -> dict[str, str]:
    return {
        "surname": SURNAMES[i], "forename": FORENAMES[i], "birth_date": BIRTHS[i],
        "postcode": POSTCODES[i % 3][0], "uprn": str(6_000_000 + i),
    }  # fmt: skip


def _registration(i: int) -> dict[str, str]:
    return _person(i) | {
        "nhs_number": NHS[i], "local_patient_id": f"L{i}", "practice_code": "F84001", "sex": "12"[i % 2],
        "ethnic_category": "K", "registration_type": "R", "registered_date": "2020-02-03", "is_carer": "N",
        "is_sensitive": "Y" if i == 2 else "N",
    }  # fmt: skip


def _condition(i: int) -> dict[str, str]:
    return {
        "local_patient_id": f"L{i}", "practice_code": "F84001", "cluster_id": "DM_COD", "snomed_code": "44054006",
        "event_date": "2021-03-04", "value": "48.5", "unit": "mmol/mol",
    }  # fmt: skip


def _episode(i: int) -> dict[str, str]:
    return {
        "apc_ident": f"E{i}", "spell_id": f"S{i}", "nhs_number": NHS[i], "local_patient_id": f"H{i}",
        "birth_date": BIRTHS[i], "sex": "12"[i % 2], "postcode": POSTCODES[i % 3][0], "practice_code": "F84001",
        "provider_code": "R1H", "admission_date": "2026-01-05", "episode_start_date": "2026-01-05",
        "episode_order": "1", "cost_gbp": "1234.50", "interchange_time": "2026-01-20 10:00:00",
        "diagnosis_01_code": "E119",
    }  # fmt: skip


def _attendance(i: int) -> dict[str, str]:
    return _person(i) | {
        "attendance_ident": f"EC{i}", "nhs_number": NHS[i], "local_patient_id": f"D{i}", "sex": "12"[i % 2],
        "practice_code": "F84001", "provider_code": "R1H", "arrival_date": "2026-01-06",
        "arrival_time": "2026-01-06 21:30:00", "departure_time": "2026-01-07 00:10:00", "department_type_code": "01",
        "chief_complaint_code": "29857009", "interchange_time": "2026-01-20 10:00:00",
    }  # fmt: skip


def _event(i: int) -> dict[str, str]:
    return _person(i) | {
        "la_code": "711", "reporting_period_end_date": "31/12/2025", "nhs_number": NHS[i], "person_ref": f"A{i}",
        "sex": ("Male", "Female")[i % 2], "client_type": "Service User", "event_type": "Service",
        "event_start_date": "01/12/2025", "birth_date": british(BIRTHS[i]),
    }  # fmt: skip


def _pupil(i: int) -> dict[str, str]:
    return _person(i) | {"upn": f"A{i:012d}", "sex": "MF"[i % 2], "school_urn": "100001", "year_group": "5"}


def _tenancy(i: int) -> dict[str, str]:
    return _person(i) | {
        "tenancy_ref": f"T{i}", "landlord_type": "RP", "tenant_no": "1", "tenancy_start_date": "01/04/2019",
        "tenure": "assured", "birth_date": british(BIRTHS[i]),
    }  # fmt: skip


def _address(i: int) -> dict[str, str]:
    return {
        "uprn": f"{6_000_000 + i:012d}", "parent_uprn": "5000001", "property_class_code": "RD06",
        "logical_status_code": "1", "saon": f"FLAT {i}", "postcode": POSTCODES[i % 3][0], "lsoa21": POSTCODES[i % 3][1],
        "start_date": "1990-01-01", "landlord_code": "RP01",
    }  # fmt: skip


_FEEDS = {
    "gp__registrations": _registration,
    "gp__conditions": _condition,
    "apc__episodes": _episode,
    "asc__events": _event,
    "education__pupils": _pupil,
    "housing__tenancies": _tenancy,
    "ecds__attendances": _attendance,
    "llpg__addresses": _address,
}


def as_bytes(feed: LandedTable, rows: list[dict[str, str]], headers: list[str] | None = None) -> bytes:
    """The rows as the supplier would write them: the contract's headers, delimiter and first encoding."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=feed.file.delimiter, lineterminator="\n")
    columns = feed.landed_columns
    writer.writerow(headers or [c.source_header for c in columns])
    writer.writerows([[row.get(c.name, "") for c in columns] for row in rows])
    return out.getvalue().encode(feed.file.encodings[0])


def put(project: Project, name: str, data: bytes, *, month: str = MONTH, stamp: str = "202602010900") -> Path:
    """Put bytes in the inbox as the month's file of a feed."""
    path = project.inbox / name / f"{name}_ORG_{month}_{stamp}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def put_rows(project: Project, name: str, rows: list[dict[str, str]] | None = None, **where: str) -> Path:
    """Put rows (by default the five plausible ones) in the inbox."""
    feed = table(f"landed.{name}")
    return put(project, name, as_bytes(feed, rows_of(name) if rows is None else rows), **where)


def put_manifest(path: Path, **facts: object) -> None:
    """A manifest beside a file; what is not given is taken from the file as it stands."""
    data = path.read_bytes()
    said = {"row_count": data.count(b"\n") - 1, "sha256": hashlib.sha256(data).hexdigest(), **facts}
    path.with_suffix(".manifest.json").write_text(json.dumps(said))


def full_project(root: Path, **options: object) -> Project:
    """A project whose inbox holds the five people in every feed."""
    project = empty_project(root, **options)
    for feed in hand_feeds():
        put_rows(project, feed.name)
    return project
