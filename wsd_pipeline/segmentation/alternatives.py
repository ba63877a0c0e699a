"""Segments under other thresholds: what the shares would be if a parameter of the rules were another number."""

from __future__ import annotations

from dataclasses import replace

from wsd_pipeline.contracts.checks import literal
from wsd_pipeline.segmentation.models import lifecourse_sql, need_sql
from wsd_pipeline.segmentation.rules import RULES_FILE, RuleSet, load_rules

AS_SHIPPED = "as shipped"
ALTERNATIVES = (
    ("child_upper_age", 17), ("child_upper_age", 19), ("older_age", 55), ("many_conditions", 3), ("many_conditions", 5),
)  # fmt: skip
"""Beside the counts: the 0-17 of statutory data on children, services that begin at 55, three or five conditions."""


def alternatives_sql(rules: RuleSet) -> str:
    """SQL of `segment.alternatives`: each person's segments under every alternative."""
    arms = "\nunion all\n".join(_arm(name, value, rules) for name, value in ALTERNATIVES)
    return f"-- segment.alternatives: one row per alternative and person, with the segments they would be in.\n{arms}\n"


def with_parameter(rules: RuleSet, name: str, value: int) -> RuleSet:
    """The same rules under another number. Stops with WSD-530 where it makes no sense."""
    changed = load_rules(RULES_FILE, {**rules.parameters, name: value})
    return replace(changed, version=rules.version)


def _arm(name: str, value: int, rules: RuleSet) -> str:
    changed = with_parameter(rules, name, value)
    need, life = f"({_body(need_sql(changed))})", _body(lifecourse_sql(changed))
    return f"""select
    life.person_id,
    {literal(f"{name} = {value}")} as alternative,
    lifecourse_segment,
    need_segment,
    life.rule_version
from ({life.replace("from segment.need", f"from {need} as changed_need")}) as life
join {need} as need on need.person_id = life.person_id"""


def _body(text: str) -> str:
    """A model without its first line."""
    return text.split("\n", 1)[1].strip()
