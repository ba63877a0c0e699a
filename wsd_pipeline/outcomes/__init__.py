"""The outcomes framework: what residents say they want, and what is measured of each of it.

framework.py   config/outcomes.yaml, read and checked whole
models.py      the framework as SQL: `mart.outcomes_istatement`
published.py   its steps that carry through what others publish

What a person feels is never made from records: a metric of kind survey carries a published result through, one of
kind linked counts people and events of the person tables named in `models.SOURCES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from wsd_pipeline.outcomes.framework import Framework, Metric, Statement, load_framework
from wsd_pipeline.sql import Model, parse_model

__all__ = ["Framework", "Metric", "Statement", "generated_models", "load_framework"]


@lru_cache(maxsize=1)
def generated_models() -> Mapping[str, Model]:
    """The models made from the framework that is shipped. Stops with WSD-540 where it cannot be used."""
    from wsd_pipeline.outcomes.models import outcomes_sql

    return {"mart.outcomes_istatement": parse_model("mart.outcomes_istatement", outcomes_sql(load_framework()))}
