"""The gap between the best- and the worst-linked group of each source: a gate, since who is not linked looks healthy.

How wide it may be is the steward's: `config/linkage.yaml`. Rounded counts and the chance of small groups are let pass:
a group fails when even the upper bound of its interval lies further below the best group's lower bound than allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expectations.rules import CHECKED, Rule
from wsd_pipeline.linkage.policy import GroupGap, load_group_gap


def gap_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """No group of a source is surely further behind the best-linked one than the policy allows."""
    del facts
    return [gap_rule(load_group_gap())]


def gap_rule(gap: GroupGap) -> Rule:
    """The rule of a policy."""
    judged = (
        f"select source, value_low_pct, value_high_pct from {CHECKED} where measure = '{gap.measure}'"
        f" and group_type = '{gap.group_type}' and group_value <> 'Unknown' and source <> 'all'"
        f" and denominator_count >= {gap.minimum_records}"
    )
    best = f"select source, max(value_low_pct) as low_pct from ({judged}) group by source"
    behind = (
        f"select count(*) from ({judged}) as one join ({best}) as best on best.source = one.source"
        f" where one.value_high_pct < best.low_pct - {gap.points}"
    )
    return Rule(
        check="group_gap",
        failed=f"0 * count(*) + ({behind})",
        checked=f"(select count(*) from ({judged}))",
        description=f"within a source, no group's match rate is surely more than {gap.points:g} points below the best",
    )
