"""Segments: rules as data, first match wins and says why.

expression.py   the little language of conditions, and what it refuses
rules.py        the rule file, read and checked whole
models.py       the rules as SQL
profile.py      what rules may ask, as SQL
cohorts.py      cohorts: criteria in order, members, attrition, near misses
alternatives.py segments under other thresholds
explain.py      why one person is in their segments
what_if.py      the segments of a month under other numbers, protected, never written
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from wsd_pipeline.segmentation.rules import Evidence, Rule, RuleSet, load_rules
from wsd_pipeline.sql import Model, parse_model

__all__ = ["Evidence", "Rule", "RuleSet", "generated_models", "load_rules", "models_for"]


def models_for(rules: RuleSet) -> Mapping[str, Model]:
    """The models of `person.profile`, and of the segments under these rules."""
    from wsd_pipeline.segmentation.alternatives import alternatives_sql
    from wsd_pipeline.segmentation.models import groupings_sql, lifecourse_sql, need_sql, reasons_sql
    from wsd_pipeline.segmentation.profile import profile_sql

    texts = {
        "person.profile": profile_sql(),
        "segment.reasons": reasons_sql(rules),
        "segment.need": need_sql(rules),
        "segment.lifecourse": lifecourse_sql(rules),
        "segment.groupings": groupings_sql(rules),
        "segment.alternatives": alternatives_sql(rules),
    }
    return {key: parse_model(key, text) for key, text in texts.items()}


@lru_cache(maxsize=1)
def generated_models() -> Mapping[str, Model]:
    """The models made from the rules and cohorts that are shipped. Stops with WSD-530 or 531 where one is broken."""
    from wsd_pipeline.segmentation.cohorts import cohorts_sql, load_cohorts

    cohorts = parse_model("segment.cohorts", cohorts_sql(load_cohorts()))
    return {**models_for(load_rules()), "segment.cohorts": cohorts}
