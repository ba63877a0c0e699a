"""Where a postcode is: the postcode directory supplied with the extracts, ours or the ONS's own file, as at a month.

A terminated postcode keeps its place, since people's records go on holding it; of a postcode used twice, the use at
the snapshot counts. Codes of no place (E99999999 and its like) and places outside England and Wales have no LSOA.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wsd_pipeline.contracts import table
from wsd_pipeline.contracts.feed import FileFormat
from wsd_pipeline.messages import Stop
from wsd_pipeline.vault import preflight, reading
from wsd_pipeline.vault.layout import Count
from wsd_pipeline.vault.plan import POSTCODES

if TYPE_CHECKING:
    import duckdb

HEADINGS = {
    "pcds": "pcds", "lsoa21": "lsoa21(cd)?", "dointr": "dointr", "doterm": "doterm",
}  # fmt: skip
"""The columns read here, and what the directory's releases call them."""
NEEDED = ("pcds", "lsoa21")


def read_postcodes(con: duckdb.DuckDBPyConnection, path: Path | None, folder: Path, month: str) -> None:
    """Make the temp table `postcodes` (postcode, lsoa21) as at the month's end.

    Stops with WSD-101 where there is no directory, 111 and 112 as feeds do, 120 where its LSOA21s are of 2011.
    """
    if path is None:
        raise Stop("WSD-101", table=POSTCODES, month=month, folder=str(folder))
    layout = FileFormat()
    text = preflight.check(preflight.read_bytes(path, POSTCODES, layout, month), POSTCODES, layout, month)
    named = headings_of(text.headers)
    reading.check_header(POSTCODES, list(NEEDED), tuple(named.values()), month)
    reading.read_as_text(con, "postcode_rows", text, layout, named, POSTCODES, month)
    for column in HEADINGS.keys() - named.values():
        con.execute(f"alter table postcode_rows add column {column} varchar")
    _check_vintage(con, month)
    con.execute(_AT_MONTH, {"month": month.replace("-", "")})


def headings_of(headers: Sequence[str]) -> dict[str, str]:
    """The file's heading of each column read here, to our name for it; the first of several."""
    found: dict[str, str] = {}
    for name, pattern in HEADINGS.items():
        heading = next((h for h in headers if re.fullmatch(pattern, h.strip().lower())), None)
        if heading is not None:
            found[heading] = name
    return found


def _check_vintage(con: duckdb.DuckDBPyConnection, month: str) -> None:
    """Stop with WSD-120 where the LSOA21 column holds codes that were withdrawn in 2021."""
    check = table(POSTCODES).column("lsoa21").checks[0]
    failed, checked = con.execute(
        f"select count(*) filter ({check.failing('lsoa21')}), count(lsoa21) from postcode_rows"
    ).fetchall()[0]
    if failed:
        raise Stop(
            "WSD-120", table=POSTCODES, column="lsoa21", check=check.name, failed=Count(failed), checked=Count(checked),
            limit_pct="0", failing_checks=Count(1), month=month,
        )  # fmt: skip


_AT_MONTH = """
create or replace temp table postcodes as
with uses as (
    select
        postcode_of(pcds) as postcode,
        case when regexp_full_match(lsoa21, '[EW]01[0-9]{6}') then lsoa21 end as lsoa21,
        coalesce(left(regexp_replace(dointr, '[^0-9]', '', 'g'), 6), '') as first_month,
        nullif(left(regexp_replace(doterm, '[^0-9]', '', 'g'), 6), '') as last_month
    from postcode_rows
)
select postcode, lsoa21
from uses
where postcode is not null
qualify row_number() over (
    partition by postcode
    -- in use at the month's end; else the last use before it; else the first use after it
    order by
        case when first_month > $month then 2 when last_month < $month then 1 else 0 end,
        case when first_month > $month then first_month end,
        last_month desc nulls first,
        first_month desc,
        lsoa21
) = 1
"""
