"""Marts of metrics: from a declaration, and what each person adds to it, to a SELECT. README.md says how to add one.

steps.py    the steps that every such SELECT has, the outcomes framework's too
models.py   the SELECT of each mart declared with `contracts.metrics.metric_mart`
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from wsd_pipeline.sql import Model, parse_model

__all__ = ["generated_models"]


@lru_cache(maxsize=1)
def generated_models() -> Mapping[str, Model]:
    """The model of every mart of metrics among the contracts."""
    from wsd_pipeline.contracts import tables
    from wsd_pipeline.contracts.metrics import MetricMart
    from wsd_pipeline.metrics.models import metrics_sql

    marts = [table for table in tables().values() if isinstance(table, MetricMart)]
    return {mart.key: parse_model(mart.key, metrics_sql(mart)) for mart in marts}
