"""Codes the law keeps out: assisted conception, sexually transmitted infection, termination, gender recognition.

A GP supplier must leave them out at source, so a GP file with one is refused whole. Hospitals rightly send them
stripped of identity; such a row is counted and goes no further, since the hospital's own patient number would join it
to its person's other rows. A row that still says who it is about is dropped too, and counted apart. The list is
`reference.restricted_codes`; which column holds which classification, its closing check says.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from wsd_pipeline.contracts.checks import Matches, literal
from wsd_pipeline.contracts.core import Identity, LandedTable
from wsd_pipeline.contracts.reference.opt_outs import RESTRICTED, RESTRICTED_UNIDENTIFIED
from wsd_pipeline.messages import Stop
from wsd_pipeline.sql import reference_path
from wsd_pipeline.vault.layout import Count

if TYPE_CHECKING:
    import duckdb

LIST = "reference.restricted_codes"
REFUSED = ("gp",)
DROPPED = ("apc", "op", "ecds", "mhsds", "csds", "msds", "talking_therapies")
"""Sources whose rows with such a code are dropped; of no other source is it asked."""
_SAYS_WHO = (
    Identity.NHS_NUMBER, Identity.FORENAME, Identity.SURNAME, Identity.FORMER_SURNAME, Identity.BIRTH_DATE,
    Identity.POSTCODE, Identity.UPRN,
)  # fmt: skip


def has_restricted(feed: LandedTable) -> str:
    """SQL that is true of a landed row with a restricted code; empty where the feed can have none."""
    if feed.source not in (*REFUSED, *DROPPED):
        return ""
    listed = _listed(reference_path(LIST).read_text(encoding="utf-8"))
    parts = []
    for column in feed.landed_columns:
        system = column.closing.system if isinstance(column.closing, Matches) else None
        for length, codes in sorted(listed.get(system or "", {}).items()):
            code = f"upper(replace(\"{column.name}\", '.', ''))"
            begins = f"left({code}, {length})" if length else code
            parts.append(f"{begins} in ({', '.join(literal(c) for c in codes)})")
    return " or ".join(f"coalesce({part}, false)" for part in parts)


@lru_cache(maxsize=2)
def _listed(text: str) -> Mapping[str, Mapping[int, list[str]]]:
    """Of each classification the beginnings of codes by their length; 0 for those that are meant whole."""
    found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in csv.DictReader(text.splitlines()):
        length = 0 if row["is_whole_code"] == "true" else len(row["code_prefix"])
        found[row["code_system"]][length].append(row["code_prefix"])
    return found


def stop_for_restricted(con: duckdb.DuckDBPyConnection, feed: LandedTable, month: str) -> Stop | None:
    """WSD-133 where a file that must hold no restricted code holds one; which one, it does not say."""
    rule = has_restricted(feed) if feed.source in REFUSED else ""
    if not rule:
        return None
    count = con.execute(f"select count(*) from landed where {rule}").fetchall()[0][0]
    return Stop("WSD-133", table=feed.key, count=Count(count), month=month) if count else None


def drop_restricted(con: duckdb.DuckDBPyConnection, feed: LandedTable) -> dict[str, int]:
    """Take rows with a restricted code out of `landed`: how many said who they are about, and how many did not."""
    rule = has_restricted(feed) if feed.source in DROPPED else ""
    if not rule:
        return {}
    named = [f'"{feed.identity_columns[part].name}" is not null' for part in _SAYS_WHO if part in feed.identity_columns]
    who = " or ".join(named) or "false"
    named_rows, rows = con.execute(f"select count(*) filter ({who}), count(*) from landed where {rule}").fetchall()[0]
    if rows:
        con.execute(f"delete from landed where {rule}")
    counts = {RESTRICTED: named_rows, RESTRICTED_UNIDENTIFIED: rows - named_rows}
    return {reason: count for reason, count in counts.items() if count}
