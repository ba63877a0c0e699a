"""Linkage: four tables made together in the vault's child process and promoted together or not at all."""

from collections.abc import Iterator

import dagster as dg

from assets.factory import Result, Step, check_specs_of, deps_of, run_step, spec_of
from wsd_pipeline import from_vault
from wsd_pipeline.accepting import Outcome
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts import table as contract
from wsd_pipeline.contracts.tokens import ROOM


def linked_assets() -> list[dg.AssetsDefinition]:
    """The one step of the four tables; it stands on last month's."""
    keys = from_vault.linked_tables()
    checked_against = [f"pseudo.{feed.name}" for feed in landed_tables() if feed.identity_columns]
    deps = deps_of([*(table.key for table in ROOM), *checked_against])

    @dg.multi_asset(
        name="linked",
        specs=[spec_of(contract(key), [*deps, *deps_of([], [key])]) for key in keys],
        check_specs=[check for key in keys for check in check_specs_of(key)],
        required_resource_keys={"project"},
    )
    def linked(context: dg.AssetExecutionContext) -> Iterator[Result]:
        yield from run_step(context, keys, link)

    return [linked]


def link(step: Step) -> list[Outcome]:
    """Link the month. Where one table fails its gate none is accepted, and none is reported as made."""
    from dataclasses import replace

    from expectations.run import validate

    outcomes = from_vault.build_linked(step.session.project, step.month, validate)
    stop = next((outcome.stop for outcome in outcomes if outcome.stop), None)
    return [replace(outcome, stop=outcome.stop or stop) for outcome in outcomes]
