"""What a real run left in Dagster's own records, and the same run started as its page starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.resources import quiet_environment
from tests.conftest import CHECKOUT, MONTHS, Ran
from tests.pipeline.test_first_run import copied, hashes
from wsd_pipeline.contracts import tables
from wsd_pipeline.runs import latest_run
from wsd_pipeline.settings import Project

pytestmark = pytest.mark.pipeline

ASSETS = [key for key in tables() if not key.startswith(("reference.", "extract.")) and key != "tokens.closed_records"]


@pytest.fixture
def records(ran: Ran, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's records of the session's run, in a copy."""
    with dg.DagsterInstance.from_config(str(copied(ran, tmp_path).dagster_home)) as instance:
        yield instance


def test_each_month_is_one_successful_run_with_every_table(records: dg.DagsterInstance) -> None:
    runs = {run.tags["dagster/partition"]: run for run in records.get_runs()}
    assert set(runs) == set(MONTHS) and all(run.is_success for run in runs.values())
    for key in ASSETS:
        assert records.get_materialized_partitions(dg.AssetKey(key.split("."))) == set(MONTHS), key


def test_records_hold_counts_and_no_logs_of_steps(ran: Ran) -> None:
    home = ran.project.dagster_home
    assert not list(home.rglob("*.err")) and not list(home.rglob("*.out")) and not list(home.rglob("storage/*/*"))


def run_as_the_page_does(project: Project, month: str) -> int:
    """The month's job in a process of its own, by Dagster's own runner; its exit code (Dagster's is always 1)."""
    command = [sys.executable, "-m", "dagster", "job", "execute", "-m", "assets.definitions", "-j", "monthly_refresh"]
    tags = json.dumps({"dagster/partition": month})
    environment = {**os.environ, **quiet_environment(project)}
    done = subprocess.run(
        [*command, "--tags", tags],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.returncode


def asked(project: Project, query: str) -> dict[str, Any]:
    """The answer of Dagster's GraphQL, which is what its page shows."""
    command = [
        sys.executable,
        "-c",
        "from dagster_graphql.cli import main; main()",
        "-w",
        "workspace.yaml",
        "-t",
        query,
    ]
    environment = {**os.environ, **quiet_environment(project)}
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=180, check=True
    )
    answer = next(line for line in done.stdout.splitlines() if line.startswith('{"data"'))
    return json.loads(answer)["data"]


def test_the_page_runs_the_same_job_with_the_same_result(ran: Ran, tmp_path: Path) -> None:
    copy = copied(ran, tmp_path)
    before = hashes(copy, MONTHS[-1])
    assert run_as_the_page_does(copy, MONTHS[-1]) == 0
    assert hashes(copy, MONTHS[-1]) == before
    lines = latest_run(copy.root).read()
    assert (lines[0]["event"], lines[0]["month"], lines[-1]["event"]) == ("started", MONTHS[-1], "finished")
    assert {line["state"] for line in lines if line["event"] == "table"} == {"reused"}


def test_a_failed_gate_is_shown_as_failed_and_accepts_nothing(ran: Ran, tmp_path: Path) -> None:
    copy = copied(ran, tmp_path)
    before = hashes(copy, MONTHS[-1])
    (path,) = (copy.inbox / "education__pupils").glob(f"*_{MONTHS[-1]}_*.csv")
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    later = path.with_name(path.name.replace(path.stem.rsplit("_", 1)[1], "209901010000"))
    later.write_text("\n".join([header.replace("dob", "date of birth"), *rows]) + "\n", encoding="utf-8")
    assert run_as_the_page_does(copy, MONTHS[-1]) == 1
    assert hashes(copy, MONTHS[-1]) == before
    shown = asked(
        copy,
        "{ runsOrError(limit: 1) { ... on Runs { results { status stepStats { stepKey status }"
        " eventConnection { events { ... on ExecutionStepFailureEvent"
        " { stepKey failureMetadata { description } } } }"
        " } } } }",
    )
    (run,) = shown["runsOrError"]["results"]
    states = {step["stepKey"]: step["status"] for step in run["stepStats"]}
    assert run["status"] == "FAILURE"
    assert states["landed__education__pupils"] == "FAILURE"
    assert states["landed__gp__registrations"] == "SUCCESS" == states["pseudo__gp__registrations"]
    assert "SUCCESS" not in {states.get(step) for step in ("pseudo__education__pupils", "linked", "release__month")}
    (words,) = [event["failureMetadata"] for event in run["eventConnection"]["events"] if event]
    assert words["description"].startswith("WSD-112")
    assert [line["code"] for line in latest_run(copy.root).read() if line["event"] == "stopped"] == ["WSD-112"]
