"""The files themselves: the same bytes from the same seed, in the contracts' layout, and spoilt only when asked."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from synthetic_data import generate
from synthetic_data.checks import drift, received
from synthetic_data.feeds import write
from synthetic_data.feeds.feed import contract
from wsd_pipeline.contracts import landed_tables, table
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow


def a_project(root: Path) -> Project:
    return Project(root=root, name="test", mode=Mode.SYNTHETIC)


def digests(root: Path) -> dict[str, str]:
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def inbox(tmp_path_factory) -> Project:
    project = a_project(tmp_path_factory.mktemp("inbox"))
    generate(project, people=1_500, months=["2026-01", "2026-02"], seed=11)
    return project


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(inbox, tmp_path):
    command = [
        sys.executable,
        "-m",
        "synthetic_data",
        "--people",
        "1500",
        "--months",
        "2",
        "--seed",
        "11",
        "--out",
        str(tmp_path),
    ]
    subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    )
    assert digests(tmp_path / "inbox") == digests(inbox.inbox)


def test_more_months_change_nothing_before_them(inbox, tmp_path):
    generate(a_project(tmp_path), people=1_500, months=["2026-01"], seed=11)
    one, two = digests(tmp_path / "inbox"), digests(inbox.inbox)
    one = {name: value for name, value in one.items() if not name.startswith("_reference")}
    truth = 6  # records, people, identities, opt-outs, defects, facts
    assert len(one) == 2 * len(landed_tables()) + truth  # each feed has a manifest
    assert {name: two[name] for name in one} == one


def test_another_seed_gives_another_borough(inbox, tmp_path):
    generate(a_project(tmp_path), people=1_500, months=["2026-01"], seed=12)
    one, two = digests(tmp_path / "inbox"), digests(inbox.inbox)
    of_people = {feed.name for feed in landed_tables() if feed.person_key}
    told = [name for name in one if name.endswith(".csv") and name.split("/")[0] in of_people]
    assert len(told) == len(of_people)
    assert all(one[name] != two[name] for name in told)


@pytest.mark.parametrize("table", received.FEEDS)
def test_files_are_laid_out_as_the_contract_says(inbox, table):
    made = contract(table)
    path = inbox.inbox / table / write.file_name(made, "2026-01")
    lines = path.read_bytes().decode(made.file.encodings[0]).splitlines()
    assert lines[0].split(made.file.delimiter) == [c.source_header for c in made.landed_columns]
    told = json.loads(path.with_suffix(".manifest.json").read_text())
    assert told["row_count"] == len(lines) - 1
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["feed"] == table
    required = [c.name for c in made.landed_columns if c.required]
    rows = received.feed(inbox, "2026-01", table)
    assert rows.select(required).null_count().row(0) == (0,) * len(required)


def test_postcodes_are_each_in_one_area_and_of_the_right_districts(inbox):
    rows = pl.read_csv(inbox.inbox / "_reference" / "postcodes.csv", infer_schema=False)
    assert rows.columns == [c.name for c in table("reference.postcodes").columns]
    assert rows.select("pcds", "dointr").is_duplicated().sum() == 0
    live = rows.filter(pl.col("doterm").is_null())
    assert live["pcds"].n_unique() == live.height > 169
    assert set(rows["pcds"].str.split(" ").list.first()) <= {
        "E1", "E14", "E1W", "E2", "E3", "E5", "E8", "E9", "E15", "E7",
    }  # fmt: skip


def test_records_hold_postcodes_that_have_ended_and_others_were_used_before(inbox):
    rows = pl.read_csv(inbox.inbox / "_reference" / "postcodes.csv", infer_schema=False)
    ended = rows.filter(pl.col("doterm") == "202511")["pcds"]
    held = received.feed(inbox, "2026-01", "gp__registrations")["postcode"]
    assert held.is_in(ended.implode()).any()
    twice = rows.group_by("pcds").agg(pl.len().alias("uses"), pl.col("lsoa21").n_unique().alias("places"))
    assert twice.filter((pl.col("uses") == 2) & (pl.col("places") == 2)).height > 0


@pytest.mark.parametrize(("months", "people"), [(["2026-01", "2026-03"], 1_000), ([], 1_000), (["2026-01"], 10)])
def test_nonsense_is_refused(tmp_path, months, people):
    with pytest.raises(ValueError, match=r"months|people"):
        generate(a_project(tmp_path), people=people, months=months, seed=1)


@pytest.fixture
def spoilt(inbox, tmp_path) -> Project:
    import shutil

    shutil.copytree(inbox.inbox, tmp_path / "inbox")
    return a_project(tmp_path)


def test_a_column_can_be_renamed(spoilt):
    drift.rename_column(spoilt, "2026-02", "housing__tenancies", "postcode", "PostCode")
    header = next((spoilt.inbox / "housing__tenancies").glob("*_2026-02_*.csv")).read_text("cp1252").splitlines()[0]
    assert "PostCode" in header.split("|") and "postcode" not in header.split("|")


def test_a_provider_can_go_missing(spoilt):
    rows = received.feed(spoilt, "2026-02", "gp__registrations")
    code = rows["practice_code"][0]
    lost = drift.lose_provider(spoilt, "2026-02", "gp__registrations", "practice_code", code)
    left = received.feed(spoilt, "2026-02", "gp__registrations")
    assert lost > 0 and left.height == rows.height - lost
    assert code not in left["practice_code"].to_list()


def test_a_file_can_be_cut_short_or_lost(spoilt):
    path = next((spoilt.inbox / "asc__events").glob("*_2026-02_*.csv"))
    told = json.loads(path.with_suffix(".manifest.json").read_text())
    assert drift.truncate(spoilt, "2026-02", "asc__events", 0.6) > 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() != told["sha256"]
    assert path.read_bytes().count(b"\n") < told["row_count"]
    assert drift.lose_file(spoilt, "2026-02", "education__pupils") > 0
    assert not list((spoilt.inbox / "education__pupils").glob("*_2026-02_*"))


def test_a_label_can_change(spoilt):
    old, new = "Service ended as planned", "Ended as planned"
    count = drift.change_label(spoilt, "2026-02", "asc__events", "event_outcome", old, new)
    labels = received.feed(spoilt, "2026-02", "asc__events")["event_outcome"].to_list()
    assert count > 0 and labels.count(new) == count and old not in labels


def test_events_can_follow_a_death(spoilt):
    count = drift.events_after_death(spoilt, "2026-02", 3)
    con = received.open_month(spoilt, "2026-02")
    found = con.execute(
        "select count(distinct true_person) from apc__episodes join people using (true_person)"
        " where admission_date > death_date"
    ).fetchall()[0][0]
    con.close()
    assert count == found


def test_dates_can_be_defaults_or_change_places(spoilt):
    assert drift.default_dates(spoilt, "2026-02", "mhsds__contacts", "contact_date", 7, "9999-12-31") == 7
    dates = received.feed(spoilt, "2026-02", "mhsds__contacts")["contact_date"]
    assert (dates == date(9999, 12, 31)).sum() == 7
    assert drift.backwards(spoilt, "2026-02", "csds__referrals", "referral_date", "discharge_date", 5) == 5
    rows = received.feed(spoilt, "2026-02", "csds__referrals")
    assert rows.filter(pl.col("discharge_date") < pl.col("referral_date")).height == 5


def test_men_can_be_booked_as_pregnant(spoilt):
    assert drift.male_pregnancies(spoilt, "2026-02", 4) == 4
    people = received.truth(spoilt, "2026-02", "people").join(
        received.truth(spoilt, "2026-02", "identities"), on="true_person"
    )
    men = people.filter(pl.col("sex") == "male")["nhs_number"]
    rows = received.feed(spoilt, "2026-02", "msds__pregnancies")
    assert rows.filter(pl.col("nhs_number").is_in(men.implode())).height == 4
