"""Over every feed of an invented borough: nobody who has opted out is in anything made of the month."""

from __future__ import annotations

import json

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from synthetic_data import generate
from wsd_pipeline import from_vault
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.pseudo import pseudo_table
from wsd_pipeline.contracts.reference.opt_outs import TYPE_1
from wsd_pipeline.lake import Zone
from wsd_pipeline.settings import Mode, Project
from wsd_pipeline.vault.keys import load
from wsd_pipeline.vault.tokens import id_column

pytestmark = pytest.mark.pipeline

MONTH = "2026-01"


def accept_all(*_: object) -> list:
    return []


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(root=tmp_path_factory.mktemp("opt_outs") / "data", name="opt_outs", mode=Mode.SYNTHETIC)
    project.save()
    generate(project, people=1500, months=[MONTH], seed=11)
    assert from_vault.run_vault(project, MONTH).stops == ()
    for feed in landed_tables():
        from_vault.accept_pseudo(project, pseudo_table(feed).key, MONTH, accept_all)
    assert not any(outcome.stop for outcome in from_vault.build_linked(project, MONTH, accept_all))
    return project


@pytest.fixture(scope="module")
def objectors(project: Project) -> pl.DataFrame:
    """Records of people who have opted out: source, record_id, opt_out, and whether the supplier wrote their number."""
    truth = project.inbox / "_truth" / MONTH
    gone = pl.read_parquet(truth / "opt_outs.parquet").unique("true_person")
    records = pl.read_parquet(truth / "records.parquet").join(gone, on="true_person")
    keys = load(project)
    return pl.concat(
        part.with_columns(record_id=id_column(part["person_key"], keys.source(str(source), "record")))
        for (source,), part in records.group_by("source")
    )


def test_about_one_in_twenty_has_opted_out(project: Project, objectors: pl.DataFrame) -> None:
    people = pl.read_parquet(project.inbox / "_truth" / MONTH / "people.parquet").height
    assert 0.03 < objectors["true_person"].n_unique() / people < 0.08


def test_no_record_that_bears_their_number_is_in_any_table(project: Project, objectors: pl.DataFrame) -> None:
    taken = objectors.filter(pl.col("opt_out") != TYPE_1)
    numbered = _records_with_a_number(project)
    gone = set(taken.filter(pl.concat_str("source", "person_key", separator=" ").is_in(numbered))["record_id"])
    assert len(gone) > 150
    for feed in landed_tables():
        if feed.person_key:
            assert not gone & held(project, pseudo_table(feed).key), feed.key
    assert not gone & held(project, "linked.spine")


def test_their_other_records_are_found_and_taken_out(project: Project, objectors: pl.DataFrame) -> None:
    """Of a school's, a landlord's and other records without a number, as many as linkage finds of anybody's."""
    without = objectors.filter(pl.col("source").is_in(["education", "housing", "council_tax", "csc"]))
    left = without.filter(pl.col("record_id").is_in(list(held(project, "linked.spine"))))
    assert without.height > 20 and left.height < 0.25 * without.height


def test_coverage_is_counted(project: Project) -> None:
    removed = json.loads((project.lake / "_vault" / f"{MONTH}.json").read_text())["feeds"]
    assert removed["landed.gp__registrations"]["removed"]["national_opt_out"] > 30


def held(project: Project, key: str) -> set[str]:
    path = Zone(project.lake).path(key, MONTH)
    assert path is not None
    return {value.hex for value in pq.read_table(path, columns=["record_id"])["record_id"].to_pylist()}


def _records_with_a_number(project: Project) -> list[str]:
    """Source and person key of records whose file gives the true number of somebody: as the supplier wrote it."""
    true = pl.read_parquet(project.inbox / "_truth" / MONTH / "identities.parquet")
    numbers = [*true["nhs_number"], *true["former_nhs_number"].drop_nulls()]
    found: list[str] = []
    for feed in landed_tables():
        column = next((c for part, c in feed.identity_columns.items() if part.value == "nhs_number"), None)
        if column is None:
            continue
        (path,) = (project.inbox / feed.name).glob(f"*_{MONTH}_*.csv")
        headers = [feed.column(name).source_header for name in feed.person_key]  # type: ignore[attr-defined]
        with duckdb.connect() as con:
            key = " || '|' || ".join(f'"{header}"' for header in headers)
            text = f"read_csv('{path}', all_varchar = true, delim = '{feed.file.delimiter}', strict_mode = false)"
            rows = con.execute(f'select {key}, "{column.source_header}" from {text}').fetchall()
        known = set(numbers)
        found += [f"{feed.source} {person}" for person, number in rows if number in known]
    return found
