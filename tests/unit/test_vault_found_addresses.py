"""Addresses through the vault: what a home found by its text is worth, in `pseudo` and in the linkage room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_vault_pseudonymise import Made
from tests.vault_files import MONTH, NHS, POSTCODES, full_project, put_rows, rows_of
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import month as step
from wsd_pipeline.vault.keys import load

pytestmark = pytest.mark.slow

PLACE = POSTCODES[0][0]
HOME = {
    "saon": "FLAT 1",
    "paon": "ALBERT HOUSE 45",
    "street": "CABLE STREET",
    "postcode": PLACE,
    "property_class_code": "RD06",
}
GAZETTEER = [
    {"uprn": "101", **HOME},
    {"uprn": "102", **HOME, "saon": "FLAT 2"},
    {"uprn": "100", **HOME, "saon": "", "property_class_code": "PP"},
    {"uprn": "091", **HOME, "logical_status_code": "8", "end_date": "2010-01-01"},
    {"uprn": "102", **HOME, "saon": "FLAT 2", "paon": "OLD WORKS", "logical_status_code": "3"},
    {"uprn": "500", **HOME, "saon": "", "paon": "30", "property_class_code": "RI01"},
]
TEXT = {"address_line_1": "Flat 1", "address_line_2": "Albert Hse", "address_line_3": "45 Cable St"}
PATIENTS = {
    "by text": {"uprn": "", **TEXT},
    "supplied, whatever is written": {"uprn": "000000000102", **TEXT},
    "a former number": {"uprn": "91"},
    "only the building": {"uprn": "100"},
    "withheld": {"uprn": "102", "is_sensitive": "Y", **TEXT},
    "of another borough": {"uprn": "777"},
    "in a care home": {"uprn": "500"},
    "under the other name": {"uprn": "", "address_line_1": "2 Old Works", "address_line_2": "Cable Street"},
}


def project_of(root: Path) -> Project:
    project = full_project(root)
    base = rows_of("llpg__addresses")[0] | {"parent_uprn": "", "start_date": "1990-01-01"}
    put_rows(project, "llpg__addresses", [base | row for row in GAZETTEER])
    patient = rows_of("gp__registrations")[0] | {"postcode": PLACE, "nhs_number": "", "is_sensitive": "N"}
    people = [patient | row | {"local_patient_id": name} for name, row in PATIENTS.items()]
    put_rows(project, "gp__registrations", people)
    return project


class Found(Made):
    """One run over those patients."""

    def __init__(self, root: Path) -> None:
        from wsd_pipeline.contracts.tokens import IDENTITIES
        from wsd_pipeline.lake import Zone
        from wsd_pipeline.vault import sealed

        self.project = project_of(root)
        self.keys = load(self.project)
        self.report = step.run(self.project, MONTH, self.keys)
        self.staged = self.project.lake / "_staging" / f"vault.{MONTH}.{self.report.key}"
        path = Zone(self.project.linkage_room).path(IDENTITIES.key, MONTH)
        assert path is not None
        self.identities: list[dict[str, Any]] = sealed.read(path, self.keys, MONTH).to_pylist()

    def patient(self, name: str) -> dict[str, Any]:
        wanted = self.record("gp", f"F84001|{name}")
        (row,) = [r for r in self.pseudo("gp__registrations") if str(r["record_id"]) == wanted]
        return row

    def residence(self, kind: str, index: int = 0) -> Any:
        rows = [r for r in self.pseudo("llpg__addresses") if r["property_class_code"] == kind]
        return sorted({r["ralf"] for r in rows}, key=str)[index]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    run = Found(tmp_path_factory.mktemp("vault") / "data")
    assert run.report.stops == ()
    return run


def test_a_home_found_by_text_has_the_residence_pseudonym_of_the_gazetteer(found: Found) -> None:
    row = found.patient("by text")
    assert (row["address_qualifier"], row["address_pattern"]) == ("best_residential", "postcode_exact")
    homes = {r["ralf"] for r in found.pseudo("llpg__addresses") if r["property_class_code"] == "RD06"}
    assert row["ralf"] in homes and row["ralf"] != found.patient("supplied, whatever is written")["ralf"]
    assert found.identity("gp", "F84001|by text")["uprn_token"] == found.token("uprn", "101")


@pytest.mark.parametrize(
    ("name", "qualifier", "pattern", "uprn"),
    [
        ("supplied, whatever is written", "best_residential", "supplied", "102"),
        ("a former number", "best_residential", "supplied", "101"),
        ("only the building", "parent", "supplied", None),
        ("withheld", None, None, None),
        ("of another borough", "outside", "supplied", "777"),
        ("in a care home", "best_other", "supplied", "500"),
        ("under the other name", "best_residential", "postcode_exact", "102"),
    ],
)
def test_what_is_made_of_an_address(
    found: Found, name: str, qualifier: str | None, pattern: str | None, uprn: str | None
) -> None:
    row, tokens = found.patient(name), found.identity("gp", f"F84001|{name}")
    assert (row["address_qualifier"], row["address_pattern"]) == (qualifier, pattern)
    assert (row["ralf"] is None) == (uprn is None)
    assert tokens["uprn_token"] == (uprn and found.token("uprn", uprn))


def test_no_address_is_in_any_staged_value(found: Found) -> None:
    for name in ("gp__registrations", "llpg__addresses"):
        values = {str(v).upper() for row in found.pseudo(name) for v in row.values()}
        assert not [v for v in values if "CABLE" in v or "ALBERT" in v or v in (*NHS, PLACE)]


def test_another_gazetteer_is_another_month_for_every_feed_with_addresses(found: Found) -> None:
    again = step.run(found.project, MONTH, found.keys)
    base = rows_of("llpg__addresses")[0] | {"parent_uprn": ""}
    put_rows(found.project, "llpg__addresses", [base | row for row in GAZETTEER[1:]])
    later = step.run(found.project, MONTH, found.keys)
    keys = {name: (again.tables[name].key, later.tables[name].key) for name in again.tables}
    changed = {name for name, (before, after) in keys.items() if before != after}
    assert {"landed.gp__registrations", "landed.housing__tenancies", "landed.llpg__addresses"} <= changed
    assert "landed.gp__conditions" not in changed
