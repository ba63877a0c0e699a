"""Assets around a library that is played by a stub: what Dagster is told, and what a failure does to the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from assets import factory, jobs, landed
from assets.definitions import defs
from assets.resources import NothingKept, Session
from wsd_pipeline import build, from_vault, gate
from wsd_pipeline.accepting import Outcome
from wsd_pipeline.contracts import tables
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.gate import CheckResult
from wsd_pipeline.messages import Stop
from wsd_pipeline.runs import RunLog
from wsd_pipeline.settings import Mode, Project

pytestmark = pytest.mark.slow

MONTH = "2026-01"
ASSETS = {key for key in tables() if not key.startswith(("reference.", "extract.")) and key != "tokens.closed_records"}


class Library:
    """Stands for the library: makes nothing, and fails the gates of the tables it is told to."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.breaking: dict[str, Exception] = {}
        self.vault_runs = 0

    def made(self, key: str, month: str, *_: Any) -> Outcome:
        if key in self.breaking:
            raise self.breaking[key]
        wrong = 40 if key in self.failing else 0
        results = (
            CheckResult(table=key, column="a", check="required", severity=Severity.CRITICAL, failed=wrong, checked=50),
            CheckResult(
                table=key, column="b", check="one_of", severity=Severity.WARN, failed=30, checked=50, limit=0.1
            ),
        )
        return Outcome(
            table=key, month=month, key="k1", rows=50, reused=False, results=results, stop=gate.stop_for(results, month)
        )

    def report(self, project: Project, month: str) -> Any:
        self.vault_runs += 1
        if "vault" in self.breaking:
            raise self.breaking["vault"]
        outcomes = [
            self.made(key, month) for key in tables() if key.startswith(("landed.", "tokens.")) and key in ASSETS
        ]
        return SimpleNamespace(
            checks=[check for outcome in outcomes for check in outcome.results],
            stops=[outcome.stop for outcome in outcomes if outcome.stop],
            tables={o.table: SimpleNamespace(key="k1", rows=50, reused=False) for o in outcomes if not o.stop},
        )


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    stub = Library()
    monkeypatch.setattr(build, "build_table", lambda project, key, month, validate: stub.made(key, month))
    monkeypatch.setattr(from_vault, "accept_pseudo", lambda project, key, month, validate: stub.made(key, month))
    monkeypatch.setattr(
        from_vault,
        "build_linked",
        lambda project, month, validate: [stub.made(key, month) for key in from_vault.linked_tables()],
    )
    monkeypatch.setattr("assets.resources.run_vault", stub.report)
    monkeypatch.setattr(
        "assets.release.publish", lambda project, month: SimpleNamespace(name="r1", folder=project.root, reused=False)
    )
    return stub


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    project = Project(root=tmp_path / "data", name="test", mode=Mode.SYNTHETIC)
    project.save()
    yield Session(project, RunLog.of(project.root, "TEST"))


def run(session: Session, *keys: str) -> dg.ExecuteInProcessResult:
    """The assets of these tables, or all, run for the month."""
    chosen = dg.AssetSelection.assets(*(factory.asset_key(k) for k in keys)) if keys else dg.AssetSelection.all()
    job = dg.define_asset_job(
        "tested", chosen, executor_def=dg.in_process_executor, config=jobs.logging_config("CRITICAL")
    )
    made = dg.Definitions(
        assets=defs.assets,
        jobs=[job],
        resources={"project": dg.ResourceDefinition.hardcoded_resource(session), "io_manager": NothingKept()},
    )
    return made.resolve_job_def("tested").execute_in_process(partition_key=MONTH, raise_on_error=False)


def steps(result: dg.ExecuteInProcessResult, kind: str) -> set[str]:
    return {event.step_key for event in result.all_events if event.event_type_value == kind}


def checks(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], Any]:
    return {(".".join(e.asset_key.path), e.check_name): e for e in result.get_asset_check_evaluations()}


def test_every_table_is_an_asset_of_its_layer_with_two_checks() -> None:
    graph = defs.resolve_asset_graph()
    expected = {factory.asset_key(key) for key in ASSETS}
    assert set(graph.get_all_asset_keys()) == expected | {dg.AssetKey(["release", "month"])}
    for key in expected:
        node = graph.get(key)
        table = tables()[".".join(key.path)]
        assert node.group_name == table.layer
        assert node.description.startswith(f"One row per {table.grain}")
        assert len(node.metadata["dagster/column_schema"].columns) == len(table.columns)
        assert {check.name for check in node.check_keys} == {"contract", "plausibility"}
        assert node.partitions_def is not None and node.owners and node.kinds


def test_lineage_is_what_the_models_read() -> None:
    graph = defs.resolve_asset_graph()
    for key, model in build.models().items():
        reads = {factory.asset_key(read) for read in model.reads | model.previous if not read.startswith("reference.")}
        assert set(graph.get(factory.asset_key(key)).parent_keys) == reads, key
    spine = graph.get(factory.asset_key("linked.spine"))
    assert factory.asset_key("linked.spine") in spine.parent_keys, "it stands on last month's"
    assert factory.asset_key("tokens.identities") in spine.parent_keys


def test_last_month_is_a_dependency_one_month_back() -> None:
    (before,) = factory.deps_of([], ["person.profile"])
    (both,) = factory.deps_of(["person.profile", "reference.lsoa21"], ["person.profile"])
    assert (before.partition_mapping.start_offset, before.partition_mapping.end_offset) == (-1, -1)
    assert (both.partition_mapping.start_offset, both.partition_mapping.end_offset) == (-1, 0)


