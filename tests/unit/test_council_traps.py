"""What the council's files do that a first version gets wrong: files written by hand, through the vault's own step."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from synthetic_data.services.council.bedrooms import needed
from synthetic_data.world import people as invented
from wsd_pipeline import flows
from wsd_pipeline.contracts import landed_tables, table
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Becomes, Identity, LandedTable
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.contracts.tokens import IDENTITIES
from wsd_pipeline.gate import CheckResult, failures
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault import checks, normalise, sealed
from wsd_pipeline.vault import month as step
from wsd_pipeline.vault.keys import Keys, load
from wsd_pipeline.vault.land import Landing, land
from wsd_pipeline.vault.preflight import check
from wsd_pipeline.vault.report import Report
from wsd_pipeline.vault.tokens import reference_digest

HAND = Path(__file__).resolve().parents[1] / "handwritten"
MONTH = "2026-01"
SOURCES = (
    "asc", "csc", "education", "ncmp", "homelessness", "housing", "housing_register", "adaptations", "council_tax",
    "benefits", "personalised_care",
)  # fmt: skip
FEEDS = tuple(feed.name for feed in landed_tables() if feed.source in SOURCES)
POSTCODES = (("E1 4AA", "E01004200"), ("E2 0BB", "E01004201"), ("E14 5AB", "E01004202"), ("RM8 2AA", "E01033769"))


class Made:
    """The step `month` over every hand-written file of the council, and its tables."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root=root, name="hand", mode=Mode.SYNTHETIC, feeds=FEEDS)
        self.project.save()
        reference = self.project.inbox / "_reference"
        reference.mkdir()
        lines = ["pcds,lsoa21,dointr,doterm", *(f"{p},{lsoa},198001," for p, lsoa in POSTCODES)]
        (reference / "postcodes.csv").write_text("\n".join(lines) + "\n")
        for name in FEEDS:
            folder = self.project.inbox / name
            folder.mkdir()
            shutil.copy(HAND / f"{name}.csv", folder / f"{name}_711_{MONTH}_202602010900.csv")
        self.keys: Keys = load(self.project)
        self.report: Report = step.run(self.project, MONTH, self.keys)
        self.staged = self.project.lake / "_staging" / f"vault.{MONTH}.{self.report.key}"
        path = Zone(self.project.linkage_room).path(IDENTITIES.key, MONTH)
        assert path is not None
        self.identities: list[dict[str, Any]] = sealed.read(path, self.keys, MONTH).to_pylist()

    def pseudo(self, name: str) -> list[dict[str, Any]]:
        columns = [c.name for c in table(f"pseudo.{name}").columns]
        with duckdb.connect() as con:
            rows = con.execute(f"select * from read_parquet('{self.staged}/pseudo.{name}.parquet')").fetchall()
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def record(self, source: str, key: str) -> str:
        digest = reference_digest(self.keys.source(source, "record"), key)
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"

    def rows_of(self, name: str, key: str) -> list[dict[str, Any]]:
        wanted = self.record(table(f"landed.{name}").source, key)  # type: ignore[attr-defined]
        return [row for row in self.pseudo(name) if str(row["record_id"]) == wanted]

    def identity(self, source: str, key: str) -> dict[str, Any] | None:
        wanted = self.record(source, key)
        found = [r for r in self.identities if r["source"] == source and str(r["record_id"]) == wanted]
        return found[0] if found else None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("council"))


@pytest.mark.slow
def test_every_file_is_taken_in(made: Made) -> None:
    assert made.report.stops == ()
    assert {f"landed.{name}" for name in FEEDS} <= made.report.tables.keys()


@pytest.mark.slow
def test_an_unborn_child_has_no_date_of_birth(made: Made) -> None:
    (unborn,) = made.rows_of("csc__children", "100235")
    assert unborn["birth_month"] is None
    assert unborn["expected_birth_month"] == date(2026, 5, 1)
    known = made.identity("csc", "100235")
    assert known is not None
    assert known["birth_date_token"] is None
    assert known["forename_token"] is None


@pytest.mark.slow
def test_a_record_closed_by_adoption_recognises_nobody(made: Made) -> None:
    assert made.rows_of("csc__children", "100237"), "the child is in the file"
    assert made.identity("csc", "100237") is None
    assert made.identity("csc", "100236") is not None


@pytest.mark.slow
def test_a_placement_is_not_a_home(made: Made) -> None:
    rows = made.rows_of("csc__looked_after", "100236")
    assert {row["placement_lsoa21"] for row in rows} == {None, "E01004201"}
    feed = table("landed.csc__looked_after")
    assert isinstance(feed, LandedTable)
    assert feed.says is None
    assert not {"lsoa21", "ralf"} & {c.name for c in pseudo_table(feed).columns}
    child = made.identity("csc", "100236")
    home = made.identity("csc", "100234")
    assert child is not None and home is not None
    assert child["postcode_token"] is None, "the file of children gives none, and no placement stands in for it"
    assert home["postcode_token"] is not None


