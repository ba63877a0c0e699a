"""Marts: what is published, protected before it is written."""

import dagster as dg

from assets.factory import sql_assets


def mart_assets() -> list[dg.AssetsDefinition]:
    """The assets of the layer."""
    return sql_assets("mart")