def test_a_whole_month_runs_the_vault_once_and_tells_counts(library: Library, session: Session) -> None:
    result = run(session)
    assert result.success
    assert library.vault_runs == 1
    assert steps(result, "STEP_FAILURE") == set()
    found = checks(result)
    assert len(found) == 2 * len(ASSETS)
    assert all(evaluation.passed for (_, name), evaluation in found.items() if name == "contract")
    warned = found["person.profile", "plausibility"]
    assert not warned.passed and warned.severity is dg.AssetCheckSeverity.WARN
    assert warned.metadata["rules_failed"].value == 1
    record = warned.metadata["results"].records[0].data
    assert record == {"passed": False, "column": "b", "rule": "one_of", "failed": 30, "checked": 50, "limit_pct": 10.0}
    made = result.asset_materializations_for_node("person__profile")[0].metadata
    assert made["dagster/row_count"].value == 50 and made["content_key"].value == "k1"
    noted = {line["table"]: line["state"] for line in session.log.read() if line["event"] == "table"}
    assert set(noted) == ASSETS | {"release.month"}
    assert set(noted.values()) == {"built"}


def test_a_failed_gate_fails_its_step_and_only_what_is_downstream(library: Library, session: Session) -> None:
    library.failing = {"landed.asc__events"}
    result = run(session)
    assert not result.success
    assert steps(result, "STEP_FAILURE") == {"landed__asc__events"}
    assert "pseudo__housing__tenancies" in steps(result, "STEP_SUCCESS"), "siblings run"
    assert {"pseudo__asc__events", "linked", "release__month"} & steps(result, "STEP_SUCCESS") == set()
    (failure,) = [e.step_failure_data for e in result.all_events if e.is_step_failure]
    assert failure.user_failure_data.metadata["code"].value == "WSD-120"
    assert not failure.user_failure_data.description.startswith("dagster")
    evaluation = checks(result)["landed.asc__events", "contract"]
    assert not evaluation.passed and evaluation.blocking
    assert not any(e.is_step_materialization and e.step_key == "landed__asc__events" for e in result.all_events)
    stopped = [line for line in session.log.read() if line["event"] == "stopped"]
    assert [(line["code"], line["table"]) for line in stopped] == [("WSD-120", "landed.asc__events")]


def test_linked_tables_stand_or_fall_together(library: Library, session: Session) -> None:
    library.failing = {"linked.spine"}
    result = run(session, *from_vault.linked_tables())
    assert not result.success
    assert not any(e.is_step_materialization for e in result.all_events)
    found = checks(result)
    assert not found["linked.spine", "contract"].passed and found["linked.edges", "contract"].passed
    assert len([line for line in session.log.read() if line["event"] == "stopped"]) == 1


def test_a_stop_of_the_whole_vault_fails_every_feed_and_is_said_once(library: Library, session: Session) -> None:
    library.breaking = {"vault": Stop("WSD-500", project="test")}
    result = run(session)
    assert library.vault_runs == 1
    feeds = {key.replace(".", "__") for key in tables() if key.startswith("landed.")}
    assert steps(result, "STEP_FAILURE") == feeds
    assert [line["code"] for line in session.log.read() if line["event"] == "stopped"] == ["WSD-500"]


def test_an_error_that_quotes_data_is_not_repeated(library: Library, session: Session) -> None:
    library.breaking = {"person.profile": ValueError("could not convert ZQXSURNAME")}
    result = run(session, "person.profile")
    assert not result.success
    assert "ZQX" not in str(list(result.all_events))
    (failure,) = [e.step_failure_data for e in result.all_events if e.is_step_failure]
    assert failure.user_failure_data.metadata["code"].value == "WSD-290"
    assert "ValueError" in failure.user_failure_data.description
    assert "ZQX" not in session.log.path.read_text()


def test_a_table_the_vault_is_silent_about_is_not_taken_for_made(session: Session) -> None:
    session._reports[MONTH] = SimpleNamespace(checks=[], stops=[], tables={})
    outcome = landed.report_on("landed.gp__conditions", factory.Step(None, session, MONTH))
    assert outcome.stop is not None and outcome.stop.code == "WSD-201"


def test_dagster_is_never_given_a_value_to_keep() -> None:
    keeper = NothingKept()
    keeper.handle_output(dg.build_output_context(), None)
    with pytest.raises(TypeError):
        keeper.handle_output(dg.build_output_context(), [1])


@pytest.mark.parametrize(
    ("first", "last", "count"), [("2026-01", "2026-02", 2), ("2019-11", "2020-02", 4), ("2098-12", "2099-01", 2)]
)
def test_months_do_not_depend_on_the_clock(first: str, last: str, count: int) -> None:
    from assets.months import monthly

    keys = monthly(first, last).get_partition_keys()
    assert (keys[0], keys[-1], len(keys)) == (first, last, count)


def test_records_are_kept_whole_while_nobody_waits(tmp_path: Path) -> None:
    from assets.records import unhurried_records

    with unhurried_records(), dg.DagsterInstance.local_temp(str(tmp_path)) as instance:

        @dg.op
        def nothing() -> None:
            return None

        @dg.job(config=jobs.logging_config("CRITICAL"))
        def small() -> None:
            nothing()

        run_id = small.execute_in_process(instance=instance).run_id
    with dg.DagsterInstance.local_temp(str(tmp_path)) as again:
        assert again.get_run_by_id(run_id).is_success
        assert any(e.is_dagster_event and e.dagster_event.is_step_success for e in again.all_logs(run_id))
    for file in tmp_path.rglob("*.db"):
        assert sqlite3.connect(file).execute("pragma integrity_check").fetchone() == ("ok",)
