"""Identities as suppliers garble them: default values, shared numbers, twins, spreadsheets. Rows 15, 17 and 18."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.faults.conftest import Unbroken, hashes, make, put_changed, quiet
from tests.vault_files import FORENAMES, MONTH, NHS, POSTCODES, full_project, put_rows, rows_of
from wsd_pipeline import from_vault
from wsd_pipeline.canary import scan
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import sealed
from wsd_pipeline.vault.keys import load

GP, HOUSING = "gp__registrations", "housing__tenancies"


def tokens(project: Project) -> list[dict[str, Any]]:
    path = Zone(project.linkage_room).path(IDENTITIES.key, MONTH)
    assert path is not None
    return sealed.read(path, load(project), MONTH).to_pylist()


def people_of(project: Project, *sources: str) -> list[Any]:
    """The person of each record of the sources."""
    spine = pq.read_table(Zone(project.lake).path("linked.spine", MONTH)).to_pylist()
    return [row["person_id"] for row in spine if row["source"] in sources]


def with_row(name: str, i: int, **values: str) -> list[dict[str, str]]:
    return [row | values if i == place else row for place, row in enumerate(rows_of(name))]


GARBLED = {
    "spreadsheet numbers": ("9.99E+09", "WSD-121"),  # the digits are gone: unreadable, not merely wrong
    "a leading digit lost": ("990000018", "WSD-120"),
    "a number and a half": ("9990000018.0", "WSD-120"),
    "text": ("zqxnumber", "WSD-120"),
}


@pytest.mark.parametrize("case", GARBLED)
def test_garbled_numbers_are_refused_by_rate(accepted: Project, unbroken: Unbroken, case: str) -> None:
    value, code = GARBLED[case]
    later = put_changed(accepted, GP, nhs_number=value)
    stops = make(accepted)
    assert stops[f"landed.{GP}"].code == code
    assert stops[f"landed.{GP}"].facts["column"] == "nhs_number"
    quiet(*stops.values())
    assert hashes(accepted) == unbroken.hashes
    later.unlink()
    assert make(accepted) == {} and hashes(accepted) == unbroken.hashes


def test_a_number_held_by_two_people_joins_neither(fresh: Project, unbroken: Unbroken, tmp_path) -> None:
    later = put_rows(fresh, GP, with_row(GP, 1, nhs_number=NHS[0]), stamp="202602020900")
    assert make(fresh) == {}
    assert len(set(people_of(fresh, "gp"))) == 5
    pointer = Zone(fresh.lake).pointer("linked.spine", MONTH)
    assert pointer is not None and pointer.facts["nhs_conflict_records"] > 0
    later.unlink()
    assert make(fresh) == {} and hashes(fresh) == unbroken.hashes


def test_twins_stay_two(tmp_path) -> None:
    project = full_project(tmp_path / "data")
    first = rows_of(GP)[0]
    twin = {key: first[key] for key in ("surname", "birth_date", "postcode", "uprn")} | {"forename": FORENAMES[1]}
    put_rows(project, GP, with_row(GP, 1, **twin), stamp="202602020900")
    assert make(project) == {}
    assert len(set(people_of(project, "gp"))) == 5


def test_placeholders_are_no_identity(tmp_path) -> None:
    """A default number, date and name in two sources at one address: nothing is hashed, nobody is joined."""
    project = full_project(tmp_path / "data")
    nobody = {"surname": "UNKNOWN", "forename": "BABY", "postcode": POSTCODES[0][0], "uprn": ""}
    put_rows(
        project, GP, with_row(GP, 0, **nobody, nhs_number="0000000000", birth_date="1900-01-01"), stamp="202602020900"
    )
    put_rows(project, HOUSING, with_row(HOUSING, 1, **nobody, birth_date="01/01/1900"), stamp="202602020900")
    assert make(project) == {}
    empty = [row for row in tokens(project) if row["surname_token"] is None and row["source"] != "apc"]
    assert sorted(row["source"] for row in empty) == ["gp", "housing"]
    for row in empty:
        assert not any(row[f"{part}_token"] for part in ("nhs", "forename", "birth_date", "birth_year"))
        assert not row["name_tokens"]
    by_record = {
        (row["source"], str(row["record_id"])): row["person_id"]
        for row in pq.read_table(Zone(project.lake).path("linked.spine", MONTH)).to_pylist()
    }
    persons = [by_record[row["source"], str(row["record_id"])] for row in empty]
    assert len(set(persons)) == 2
    assert all(list(by_record.values()).count(person) == 1 for person in persons)


CODED = {  # of each kind: a code list, a list with a warning only, labels that may drift, a pattern
    "sex": (GP, "1"),
    "main_language": (GP, "BNG"),
    "unit": ("gp__conditions", "mmol/mol"),
    "ethnicity": ("asc__events", "White - Irish"),
    "operation_01_code": ("apc__episodes", "W401"),
}


@pytest.mark.parametrize("column", CODED)
def test_a_name_typed_in_a_coded_column_goes_no_further(tmp_path, column: str) -> None:
    (feed, code), project = CODED[column], full_project(tmp_path / "data")
    rows = [row | {column: code if place else "Zqxanna"} for place, row in enumerate(rows_of(feed))]
    put_rows(project, feed, rows, stamp="202602020900")
    assert make(project) == {}
    assert scan([project.lake], {"name": "Zqxanna"}) == []
    (told,) = [c for c in from_vault.run_vault(project, MONTH).checks if c.check == "not_a_code"]
    assert (told.table, told.column, told.failed) == (f"landed.{feed}", column, 1)


def test_a_row_whose_required_code_is_a_name_goes_no_further(tmp_path) -> None:
    project = full_project(tmp_path / "data")
    put_rows(project, GP, with_row(GP, 0, registration_type="Zqxanna"), stamp="202602020900")
    assert make(project) == {}
    assert scan([project.lake], {"name": "Zqxanna"}) == []
    report = from_vault.run_vault(project, MONTH).tables[f"landed.{GP}"]
    assert (report.rows, report.quarantined) == (4, 1)


def test_a_number_typed_where_an_amount_belongs_goes_no_further(tmp_path) -> None:
    project = full_project(tmp_path / "data")
    put_rows(project, "apc__episodes", with_row("apc__episodes", 0, cost_gbp=NHS[1]), stamp="202602020900")
    assert make(project) == {}
    assert scan([project.lake], {"number": NHS[1]}) == []
    costs = pq.read_table(Zone(project.lake).path("pseudo.apc__episodes", MONTH))["cost_gbp"]
    assert costs.null_count == 1 and len(costs) == 5
