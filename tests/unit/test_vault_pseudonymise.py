"""What goes out of the vault: pseudonyms that agree, places and months instead of addresses and dates, tokens alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.vault_files import (
    BIRTHS,
    FORENAMES,
    MONTH,
    NHS,
    POSTCODES,
    SURNAMES,
    full_project,
    hand_feeds,
    put_rows,
    rows_of,
)
from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Project
from wsd_pipeline.vault import month as step
from wsd_pipeline.vault import sealed
from wsd_pipeline.vault.keys import Keys, load
from wsd_pipeline.vault.report import Report
from wsd_pipeline.vault.tokens import reference_digest
from wsd_pipeline.vault.truth import truth_path

pytestmark = pytest.mark.slow

OLD, MIDDLE, NEW = "9990000069", "9990000077", "9990000085"
CLOSED = NHS[1]


def prepared(root: Path) -> Project:
    """Five people everywhere, and: merged and closed numbers, a withheld address, history in social care, truth."""
    project = full_project(root)
    lines = ["old_nhs_number,new_nhs_number,reason", f"{OLD},{MIDDLE},merged", f"{MIDDLE},{NEW},merged"]
    lines += [f"{CLOSED},{NHS[2]},adoption"]
    (project.inbox / "_reference" / "nhs_supersessions.csv").write_text("\n".join(lines) + "\n")
    events = rows_of("asc__events")
    old_address = {"postcode": "E14 5AB", "uprn": "777"}
    earlier = {**events[0], **old_address, "event_start_date": "01/01/2020", "surname": "Maiden"}
    later = {**events[0], "postcode": "E2 0BB", "uprn": "", "event_start_date": "02/12/2025", "surname": ""}
    swapped = {**events[4], "nhs_number": OLD}
    put_rows(project, "asc__events", [later, earlier, *events[1:4], swapped])
    truth = project.inbox / "_truth" / MONTH
    truth.mkdir(parents=True)
    people = {"source": ["gp", "asc"], "person_key": ["F84001|L0", "A0"], "true_person": [7, 7]}
    pl.DataFrame(people).write_parquet(truth / "records.parquet")
    pl.DataFrame({"true_person": [7], "sex": ["male"], "surname": ["Begum"]}).write_parquet(truth / "people.parquet")
    return project


class Made:
    """One run of the step over the prepared project, and its tables."""

    def __init__(self, root: Path) -> None:
        self.project = prepared(root)
        self.keys: Keys = load(self.project)
        self.report: Report = step.run(self.project, MONTH, self.keys)
        self.staged = self.project.lake / "_staging" / f"vault.{MONTH}.{self.report.key}"
        path = Zone(self.project.linkage_room).path(IDENTITIES.key, MONTH)
        assert path is not None
        self.identities: list[dict[str, Any]] = sealed.read(path, self.keys, MONTH).to_pylist()

    def pseudo(self, name: str) -> list[dict[str, Any]]:
        import duckdb

        with duckdb.connect() as con:
            columns = [c.name for c in table(f"pseudo.{name}").columns]
            rows = con.execute(f"select * from read_parquet('{self.staged}/pseudo.{name}.parquet')").fetchall()
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def record(self, source: str, key: str) -> str:
        digest = reference_digest(self.keys.source(source, "record"), key)
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"

    def identity(self, source: str, key: str) -> dict[str, Any]:
        wanted = self.record(source, key)
        (found,) = [r for r in self.identities if r["source"] == source and str(r["record_id"]) == wanted]
        return found

    def token(self, kind: str, text: str) -> int:
        return int(reference_digest(self.keys.link(kind), text)[:16], 16)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    run = Made(tmp_path_factory.mktemp("vault") / "data")
    assert run.report.stops == ()
    return run


@pytest.mark.parametrize("name", [t.name for t in hand_feeds()])
def test_pseudo_tables_are_typed_and_ordered_by_their_contract(made: Made, name: str) -> None:
    import duckdb

    contract = table(f"pseudo.{name}")
    with duckdb.connect() as con:
        found = con.execute(f"describe select * from read_parquet('{made.staged}/{contract.key}.parquet')").fetchall()
    assert [(c[0], c[1]) for c in found] == [(c.name, c.type.replace(", ", ",")) for c in contract.columns]
    rows = made.pseudo(name)
    assert len(rows) == made.report.tables[f"landed.{name}"].rows
    keys = [tuple(r[k] for k in contract.unique_key) for r in rows]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_no_identity_is_in_any_staged_byte_or_value(made: Made) -> None:
    secrets = {*NHS, *SURNAMES, *(p for p, _ in POSTCODES), "6000000", "E0", "H0", "A0", "T0", OLD, "1980-05-17"}
    for path in made.staged.glob("*.parquet"):
        data = path.read_bytes()
        values = {str(v) for row in made.pseudo(path.stem.split(".", 1)[1]) for v in row.values()}
        assert not secrets & values
        assert not [s for s in secrets if len(s) > 3 and s.encode() in data]


def test_a_person_has_one_record_id_in_every_table_of_a_source(made: Made) -> None:
    listed = {str(r["record_id"]) for r in made.pseudo("gp__registrations")}
    assert {str(r["record_id"]) for r in made.pseudo("gp__conditions")} == listed
    assert made.record("gp", "F84001|L0") in listed
    keyed = {r["local_patient_key"] for r in made.pseudo("gp__registrations")}
    assert keyed == {r["local_patient_key"] for r in made.pseudo("gp__conditions")}


def test_dates_of_birth_become_months_and_placeholders_nothing(made: Made) -> None:
    months = sorted(str(r["birth_month"]) for r in made.pseudo("gp__registrations"))
    assert months == sorted([*(f"{b[:8]}01" for b in BIRTHS[:4]), "None"])


def test_ages_are_completed_years_on_the_day(made: Made) -> None:
    ages = {str(r["birth_month"])[:4]: r["admission_age_years"] for r in made.pseudo("apc__episodes")}
    assert ages == {"1980": 45, "1990": 36, "2010": 15, "2025": 0, "None": None}


def test_the_address_of_a_sensitive_record_is_never_used(made: Made) -> None:
    withheld = made.record("gp", "F84001|L2")
    for row in made.pseudo("gp__registrations"):
        hidden = str(row["record_id"]) == withheld
        assert (row["lsoa21"] is None, row["ralf"] is None) == (hidden, hidden)
    tokens = made.identity("gp", "F84001|L2")
    places = ("postcode_token", "sector_token", "outward_token", "uprn_token")
    assert [tokens[name] for name in places] == [None] * 4


def test_one_home_has_one_residence_pseudonym_in_every_source(made: Made) -> None:
    tenants = {r["ralf"] for r in made.pseudo("housing__tenancies")}
    assert {r["ralf"] for r in made.pseudo("gp__registrations")} - {None} < tenants
    assert {r["lsoa21"] for r in made.pseudo("housing__tenancies")} == {lsoa for _, lsoa in POSTCODES}


def test_a_feed_of_places_has_no_person_and_the_same_residence_pseudonyms(made: Made) -> None:
    places = made.pseudo("llpg__addresses")
    assert "record_id" not in places[0]
    assert {r["ralf"] for r in places} == {r["ralf"] for r in made.pseudo("housing__tenancies")}
    assert len({r["parent_ralf"] for r in places}) == 1, "the UPRN of a building is under the key of homes too"
    assert "llpg" not in {r["source"] for r in made.identities}
    assert not {"uprn", "saon", "postcode", "street"} & set(places[0])


def test_identities_hold_one_row_for_each_record(made: Made) -> None:
    keys = [(r["source"], r["record_id"]) for r in made.identities]
    assert len(keys) == len(set(keys)) == 30
    assert list(made.identities[0]) == [c.name for c in IDENTITIES.columns]


def test_tokens_are_those_of_the_normalised_values(made: Made) -> None:
    found = made.identity("gp", "F84001|L0")
    expected = {
        "nhs_token": made.token("nhs", NHS[0]), "nhs_state": "valid",
        "forename_token": made.token("name", "rahim"), "surname_token": made.token("name", "begum"),
        "former_surname_token": None, "forename_initial_token": made.token("initial", "r"),
        "forename_phonetic_token": made.token("phonetic", "R500"),
        "surname_phonetic_token": made.token("phonetic", "B250"),
        "name_tokens": sorted([made.token("name", "rahim"), made.token("name", "begum")]),
        "birth_date_token": made.token("birth_date", "1980-05-17"),
        "birth_year_token": made.token("birth_year", "1980"),
        "birth_month_token": made.token("day_or_month", "05"), "birth_day_token": made.token("day_or_month", "17"),
        "is_birth_heaped": False, "sex_token": made.token("sex", "male"),
        "postcode_token": made.token("postcode", "E1 4AA"), "sector_token": made.token("sector", "E1 4"),
        "outward_token": made.token("outward", "E1"), "uprn_token": made.token("uprn", "6000000"),
        "practice_token": made.token("practice", "F84001"), "upn_token": None,
    }  # fmt: skip
    assert {k: found[k] for k in expected} == expected


def test_placeholders_are_never_hashed(made: Made) -> None:
    baby, default_date = made.identity("gp", "F84001|L3"), made.identity("gp", "F84001|L4")
    assert FORENAMES[3] == "BABY"
    assert (baby["forename_token"], baby["forename_phonetic_token"]) == (None, None)
    assert default_date["birth_date_token"] is None
    assert made.identity("gp", "F84001|L1")["is_birth_heaped"]


def test_merged_numbers_are_followed_to_the_end_and_closed_ones_never(made: Made) -> None:
    merged, closed = made.identity("asc", "A4"), made.identity("gp", "F84001|L1")
    assert (merged["nhs_token"], merged["nhs_state"]) == (made.token("nhs", NEW), "superseded")
    assert (closed["nhs_token"], closed["nhs_state"]) == (made.token("nhs", CLOSED), "valid")


def test_the_latest_known_value_is_taken_and_an_address_from_one_row(made: Made) -> None:
    found = made.identity("asc", "A0")
    assert found["postcode_token"] == made.token("postcode", "E2 0BB")
    assert found["uprn_token"] is None, "the UPRN of an older address does not go with the new postcode"
    assert found["surname_token"] == made.token("name", "maiden"), "an empty name does not replace a known one"


def test_truth_is_sealed_under_the_same_pseudonyms_without_names(made: Made) -> None:
    rows = sealed.read(truth_path(made.project, MONTH), made.keys, MONTH).to_pylist()
    assert {str(r["record_id"]) for r in rows} == {made.record("gp", "F84001|L0"), made.record("asc", "A0")}
    assert {(r["true_person"], r["sex"]) for r in rows} == {(7, "male")}
    assert "surname" not in rows[0]


def test_the_same_inputs_give_the_same_bytes(made: Made, tmp_path: Path) -> None:
    again = Made(tmp_path / "data")
    assert again.report.key == made.report.key
    assert again.identities == made.identities
    for path in made.staged.glob("*.parquet"):
        assert path.read_bytes() == (again.staged / path.name).read_bytes()


def test_the_vaults_tables_are_sealed_and_its_records_hold_no_values(made: Made) -> None:
    for path in made.project.vault.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [s for s in (*NHS, "Okafor", "Miah", "E1 4AA") if s.encode() in data]
    pointer = json.loads((made.project.vault / "_pointers" / "landed.gp__registrations" / f"{MONTH}.json").read_text())
    assert pointer["facts"]["kcv"] == made.keys.check_value()


def test_closed_numbers_are_in_the_linkage_room_as_tokens(made: Made) -> None:
    room = Zone(made.project.linkage_room).pointer(IDENTITIES.key, MONTH)
    assert room is not None
    path = made.project.linkage_room / room.files["tokens.closures"]
    pair = {"old_nhs_token": made.token("nhs", CLOSED), "new_nhs_token": made.token("nhs", NHS[2])}
    assert sealed.read(path, made.keys, MONTH).to_pylist() == [pair]
