"""People at the snapshot: one SQL model each."""

import dagster as dg

from assets.factory import sql_assets


def person_assets() -> list[dg.AssetsDefinition]:
    """The assets of the layer."""
    return sql_assets("person")
