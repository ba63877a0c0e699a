"""Segments: which each person falls in, and why."""

import dagster as dg

from assets.factory import sql_assets


def segment_assets() -> list[dg.AssetsDefinition]:
    """The assets of the layer."""
    return sql_assets("segment")
