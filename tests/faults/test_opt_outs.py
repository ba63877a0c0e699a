"""Opt-outs and restricted codes: nothing of the person goes further, the rest of the month stands, all is counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.faults.conftest import make
from tests.vault_files import MONTH, NHS, full_project, put_reference, put_rows, rows_of
from wsd_pipeline import from_vault
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.lake import Zone
from wsd_pipeline.notes import noted
from wsd_pipeline.settings import Mode, Project, Scope, month_after
from wsd_pipeline.vault import sealed
from wsd_pipeline.vault.keys import load
from wsd_pipeline.vault.tokens import reference_digest

GP, CONDITIONS, CARE = "gp__registrations", "gp__conditions", "asc__events"
HOSPITAL = "apc__episodes"
COUNCIL = ("education", "housing")
NEXT = month_after(MONTH)
WHO = 0
"""The person who objects: one row in every feed, and nowhere two."""


def national(project: Project, *numbers: str, since: str = "2020-01-01", until: str = "") -> None:
    rows = [{"nhs_number": n, "effective_from": since, "withdrawn_on": until} for n in numbers]
    put_reference(project, "national_opt_outs", rows)


def spine(project: Project, month: str = MONTH) -> list[dict[str, Any]]:
    path = Zone(project.lake).path("linked.spine", month)
    assert path is not None
    return [row for row in pq.read_table(path).to_pylist() if row["is_current"]]


def sources(project: Project, month: str = MONTH) -> Counter[str]:
    return Counter(row["source"] for row in spine(project, month))


def rows_in(project: Project, name: str, month: str = MONTH) -> int:
    path = Zone(project.lake).path(f"pseudo.{name}", month)
    assert path is not None
    return pq.read_metadata(path).num_rows


def record(project: Project, source: str, key: str) -> str:
    return reference_digest(load(project).source(source, "record"), key)[:32]


def everywhere(project: Project, *records: str) -> list[str]:
    """The tables of the lake that hold any of the records, by any column."""
    found = []
    for path in sorted(project.lake.glob("**/*.parquet")):
        with duckdb.connect() as con:
            columns = [c[0] for c in con.sql(f"select * from '{path}' limit 0").description if c[1] == "UUID"]
            for column in columns:
                held = f"select replace(\"{column}\"::varchar, '-', '') as held from '{path}'"
                if con.execute(f"select count(*) from ({held}) where held in {(*records, '')}").fetchall()[0][0]:
                    found.append(f"{path.parent.parent.name}.{column}")
    return found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return full_project(tmp_path / "data")


def test_a_national_opt_out_takes_the_person_out_of_everything(project: Project) -> None:
    national(project, NHS[WHO])
    assert make(project) == {}
    for name in (GP, CONDITIONS, HOSPITAL, CARE, "ecds__attendances"):
        assert rows_in(project, name) == 4
    mine = [record(project, source, key) for source, key in (("gp", "F84001|L0"), ("apc", "R1H|H0"), ("asc", "A0"))]
    assert everywhere(project, *mine) == []
    assert sources(project) == dict.fromkeys(("gp", "apc", "asc", "ecds", *COUNCIL), 4), "found by linkage in the rest"
    facts = Zone(project.lake).pointer("linked.spine", MONTH).facts  # type: ignore[union-attr]
    assert (facts["opted_out_people"], facts["opted_out_records"]) == (1, 6)
    counted = {
        (feed, reason): n
        for feed, reason, n in noted(project, ["reference.removed_rows"], MONTH)["reference.removed_rows"]
    }
    assert counted[GP, "national_opt_out"] == counted[CONDITIONS, "national_opt_out"] == 1


def test_nothing_of_what_the_row_said_is_kept_in_the_vault(project: Project) -> None:
    national(project, NHS[WHO])
    assert make(project) == {}
    zone, keys = Zone(project.vault), load(project)
    pointer = zone.pointer(f"landed.{GP}", MONTH)
    assert pointer is not None
    landed = sealed.read(zone.root / pointer.files[f"landed.{GP}"], keys, MONTH).to_pylist()
    assert NHS[WHO] not in [row["nhs_number"] for row in landed]
    (kept,) = sealed.read(zone.root / pointer.files[f"objected.{GP}"], keys, MONTH).to_pylist()
    assert "ethnic_category" not in kept and "registration_type" not in kept


def test_scope_health_only_leaves_the_councils_rows(tmp_path: Path) -> None:
    project = full_project(tmp_path / "data", ndoo_scope=Scope.HEALTH_ONLY)
    national(project, NHS[WHO])
    assert make(project) == {}
    found = sources(project)
    assert found["gp"] == found["apc"] == 4 and found["education"] == found["housing"] == 5
    tokens = Zone(project.linkage_room).path(IDENTITIES.key, MONTH)
    assert tokens is not None
    assert len(sealed.read(tokens, load(project), MONTH)) == sum(found.values()), "no token of who is taken out is made"


@pytest.mark.parametrize(
    ("since", "until", "left"),
    [("2026-02-01", "", 5), ("2020-01-01", "2026-01-31", 5), ("2026-01-31", "2026-02-01", 4)],
)
def test_an_opt_out_holds_from_its_day_until_it_is_withdrawn(
    project: Project, since: str, until: str, left: int
) -> None:
    national(project, NHS[WHO], since=since, until=until)
    assert make(project) == {}
    assert rows_in(project, GP) == left


def test_an_opt_out_under_a_number_replaced_since_is_followed(project: Project) -> None:
    old = "9990000069"
    put_reference(
        project, "nhs_supersessions", [{"old_nhs_number": old, "new_nhs_number": NHS[WHO], "reason": "merged"}]
    )
    national(project, old)
    assert make(project) == {}
    assert rows_in(project, GP) == 4


def test_of_the_cleaned_list_who_is_not_on_it_goes(project: Project) -> None:
    rows = [{"nhs_number": n, "checked_on": "2026-01-20"} for n in NHS if n != NHS[WHO]]
    put_reference(project, "national_cleaned_list", rows)
    assert make(project) == {}
    assert rows_in(project, GP) == 4 and sources(project)["housing"] == 4


def test_an_old_cleaned_list_is_refused(project: Project) -> None:
    put_reference(project, "national_cleaned_list", [{"nhs_number": n, "checked_on": "2026-01-09"} for n in NHS])
    assert make(project)[""].code == "WSD-142"


def test_a_local_opt_out_counts_as_its_own(project: Project) -> None:
    put_reference(project, "local_opt_outs", [{"nhs_number": NHS[WHO], "effective_from": "2020-01-01"}])
    assert make(project) == {}
    reasons = {reason for _, reason, _ in noted(project, ["reference.removed_rows"], MONTH)["reference.removed_rows"]}
    assert reasons == {"local_opt_out"} and rows_in(project, GP) == 4


def test_who_is_flagged_type_1_goes_from_what_practices_sent_and_from_nothing_else(project: Project) -> None:
    flagged = [row | {"has_type1_optout": "Y" if place == WHO else "N"} for place, row in enumerate(rows_of(GP))]
    put_rows(project, GP, flagged, stamp="202602020900")
    assert make(project) == {}
    assert rows_in(project, GP) == rows_in(project, CONDITIONS) == 4
    assert rows_in(project, HOSPITAL) == rows_in(project, CARE) == 5
    (told,) = [c for c in from_vault.run_vault(project, MONTH).checks if c.check == "type_1_opt_out"]
    assert (told.failed, told.checked, told.passed) == (1, 5, False), "the practice's system let one through"


def test_a_feed_that_comes_again_alone_still_leaves_the_person_out(project: Project) -> None:
    """The conditions hold no number: who objects is known from the registrations, which are not read again."""
    national(project, NHS[WHO])
    assert make(project) == {}
    put_rows(project, CONDITIONS, [row | {"value": "49.0"} for row in rows_of(CONDITIONS)], stamp="202602020900")
    assert make(project) == {}
    assert rows_in(project, CONDITIONS) == 4 and sources(project)["housing"] == 4


def test_a_late_opt_out_takes_the_person_out_of_the_next_month(project: Project) -> None:
    assert make(project) == {}
    (person,) = {
        row["person_id"] for row in spine(project) if row["record_id"].hex == record(project, "gp", "F84001|L0")
    }
    for feed in project.feeds:
        put_rows(project, feed, month=NEXT, stamp="202603020900")
    national(project, NHS[WHO], since="2026-02-15")
    assert make(project, NEXT) == {}
    assert sources(project, NEXT)["gp"] == sources(project, NEXT)["housing"] == 4
    assert sources(project)["gp"] == 5, "what was made before stands"
    ledger = pq.read_table(Zone(project.lake).path("linked.ledger", NEXT)).to_pylist()
    assert [(e["event"], e["person_id"]) for e in ledger] == [("withdrawn", person)]
    last = month_after(NEXT)
    for feed in project.feeds:
        gone = 0 if feed in ("education__pupils", "housing__tenancies", "llpg__addresses") else 1
        put_rows(project, feed, rows_of(feed)[gone:], month=last)
    assert make(project, last) == {}
    assert sources(project, last)["housing"] == 4, (
        "the landlord's record stays out when nobody else's tells whose it is"
    )


def test_a_live_project_is_refused_without_a_national_list(tmp_path: Path) -> None:
    from wsd_pipeline.messages import Stop
    from wsd_pipeline.vault import opt_outs

    live = Project(root=tmp_path, name="live", mode=Mode.LIVE)
    with pytest.raises(Stop) as stop:
        opt_outs.load(duckdb.connect(), live, dict.fromkeys(opt_outs.LISTS), MONTH)
    assert (stop.value.code, stop.value.facts["table"]) == ("WSD-101", "reference.national_opt_outs")


@pytest.mark.parametrize("values", [{"snomed_code": "8098009"}, {"cluster_id": "STI_COD"}])
def test_a_gp_file_with_a_restricted_code_is_refused_whole(project: Project, values: dict[str, str]) -> None:
    rows = [row | values if place == WHO else row for place, row in enumerate(rows_of(CONDITIONS))]
    put_rows(project, CONDITIONS, rows, stamp="202602020900")
    stops = make(project)
    assert stops[f"landed.{CONDITIONS}"].code == "WSD-133"
    assert not any(value in stop.text() for stop in stops.values() for value in values.values())
    assert Zone(project.lake).path(f"pseudo.{CONDITIONS}", MONTH) is None


NAMELESS = dict.fromkeys(("nhs_number", "birth_date", "postcode"), "")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"diagnosis_01_code": "O049"}, "restricted_code"),
        ({"diagnosis_03_code": "Z21X"}, "restricted_code"),
        ({"operation_02_code": "Q131"}, "restricted_code"),
        ({"treatment_specialty_code": "360"}, "restricted_code"),
        ({"diagnosis_01_code": "N980", **NAMELESS}, "restricted_code_unidentified"),
    ],
)
def test_a_hospital_row_with_a_restricted_code_goes_no_further(
    project: Project, values: dict[str, str], reason: str
) -> None:
    rows = [row | values if place == WHO else row for place, row in enumerate(rows_of(HOSPITAL))]
    put_rows(project, HOSPITAL, rows, stamp="202602020900")
    assert make(project) == {}
    assert rows_in(project, HOSPITAL) == sources(project)["apc"] == 4
    removed = noted(project, ["reference.removed_rows"], MONTH)["reference.removed_rows"]
    assert removed == [(HOSPITAL, reason, 1)]


def test_a_code_that_only_begins_like_a_whole_one_is_no_restricted_code(project: Project) -> None:
    rows = [row | {"diagnosis_01_code": "O03", "diagnosis_02_code": "Z220"} for row in rows_of(HOSPITAL)]
    put_rows(project, HOSPITAL, rows, stamp="202602020900")
    assert make(project) == {} and rows_in(project, HOSPITAL) == 5
