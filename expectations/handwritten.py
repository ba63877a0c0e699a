"""What a contract cannot state: a table against last month's, and against the tables it must agree with.

Limits here are the partnership's choice, not a law: each is a constant with its reason. Rules that need a month
before, an input or truth are left out where there is none, never passed silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from expectations.addresses import address_rules
from expectations.group_gap import gap_rules
from expectations.reconciled import cost_rules, feed_rules, household_rules, profile_rules, summary_rules
from expectations.rules import CHECKED, PREVIOUS, Rule
from wsd_pipeline.contracts import sources
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Table

VOLUME_LIMIT = 0.15
"""A month rarely changes a feed by more than a seventh; more is a missing provider or a doubled file."""

VOLUME_FLOOR = 20
"""Fewer rows than this gained or lost are chance, as is anything within three standard errors of a count."""

FILLED_DROP_POINTS = 10
"""A column that loses this many percentage points of its values has stopped being sent by someone."""

SEGMENT_DRIFT = 0.02
"""A segment that gains or loses two points of the people in a month is a changed feed or rule, unless declared."""

LINK_RATE_DROP = 0.03
"""A source that loses three points of its links has changed how it writes names, dates or addresses."""

IDS_CHANGED_LIMIT = 0.01
"""Of records seen both months, at least 99 % stay with the same person; else nothing can be followed over time."""

PRECISION_FLOOR = 0.99
RECALL_FLOOR = 0.85
"""Against the truth of an invented borough: fewer than one wrong link in a hundred, at least 85 % of links found."""

ALONE = "('local', 'one_time')"
"""Steps of a record that nothing joined."""

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


def spine_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """The spine has exactly this month's records, keeps people's ids, and links each source as well as before."""
    rules = []
    if records := _identity_records(facts):
        current = f"select source, record_id from {CHECKED} where is_current"
        missing = f"(select count(*) from (({records}) except ({current})))"
        strange = f"(select count(*) from (({current}) except ({records})))"
        rules.append(
            Rule(
                check="exactly_the_records_of_the_month",
                failed=f"0 * count(*) + {strange} + greatest({missing} - {int(facts.get('opted_out_records', 0))}, 0)",
                checked=f"(select count(*) from ({records}))",
                description="every record that stands for a person is in the spine, but those of people who have opted"
                " out, and no other is current",
            )
        )
    if facts["previous"] is not None:
        both = (
            f"{CHECKED} as now join {PREVIOUS} as before using (source, record_id)"
            " where now.is_current and before.is_current"
        )
        rules.append(
            Rule(
                check="ids_kept_since_last_month",
                failed=f"0 * count(*) + (select count(*) from {both} and now.person_id != before.person_id)",
                checked=f"(select count(*) from {both})",
                limit=IDS_CHANGED_LIMIT,
                description="records seen both months stay with the same person",
            )
        )
        rules += [_link_rate_rule(name) for name, feeds in sources().items() if any(f.person_key for f in feeds)]
    return rules


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


def _identity_records(facts: Mapping[str, Any]) -> str:
    """SQL of the records that stand for a person, from the pseudo tables given; empty unless all are given."""
    feeds = [feed for feed in _feeds() if feed.identity_columns]
    if any(f"pseudo.{feed.name}" not in facts["inputs"] for feed in feeds):
        return ""
    return " union ".join(
        f"""select '{feed.source}' as source, record_id from "pseudo"."{feed.name}" """ for feed in feeds
    )


def _feeds() -> list[Any]:
    return [feed for feeds in sources().values() for feed in feeds]


def _link_rate_rule(source: str) -> Rule:
    now = f"source = '{source}' and is_current"
    joined = f"{now} and step not in {ALONE}"
    rate = f"(select count(*) filter (where {joined}) / greatest(count(*) filter (where {now}), 1) from {PREVIOUS})"
    return Rule(
        check=f"link_rate_of_{source}_vs_last_month",
        failed=(
            f"greatest(0, floor({rate} * count(*) filter (where {now}))::bigint - count(*) filter (where {joined}))"
        ),
        checked=f"count(*) filter (where {now})",
        limit=LINK_RATE_DROP,
        severity=Severity.WARN,
        description=f"of `{source}`, as large a share is joined to another record as last month, within 3 points",
    )


def edge_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """Both records of every accepted pair are in the spine, as one person."""
    if "linked.spine" not in facts["inputs"]:
        return []
    spine = '"linked"."spine"'
    ends = (
        f"{CHECKED} as pair left join {spine} as a on a.source = pair.source_a and a.record_id = pair.record_id_a"
        f" left join {spine} as b on b.source = pair.source_b and b.record_id = pair.record_id_b"
    )
    return [
        Rule(
            check="pairs_are_one_person",
            failed=(
                f"0 * count(*) + (select count(*) from {ends}"
                " where a.person_id is distinct from b.person_id or a.person_id is null)"
            ),
            checked="count(*)",
            description="both records of a pair are in the spine, as the same person",
        )
    ]


def review_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """Both records of every pair for a person are in the spine, as two people."""
    if "linked.spine" not in facts["inputs"]:
        return []
    spine = '"linked"."spine"'
    ends = (
        f"{CHECKED} as pair left join {spine} as a on a.source = pair.source_a and a.record_id = pair.record_id_a"
        f" left join {spine} as b on b.source = pair.source_b and b.record_id = pair.record_id_b"
    )
    return [
        Rule(
            check="pairs_are_two_people",
            failed=(
                f"0 * count(*) + (select count(*) from {ends}"
                " where a.person_id is null or b.person_id is null or a.person_id = b.person_id)"
            ),
            checked="count(*)",
            description="both records of a pair are in the spine, as different people",
        )
    ]


def accuracy_rules(facts: Mapping[str, Any]) -> list[Rule]:
    """Precision and recall against the truth, where there is truth: on live data nothing is checked."""
    found = "coalesce(sum(true_positive_count) filter (where group_type = 'all'), 0)"
    wrong = "coalesce(sum(false_positive_count) filter (where group_type = 'all'), 0)"
    missed = "coalesce(sum(false_negative_count) filter (where group_type = 'all'), 0)"
    return [
        Rule(
            check="precision_floor",
            failed=wrong,
            checked=f"{found} + {wrong}",
            limit=round(1 - PRECISION_FLOOR, 6),
            description=f"at least {PRECISION_FLOOR:.0%} of links are right",
        ),
        Rule(
            check="recall_floor",
            failed=missed,
            checked=f"{found} + {missed}",
            limit=round(1 - RECALL_FLOOR, 6),
            severity=Severity.WARN,
            description=f"at least {RECALL_FLOOR:.0%} of links are found",
        ),
    ]


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
