"""Who has said no, as supplied to the vault, and what was taken out for it or because the law keeps it out.

The lists hold NHS numbers: they are read in the vault and nowhere else. What is noted of them is counts.
"""

from __future__ import annotations

from wsd_pipeline.contracts.checks import OneOf
from wsd_pipeline.contracts.core import Column, Privacy
from wsd_pipeline.contracts.reference.core import Origin, ReferenceTable, fact

TYPE_1, NATIONAL, LOCAL = "type_1_opt_out", "national_opt_out", "local_opt_out"
RESTRICTED, RESTRICTED_UNIDENTIFIED = "restricted_code", "restricted_code_unidentified"
OPT_OUTS = (TYPE_1, NATIONAL, LOCAL)
REMOVALS = (*OPT_OUTS, RESTRICTED, RESTRICTED_UNIDENTIFIED)
"""Why rows are taken out in the vault before anything is made of them; of several reasons the first counts."""

_NUMBER = Column(
    name="nhs_number", type="VARCHAR", description="NHS number.", privacy=Privacy.IDENTIFIER, required=True, unique=True
)


def _list(name: str, description: str, source_note: str, *columns: Column) -> ReferenceTable:
    return ReferenceTable(
        key=f"reference.{name}",
        grain="NHS number",
        description=description,
        vintage="as supplied",
        source_note=source_note,
        origin=Origin.SUPPLIED,
        is_optional=True,
        minimum_rows=0,
        unique_key=("nhs_number",),
        columns=(_NUMBER, *columns),
    )


_STANDS = (
    fact("effective_from", "DATE", "First day of the opt-out.", required=True),
    fact("withdrawn_on", "DATE", "Day on which it was withdrawn; empty while it stands."),
)
NATIONAL_OPT_OUTS = _list(
    "national_opt_outs",
    "National data opt-outs. Applied to every refresh; a later one takes the person out of the next month.",
    "NHS England, by the Message Exchange for Social Care and Health (MESH)",
    *_STANDS,
)
NATIONAL_CLEANED_LIST = _list(
    "national_cleaned_list",
    "The list the national service gives back: the numbers that may be used. A person whose number is not on it has opted out.",
    "NHS England, by MESH; no more than 21 days old at the snapshot",
    fact("checked_on", "DATE", "Day on which the service gave the list.", required=True),
)
LOCAL_OPT_OUTS = _list(
    "local_opt_outs", "Dissent recorded locally, by the partnership's own policy.", "The partnership", *_STANDS
)

REMOVED_ROWS = ReferenceTable(
    key="reference.removed_rows",
    grain="feed and reason",
    description="How many rows the vault took out of each feed before anything was made of them, and why: counts, never who.",
    vintage="the month itself",
    source_note="the vault's report",
    origin=Origin.NOTED,
    minimum_rows=0,
    unique_key=("feed", "reason"),
    columns=(
        fact("feed", "VARCHAR", "The feed.", required=True),
        fact("reason", "VARCHAR", "Why.", required=True, checks=(OneOf(values=REMOVALS),)),
        fact("row_count", "BIGINT", "Rows taken out.", required=True),
    ),
)

TABLES = (NATIONAL_OPT_OUTS, NATIONAL_CLEANED_LIST, LOCAL_OPT_OUTS, REMOVED_ROWS)
