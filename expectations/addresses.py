"""How many addresses came to a home, and for whom they did not: who has no home in the data has no household either.

Addresses of some people are found less often than those of others (recent movers, some ethnic groups: known of ASSIGN),
so the share not found is also compared between practices, between ethnic groups and by recency.
"""

from __future__ import annotations

from expectations.rules import CHECKED, Rule
from wsd_pipeline.contracts.checks import Severity
from wsd_pipeline.contracts.core import Table

FOUND = "address_qualifier in ('best_residential', 'best_other', 'outside')"
NOT_FOUND_LIMIT = 0.10
"""ASSIGN leaves 1 to 5 % of a practice's addresses; one in ten is another way of writing, or another borough's file."""

BEHIND_SHARE = 0.05
"""A group whose addresses fail five points oftener than all do is missing from households as a group."""

SMALLEST_GROUP = 100
GROUPS = {
    "practice": ("practice_code", "practice_code"),
    "ethnicity": ("ethnic_category", "ethnic_category"),
    "recency": ("registered_date", "date_diff('day', registered_date, max_date) < 365"),
}
"""Group, the column it needs, and its value for a record; `max_date` is the latest registration of the file."""


def address_rules(table: Table) -> list[Rule]:
    """Of a `pseudo` table that says where people live: how many homes were found, whether any group falls behind."""
    columns = [c.name for c in table.columns]
    if table.layer != "pseudo" or "address_qualifier" not in columns:
        return []
    rules = [
        Rule(
            check="addresses_found",
            failed=f"count(*) filter (where not coalesce({FOUND}, false))",
            checked="count(*)",
            limit=NOT_FOUND_LIMIT,
            severity=Severity.WARN,
            description=f"at least {1 - NOT_FOUND_LIMIT:.0%} of addresses came to a home or another place of their own",
        )
    ]
    return rules + [_gap_rule(name, value) for name, (column, value) in GROUPS.items() if column in columns]


def _gap_rule(group: str, value: str) -> Rule:
    latest = f"(select max(registered_date) from {CHECKED})" if "max_date" in value else "null"
    rows = f"select *, {latest} as max_date from {CHECKED}"
    groups = (
        f"select {value} as of_group, count(*) as records, count(*) filter (where not coalesce({FOUND}, false)) as lost"
        f" from ({rows}) group by 1 having count(*) >= {SMALLEST_GROUP}"
    )
    overall = f"(select count(*) filter (where not coalesce({FOUND}, false)) / greatest(count(*), 1) from {CHECKED})"
    return Rule(
        check=f"addresses_found_by_{group}",
        failed=f"0 * count(*) + (select count(*) from ({groups}) where lost / records > {overall} + {BEHIND_SHARE})",
        checked=f"(select count(*) from ({groups}))",
        severity=Severity.WARN,
        description=f"by {group}, no group's addresses fail more than {BEHIND_SHARE:.0%} oftener than all",
    )
