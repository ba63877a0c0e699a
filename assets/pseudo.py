"""Pseudonymised tables: staged by the vault, accepted here through their gate."""

from functools import partial

import dagster as dg

from assets.factory import Step, deps_of, table_asset
from wsd_pipeline import from_vault
from wsd_pipeline.accepting import Outcome
from wsd_pipeline.contracts import landed_tables
from wsd_pipeline.contracts.pseudo import pseudo_table


def pseudo_assets() -> list[dg.AssetsDefinition]:
    """One asset a feed."""
    return [
        table_asset(pseudo_table(feed), deps_of([feed.key]), partial(accept, f"pseudo.{feed.name}"))
        for feed in landed_tables()
    ]


def accept(key: str, step: Step) -> Outcome:
    """Check and promote what the vault staged."""
    from expectations.run import validate

    return from_vault.accept_pseudo(step.session.project, key, step.month, validate)
