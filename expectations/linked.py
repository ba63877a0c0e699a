"""The linked tables against last month's, the month's records, each other, and the truth where there is any.

Limits here are the partnership's choice, not a law: each is a constant with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expectations.rules import CHECKED, PREVIOUS, Rule
from wsd_pipeline.contracts import sources
from wsd_pipeline.contracts.checks import Severity

LINK_RATE_DROP = 0.03
"""A source that loses three points of its links has changed how it writes names, dates or addresses."""

IDS_CHANGED_LIMIT = 0.01
"""Of records seen both months, at least 99 % stay with the same person; else nothing can be followed over time."""

PRECISION_FLOOR = 0.99
RECALL_FLOOR = 0.85
"""Against the truth of an invented borough: fewer than one wrong link in a hundred, at least 85 % of links found."""

ALONE = "('local', 'one_time')"
"""Steps of a record that nothing joined."""

_SPINE = '"linked"."spine"'
_PAIR_ENDS = (
    f"{CHECKED} as pair left join {_SPINE} as a on a.source = pair.source_a and a.record_id = pair.record_id_a"
    f" left join {_SPINE} as b on b.source = pair.source_b and b.record_id = pair.record_id_b"
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
    return [
        Rule(
            check="pairs_are_one_person",
            failed=(
                f"0 * count(*) + (select count(*) from {_PAIR_ENDS}"
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
    return [
        Rule(
            check="pairs_are_two_people",
            failed=(
                f"0 * count(*) + (select count(*) from {_PAIR_ENDS}"
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
