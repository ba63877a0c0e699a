"""What a contract cannot state: a table against last month's, and against the tables it must agree with.

Limits here are the partnership's choice, not a law: each is a constant with its reason. Rules that need a month
before, an input or truth are left out where there is none, never passed silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from expectations.addresses import address_rules
from expectations.group_gap import gap_rules
from expectations.linked import accuracy_rules, edge_rules, review_rules, spine_rules
from expectations.reconciled import cost_rules, feed_rules, household_rules, profile_rules, summary_rules
from expectations.rules import CHECKED, PREVIOUS, Rule
from wsd_pipeline.contracts import ON_REQUEST
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Privacy, Table

VOLUME_LIMIT = 0.15
"""A month rarely changes a feed by more than a seventh; more is a missing provider or a doubled file."""

VOLUME_FLOOR = 20
"""Fewer rows than this gained or lost are chance, as is anything within three standard errors of a count."""

FILLED_DROP_POINTS = 10
"""A column that loses this many percentage points of its values has stopped being sent by someone."""

SEGMENT_DRIFT = 0.02
"""A segment that gains or loses two points of the people in a month is a changed feed or rule, unless declared."""

COMPARED_LAYERS = ("pseudo", "person", "segment")

RuleMaker = Callable[[Mapping[str, Any]], list[Rule]]
"""Makes the rules of one table from the facts of the build: month, snapshot date, last month's file, inputs."""


def handwritten_rules(table: Table, facts: Mapping[str, Any]) -> list[Rule]:
    """The rules of `table` that need more than its own contract."""
    rules: list[Rule] = []
    has_previous = facts["previous"] is not None
    if has_previous and (table.layer in COMPARED_LAYERS or table.key == "linked.spine"):
        rules.append(volume_rule())
    if has_previous and table.layer == "pseudo":
        rules.append(filled_rule([c.name for c in table.columns]))
    if table.layer in ON_REQUEST:
        rules.append(alike_rule(table, facts["k"]))
    rules += address_rules(table)
    if make := _OWN.get(table.key):
        rules += make(facts)
    return rules


def volume_rule() -> Rule:
    """Rows gained or lost since last month, as a share of last month's; chance variation is let pass."""
    before = f"(select count(*) from {PREVIOUS})"
    change = f"abs(count(*) - {before})"
    return Rule(
        check="volume_vs_last_month",
        failed=f"case when {change} <= greatest({VOLUME_FLOOR}, 3 * sqrt({before})) then 0 else {change} end",
        checked=before,
        limit=VOLUME_LIMIT,
        severity=Severity.WARN,
        description=f"within {VOLUME_LIMIT:.0%} of last month's rows",
    )


def filled_rule(columns: Sequence[str]) -> Rule:
    """No column has lost many of its values since last month."""

    def shares(relation: str) -> str:
        filled = ", ".join(f'count("{name}") / greatest(count(*), 1)' for name in columns)
        return (
            f"select unnest(shares) as share, unnest(range({len(columns)})) as place"
            f" from (select [{filled}] as shares from {relation})"
        )

    return Rule(
        check="filled_vs_last_month",
        failed=(
            f"0 * count(*) + (select count(*) from ({shares(CHECKED)}) as now join ({shares(PREVIOUS)}) as before"
            f" using (place) where now.share < before.share - {FILLED_DROP_POINTS} / 100)"
        ),
        checked=str(len(columns)),
        severity=Severity.WARN,
        description=f"no column has lost {FILLED_DROP_POINTS} percentage points of its values since last month",
    )


def alike_rule(table: Table, k: int) -> Rule:
    """Every row shares all its quasi-identifiers with at least `k` rows, itself among them."""
    quasi = ", ".join(f'"{c.name}"' for c in table.columns if c.privacy is Privacy.QUASI)
    groups = f"select count(*) as alike from {CHECKED}" + (f" group by {quasi}" if quasi else "")
    return Rule(
        check="k_anonymous",
        failed=f"0 * count(*) + (select coalesce(sum(alike), 0) from ({groups}) where alike < {int(k)})",
        checked="count(*)",
        description=f"each row is one of at least {k} alike",
    )


def both(*makers: RuleMaker) -> RuleMaker:
    """The rules of several makers."""
    return lambda facts: [rule for make in makers for rule in make(facts)]


def drift_rules(column: str) -> RuleMaker:
    """No segment's share of the people has moved by more than two points since last month, unless that is declared."""

    def make(facts: Mapping[str, Any]) -> list[Rule]:
        from wsd_pipeline.segmentation import load_rules

        if facts["previous"] is None or facts["month"] in load_rules().declared_changes:
            return []
        share = (
            "select {column} as segment, count(*) / sum(count(*)) over () as share, sum(count(*)) over () as people"
            " from {relation} group by {column}"
        )
        now, before = (share.format(column=column, relation=r) for r in (CHECKED, PREVIOUS))
        # in a small place, as much as three standard errors of a share is chance
        was = "coalesce(before.share, 0)"
        chance = f"3 * sqrt({was} * (1 - {was}) / coalesce(before.people, now.people))"
        moved = f"abs(coalesce(now.share, 0) - {was}) > greatest({SEGMENT_DRIFT}, {chance})"
        return [
            Rule(
                check="shares_as_last_month",
                column=column,
                failed=(
                    f"0 * count(*) + (select count(*) from ({now}) as now full join ({before}) as before"
                    f" using (segment) where {moved})"
                ),
                checked=f"count(distinct {column})",
                description="no share has moved by more than two points; declare an expected change in segments.yaml",
            )
        ]

    return make


def population_rules(of: str, where: str = "true") -> RuleMaker:
    """The table holds everyone of another table for whom `where` is true once, and nobody else."""

    def make(facts: Mapping[str, Any]) -> list[Rule]:
        if of not in facts["inputs"]:
            return []
        layer, name = of.split(".", 1)
        everyone = f'select person_id from "{layer}"."{name}" where {where}'
        here = f"select person_id from {CHECKED}"
        return [
            Rule(
                check="everyone_and_nobody_else",
                failed=(
                    f"0 * count(*) + (select count(*) from (({everyone} except {here})"
                    f" union all ({here} except {everyone})))"
                ),
                checked=f"(select count(*) from ({everyone}))",
                description=f"exactly the people of `{of}`" + (f" where {where}" if where != "true" else ""),
            )
        ]

    return make


_OWN: Mapping[str, RuleMaker] = {
    "linked.spine": spine_rules,
    "linked.edges": edge_rules,
    "linked.review": review_rules,
    "linked.accuracy": accuracy_rules,
    "person.profile": population_rules("person.demographics", "is_eligible"),
    "segment.need": both(population_rules("person.profile"), drift_rules("need_segment")),
    "segment.lifecourse": both(population_rules("segment.need"), drift_rules("lifecourse_segment")),
    "segment.groupings": population_rules("segment.need"),
    "mart.segment_summary": summary_rules,
    "mart.linkage_quality": gap_rules,
    "mart.locality_profile": profile_rules,
    "mart.data_quality": feed_rules,
    "mart.cost_by_segment": cost_rules,
    "person.households": household_rules,
}