@pytest.mark.slow
def test_a_carer_points_to_the_record_of_the_person_cared_for(made: Made) -> None:
    (carer,) = made.rows_of("asc__events", "P5002")
    assert str(carer["cared_for_record_id"]) == made.record("asc", "P5001")


@pytest.mark.slow
def test_a_year_of_birth_is_not_a_date_of_birth(made: Made) -> None:
    (child,) = made.rows_of("homelessness__people", "H-2025-881|2")
    assert (child["birth_month"], child["birth_year"]) == (None, 2016)
    known = made.identity("homelessness", "H-2025-881|2")
    assert known is not None
    assert (known["birth_date_token"], known["birth_year_token"]) == (None, None)


@pytest.mark.slow
def test_a_stay_outside_the_borough_is_nobodys_address(made: Made) -> None:
    feed = table("landed.homelessness__placements")
    assert isinstance(feed, LandedTable)
    assert feed.says is not None and feed.says.address is not None
    path = made.staged / "pseudo.homelessness__placements.parquet"
    with duckdb.connect() as con:
        addresses = con.execute(
            f"select distinct is_out_of_borough, lsoa21 from read_parquet('{path}') where {feed.says.address.where}"
        ).fetchall()
    assert addresses == [(False, "E01004201")]


@pytest.mark.slow
def test_no_amount_of_benefit_leaves_the_vault(made: Made) -> None:
    columns = table("pseudo.benefits__claimants").columns
    assert not [c.name for c in columns if c.type.startswith(("DECIMAL", "DOUBLE", "FLOAT"))]
    awards = {
        (row["has_housing_benefit"], row["has_council_tax_reduction"]) for row in made.pseudo("benefits__claimants")
    }
    assert awards == {(True, True), (False, True)}
    assert {row["has_discretionary_payment"] for row in made.pseudo("benefits__claimants")} == {False}


@pytest.mark.slow
def test_a_national_insurance_number_is_not_read(made: Made) -> None:
    assert "QQ123456C" in (HAND / "benefits__claimants.csv").read_text(encoding="cp1252")
    for feed in landed_tables():
        headers = [re.sub("[^a-z]", "", c.source_header.lower()) for c in feed.landed_columns]
        assert not [h for h in headers if re.fullmatch("(ni|nino|ninumber|nationalinsurance.*)", h)], feed.key


def test_a_home_with_an_account_names_nobody() -> None:
    feed = table("landed.council_tax__accounts")
    assert isinstance(feed, LandedTable)
    assert feed.person_key == () and not feed.identity_columns
    becomes = {c.name: c.becomes for c in feed.landed_columns}
    assert becomes["liable_party_name"] is Becomes.DROP


def test_what_the_law_restricts_needs_a_gateway() -> None:
    restricted = {feed.source for feed in landed_tables() if feed.restricted_by}
    assert restricted == {*flows.NEEDS_GATEWAY} == {"benefits", "council_tax"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as session:
        session.execute("set async_threads = 0")
        normalise.define(session)
        yield session


def landed(
    con: duckdb.DuckDBPyConnection, name: str, *rows: dict[str, str], times: int = 1
) -> tuple[Landing, list[CheckResult]]:
    """The first hand-written row of a feed, changed in each of `rows`, landed and checked; keys are told apart."""
    feed = table(f"landed.{name}")
    assert isinstance(feed, LandedTable)
    text = (HAND / f"{name}.csv").read_bytes().decode(feed.file.encodings[0])
    first = next(csv.DictReader(io.StringIO(text), delimiter=feed.file.delimiter))
    headers = {c.name: c.source_header for c in feed.landed_columns}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(headers.values()), delimiter=feed.file.delimiter, extrasaction="ignore")
    writer.writeheader()
    for turn in range(times):
        for row in rows:
            own = {headers[k]: v.format(turn) for k, v in row.items()}
            writer.writerow({**first, **own})
    data = out.getvalue().replace("\r\n", "\n").encode(feed.file.encodings[0])
    made = land(con, feed, check(data, feed.key, feed.file, MONTH), MONTH)
    return made, [*made.checks, *checks.check_rows(con, feed, "landed", MONTH)]


def ends(con: duckdb.DuckDBPyConnection, column: str) -> list[Any]:
    return [v for (v,) in con.execute(f'select "{column}" from landed order by all').fetchall()]


def test_of_events_sent_again_the_latest_submission_stands(con: duckdb.DuckDBPyConnection) -> None:
    early = {"reporting_period_end_date": "30/09/2025", "event_outcome": "Provision of service"}
    late = {"reporting_period_end_date": "31/12/2025", "event_outcome": "No change in package"}
    made, _ = landed(con, "asc__events", late, early)
    assert (made.rows, made.resubmitted) == (1, 1)
    assert ends(con, "event_outcome") == ["No change in package"]


def test_an_event_is_known_by_what_it_is_not_by_its_reference_or_its_end(con: duckdb.DuckDBPyConnection) -> None:
    open_yet = {"event_reference": "S1", "event_end_date": "", "service_component": "Home Support"}
    ended = {"event_reference": "S77", "event_end_date": "30/11/2025", "service_component": "Home Support"}
    another = {"event_reference": "S1", "event_end_date": "", "service_component": "Day Support"}
    made, _ = landed(con, "asc__events", open_yet, ended, another)
    assert (made.rows, made.resubmitted) == (2, 1)
    assert ends(con, "event_end_date") == [date(2025, 11, 30), None]


