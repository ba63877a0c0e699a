"""What the vault makes of the health feeds' files: which of two rows counts, what is allowed to be absent or ahead."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from tests.vault_files import as_bytes
from tests.vault_session import vault_session
from wsd_pipeline.contracts import landed_tables, national, table
from wsd_pipeline.contracts.checks import plain_label
from wsd_pipeline.contracts.clusters import CLUSTERS
from wsd_pipeline.contracts.core import Identity, LandedTable
from wsd_pipeline.contracts.landed import gp_appointments, outpatients
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault.examine import Examined, examine
from wsd_pipeline.vault.mapping import layout_of
from wsd_pipeline.vault.receive import receive

ROOT = Path(__file__).resolve().parents[2]
HANDWRITTEN = ROOT / "tests" / "handwritten"
MONTH = "2026-01"
SUBMITTED = (
    "mhsds__people", "mhsds__referrals", "mhsds__contacts", "mhsds__cpa", "mhsds__ward_stays", "mhsds__detentions",
    "csds__people", "csds__referrals", "csds__contacts", "msds__pregnancies", "msds__babies",
    "talking_therapies__referrals",
)  # fmt: skip
REFRESHED = ("apc__episodes", "op__appointments", "ecds__attendances")


def feed_of(name: str) -> LandedTable:
    found = table(f"landed.{name}")
    assert isinstance(found, LandedTable)
    return found


def by_hand(name: str) -> list[dict[str, str]]:
    """The rows of the hand-written file, by column name."""
    feed = feed_of(name)
    rows = pl.read_csv(HANDWRITTEN / f"{name}.csv", infer_schema=False)
    return rows.rename({c.source_header: c.name for c in feed.landed_columns}).fill_null("").to_dicts()


def landed(folder: Path, name: str, rows: list[dict[str, str]]) -> tuple[Examined, pl.DataFrame]:
    """What the vault makes of rows: its judgement, and the rows that would be carried on."""
    feed = feed_of(name)
    path = folder / f"{name}_ORG_{MONTH}_202602010900.csv"
    path.write_bytes(as_bytes(feed, rows))
    layout = layout_of(Project(root=folder, name="x", mode=Mode.SYNTHETIC), feed, MONTH)
    with vault_session() as con:
        found = examine(con, feed, receive(path, feed.key, layout, MONTH, folder), layout, Mode.SYNTHETIC, MONTH)
        return found, con.sql("select * exclude (row_number) from landed").pl()


def failing(found: Examined) -> set[tuple[str, str]]:
    return {(r.column, r.check) for r in found.results if r.failed}


def test_every_national_data_set_is_submitted_month_by_month() -> None:
    national_sets = ("mhsds", "csds", "msds", "talking_therapies")
    assert {t.name for t in landed_tables() if t.source in national_sets} == set(SUBMITTED)


@pytest.mark.parametrize("name", SUBMITTED)
def test_of_two_submissions_of_a_row_the_later_month_counts(tmp_path: Path, name: str) -> None:
    row = by_hand(name)[0]
    later, earlier = {**row, "submission_month_number": "1510"}, {**row, "submission_month_number": "1509"}
    found, kept = landed(tmp_path, name, [later, earlier])
    assert (kept["submission_month_number"].to_list(), found.resubmitted) == ([1510], 1)


@pytest.mark.parametrize("name", REFRESHED)
def test_of_a_row_sent_again_the_later_sending_counts(tmp_path: Path, name: str) -> None:
    row = by_hand(name)[0]
    later, earlier = (
        {**row, "interchange_time": "2026-01-20 03:00:00"},
        {**row, "interchange_time": "2025-12-20 03:00:00"},
    )
    found, kept = landed(tmp_path, name, [later, earlier])
    assert kept["interchange_time"].dt.month().to_list() == [1] and found.resubmitted == 1


@pytest.mark.parametrize("name", ["mhsds__cpa", "mhsds__ward_stays", "mhsds__detentions", "msds__babies"])
def test_a_file_without_a_row_is_taken_where_there_may_be_none(tmp_path: Path, name: str) -> None:
    found, kept = landed(tmp_path, name, [])
    assert (found.stop, kept.height) == (None, 0)


@pytest.mark.parametrize(
    ("name", "ahead"),
    [
        ("op__appointments", "appointment_date"),
        ("gp__appointments", "appointment_date"),
        ("msds__pregnancies", "expected_date"),
    ],
)
def test_what_is_to_come_is_no_mistake(tmp_path: Path, name: str, ahead: str) -> None:
    found, kept = landed(tmp_path, name, [{**by_hand(name)[0], ahead: "2026-07-01"}])
    assert found.stop is None and kept.height == 1
    assert ahead not in {column for column, _ in failing(found)}


@pytest.mark.parametrize(
    ("name", "happened"),
    [
        ("mhsds__contacts", "contact_date"),
        ("deaths__registrations", "death_date"),
        ("msds__pregnancies", "booking_date"),
    ],
)
def test_what_has_happened_is_not_ahead(tmp_path: Path, name: str, happened: str) -> None:
    found, _ = landed(tmp_path, name, [{**by_hand(name)[0], happened: "2026-07-01"}])
    assert (happened, "not_in_future") in failing(found)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("mhsds__contacts", "contact_date"),
        ("csds__referrals", "referral_date"),
        ("gp__appointments", "appointment_date"),
        ("op__appointments", "request_date"),
        ("talking_therapies__referrals", "first_assessment_date"),
        ("births__registrations", "registration_date"),
    ],
)
@pytest.mark.parametrize("default", ["1900-01-01", "9999-12-31"])
def test_a_default_date_is_counted(tmp_path: Path, name: str, day: str, default: str) -> None:
    found, _ = landed(tmp_path, name, [{**by_hand(name)[0], day: default}])
    if default < "1948" or day != "appointment_date":  # an appointment may be ahead
        assert day in {column for column, _ in failing(found)}


def test_a_stay_whose_identity_the_law_withholds_is_carried_on_without_one(tmp_path: Path) -> None:
    withheld = [row for row in by_hand("apc__episodes") if row["spell_id"] == "SP1004"]
    assert withheld[0]["nhs_number"] == withheld[0]["birth_date"] == withheld[0]["postcode"] == ""
    found, kept = landed(tmp_path, "apc__episodes", withheld)
    assert (found.stop, found.quarantined, kept.height) == (None, 0, 1)


def test_twins_are_two_births(tmp_path: Path) -> None:
    twins = [row for row in by_hand("births__registrations") if row["is_multiple_birth"] == "Y"]
    found, kept = landed(tmp_path, "births__registrations", [{**twin, "sex": "1"} for twin in twins])
    assert (kept.height, found.resubmitted) == (2, 0)
    assert kept["birth_date"].n_unique() == kept["postcode"].n_unique() == 1


def test_a_birth_is_known_by_the_babys_number_and_the_mothers_goes_no_further(tmp_path: Path) -> None:
    row = by_hand("births__registrations")[0]
    _, kept = landed(tmp_path, "births__registrations", [row])
    number = feed_of("births__registrations").identity_columns[Identity.NHS_NUMBER]
    assert kept[number.name].to_list() == ["9990000050"] and row["mother_nhs_number"] == "9990000018"
    carried = {c.name for c in pseudo_table(feed_of("births__registrations")).columns}
    assert not {"mother_nhs_number", "nhs_number", "mother_key"} & carried


def test_the_underlying_cause_is_the_cause_and_not_the_first_mentioned(tmp_path: Path) -> None:
    _, kept = landed(tmp_path, "deaths__registrations", by_hand("deaths__registrations")[:1])
    assert kept["cause_01_code"].to_list() == ["J189"]
    assert kept["underlying_cause_code"].to_list() == ["I509"]


def test_a_death_registered_again_after_the_inquest_has_its_later_cause(tmp_path: Path) -> None:
    row = by_hand("deaths__registrations")[1]
    final, interim = (
        {**row, "underlying_cause_code": "X70X"},
        {**row, "underlying_cause_code": "R99X", "registration_date": "2025-06-02"},
    )
    found, kept = landed(tmp_path, "deaths__registrations", [final, interim])
    assert (kept["underlying_cause_code"].to_list(), found.resubmitted) == (["X70X"], 1)


def test_a_death_of_long_ago_is_no_mistake(tmp_path: Path) -> None:
    row = {**by_hand("deaths__registrations")[1], "death_date": "2024-12-30", "registration_date": "2026-01-29"}
    found, kept = landed(tmp_path, "deaths__registrations", [row])
    assert found.stop is None and not failing(found) and kept.height == 1


def test_mother_and_baby_are_two_people_of_one_source_joined_by_the_pregnancy() -> None:
    mother, baby = feed_of("msds__pregnancies"), feed_of("msds__babies")
    assert mother.source == baby.source and mother.person_key == baby.person_key
    for feed in (mother, baby):
        assert "pregnancy_key" in {c.name for c in pseudo_table(feed).columns}
    assert Identity.POSTCODE in mother.identity_columns and Identity.POSTCODE not in baby.identity_columns


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("gp__appointments", "status", "See Dr Patel"),
        ("op__appointments", "attendance_code", "1"),
        ("mhsds__referrals", "team_type_code", "CMHT"),
        ("csds__referrals", "team_type", "Nurse Begum"),
        ("deaths__registrations", "underlying_cause_code", "heart failure"),
    ],
)
def test_what_is_no_code_is_counted(tmp_path: Path, name: str, column: str, value: str) -> None:
    found, _ = landed(tmp_path, name, [{**by_hand(name)[0], column: value}])
    assert column in {c for c, _ in failing(found)}


def test_a_value_in_another_unit_is_counted(tmp_path: Path) -> None:
    measured = [row for row in by_hand("gp__conditions") if row["cluster_id"] == "IFCCHBAM_COD"]
    for value, counted in (("7.2", {("", "value_of_its_kind")}), ("55", set())):
        found, kept = landed(tmp_path, "gp__conditions", [{**measured[0], "value": value}])
        assert (failing(found), kept.height, found.stop) == (counted, 1, None)


def test_every_measured_cluster_has_a_unit_that_may_pass_and_bounds() -> None:
    from wsd_pipeline.contracts.codes import UNITS

    for name, cluster in CLUSTERS.items():
        assert name.endswith("_COD")
        assert (cluster.unit is None) == (cluster.low is None) == (cluster.high is None), name
        assert cluster.unit is None or cluster.unit in UNITS, name


def listed_in(model: str, pattern: str) -> list[set[str]]:
    """The lists of quoted values that follow a pattern in a SQL model."""
    text = (ROOT / "sql" / "person" / f"{model}.sql").read_text(encoding="utf-8")
    return [set(re.findall(r"'([^']+)'", values)) for values in re.findall(pattern + r" in \(([^)]*)\)", text)]


def test_the_models_and_the_contracts_agree_on_what_was_attended() -> None:
    assert listed_in("contacts", r"plain_label\(status\)") == [{plain_label(s) for s in gp_appointments.ATTENDED}]
    assert listed_in("outpatients", r"[(]attendance_code") == [
        set(outpatients.ATTENDED),
        set(outpatients.DID_NOT_ATTEND),
    ]
    for model in ("contacts", "mental_health_referrals"):
        sets = listed_in(model, r"\sattendance_code")
        assert sets and all(found == set(national.ATTENDED) for found in sets), model