def test_labels_that_drift_are_still_known(con: duckdb.DuckDBPyConnection) -> None:
    drifted = {"event_outcome": "NFA – 100% NHS-funded care", "event_type": "Service", "event_reference": "S{}"}
    _, results = landed(con, "asc__events", drifted)
    assert [r for r in results if r.column == "event_outcome" and r.failed] == []
    _, results = landed(con, "asc__events", {"event_outcome": "No such outcome"})
    assert [r.failed for r in results if r.column == "event_outcome"] == [1]


def test_a_plan_without_a_pupil_number_is_held_back_and_the_file_taken(con: duckdb.DuckDBPyConnection) -> None:
    known = {"upn": "J2114201150{:02d}"}
    made, results = landed(con, "education__ehc_plans", *([known] * 9), {"upn": ""}, times=40)
    assert (made.rows, made.quarantined) == (40, 40)
    assert failures(results, Severity.CRITICAL) == []


def test_people_known_by_year_of_birth_do_not_stop_the_file(con: duckdb.DuckDBPyConnection) -> None:
    told = {"case_ref": "H{}", "birth_date": "17/05/1989"}
    year = {"case_ref": "H{}", "birth_date": "1989"}
    made, results = landed(con, "homelessness__people", *([told] * 9), year, times=40)
    assert failures(results, Severity.CRITICAL) == []
    assert con.execute("select distinct reason from quarantine").fetchall() == [("unreadable_date",)]
    assert made.rows == 40 and set(ends(con, "birth_date")) == {None}


def test_heights_and_weights_exchanged_are_noticed(con: duckdb.DuckDBPyConnection) -> None:
    _, results = landed(con, "ncmp__measurements", {"height_cm": "18.4", "weight_kg": "109.2"})
    assert [r.failed for r in results if r.check == "height_and_weight_exchanged"] == [1]
    _, results = landed(con, "ncmp__measurements", {"height_cm": "109.2", "weight_kg": "18.4"})
    assert [r.failed for r in results if r.check == "height_and_weight_exchanged"] == [0]


def test_a_bmi_beyond_belief_is_noticed(con: duckdb.DuckDBPyConnection) -> None:
    for z, failed in (("5.3", 1), ("-5.3", 1), ("4.9", 0), ("5", 0)):
        _, results = landed(con, "ncmp__measurements", {"bmi_z_score": z})
        assert [r.failed for r in results if r.column == "bmi_z_score" and r.check == "between"] == [failed], z


def test_the_cap_of_a_grant_and_its_flag_agree(con: duckdb.DuckDBPyConnection) -> None:
    cap = 30_000  # pounds, since 2008
    for cost, flag, failed in ((cap, "N", 0), (cap + 1, "Y", 0), (cap + 1, "N", 1), (cap, "Y", 1)):
        _, results = landed(con, "housing__adaptations", {"cost_gbp": str(cost), "is_cap_exceeded": flag})
        assert [r.failed for r in results if r.check == "cap_flag_agrees"] == [failed], flag


def test_the_bedroom_standard() -> None:
    state = invented.start(3, 400, 20_454)
    p = state.people
    households = (
        ([(40, 2), (41, 1)], True, 1),  # a couple
        ([(40, 2), (41, 1)], False, 2),  # two adults who are none
        ([(40, 2), (12, 1), (14, 1)], False, 2),  # two boys share
        ([(40, 2), (12, 1), (14, 2)], False, 3),  # a boy and a girl do not
        ([(40, 2), (3, 1), (8, 2)], False, 2),  # two small children share
        ([(40, 2), (14, 2), (5, 2)], False, 2),  # a girl takes in a small one
        ([(40, 2), (14, 2), (5, 1)], False, 3),  # and not a small boy
        ([(40, 2), (21, 1), (20, 1)], False, 3),  # a room of one's own from twenty-one
    )
    rows = np.arange(sum(len(h) for h, _, _ in households))
    house = np.repeat(np.arange(len(households)), [len(h) for h, _, _ in households])
    ages, sexes = np.array([person for h, _, _ in households for person in h]).T
    p["birth"][rows] = state.today - np.ceil(ages * 365.25).astype(int) - 30
    p["sex"][rows], p["house"][rows], p["partner"][rows] = sexes, house, -1
    for number, (_, is_couple, _) in enumerate(households):
        if is_couple:
            pair = rows[house == number]
            p["partner"][pair] = pair[::-1]
    assert needed(state, rows, house, len(households)).tolist() == [n for _, _, n in households]


def test_the_pupil_number_recognises_pupils_in_every_file_that_has_it() -> None:
    for name in ("education__pupils", "education__ehc_plans", "csc__children"):
        feed = table(f"landed.{name}")
        assert isinstance(feed, LandedTable)
        assert feed.identity_columns[Identity.UPN].becomes is Becomes.TOKEN, name
